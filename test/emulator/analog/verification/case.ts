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
  /** Measured on this engine alone: statistics of noisy neurons, for which the other takes very long. */
  readonly only?: EngineName;
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

/** The value below which a part of the values lies. */
export const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? NaN;

/** What is found on each of the drawn chips, one list. */
export const onChips = <T>(body: (seed: number) => readonly T[]): T[] => SEEDS.flatMap(body);

/** No noise of neurons and synapses: what remains is the chip's. */
export const QUIET = { membrane: false, threshold: false, event: false, drift: false } as const;

/** Solution of a small linear system, its right side in the last column. */
export function solved(matrix: readonly (readonly number[])[]): number[] {
  const m = matrix.map((line) => [...line]);
  const n = m.length;
  for (let k = 0; k < n; k++) {
    const best = m.slice(k).reduce((at, line, i) => {
      return Math.abs(line[k] ?? 0) > Math.abs(m[at]?.[k] ?? 0) ? k + i : at;
    }, k);
    const [upper, lower] = [m[k] ?? [], m[best] ?? []];
    m[k] = lower;
    m[best] = upper;
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const part = (m[i]?.[k] ?? 0) / (lower[k] ?? 1);
      m[i] = (m[i] ?? []).map((x, j) => x - part * (lower[j] ?? 0));
    }
  }
  return m.map((line, i) => (line[n] ?? 0) / (line[i] ?? 1));
}
