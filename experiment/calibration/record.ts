/** Between the state of a calibration and its file: start values, resuming, and the result with its residuals. */
import type { NeuronParameter, SharedParameter } from '../../isa/registers/capmem.js';
import { log } from '../../isa/numeric/elementary.js';
import type { CalibrationOptions } from './calibrate.js';
import { forQuantities, isRelative, isTerm, quantities } from './quantities.js';
import type { ByQuantity, Quantity, StageResults } from './quantities.js';
import {
  calibrationFormat,
  assumedResiduals,
  calibrationVersion,
  nearRules,
  ratioLimits,
  type ByNeuron,
  type Calibration,
  type ConverterSpread,
  type DieIdentity,
  type Residual,
} from './result.js';
import { ditherOf } from './rig.js';
import { median, spread } from './search.js';
import { nominalResponse } from './response.js';
import { cadc } from '../network/neuron.js';
import type { ChannelSpread, ConverterResult } from './stages/converter.js';
import { limit, mark, resetBias, usedCells, type Work } from './work.js';

const neuronLimit = 512;

/** Shared cells with their nominal codes. */
const nominalShared: Partial<Record<SharedParameter, number>> = {
  cadc_v_ramp_offset: 31,
  cadc_i_ramp_slope: 369,
  cadc_v_bias_ramp_buf: 400,
  cadc_i_bias_comp: 1022,
  cadc_i_bias_vreset_buf: 1022,
  syn_i_bias_dac: 600,
  syn_i_bias_ramp: 40,
  syn_i_bias_store: 18,
  syn_i_bias_corout: 600,
  neuron_v_bias_casc_n: 250,
  neuron_i_bias_readout_amp: 110,
  neuron_i_bias_leak_source_follower: 100,
  neuron_i_bias_spike_comparator: 200,
};

/** Nominal codes everywhere: those of an ideal chip, the same for all neurons. */
export function startCodes(work: Work): void {
  const { rig, nominal, targets } = work;
  for (const name of usedCells) {
    const code =
      name === 'i_bias_reset' ? resetBias : name.endsWith('_gm') ? targets.gm : nominal.codes[name];
    // Equal codes disturb each other, so a row is dithered where a few codes do not matter.
    const dithered = name === 'i_bias_synin_exc_shift' || name === 'i_bias_synin_inh_shift';
    rig.codes.set(
      name,
      Int32Array.from(rig.neurons, (neuron) => code + (dithered ? ditherOf(neuron) : 0)),
    );
  }
  for (const [name, code] of Object.entries(nominalShared))
    rig.shared.set(name as SharedParameter, new Int32Array(4).fill(code));
}

/** Takes over what an earlier part of a calibration found. */
export function restore(work: Work, results: StageResults, earlier: Calibration): void {
  const { rig } = work;
  for (const [name, list] of Object.entries(earlier.codes))
    rig.codes.set(
      name as NeuronParameter,
      Int32Array.from(
        rig.neurons,
        (neuron, i) => list?.[neuron] ?? rig.codes.get(name as NeuronParameter)?.[i] ?? 0,
      ),
    );
  for (const [name, list] of Object.entries(earlier.shared))
    rig.shared.set(name as SharedParameter, Int32Array.from(list ?? []));
  rig.cadcOffsets.set(earlier.cadcOffsets);
  rig.driverOffsets.set(earlier.driverOffsets);
  work.converterNoise = earlier.conditions.converterNoise;
  for (const { neuron, reason } of earlier.unusable) mark(work, neuron, reason);
  for (const { neuron, quantity } of earlier.limited) limit(work, neuron, quantity);
  const found = (values: ByQuantity<ByNeuron> | undefined): ByQuantity<Float64Array> =>
    forQuantities((name) => {
      const list = values?.[name];
      return list && Float64Array.from(rig.neurons, (neuron) => list[neuron] ?? NaN);
    });
  results.before = found(earlier.before);
  results.after = found(earlier.after);
  if (earlier.converter) results.converter = toNumbers(earlier.converter);
  if (earlier.drivers) results.drivers = earlier.drivers;
  if (earlier.sensors) {
    work.sensors = {
      amplitude: earlier.sensors.amplitude.map((x) => x ?? NaN),
      tau: earlier.sensors.tau.map((x) => x ?? NaN),
      ...inner(earlier.sensors, (x) => x ?? NaN),
    };
    work.baselines = Uint8Array.from(Buffer.from(earlier.sensors.baselines, 'base64'));
  }
}

