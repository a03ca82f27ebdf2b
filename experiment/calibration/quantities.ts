/** What is measured of every neuron before and after calibration. */

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
  shift_E: 'codes',
  shift_I: 'codes',
} as const;

export type Quantity = keyof typeof quantities;
export const quantityNames = Object.keys(quantities) as readonly Quantity[];

/** Something for each quantity. */
export type ByQuantity<T> = Readonly<Record<Quantity, T>>;

/** Builds one by asking for each quantity. */
export function forQuantities<T>(make: (name: Quantity) => T): ByQuantity<T> {
  return Object.fromEntries(quantityNames.map((name) => [name, make(name)])) as Record<Quantity, T>;
}

/** Values by position of the neuron; of the potentials also their spread between runs. */
export interface SurveyResult {
  readonly values: ByQuantity<Float64Array>;
  readonly betweenRuns: Partial<ByQuantity<Float64Array>>;
}

/** What stages find besides settings. */
export interface StageResults {
  before?: ByQuantity<Float64Array>;
  after?: SurveyResult;
  drivers?: { readonly before: ArrayLike<number>; readonly after: ArrayLike<number> };
}
