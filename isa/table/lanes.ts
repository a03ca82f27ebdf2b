/**
 * Arithmetic on the lanes of the vector unit. Vectors are worked on two halfwords at a time (`Machine.vrPairs`): a pair
 * holds two halfword elements or four byte elements, and no element's result depends on another's. Where that is
 * cheaper all elements of a pair are computed at once with carries kept from crossing.
 */
import type { Fields } from '../instruction.js';
import { LANES, type Machine } from '../machine.js';

export { LANES } from '../machine.js';

/** Pairs of halfwords in a vector. */
export const PAIRS = LANES / 2;

// ---------------------------------------------------------------- elements

/** The elements of a pair as signed numbers: halfwords 0 and 1. */
export function first(pair: number): number {
  return (pair << 16) >> 16;
}

export function second(pair: number): number {
  return pair >> 16;
}

/** A pair from its two halfwords, each taken modulo 65536. */
export function pairOf(first: number, second: number): number {
  return (second << 16) | (first & 0xffff);
}

/** The upper byte of a (signed) halfword as a signed number. */
export function highByte(x: number): number {
  return x >> 8;
}

export function lowByte(x: number): number {
  return (x << 24) >> 24;
}

/** A halfword from two byte results, each taken modulo 256. */
export function bytes(high: number, low: number): number {
  return (high << 8) | (low & 0xff);
}

/** The halves of an accumulator as signed numbers. */
export function highHalf(x: number): number {
  return x >> 16;
}

export function lowHalf(x: number): number {
  return (x << 16) >> 16;
}

/** An accumulator from two half results, each taken modulo 65536. */
export function halves(high: number, low: number): number {
  return (high << 16) | (low & 0xffff);
}

export function saturate16(x: number): number {
  return x > 32767 ? 32767 : x < -32768 ? -32768 : x;
}

/** a + b in 32 bits, saturated; the overflow is found as the adder does, so that no number leaves 32 bits. */
export function addSaturated(a: number, b: number): number {
  const sum = (a + b) | 0;
  const overflow = ((a ^ sum) & (b ^ sum)) >> 31;
  return (sum & ~overflow) | (((a >> 31) ^ 0x7fff_ffff) & overflow);
}

/** Doubled product of two fractions; (-1)*(-1) is the largest positive number. */
export function fraction16(a: number, b: number): number {
  const product = Math.imul(a, b);
  return product === 0x4000_0000 ? 0x7fff_ffff : product << 1;
}

export function fraction8(a: number, b: number): number {
  const product = Math.imul(a, b);
  return product === 0x4000 ? 0x7fff : product << 1;
}

// ---------------------------------------------------------------- whole pairs

const SIGNS_16 = 0x8000_8000 | 0;
const SIGNS_8 = 0x8080_8080 | 0;
const REST_16 = 0x7fff_7fff;
const REST_8 = 0x7f7f_7f7f;

/** All ones in the halfwords (bytes) whose sign bit is set in `signs`; its other bits do not matter. */
export function spread16(signs: number): number {
  const ones = (signs >>> 15) & 0x0001_0001;
  return (ones << 16) - ones;
}

export function spread8(signs: number): number {
  const ones = (signs >>> 7) & 0x0101_0101;
  return (ones << 8) - ones;
}

/** Sums modulo the element: everything but the sign bits is added, which never carries into the next element. */
export function add16(x: number, y: number): number {
  return ((x & REST_16) + (y & REST_16)) ^ ((x ^ y) & SIGNS_16);
}

export function add8(x: number, y: number): number {
  return ((x & REST_8) + (y & REST_8)) ^ ((x ^ y) & SIGNS_8);
}

export function sub16(x: number, y: number): number {
  return ((x | SIGNS_16) - (y & REST_16)) ^ ((x ^ ~y) & SIGNS_16);
}

export function sub8(x: number, y: number): number {
  return ((x | SIGNS_8) - (y & REST_8)) ^ ((x ^ ~y) & SIGNS_8);
}

/** `sum`, but where `overflow` has the sign bit set the number of largest magnitude with the sign of x. */
export function clamp16(sum: number, overflow: number, x: number): number {
  const mask = spread16(overflow);
  return (sum & ~mask) | ((REST_16 + ((x >>> 15) & 0x0001_0001)) & mask);
}

export function clamp8(sum: number, overflow: number, x: number): number {
  const mask = spread8(overflow);
  return (sum & ~mask) | ((REST_8 + ((x >>> 7) & 0x0101_0101)) & mask);
}

