/** The benchmark's network on the chip and in Brian 2: the same weights, the same input spikes, in turns in one run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stream } from '../isa/numeric/random.js';
import { PlaybackWriter } from '../isa/playback/index.js';
import {
  Brian,
  findBrian,
  STEPS,
  type Answer,
  type Run,
  type Sources,
  type Spikes,
  type Traces,
} from './brian-network.js';
import { labelOf, LoadedChip, median, weightsOf, type Cost, type Load } from './load.js';

/** In turns; numpy, whose costs hardly vary, takes part in the first few. */
const REPETITIONS = 7;
const NUMPY_REPETITIONS = 3;
/** The chip rests in between, for 50 time constants (steps). */
const PAUSE = 5_000;
/** 12.5 ticks of 8 ns are a step. */
const TICKS = 12.5;
/** Spikes that far apart are the same one (us). */
const NEAR = 0.5;

/** Input spikes: at most one per row and step, at a random tick of the step. */
interface Inputs {
  readonly rows: Int32Array;
  readonly steps: Int32Array;
  /** Ticks since the beginning, ascending. */
  readonly ticks: Float64Array;
}

function inputsOf(load: Load): Inputs {
  const stream = new Stream(2, 'bench/inputs');
  const mean = (10_000 / (load.rate * load.inputs)) * TICKS;
  const rows: number[] = [];
  const steps: number[] = [];
  const ticks: number[] = [];
  const last = new Int32Array(load.inputs).fill(-1);
  for (
    let at = stream.exponential() * mean;
    at < STEPS * TICKS;
    at += stream.exponential() * mean
  ) {
    const row = stream.integer(load.inputs);
    const tick = Math.floor(at);
    const step = Math.floor(tick / TICKS);
    // Brian's sources spike once in a step.
    if (last[row] === step) continue;
    last[row] = step;
    rows.push(row);
    steps.push(step);
    ticks.push(tick);
  }
  return {
    rows: Int32Array.from(rows),
    steps: Int32Array.from(steps),
    ticks: Float64Array.from(ticks),
  };
}

/** The chip's side: every repetition brings the same spikes after a rest. */
class Repeater {
  private readonly chip: LoadedChip;
  /** Ticks at which the present repetition began and ended. */
  private begun = 0;
  private ended = LoadedChip.start;
  private from = 0;

  constructor(
    load: Load,
    weights: Uint8Array,
    private readonly inputs: Inputs,
  ) {
    this.chip = new LoadedChip(load, weights);
  }

  run(): Run {
    this.begun = this.ended + PAUSE * TICKS;
    this.ended = this.begun + STEPS * TICKS;
    this.chip.execute(new PlaybackWriter().waitUntil(this.begun).words());
    const labels = Array.from(this.inputs.rows, labelOf);
    const times = this.inputs.ticks.map((tick) => this.begun + tick);
    const words = new PlaybackWriter().spikeTrain(times, labels).waitUntil(this.ended).words();
    this.from = this.chip.spikes;
    const cost = this.chip.execute(words);
    return { ...cost, spikes: this.chip.spikes - this.from };
  }

  /** Spikes of the last repetition. */
  spikes(): Spikes {
    const neurons: number[] = [];
    const times: number[] = [];
    for (let index = this.from; index < this.chip.spikes; index++) {
      const [neuron, time] = this.chip.spike(index);
      neurons.push(neuron);
      times.push(time - this.begun * 0.008);
    }
    return { neurons, times };
  }

  /** Means of all sensors since the beginning. */
  sums(): readonly [causal: number, acausal: number] {
    let [causal, acausal] = [0, 0];
    for (let synapse = 0; synapse < 131072; synapse++) {
      const [c, a] = this.chip.correlation(synapse);
      causal += c / 131072;
      acausal += a / 131072;
    }
    return [causal, acausal];
  }
}

