/** Interval arithmetic on real numbers, rounding errors of float64 neglected (bounds are the back end's work). */
import type { Interval } from './typed.js';

export const everything: Interval = { lo: -Infinity, hi: Infinity };
export const int32: Interval = { lo: -2147483648, hi: 2147483647 };
export const truth: Interval = { lo: 0, hi: 1 };

export function point(value: number): Interval {
  return { lo: value, hi: value };
}

export function hull(a: Interval, b: Interval): Interval {
  return { lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi) };
}

export function contains(a: Interval, value: number): boolean {
  return a.lo <= value && value <= a.hi;
}

export function within(a: Interval, outer: Interval): boolean {
  return outer.lo <= a.lo && a.hi <= outer.hi;
}

export function negate(a: Interval): Interval {
  return { lo: 0 - a.hi, hi: 0 - a.lo };
}

export function add(a: Interval, b: Interval): Interval {
  return { lo: a.lo + b.lo, hi: a.hi + b.hi };
}

export function subtract(a: Interval, b: Interval): Interval {
  return { lo: a.lo - b.hi, hi: a.hi - b.lo };
}

export function multiply(a: Interval, b: Interval): Interval {
  return spanning([times(a.lo, b.lo), times(a.lo, b.hi), times(a.hi, b.lo), times(a.hi, b.hi)]);
}

export function square(a: Interval): Interval {
  const { lo, hi } = absolute(a);
  return { lo: times(lo, lo), hi: times(hi, hi) };
}

/** Everything if `b` contains 0. */
export function divide(a: Interval, b: Interval): Interval {
  if (contains(b, 0)) return everything;
  return spanning(
    [a.lo / b.lo, a.lo / b.hi, a.hi / b.lo, a.hi / b.hi].map((x) => (Number.isNaN(x) ? 0 : x)),
  );
}

/** The image under a function that never falls. */
export function mapRising(a: Interval, f: (x: number) => number): Interval {
  return { lo: f(a.lo), hi: f(a.hi) };
}

export function absolute(a: Interval): Interval {
  if (a.lo >= 0) return a;
  if (a.hi <= 0) return negate(a);
  return { lo: 0, hi: Math.max(-a.lo, a.hi) };
}

/** Sum of 1 to `count` values of `a`. */
export function repeated(a: Interval, count: number): Interval {
  return { lo: a.lo < 0 ? a.lo * count : a.lo, hi: a.hi > 0 ? a.hi * count : a.hi };
}

/** Without -0, which prints badly. */
function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

function spanning(values: readonly number[]): Interval {
  return { lo: Math.min(...values), hi: Math.max(...values) };
}
