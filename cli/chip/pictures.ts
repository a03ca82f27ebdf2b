/** Pictures of a virtual chip: distributions, correlations, maps, levels of variance, sensors, trials. */
import type { AnalogConstants } from '../../emulator/analog/constants.js';
import { exp } from '../../isa/numeric/elementary.js';
import { Panel, legend } from '../../experiment/pictures/panel.js';
import {
  coordinate,
  divergingColour,
  element,
  ink,
  label,
  picture,
  seriesColour,
} from '../../experiment/pictures/svg.js';
import { mapSide, type DrawnParameter } from './parameters.js';
import type { ChipReport, ParameterReport } from './report.js';
import { correlationOf, insideGroups } from './statistics.js';
import type { Trials } from './trials.js';

const bins = 24;
const columns = 4;
const cell = { width: 250, height: 190 } as const;

const short = (value: number): string => String(Number(value.toPrecision(3)));

/**
 * Histogram of every parameter over what its law says of this chip (a normal distribution around each quadrant's own mean) and of
 * all chips; a second chip as an outline.
 */
export function drawDistributions(
  report: ChipReport,
  drawn: readonly DrawnParameter[],
  other: readonly DrawnParameter[] | undefined,
): string {
  const rows = Math.ceil(drawn.length / columns);
  const [width, height] = [columns * cell.width + 20, rows * cell.height + 70];
  const panels = drawn.map((parameter, k) => {
    const frame = {
      x: (k % columns) * cell.width + 62,
      y: Math.floor(k / columns) * cell.height + 76,
      width: cell.width - 84,
      height: cell.height - 84,
    };
    const own = report.parameters[k];
    return own ? histogram(frame, parameter, own, other?.[k]) : '';
  });
  const entries = [
    { name: `chip ${report.seed}`, colour: seriesColour(0) },
    { name: 'law, with the means of its quadrants', colour: ink.text },
    { name: 'law of all chips (dashed)', colour: ink.mid },
    ...(report.compare === undefined
      ? []
      : [{ name: `chip ${report.compare}`, colour: seriesColour(1) }]),
  ];
  const title = `Chip ${report.seed}: distributions drawn and published`;
  return picture(
    width,
    height,
    title,
    label(20, 24, title, { weight: 'bold', size: 15 }) + legend(20, 46, entries) + panels.join(''),
  );
}

function histogram(
  frame: { x: number; y: number; width: number; height: number },
  { values, unit }: DrawnParameter,
  report: ParameterReport,
  other: DrawnParameter | undefined,
): string {
  const reach = 3.6 * Math.max(report.law.total, 1e-9);
  const step = (2 * reach) / bins;
  const count = (list: ArrayLike<number>): Float64Array => {
    const counts = new Float64Array(bins);
    for (let i = 0; i < list.length; i++) {
      const bin = Math.max(0, Math.min(bins - 1, Math.floor(((list[i] ?? 0) + reach) / step)));
      counts[bin] = (counts[bin] ?? 0) + 1 / (list.length * step);
    }
    return counts;
  };
  const normal = (x: number, mean: number, sd: number): number =>
    exp((-(x - mean) * (x - mean)) / (2 * sd * sd)) / (2.5066282746 * sd);
  const { total, instance } = report.law;
  const means = report.here.quadrantMeans;
  const mixture = (x: number): number =>
    means.reduce((sum, mean) => sum + normal(x, mean, instance) / means.length, 0);
  const mine = count(values);
  const theirs = other && count(other.values);
  const xs = Array.from({ length: 121 }, (_, i) => -reach + (i * 2 * reach) / 120);
  const own = xs.map(mixture);
  const all = xs.map((x) => normal(x, 0, total));
  const top = 1.15 * Math.max(...all, ...own, ...mine, ...(theirs ?? []));
  const panel = new Panel(
    frame,
    { label: unit === '1' ? 'relative' : unit, domain: [-reach, reach], ticks: 4 },
    { label: '', domain: [0, top], ticks: [] },
    `${report.name}: D ${report.distance.toFixed(3)}${report.distance > report.distanceLimit ? ' !' : ''}`,
  );
  mine.forEach((y, i) =>
    panel.rectangle(-reach + i * step, 0, -reach + (i + 1) * step, y, seriesColour(0), 0.55),
  );
  if (theirs) {
    const borders: number[] = [];
    const heights: number[] = [];
    theirs.forEach((y, i) => {
      borders.push(-reach + i * step, -reach + (i + 1) * step);
      heights.push(y, y);
    });
    panel.line(borders, heights, seriesColour(1), 1.4);
  }
  panel.line(xs, all, ink.mid, 1.1, '4 3');
  panel.line(xs, own, ink.text, 1.3);
  return panel.markup();
}

