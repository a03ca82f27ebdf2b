/**
 * Draws what calibration files say: histograms of every quantity before and after, over the neurons of all of them.
 * `npx tsx scripts/calibration-pictures.ts FILE.. OUT.svg`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import {
  parseCalibration,
  quantities,
  quantityNames,
  type Calibration,
  type Quantity,
} from '../experiment/calibration/index.js';
import { Panel, legend } from '../experiment/pictures/panel.js';
import { ink, label, picture, seriesColour } from '../experiment/pictures/svg.js';

const bins = 40;
const names: Readonly<Record<Quantity, string>> = {
  leak: 'resting potential',
  reset: 'reset potential',
  threshold: 'threshold',
  tau_m: 'membrane tau',
  tau_syn_E: 'excitatory tau',
  tau_syn_I: 'inhibitory tau',
  gain_E: 'response, excitatory',
  gain_I: 'response, inhibitory',
  drive_E: 'full drive, excitatory',
  drive_I: 'full drive, inhibitory',
  shift_E: 'offset, excitatory',
  shift_I: 'offset, inhibitory',
  e_rev_E: 'reversal, excitatory',
  e_rev_I: 'reversal, inhibitory',
  tau_w: 'adaptation tau',
  a: 'adaptation a',
  b: 'adaptation b',
  e_w: 'adaptation potential',
  v_exp: 'exponential V_T',
  delta_T: 'exponential D_T',
  tau_icc: 'compartments C / g',
  i_offset: 'constant current',
};

/** Units as shown, and how many of them one of the file's is. */
const shownUnits: Readonly<Record<string, readonly [string, number]>> = {
  s: ['us', 1e6],
  V: ['mV', 1e3],
  S: ['nS', 1e9],
  A: ['nA', 1e9],
};

function finite(list: readonly (number | null)[], factor: number): number[] {
  return list.filter((x): x is number => x !== null).map((x) => x * factor);
}

/** The mean spread over chips, of which each has its own mean. */
function spreadOf(chips: readonly Calibration[], name: Quantity, when: 'before' | 'after'): number {
  const squares = chips.map(({ residuals }) => (residuals[name]?.[when].sd ?? NaN) ** 2);
  return Math.sqrt(squares.reduce((sum, x) => sum + x, 0) / squares.length);
}

function panelOf(chips: readonly Calibration[], name: Quantity, k: number): string {
  const [unit, factor] = shownUnits[quantities[name]] ?? [quantities[name], 1];
  const first = chips.flatMap(({ before }) => finite(before[name] ?? [], factor));
  const last = chips.flatMap(({ after }) => finite(after[name] ?? [], factor));
  const ends = [first, last].map((list) => {
    const sorted = [...list].sort((a, b) => a - b);
    return [0.005, 0.995].map((part) => sorted[Math.floor(part * sorted.length)] ?? 0);
  });
  const low = Math.min(...ends.map(([end = 0]) => end));
  const high = Math.max(...ends.map(([, end = 0]) => end));
  const step = (high - low) / bins;
  const share = (list: readonly number[]): Float64Array => {
    const counts = new Float64Array(bins);
    for (const x of list) {
      const bin = Math.floor((x - low) / step);
      if (bin >= 0 && bin < bins) counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts;
  };
  const [a, b] = [share(first), share(last)];
  // What is left fills few bins: its bars are cut, and the number at the top says how high they are.
  const top = 2.2 * Math.max(...a);
  const isFactor = chips.some(({ residuals }) => residuals[name]?.unit === '1');
  const [sdBefore, sdAfter] = [spreadOf(chips, name, 'before'), spreadOf(chips, name, 'after')];
  const panel = new Panel(
    { x: 62 + (k % 3) * 290, y: 96 + Math.floor(k / 3) * 190, width: 220, height: 110 },
    { label: unit, domain: [low, high], ticks: 4 },
    { label: k % 3 === 0 ? 'neurons' : '', domain: [0, top], ticks: 3 },
    names[name],
  );
  a.forEach((y, i) =>
    panel.rectangle(low + i * step, 0, low + (i + 1) * step, y, seriesColour(1), 0.6),
  );
  b.forEach((y, i) =>
    panel.rectangle(
      low + i * step,
      0,
      low + (i + 1) * step,
      Math.min(y, top),
      seriesColour(0),
      0.75,
    ),
  );
  const text = isFactor
    ? `${(100 * sdBefore).toFixed(1)} % -> ${(100 * sdAfter).toFixed(1)} %`
    : `${(factor * sdBefore).toFixed(1)} -> ${(factor * sdAfter).toFixed(2)} ${unit}`;
  const { x, y, width } = panel.frame;
  panel.addOutside(label(x + width, y - 8, text, { size: 11, anchor: 'end', colour: ink.mid }));
  return panel.markup();
}

function draw(chips: readonly Calibration[]): string {
  const measured = quantityNames.filter((name) =>
    chips.every(({ residuals }) => residuals[name] !== undefined),
  );
  const shown = measured.map((name, k) => panelOf(chips, name, k));
  const seeds = chips.flatMap(({ die }) => die.seed ?? []).sort((a, b) => a - b);
  const who =
    seeds.length === 0
      ? 'a chip'
      : seeds.length === 1
        ? `chip ${seeds[0]}`
        : `${seeds.length} chips (${seeds[0]} to ${seeds.at(-1)})`;
  const neurons = chips.reduce((sum, chip) => sum + chip.neurons.length, 0);
  const title = `${neurons} neurons of ${who} before and after calibration`;
  return picture(
    890,
    96 + Math.ceil(measured.length / 3) * 190,
    title,
    label(20, 28, title, { weight: 'bold', size: 15 }) +
      legend(20, 54, [
        { name: 'before: the same codes for all', colour: seriesColour(1) },
        { name: 'after', colour: seriesColour(0) },
      ]) +
      label(870, 54, 'standard deviation before -> after; high bars are cut', {
        size: 11,
        anchor: 'end',
        colour: ink.mid,
      }) +
      shown.join(''),
  );
}

const files = process.argv.slice(2);
const out = files.pop();
if (out === undefined || files.length === 0 || !out.endsWith('.svg'))
  throw new Error('name the calibration files, then the picture: FILE.. OUT.svg');
writeFileSync(out, draw(files.map((file) => parseCalibration(readFileSync(file, 'utf8'), file))));
