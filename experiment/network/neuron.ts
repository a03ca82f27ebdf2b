/** Neuron parameters in SI units, and the codes of the parameter memory that give them on the nominal circuit. */
import { log } from '../../isa/numeric/elementary.js';
import { neuronCapmemRows } from '../../isa/registers/capmem.js';
import type { NeuronParameter } from '../../isa/registers/capmem.js';
import type { FieldName } from '../../isa/registers/registers.js';
import { ExperimentError, checkNames } from '../failure.js';
import type { Morphology } from './morphology.js';

/** A leaky integrate-and-fire neuron with current-based exponential synapses, in PyNN's names and SI units (hardware time). */
export interface LifParameters {
  /** Membrane time constant, s. */
  readonly tau_m: number;
  /** Time constants of the excitatory and inhibitory synaptic current, s. */
  readonly tau_syn_E: number;
  readonly tau_syn_I: number;
  /** Leak, reset and threshold potential, V (of the chip; `cadc(80)` gives the voltage that reads 80). */
  readonly v_rest: number;
  readonly v_reset: number;
  readonly v_thresh: number;
  /** Refractory period, s. */
  readonly tau_refrac: number;
  /** Membrane capacitance, F; 2.4 pF at most. */
  readonly cm: number;
  /** Constant current onto the membrane, A, of either sign; none unless told otherwise. */
  readonly i_offset?: number;
}

/** A bit or selector of a neuron's configuration words. */
export type NeuronSwitch = Exclude<FieldName<'NeuronConfig'>, 'mem_cap_size' | 'en_readout'>;

/** What a population's neurons are set to: parameter-memory codes (0..1022) and digital switches. */
export interface NeuronSettings {
  readonly codes: Readonly<Record<NeuronParameter, number>>;
  /** mem_cap_size 0..63. */
  readonly capacitance: number;
  /** Refractory period in clock periods of 8 ns, 0..255. */
  readonly refractory: number;
  /** The parameters these codes stand for on the nominal circuit. */
  readonly nominal: LifParameters;
  /** Switches that differ from those of a leaky neuron with current-based inputs. */
  readonly switches?: Partial<Record<NeuronSwitch, number>>;
  /** Circuits that the neuron consists of; one if absent. */
  readonly morphology?: Morphology;
  /** Codes that were set by name: a calibration leaves them as they are. */
  readonly byHand?: readonly NeuronParameter[];
  /** What the cell was made from, so that single parameters can be changed later; absent for neurons in raw codes. */
  readonly cell?: CellParameters;
  /** Raw values that were set by name since then. */
  readonly raw?: Readonly<Record<string, number>>;
}

/** Parameters of a cell in SI units, and how settings follow from them. */
export interface CellParameters {
  readonly values: Readonly<Record<string, number>>;
  /** Settings for other values of these parameters. @throws ExperimentError for a value without a code */
  make(values: Readonly<Record<string, number>>): NeuronSettings;
}

/** The voltage that the membrane converter reads as `counts` (20..220 is the calibrated span). */
export function cadc(counts: number): number {
  return (150 + 4.5 * (counts - 20)) / 1000;
}

/** The converter reading of a voltage, not rounded. */
export function cadcCounts(volts: number): number {
  return 20 + (volts * 1000 - 150) / 4.5;
}

// Ideal transfer laws: mV from codes, nS from codes, us from codes.
const voltage = { perCode: 1.875, at0: 18.75, leak: -778, reset: -770, threshold: -13 } as const;
const leakPerCode = 2.53;
const synapticTau = { exc: 503, inh: 470 } as const;
const capacitanceRange = { full: 2.2, fixed: 0.2 } as const;
const refractoryClock = 125e6;
/** Current of one full-weight event at nominal codes, A. */
const eventCurrent = 40e-9;
/** Constant current per code of its cell, A. */
const offsetCurrentPerCode = 0.39e-9;

/** Operating points in common use; tau_m = tau_syn, capacitor 2.4 pF, refractory period 2 us. */
export const operatingPoints = {
  /** Leak 80, reset 70, threshold 125 counts; 10 us. One full-weight event peaks at 13.6 counts. */
  A: {
    tau_m: 10e-6,
    tau_syn_E: 10e-6,
    tau_syn_I: 10e-6,
    v_rest: cadc(80),
    v_reset: cadc(70),
    v_thresh: cadc(125),
    tau_refrac: 2e-6,
    cm: 2.4e-12,
    i_offset: 0,
  },
  /** Leak 80, reset 80, threshold 150 counts; 6 us. One full-weight event peaks at 8.2 counts. */
  B: {
    tau_m: 6e-6,
    tau_syn_E: 6e-6,
    tau_syn_I: 6e-6,
    v_rest: cadc(80),
    v_reset: cadc(80),
    v_thresh: cadc(150),
    tau_refrac: 2e-6,
    cm: 2.4e-12,
    i_offset: 0,
  },
} as const satisfies Record<string, LifParameters>;

/**
 * Settings of a leaky integrate-and-fire neuron.
 * @param parameters what differs from operating point A
 * @param codes parameter-memory codes that override what the parameters give
 * @throws ExperimentError when a parameter has no code
 */
export function lif(
  parameters: Partial<LifParameters> = {},
  codes: Partial<Record<NeuronParameter, number>> = {},
): NeuronSettings {
  checkNames('parameter', parameters, lifNames, 'lif');
  return leaky(parameters, codes);
}

/** Names of the parameters of a leaky neuron. */
export const lifNames: readonly string[] = Object.keys(operatingPoints.A);

