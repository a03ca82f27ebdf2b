/** Tables of numbers as colours: weights at start and end, weight distribution over time, confusion. */
import { Panel, timeUnit } from './panel.js';
import { divergingColour, element, ink, label, picture, sequentialColour } from './svg.js';

/** A weight matrix, row-major: rows are synapse rows (inputs), columns are neurons. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
}

/** Start, end and difference of a weight matrix, side by side on one scale. */
export function drawWeightChange(title: string, start: Matrix, end: Matrix, top = 63): string {
  const { rows, columns } = start;
  const height = Math.min(520, Math.max(140, rows * 11));
  const width = Math.min(280, Math.max(90, columns * 24));
  const difference = Float64Array.from(
    { length: rows * columns },
    (_, i) => (end.values[i] ?? 0) - (start.values[i] ?? 0),
  );
  const largest = difference.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
  const step = width + 150;
  const weight = (value: number): string => sequentialColour(value / top);
  const change = (value: number): string => divergingColour(value / largest);
  const parts = [
    drawMatrix({ x: 62, y: 56, width, height }, start, weight, 'start', 'neuron', 'input row'),
    colourBar(62 + width + 12, 56, height, 0, top, weight),
    drawMatrix({ x: 62 + step, y: 56, width, height }, end, weight, 'end', 'neuron', 'input row'),
    colourBar(62 + step + width + 12, 56, height, 0, top, weight),
    drawMatrix(
      { x: 62 + 2 * step, y: 56, width, height },
      { rows, columns, values: difference },
      change,
      'end - start',
      'neuron',
      'input row',
    ),
    colourBar(62 + 2 * step + width + 12, 56, height, -largest, largest, change),
  ];
  return picture(
    3 * step + 20,
    height + 112,
    title,
    label(62, 22, `${title} (6-bit weight)`, { weight: 'bold', size: 13 }) + parts.join(''),
  );
}

function drawMatrix(
  frame: { x: number; y: number; width: number; height: number },
  matrix: Matrix,
  colour: (value: number) => string,
  title: string,
  xLabel: string,
  yLabel: string,
): string {
  const { rows, columns } = matrix;
  const every = (n: number, most: number): number[] => {
    const step = [1, 2, 4, 8, 16, 32, 64, 128].find((s) => n / s <= most) ?? 256;
    return Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step);
  };
  const panel = new Panel(
    frame,
    { label: xLabel, domain: [-0.5, columns - 0.5], ticks: every(columns, 8), tickText: String },
    // Row 0 stands on top, as in a printed matrix.
    {
      label: yLabel,
      domain: [-(rows - 0.5), 0.5],
      ticks: every(rows, 16).map((v) => -v),
      tickText: (v) => String(v === 0 ? 0 : -v),
    },
    title,
  );
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns;) {
      const value = matrix.values[r * columns + c] ?? 0;
      let last = c + 1;
      while (last < columns && matrix.values[r * columns + last] === value) last++;
      panel.rectangle(c - 0.5, -r - 0.5, last - 0.5, -r + 0.5, colour(value));
      c = last;
    }
  return panel.markup();
}

function colourBar(
  x: number,
  y: number,
  height: number,
  low: number,
  high: number,
  colour: (value: number) => string,
): string {
  const steps = 48;
  let out = '';
  for (let i = 0; i < steps; i++)
    out += element('rect', {
      x,
      y: y + (height * (steps - 1 - i)) / steps,
      width: 12,
      height: height / steps + 0.6,
      fill: colour(low + ((high - low) * (i + 0.5)) / steps),
    });
  out += element('rect', {
    x,
    y,
    width: 12,
    height,
    fill: 'none',
    stroke: ink.mid,
    'stroke-width': 0.6,
  });
  for (const value of [low, (low + high) / 2, high])
    out += label(
      x + 17,
      y + height - (height * (value - low)) / (high - low) + 4,
      String(Math.round(value * 10) / 10),
      { size: 11 },
    );
  return out;
}

/** Weights at several times: `snapshots[k]` were read at `times[k]` (s). */
export interface WeightHistory {
  readonly times: ArrayLike<number>;
  readonly snapshots: readonly ArrayLike<number>[];
}

