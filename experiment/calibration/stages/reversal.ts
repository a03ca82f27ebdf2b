/** Stage `reversal`: reversal potentials of conductance-based inputs. */
import { cadc } from '../../network/neuron.js';
import { responses, type Responses } from '../measure.js';
import type { StageResults } from '../quantities.js';
import { leakDivision, lendCurrent, quiet, type Work } from '../work.js';
import { connectRows, type Line } from './inputs.js';
import { correctInRounds, shiftCodes, type TermValues } from './terms.js';

/** Weights of the input rows: strong enough to be seen, weak enough to stay inside the converter's span. */
const weights: Readonly<Record<Line, number>> = { exc: 4, inh: 2 };
/** A constant current lifts the membrane by so many counts for the second look. */
const lift = 80;
const repeats = 8;

function responsesOf(work: Work, line: Line, isLifted: boolean): Promise<Responses> {
  const { rig, targets, effort } = work;
  const tau = line === 'exc' ? targets.tau_syn_E : targets.tau_syn_I;
  const slow = leakDivision * targets.tau_m;
  const capacitance = (2.2 * targets.capacitance) / 63 + 0.2;
  const current = (capacitance * 1e-12 * lift * 4.5e-3) / slow;
  const rows = connectRows(work, line, weights[line]);
  return responses(
    rig,
    { from: tau, to: 4 * tau },
    6 * (slow + tau),
    repeats * effort.repeats,
    (writer) => {
      rig.configure(writer, {
        ...quiet(work),
        en_leak_div: 1,
        en_mem_off: +isLifted,
        ...(line === 'exc'
          ? { en_synin_exc: 1, en_synin_coba_exc: 1 }
          : { en_synin_inh: 1, en_synin_coba_inh: 1 }),
      });
      lendCurrent(work, writer, current);
      rows(writer);
    },
  );
}

/**
 * Reversal potential (V): a response is proportional to the distance of the membrane from it, so the responses at two
 * potentials lie on a line that meets zero there.
 */
async function reversal(work: Work, line: Line): Promise<Float64Array> {
  const low = await responsesOf(work, line, false);
  const high = await responsesOf(work, line, true);
  return low.rest.map((v1, i) => {
    const [v2, h1, h2] = [high.rest[i] ?? NaN, low.height[i] ?? NaN, high.height[i] ?? NaN];
    return cadc(v1 + (h1 * (v2 - v1)) / (h1 - h2));
  });
}

export async function calibrateReversal(work: Work, results: StageResults): Promise<void> {
  const { rig, targets } = work;
  await correctInRounds(
    work,
    results,
    async (): Promise<TermValues> => ({
      e_rev_E: await reversal(work, 'exc'),
      e_rev_I: await reversal(work, 'inh'),
    }),
    ({ e_rev_E = [], e_rev_I = [] }) => {
      shiftCodes(work, 'e_synin_exc_rev', e_rev_E, targets.e_rev_E);
      shiftCodes(work, 'e_synin_inh_rev', e_rev_I, targets.e_rev_I);
    },
  );
  await rig.change((writer) => rig.configure(writer, quiet(work)));
}
