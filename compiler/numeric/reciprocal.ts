/** 1 / x lane by lane: normalised, a cubic as a first guess, one Newton step, scaled back. */
import { cos } from '../../isa/numeric/elementary.js';
import type { Builder } from '../ir/builder.js';
import { type Enumerated, Enumeration } from './enumerated.js';
import type { Atom } from './linear.js';
import { type NormalStep, normalised } from './normalise.js';
import { fitPolynomial } from './polynomial.js';
import { floorLog2, nearest, powerOfTwo } from './power.js';

/** A cubic near 1/d for d = (3 + u) / 4 in [1/2, 1): its coefficients of u. */
const guess = fitPolynomial((d) => 1 / d, 0.5, 1, 3, 16, cos).coefficients;

/**
 * 1 / x for an atom (a half) whose codes are all positive or all negative, with an error that holds for every code.
 * `error` of the atom counts too; undefined if it reaches 0.
 */
export function reciprocal(builder: Builder, x: Atom): Atom | undefined {
  const { lo, hi } = x.value;
  if (lo <= 0 && hi >= 0) return undefined;
  const unit = powerOfTwo(-x.frac);
  const least = Math.min(Math.abs(lo), Math.abs(hi)) * unit;
  if (x.error >= least) return undefined;
  const e = new Enumeration(builder, x.value);
  const positive = hi < 0 ? e.negate(e.start) : e.start;
  const { result, places } = inverse(e, positive);
  const signed = hi < 0 ? e.negate(result) : result;
  // x = code * 2^-frac, so 1 / x = 2^frac / code.
  const frac = places - x.frac;
  const step = powerOfTwo(-places);
  let worst = 0;
  e.codes.forEach((code, i) => {
    worst = Math.max(worst, Math.abs(signed.codes[i]! * step - 1 / code));
  });
  const spread = x.error / (least * (least - x.error));
  return { value: signed.value, frac, error: worst * powerOfTwo(x.frac) + spread };
}

/** 1 / c for positive codes c, with `places` binary places. */
function inverse(
  e: Enumeration,
  c: Enumerated,
): { readonly result: Enumerated; readonly places: number } {
  const { n, before, steps } = normalised(e, c);
  const scale = scaleOf(e, steps);
  const first = firstGuess(e, n);
  // 1 - d * first, which has 28 places, exactly in two halves: 12 places, and the 16 below them.
  const negative = e.negate(first);
  const high = e.dot([[n, negative]], powerOfTwo(28), 16);
  const low = e.multiplyWrapping(n, negative);
  const part = e.dot([[first, low]], 0, 16);
  const change = e.dot(
    [
      [first, e.shiftLeft(high, 4)],
      [part, 16],
    ],
    0,
    16,
  );
  const better = e.add(first, change);
  // 1 / c = 2^before * scale / n, and 2^15 / n has 13 places.
  if (scale === undefined) return { result: better, places: 28 - before };
  const room = 14 - floorLog2(e.size(scale));
  const product = [e.shiftLeft(scale, room), better] as const;
  // Four times, because the accumulator gives its upper half only.
  const result = e.dot([product, product, product, product], 0, 16);
  return { result, places: 28 - before + room + 2 - 16 };
}

/** The power of two by which the steps have multiplied. */
function scaleOf(e: Enumeration, steps: readonly NormalStep[]): Enumerated | undefined {
  let scale: Enumerated | undefined;
  for (const { by, small } of steps) {
    const factor = e.choose(small, e.constant(powerOfTwo(by)), e.constant(1));
    scale = scale === undefined ? factor : e.multiply(scale, factor);
  }
  return scale;
}

/** Close to 1/d with 13 places, by Horner's rule. */
function firstGuess(e: Enumeration, n: Enumerated): Enumerated {
  // u with 15 places.
  const u = e.shiftLeft(e.subtract(n, e.constant(24576)), 2);
  const code = (k: number, places: number): number => nearest((guess[k] ?? 0) * powerOfTwo(places));
  const square = e.dot([[u, code(3, 17)]], code(2, 32), 16);
  const line = e.dot([[u, square]], code(1, 31), 17);
  return e.dot([[u, line]], code(0, 29), 16);
}
