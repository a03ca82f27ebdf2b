/** What the size of a network, its events and their absence cost on the whole chip. */
import { writeFileSync } from 'node:fs';
import { Stream } from '../isa/numeric/random.js';
import { PlaybackWriter } from '../isa/playback/index.js';
import { Panel } from '../experiment/pictures/panel.js';
import { ink, label, picture, seriesColour } from '../experiment/pictures/svg.js';
import { labelOf, LoadedChip, median, poissonWords, type Load } from './load.js';

type Base = Omit<Load, 'name'>;

/** Loads are taken in turns, so that other work on the machine disturbs all alike. */
const ROUNDS = 9;
const WARM_UP = 2;
/** Milliseconds of hardware time of a turn. */
const SPAN = 1;

const NEURONS = [16, 32, 64, 128, 256, 512];
const RATES = [0, 0.1, 0.3, 1, 3, 10, 30];

/** Processor time per hardware time of each load, medians of turns. */
function inTurns(loads: readonly Load[]): { cost: number; output: number }[] {
  const chips = loads.map((load) => {
    const stream = new Stream(2, 'bench/inputs');
    return { load, chip: new LoadedChip(load), stream, costs: [] as number[] };
  });
  for (let round = 0; round < ROUNDS; round++)
    for (const { load, chip, stream, costs } of chips) {
      const from = LoadedChip.start + round * SPAN * 125_000;
      const to = from + SPAN * 125_000;
      const words =
        load.rate > 0
          ? poissonWords(load, stream, from, to)
          : new PlaybackWriter().waitUntil(to).words();
      costs.push(chip.execute(words).processor / (SPAN * 1e-3));
    }
  return chips.map(({ load, chip, costs }) => ({
    cost: median(costs.slice(WARM_UP)),
    output: chip.spikes / (2 * load.columns) / (ROUNDS * SPAN),
  }));
}

const row = (name: string, cost: number, rest = ''): void =>
  console.log(`${name.padEnd(52)} ${cost.toFixed(cost < 0.1 ? 5 : 2).padStart(9)} ${rest}`);

const spiking = (output: number): string => `(${output.toFixed(1)} kHz out)`;

/** 512 neurons without input for a second of hardware time, and after a burst on all inputs. */
function rest(base: Base): void {
  for (const adex of [false, true]) {
    const kind = adex ? 'adaptive exponential' : 'leaky';
    const load = { ...base, name: kind, adex, weight: 20 };
    const chip = new LoadedChip(load);
    let at = LoadedChip.start;
    const wait = (milliseconds: number, from = new PlaybackWriter()): number => {
      at += Math.round(milliseconds * 125_000);
      return chip.execute(from.waitUntil(at).words()).processor / (milliseconds * 1e-3);
    };
    wait(1);
    row(`512 ${kind} neurons at rest, 1 s`, wait(1000));
    // Twice, the first time to warm up.
    for (const told of [false, true]) {
      const rows = Array.from({ length: load.inputs }, (_, i) => i);
      const burst = new PlaybackWriter().spikeTrain(
        rows.map((i) => at + 2 * i),
        rows.map(labelOf),
      );
      const costs = [
        ['first 0.1 ms after a burst of all inputs', wait(0.1, burst)],
        ['0.1 to 1 ms', wait(0.9)],
        ['1 to 10 ms', wait(9)],
        ['10 ms to 1 s', wait(990)],
      ] as const;
      if (told) for (const [name, cost] of costs) row(`512 ${kind}, ${name}`, cost);
    }
  }
}

function drawn(neurons: readonly number[], rates: readonly number[]): string {
  const frame = { y: 60, width: 300, height: 200 };
  const size = new Panel(
    { ...frame, x: 60 },
    { label: 'neurons', domain: [0, 540] },
    { label: 'times slower than hardware', domain: [0, Math.max(...neurons) * 1.1] },
    '256 inputs of 10 kHz',
  );
  size.line(NEURONS, neurons, seriesColour(0), 1.4);
  size.points(NEURONS, neurons, seriesColour(0), 2.6);
  const events = new Panel(
    { ...frame, x: 440 },
    { label: 'rate of an input (kHz)', domain: [0, 32] },
    { label: 'times slower than hardware', domain: [0, Math.max(...rates) * 1.1] },
    '512 neurons, 256 inputs, no spikes out',
  );
  events.line(RATES, rates, seriesColour(1), 1.4);
  events.points(RATES, rates, seriesColour(1), 2.6);
  const title = 'What neurons and events cost';
  return picture(
    780,
    320,
    title,
    label(20, 26, title, { weight: 'bold', size: 15 }) +
      label(270, 26, 'whole chip, processor time, medians of turns', {
        size: 11,
        colour: ink.mid,
      }) +
      size.markup() +
      events.markup(),
  );
}

/** Prints the tables; draws them to a file if there is one. */
export function printScaling(base: Base, file: string | undefined): void {
  console.log('seconds of processor time per second of hardware time');
  const bySize = inTurns(NEURONS.map((n) => ({ ...base, name: '', columns: n / 2 })));
  NEURONS.forEach((n, k) =>
    row(
      `${n} neurons, 256 inputs, 10 kHz`,
      bySize[k]?.cost ?? NaN,
      spiking(bySize[k]?.output ?? 0),
    ),
  );
  // Weights so small that nothing fires: what events cost, not spikes.
  const byRate = inTurns(RATES.map((rate) => ({ ...base, name: '', rate, weight: 0.5 })));
  RATES.forEach((rate, k) =>
    row(
      `512 neurons, 256 inputs, ${rate} kHz`,
      byRate[k]?.cost ?? NaN,
      spiking(byRate[k]?.output ?? 0),
    ),
  );
  if (file !== undefined)
    writeFileSync(
      file,
      drawn(
        bySize.map((x) => x.cost),
        byRate.map((x) => x.cost),
      ),
    );
  rest(base);
}
