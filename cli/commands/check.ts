/** `plastic check`: every mistake of rule files, with place, cause and repair; nothing is written. */
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { hasErrors } from '../../compiler/diagnostics/codes.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { toSarif } from '../../compiler/diagnostics/sarif.js';
import { compile, compilerVersion } from '../../compiler/compile.js';
import type { SourceText } from '../../compiler/syntax/ast.js';
import { exitCode, InputError, RunError } from '../failure.js';
import { diagnosticsAsJson, printDiagnostics, readRuleFile } from '../rule-files.js';

interface Arguments {
  files?: string[] | undefined;
  json?: boolean | undefined;
  sarif?: boolean | undefined;
  quiet?: boolean | undefined;
}

/** What every analysis of the compiler says about `source`, budgets included. Nothing is written. */
function analyse(source: SourceText): readonly Diagnostic[] {
  try {
    return compile([source]).diagnostics;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(
      `${source.name}: the compiler itself failed on this file (${reason}); please report it with the file`,
    );
  }
}

async function run({ files = [], json, sarif, quiet }: Arguments): Promise<void> {
  const sources: SourceText[] = [];
  const unreadable: string[] = [];
  for (const file of files) {
    try {
      sources.push(await readRuleFile(file));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unreadable.push(error.message);
    }
  }
  const diagnostics = sources.flatMap((source) => analyse(source));
  if (json) process.stdout.write(`${diagnosticsAsJson(diagnostics, sources)}\n`);
  else if (sarif)
    process.stdout.write(
      `${JSON.stringify(toSarif(diagnostics, sources, compilerVersion), null, 2)}\n`,
    );
  else {
    const shown = quiet
      ? diagnostics.filter((diagnostic) => diagnostic.severity === 'error')
      : diagnostics;
    printDiagnostics(shown, sources);
    for (const { name } of sources) {
      const own = diagnostics.filter((diagnostic) => diagnostic.primary.file === name);
      if (own.length === 0 && !quiet) process.stdout.write(`${name}: no mistakes found\n`);
    }
  }
  for (const message of unreadable) process.stderr.write(`plastic: ${message}\n`);
  if (unreadable.length > 0 || hasErrors(diagnostics)) process.exitCode = exitCode.badInput;
}

export const check: CommandModule<object, Arguments> = {
  command: 'check <files..>',
  describe: 'Say everything that is wrong with rule files; write nothing',
  builder: (yargs) =>
    yargs
      .positional('files', { type: 'string', array: true, describe: 'Rule files (.plast)' })
      .option('json', {
        type: 'boolean',
        describe: 'Print the diagnostics as JSON on standard output',
      })
      .option('sarif', { type: 'boolean', describe: 'Print them as a SARIF 2.1.0 log' })
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'Print errors only' })
      .conflicts('json', 'sarif')
      .example('$0 check stdp.plast', 'Exit code 0: no errors; 1: there are some'),
  handler: run,
};
