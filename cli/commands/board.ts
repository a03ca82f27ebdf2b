/** `plastic board`: everything about boards but running experiments on them. */
import type { CommandModule } from 'yargs';
import { boardServe } from '../board/serve.js';
import { boardTools } from '../board/tools.js';

// Each handler takes what its own builder declares; a list of different commands has to forget which.
const commands = [...boardTools, boardServe] as readonly CommandModule<object, never>[];

export const board: CommandModule = {
  command: 'board <command>',
  describe: 'find, test and serve boards',
  builder: (yargs) => {
    let parser = yargs;
    for (const command of commands) parser = parser.command(command);
    return parser.demandCommand(1, 'Name what to do.');
  },
  handler: () => {},
};
