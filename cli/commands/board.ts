/** `plastic board`: everything about boards but running experiments on them. */
import type { CommandModule } from 'yargs';
import { boardServe } from '../board/serve.js';

export const board: CommandModule = {
  command: 'board <command>',
  describe: 'find, serve and test boards',
  builder: (yargs) => yargs.command(boardServe).demandCommand(1, 'Name what to do.'),
  handler: () => {},
};
