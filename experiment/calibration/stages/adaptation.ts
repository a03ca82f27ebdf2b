/** Stage `adaptation`: time constant, conductance, potential and step of the adaptation current. */
import { addressOf } from '../../../isa/registers/registers.js';
import { placeOfNeuron } from '../../../isa/registers/coordinates.js';
import { cadc } from '../../network/neuron.js';
import { ticks } from '../../network/configure.js';
import { conversionTicks, meanReading, Probe, type Readings } from '../probe.js';
import type { StageResults } from '../quantities.js';
import { decayTime } from '../search.js';
import { capacitanceOf, lendCurrent, quiet, type Work } from '../work.js';
import { correctInRounds, scaleCodes, shiftCodes, voltsPerCode, voltsPerCount } from './terms.js';

/** The output of the adaptation circuit: V per A (1 mV per nA). */
const transimpedance = 1e6;
/** Membrane potentials (counts from the leak) at which the current is read. */
const above = 80;
const below = -40;
/** Time constant and potential are measured with a conductance that is easily seen. */
const strongConductance = 0.2e-6;
const conductancePerCode = 1e-9;
/** Current that makes the neurons fire for the measurement of the step, A. */
const drive = 80e-9;
const spikesWanted = 120;
const resetTime = 2e-6;
/** Until a current has become constant: in units of its time constant. */
const settled = 8;

const adapting = { en_adapt: 1, readout_select: 3 } as const;

/** Reset potentials so many counts from the resting potential, for this program. */
function holdAt(work: Work, probe: Probe, counts: number): void {
  const { targets } = work;
  const move = ((targets.leak + counts - targets.reset) * voltsPerCount) / voltsPerCode;
  probe.borrow('v_reset', (code) => code + move);
}

/** Another conductance of the adaptation for this program, unless the calibrated one is looked at. */
function borrowConductance(probe: Probe, conductance: number | undefined): void {
  if (conductance !== undefined)
    probe.borrow('i_bias_adapt_a', () => conductance / conductancePerCode);
}

interface Current {
  /** A, for a conductance of both signs: half the difference. */
  readonly current: Float64Array;
  /** V, of the membrane. */
  readonly potential: Float64Array;
}

/** The current while the membrane is held at a potential; the sign bit of the conductance turns it around. */
async function heldCurrent(
  work: Work,
  counts: number,
  conductance: number | undefined,
): Promise<Current> {
  const { rig, targets, effort } = work;
  const reads = 4 * effort.reads;
  const probe = new Probe(rig);
  const { writer } = probe;
  rig.configure(writer, { ...quiet(work), ...adapting });
  holdAt(work, probe, counts);
  borrowConductance(probe, conductance);
  rig.holdInReset(writer, true);
  probe.begin();
  const wait = ticks(settled * targets.tau_w);
  const span = reads * conversionTicks;
  probe.convertMany(reads, wait);
  writer.at(wait + span);
  rig.reconfigure(writer, { invert_adapt_a: 1 });
  probe.convertMany(reads, 2 * wait + span + 4000);
  writer.at(2 * wait + 2 * span + 4000);
  rig.configure(writer, quiet(work));
  probe.convertMany(effort.reads, 2 * wait + 2 * span + 10_000);
  rig.holdInReset(writer, false);
  const readings = await probe.run();
  const plus = meanReading(readings, rig.count, 0, reads);
  const minus = meanReading(readings, rig.count, reads, 2 * reads);
  const held = meanReading(readings, rig.count, 2 * reads, 2 * reads + effort.reads);
  return {
    current: plus.map((value, i) => currentOf((value - (minus[i] ?? 0)) / 2)),
    potential: held.map(cadc),
  };
}

const currentOf = (counts: number): number => (counts * voltsPerCount) / transimpedance;

/** Slope (S) of the current over the membrane potential, and the potential (V) at which it vanishes. */
async function currentLine(
  work: Work,
  conductance: number | undefined,
): Promise<{ slope: Float64Array; zero: Float64Array }> {
  const high = await heldCurrent(work, above, conductance);
  const low = await heldCurrent(work, below, conductance);
  const slope = high.current.map(
    (current, i) =>
      (current - (low.current[i] ?? 0)) / ((high.potential[i] ?? 0) - (low.potential[i] ?? 0)),
  );
  return {
    slope,
    zero: slope.map((a, i) => (low.potential[i] ?? 0) - (low.current[i] ?? 0) / a),
  };
}

