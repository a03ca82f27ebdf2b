/** Stages `leak`, `conductance`, `reset`, `threshold` and `refine`: the membrane and its comparator. */
import type { PlaybackWriter } from '../../../isa/playback/writer.js';
import type { NeuronParameter } from '../../../isa/registers/capmem.js';
import {
  highestPotential,
  meanPotential,
  membraneTime,
  resetPotential,
  type Prepare,
} from '../measure.js';
import { limitCode, type Rig } from '../rig.js';
import { ditherOf } from '../rig.js';
import { excessOfMaximum, nearby, wholeRange } from '../search.js';
import { leakDivision, lendCurrent, overRuns, quiet, searchCells, type Work } from '../work.js';

/** Counts per code of a voltage cell. */
const countsPerCode = 1.875 / 4.5;
/** A miss by more makes a neuron unusable. */
export const potentialTolerance = 8;
const relativeTolerance = 0.2;
/** The decay begins so many counts above rest. */
const stepCounts = 70;
/** Duration of the ramp from reset to threshold, s. */
const rampTime = 50e-6;
/** Trial noise that moves a threshold from crossing to crossing, counts; it only corrects the mean of a maximum. */
const crossingNoise = 0.5;

const filled = (rig: Rig, value: number): Float64Array => new Float64Array(rig.count).fill(value);
const middle = (rig: Rig) => (i: number) => 511 + ditherOf(rig.neurons[i] ?? 0);

/** Resting potential; `both` with the inputs connected. */
export function restingPotential(
  work: Work,
  both: boolean,
  prepare: Prepare,
): Promise<Float64Array> {
  const { rig, targets, effort } = work;
  return meanPotential(rig, Math.max(10 * targets.tau_m, 50e-6), effort.reads, (writer) => {
    rig.configure(writer, { ...quiet(work), en_synin_exc: +both, en_synin_inh: +both });
    prepare(writer);
  });
}

export async function calibrateLeak(work: Work): Promise<void> {
  const { rig, targets } = work;
  await searchCells(
    work,
    'v_leak',
    { start: middle(rig), steps: wholeRange, rises: true },
    filled(rig, targets.leak),
    potentialTolerance,
    (prepare) => restingPotential(work, false, prepare),
  );
}

/** Membrane time constant from the decay after a reset to a higher potential. */
export function membraneTimes(work: Work, prepare: Prepare): Promise<Float64Array> {
  const { rig, targets, effort } = work;
  // The membrane's own noise is as slow as its decay: more repetitions than a line needs.
  return membraneTime(rig, targets.tau_m, 3 * effort.repeats, (writer) => {
    rig.configure(writer, quiet(work));
    prepare(writer);
  });
}

/** Reset potentials far enough above rest for a decay to be seen. */
export function raiseReset(work: Work, writer: PlaybackWriter): void {
  const above = work.targets.leak + stepCounts - work.targets.reset;
  work.rig.setAll(
    writer,
    'v_reset',
    work.nominal.codes.v_reset + Math.round(above / countsPerCode),
  );
}

export async function calibrateConductance(work: Work): Promise<void> {
  const { rig, targets } = work;
  await searchCells(
    work,
    'i_bias_leak',
    { start: middle(rig), steps: wholeRange, rises: false, low: 1 },
    filled(rig, targets.tau_m),
    relativeTolerance * targets.tau_m,
    (prepare) =>
      membraneTimes(work, (writer) => {
        raiseReset(work, writer);
        prepare(writer);
      }),
  );
}

export function resetPotentials(work: Work, prepare: Prepare): Promise<Float64Array> {
  const { rig, effort } = work;
  return resetPotential(rig, effort.reads, (writer) => {
    rig.configure(writer, quiet(work));
    prepare(writer);
  });
}