/** As `lif`, for parameters whose names have been checked; those of other terms are passed over. */
export function leaky(
  parameters: Partial<LifParameters>,
  codes: Partial<Record<NeuronParameter, number>>,
): NeuronSettings {
  checkNames('code', codes, neuronCapmemRows, 'neuron parameters');
  checkCodes(codes);
  const p: LifParameters = { ...operatingPoints.A, ...parameters };
  const size = rangedCode(
    'cm',
    (p.cm * 1e12 - capacitanceRange.fixed) / (capacitanceRange.full / 63),
    63,
  );
  const { i_offset = 0 } = p;
  const pF = capacitanceRange.fixed + (capacitanceRange.full * size) / 63;
  const fromVolts = (name: string, volts: number, shift: number): number =>
    rangedCode(name, (volts * 1000 - shift - voltage.at0) / voltage.perCode, 1022);
  return {
    nominal: p,
    cell: { values: { ...p }, make: (values) => lif(values, codes) },
    capacitance: size,
    refractory: rangedCode('tau_refrac', p.tau_refrac * refractoryClock, 255),
    ...(i_offset === 0 ? {} : { switches: { en_mem_off: 1, invert_current: +(i_offset < 0) } }),
    codes: {
      v_leak: fromVolts('v_rest', p.v_rest, voltage.leak),
      v_reset: fromVolts('v_reset', p.v_reset, voltage.reset),
      v_threshold: fromVolts('v_thresh', p.v_thresh, voltage.threshold),
      i_bias_leak: rangedCode('tau_m', (pF / (p.tau_m * 1e6)) * (1000 / leakPerCode), 1022, 1),
      i_bias_synin_exc_tau: rangedCode('tau_syn_E', synapticTau.exc / (p.tau_syn_E * 1e6), 1022, 1),
      i_bias_synin_inh_tau: rangedCode('tau_syn_I', synapticTau.inh / (p.tau_syn_I * 1e6), 1022, 1),
      i_bias_reset: 1015,
      i_bias_synin_exc_gm: 500,
      i_bias_synin_inh_gm: 500,
      i_bias_synin_exc_shift: 314,
      i_bias_synin_inh_shift: 294,
      e_synin_exc_rev: 0,
      e_synin_inh_rev: 0,
      v_adapt_leak: 0,
      v_exp: 0,
      v_adapt_ref: 0,
      i_bias_synin_exc_coba: 0,
      i_bias_synin_inh_coba: 0,
      i_bias_adapt_tau: 0,
      i_bias_adapt_a: 0,
      i_bias_adapt_b: 0,
      i_bias_exp: 0,
      i_mem_offset: rangedCode('i_offset', Math.abs(i_offset) / offsetCurrentPerCode, 1022),
      i_bias_nmda: 0,
      ...codes,
    },
    ...(Object.keys(codes).length > 0 ? { byHand: Object.keys(codes) as NeuronParameter[] } : {}),
  };
}

/** @throws ExperimentError for what is no code of the parameter memory */
export function checkCodes(codes: Partial<Record<NeuronParameter, number>>): void {
  for (const [name, value] of Object.entries(codes))
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= 1023))
      throw new ExperimentError(
        `${name} is ${value}`,
        'neuron parameters',
        'Codes are whole numbers 0..1022 (1023 switches the refresh of the cell off).',
      );
}

/** @throws ExperimentError unless a raw value is a whole number 0..most */
export function rawCode(name: string, value: number, most: number): number {
  if (!(Number.isInteger(value) && value >= 0 && value <= most))
    throw new ExperimentError(
      `${name} is ${value}`,
      'neuron parameters',
      `It takes whole numbers 0..${most}.`,
    );
  return value;
}

/**
 * The whole code nearest to an exact one.
 * @param least 1 for time constants: code 0 would be no current at all
 * @throws ExperimentError naming the parameter when it is not in least..limit
 */
export function rangedCode(parameter: string, exact: number, limit: number, least = 0): number {
  const rounded = Math.round(exact);
  if (!(rounded >= least && rounded <= limit))
    throw new ExperimentError(
      `${parameter} would need code ${Number.isFinite(exact) ? Number(exact.toPrecision(3)) : 'infinity'}`,
      'neuron parameters',
      `The circuit has codes ${least}..${limit}: choose a value nearer to operating point A. Units are SI in hardware time: 10e-6 is 10 us of the chip.`,
    );
  return rounded;
}

/** Mean and SD of the free membrane (no threshold) under Poisson input, in V. */
export function expectedDrive(
  p: LifParameters,
  inputs: readonly { readonly rate: number; readonly weight: number; readonly sign: 1 | -1 }[],
): { readonly mean: number; readonly sd: number } {
  const conductance = p.cm / p.tau_m;
  let mean = p.v_rest + (p.i_offset ?? 0) / conductance;
  let variance = 0;
  for (const { rate, weight, sign } of inputs) {
    const tau = sign > 0 ? p.tau_syn_E : p.tau_syn_I;
    const current = (eventCurrent * weight) / 63;
    mean += (sign * rate * current * tau) / conductance;
    // Campbell: the squared area under one PSP of an exponential current on a leaky membrane.
    const gain = current / conductance;
    variance += (rate * gain * gain * tau * tau) / (2 * (tau + p.tau_m));
  }
  return { mean, sd: Math.sqrt(variance) };
}

/** Output rate in Hz at a constant free membrane potential (V): the f-I curve without noise. */
export function expectedRate(p: LifParameters, mean: number): number {
  if (mean <= p.v_thresh) return 0;
  return 1 / (p.tau_refrac + p.tau_m * log((mean - p.v_reset) / (mean - p.v_thresh)));
}