/** Maps over the array: each parameter as one strip of columns per row of instances. */
export function drawMaps(seed: number, drawn: readonly DrawnParameter[]): string {
  const shown = drawn.filter(({ shape }) => shape !== 'sample');
  const strip = 26;
  const width = 256 * 3;
  let y = 64;
  let content = '';
  for (const { name, unit, values, shape, law } of shown) {
    const lines = shape === 'neurons' ? 2 : 4;
    const limit = 3 * Math.sqrt(law.quadrant * law.quadrant + law.instance * law.instance);
    const height = strip / 2;
    content += label(88, y + (lines * height) / 2 + 4, name, { anchor: 'end' });
    for (let line = 0; line < lines; line++)
      for (let column = 0; column < 256; column++)
        content += element('rect', {
          x: 96 + column * 3,
          y: y + line * height,
          width: 3,
          height,
          fill: divergingColour((values[line * 256 + column] ?? 0) / limit),
        });
    content += label(96 + width + 8, y + (lines * height) / 2 + 4, `± ${short(limit)} ${unit}`, {
      size: 11,
      colour: ink.mid,
    });
    y += lines * height + 9;
  }
  const title = `Chip ${seed}: maps over the array`;
  return picture(
    width + 240,
    y + 20,
    title,
    label(20, 26, title, { weight: 'bold', size: 15 }) +
      label(
        20,
        46,
        'columns 0..255 from left to right; upper line top row, lower line bottom row; blue above, orange below the nominal circuit',
        { size: 11, colour: ink.mid },
      ) +
      content,
  );
}

/** Amplitudes of the causal sensors over both halves of the array, averaged over blocks of 8 x 8 synapses. */
export function drawSensorMap(seed: number, blocks: Float64Array): string {
  const size = 10;
  const limit = 0.4;
  let content = '';
  for (let half = 0; half < 2; half++) {
    const left = 40 + half * (mapSide * size + 50);
    content += label(left, 66, half === 0 ? 'top half' : 'bottom half', {
      weight: 'bold',
      size: 13,
    });
    for (let row = 0; row < mapSide; row++)
      for (let column = 0; column < mapSide; column++)
        content += element('rect', {
          x: left + column * size,
          y: 76 + row * size,
          width: size,
          height: size,
          fill: divergingColour((blocks[(half * mapSide + row) * mapSide + column] ?? 0) / limit),
        });
    content += label(
      left,
      92 + mapSide * size,
      'columns 0..255 to the right, rows 0..255 downwards',
      {
        size: 11,
        colour: ink.mid,
      },
    );
  }
  const title = `Chip ${seed}: amplitude of the causal sensors`;
  return picture(
    130 + 2 * mapSide * size,
    110 + mapSide * size,
    title,
    label(20, 26, title, { weight: 'bold', size: 15 }) +
      label(
        20,
        46,
        `means over 8 x 8 synapses; full blue factor 1.5, full orange 0.67: quadrants and gradients`,
        {
          size: 11,
          colour: ink.mid,
        },
      ) +
      content,
  );
}

/** How much of the variance of each parameter lies between chips, quadrants, instances and trials. */
export function drawLevels({ parameters, seed }: ChipReport, dies: number): string {
  const bar = 17;
  const width = 420;
  const names = ['chip', 'quadrant', 'instance', 'trial'] as const;
  let content = '';
  parameters.forEach(({ name, levels }, k) => {
    const y = 80 + k * (bar + 6);
    const parts = names.map((level) => levels[level] * levels[level]);
    const sum = parts.reduce((a, b) => a + b, 0) || 1;
    let x = 110;
    content += label(102, y + 13, name, { anchor: 'end' });
    parts.forEach((part, i) => {
      const w = (width * part) / sum;
      content += element('rect', { x, y, width: w, height: bar, fill: seriesColour(i) });
      x += w;
    });
    content += label(
      110 + width + 8,
      y + 13,
      names.map((level) => short(levels[level])).join(' / '),
      { size: 11, colour: ink.mid },
    );
  });
  const title = 'Variance by level';
  return picture(
    width + 360,
    100 + parameters.length * (bar + 6),
    title,
    label(20, 26, title, { weight: 'bold', size: 15 }) +
      label(
        20,
        46,
        `standard deviations from ${dies} dies (chip ${seed} and others); trial: the noise model at the common working point`,
        { size: 11, colour: ink.mid },
      ) +
      legend(
        110,
        68,
        names.map((name, i) => ({ name, colour: seriesColour(i) })),
      ) +
      content,
  );
}