export async function calibrateReset(work: Work): Promise<void> {
  const { rig, targets } = work;
  await searchCells(
    work,
    'v_reset',
    { start: middle(rig), steps: wholeRange, rises: true },
    filled(rig, targets.reset),
    potentialTolerance,
    (prepare) => resetPotentials(work, prepare),
  );
}

/** Threshold from the largest of many readings on ramps; the leak is weak meanwhile. */
export function thresholdPotentials(
  work: Work,
  reads: number,
  prepare: Prepare,
): Promise<Float64Array> {
  const { rig, targets } = work;
  const span = targets.threshold - targets.reset;
  const capacitance = (2.2 * targets.capacitance) / 63 + 0.2;
  // What the ramp takes, and twice what the leak takes at its end, in nA (pF mV / us).
  const slow = leakDivision * targets.tau_m;
  const current =
    capacitance *
    4.5 *
    (span / (rampTime * 1e6) + (2 * Math.max(0, targets.threshold - targets.leak)) / (slow * 1e6));
  const excess = excessOfMaximum(
    reads,
    span,
    Math.sqrt(work.converterNoise * work.converterNoise * 0.5 + crossingNoise * crossingNoise),
  );
  return highestPotential(
    rig,
    reads,
    (writer) => {
      rig.configure(writer, { ...quiet(work), en_leak_div: 1 });
      lendCurrent(work, writer, current * 1e-9);
      prepare(writer);
    },
    (writer) => rig.reconfigure(writer, { en_mem_off: 1, en_fire: 1, en_thresh_comp: 1 }),
    (writer) => rig.configure(writer, quiet(work)),
  ).then((highest) => highest.map((value) => value - excess));
}

export async function calibrateThreshold(work: Work): Promise<void> {
  const { rig, targets, effort } = work;
  await searchCells(
    work,
    'v_threshold',
    { start: middle(rig), steps: wholeRange, rises: true },
    filled(rig, targets.threshold),
    potentialTolerance,
    (prepare) => thresholdPotentials(work, Math.round(effort.rampReads / 2), prepare),
  );
}

/** Thresholds over several runs. */
export function thresholdsOverRuns(
  work: Work,
  first: number,
): Promise<{ mean: Float64Array; sd: Float64Array }> {
  return overRuns(work, first, work.effort.runs, (prepare) =>
    thresholdPotentials(work, work.effort.rampReads, prepare),
  );
}

/** Moves the codes of a voltage cell by what the mean over several runs misses. */
async function correct(
  work: Work,
  name: NeuronParameter,
  target: number,
  measure: () => Promise<{ mean: Float64Array }>,
): Promise<void> {
  const { mean } = await measure();
  const codes = work.rig.codesOf(name);
  work.rig.pending.set(
    name,
    codes.map((code, i) => limitCode(code + (target - (mean[i] ?? target)) / countsPerCode)),
  );
}

/** Runs whose trial noise the refinement sees, and those that the final check sees. */
export const refineRuns = 1000;
export const checkRuns = 2000;

/** Leak, reset and threshold once more, with all other settings as they will be, over several runs. */
export async function refinePotentials(work: Work): Promise<void> {
  const { targets, effort } = work;
  await searchCells(
    work,
    'v_leak',
    {
      start: (i) => work.rig.codes.get('v_leak')?.[i] ?? work.nominal.codes.v_leak,
      steps: nearby,
      rises: true,
    },
    filled(work.rig, targets.leak),
    potentialTolerance,
    (prepare) => restingPotential(work, true, prepare),
  );
  await correct(work, 'v_leak', targets.leak, () =>
    overRuns(work, refineRuns, effort.runs, (prepare) => restingPotential(work, true, prepare)),
  );
  await correct(work, 'v_reset', targets.reset, () =>
    overRuns(work, refineRuns, effort.runs, (prepare) => resetPotentials(work, prepare)),
  );
  await correct(work, 'v_threshold', targets.threshold, () => thresholdsOverRuns(work, refineRuns));
}
