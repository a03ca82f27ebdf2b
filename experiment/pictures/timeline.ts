/** What the plasticity processor did when: executions of triggers, their durations, and missed releases. */
import type { Execution } from '../rule.js';
import { Panel, legend, timeUnit } from './panel.js';
import { element, ink, picture, seriesColour } from './svg.js';

/** What the time-line shows. */
export interface TimelineOptions {
  readonly title: string;
  readonly triggers: readonly { readonly name: string; readonly period?: number }[];
  readonly executions: readonly Execution[];
  readonly missed: number;
  /** Longest execution that is possible, s. */
  readonly worst?: number;
}

/** The first executions as bars over time (late ends in red), and below the time that every execution took. */
export function drawTimeline({
  title,
  triggers,
  executions,
  missed,
  worst,
}: TimelineOptions): string {
  const first = executions.slice(0, 12);
  const from = Math.min(0, ...first.map((e) => e.release));
  const longest = Math.max(...triggers.map((trigger) => trigger.period ?? 0), 1e-5);
  const to = Math.max(...first.map((e) => e.end), from + longest) + 0.2 * longest;
  const { unit, factor } = timeUnit(to - from);
  const rows = triggers.length;
  // About 6.2 pixels a character: long names of triggers need room left of the axis.
  const left = Math.max(120, 24 + 6.2 * Math.max(...triggers.map(({ name }) => name.length)));
  const height = Math.max(70, rows * 40);
  const bars = new Panel(
    { x: left, y: 62, width: 600, height },
    { label: `time since start (${unit}), first executions`, domain: [from * factor, to * factor] },
    {
      label: '',
      domain: [-0.5, rows - 0.5],
      ticks: triggers.map((_, i) => i),
      tickText: (v) => triggers[v]?.name ?? '',
    },
    title,
  );
  for (const e of first) {
    const period = triggers[e.trigger]?.period;
    const late = period !== undefined && e.end > e.release + period;
    const x = bars.x(e.release * factor);
    bars.rectangle(
      e.begin * factor,
      e.trigger - 0.3,
      e.end * factor,
      e.trigger + 0.3,
      late ? ink.bad : seriesColour(e.trigger),
    );
    bars.add(
      element('line', {
        x1: x,
        x2: x,
        y1: bars.y(e.trigger - 0.45),
        y2: bars.y(e.trigger + 0.45),
        stroke: ink.text,
      }),
    );
  }
  const end = executions.reduce((latest, e) => Math.max(latest, e.end), 0);
  const long = timeUnit(end);
  const slowest = Math.max(...executions.map((e) => e.end - e.release), 1e-9);
  const limit = Math.min(...triggers.map((trigger) => trigger.period ?? Infinity));
  const scale = timeUnit(Math.max(slowest, Number.isFinite(limit) ? limit : 0));
  const cost = new Panel(
    { x: left, y: 62 + height + 78, width: 600, height: 150 },
    {
      label: `time since start (${long.unit}), all executions`,
      domain: [0, end * long.factor || 1],
    },
    {
      label: `duration (${scale.unit})`,
      domain: [0, Math.max(slowest, Number.isFinite(limit) ? limit : 0) * scale.factor * 1.1],
    },
    'from release to end',
  );
  for (const e of executions.length > 4000
    ? executions.filter((_, i) => i % Math.ceil(executions.length / 4000) === 0)
    : executions) {
    const period = triggers[e.trigger]?.period;
    const late = period !== undefined && e.end > e.release + period;
    cost.points(
      [e.release * long.factor],
      [(e.end - e.release) * scale.factor],
      late ? ink.bad : seriesColour(e.trigger),
      1.4,
    );
  }
  if (Number.isFinite(limit)) cost.level(limit * scale.factor, ink.bad, 'period');
  if (worst !== undefined) cost.level(worst * scale.factor, ink.mid, 'worst case');
  const entries = [
    ...triggers.map((trigger, i) => ({ name: trigger.name, colour: seriesColour(i) })),
    { name: `overrun; ${missed} missed release${missed === 1 ? '' : 's'}`, colour: ink.bad },
  ];
  return picture(
    left + 680,
    height + 62 + 78 + 150 + 52,
    title,
    legend(left, 26, entries) + bars.markup() + cost.markup(),
  );
}
