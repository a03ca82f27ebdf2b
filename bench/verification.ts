/**
 * The verification list of the analog model, measured on both engines: a table of deviations and tolerances, and the distances
 * of spike times from a reference with steps of 0.01 us.
 *
 *   npx tsx bench/verification.ts          the table (half a minute on one quiet core)
 *   npx tsx bench/verification.ts V1 V7    these cases only
 */
import {
  distances,
  engineSpikes,
  POPULATIONS,
  quantile,
  referenceSpikes,
} from '../test/emulator/analog/spike-times.js';
import { CASES, ENGINES, passes } from '../test/emulator/analog/verification/index.js';

const figure = (x: number): string =>
  x === 0 ? '0' : x >= 1000 || x < 1e-3 ? x.toExponential(1) : x.toPrecision(2);

function verificationList(only: readonly string[]): boolean {
  console.log('| case | on | what | tolerance | unit | precise | fast |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  let all = true;
  for (const c of CASES) {
    if (only.length > 0 && !only.includes(c.id)) continue;
    const tolerance = [
      c.least === undefined ? '' : `${figure(c.least)} to `,
      figure(c.tolerance),
      c.fastTolerance === undefined ? '' : ` (floats: ${figure(c.fastTolerance)})`,
    ].join('');
    const values = ENGINES.map((engine) => {
      if ((c.only ?? engine) !== engine) return '';
      const value = c.measure(engine);
      const good = passes(c, engine, value);
      all &&= good;
      return `${figure(value)}${good ? '' : ' **too far**'}`;
    });
    console.log(`| ${[c.id, c.on, c.what, tolerance, c.unit, ...values].join(' | ')} |`);
  }
  return all;
}

function spikeTimes(): void {
  console.log(
    '\n| spike times against steps of 0.01 us | spikes | engine | median | 95 % | 99 % | farthest | within 0.1 us | missing |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const population of POPULATIONS) {
    const expected = referenceSpikes(population);
    for (const engine of ENGINES) {
      const { times, unmatched } = distances(
        population,
        engineSpikes(population, engine),
        expected,
      );
      const parts = [0.5, 0.95, 0.99, 1].map(
        (part) => `${(1000 * quantile(times, part)).toFixed(0)} ns`,
      );
      const within = (100 * times.filter((x) => x <= 0.1).length) / times.length;
      console.log(
        `| ${[population.name, times.length, engine, ...parts, `${within.toFixed(1)} %`, unmatched].join(' | ')} |`,
      );
    }
  }
}

const only = process.argv.slice(2);
const all = verificationList(only);
if (only.length === 0) spikeTimes();
process.exitCode = all ? 0 : 1;