/** Time constant (s): the current decays to its opposite when the sign bit is turned. */
async function adaptationTime(work: Work): Promise<Float64Array> {
  const { rig, targets, effort } = work;
  const tau = ticks(targets.tau_w);
  const step = Math.max(conversionTicks, Math.round(tau / 24));
  const half = Math.max(2, Math.floor(tau / step));
  const last = effort.reads;
  const flips = 4 * effort.repeats;
  // Registers of all neurons are written before the first point.
  const lead = 2 * rig.count + 200;
  const probe = new Probe(rig);
  const { writer } = probe;
  rig.configure(writer, { ...quiet(work), ...adapting });
  holdAt(work, probe, above);
  borrowConductance(probe, strongConductance);
  rig.holdInReset(writer, true);
  probe.begin();
  let at = settled * tau;
  for (let flip = 0; flip < flips; flip++) {
    writer.at(at);
    rig.reconfigure(writer, { invert_adapt_a: flip % 2 === 0 ? 1 : 0 });
    probe.convertMany(2 * half, at + lead, step);
    at += Math.max(settled * tau, lead + 2 * half * step);
    probe.convertMany(last, at);
    at += last * conversionTicks;
  }
  rig.holdInReset(writer, false);
  rig.configure(writer, quiet(work));
  const readings = await probe.run();
  const each = 2 * half + last;
  const parts = (offset: number, length: number): Float64Array =>
    signedMean(readings, rig.count, flips, each, offset, length);
  const [first, second, rest] = [parts(0, half), parts(half, half), parts(2 * half, last)];
  const span = half * step * 8e-9;
  return first.map((value, i) =>
    decayTime(value - (rest[i] ?? 0), (second[i] ?? 0) - (rest[i] ?? 0), span),
  );
}

/** Mean of some readings of each flip, every other flip with the opposite sign. */
function signedMean(
  readings: Readings,
  count: number,
  flips: number,
  each: number,
  offset: number,
  length: number,
): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let flip = 0; flip < flips; flip++)
      for (let k = 0; k < length; k++)
        sum += (flip % 2 === 0 ? 1 : -1) * readings.at(flip * each + offset + k, i);
    return sum / (flips * length);
  });
}

/**
 * Step per spike (A): a neuron that fires n times in a time T has a mean current of b tau_w n / T, whatever its rhythm.
 * @param times time constants as measured, s
 */
async function adaptationStep(work: Work, times: Float64Array): Promise<Float64Array> {
  const { rig, targets, effort } = work;
  const charge =
    capacitanceOf(targets) * (Math.max(0, targets.threshold - targets.reset) * voltsPerCount) +
    targets.b * targets.tau_w;
  const interval = resetTime + charge / drive;
  const window = ticks(Math.max(spikesWanted * interval, 4 * targets.tau_w));
  const reads = Math.min(12 * effort.reads, Math.floor(window / (conversionTicks + 20)));
  const probe = new Probe(rig);
  const { writer } = probe;
  rig.configure(writer, { ...quiet(work), ...adapting, en_leak_div: 1 });
  borrowConductance(probe, 0);
  lendCurrent(work, writer, drive);
  rig.holdInReset(writer, true);
  probe.begin();
  probe.convertMany(4 * effort.reads, ticks(20e-6));
  const go = ticks(20e-6) + 4 * effort.reads * conversionTicks;
  writer.at(go);
  rig.reconfigure(writer, { en_mem_off: 1, en_fire: 1, en_thresh_comp: 1 });
  rig.holdInReset(writer, false);
  const from = go + 4000 + ticks(settled * targets.tau_w);
  writer.at(from);
  for (const neuron of rig.neurons) writer.write(counterOf('SpikeCounterReset', neuron), 0);
  const spacing = Math.max(conversionTicks + 17, Math.floor((window - 3000) / reads) | 1);
  probe.convertMany(reads, from + 2000, spacing);
  writer.at(from + window);
  const tickets = rig.neurons.map((neuron) => probe.read(counterOf('SpikeCounterRead', neuron)));
  rig.configure(writer, quiet(work));
  const readings = await probe.run();
  const rest = meanReading(readings, rig.count, 0, 4 * effort.reads);
  const mean = meanReading(readings, rig.count, 4 * effort.reads, 4 * effort.reads + reads);
  return mean.map((value, i) => {
    const word = readings.word(tickets[i] ?? 0);
    const spikes = (word & 0x100) === 0 ? word & 255 : NaN;
    if (spikes < 4) return NaN;
    return (currentOf(value - (rest[i] ?? 0)) * window * 8e-9) / (spikes * (times[i] ?? NaN));
  });
}

function counterOf(name: 'SpikeCounterRead' | 'SpikeCounterReset', neuron: number): number {
  const { backendHalf, indexInHalf } = placeOfNeuron(neuron);
  return addressOf(name, [backendHalf, indexInHalf]);
}

export async function calibrateAdaptation(work: Work, results: StageResults): Promise<void> {
  const { targets } = work;
  await correctInRounds(
    work,
    results,
    async () => {
      const times = await adaptationTime(work);
      const strong = await currentLine(work, strongConductance);
      const own = await currentLine(work, undefined);
      const b = await adaptationStep(work, times);
      return { tau_w: times, a: own.slope, e_w: strong.zero, b };
    },
    ({ tau_w = [], a = [], b = [], e_w = [] }) => {
      scaleCodes(work, 'i_bias_adapt_tau', tau_w, targets.tau_w, true);
      scaleCodes(work, 'i_bias_adapt_a', a, targets.a);
      scaleCodes(work, 'i_bias_adapt_b', b, targets.b);
      shiftCodes(work, 'v_adapt_leak', e_w, cadc(targets.leak));
    },
  );
}
