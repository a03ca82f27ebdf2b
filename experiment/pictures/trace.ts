/** Curves over time: membranes against leak and threshold, learning curves with intervals. */
import { Panel, legend, timeUnit } from './panel.js';
import { element, ink, picture, seriesColour } from './svg.js';

/** A membrane: samples over time (s) in a unit, with its spikes and the levels it moves between. */
export interface MembraneTrace {
  readonly name: string;
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly spikes?: ArrayLike<number>;
}

/** What the membrane picture shows. */
export interface MembraneOptions {
  readonly title: string;
  /** Name and unit of the vertical axis, for example `membrane (CADC counts)`. */
  readonly quantity: string;
  readonly traces: readonly MembraneTrace[];
  readonly levels: readonly { readonly name: string; readonly value: number }[];
}

/** Membrane traces over one another, one panel each, with leak, reset and threshold as dashed lines. */
export function drawMembranes({ title, quantity, traces, levels }: MembraneOptions): string {
  let low = Math.min(...levels.map((level) => level.value), Infinity);
  let high = Math.max(...levels.map((level) => level.value), -Infinity);
  let from = Infinity;
  let to = -Infinity;
  for (const { times, values } of traces)
    for (let i = 0; i < times.length; i++) {
      low = Math.min(low, values[i] ?? low);
      high = Math.max(high, values[i] ?? high);
      from = Math.min(from, times[i] ?? from);
      to = Math.max(to, times[i] ?? to);
    }
  if (!(to > from)) [from, to] = [0, 1e-3];
  const margin = 0.08 * (high - low || 1);
  const { unit, factor } = timeUnit(to - from);
  const height = traces.length > 2 ? 120 : 180;
  const parts = traces.map((trace, i) => {
    const panel = new Panel(
      { x: 62, y: 40 + i * (height + 62), width: 640, height },
      { label: `time (${unit})`, domain: [from * factor, to * factor] },
      { label: quantity, domain: [low - margin, high + margin], ticks: 5 },
      traces.length > 1 ? `${title}: ${trace.name}` : title,
    );
    panel.line(scaled(trace.times, factor), trace.values, seriesColour(i), 1.1);
    for (const level of levels)
      panel.level(level.value, level.name === 'threshold' ? ink.bad : ink.mid, level.name);
    for (let k = 0; k < (trace.spikes?.length ?? 0); k++) {
      const x = panel.x((trace.spikes?.[k] ?? 0) * factor);
      panel.add(
        element('line', {
          x1: x,
          x2: x,
          y1: panel.frame.y,
          y2: panel.frame.y + 9,
          stroke: ink.text,
        }),
      );
    }
    return panel.markup();
  });
  return picture(790, 48 + traces.length * (height + 62), title, parts.join(''));
}

function scaled(values: ArrayLike<number>, factor: number): Float64Array {
  return Float64Array.from(values, (value) => value * factor);
}

/** One curve of a learning curve; `low` and `high` shade an interval. */
export interface Curve {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly low?: ArrayLike<number>;
  readonly high?: ArrayLike<number>;
}

/** What a picture of curves shows. */
export interface CurvesOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly Curve[];
  readonly yDomain?: readonly [number, number];
  readonly levels?: readonly { readonly name: string; readonly value: number }[];
}

/** Curves with a legend; intervals as bands. */
export function drawCurves({
  title,
  xLabel,
  yLabel,
  curves,
  yDomain,
  levels = [],
}: CurvesOptions): string {
  const xs = curves.flatMap((curve) => Array.from(curve.x));
  const ys = curves
    .flatMap((curve) => [
      ...Array.from(curve.y),
      ...Array.from(curve.low ?? []),
      ...Array.from(curve.high ?? []),
    ])
    .filter(Number.isFinite);
  const low = Math.min(...ys, ...levels.map((l) => l.value));
  const high = Math.max(...ys, ...levels.map((l) => l.value));
  const panel = new Panel(
    { x: 62, y: 64, width: 600, height: 260 },
    { label: xLabel, domain: [Math.min(...xs), Math.max(...xs)] },
    { label: yLabel, domain: yDomain ?? [low - 0.05 * (high - low), high + 0.05 * (high - low)] },
    title,
  );
  curves.forEach((curve, i) => {
    if (curve.low && curve.high) panel.band(curve.x, curve.low, curve.high, seriesColour(i));
    panel.line(curve.x, curve.y, seriesColour(i), 1.8);
    if (curve.x.length <= 60) panel.points(curve.x, curve.y, seriesColour(i), 2.4);
  });
  for (const level of levels) panel.level(level.value, ink.mid, level.name);
  const entries = curves.map((curve, i) => ({ name: curve.name, colour: seriesColour(i) }));
  return picture(770, 384, title, legend(62, 24, entries) + panel.markup());
}
