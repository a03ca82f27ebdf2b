/** Population coding: each feature is seen by a row of Gaussian receptors with equally spaced centres. */
import { exp } from '../../isa/numeric/elementary.js';
import type { Features } from './classification.js';

/** Receptors for every feature: centres and a common width per feature. */
export interface ReceptorField {
  readonly features: number;
  readonly perFeature: number;
  /** Lowest and highest centre of each feature. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Width of a receptor in units of the spacing of centres. */
  readonly sigma: number;
}

/** Lays receptors over the range that the given (training) samples span. */
export function fitReceptors(
  samples: readonly Features[],
  perFeature: number,
  sigma: number,
): ReceptorField {
  const features = samples[0]?.length ?? 0;
  const range = Array.from({ length: features }, (_, k) => {
    const values = samples.map((sample) => sample[k] ?? 0);
    return [Math.min(...values), Math.max(...values)] as const;
  });
  return {
    features,
    perFeature,
    sigma,
    low: range.map(([low]) => low),
    high: range.map(([, high]) => high),
  };
}

/** Activation 0..1 of all receptors, feature by feature. */
export function activate(field: ReceptorField, sample: Features): Float64Array {
  const out = new Float64Array(field.features * field.perFeature);
  for (let k = 0; k < field.features; k++) {
    const low = field.low[k] ?? 0;
    const spacing = ((field.high[k] ?? 1) - low) / (field.perFeature - 1) || 1;
    for (let m = 0; m < field.perFeature; m++) {
      const z = ((sample[k] ?? 0) - low - m * spacing) / (field.sigma * spacing);
      out[k * field.perFeature + m] = exp(-0.5 * z * z);
    }
  }
  return out;
}
