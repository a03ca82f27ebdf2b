/** Spikes over time: one row per source or neuron, with rates beside it. */
import { Panel, legend, timeUnit } from './panel.js';
import { coordinate, element, ink, picture, seriesColour } from './svg.js';

/** A group of rows with one colour: times in s, and the row of each spike counted from 0 inside the group. */
export interface RasterGroup {
  readonly name: string;
  readonly size: number;
  readonly times: ArrayLike<number>;
  readonly rows: ArrayLike<number>;
}

/** What the raster shows: a window in seconds, and spans to shade (a stimulus, a trigger). */
export interface RasterOptions {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly groups: readonly RasterGroup[];
  readonly spans?: readonly { readonly from: number; readonly to: number; readonly name: string }[];
}

/** Draws the raster with the mean rate of every row in a second panel. */
export function drawRaster({ title, from, to, groups, spans = [] }: RasterOptions): string {
  const rows = groups.reduce((sum, group) => sum + group.size, 0);
  const height = Math.min(520, Math.max(150, rows * 9));
  const { unit, factor } = timeUnit(to - from);
  const rowAxis = {
    label: 'row',
    domain: [-0.5, rows - 0.5] as const,
    ticks: rowTicks(groups, height / rows),
    tickText: (v: number) => String(v),
  };
  const panel = new Panel(
    { x: 62, y: 58, width: 560, height },
    { label: `time (${unit})`, domain: [from * factor, to * factor] },
    rowAxis,
    title,
  );
  const rateOf = new Float64Array(rows);
  for (const span of spans)
    panel.rectangle(span.from * factor, -0.5, span.to * factor, rows - 0.5, ink.mid, 0.15);
  let offset = 0;
  groups.forEach((group, g) => {
    const half = Math.max(1, (0.4 * height) / rows);
    let path = '';
    for (let i = 0; i < group.times.length; i++) {
      const time = group.times[i] ?? 0;
      if (time < from || time > to) continue;
      const row = offset + (group.rows[i] ?? 0);
      rateOf[row] = (rateOf[row] ?? 0) + 1 / (to - from);
      path += `M${coordinate(panel.x(time * factor))} ${coordinate(panel.y(row) - half)}v${coordinate(2 * half)}`;
    }
    if (path)
      panel.add(
        element('path', { d: path, stroke: seriesColour(g), 'stroke-width': 1, fill: 'none' }),
      );
    offset += group.size;
  });
  const top = rateOf.reduce((a, b) => Math.max(a, b), 0) / 1000 || 1;
  const rates = new Panel(
    { x: 645, y: 58, width: 150, height },
    { label: 'mean rate (kHz)', domain: [0, top * 1.05], ticks: 3 },
    { ...rowAxis, label: '', tickText: () => '' },
  );
  offset = 0;
  groups.forEach((group, g) => {
    for (let row = offset; row < offset + group.size; row++)
      rates.rectangle(0, row - 0.4, (rateOf[row] ?? 0) / 1000, row + 0.4, seriesColour(g));
    offset += group.size;
  });
  const entries = [
    ...groups.map((group, g) => ({ name: group.name, colour: seriesColour(g) })),
    ...(spans.length ? [{ name: spans[0]?.name ?? '', colour: '#dcdcdc' }] : []),
  ];
  return picture(
    820,
    height + 112,
    title,
    legend(62, 24, entries) + panel.markup() + rates.markup(),
  );
}

/** The first row of each group and a few between, counted from the bottom, at least 14 pixels apart. */
function rowTicks(groups: readonly RasterGroup[], pixels: number): number[] {
  const ticks: number[] = [];
  let offset = 0;
  for (const group of groups) {
    const step = [1, 2, 4, 8, 16, 32, 64].find((s) => s * pixels >= 14) ?? 128;
    for (let row = 0; row < group.size; row += Math.max(step, Math.min(8, group.size)))
      if ((offset + row - (ticks[ticks.length - 1] ?? -Infinity)) * pixels >= 12)
        ticks.push(offset + row);
    offset += group.size;
  }
  return ticks;
}
