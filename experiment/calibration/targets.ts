/** What a calibration makes equal: the working point of the neurons, the sensors, the converter's scale. */
import { ExperimentError } from '../failure.js';

/** Target values in SI units (hardware time); converter readings in counts. */
export interface CalibrationTargets {
  /** Resting, reset and threshold potential as the membrane converter reads them, counts. */
  readonly leak: number;
  readonly reset: number;
  readonly threshold: number;
  /** Time constants of membrane and synaptic inputs, s. */
  readonly tau_m: number;
  readonly tau_syn_E: number;
  readonly tau_syn_I: number;
  /** mem_cap_size 0..63. */
  readonly capacitance: number;
  /** Code of the input gain at which the median neuron stays. */
  readonly gm: number;
  /** Correlation sensors: counts per pair at zero delay, and time constant in s. */
  readonly sensorAmplitude: number;
  readonly sensorTau: number;
  /** Reversal potentials of conductance-based inputs, V of the chip. */
  readonly e_rev_E: number;
  readonly e_rev_I: number;
  /** Adaptation: time constant (s), conductance (S), step per spike (A). Its potential E_w is that of the leak. */
  readonly tau_w: number;
  readonly a: number;
  readonly b: number;
  /** Exponential term: threshold V_T and slope factor D_T, V. */
  readonly v_exp: number;
  readonly delta_T: number;
  /** Capacitance over conductance between two compartments, s. */
  readonly tau_icc: number;
  /** Constant current onto the membrane, A. */
  readonly i_offset: number;
}

/** The middle of what the circuits of single terms are used at. */
export const termTargets = {
  e_rev_E: 1.2,
  e_rev_I: 0.1,
  tau_w: 100e-6,
  a: 50e-9,
  b: 10e-9,
  v_exp: 0.6,
  delta_T: 20e-3,
  tau_icc: 5e-6,
  i_offset: 80e-9,
} as const;

/**
 * Working points by name. `A` is the one in common use (and that of `operatingPoints.A`), `B` that of the published
 * calibration record of one chip.
 */
export const calibrationTargets = {
  A: {
    leak: 80,
    reset: 70,
    threshold: 125,
    tau_m: 10e-6,
    tau_syn_E: 10e-6,
    tau_syn_I: 10e-6,
    capacitance: 63,
    gm: 500,
    sensorAmplitude: 35 / 18,
    sensorTau: 10e-6,
    ...termTargets,
  },
  B: {
    leak: 80,
    reset: 80,
    threshold: 150,
    tau_m: 6e-6,
    tau_syn_E: 6e-6,
    tau_syn_I: 6e-6,
    capacitance: 63,
    gm: 500,
    sensorAmplitude: 0.5,
    sensorTau: 5e-6,
    ...termTargets,
  },
} as const satisfies Record<string, CalibrationTargets>;

/** Spans in which a circuit can be set, as published. */
const spans: Readonly<Record<keyof CalibrationTargets, readonly [number, number, string]>> = {
  leak: [50, 160, 'counts'],
  reset: [50, 160, 'counts'],
  threshold: [50, 220, 'counts'],
  tau_m: [0.5e-6, 60e-6, 's'],
  tau_syn_E: [0.5e-6, 30e-6, 's'],
  tau_syn_I: [0.5e-6, 30e-6, 's'],
  capacitance: [10, 63, ''],
  gm: [100, 800, ''],
  sensorAmplitude: [0.2, 2, 'counts'],
  sensorTau: [2e-6, 30e-6, 's'],
  e_rev_E: [0.75, 1.25, 'V'],
  e_rev_I: [0.02, 0.3, 'V'],
  tau_w: [17e-6, 500e-6, 's'],
  a: [10e-9, 0.3e-6, 'S'],
  b: [1e-9, 50e-9, 'A'],
  v_exp: [0.5, 0.8, 'V'],
  delta_T: [8e-3, 60e-3, 'V'],
  tau_icc: [1e-6, 30e-6, 's'],
  i_offset: [10e-9, 0.25e-6, 'A'],
};

/** The targets, checked. @throws ExperimentError for a value out of reach, or a threshold that is not above leak and reset */
export function checkTargets(targets: CalibrationTargets): CalibrationTargets {
  for (const [name, [low, high, unit]] of Object.entries(spans)) {
    const value = targets[name as keyof CalibrationTargets];
    if (!(value >= low && value <= high))
      throw new ExperimentError(
        `${name} is ${value}`,
        'calibration targets',
        `The circuit reaches ${low}..${high} ${unit}`.trim() + '.',
      );
  }
  if (targets.threshold < Math.max(targets.leak, targets.reset) + 15)
    throw new ExperimentError(
      `the threshold (${targets.threshold}) is not 15 counts above leak (${targets.leak}) and reset (${targets.reset})`,
      'calibration targets',
      'The search for the threshold needs a ramp below it.',
    );
  return targets;
}
