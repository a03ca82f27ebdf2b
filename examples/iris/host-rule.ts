/** The same rule in real numbers on the host: reads sensors and counters after each flower, writes round(w). */
import {
  PlaybackWriter,
  addressOf,
  entryOfColumn,
  neuronAt,
  placeOfNeuron,
  quadOfColumn,
} from 'plastic';
import type { Lab, Simulation } from 'plastic';
import type { Classifier } from './classifier.js';
import { flowerSpikes, schedule, teacherSpikes } from './flowers.js';
import type { Task } from './flowers.js';

/** Reads one conversion of every plastic row, then the counters. */
class HostRule {
  private readonly synapses: { readonly row: number; readonly column: number }[];
  private readonly columns: readonly number[];
  private readonly rows: readonly number[];
  readonly weights: Float64Array;
  private baseline = new Float64Array(0);

  constructor(
    private readonly simulation: Simulation,
    private readonly classifier: Classifier,
    private readonly a: number,
    private readonly b: number,
  ) {
    this.synapses = simulation.synapsesOf(classifier.plastic);
    this.columns = simulation.placement.columns.get(classifier.neurons) ?? [];
    this.rows = [...new Set(this.synapses.map(({ row }) => row))];
    this.weights = Float64Array.from(classifier.startWeights);
  }

  /** Mean of eight conversions after a reset, as the run-time measures its baselines. */
  async measureBaseline(): Promise<void> {
    const sum = new Float64Array(this.synapses.length);
    const times = 8;
    for (let k = 0; k < times; k++) {
      const piece = await this.simulation.run(schedule.period, {
        before: (writer) => this.reset(writer),
        after: (writer) => this.readCodes(writer),
      });
      this.codes(piece.reads).forEach((code, i) => (sum[i] = (sum[i] ?? 0) + code / times));
    }
    this.baseline = sum;
  }

  /** Messages that go before a flower: the weights decided on, sensors and counters cleared. */
  before(writer: PlaybackWriter): void {
    this.simulation.writeWeights(writer, this.classifier.plastic, this.weights.map(Math.round));
    this.reset(writer);
  }

  /** Messages that go after a flower: counters, then codes. */
  after(writer: PlaybackWriter): void {
    this.readCodes(writer);
    for (const column of this.columns) {
      const { backendHalf, indexInHalf } = placeOfNeuron(
        neuronAt(this.simulation.placement.hemisphere, column),
      );
      writer.read(addressOf('SpikeCounterRead', [backendHalf, indexInHalf]));
    }
  }

  /** The rule itself, without any rounding. */
  update(reads: Uint32Array): void {
    const codes = this.codes(reads);
    const counters = reads.subarray(reads.length - this.columns.length);
    this.synapses.forEach((_, i) => {
      const word = counters[i % this.columns.length] ?? 0;
      const rate = word & 0x100 ? 255 : word & 0xff;
      const causal = Math.min(191, Math.max(-64, (this.baseline[i] ?? 0) - (codes[i] ?? 0)));
      const w = this.weights[i] ?? 0;
      this.weights[i] = Math.min(63, Math.max(0, w + this.a * causal - this.b * rate * w));
    });
  }

  private reset(writer: PlaybackWriter): void {
    const { hemisphere } = this.simulation.placement;
    for (const row of this.rows)
      for (const quad of this.quads())
        writer.write(addressOf('CorrelationReset', [hemisphere, row, quad]), 0);
    for (const column of this.columns) {
      const { backendHalf, indexInHalf } = placeOfNeuron(neuronAt(hemisphere, column));
      writer.write(addressOf('SpikeCounterReset', [backendHalf, indexInHalf]), 0);
    }
  }

  /** The first read of a row converts and latches it, further quads come from the latch. */
  private readCodes(writer: PlaybackWriter): void {
    const { hemisphere } = this.simulation.placement;
    for (const row of this.rows)
      this.quads().forEach((quad, i) =>
        writer.read(addressOf('CADCSampleQuad', [hemisphere, i === 0 ? 0 : 1, 0, row, quad])),
      );
  }

  private codes(reads: Uint32Array): Float64Array {
    const quads = this.quads();
    return Float64Array.from(this.synapses, ({ row, column }) => {
      const ticket = this.rows.indexOf(row) * quads.length + quads.indexOf(quadOfColumn(column));
      return ((reads[ticket] ?? 0) >>> (24 - 8 * entryOfColumn(column))) & 255;
    });
  }

  private quads(): number[] {
    return [...new Set(this.columns.map(quadOfColumn))];
  }
}

/** Trains by the host's real-valued rule on the same flowers in the same order; returns the real weights. */
export async function trainByHost(
  lab: Lab,
  task: Task,
  classifier: Classifier,
  simulation: Simulation,
  options: { readonly epochs: number; readonly a: number; readonly b: number },
  progress: (share: number) => void,
): Promise<Float64Array> {
  const rule = new HostRule(simulation, classifier, options.a, options.b);
  await rule.measureBaseline();
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const order = lab.stream('stimulus', `order ${epoch}`).shuffle([...task.split.train]);
    const spikes = flowerSpikes(lab, task, classifier.receptors, order, 0, `train ${epoch}`);
    const byFlower = splitByFlower(spikes.times, spikes.indices, order.length);
    for (const [k, flower] of order.entries()) {
      // The pause comes first here: the host's answer to the flower before travels in it.
      const from = simulation.now + schedule.period - schedule.stimulus;
      const own = byFlower[k] ?? { times: [], indices: [] };
      const piece = await simulation.run(schedule.period, {
        before: (writer) => rule.before(writer),
        stimuli: [
          {
            sources: classifier.receptors,
            times: own.times.map((t) => from + t),
            indices: own.indices,
          },
          teacherSpikes(classifier.teacher, [task.flowers.labels[flower] ?? 0], from),
        ],
        after: (writer) => rule.after(writer),
      });
      rule.update(piece.reads);
    }
    progress((epoch + 1) / options.epochs);
  }
  const last = await simulation.run(schedule.period, { before: (writer) => rule.before(writer) });
  void last;
  return rule.weights;
}

/** Spike times relative to the beginning of their flower. */
function splitByFlower(
  times: ArrayLike<number>,
  indices: ArrayLike<number>,
  flowers: number,
): { times: number[]; indices: number[] }[] {
  const parts = Array.from({ length: flowers }, () => ({
    times: [] as number[],
    indices: [] as number[],
  }));
  for (let i = 0; i < times.length; i++) {
    const flower = Math.floor((times[i] ?? 0) / schedule.period);
    parts[flower]?.times.push((times[i] ?? 0) - flower * schedule.period);
    parts[flower]?.indices.push(indices[i] ?? 0);
  }
  return parts;
}
