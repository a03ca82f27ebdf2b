/** Stage `sensors`: shared biases of the correlation sensors, so that the medians of each quadrant meet their targets. */
import type { SharedParameter } from '../../../isa/registers/capmem.js';
import { placeOfNeuron, quadOfColumn } from '../../../isa/registers/coordinates.js';
import { addressOf } from '../../../isa/registers/registers.js';
import { backendWords } from '../../../isa/registers/logical.js';
import type { PlaybackWriter } from '../../../isa/playback/writer.js';
import { ticks } from '../../network/configure.js';
import { inputDelay } from '../measure.js';
import { Probe } from '../probe.js';
import { viewOf, type View } from '../rig.js';
import { exponentialFit, median, quantile, searchCodes } from '../search.js';
import { driverCount } from './drivers.js';
import type { SensorMeasurement, SensorMedians, Work } from '../work.js';

const rowCount = 256;
/** Pairs lie so far apart that none sees the one before, s. */
const pairPeriod = 500e-6;
/** Conversions of a row take so long, ticks. */
const rowTicks = 300;
const biasSteps = [128, 64, 32, 16, 8, 4, 2, 1];
/** Delays (in units of the target time constant) at which pairs are sent. */
const amplitudeDelays = [0.2, 0.5, 1, 1.5];
const blocks = [0, 1, 2, 3] as const;
/** Shares of the sensors below and above which a single one may be far from the median of its quadrant. */
const innerShare = [0.3, 0.7] as const;
const timeDelays = [0.1, 0.4, 0.8, 1.4, 2.2, 3.2];

/** Reads of the whole array per stage, as progress counts them. */
export const sensorMeasurements = 3 * (biasSteps.length + 3) + 3;

/** The sensors that are measured: some columns of each quadrant, and some rows. */
interface Choice {
  readonly view: View;
  readonly rows: readonly number[];
}

/** Takes neighbouring columns: four of them are read at once. */
function choose(work: Work): Choice {
  const { rig, effort } = work;
  const neurons = [0, 1, 2, 3].flatMap((block) =>
    rig.neurons
      .filter((neuron) => neuron >> 7 === block)
      .sort((a, b) => quadOfColumn(a & 255) - quadOfColumn(b & 255) || a - b)
      .slice(0, effort.sensorColumns),
  );
  // Spread over the array; an odd step visits all buses.
  const step = 2 * Math.floor(driverCount / effort.sensorDrivers / 2) + 1;
  const drivers = Array.from({ length: driverCount }, (_, d) => d).filter((d) => d % step === 0);
  return { view: viewOf(neurons), rows: drivers.flatMap((d) => [2 * d, 2 * d + 1]) };
}

/** Only the chosen columns take post pulses of the host; every row pulses at an event. */
function prepareSensors(work: Work, writer: PlaybackWriter, chosen: Choice): void {
  const { rig } = work;
  const used = new Set(chosen.view.neurons);
  for (const neuron of rig.neurons) {
    const { backendHalf, indexInHalf } = placeOfNeuron(neuron);
    writer.writeWords(
      'NeuronBackendConfig',
      [backendHalf, indexInHalf],
      backendWords({
        refractory_time: 250,
        reset_holdoff: 15,
        post_overwrite: used.has(neuron) ? 1 : 0,
      }),
    );
  }
  rig.setDrivers(writer, driverCount, { enable_receiver: 1, row_mask: 0 }, (driver) =>
    chosen.rows.includes(2 * driver),
  );
  rig.setWeights(writer, rowCount, 0);
}

/** Both accumulators of the chosen rows to zero. */
function resetSensors(probe: Probe, view: View, rows: readonly number[]): void {
  for (const hemisphere of view.hemispheres)
    for (const quad of view.quads[hemisphere] ?? [])
      for (const row of rows)
        probe.writer.write(addressOf('CorrelationReset', [hemisphere, row, quad]), 0x03030303);
}

