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
 * `error` of the atom counts too; undefined if it reaches 0. With `precise` the result has a lower part.
 */
export function reciprocal(builder: Builder, x: Atom, precise = false): Atom | undefined {
  const { lo, hi } = x.value;
  if (lo <= 0 && hi >= 0) return undefined;
  const unit = powerOfTwo(-x.frac);
  const least = Math.min(Math.abs(lo), Math.abs(hi)) * unit;
  if (x.error >= least) return undefined;
  const e = new Enumeration(builder, x.value);
  const positive = hi < 0 ? e.negate(e.start) : e.start;
  const { result, low, places } = inverse(e, positive, precise);
  const signed = hi < 0 ? e.negate(result) : result;
  const rest = low && hi < 0 ? e.subtract(e.constant(0), low) : low;
  // x = code * 2^-frac, so 1 / x = 2^frac / code.
  const frac = places - x.frac;
  const step = powerOfTwo(-places);
  let worst = 0;
  e.codes.forEach((code, i) => {
    const wide = signed.codes[i]! + (rest ? rest.codes[i]! / 65536 : 0);
    worst = Math.max(worst, Math.abs(wide * step - 1 / code));
  });
  const spread = x.error / (least * (least - x.error));
  const error = worst * powerOfTwo(x.frac) + spread;
  return { value: signed.value, frac, error, ...(rest ? { low: rest.value } : {}) };
}

/** 1 / c for positive codes c, with `places` binary places. */
function inverse(
  e: Enumeration,
  c: Enumerated,
  precise: boolean,
): { readonly result: Enumerated; readonly low?: Enumerated; readonly places: number } {
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
  if (precise) {
    const wide = inTwoParts(e, n, better, scale);
    if (wide) return { ...wide, places: 28 - before + wide.room - 14 };
  }
  // 1 / c = 2^before * scale / n, and 2^15 / n has 13 places.
  if (scale === undefined) return { result: better, places: 28 - before };
  const room = 14 - floorLog2(e.size(scale));
  const product = [e.shiftLeft(scale, room), better] as const;
  // Four times, because the accumulator gives its upper half only.
  const result = e.dot([product, product, product, product], 0, 16);
  return { result, places: 28 - before + room + 2 - 16 };
}

/**
 * 2^28 / n times the scale with all 32 bits: what `better` leaves of 2^28, which is the lower half of a product, times
 * `better` once more is what it lacks.
 */
function inTwoParts(
  e: Enumeration,
  n: Enumerated,
  better: Enumerated,
  scale: Enumerated | undefined,
): { readonly result: Enumerated; readonly low: Enumerated; readonly room: number } | undefined {
  const isClose = n.codes.every(
    (code, i) => Math.abs(powerOfTwo(28) - code * better.codes[i]!) < powerOfTwo(15),
  );
  if (!isClose) return undefined;
  const rest = e.multiplyWrapping(n, e.negate(better));
  const room = scale ? 14 - floorLog2(e.size(scale)) : 14;
  const raised = scale ? e.shiftLeft(scale, room) : e.constant(powerOfTwo(14));
  // rest * better / 2^16 counts 2^-12 of `better`, so this is what is lacking, in 64 units of the sum.
  const lacking = e.dot([[e.dot([[rest, better]], 0, 16), raised]], 0, 16);
  const product = [raised, better] as const;
  const sum = [product, product, product, product, [lacking, 64] as const];
  return { result: e.dot(sum, 0, 16), low: e.dotLow(sum), room };
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
