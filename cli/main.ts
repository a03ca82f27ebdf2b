#!/usr/bin/env node
/** The command line: one file per command in `commands/`. */
import process from 'node:process';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { loadCommands } from './commands/index.js';
import { UsageError, reportFailure } from './failure.js';

const words = hideBin(process.argv);
let parser = yargs(words)
  .scriptName('plastic')
  .usage('$0 <command> [options]')
  .strict()
  .demandCommand(1, 'Name a command; `plastic --help` lists them.')
  .recommendCommands()
  .wrap(Math.min(100, process.stdout.columns ?? 100))
  .help()
  .alias('h', 'help')
  .exitProcess(false)
  .fail((message, error) => {
    throw error ?? new UsageError(message);
  });
for (const command of await loadCommands(words)) parser = parser.command(command);

try {
  await parser.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}