/** The converter's figures with NaN for quadrants that were not used. */
function toNumbers({ before, after }: NonNullable<Calibration['converter']>): ConverterResult {
  const numbers = ({ sd, quadrants }: typeof before): ConverterResult['before'] => ({
    sd,
    quadrants: quadrants.map((x) => x ?? NaN),
  });
  return { before: numbers(before), after: numbers(after) };
}

interface Inner<T> {
  readonly amplitudeInner?: readonly (readonly [T, T])[];
  readonly tauInner?: readonly (readonly [T, T])[];
}

/** Quantiles of the single sensors, if there are any, with each number changed. */
function inner<A, B>({ amplitudeInner, tauInner }: Inner<A>, change: (x: A) => B): Inner<B> {
  const each = (list: readonly (readonly [A, A])[]): [B, B][] =>
    list.map(([low, high]) => [change(low), change(high)]);
  return {
    ...(amplitudeInner ? { amplitudeInner: each(amplitudeInner) } : {}),
    ...(tauInner ? { tauInner: each(tauInner) } : {}),
  };
}

const digits = (value: number): number => Number(value.toPrecision(6));

/** The result so far. */
export function gather(
  work: Work,
  results: StageResults,
  die: DieIdentity,
  all: readonly { readonly name: string }[],
  finished: ReadonlySet<string>,
  options: CalibrationOptions,
): Calibration {
  const { rig } = work;
  const byNeuron = (values: ArrayLike<number>): (number | null)[] => {
    const list: (number | null)[] = new Array<number | null>(neuronLimit).fill(null);
    rig.neurons.forEach((neuron, i) => {
      const value = values[i] ?? NaN;
      list[neuron] = Number.isFinite(value) ? digits(value) : null;
    });
    return list;
  };
  const measured = (values: ByQuantity<Float64Array>): ByQuantity<ByNeuron> =>
    forQuantities((name) => values[name] && byNeuron(values[name]));
  const before = measured(results.before);
  const after = measured(results.after);
  markMisses(work, after);
  const residuals = summarise(work, before, after, results.betweenRuns);
  const { converter, drivers } = results;
  const finite = (x: number): number | null => (Number.isFinite(x) ? digits(x) : null);
  const channels = ({ sd, quadrants }: ChannelSpread): ConverterSpread => ({
    sd: digits(sd),
    quadrants: quadrants.map(finite),
  });
  return {
    format: calibrationFormat,
    version: calibrationVersion,
    die,
    complete: all.every(({ name }) => finished.has(name)),
    stages: all.map(({ name }) => name).filter((name) => finished.has(name)),
    targets: work.targets,
    neurons: rig.neurons,
    conditions: {
      board: rig.board.info.name,
      effort: options.quick === true ? 'quick' : 'full',
      noiseSeed: rig.board.info.emulator ? work.noiseSeed : null,
      chipSeconds: digits(rig.chipSeconds),
      playbackWords: rig.words,
      converterNoise: digits(work.converterNoise),
    },
    codes: Object.fromEntries(usedCells.map((name) => [name, byNeuron(rig.codesOf(name))])),
    shared: Object.fromEntries([...rig.shared].map(([name, codes]) => [name, [...codes]])),
    cadcOffsets: [...rig.cadcOffsets],
    driverOffsets: [...rig.driverOffsets],
    ...(converter === undefined
      ? {}
      : { converter: { before: channels(converter.before), after: channels(converter.after) } }),
    ...(drivers === undefined
      ? {}
      : {
          drivers: {
            before: Array.from(drivers.before, digits),
            after: Array.from(drivers.after, digits),
          },
        }),
    ...(work.sensors && work.baselines
      ? {
          sensors: {
            amplitude: work.sensors.amplitude.map(finite),
            tau: work.sensors.tau.map(finite),
            ...inner(work.sensors, finite),
            timeTrim: 0,
            amplitudeTrim: 0,
            baselines: Buffer.from(work.baselines).toString('base64'),
          },
        }
      : {}),
    unusable: [...work.unusable]
      .sort(([a], [b]) => a - b)
      .map(([neuron, reason]) => ({ neuron, reason })),
    limited: [...work.limited]
      .sort(([a], [b]) => a - b)
      .flatMap(([neuron, names]) => [...names].map((quantity) => ({ neuron, quantity }))),
    ...gainOf(work, results.after),
    before,
    after,
    residuals,
  };
}

