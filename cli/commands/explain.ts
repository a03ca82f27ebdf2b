/** `plastic explain`: what a diagnostic means, with an example that gets it and one that does not. */
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { nearest } from '../../compiler/syntax/near.js';
import { codes } from '../../compiler/diagnostics/codes.js';
import { explain as explainCode } from '../../compiler/diagnostics/explain.js';
import { UsageError } from '../failure.js';

interface Arguments {
  code?: string | undefined;
  json?: boolean | undefined;
}

function run({ code, json }: Arguments): void {
  if (code === undefined) {
    const list = [...codes].map(([name, { severity, title }]) => ({ code: name, severity, title }));
    const lines = list.map(
      (entry) => `${entry.code}  ${entry.severity.padEnd(7)}  ${entry.title}\n`,
    );
    process.stdout.write(json ? `${JSON.stringify(list, null, 2)}\n` : lines.join(''));
    return;
  }
  const text = explainCode(code);
  if (text === undefined) {
    const near = nearest(code.toUpperCase(), codes.keys());
    throw new UsageError(
      `there is no code ${code}${near ? `; did you mean ${near}?` : ''} (\`plastic explain\` lists all)`,
    );
  }
  const entry = codes.get(code.toUpperCase());
  const { severity, title, explanation, failing, repaired } = entry ?? {};
  const object = { code: code.toUpperCase(), severity, title, explanation, failing, repaired };
  process.stdout.write(json ? `${JSON.stringify(object, null, 2)}\n` : text);
}

export const explain: CommandModule<object, Arguments> = {
  command: 'explain [code]',
  describe: 'Explain a diagnostic code with examples; without a code, list them all',
  builder: (yargs) =>
    yargs
      .positional('code', { type: 'string', describe: 'A code such as E0101' })
      .option('json', { type: 'boolean', describe: 'Print JSON' })
      .example('$0 explain E0302', 'What "reduction missing" means'),
  handler: run,
};
