/** `plastic conformance`: checks this installation against golden files. */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { kinds, notRun, runFile, total, type FileResult } from '../conformance/index.js';
import { exitCode } from '../failure.js';

/** Failures shown in full for each file. */
const SHOWN = 10;

interface Arguments {
  files?: string[] | undefined;
  only?: string[] | undefined;
  json?: boolean | undefined;
  quiet?: boolean | undefined;
}

async function runPath(file: string, only: readonly string[]): Promise<FileResult> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const detail = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    return notRun(file, null, detail);
  }
  return runFile(file, content, only);
}

function summary({
  passed,
  failed,
  setAside,
}: Pick<FileResult, 'passed' | 'failed' | 'setAside'>): string {
  return `${passed} passed, ${failed} failed, ${setAside} set aside`;
}

function print(result: FileResult): void {
  for (const failure of result.failures.slice(0, SHOWN)) {
    const detail = failure.detail.replaceAll('\n', '\n    ');
    process.stdout.write(`${result.file}: failed: ${failure.case}\n    ${detail}\n`);
  }
  const hidden = result.failures.length - SHOWN;
  if (hidden > 0) process.stdout.write(`${result.file}: and ${hidden} more failures\n`);
  for (const { reason, cases } of result.reasons) {
    process.stdout.write(`${result.file}: set aside: ${cases.join('; ')}\n    ${reason}\n`);
  }
}

export const conformance: CommandModule<object, Arguments> = {
  command: 'conformance <files..>',
  describe: 'Run golden files through this installation and count what agrees',
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        describe: 'Golden files; their kind is found by their content',
      })
      .option('only', {
        type: 'string',
        array: true,
        describe: `Cases to run: mnemonics, groups, keys, or kinds (${kinds.map(({ name }) => name).join(', ')})`,
      })
      .option('json', { type: 'boolean', describe: 'Print the result as one JSON object' })
      .option('quiet', { alias: 'q', type: 'boolean', describe: 'Print the last line only' })
      .example('$0 conformance test/golden/scalar.jsonl --only add. srawi', 'two mnemonics'),
  handler: async ({ files = [], only = [], json = false, quiet = false }) => {
    const results: FileResult[] = [];
    for (const file of files) {
      const result = await runPath(file, only);
      results.push(result);
      if (json || quiet) continue;
      print(result);
      process.stdout.write(
        `${result.file}: ${result.kind ?? 'unknown kind'}: ${summary(result)}\n`,
      );
    }
    const ran = total(results);
    if (ran.passed + ran.failed + ran.setAside === 0) {
      const nothing = notRun('--only', null, `no case is selected by ${only.join(', ')}`);
      results.push(nothing);
      if (!json && !quiet) print(nothing);
    }
    const all = total(results);
    process.stdout.write(
      json ? `${JSON.stringify({ ...all, files: results })}\n` : `${summary(all)}\n`,
    );
    if (all.failed > 0) process.exitCode = exitCode.badInput;
  },
};
