/** Stages `survey` and `check`: every quantity of every neuron, before and after calibration. */
import type { PlaybackWriter } from '../../../isa/playback/writer.js';
import type { SurveyResult } from '../quantities.js';
import { limitCode } from '../rig.js';
import { median } from '../search.js';
import { overRuns, type Work } from '../work.js';
import { driveHeights } from './drive.js';
import { lineTimes, responseHeights, restWithInput, type Line } from './inputs.js';
import {
  membraneTimes,
  raiseReset,
  resetPotentials,
  restingPotential,
  thresholdsOverRuns,
} from './membrane.js';

/** Codes by which a shift cell is moved to learn what a code does. */
const shiftProbe = 60;
const headroomCodes = 96;

/** By how many codes the shift of a line is away from where it has no effect. */
async function shiftError(work: Work, line: Line): Promise<Float64Array> {
  const { rig } = work;
  const name = `i_bias_synin_${line}_shift` as const;
  const codes = rig.codesOf(name);
  const rest = await restWithInput(work, undefined, () => {});
  const on = await restWithInput(work, line, () => {});
  const moved = await restWithInput(work, line, (writer) =>
    rig.setCodes(
      writer,
      name,
      codes.map((code) => limitCode(code + shiftProbe)),
    ),
  );
  rig.pending.set(name, codes);
  for (let k = 0; k < 3; k++) work.measured();
  const perCode = median(moved.map((value, i) => (value - (on[i] ?? 0)) / shiftProbe));
  return on.map((value, i) => (value - (rest[i] ?? 0)) / perCode);
}

/** Response of the inhibitory line, measured from a higher potential. */
async function inhibitoryHeights(work: Work): Promise<Float64Array> {
  const { rig } = work;
  const leak = rig.codesOf('v_leak');
  const heights = await responseHeights(work, 'inh', (writer) =>
    rig.setCodes(
      writer,
      'v_leak',
      leak.map((code) => limitCode(code + headroomCodes)),
    ),
  );
  rig.pending.set('v_leak', leak);
  return heights;
}

/** Measures everything. `first` names the runs, i.e. the trial noise; potentials are means over several. */
export async function survey(work: Work, first: number): Promise<SurveyResult> {
  const { rig, effort } = work;
  const once = async (
    measure: (prepare: (writer: PlaybackWriter) => void) => Promise<Float64Array>,
  ): Promise<Float64Array> => {
    const values = await measure((writer) => rig.writeNoiseSeed(writer, work.noiseSeed + first));
    work.measured();
    return values;
  };
  const leak = await overRuns(work, first, effort.runs, (prepare) =>
    restingPotential(work, true, prepare),
  );
  const reset = await overRuns(work, first, effort.runs, (prepare) =>
    resetPotentials(work, prepare),
  );
  const threshold = await thresholdsOverRuns(work, first);
  const resetCodes = rig.codesOf('v_reset');
  const times = await overRuns(work, first, effort.runs, (prepare) =>
    membraneTimes(work, (writer) => {
      raiseReset(work, writer);
      prepare(writer);
    }),
  );
  rig.pending.set('v_reset', resetCodes);
  return {
    values: {
      leak: leak.mean,
      reset: reset.mean,
      threshold: threshold.mean,
      tau_m: times.mean,
      tau_syn_E: await once((prepare) => lineTimes(work, 'exc', prepare)),
      tau_syn_I: await once((prepare) => lineTimes(work, 'inh', prepare)),
      gain_E: await once((prepare) => responseHeights(work, 'exc', prepare)),
      gain_I: await once(() => inhibitoryHeights(work)),
      drive_E: await once((prepare) => driveHeights(work, 'exc', prepare)),
      drive_I: await once((prepare) => driveHeights(work, 'inh', prepare)),
      shift_E: await shiftError(work, 'exc'),
      shift_I: await shiftError(work, 'inh'),
    },
    betweenRuns: { leak: leak.sd, reset: reset.sd, threshold: threshold.sd, tau_m: times.sd },
  };
}

/** Measurements of a survey. */
export function surveyMeasurements(runs: number): number {
  return 4 * runs + 6 + 6;
}
