/** What the stages of a calibration share. */
import type { PlaybackWriter } from '../../isa/playback/writer.js';
import { neuronCapmemRows } from '../../isa/registers/capmem.js';
import type { NeuronParameter } from '../../isa/registers/capmem.js';
import { adex, cobaLif } from '../network/cells.js';
import { conductanceCode } from '../network/morphology.js';
import { cadc, lif } from '../network/neuron.js';
import type { NeuronSettings } from '../network/neuron.js';
import { quietFields } from './measure.js';
import { limitCode, type NeuronFields, type Rig } from './rig.js';
import type { TermQuantity } from './quantities.js';
import { searchCodes, type Found, type Search } from './search.js';
import type { CalibrationTargets } from './targets.js';

/** How much is measured: readings and repetitions. */
export interface Effort {
  /** Readings of a constant potential. */
  readonly reads: number;
  /** Repetitions of a decay or a response. */
  readonly repeats: number;
  /** Readings of the ramp below a threshold. */
  readonly rampReads: number;
  /** Runs (other trial noise) over which the potentials are refined and checked. */
  readonly runs: number;
  /** Columns per quadrant and drivers (two rows each) whose sensors are measured. */
  readonly sensorColumns: number;
  readonly sensorDrivers: number;
}

export const fullEffort: Effort = {
  reads: 16,
  repeats: 2,
  rampReads: 160,
  runs: 6,
  sensorColumns: 8,
  sensorDrivers: 26,
};
export const quickEffort: Effort = {
  reads: 8,
  repeats: 1,
  rampReads: 90,
  runs: 2,
  sensorColumns: 4,
  sensorDrivers: 9,
};

/** Cells of a neuron's column that calibration writes. */
export const usedCells: readonly NeuronParameter[] = neuronCapmemRows;

/** Codes of cells with the same value for everyone. */
export const resetBias = 1015;
/** Constant current per code, A. */
const offsetCurrentPerCode = 0.39e-9;
/** A membrane slower by the divider of its leak is the one inputs are compared on. */
export const leakDivision = 8;

export interface Work {
  readonly rig: Rig;
  readonly targets: CalibrationTargets;
  readonly nominal: NeuronSettings;
  readonly effort: Effort;
  /** Noise of a channel of the converter in counts, as measured. */
  converterNoise: number;
  /** Correlation sensors as measured, per quadrant. */
  sensors: SensorMeasurement | undefined;
  /** Baselines of the correlation sensors by hemisphere, branch, row, column; 0 where not measured. */
  baselines: Uint8Array | undefined;
  readonly noiseSeed: number;
  /** Why a neuron (by number) cannot be used. */
  readonly unusable: Map<number, string>;
  /** Quantities of single terms that a neuron does not reach: it is only left out where they matter. */
  readonly limited: Map<number, Set<TermQuantity>>;
  /** One measurement is done. @throws when the calibration was cancelled */
  measured(): void;
}

/** By quadrant: counts per pair at zero delay, s. */
export interface SensorMedians {
  readonly amplitude: readonly number[];
  readonly tau: readonly number[];
}

export interface SensorMeasurement extends SensorMedians {
  /** By quadrant: quantiles (30 and 70 %) of the single sensors. */
  readonly amplitudeInner?: readonly (readonly [number, number])[];
  readonly tauInner?: readonly (readonly [number, number])[];
}

