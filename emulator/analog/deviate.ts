/**
 * Quick standard normal deviates as pure functions of a key and up to three counters, for trial noise in hot loops.
 *
 * A chain of integer mixers (xor-shift and multiplication) makes one 32-bit word, a rational approximation of the inverse
 * normal distribution (P. J. Acklam's, relative error 1e-9) makes the deviate; its magnitude stays below 6.4.
 */
import { log } from '../../isa/numeric/elementary.js';
import { wordAt, type StreamKey } from '../../isa/numeric/random.js';

/** Key of a source of noise: one well mixed word. */
export function sourceKey(key: StreamKey): number {
  return wordAt(key, 0) | 0;
}

/** Mixes the bits of a word. */
export function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

/** Standard normal deviate number (a, b, c) of a source; a, b, c are integers of which the low 32 bits count. */
export function deviate(key: number, a: number, b: number, c: number): number {
  return inverseNormal(((mixedWord(key, a, b, c) >>> 0) + 0.5) / 4294967296);
}

/** A well mixed 32-bit word for counters (a, b, c) of a source. */
export function mixedWord(key: number, a: number, b: number, c: number): number {
  return mix(mix(mix(key ^ mix(a | 0)) + (b | 0)) + Math.imul(c | 0, 0x9e3779b1));
}

/** x with P(normal <= x) = p, 0 < p < 1. */
export function inverseNormal(p: number): number {
  if (p < 0.02425) return -tail(p);
  if (p > 0.97575) return tail(1 - p);
  const q = p - 0.5;
  const r = q * q;
  return (
    (q *
      (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
        138.357751867269) *
        r -
        30.66479806614716) *
        r +
        2.506628277459239)) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
      66.80131188771972) *
      r -
      13.28068155288572) *
      r +
      1)
  );
}

function tail(p: number): number {
  const q = Math.sqrt(-2 * log(p));
  return -(
    (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q -
      2.549732539343734) *
      q +
      4.374664141464968) *
      q +
      2.938163982698783) /
    ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q +
      3.754408661907416) *
      q +
      1)
  );
}
