/** What `plastic run` prints when it is done. */
import process from 'node:process';
import { readable } from '../../experiment/output/html.js';
import type { Results } from '../../experiment/results.js';

/** Prints warnings, small tables, the summary and where the result folder is. */
export function printReport(
  args: { readonly json: boolean; readonly quiet: boolean },
  definition: { readonly name: string; readonly title: string },
  results: Results,
  run: { folder: string; interrupted: boolean; wallSeconds: number; chipSeconds: number },
): void {
  if (!args.quiet) for (const text of results.warnings) process.stderr.write(`warning: ${text}\n`);
  if (args.json) {
    const values = Object.fromEntries(results.summary.map(({ name, value }) => [name, value]));
    process.stdout.write(`${JSON.stringify({ experiment: definition.name, ...run, values })}\n`);
    return;
  }
  if (!args.quiet) {
    process.stdout.write(`${definition.title}\n\n`);
    for (const { name, table } of results.tables)
      if (table.rows.length <= 12 && table.columns.length <= 8)
        process.stdout.write(`${name}\n${textTable(table)}\n`);
    for (const { name, value, unit } of results.summary)
      process.stdout.write(`${name.padEnd(36)} ${readable(value)}${unit ? ` ${unit}` : ''}\n`);
    process.stdout.write(
      `${'chip time'.padEnd(36)} ${readable(run.chipSeconds)} s\n${'wall time'.padEnd(36)} ${readable(run.wallSeconds)} s\n\n`,
    );
  }
  process.stdout.write(
    `${run.interrupted ? 'interrupted; what there is' : 'report'}: ${run.folder}/report.html\n`,
  );
}

function textTable({ columns, rows }: Results['tables'][number]['table']): string {
  const cells = [
    columns.map(String),
    ...rows.map((row) =>
      row.map((cell) =>
        cell === null ? '' : readable(typeof cell === 'boolean' ? String(cell) : cell),
      ),
    ),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  return `${cells.map((row) => `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`.trimEnd()).join('\n')}\n`;
}