/** Causal against acausal sensors: amplitudes and time constants of a sample of synapses. */
export function drawSensors(
  seed: number,
  drawn: readonly DrawnParameter[],
  constants: AnalogConstants,
): string {
  const find = (name: string): DrawnParameter | undefined => drawn.find((p) => p.name === name);
  const panel = (
    left: number,
    title: string,
    [x, y]: readonly [string, string],
    [common, branch]: readonly [number, number],
  ): string => {
    const [causal, acausal] = [find(x), find(y)];
    if (!causal || !acausal) return '';
    const inside = (p: DrawnParameter): Float64Array => insideGroups(p.values, p.quadrants);
    const here = correlationOf(inside(causal), inside(acausal));
    const law = (common * common) / (common * common + branch * branch);
    const factors = [causal, acausal].map(({ values }) => values.map((v) => exp(v)));
    const top = Math.ceil(Math.max(3, ...factors.flatMap((list) => [...list])));
    const axis = { domain: [0, top] as const, ticks: 4 };
    const own = new Panel(
      { x: left, y: 74, width: 300, height: 300 },
      { label: 'causal, times nominal', ...axis },
      { label: 'acausal, times nominal', ...axis },
      `${title}: r ${here.toFixed(2)} (law ${law.toFixed(2)})`,
    );
    own.line([0, top], [0, top], ink.mid, 1, '4 3');
    own.points(factors[0] ?? [], factors[1] ?? [], seriesColour(0), 1.3);
    return own.markup();
  };
  const title = `Chip ${seed}: causal against acausal sensors`;
  const k = constants;
  const amplitude = [k.sensorAmplitudeSynapse, k.sensorAmplitudeBranch] as const;
  const time = [k.sensorTimeSynapse, k.sensorTimeBranch] as const;
  return picture(
    780,
    430,
    title,
    label(20, 26, title, { weight: 'bold', size: 15 }) +
      label(20, 46, 'r: correlation of the logarithms inside quadrants', {
        size: 11,
        colour: ink.mid,
      }) +
      panel(70, 'amplitude', ['A_causal', 'A_acausal'], amplitude) +
      panel(450, 'time constant', ['tau_causal', 'tau_acausal'], time),
  );
}

/** First spikes of many trials of the same input. */
export function drawTrials({ times, trials, sd, missing, tau }: Trials, seed: number): string {
  const finite = times.filter(Number.isFinite).map((t) => t * 1e6);
  const low = finite.length > 0 ? Math.min(...finite) : 0;
  const high = finite.length > 0 ? Math.max(...finite) : 1;
  const margin = 0.3 * (high - low) + 0.02;
  const panel = new Panel(
    { x: 66, y: 74, width: 480, height: 300 },
    { label: 'first spike after the input (us)', domain: [low - margin, high + margin] },
    { label: 'trial', domain: [0, trials] },
  );
  let path = '';
  times.forEach((t, trial) => {
    if (Number.isFinite(t))
      path += `M${coordinate(panel.x(t * 1e6))} ${coordinate(panel.y(trial + 0.9))}V${coordinate(panel.y(trial + 0.1))}`;
  });
  panel.add(
    element('path', {
      d: path || 'M0 0',
      stroke: seriesColour(0),
      'stroke-width': 3,
      fill: 'none',
    }),
  );
  const title = `Chip ${seed}: ${trials} trials of one input`;
  const text = `SD ${(sd * 1e9).toFixed(0)} ns = ${((100 * sd) / tau).toFixed(2)} % of the synaptic time constant; without a spike: ${missing}`;
  return picture(
    600,
    430,
    title,
    label(20, 26, title, { weight: 'bold', size: 15 }) +
      label(20, 46, text, { size: 11, colour: ink.mid }) +
      panel.markup(),
  );
}