function byNeuron({ neurons, times }: Spikes): number[][] {
  const trains = Array.from({ length: 512 }, (): number[] => []);
  for (let i = 0; i < neurons.length; i++) trains[neurons[i] ?? 0]?.push(times[i] ?? NaN);
  return trains.map((train) => train.sort((a, b) => a - b));
}

/** Distances from each spike to the nearest one of the same neuron on the other side, later ones positive. */
function nearest(from: readonly number[][], to: readonly number[][]): number[] {
  return from.flatMap((train, neuron) => {
    const others = to[neuron] ?? [];
    let k = 0;
    return train.map((time) => {
      const away = (i: number): number => (others[i] ?? Infinity) - time;
      while (k + 1 < others.length && Math.abs(away(k + 1)) <= Math.abs(away(k))) k++;
      return away(k);
    });
  });
}

/** Share of all spikes that both sides have, once the constant delay between them is taken off (us). */
function agreement(
  chip: Spikes,
  brian: Spikes,
): { readonly share: number; readonly delay: number } {
  const [a, b] = [byNeuron(chip), byNeuron(brian)];
  const delay = median(nearest(a, b).filter((x) => Math.abs(x) < 2));
  const shifted = a.map((train) => train.map((time) => time + delay));
  const distances = [...nearest(shifted, b), ...nearest(b, shifted)];
  return { share: distances.filter((x) => Math.abs(x) <= NEAR).length / distances.length, delay };
}

interface Runner {
  readonly name: string;
  readonly steps: number;
  readonly costs: Run[];
}

/** Medians over repetitions, in units of the hardware's time. */
function slowdowns({ costs, steps }: Runner): Cost {
  const of = (pick: (cost: Run) => number): number => median(costs.map(pick)) / (steps * 1e-7);
  return { processor: of((c) => c.processor), wall: of((c) => c.wall) };
}

const WIDTH = 60;
const COLUMNS = ['processor', 'wall', 'ratio', 'of wall', 'kHz out'];

function line(runner: Runner, chip: Cost | undefined): string {
  const { processor, wall } = slowdowns(runner);
  const rate = (median(runner.costs.map((c) => c.spikes)) / 512 / runner.steps) * 1e4;
  const times = (value: number): string => `${value.toFixed(1)} x`;
  return [
    `  ${runner.name}`.padEnd(WIDTH),
    ...[
      processor.toFixed(1),
      wall.toFixed(1),
      chip === undefined ? '' : times(processor / chip.processor),
      chip === undefined ? '' : times(wall / chip.wall),
      rate.toFixed(2),
    ].map((text) => text.padStart(10)),
  ].join('');
}

/** What takes part beside the chip. Numpy is slow and its costs hardly vary: few and short runs. */
function brians(sensors: boolean): readonly (readonly [Brian['target'], Sources, Traces])[] {
  const traces = sensors ? 'synapse' : 'none';
  return [
    ['cpp_standalone', 'given', traces],
    ['cpp_standalone', 'poisson', traces],
    ...(sensors ? ([['cpp_standalone', 'given', 'group']] as const) : []),
    ['numpy', 'given', traces],
  ];
}

interface Part {
  readonly load: Load;
  readonly chip: Repeater;
}

/** How well the chip's last runs and one of Brian agree. */
function proofOf(parts: readonly Part[], brian: Brian, answer: Answer): string {
  const found = parts.map(({ load, chip }, k) => {
    const { share, delay } = agreement(chip.spikes(), brian.spikes(k));
    return `${(100 * share).toFixed(1)} % at ${load.rate} kHz (delay ${delay.toFixed(2)} us)`;
  });
  const spikes = `chip and ${brian.name}: spikes within ${NEAR} us ${found.join(', ')}`;
  if (answer.causal === undefined || answer.acausal === undefined) return spikes;
  const [causal, acausal] = [0, 1].map((branch) =>
    parts.reduce((sum, { chip }) => sum + (chip.sums()[branch] ?? NaN), 0),
  );
  return (
    `${spikes}; mean of causal sums ${causal?.toFixed(2)} and ${answer.causal.toFixed(2)},` +
    ` of acausal ones ${acausal?.toFixed(2)} and ${answer.acausal.toFixed(2)} counts`
  );
}

