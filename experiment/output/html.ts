/** The report page: one file that needs nothing else, readable on a telephone and on paper. */
import { escapeText } from '../pictures/svg.js';
import type { Results } from '../results.js';
import type { RunDescription } from './folder.js';
import type { Cell, Table } from './csv.js';

const style = `
body{font:16px/1.5 system-ui,Helvetica,Arial,sans-serif;color:#222;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;margin:0 0 .2rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem;border-bottom:1px solid #ddd;padding-bottom:.2rem}
.lead{color:#555;margin:0 0 1.2rem}figure{margin:1.4rem 0;overflow-x:auto}figure svg{max-width:100%;height:auto}
figcaption{color:#444;font-size:.92rem}table{border-collapse:collapse;font-size:.92rem;margin:.5rem 0}
th,td{padding:.25rem .7rem;border-bottom:1px solid #e3e3e3;text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;font-size:.92rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
.values{display:flex;flex-wrap:wrap;gap:.8rem;margin:1rem 0}.values div{border:1px solid #ddd;border-radius:6px;padding:.5rem .9rem}
.values b{display:block;font-size:1.3rem}.values span{color:#555;font-size:.85rem}code{background:#f4f4f4;padding:.1rem .3rem;border-radius:3px}
.warn{background:#fff4e5;border-left:4px solid #d55e00;padding:.5rem .8rem}`;

/** A number for people: at most four significant digits. */
export function readable(value: number | string): string {
  if (typeof value === 'string') return value;
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

function cellMarkup(cell: Cell): string {
  if (typeof cell === 'number') return `<td class="n">${escapeText(readable(cell))}</td>`;
  return `<td>${escapeText(cell === null ? '' : String(cell))}</td>`;
}

function tableMarkup({ columns, rows }: Table): string {
  const most = 60;
  const head = columns.map((column) => `<th>${escapeText(column)}</th>`).join('');
  const body = rows
    .slice(0, most)
    .map((row) => `<tr>${row.map(cellMarkup).join('')}</tr>`)
    .join('\n');
  const rest = rows.length > most ? `<p>${rows.length - most} more rows in the CSV file.</p>` : '';
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>${rest}`;
}

/** The whole page. Ids inside pictures are made unique, since many pictures share one document. */
export function writeReport(results: Results, run: RunDescription): string {
  const values = results.summary
    .map(
      ({ name, value, unit }) =>
        `<div><b>${escapeText(readable(value))}${unit ? ` ${escapeText(unit)}` : ''}</b><span>${escapeText(name)}</span></div>`,
    )
    .join('');
  const figures = results.pictures
    .map(({ name, title, caption, svg }) => {
      const own = svg
        .replaceAll('id="clip', `id="${name}-clip`)
        .replaceAll('url(#clip', `url(#${name}-clip`);
      return `<h2>${escapeText(title)}</h2><figure id="${escapeText(name)}">${own}<figcaption>${escapeText(caption)} <a href="${escapeText(name)}.svg">SVG</a></figcaption></figure>`;
    })
    .join('\n');
  const tables = results.tables
    .map(
      ({ name, title, table }) =>
        `<h2>${escapeText(title)}</h2>${tableMarkup(table)}<p><a href="${escapeText(name)}.csv">CSV</a></p>`,
    )
    .join('\n');
  const facts: [string, string][] = [
    ['command', run.command],
    ['chip', `${run.chip} (calibration: ${run.calibration})`],
    [
      'seeds',
      Object.entries(run.seeds)
        .map(([name, seed]) => `${name} ${seed}`)
        .join(', '),
    ],
    [
      'settings',
      Object.entries(run.settings)
        .map(([name, value]) => `${name} = ${String(value)}`)
        .join(', '),
    ],
    ['chip time', `${readable(run.chipSeconds)} s`],
    ['wall time', `${readable(run.wallSeconds)} s`],
    ['playback words', String(run.playbackWords)],
    ['Plastic', run.plastic],
    ['source', `${run.experiment.file}, SHA-256 ${run.experiment.sha256.slice(0, 16)}..`],
  ];
  const stopped = run.interrupted
    ? '<p class="warn">This run was interrupted: everything up to that moment is here, later parts are missing.</p>'
    : '';
  const warnings = results.warnings
    .map((text) => `<p class="warn">${escapeText(text)}</p>`)
    .join('');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeText(run.experiment.title)}</title><style>${style}</style></head><body>
<h1>${escapeText(run.experiment.title)}</h1>
<p class="lead">Made by Plastic; everything on this page is also in the folder it lies in, as arrays, tables and SVG pictures.</p>
${stopped}${warnings}<div class="values">${values}</div>
${figures}
${tables}
<h2>How this was made</h2><dl>${facts.map(([name, text]) => `<dt>${escapeText(name)}</dt><dd>${name === 'command' ? `<code>${escapeText(text)}</code>` : escapeText(text)}</dd>`).join('')}</dl>
</body></html>
`;
}
