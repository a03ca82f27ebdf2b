/** Means with honest intervals, for the few repetitions that experiments can afford. */

/** What a table says about a sample. `low` and `high` bound the 95 % interval of the mean. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  readonly sd: number;
  readonly low: number;
  readonly high: number;
}

// Two-sided 95 % quantiles of Student's t for 1..30 degrees of freedom; beyond, 1.96 + 2.4/dof is right to 0.001.
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
];

/** Two-sided 95 % quantile of Student's t distribution. */
export function studentQuantile(degreesOfFreedom: number): number {
  return quantiles[degreesOfFreedom - 1] ?? 1.96 + 2.4 / degreesOfFreedom;
}

/** Mean, standard deviation (n - 1) and 95 % interval of the mean. An interval needs two values: NaN for fewer. */
export function summarise(values: readonly number[]): Summary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const sd = n > 1 ? Math.sqrt(squares / (n - 1)) : NaN;
  const half = n > 1 ? (studentQuantile(n - 1) * sd) / Math.sqrt(n) : NaN;
  return { n, mean, sd, low: mean - half, high: mean + half };
}

/** Summary of the differences a[i] - b[i] of a paired comparison. @throws RangeError for unequal lengths */
export function comparePaired(a: readonly number[], b: readonly number[]): Summary {
  if (a.length !== b.length)
    throw new RangeError(`paired samples of ${a.length} and ${b.length} values`);
  return summarise(a.map((value, i) => value - (b[i] ?? NaN)));
}

/** Wilson's 95 % interval of a proportion: `successes` of `n`. */
export function wilsonInterval(successes: number, n: number): { low: number; high: number } {
  const z = 1.959964;
  const p = successes / n;
  const centre = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return { low: (centre - half) / scale, high: (centre + half) / scale };
}
