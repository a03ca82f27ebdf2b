/** A case of the model's verification list: what is measured on an engine, and how far it may be from the answer. */
import type { AnalogConstants, Die, EngineName } from '../../../../emulator/analog/index.js';
import type { Codes } from '../operating-point.js';

export interface Case {
  /** V1 to V24. */
  readonly id: string;
  readonly what: string;
  /** Ideal chip, or drawn ones (calibrated by the residual law unless `what` says otherwise). */
  readonly on: 'ideal' | 'chip';
  /** Largest deviation that passes. */
  readonly tolerance: number;
  /** Where it differs on the fast engine: what floats leave of an exact law. */
  readonly fastTolerance?: number;
  /** Smallest value that passes, where too little is wrong as well. */
  readonly least?: number;
  readonly unit: string;
  /** The deviation found. */
  measure(engine: EngineName): number;
}

/** Drawn chips that cases look at, as calibration leaves them. */
export const SEEDS: readonly number[] = [1, 2, 3];
export const residual = (seed: number): Die => ({ seed, law: 'residual' });

export const relative = (value: number, expected: number): number => Math.abs(value / expected - 1);

export const worst = (values: readonly number[]): number =>
  values.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), 0);

export const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

export const deviation = (values: readonly number[]): number => {
  const m = mean(values);
  return Math.sqrt(mean(values.map((x) => (x - m) * (x - m))));
};

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN) +
      (sorted[Math.ceil((sorted.length - 1) / 2)] ?? NaN)) /
    2
  );
};

/** Constants by which whole codes give these time constants (us) exactly, at code 100. */
export const exactTimes = (tauM: number, tauSyn: number): Partial<AnalogConstants> => ({
  leakPerCode: 2.4 / (tauM * 0.1),
  excitatoryTime: tauSyn * 100,
  inhibitoryTime: tauSyn * 100,
});

export const EXACT_CODES: Codes = {
  i_bias_leak: 100,
  i_bias_synin_exc_tau: 100,
  i_bias_synin_inh_tau: 100,
};
