/** The page about a chip: pictures and tables in one file that needs nothing else. */
import { escapeText } from '../../experiment/pictures/svg.js';
import type { ChipReport } from './report.js';
import type { Trials } from './trials.js';

export interface Figure {
  readonly name: string;
  readonly caption: string;
  readonly svg: string;
}

const style = `
body{font:16px/1.5 system-ui,Helvetica,Arial,sans-serif;color:#222;background:#fff;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem}h2{font-size:1.2rem;margin-top:2rem}figure{margin:1.4rem 0;overflow-x:auto}figure svg{max-width:100%;height:auto}
figcaption{color:#444;font-size:.92rem}table{border-collapse:collapse;font-size:.88rem}th,td{padding:.2rem .6rem;border-bottom:1px solid #e3e3e3;text-align:right}
th:first-child,td:first-child{text-align:left}.note{color:#555}`;

const figure = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '';

/** Rows of the parameter table, as text. */
export function parameterRows({ parameters }: ChipReport): readonly (readonly string[])[] {
  return parameters.map((p) => [
    p.name,
    p.unit,
    p.tag,
    figure(p.law.total),
    figure(p.here.sd),
    figure(p.law.instance),
    figure(p.here.inside),
    figure(p.here.mean),
    p.distance.toFixed(3) + (p.distance > p.distanceLimit ? ' !' : ''),
    p.distanceLimit.toFixed(3),
    ...(p.other ? [figure(p.other.sd), p.other.distance.toFixed(3)] : []),
  ]);
}

/** Headings of that table. */
export function parameterHeadings({ compare }: ChipReport): readonly string[] {
  return [
    'parameter',
    'unit',
    'tag',
    'SD law',
    'SD here',
    'inside: law',
    'inside: here',
    'mean here',
    'distance',
    'limit',
    ...(compare === undefined ? [] : [`SD chip ${compare}`, 'distance of both']),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeText(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('\n')}</tbody></table>`;
}

export function chipPage(report: ChipReport, trials: Trials, figures: readonly Figure[]): string {
  const pictures = figures
    .map(({ name, caption, svg }) => {
      const own = svg
        .replaceAll('id="clip', `id="${name}-clip`)
        .replaceAll('url(#clip', `url(#${name}-clip`);
      return `<figure id="${name}">${own}<figcaption>${escapeText(caption)}</figcaption></figure>`;
    })
    .join('\n');
  const worst = table(
    ['neuron', 'score', 'worst parameter', 'SDs'],
    report.worst.map((w) => [
      String(w.neuron),
      w.score.toFixed(2),
      w.parameter,
      w.deviation.toFixed(2),
    ]),
  );
  const title = `Virtual chip ${report.seed}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body><h1>${title}</h1>
<p class="note">Fixed pattern ${escapeText(report.law)}, version ${report.tableVersion} of the table of constants. Tags: C published, A assumed.
Distances are Kolmogorov-Smirnov distances of the values inside quadrants from their law; chance exceeds the limit in one case of a hundred.
${report.compare === undefined ? '' : `Compared with chip ${report.compare}. `}Trials: SD of the first spike ${(trials.sd * 1e9).toFixed(0)} ns.</p>
<h2>Parameters</h2>${table(parameterHeadings(report), parameterRows(report))}
<h2>The worst neurons</h2>
<p class="note">Root mean square of the deviations of ten parameters, in standard deviations of their laws.</p>${worst}
${pictures}
</body></html>
`;
}
