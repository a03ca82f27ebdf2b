/** Trial-to-trial variation: one neuron of a chip gets the same input many times. */
import { InProcessBoard } from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import type { ChipOptions } from '../../emulator/index.js';
import { Network, Simulation, allToAll, lif } from '../../experiment/index.js';

export interface Trials {
  readonly trials: number;
  /** First spike after the input of each trial, s; NaN where there was none. */
  readonly times: readonly number[];
  readonly mean: number;
  readonly sd: number;
  readonly missing: number;
  /** Synaptic time constant, s. */
  readonly tau: number;
}

/** Seconds from input to input: everything has decayed by then. */
const period = 200e-6;
/** Weight of the input: five rows, as first-spike networks use. */
const weight = 5 * 63;

/** Runs the trials on the chip as calibration leaves it. */
export async function runTrials(
  seed: number,
  trials: number,
  options: ChipOptions,
): Promise<Trials> {
  const network = new Network();
  const neuron = network.addPopulation('neuron', 1, lif());
  const input = network.addSources('input', 1);
  network.project(input, neuron, allToAll(weight));
  const board = InProcessBoard.of(Chip.fromSeed(seed, { ...options, law: 'residual' }));
  const simulation = await Simulation.start(board, network);
  const begin = 50e-6;
  const inputs = Array.from({ length: trials }, (_, k) => begin + k * period);
  const piece = await simulation.run(begin + trials * period, {
    stimuli: [{ sources: input, times: inputs, indices: inputs.map(() => 0) }],
  });
  await board.close();
  const spikes = [...(piece.spikes.get(neuron)?.times ?? [])].sort((a, b) => a - b);
  const times = inputs.map((at) => {
    const first = spikes.find((t) => t > at && t < at + period);
    return first === undefined ? NaN : first - at;
  });
  const finite = times.filter(Number.isFinite);
  const mean = finite.reduce((sum, t) => sum + t, 0) / finite.length;
  const sd = Math.sqrt(
    finite.reduce((sum, t) => sum + (t - mean) * (t - mean), 0) / Math.max(1, finite.length - 1),
  );
  return { trials, times, mean, sd, missing: trials - finite.length, tau: 10e-6 };
}
