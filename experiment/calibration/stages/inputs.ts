/** Stages `time`, `bias`, `gain` and `shift`: the two synaptic inputs of every neuron. */
import type { NeuronParameter } from '../../../isa/registers/capmem.js';
import { inputRows, lineTime, meanPotential, responseHeight } from '../measure.js';
import type { Prepare } from '../measure.js';
import { ditherOf, type NeuronFields } from '../rig.js';
import { median, searchCodes, spread, wholeRange } from '../search.js';
import { leakDivision, quiet, searchCells, type Work } from '../work.js';

export type Line = 'exc' | 'inh';

/** Weights of the input rows: a strong burst on the line, and a response of about 50 counts of the membrane. */
const lineWeight = 8;
const membraneWeight = 2;
const relativeTolerance = 0.2;
/** Inhibition is measured from a potential so many counts higher. */
const headroom = 40;
const countsPerCode = 1.875 / 4.5;
const biasSteps = [64, 32, 16, 8, 4, 2, 1];

const cell = (line: Line, what: 'tau' | 'gm' | 'shift'): NeuronParameter =>
  `i_bias_synin_${line}_${what}`;
export const input = (line: Line, on = 1): NeuronFields =>
  line === 'exc' ? { en_synin_exc: on } : { en_synin_inh: on };

/** Makes rows 0..`rows` - 1 drive one line with a weight; the input rows unless told otherwise. */
export function connectRows(
  work: Work,
  line: Line,
  weight: number,
  rows: number = inputRows,
): Prepare {
  const on = { enable_receiver: 1, row_mask: 0 };
  return (writer) => {
    work.rig.setDrivers(
      writer,
      rows / 2,
      line === 'exc'
        ? { ...on, en_exc_bottom: 1, en_exc_top: 1 }
        : { ...on, en_inh_bottom: 1, en_inh_top: 1 },
    );
    work.rig.setWeights(writer, rows, weight);
  };
}

/** Both measurements of a line read the line itself. */
const lineFields = (work: Work, line: Line): NeuronFields => ({
  ...quiet(work),
  readout_select: line === 'exc' ? 1 : 2,
});

export function lineTimes(work: Work, line: Line, prepare: Prepare): Promise<Float64Array> {
  const { rig, targets, effort } = work;
  const tau = line === 'exc' ? targets.tau_syn_E : targets.tau_syn_I;
  const rows = connectRows(work, line, lineWeight);
  return lineTime(rig, tau, 2 * effort.repeats, (writer) => {
    rig.configure(writer, lineFields(work, line));
    rows(writer);
    prepare(writer);
  });
}

export async function calibrateTime(work: Work, line: Line): Promise<void> {
  const { rig, targets } = work;
  const tau = line === 'exc' ? targets.tau_syn_E : targets.tau_syn_I;
  await searchCells(
    work,
    cell(line, 'tau'),
    {
      start: (i) => 511 + ditherOf(rig.neurons[i] ?? 0),
      steps: wholeRange,
      rises: false,
      low: 1,
    },
    new Float64Array(rig.count).fill(tau),
    relativeTolerance * tau,
    (prepare) => lineTimes(work, line, prepare),
  );
}

/** Bias of the synapses' converters: a burst must pull the lines of all quadrants down alike. */
export async function calibrateBias(work: Work): Promise<void> {
  const { rig, targets, effort } = work;
  const rows = connectRows(work, 'exc', lineWeight);
  const drop = async (prepare: Prepare): Promise<Float64Array> => {
    const heights = await responseHeight(
      rig,
      { from: 0.3e-6, to: 0.3e-6 + 0.7 * targets.tau_syn_E },
      12 * targets.tau_syn_E,
      effort.repeats,
      (writer) => {
        rig.configure(writer, lineFields(work, 'exc'));
        rows(writer);
        prepare(writer);
      },
    );
    work.measured();
    return Float64Array.from([0, 1, 2, 3], (block) =>
      Math.abs(spread(heights.filter((_, i) => (rig.neurons[i] ?? 0) >> 7 === block)).mean),
    );
  };
  const start = rig.sharedOf('syn_i_bias_dac');
  const wanted = median(await drop(() => {}));
  const chosen = (codes: Int32Array): Int32Array =>
    codes.map((code, block) => (rig.usesBlock(block) ? code : (start[block] ?? code)));
  const found = await searchCodes(
    { count: 4, start: (block) => start[block] ?? 600, steps: biasSteps, rises: true },
    new Float64Array(4).fill(wanted),
    (codes) => drop((writer) => rig.setShared(writer, 'syn_i_bias_dac', chosen(codes))),
  );
  await drop((writer) => rig.setShared(writer, 'syn_i_bias_dac', chosen(found.codes)));
}

export const biasMeasurements = biasSteps.length + 5;

/** Response of the slowed membrane to a burst, counts (positive for both lines). */
export function responseHeights(work: Work, line: Line, prepare: Prepare): Promise<Float64Array> {
  const { rig, targets, effort } = work;
  const tau = line === 'exc' ? targets.tau_syn_E : targets.tau_syn_I;
  const rows = connectRows(work, line, membraneWeight);
  const slow = leakDivision * targets.tau_m;
  return responseHeight(
    rig,
    { from: tau, to: 4 * tau },
    8 * (slow + tau),
    effort.repeats,
    (writer) => {
      rig.configure(writer, { ...quiet(work), en_leak_div: 1, ...input(line) });
      rows(writer);
      prepare(writer);
    },
  ).then((heights) => (line === 'exc' ? heights : heights.map((height) => -height)));
}

/** The target is the median of the chip at the nominal code: gains become equal, not absolute. */
export async function calibrateGain(work: Work, line: Line): Promise<void> {
  const { rig, targets } = work;
  const leak = rig.codesOf('v_leak');
  if (line === 'inh')
    rig.pending.set(
      'v_leak',
      leak.map((code) => code + Math.round(headroom / countsPerCode)),
    );
  const before = await responseHeights(work, line, (writer) =>
    rig.setAll(writer, cell(line, 'gm'), targets.gm),
  );
  work.measured();
  const wanted = median(before);
  await searchCells(
    work,
    cell(line, 'gm'),
    {
      start: (i) => 511 + ditherOf(rig.neurons[i] ?? 0),
      steps: wholeRange,
      rises: true,
      low: 30,
    },
    new Float64Array(rig.count).fill(wanted),
    relativeTolerance * wanted,
    (prepare) => responseHeights(work, line, prepare),
  );
  rig.pending.set('v_leak', leak);
}

/** Resting potential of the slowed membrane with one input connected, counts. */
export function restWithInput(
  work: Work,
  line: Line | undefined,
  prepare: Prepare,
): Promise<Float64Array> {
  const { rig, targets, effort } = work;
  return meanPotential(rig, 10 * leakDivision * targets.tau_m, effort.reads, (writer) => {
    rig.configure(writer, { ...quiet(work), en_leak_div: 1, ...(line ? input(line) : {}) });
    prepare(writer);
  });
}

/** A shift code at which the potential does not move when the input is connected. */
export async function calibrateShift(work: Work, line: Line): Promise<void> {
  const { rig } = work;
  const rest = await restWithInput(work, undefined, () => {});
  work.measured();
  await searchCells(
    work,
    cell(line, 'shift'),
    { start: (i) => 511 + ditherOf(rig.neurons[i] ?? 0), steps: wholeRange, rises: line === 'exc' },
    rest,
    8,
    (prepare) => restWithInput(work, line, prepare),
  );
}