function partsOf(loads: readonly Load[], folder: string): { parts: Part[]; files: object[] } {
  const files: object[] = [];
  const parts = loads.map((load, k) => {
    const inputs = inputsOf(load);
    const weights = weightsOf(load);
    const file = (name: string): string => join(folder, `${name}-${k}`);
    writeFileSync(file('rows'), inputs.rows);
    writeFileSync(file('steps'), inputs.steps);
    writeFileSync(file('weights'), weights);
    files.push({
      rate: load.rate,
      rows: file('rows'),
      steps: file('steps'),
      weights: file('weights'),
    });
    return { load, chip: new Repeater(load, weights, inputs) };
  });
  return { parts, files };
}

/** Loads which differ in rate and weights only. */
async function compare(python: string, loads: readonly Load[], folder: string): Promise<void> {
  const { parts, files } = partsOf(loads, folder);
  const networks: Brian[] = [];
  try {
    let compiling = 0;
    for (const [target, sources, traces] of brians(loads[0]?.sensors ?? false)) {
      const network = new Brian(python, folder, files, target, sources, traces);
      networks.push(network);
      // One after the other: each uses two compilers.
      compiling += await network.built();
    }
    // Not counted, since the engine's compilers warm up; the sums of its sensors are compared.
    for (const { chip } of parts) chip.run();
    const proofs: string[] = [];
    for (const network of networks.filter((n) => n.compares))
      proofs.push(proofOf(parts, network, await network.run(true)));
    const onChip = parts.map((): Run[] => []);
    const inBrian = networks.map(() => parts.map((): Run[] => []));
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      for (const [k, { chip }] of parts.entries()) onChip[k]?.push(chip.run());
      for (const [n, network] of networks.entries())
        if (network.compiled || repetition < NUMPY_REPETITIONS)
          (await network.run()).loads.forEach((run, k) => inBrian[n]?.[k]?.push(run));
    }
    parts.forEach(({ load }, k) => {
      const chip: Runner = { name: 'chip', steps: STEPS, costs: onChip[k] ?? [] };
      console.log(load.name);
      console.log(line(chip, undefined));
      for (const [n, { name, steps }] of networks.entries())
        console.log(line({ name, steps, costs: inBrian[n]?.[k] ?? [] }, slowdowns(chip)));
    });
    for (const proof of proofs) console.log(proof);
    console.log(
      `Compiling Brian's programs took ${compiling.toFixed(0)} s, which is not counted.\n`,
    );
  } finally {
    for (const network of networks) network.close();
  }
}

/** Prints tables for loads with and without sensors: the chip, Brian 2 in C++, Brian 2 with numpy. */
export async function compareWithBrian(loads: readonly Load[]): Promise<void> {
  const python = findBrian();
  if (python === undefined) {
    console.error('No Python imports brian2 (Debian: apt-get install python3-brian)');
    process.exitCode = 1;
    return;
  }
  console.log(
    `Medians of ${REPETITIONS} runs in turns (numpy ${NUMPY_REPETITIONS}), seconds per second of hardware time;` +
      ` load of the machine ${loadavg()[0]?.toFixed(1)}.\n` +
      ''.padEnd(WIDTH) +
      COLUMNS.map((name) => name.padStart(10)).join(''),
  );
  for (const sensors of [false, true]) {
    const folder = mkdtempSync(join(tmpdir(), 'plastic-brian-'));
    try {
      await compare(
        python,
        loads.filter((load) => load.sensors === sensors),
        folder,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  console.log(`Load of the machine at the end: ${loadavg()[0]?.toFixed(1)}.`);
}
