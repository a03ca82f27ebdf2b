/** Measurements of all neurons at once, each a single playback program; settings that they need are the stage's. */
import type { PlaybackWriter } from '../../isa/playback/writer.js';
import { ticks } from '../network/configure.js';
import { conversionTicks, meanReading, Probe } from './probe.js';
import type { NeuronFields, Rig } from './rig.js';
import { decayTime } from './search.js';

/** What a measurement writes before it begins. */
export type Prepare = (writer: PlaybackWriter) => void;

const nothing: Prepare = () => {};
/** From a spike message to the pulse of the synapse, in ticks. */
export const inputDelay = 75;
/** Duration of a reset: 250 periods of 8 ns. */
const resetTicks = 250;
/** Points of a decay, in two halves. */
const decayPoints = 12;
/** Rows that carry an input of a measurement: those of the first 32 drivers of each half. */
export const inputRows = 64;
export const inputDrivers = inputRows / 2;

/** Mean of `reads` readings, `wait` seconds after the settings were made. */
export async function meanPotential(
  rig: Rig,
  wait: number,
  reads: number,
  prepare: Prepare = nothing,
): Promise<Float64Array> {
  const probe = new Probe(rig);
  prepare(probe.writer);
  probe.begin().convertMany(reads, ticks(wait));
  return meanReading(await probe.run(), rig.count, 0, reads);
}

/** Potential while held in reset. */
export async function resetPotential(
  rig: Rig,
  reads: number,
  prepare: Prepare = nothing,
): Promise<Float64Array> {
  const probe = new Probe(rig);
  prepare(probe.writer);
  rig.holdInReset(probe.writer, true);
  probe.begin().convertMany(reads, ticks(20e-6));
  rig.holdInReset(probe.writer, false);
  return meanReading(await probe.run(), rig.count, 0, reads);
}

/** Grid of points on a decay, dealt out to as many repetitions as conversions need time. */
interface DecayPlan {
  /** Ticks from point to point. */
  readonly step: number;
  readonly bursts: number;
  /** Ticks from burst to burst. */
  readonly period: number;
}

function planDecay(tau: number): DecayPlan {
  // Halves of one time constant: longer ones see little of the decay, shorter ones little of its change.
  const half = ticks(tau);
  const step = Math.max(1, Math.round(half / (decayPoints / 2)));
  const bursts = Math.ceil(conversionTicks / step);
  const period = ticks(Math.max(12 * tau, 20e-6)) + (decayPoints + baselineReads) * step * bursts;
  return { step, bursts, period: period + baselineReads * conversionTicks };
}

const baselineReads = 4;

/**
 * Time constant (s) of what follows a stimulus, from points on a grid around the expected `tau`: first against second
 * half. A point's value is the mean over `repeats`.
 * @param stimulate acts at a tick; the decay is looked at `lead` ticks later
 */
async function decayAfter(
  rig: Rig,
  tau: number,
  repeats: number,
  lead: number,
  prepare: Prepare,
  stimulate: (probe: Probe, tick: number) => void,
): Promise<Float64Array> {
  const plan = planDecay(tau);
  const probe = new Probe(rig);
  prepare(probe.writer);
  probe.begin();
  const pointOf: number[] = [];
  let start = ticks(Math.max(12 * tau, 50e-6));
  for (let repeat = 0; repeat < repeats; repeat++)
    for (let burst = 0; burst < plan.bursts; burst++) {
      probe.convertMany(baselineReads, start);
      for (let k = 0; k < baselineReads; k++) pointOf.push(-1);
      const at = start + baselineReads * conversionTicks + 100;
      stimulate(probe, at);
      for (let point = burst; point < decayPoints; point += plan.bursts) {
        probe.convert(at + lead + point * plan.step);
        pointOf.push(point);
      }
      start = at + lead + plan.period;
    }
  const readings = await probe.run();
  const span = ((decayPoints / 2) * plan.step * 8e-9) as number;
  return Float64Array.from({ length: rig.count }, (_, i) => {
    const sums = [0, 0, 0];
    const counts = [0, 0, 0];
    pointOf.forEach((point, k) => {
      const part = point < 0 ? 0 : point < decayPoints / 2 ? 1 : 2;
      sums[part] = (sums[part] ?? 0) + readings.at(k, i);
      counts[part] = (counts[part] ?? 0) + 1;
    });
    const [rest = 0, first = 0, second = 0] = sums.map((sum, part) => sum / (counts[part] ?? 1));
    return decayTime(first - rest, second - rest, span);
  });
}

