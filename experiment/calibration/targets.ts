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
}

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
