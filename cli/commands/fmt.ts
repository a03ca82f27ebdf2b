/** `plastic fmt`: rule files in the one layout; comments and single blank lines are kept. */
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { format } from '../../compiler/syntax/format.js';
import { parse } from '../../compiler/syntax/parse.js';
import { exitCode } from '../failure.js';
import { printDiagnostics, readRuleFile } from '../rule-files.js';

interface Arguments {
  files?: string[] | undefined;
  check?: boolean | undefined;
  stdout?: boolean | undefined;
}

async function run({ files = [], check, stdout }: Arguments): Promise<void> {
  for (const file of files) {
    const source = await readRuleFile(file);
    const { tree, diagnostics } = parse(source.text, file);
    if (!tree) {
      printDiagnostics(diagnostics, [source]);
      process.exitCode = exitCode.badInput;
      continue;
    }
    const text = format(tree);
    if (stdout) process.stdout.write(text);
    else if (text !== source.text) {
      process.stdout.write(`${file}\n`);
      if (check) process.exitCode = exitCode.badInput;
      else await writeFile(file, text);
    }
  }
}

export const fmt: CommandModule<object, Arguments> = {
  command: 'fmt <files..>',
  describe: 'Lay out rule files; print the names of those that change',
  builder: (yargs) =>
    yargs
      .positional('files', { type: 'string', array: true, describe: 'Rule files (.plast)' })
      .option('check', {
        type: 'boolean',
        describe: 'Write nothing; exit code 1 if a file would change',
      })
      .option('stdout', { type: 'boolean', describe: 'Print the result instead of writing it' })
      .conflicts('check', 'stdout')
      .example('$0 fmt *.plast', 'Format all rules of this folder in place'),
  handler: run,
};