export function addSaturated16(x: number, y: number): number {
  const sum = add16(x, y);
  return clamp16(sum, ~(x ^ y) & (x ^ sum), x);
}

export function addSaturated8(x: number, y: number): number {
  const sum = add8(x, y);
  return clamp8(sum, ~(x ^ y) & (x ^ sum), x);
}

export function subSaturated16(x: number, y: number): number {
  const difference = sub16(x, y);
  return clamp16(difference, (x ^ y) & (x ^ difference), x);
}

export function subSaturated8(x: number, y: number): number {
  const difference = sub8(x, y);
  return clamp8(difference, (x ^ y) & (x ^ difference), x);
}

/** Low halves of products. They do not depend on the upper parts of the factors. */
export function multiply16(x: number, y: number): number {
  return (Math.imul(x >>> 16, y >>> 16) << 16) | (Math.imul(x, y) & 0xffff);
}

export function multiply8(x: number, y: number): number {
  return (
    (Math.imul(x, y) & 0xff) |
    ((Math.imul(x >>> 8, y >>> 8) & 0xff) << 8) |
    ((Math.imul(x >>> 16, y >>> 16) & 0xff) << 16) |
    (Math.imul(x >>> 24, y >>> 24) << 24)
  );
}

/** All ones in the elements that are not 0. */
export function nonzero16(x: number): number {
  return spread16(((x & REST_16) + REST_16) | x);
}

export function nonzero8(x: number): number {
  return spread8(((x & REST_8) + REST_8) | x);
}

/** Product of two fractions, upper half: 2ab >> n with the one overflow, (-1)*(-1), saturated. */
export function upperProduct16(a: number, b: number): number {
  const x = Math.imul(a, b) >> 15;
  return x - ((x >> 15) & ~(x >> 31));
}

export function upperProduct8(a: number, b: number): number {
  const x = Math.imul(a, b) >> 7;
  return x - ((x >> 7) & ~(x >> 31));
}

export function multiplyFractions16(x: number, y: number): number {
  return pairOf(upperProduct16(first(x), first(y)), upperProduct16(second(x), second(y)));
}

export function multiplyFractions8(x: number, y: number): number {
  const lower = bytes(
    upperProduct8((x << 16) >> 24, (y << 16) >> 24),
    upperProduct8(lowByte(x), lowByte(y)),
  );
  const upper = bytes(
    upperProduct8(x >> 24, y >> 24),
    upperProduct8((x << 8) >> 24, (y << 8) >> 24),
  );
  return pairOf(lower, upper);
}

// ---------------------------------------------------------------- destinations

/** Where a conditional instruction puts its result before it is merged. */
const result = new Int32Array(PAIRS);
const wideResult = new Int32Array(LANES);

/** Where an instruction writes the pairs of its result: the registers, or aside for `merge`. */
export function destination(m: Machine, f: Fields): Int32Array {
  return f.cond === 0 ? m.vrPairs : result;
}

/** Place of the first pair there. */
export function placeIn(f: Fields): number {
  return f.cond === 0 ? f.rt * PAIRS : 0;
}

/** Puts the bytes whose condition holds into the register; nothing to do without a condition. */
export function merge(m: Machine, f: Fields): void {
  if (f.cond === 0) return;
  const pairs = m.vrPairs;
  const masks = m.vcrPairs[f.cond]!;
  const t = f.rt * PAIRS;
  for (let i = 0; i < PAIRS; i++) {
    pairs[t + i] = (pairs[t + i]! & ~masks[i]!) | (result[i]! & masks[i]!);
  }
}

/** Where an instruction writes accumulators: those of the machine, or aside for `mergeWide`. */
export function wideDestination(m: Machine, f: Fields): Int32Array {
  return f.cond === 0 ? m.acc : wideResult;
}

/** The same for accumulators: the mask of each byte of the halfword stands for a half of the accumulator. */
export function mergeWide(m: Machine, f: Fields): void {
  if (f.cond === 0) return;
  const { acc } = m;
  const masks = m.vcr[f.cond]!;
  for (let i = 0; i < LANES; i++) {
    const narrow = masks[i]!;
    const wide = (((narrow << 16) >> 31) << 16) | (((narrow << 24) >> 31) & 0xffff);
    acc[i] = (acc[i]! & ~wide) | (wideResult[i]! & wide);
  }
}