/** Pairs of a pulse of all rows and a pulse of the chosen columns, `delay` ticks later (earlier if negative). */
function sendPairs(probe: Probe, from: number, count: number, delay: number): number {
  const { writer } = probe;
  const period = ticks(pairPeriod);
  for (let k = 0; k < count; k++) {
    const pre = from + k * period;
    const post = pre + inputDelay + delay;
    if (post + 3 <= pre) {
      postPulses(writer, post);
      probe.pulseAll(pre);
    } else {
      probe.pulseAll(pre);
      postPulses(writer, post);
    }
  }
  return from + count * period;
}

/** Post pulses of both halves of the back end: the second two ticks after the first. */
function postPulses(writer: PlaybackWriter, tick: number): void {
  writer.at(tick - 1);
  for (const half of [0, 1]) writer.write(addressOf('BlockPostPulse', [half]), 1);
}

/** Ticks that a reset of rows takes, with some to spare. */
const resetTime = ({ view, rows }: Choice): number =>
  ticks(20e-6) + 2 * rows.length * view.quads.reduce((sum, list) => sum + list.length, 0);

/** Codes after a reset: mean of several conversions, by (row * count + neuron) * 2 + branch. */
async function emptyCodes(work: Work, choice: Choice, repeats: number): Promise<Float64Array> {
  const { view, rows } = choice;
  const probe = new Probe(work.rig, view);
  probe.begin();
  resetSensors(probe, view, rows);
  let at = resetTime(choice);
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const row of rows) probe.convert((at += rowTicks), row);
  const readings = await probe.run();
  const codes = new Float64Array(2 * rows.length * view.count);
  for (let r = 0; r < rows.length; r++)
    for (let i = 0; i < view.count; i++)
      for (const branch of [0, 1] as const)
        for (let repeat = 0; repeat < repeats; repeat++) {
          const place = (r * view.count + i) * 2 + branch;
          codes[place] =
            (codes[place] ?? 0) + readings.channel(repeat * rows.length + r, i, branch) / repeats;
        }
  return codes;
}

/** What accumulates per pair at some delays (ticks), by delay, quadrant and sensor; both branches together. */
async function measurePairs(
  work: Work,
  choice: Choice,
  empty: Float64Array,
  delays: readonly number[],
  pairs: number,
  prepare: (writer: PlaybackWriter) => void,
): Promise<number[][][]> {
  const { view, rows } = choice;
  const probe = new Probe(work.rig, view);
  prepare(probe.writer);
  probe.begin();
  let at = 1000;
  for (const delay of delays.flatMap((d) => [d, -d])) {
    probe.writer.at(at);
    resetSensors(probe, view, rows);
    at = sendPairs(probe, at + resetTime(choice), pairs, delay);
    for (const row of rows) probe.convert((at += rowTicks), row);
    at += rowTicks;
  }
  const readings = await probe.run();
  return delays.map((_, d) =>
    blocks.map((block) => {
      const gained: number[] = [];
      view.neurons.forEach((neuron, i) => {
        if (neuron >> 7 !== block) return;
        for (const branch of [0, 1] as const)
          for (let r = 0; r < rows.length; r++) {
            const code = readings.channel((2 * d + branch) * rows.length + r, i, branch);
            gained.push(((empty[(r * view.count + i) * 2 + branch] ?? 0) - code) / pairs);
          }
      });
      return gained;
    }),
  );
}

type Gained = Awaited<ReturnType<typeof measurePairs>>;

/** Amplitude at zero delay and time constant of each quadrant: a fit of the medians. */
function fitQuadrants(delays: readonly number[], gained: Gained): SensorMedians {
  const times = delays.map((delay) => delay * 8e-9);
  const fits = blocks.map((block) =>
    exponentialFit(
      times,
      gained.map((values) => median(values[block] ?? [])),
    ),
  );
  return { amplitude: fits.map((fit) => fit.amplitude), tau: fits.map((fit) => fit.tau) };
}

