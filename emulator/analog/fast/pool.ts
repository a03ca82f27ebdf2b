/**
 * Constants of the kernels in linear memory, mostly four times each: a vector load is cheaper than building a vector from an
 * immediate each time round a loop.
 */
import { POOL, POOL_SIZE } from './layout.js';
import { i32, v128, type Code } from './wasm.js';

const vectors: (readonly number[])[] = [];
const bits = new DataView(new ArrayBuffer(4));

/** A vector of four integers. */
export function lanes(words: readonly number[]): Code {
  let index = vectors.findIndex((vector) => vector.every((word, i) => word === words[i]));
  if (index < 0) index = vectors.push(words) - 1;
  if (index >= POOL_SIZE) throw new RangeError(`more than ${POOL_SIZE} constants`);
  return v128.load(i32.const(0), POOL + 16 * index);
}

/** A vector with the same 32 bits in every lane. */
export function allBits(word: number): Code {
  const value = word | 0;
  return lanes([value, value, value, value]);
}

/** A vector with the same float in every lane. */
export function all(value: number): Code {
  bits.setFloat32(0, value);
  return allBits(bits.getInt32(0));
}

/** What stands in memory from POOL on, once all kernels are written. */
export function poolWords(): Int32Array {
  return Int32Array.from(vectors.flat());
}
