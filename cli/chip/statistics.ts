/** The statistics by which a virtual chip is compared with the distributions it claims to be drawn from. */
import { tanh } from '../../isa/numeric/elementary.js';

export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
}

export function moments(values: ArrayLike<number>): Moments {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (values[i] ?? 0) / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += ((values[i] ?? 0) - mean) * ((values[i] ?? 0) - mean);
  return { n, mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN };
}

/** Standard normal distribution function, to 2e-4. */
export function normalBelow(z: number): number {
  return 0.5 * (1 + tanh(0.7978845608028654 * (z + 0.044715 * z * z * z)));
}

/** Largest distance between the distribution of values and a standard normal one (Kolmogorov-Smirnov). */
export function normalDistance(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  let most = 0;
  sorted.forEach((z, i) => {
    const below = normalBelow(z);
    most = Math.max(
      most,
      Math.abs(below - i / sorted.length),
      Math.abs(below - (i + 1) / sorted.length),
    );
  });
  return most;
}

/** Largest distance between the distributions of two samples. */
export function sampleDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  let [i, j, most] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const at = Math.min(x[i] ?? 0, y[j] ?? 0);
    while (i < x.length && (x[i] ?? 0) <= at) i++;
    while (j < y.length && (y[j] ?? 0) <= at) j++;
    most = Math.max(most, Math.abs(i / x.length - j / y.length));
  }
  return most;
}

/** The distance that samples of a law exceed in one case of a hundred. */
export function distanceLimit(n: number): number {
  return 1.63 / Math.sqrt(n);
}

/** Values less the mean of their group. */
export function insideGroups(values: ArrayLike<number>, groups: ArrayLike<number>): Float64Array {
  const sums = new Map<number, { sum: number; n: number }>();
  for (let i = 0; i < values.length; i++) {
    const group = sums.get(groups[i] ?? 0) ?? { sum: 0, n: 0 };
    group.sum += values[i] ?? 0;
    group.n++;
    sums.set(groups[i] ?? 0, group);
  }
  return Float64Array.from({ length: values.length }, (_, i) => {
    const group = sums.get(groups[i] ?? 0);
    return (values[i] ?? 0) - (group ? group.sum / group.n : 0);
  });
}

/** Correlation of two lists. */
export function correlationOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [ma, mb] = [moments(a), moments(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - ma.mean) * ((b[i] ?? 0) - mb.mean);
  return sum / ((a.length - 1) * ma.sd * mb.sd);
}

/** Standard deviations of the levels of a nested sample. */
export interface Levels {
  readonly chip: number;
  readonly quadrant: number;
  readonly instance: number;
}

/**
 * Splits the variance of chips[c][q][i] into chip, quadrant and instance (expected mean squares of a nested design);
 * a part that comes out negative is 0.
 */
export function splitVariance(chips: readonly (readonly ArrayLike<number>[])[]): Levels {
  const inner: number[] = [];
  const quadrantVariance: number[] = [];
  const chipMeans: number[] = [];
  let size = 0;
  for (const quadrants of chips) {
    const means = quadrants.map((values) => {
      const own = moments(values);
      inner.push(own.sd * own.sd);
      size = own.n;
      return own.mean;
    });
    const own = moments(means);
    quadrantVariance.push(own.sd * own.sd);
    chipMeans.push(own.mean);
  }
  const mean = (list: readonly number[]): number => moments(list).mean;
  const instance = mean(inner);
  const betweenQuadrants = mean(quadrantVariance);
  const perChip = chips[0]?.length ?? 1;
  const spread = moments(chipMeans).sd;
  return {
    instance: Math.sqrt(instance),
    quadrant: Math.sqrt(Math.max(0, betweenQuadrants - instance / Math.max(1, size))),
    chip: Math.sqrt(Math.max(0, spread * spread - betweenQuadrants / perChip)),
  };
}
