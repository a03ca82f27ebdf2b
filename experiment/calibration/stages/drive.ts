/** The response of the membrane at full drive: full-weight events on several rows at once, as a network sends them. */
import { tanh, exp, log } from '../../../isa/numeric/elementary.js';
import { inputRows, responseHeight, type Prepare } from '../measure.js';
import { capacitanceOf, quiet, type Work } from '../work.js';
import { connectRows, input, type Line } from './inputs.js';
import { voltsPerCode, voltsPerCount } from './terms.js';

/** Response of the nominal circuit at full drive, counts: nearly the whole converted span. */
const fullDrive = 110;
const mostRows = 24;
const fullWeight = 63;
/** Current of a full-weight event (A), and how many of them the input's amplifier can follow. */
const eventCurrent = 40e-9;
const softLimit = 20;

/** Peak (counts) of the nominal circuit's response to `rows` full-weight events at once, and when it comes, s. */
function nominalPeak(work: Work, line: Line, rows: number): { height: number; at: number } {
  const { targets } = work;
  const tau = line === 'exc' ? targets.tau_syn_E : targets.tau_syn_I;
  // Equal time constants have another formula; a slightly longer membrane's differs by nothing here.
  const membrane = targets.tau_m === tau ? tau * 1.001 : targets.tau_m;
  const at = ((membrane * tau) / (membrane - tau)) * log(membrane / tau);
  const shape = ((membrane * tau) / (membrane - tau)) * (exp(-at / membrane) - exp(-at / tau));
  const current = eventCurrent * (targets.gm / 500) * softLimit * tanh(rows / softLimit);
  return { height: (current * shape) / capacitanceOf(targets) / voltsPerCount, at };
}

/** Rows on which full weights move the nominal membrane by about `fullDrive`, in whole drivers. */
function drivenRows(work: Work, line: Line): number {
  let rows = 2;
  while (rows < mostRows && nominalPeak(work, line, rows + 2).height <= fullDrive) rows += 2;
  return rows;
}

/**
 * Mean response around its peak, counts, positive for both lines. The rows are others than those that gains are
 * calibrated with, so the spread of synapses and drivers is part of it. Inhibition starts from a higher potential.
 */
export async function driveHeights(
  work: Work,
  line: Line,
  prepare: Prepare,
): Promise<Float64Array> {
  const { rig, targets, effort } = work;
  const rows = drivenRows(work, line);
  const { at } = nominalPeak(work, line, rows);
  const heights = await responseHeight(
    rig,
    { from: 0.7 * at, to: Math.max(1.4 * at, 0.7 * at + 5e-6) },
    10 * (targets.tau_m + targets.tau_syn_E + targets.tau_syn_I),
    2 * effort.repeats,
    (writer) => {
      rig.configure(writer, { ...quiet(work), ...input(line) });
      connectRows(work, line, 0, inputRows + rows)(writer);
      rig.setWeights(writer, inputRows + rows, fullWeight, inputRows);
      if (line === 'inh') {
        const up = (fullDrive * voltsPerCount) / voltsPerCode;
        rig.lendCodes(
          writer,
          'v_leak',
          rig.codesOf('v_leak').map((code) => code + up),
        );
      }
      prepare(writer);
    },
  );
  await rig.change((writer) => rig.setWeights(writer, inputRows + rows, 0, inputRows));
  return line === 'exc' ? heights : heights.map((height) => -height);
}