/** Median response against the nominal circuit's, once it is measured. */
function gainOf(
  work: Work,
  { gain_E, gain_I }: ByQuantity<Float64Array>,
): Pick<Calibration, 'gain'> {
  if (!gain_E || !gain_I) return {};
  const ratio = (values: Float64Array, line: 'E' | 'I'): number =>
    digits(median(values) / nominalResponse(work.targets, line));
  return { gain: { E: ratio(gain_E, 'E'), I: ratio(gain_I, 'I') } };
}

/** Spans of quantities without a relative error: more than 8 counts (36 mV) away is a miss. */
const farCounts = 8;
const farVolts = farCounts * 4.5e-3;

/** A neuron that misses a target by more than 8 counts or 20 % is not to be used. */
function markMisses(work: Work, after: ByQuantity<ByNeuron>): void {
  for (const [key, list] of Object.entries(after)) {
    const name = key as Quantity;
    const target = targetOf(work, name);
    if (!list || !Number.isFinite(target)) continue;
    for (const neuron of work.rig.neurons) {
      const value = list[neuron];
      const isNear = isRelative(name)
        ? Math.abs((value ?? NaN) / target - 1) <= 0.2
        : Math.abs((value ?? NaN) - target) <= (quantities[name] === 'V' ? farVolts : farCounts);
      if (isNear) continue;
      if (isTerm(name)) limit(work, neuron, name);
      else mark(work, neuron, `${name}: misses its target`);
    }
  }
}

/** The value that a quantity is to have; NaN for one that is only made equal. */
function targetOf(work: Work, name: Quantity): number {
  if (name === 'e_w') return cadc(work.targets.leak);
  return name in work.targets ? work.targets[name as 'leak'] : NaN;
}

/** The share of all neurons that lie near the median, where the makers' tests ask for one. */
function nearMedian(work: Work, name: Quantity, after: ByNeuron): Pick<Residual, 'near'> {
  const rule = nearRules[name];
  if (!rule) return {};
  const values = work.rig.neurons.map((neuron) => after[neuron] ?? NaN);
  const middle = median(values);
  const inside = values.filter((x) => Math.abs(x - middle) <= rule.counts).length;
  return { near: { ...rule, share: digits(inside / values.length) } };
}

function summarise(
  work: Work,
  before: ByQuantity<ByNeuron>,
  after: ByQuantity<ByNeuron>,
  betweenRuns: ByQuantity<Float64Array>,
): ByQuantity<Residual> {
  const usable = work.rig.neurons.filter((neuron) => !work.unusable.has(neuron));
  return forQuantities((name) => {
    const [first, last] = [before[name], after[name]];
    if (!first || !last) return undefined;
    const relative = isRelative(name);
    const statistics = (list: ByNeuron): { mean: number; sd: number } => {
      const values = usable.map((neuron) => list[neuron] ?? NaN);
      const { mean, sd } = spread(values);
      const scatter = relative ? spread(values.map((x) => (x > 0 ? log(x) : NaN))).sd : sd;
      return { mean: digits(mean), sd: digits(scatter) };
    };
    const [early, late] = [statistics(first), statistics(last)];
    const runs = betweenRuns[name];
    const target = targetOf(work, name);
    return {
      unit: relative ? '1' : quantities[name],
      target: Number.isFinite(target) ? target : null,
      before: early,
      after: late,
      ratio: digits(late.sd / early.sd),
      ratioLimit: ratioLimits[name] ?? null,
      assumed: assumedResiduals[name] ?? null,
      ...(runs ? { betweenRuns: digits(Math.sqrt(spread(runs.map((sd) => sd * sd)).mean)) } : {}),
      neurons: usable.length,
      ...nearMedian(work, name, last),
    };
  });
}
