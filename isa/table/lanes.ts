/**
 * Arithmetic on single lanes of the vector unit. A vector is 64 halfwords; a byte instruction works on the two
 * bytes of each halfword (`high` is the byte at the lower address) and on the two halves of each accumulator.
 */
import type { Fields } from '../instruction.js';
import type { Machine } from '../machine.js';

export { LANES } from '../machine.js';

/** The upper byte or half as a signed number. */
export function highByte(x: number): number {
  return x >> 8;
}

export function lowByte(x: number): number {
  return (x << 24) >> 24;
}

export function highHalf(x: number): number {
  return x >> 16;
}

export function lowHalf(x: number): number {
  return (x << 16) >> 16;
}

/** A halfword from two byte results, each taken modulo 256. */
export function bytes(high: number, low: number): number {
  return (high << 8) | (low & 0xff);
}

/** An accumulator from two half results, each taken modulo 65536. */
export function halves(high: number, low: number): number {
  return (high << 16) | (low & 0xffff);
}

export function saturate8(x: number): number {
  return x > 127 ? 127 : x < -128 ? -128 : x;
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

/** `value` where the condition mask of a halfword is 1, `old` elsewhere. */
export function select(old: number, value: number, mask: number): number {
  return (old & ~mask) | (value & mask);
}

/** Masks of the condition of an instruction; null if it is unconditional, which `put` does faster. */
export function maskOf(m: Machine, f: Fields): Uint16Array | null {
  return f.cond === 0 ? null : m.vcr[f.cond]!;
}

/** Writes halfword i of a result to `vr[at]`, as far as its mask allows. */
export function put(
  vr: Int16Array,
  at: number,
  value: number,
  mask: Uint16Array | null,
  i: number,
): void {
  vr[at] = mask === null ? value : (vr[at]! & ~mask[i]!) | (value & mask[i]!);
}

/** The same for an accumulator: the mask of each byte of the halfword stands for a half of the accumulator. */
export function putWide(acc: Int32Array, i: number, value: number, mask: Uint16Array | null): void {
  if (mask === null) {
    acc[i] = value;
  } else {
    const narrow = mask[i]!;
    const wide = (((narrow << 16) >> 31) << 16) | (((narrow << 24) >> 31) & 0xffff);
    acc[i] = (acc[i]! & ~wide) | (value & wide);
  }
}
