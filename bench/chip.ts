/**
 * How much slower the emulated chip is than the hardware, everything included: spikes that enter as playback words,
 * crossbar, buses, drivers, synapses, neurons, spikes that leave as words.
 *
 *   npx tsx bench/chip.ts              512 leaky neurons x 256 inputs at 1, 10 and 50 kHz, with and without sensors
 *   npx tsx bench/chip.ts --middle     10 kHz only
 *   npx tsx bench/chip.ts --adex       adaptive exponential neurons, 10 kHz
 *   npx tsx bench/chip.ts --small      three neurons with 32 inputs
 *   npx tsx bench/chip.ts --scaling    cost against the number of neurons and of events, at rest, and while currents fade;
 *                                      an .svg file after it: drawn there
 *   npx tsx bench/chip.ts --brian      the same network with the same input spikes in Brian 2 (numpy and C++), side by side;
 *                                      a number after it: only that rate in kHz
 *
 * `--ideal` leaves out the chip with noise, `--precise` takes the other engine. Times are processor time (user and system,
 * all threads), the best and the median of pieces of the run with the first pieces left out, and the median of wall time.
 */
import type { ChipOptions } from '../emulator/index.js';
import { Stream } from '../isa/numeric/random.js';
import { compareWithBrian } from './brian.js';
import { LoadedChip, median, poissonWords, type Load } from './load.js';
import { printScaling } from './scaling.js';

const PIECES = 24;
const WARM_UP = 6;

function report(load: Load): void {
  const chip = new LoadedChip(load);
  const stream = new Stream(2, 'bench/inputs');
  const piece = (load.milliseconds * 125_000) / PIECES;
  const processor: number[] = [];
  const wall: number[] = [];
  let before = 0;
  for (let k = 0; k < PIECES; k++) {
    const from = LoadedChip.start + Math.round(k * piece);
    const to = LoadedChip.start + Math.round((k + 1) * piece);
    const cost = chip.execute(poissonWords(load, stream, from, to));
    const span = (to - from) * 8e-9;
    if (k < WARM_UP) {
      before = chip.spikes;
      continue;
    }
    processor.push(cost.processor / span);
    wall.push(cost.wall / span);
  }
  const best = Math.min(...processor);
  const counted = load.milliseconds * (1 - WARM_UP / PIECES);
  const events = load.rate * 1e3 * load.inputs * 2 * load.columns;
  const rate = (chip.spikes - before) / (2 * load.columns) / counted;
  console.log(
    `${load.name.padEnd(48)} ${best.toFixed(1).padStart(6)} (median ${median(processor).toFixed(1).padStart(6)},` +
      ` wall ${median(wall).toFixed(1).padStart(6)}) x slower than hardware` +
      ` ${(events / best / 1e6).toFixed(1).padStart(6)} M synaptic events/s ${rate.toFixed(1).padStart(6)} kHz out`,
  );
}

/** Weight times rate: one for some 9 kHz of output, one for 31 kHz. */
const ADEX_DRIVES = [18, 27];
const DRIVE = 26;

const has = (flag: string): boolean => process.argv.includes(flag);
const options: ChipOptions = { engine: has('--precise') ? 'precise' : 'fast' };
const base: Omit<Load, 'name'> = {
  die: 'ideal',
  options,
  columns: 256,
  inputs: 256,
  rate: 10,
  weight: DRIVE / 10,
  sensors: false,
  adex: false,
  milliseconds: has('--precise') ? 1 : 36,
};
const dies = has('--ideal') ? (['ideal'] as const) : (['ideal', 1] as const);
const called = (die: 'ideal' | number): string =>
  die === 'ideal' ? 'ideal' : `seed ${die}, noisy`;

function small(): void {
  for (const die of dies)
    for (const rate of [10, 30, 100])
      report({
        ...base,
        name: `6 neurons, 32 inputs, ${rate} kHz, sensors, ${called(die)}`,
        die,
        columns: 3,
        inputs: 32,
        rate,
        weight: 200 / rate,
        sensors: true,
        milliseconds: 50,
      });
}

function full(): void {
  const rates = has('--adex') || has('--middle') ? [10] : [1, 10, 50];
  for (const die of dies)
    for (const rate of rates)
      for (const drive of has('--adex') ? ADEX_DRIVES : [DRIVE])
        for (const sensors of [false, true])
          report({
            ...base,
            name: `512 neurons, 256 inputs, ${rate} kHz${sensors ? ', sensors' : ''}, ${called(die)}`,
            die,
            rate,
            weight: drive / rate,
            sensors,
            adex: has('--adex'),
          });
}

if (has('--small')) small();
else if (has('--brian')) {
  const only = process.argv.map(Number).filter((x) => x > 0);
  await compareWithBrian(
    (only.length > 0 ? only : [1, 10, 50]).flatMap((rate) =>
      [false, true].map((sensors) => ({
        ...base,
        name: `512 neurons, 256 inputs, ${rate} kHz${sensors ? ', sensors' : ''}`,
        rate,
        weight: DRIVE / rate,
        sensors,
      })),
    ),
  );
} else if (has('--scaling'))
  printScaling(
    base,
    process.argv.find((word) => word.endsWith('.svg')),
  );
else full();
