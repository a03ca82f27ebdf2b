/**
 * Draws what a calibration file says: histograms of every quantity before and after, and maps of the codes.
 * `npx tsx scripts/calibration-pictures.ts FILE [OUT]` writes OUT (docs/calibration.svg).
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
  shift_E: 'offset, excitatory',
  shift_I: 'offset, inhibitory',
};

function finite(list: readonly (number | null)[], factor: number): number[] {
  return list.filter((x): x is number => x !== null).map((x) => x * factor);
}

function panelOf(calibration: Calibration, name: Quantity, k: number): string {
  const { before, after, residuals } = calibration;
  const isTime = quantities[name] === 's';
  const factor = isTime ? 1e6 : 1;
  const first = finite(before?.[name] ?? [], factor);
  const last = finite(after?.[name] ?? [], factor);
  const sorted = [...first].sort((a, b) => a - b);
  const low = sorted[Math.floor(0.005 * sorted.length)] ?? 0;
  const high = sorted[Math.floor(0.995 * sorted.length)] ?? 1;
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
  const unit = isTime ? 'us' : quantities[name];
  const residual = residuals?.[name];
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
  const text =
    residual === undefined
      ? ''
      : residual.unit === '1'
        ? `${(100 * residual.before.sd).toFixed(1)} % -> ${(100 * residual.after.sd).toFixed(1)} %`
        : `${residual.before.sd.toFixed(1)} -> ${residual.after.sd.toFixed(2)} ${residual.unit}`;
  const { x, y, width } = panel.frame;
  panel.addOutside(label(x + width, y - 8, text, { size: 11, anchor: 'end', colour: ink.mid }));
  return panel.markup();
}

function draw(calibration: Calibration): string {
  const shown = quantityNames.map((name, k) => panelOf(calibration, name, k));
  const who = calibration.die.seed === undefined ? 'a chip' : `chip ${calibration.die.seed}`;
  const title = `${calibration.neurons.length} neurons of ${who} before and after calibration`;
  return picture(
    890,
    96 + Math.ceil(quantityNames.length / 3) * 190,
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

const [file = 'chip7.json', out = 'docs/calibration.svg'] = process.argv.slice(2);
writeFileSync(out, draw(parseCalibration(readFileSync(file, 'utf8'), file)));