/** Membrane time constants (s): decay to rest after a reset to another potential. */
export function membraneTime(
  rig: Rig,
  tau: number,
  repeats: number,
  prepare: Prepare = nothing,
): Promise<Float64Array> {
  const lead = 2 * 64 * 2 + resetTicks + 20;
  return decayAfter(rig, tau, repeats, lead, prepare, (probe, tick) => probe.resetNeurons(tick));
}

/** Time constants (s) of the line that is read out: decay after a burst on all input rows. */
export function lineTime(
  rig: Rig,
  tau: number,
  repeats: number,
  prepare: Prepare = nothing,
): Promise<Float64Array> {
  return decayAfter(rig, tau, repeats, inputDelay + 40, prepare, (probe, tick) =>
    probe.pulseAll(tick),
  );
}

/** Where something began, and by how much it moved, counts. */
export interface Responses {
  readonly rest: Float64Array;
  readonly height: Float64Array;
}

/**
 * Mean deviation from rest over a window after a burst on all input rows, counts: of a line (window right after it) or
 * of a membrane (window around its peak).
 * @param period seconds from burst to burst
 */
export async function responses(
  rig: Rig,
  window: { readonly from: number; readonly to: number },
  period: number,
  repeats: number,
  prepare: Prepare = nothing,
): Promise<Responses> {
  const probe = new Probe(rig);
  prepare(probe.writer);
  probe.begin();
  const inWindow = Math.max(2, Math.floor(ticks(window.to - window.from) / conversionTicks));
  let start = ticks(period);
  for (let repeat = 0; repeat < repeats; repeat++) {
    probe.convertMany(baselineReads, start);
    const at = start + baselineReads * conversionTicks + 100;
    probe.pulseAll(at).convertMany(inWindow, at + inputDelay + ticks(window.from));
    start = at + ticks(window.to + period);
  }
  const readings = await probe.run();
  const each = baselineReads + inWindow;
  const rest = new Float64Array(rig.count);
  const height = new Float64Array(rig.count);
  for (let i = 0; i < rig.count; i++) {
    let before = 0;
    let after = 0;
    for (let repeat = 0; repeat < repeats; repeat++)
      for (let k = 0; k < each; k++) {
        const value = readings.at(repeat * each + k, i);
        if (k < baselineReads) before += value / baselineReads / repeats;
        else after += value / inWindow / repeats;
      }
    rest[i] = before;
    height[i] = after - before;
  }
  return { rest, height };
}

/** The deviation alone. */
export async function responseHeight(
  ...measurement: Parameters<typeof responses>
): Promise<Float64Array> {
  return (await responses(...measurement)).height;
}

/**
 * Largest of `reads` readings while a constant current drives the membrane to its threshold again and again.
 * @param arm switches current and comparator on, after all cells have settled; `disarm` off again
 */
export async function highestPotential(
  rig: Rig,
  reads: number,
  prepare: Prepare,
  arm: Prepare,
  disarm: Prepare,
): Promise<Float64Array> {
  const probe = new Probe(rig);
  prepare(probe.writer);
  probe.begin();
  arm(probe.writer);
  // An odd interval walks through the phases of the ramp.
  probe.convertMany(reads, ticks(200e-6), conversionTicks + 17);
  disarm(probe.writer);
  const readings = await probe.run();
  return Float64Array.from({ length: rig.count }, (_, i) => {
    let highest = -Infinity;
    for (let k = 0; k < reads; k++) highest = Math.max(highest, readings.at(k, i));
    return highest;
  });
}

/** Configuration bits that every measurement starts from: nothing drives the membrane, no comparator. */
export function quietFields(capacitance: number): NeuronFields {
  return {
    mem_cap_size: capacitance,
    en_reset_mul: 1,
    en_readout_amp: 1,
    en_synin_exc_small_cap: 1,
    en_synin_inh_small_cap: 1,
  };
}