/** Nominal codes of the working point. */
export function nominalSettings(targets: CalibrationTargets): NeuronSettings {
  const cm = capacitanceOf(targets);
  const point = {
    tau_m: targets.tau_m,
    tau_syn_E: targets.tau_syn_E,
    tau_syn_I: targets.tau_syn_I,
    v_rest: cadc(targets.leak),
    v_reset: cadc(targets.reset),
    v_thresh: cadc(targets.threshold),
    cm,
  };
  const { v_exp, delta_T, tau_w, a, b, e_rev_E, e_rev_I, i_offset } = targets;
  const terms = adex({ ...point, v_exp, delta_T, tau_w, a, b });
  const coba = cobaLif({ ...point, e_rev_E, e_rev_I });
  const settings = lif(point);
  return {
    ...settings,
    codes: {
      ...terms.codes,
      e_synin_exc_rev: coba.codes.e_synin_exc_rev,
      e_synin_inh_rev: coba.codes.e_synin_inh_rev,
      i_bias_synin_exc_coba: coba.codes.i_bias_synin_exc_coba,
      i_bias_synin_inh_coba: coba.codes.i_bias_synin_inh_coba,
      i_bias_nmda: conductanceCode('tau_icc', cm / targets.tau_icc),
      i_mem_offset: lif({ ...point, i_offset }).codes.i_mem_offset,
    },
  };
}

/** Nominal capacitance of a membrane, F. */
export function capacitanceOf(targets: CalibrationTargets): number {
  return ((2.2 * targets.capacitance) / 63 + 0.2) * 1e-12;
}

/** The same constant current for all neurons in the next program, A: not the calibrated one, which comes back after it. */
export function lendCurrent(work: Work, writer: PlaybackWriter, amperes: number): void {
  const code = limitCode(amperes / offsetCurrentPerCode);
  work.rig.lendCodes(writer, 'i_mem_offset', new Int32Array(work.rig.count).fill(code));
}

export function quiet(work: Work): NeuronFields {
  return quietFields(work.targets.capacitance);
}

/** Searches the codes of one parameter of every neuron, writes the best and marks neurons that did not come near. */
export async function searchCells(
  work: Work,
  name: NeuronParameter,
  search: Omit<Search, 'count'>,
  targets: ArrayLike<number>,
  tolerance: number,
  measure: (prepare: (writer: PlaybackWriter) => void) => Promise<Float64Array>,
): Promise<Found> {
  const { rig } = work;
  const found = await searchCodes({ ...search, count: rig.count }, targets, async (codes) => {
    const values = await measure((writer) => rig.setCodes(writer, name, codes));
    work.measured();
    return values;
  });
  rig.pending.set(name, found.codes);
  rig.neurons.forEach((neuron, i) => {
    const miss = Math.abs((found.values[i] ?? NaN) - (targets[i] ?? 0));
    if (found.atLimit[i] === 1) mark(work, neuron, `${name}: at the limit of its range`);
    else if (!(miss <= tolerance)) mark(work, neuron, `${name}: misses its target`);
  });
  return found;
}

/** Notes why a neuron is not to be used; the first reason stays. */
export function mark(work: Work, neuron: number, reason: string): void {
  if (!work.unusable.has(neuron)) work.unusable.set(neuron, reason);
}

/** Notes that a neuron does not reach the target of a single term. */
export function limit(work: Work, neuron: number, quantity: TermQuantity): void {
  const known = work.limited.get(neuron) ?? new Set<TermQuantity>();
  work.limited.set(neuron, known.add(quantity));
}

/** Mean over runs with other trial noise, and the standard deviation between runs. */
export async function overRuns(
  work: Work,
  first: number,
  runs: number,
  measure: (prepare: (writer: PlaybackWriter) => void) => Promise<Float64Array>,
): Promise<{ mean: Float64Array; sd: Float64Array }> {
  const { rig } = work;
  const sums = new Float64Array(rig.count);
  const squares = new Float64Array(rig.count);
  for (let run = 0; run < runs; run++) {
    const values = await measure((writer) =>
      rig.writeNoiseSeed(writer, work.noiseSeed + first + run),
    );
    work.measured();
    values.forEach((value, i) => {
      sums[i] = (sums[i] ?? 0) + value;
      squares[i] = (squares[i] ?? 0) + value * value;
    });
  }
  const mean = sums.map((sum) => sum / runs);
  const sd = squares.map((square, i) =>
    runs < 2
      ? NaN
      : Math.sqrt(Math.max(0, square - runs * (mean[i] ?? 0) * (mean[i] ?? 0)) / (runs - 1)),
  );
  return { mean, sd };
}