/** The distribution of weights over time: share of synapses per weight as colour, with median and quartiles. */
export function drawWeightHistory(
  title: string,
  { times, snapshots }: WeightHistory,
  top = 63,
): string {
  const last = times[times.length - 1] ?? 1;
  const { unit, factor } = timeUnit(last);
  const panel = new Panel(
    { x: 62, y: 40, width: 600, height: 260 },
    { label: `time (${unit})`, domain: [(times[0] ?? 0) * factor, last * factor] },
    { label: 'weight', domain: [-0.5, top + 0.5], ticks: [0, 16, 32, 48, 63] },
    title,
  );
  const histograms = snapshots.map((weights) => {
    const counts = new Float64Array(top + 1);
    for (let i = 0; i < weights.length; i++)
      counts[weights[i] ?? 0] = (counts[weights[i] ?? 0] ?? 0) + 1 / weights.length;
    return counts;
  });
  const most = Math.min(1, Math.max(0.05, ...histograms.map((h) => percentile([...h], 0.98))));
  snapshots.forEach((_, k) => {
    const from = (times[k] ?? 0) * factor;
    const to = (times[k + 1] ?? last) * factor;
    const counts = histograms[k];
    if (!counts || to <= from) return;
    for (let w = 0; w <= top; w++)
      if (counts[w])
        panel.rectangle(
          from,
          w - 0.5,
          to,
          w + 0.5,
          sequentialColour(0.15 + (0.85 * (counts[w] ?? 0)) / most),
        );
  });
  const quantiles = [0.25, 0.5, 0.75].map((share) =>
    snapshots.map((weights) => percentile(Array.from(weights), share)),
  );
  const at = scaledTimes(times, factor);
  for (const curve of quantiles) panel.line(at, curve, ink.paper, 3.6);
  quantiles.forEach((curve, i) =>
    panel.line(at, curve, '#d55e00', i === 1 ? 2 : 1.4, i === 1 ? undefined : '4 3'),
  );
  const bar = colourBar(676, 40, 260, 0, Math.round(most * 1000) / 10, (value) =>
    sequentialColour(0.15 + (0.85 * value) / (most * 100)),
  );
  return picture(
    800,
    350,
    title,
    `${panel.markup()}${bar}${label(676, 30, '% of synapses', { size: 11 })}${label(62, 345, 'orange: median and quartiles', { size: 11, colour: '#b34d00' })}`,
  );
}

function scaledTimes(times: ArrayLike<number>, factor: number): Float64Array {
  return Float64Array.from(times, (time) => time * factor);
}

function percentile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** A confusion matrix: `counts[truth][answer]`, the last column being ties. */
export function drawConfusion(
  title: string,
  names: readonly string[],
  counts: readonly (readonly number[])[],
): string {
  const answers = [...names, 'tie'];
  const cell = 74;
  let out = label(150, 22, title, { weight: 'bold', size: 13 });
  counts.forEach((row, r) => {
    const sum = row.reduce((a, b) => a + b, 0) || 1;
    row.forEach((count, c) => {
      const share = count / sum;
      out += element('rect', {
        x: 150 + c * cell,
        y: 60 + r * 44,
        width: cell - 2,
        height: 42,
        fill: sequentialColour(share * 0.8),
      });
      out += label(150 + c * cell + cell / 2 - 1, 60 + r * 44 + 26, String(count), {
        anchor: 'middle',
        size: 14,
        colour: share > 0.5 ? '#ffffff' : ink.text,
      });
    });
    out += label(142, 60 + r * 44 + 26, names[r] ?? '', { anchor: 'end' });
  });
  answers.forEach(
    (name, c) => (out += label(150 + c * cell + cell / 2, 52, name, { anchor: 'middle' })),
  );
  out += label(20, 60 + counts.length * 22, 'true class', {
    rotate: -90,
    anchor: 'middle',
    size: 11,
    colour: ink.mid,
  });
  out += label(150 + (answers.length * cell) / 2, 60 + counts.length * 44 + 18, 'answer', {
    anchor: 'middle',
    size: 11,
    colour: ink.mid,
  });
  return picture(170 + answers.length * cell, 92 + counts.length * 44, title, out);
}
