/** Searches in code space, all instances in parallel, and the small statistics that calibration needs. */
import { exp, log, tanh } from '../../isa/numeric/elementary.js';
import { highestCode } from './rig.js';

/** Measures all instances at these codes. */
export type Measure = (codes: Int32Array) => Promise<Float64Array>;

export interface Search {
  readonly count: number;
  /** First code of an instance. */
  readonly start: (instance: number) => number;
  /** Sizes of the steps, descending. */
  readonly steps: readonly number[];
  /** True if the quantity grows with the code. */
  readonly rises: boolean;
  readonly low?: number;
  readonly high?: number;
}

export interface Found {
  readonly codes: Int32Array;
  /** The reading at that code. */
  readonly values: Float64Array;
  /** 1: the search ended at a limit of its range. */
  readonly atLimit: Uint8Array;
}

/** Steps over the whole range of a cell; the last is there for the dither of the start. */
export const wholeRange: readonly number[] = [256, 128, 64, 32, 16, 8, 4, 2, 1, 4];
/** Steps around a code that is nearly right. */
export const nearby: readonly number[] = [8, 4, 2, 1];
/** Among so many last readings the best one wins. */
const remembered = 5;

/**
 * Bisection: every instance moves by a step towards its target, then two neighbours of the best code are tried.
 * @returns for each instance the code with the reading nearest to its target among the last ones
 */
export async function searchCodes(
  search: Search,
  targets: ArrayLike<number>,
  measure: Measure,
): Promise<Found> {
  const low = search.low ?? 0;
  const high = search.high ?? highestCode;
  const clip = (code: number): number => Math.max(low, Math.min(high, Math.round(code)));
  const history: { codes: Int32Array; values: Float64Array }[] = [];
  const look = async (codes: Int32Array): Promise<Float64Array> => {
    const values = await measure(codes);
    history.push({ codes, values });
    if (history.length > remembered) history.shift();
    return values;
  };
  const best = (i: number): { code: number; value: number; error: number } => {
    let found = { code: 0, value: NaN, error: Infinity };
    for (const { codes, values } of history) {
      const error = Math.abs((values[i] ?? NaN) - (targets[i] ?? 0));
      if (error < found.error) found = { code: codes[i] ?? 0, value: values[i] ?? NaN, error };
    }
    return found;
  };
  let codes = Int32Array.from({ length: search.count }, (_, i) => clip(search.start(i)));
  for (const step of search.steps) {
    const values = await look(codes);
    codes = codes.map((code, i) => {
      const wanted = (targets[i] ?? 0) > (values[i] ?? 0) === search.rises ? step : -step;
      return clip(code + wanted);
    });
  }
  await look(codes);
  for (const side of [-1, 1]) {
    const centre = Int32Array.from(codes, (code, i) => {
      const { code: near, error } = best(i);
      return error < Infinity ? near : code;
    });
    await look(centre.map((code) => clip(code + side)));
  }
  const chosen = Array.from({ length: search.count }, (_, i) => best(i));
  return {
    codes: Int32Array.from(chosen, ({ code }) => code),
    values: Float64Array.from(chosen, ({ value }) => value),
    atLimit: Uint8Array.from(chosen, ({ code }) => Number(code <= low || code >= high)),
  };
}

/** Measurements that `searchCodes` makes. */
export function measurementsOf(steps: readonly number[]): number {
  return steps.length + 3;
}

/** Median; the mean of the two middle values of an even number; NaN of nothing. Values that are not finite are left out. */
export function median(values: ArrayLike<number>): number {
  const sorted = Array.from(values)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The value below which a `share` (0..1) of the finite values lies, between neighbours by a line; NaN of nothing. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Array.from(values)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const lower = Math.floor(place);
  const [first = NaN, next = first] = sorted.slice(lower, lower + 2);
  return first + (place - lower) * (next - first);
}

/** Mean and standard deviation (n - 1) of the finite values. */
export function spread(values: ArrayLike<number>): { n: number; mean: number; sd: number } {
  const finite = Array.from(values).filter(Number.isFinite);
  const n = finite.length;
  const mean = finite.reduce((sum, x) => sum + x, 0) / n;
  const squares = finite.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
  return { n, mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN };
}

/** Readings whose sum is below this (counts per reading) are taken for nothing. */
const leastSignal = 0.25;

/**
 * Time constant of an exponential decay to 0 from its mean over two spans of equal length, the second following the
 * first: exact for a pure exponential, whatever its amplitude and however late the first span begins.
 * @param span length of a span, in the unit of the result
 */
export function decayTime(first: number, second: number, span: number): number {
  const a = Math.abs(first);
  const b = Math.abs(second);
  if (a < 4 * leastSignal) return 0;
  const ratio = log(a / Math.max(b, leastSignal));
  return ratio > 0.02 ? span / ratio : 50 * span;
}

/** Least-squares line through (x, log y) for positive y: slope and value at x = 0 of exp of it. */
export function exponentialFit(
  x: readonly number[],
  y: readonly number[],
): { amplitude: number; tau: number } {
  // Weights y^2: errors of y are equal, those of log y grow as y falls.
  let [sw, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
  x.forEach((at, k) => {
    const value = y[k] ?? 0;
    if (!(value > 0)) return;
    const w = value * value;
    const l = log(value);
    sw += w;
    sx += w * at;
    sy += w * l;
    sxx += w * at * at;
    sxy += w * at * l;
  });
  const determinant = sw * sxx - sx * sx;
  if (!(determinant > 0)) return { amplitude: NaN, tau: NaN };
  const slope = (sw * sxy - sx * sy) / determinant;
  return { amplitude: exp((sy - slope * sx) / sw), tau: slope < 0 ? -1 / slope : Infinity };
}

/**
 * By how much the largest of `reads` readings exceeds the upper end of a span on which the quantity is uniformly
 * distributed, on average; each reading has normal noise `sd`. Negative when the noise is small and reads are few.
 */
export function excessOfMaximum(reads: number, span: number, sd: number): number {
  const normal = (x: number): number => 0.5 * (1 + tanh(0.7978845608 * (x + 0.044715 * x * x * x)));
  // P(reading <= x) is the mean of the normal law over the span; summed on a grid that is fine against both.
  const step = Math.min(sd, 1) / 8;
  const cells = Math.ceil(span / step);
  let excess = 0;
  for (let x = -span; x < 6 * sd; x += step) {
    let below = 0;
    for (let c = 0; c < cells; c++) {
      const z = (x + ((c + 0.5) * span) / cells) / sd;
      below += z > 6 ? 1 : z < -6 ? 0 : normal(z);
    }
    const all = exp(reads * log(Math.max(1e-30, below / cells)));
    excess += x < 0 ? -all * step : (1 - all) * step;
  }
  return excess;
}
