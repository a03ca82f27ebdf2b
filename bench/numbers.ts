/**
 * Proven bounds beside measured errors: for every assignment of the rules shipped with Plastic and of those from the
 * literature (or of the files named), the bound, the largest |exact - real| over random inputs of which half lie at the
 * ends of their ranges, and the mean. Units are those of the target; `steps` is the bound in steps of the target.
 *
 *   npx tsx bench/numbers.ts [--executions N] [--seed N] [--markdown] [RULE.plast ...]
 */
import { readFileSync, readdirSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile } from '../compiler/compile.js';
import { measureErrors } from '../compiler/report/errors.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    executions: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    markdown: { type: 'boolean', default: false },
  },
});

function filesIn(folder: string): string[] {
  const path = fileURLToPath(new URL(`../${folder}/`, import.meta.url));
  return readdirSync(path)
    .filter((name) => name.endsWith('.plast'))
    .map((name) => path + name);
}

const files =
  positionals.length > 0
    ? positionals
    : [...filesIn('ppu-programs/rules'), ...filesIn('test/compiler/literature')];
const show = (x: number): string => (x === 0 ? '0' : x.toPrecision(3));
const rows: string[][] = [
  ['rule', 'line', 'assignment', 'bound', 'steps', 'measured', 'bound / measured', 'mean'],
];

for (const file of files) {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const text = readFileSync(file, 'utf8');
  const { rules } = compile([{ name, text }], { rows: 2 });
  for (const { rule, program } of rules) {
    const search = { executions: Number(values.executions), seed: Number(values.seed), ends: true };
    const measured = measureErrors(rule, program, search);
    for (const { statement, span, target, bound, frac } of program.notes) {
      const line = text.slice(0, span.start).split('\n').length;
      const found = measured.get(statement);
      const largest = found?.largest ?? 0;
      rows.push([
        rule.name,
        String(line),
        target,
        show(bound),
        show(bound * 2 ** frac),
        found === undefined ? 'never executed' : show(largest),
        largest > 0 ? (bound / largest).toFixed(2) : '',
        found === undefined ? '' : show(found.mean),
      ]);
    }
  }
}

const widths = (rows[0] ?? []).map((_, column) =>
  Math.max(...rows.map((row) => row[column]?.length ?? 0)),
);
rows.forEach((row, index) => {
  const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  process.stdout.write(values.markdown ? `| ${cells.join(' | ')} |\n` : `${cells.join('  ')}\n`);
  if (index === 0 && values.markdown)
    process.stdout.write(`| ${widths.map(() => '---').join(' | ')} |\n`);
});