/** The inner sensors of each quadrant: quantiles of fits of the single ones. */
function fitSensors(
  delays: readonly number[],
  gained: Gained,
): Pick<SensorMeasurement, 'amplitudeInner' | 'tauInner'> {
  const times = delays.map((delay) => delay * 8e-9);
  const fits = blocks.map((block) =>
    (gained[0]?.[block] ?? []).map((_, sensor) =>
      exponentialFit(
        times,
        gained.map((values) => values[block]?.[sensor] ?? NaN),
      ),
    ),
  );
  const inner = (what: 'amplitude' | 'tau'): [number, number][] =>
    fits.map((list) => {
      const values = list.map((fit) => fit[what]);
      return [quantile(values, innerShare[0]), quantile(values, innerShare[1])];
    });
  return { amplitudeInner: inner('amplitude'), tauInner: inner('tau') };
}

export async function calibrateSensors(work: Work): Promise<void> {
  const { rig, targets } = work;
  const choice = choose(work);
  const setup = new Probe(rig).connect('sensors');
  prepareSensors(work, setup.writer, choice);
  rig.settle(setup.writer);
  await setup.run();
  const empty = await emptyCodes(work, choice, 4);
  work.measured();
  const pairs = Math.max(8, Math.round(35 / targets.sensorAmplitude));
  const delaysOf = (shares: readonly number[]): number[] =>
    shares.map((share) => Math.round(ticks(targets.sensorTau * share)));
  const gain = async (
    delays: readonly number[],
    prepare: (writer: PlaybackWriter) => void,
  ): Promise<Gained> => {
    const gained = await measurePairs(work, choice, empty, delays, pairs, prepare);
    work.measured();
    return gained;
  };
  const search = async (name: SharedParameter, what: 'amplitude' | 'tau'): Promise<void> => {
    const now = rig.sharedOf(name);
    const used = (codes: Int32Array): Int32Array =>
      codes.map((code, block) => (rig.usesBlock(block) ? code : (now[block] ?? code)));
    const found = await searchCodes(
      { count: 4, start: () => 255, steps: biasSteps, rises: false, low: 6 },
      new Float64Array(4).fill(what === 'tau' ? targets.sensorTau : targets.sensorAmplitude),
      async (codes) => {
        const delays = delaysOf(what === 'tau' ? timeDelays : amplitudeDelays);
        const gained = await gain(delays, (writer) => rig.setShared(writer, name, used(codes)));
        // Too little to be fitted counts as nothing.
        return Float64Array.from(fitQuadrants(delays, gained)[what], (x) =>
          Number.isFinite(x) ? x : 0,
        );
      },
    );
    const probe = new Probe(rig);
    rig.setShared(probe.writer, name, used(found.codes));
    await probe.run();
  };
  await search('syn_i_bias_store', 'amplitude');
  await search('syn_i_bias_ramp', 'tau');
  // Amplitude is extrapolated with the time constant, so it comes once more.
  await search('syn_i_bias_store', 'amplitude');
  const delays = delaysOf(timeDelays);
  const gained = await gain(delays, () => {});
  work.sensors = { ...fitQuadrants(delays, gained), ...fitSensors(delays, gained) };
  await readBaselines(work);
}

/** Codes of all sensors of the used columns after a reset. */
async function readBaselines(work: Work): Promise<void> {
  const { rig } = work;
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const codes = await emptyCodes(work, { view: rig, rows }, 1);
  const baselines = new Uint8Array(2 * 2 * rowCount * 256);
  rig.neurons.forEach((neuron, i) => {
    for (const branch of [0, 1])
      for (const row of rows)
        baselines[(((neuron >> 8) * 2 + branch) * rowCount + row) * 256 + (neuron & 255)] =
          codes[(row * rig.count + i) * 2 + branch] ?? 0;
  });
  work.baselines = baselines;
  work.measured();
  await new Probe(rig).connect('neurons').run();
}
