/** Stage `exponential`: threshold and slope factor of the exponential term. */
import { log } from '../../../isa/numeric/elementary.js';
import { cadc, cadcCounts } from '../../network/neuron.js';
import type { StageResults } from '../quantities.js';
import { exponentialFit, searchCodes } from '../search.js';
import { checkRuns } from './membrane.js';
import type { Work } from '../work.js';
import {
  correctCodes,
  nextRun,
  restsAround,
  rounds,
  scaleCodes,
  shiftCodes,
  voltsPerCode,
  voltsPerCount,
  type TermValues,
} from './terms.js';

/** The slope factor is measured at a larger one, where the term is felt over more counts. */
const widestSlope = 60e-3;
/** Distances of the resting potential below V_T, in slope factors; beyond 1 there is no rest. */
const distances = [1.25, 1.6, 2.2, 3];
/** The search for V_T looks at one distance, where the term lifts the membrane by this part of the slope factor. */
const searchDistance = 1.6;
const searchLift = 0.2651;
const searchSteps = [64, 32, 16, 8, 4, 2, 1];
const searchReads = 16;

interface Lift {
  /** Counts: the resting potential with the term, and by how much the term has lifted it. */
  readonly at: Float64Array;
  readonly lift: Float64Array;
}

/** How much wider than its target the slope factor is while it is measured. */
const widening = (work: Work): number => Math.max(1, widestSlope / work.targets.delta_T);

/** Rest without and with the term, the leak at `distance` slope factors below the wanted V_T. */
async function liftAt(work: Work, distance: number, reads: number): Promise<Lift> {
  const { targets } = work;
  const slope = targets.delta_T * widening(work);
  const move = targets.v_exp - distance * slope - cadc(targets.leak);
  const rests = await restsAround(work, reads, { en_exp: 1 }, 40, (probe) =>
    probe.borrow('v_leak', (code) => code + move / voltsPerCode),
  );
  return {
    at: rests.with,
    lift: rests.with.map((value, i) => value - (rests.without[i] ?? 0)),
  };
}

/** Cells hold the wide slope factor meanwhile. */
function widen(work: Work, factor: number): void {
  correctCodes(work, 'i_bias_exp', new Float64Array(work.rig.count), (code) => code / factor);
}

/** Fits what the term adds: y = D_T exp((V - V_T) / D_T) at rest, whatever the leak conductance. */
async function measureTerm(work: Work): Promise<TermValues> {
  const { rig, targets, effort } = work;
  const looks: Lift[] = [];
  for (const distance of distances) looks.push(await liftAt(work, distance, 12 * effort.reads));
  const wanted = cadcCounts(targets.v_exp);
  const factor = widening(work);
  const delta_T = new Float64Array(rig.count);
  const v_exp = new Float64Array(rig.count);
  for (let i = 0; i < rig.count; i++) {
    // A neuron that has run away shows the upper end of the membrane's range.
    const seen = looks.filter(
      ({ lift }) => (lift[i] ?? Infinity) < 2 * (widestSlope / voltsPerCount),
    );
    const { tau, amplitude } = exponentialFit(
      seen.map(({ at }) => wanted - (at[i] ?? NaN)),
      seen.map(({ lift }) => lift[i] ?? NaN),
    );
    delta_T[i] = (tau * voltsPerCount) / factor;
    v_exp[i] = cadc(wanted - tau * log(amplitude / tau));
  }
  return { delta_T, v_exp };
}

export const exponentialMeasurements = searchSteps.length + 3 + rounds + 1;

/**
 * V_T is searched first, so that all neurons can be looked at near it; then both are corrected together. What the nominal
 * codes would have given follows from the codes that were found: close to it some neurons would have run away.
 */
export async function calibrateExponential(work: Work, results: StageResults): Promise<void> {
  const { rig, targets } = work;
  const factor = widening(work);
  widen(work, factor);
  const first = { v_exp: rig.codesOf('v_exp'), i_bias_exp: rig.codesOf('i_bias_exp') };
  const wanted = (searchLift * targets.delta_T * factor) / voltsPerCount;
  const found = await searchCodes(
    { count: rig.count, start: (i) => first.v_exp[i] ?? 0, steps: searchSteps, rises: false },
    new Float64Array(rig.count).fill(wanted),
    async (codes) => {
      rig.pending.set('v_exp', codes);
      const { lift } = await liftAt(work, searchDistance, searchReads);
      work.measured();
      return lift;
    },
  );
  rig.pending.set('v_exp', found.codes);
  for (let round = 0; round < rounds; round++) {
    const { delta_T = [], v_exp = [] } = await measureTerm(work);
    work.measured();
    scaleCodes(work, 'i_bias_exp', delta_T, targets.delta_T, true);
    shiftCodes(work, 'v_exp', v_exp, targets.v_exp);
  }
  await nextRun(work, checkRuns);
  const { delta_T = new Float64Array(rig.count), v_exp = new Float64Array(rig.count) } =
    await measureTerm(work);
  await nextRun(work, 0);
  work.measured();
  const last = { v_exp: rig.codesOf('v_exp'), i_bias_exp: rig.codesOf('i_bias_exp') };
  results.after = { ...results.after, delta_T, v_exp };
  results.before = {
    ...results.before,
    delta_T: delta_T.map((d, i) => (d * (last.i_bias_exp[i] ?? 1)) / (first.i_bias_exp[i] ?? 1)),
    v_exp: v_exp.map((v, i) => v + ((first.v_exp[i] ?? 0) - (last.v_exp[i] ?? 0)) * voltsPerCode),
  };
  widen(work, 1 / factor);
}
