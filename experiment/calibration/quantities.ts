/** What is measured of every neuron before and after calibration. */

import type { ConverterResult } from './stages/converter.js';

/** Quantities with their units. Shifts are in codes of their cell, away from where the input has no offset. */
export const quantities = {
  leak: 'counts',
  reset: 'counts',
  threshold: 'counts',
  tau_m: 's',
  tau_syn_E: 's',
  tau_syn_I: 's',
  gain_E: 'counts',
  gain_I: 'counts',
  drive_E: 'counts',
  drive_I: 'counts',
  shift_E: 'codes',
  shift_I: 'codes',
  e_rev_E: 'V',
  e_rev_I: 'V',
  tau_w: 's',
  a: 'S',
  b: 'A',
  e_w: 'V',
  v_exp: 'V',
  delta_T: 'V',
  tau_icc: 's',
  i_offset: 'A',
} as const;

export type Quantity = keyof typeof quantities;
export const quantityNames = Object.keys(quantities) as readonly Quantity[];

/** Quantities that stages of their own measure before and after they search; `survey` and `check` measure the others. */
export const termQuantities = [
  'e_rev_E',
  'e_rev_I',
  'tau_w',
  'a',
  'b',
  'e_w',
  'v_exp',
  'delta_T',
  'tau_icc',
  'i_offset',
] as const satisfies readonly Quantity[];
export type TermQuantity = (typeof termQuantities)[number];
export type SurveyedQuantity = Exclude<Quantity, TermQuantity>;

export function isTerm(name: Quantity): name is TermQuantity {
  return (termQuantities as readonly Quantity[]).includes(name);
}

/** Quantities whose spread is a factor, not a shift. */
export function isRelative(name: Quantity): boolean {
  return (
    ['s', 'S', 'A'].includes(quantities[name]) ||
    name.startsWith('gain') ||
    name.startsWith('drive') ||
    name === 'delta_T'
  );
}

/** Something for each quantity that was measured. */
export type ByQuantity<T> = Readonly<Partial<Record<Quantity, T>>>;

/** Builds one by asking for each quantity. */
export function forQuantities<T>(make: (name: Quantity) => T | undefined): ByQuantity<T> {
  const result: Partial<Record<Quantity, T>> = {};
  for (const name of quantityNames) {
    const value = make(name);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

/** Values by position of the neuron; of the potentials also their spread between runs. */
export interface SurveyResult {
  readonly values: Readonly<Record<SurveyedQuantity, Float64Array>>;
  readonly betweenRuns: ByQuantity<Float64Array>;
}

/** What stages find besides settings. */
export interface StageResults {
  /** What the survey and the stages of single terms have measured, before and after. */
  before: ByQuantity<Float64Array>;
  after: ByQuantity<Float64Array>;
  betweenRuns: ByQuantity<Float64Array>;
  converter?: ConverterResult;
  drivers?: { readonly before: ArrayLike<number>; readonly after: ArrayLike<number> };
}
