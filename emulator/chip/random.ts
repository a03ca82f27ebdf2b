/**
 * The parallel random generators: a 16-bit shift register per column, each with another feedback polynomial.
 *
 * The chip's polynomials are not public. Here column c uses the (c+1)-th primitive polynomial of degree 16 over
 * GF(2) in ascending order of its bits, inverted feedback (so that the power-up state 0 runs and only all ones is
 * stuck, which no seed can reach), one shift per draw, and the low byte as the result.
 */

let feedback: Uint16Array | undefined;

/** Feedback taps of each of the 256 columns (bit i: state bit i takes part). */
function taps(): Uint16Array {
  feedback ??= firstPrimitives(256);
  return feedback;
}

/** Generators of one hemisphere. */
export class RandomGenerators {
  /** Shift register of each column. */
  readonly states = new Uint16Array(256);

  /** Draws a byte for each column of one parity (0 even, 1 odd). */
  draw(parity: number, out: Uint8Array): void {
    for (let j = 0; j < 128; j++) out[j] = this.drawOne(2 * j + parity);
  }

  /** Draws a byte for one column. */
  drawOne(column: number): number {
    const state = this.states[column]!;
    const next = ((state << 1) | (parityOf(state & taps()[column]!) ^ 1)) & 0xffff;
    this.states[column] = next;
    return next & 0xff;
  }

  /** Sets the low byte of one column's register and clears the high byte. */
  seed(column: number, value: number): void {
    this.states[column] = value & 0xff;
  }

  clear(): void {
    this.states.fill(0);
  }
}

/** A 32-bit shift register for background sources (taps 32, 22, 2, 1); a zero seed counts as 1. */
export function stepLfsr32(state: number): number {
  const from = state === 0 ? 1 : state;
  const bit = from ^ (from >>> 10) ^ (from >>> 30) ^ (from >>> 31);
  return ((from << 1) | (bit & 1)) >>> 0;
}

function parityOf(value: number): number {
  let v = value ^ (value >> 8);
  v ^= v >> 4;
  v ^= v >> 2;
  v ^= v >> 1;
  return v & 1;
}

function firstPrimitives(count: number): Uint16Array {
  const found = new Uint16Array(count);
  let used = 0;
  // The low 16 bits of x^16 + ... + 1; the order of x is 65535 = 3 * 5 * 17 * 257 exactly if none of these divides out.
  for (let low = 1; used < count; low += 2) {
    if (powerOfX(65535, low) !== 1) continue;
    if ([3, 5, 17, 257].some((prime) => powerOfX(65535 / prime, low) === 1)) continue;
    // Coefficient k (0..15) feeds back state bit 15 - k.
    let mask = 0;
    for (let k = 0; k < 16; k++) if ((low >> k) & 1) mask |= 1 << (15 - k);
    found[used++] = mask;
  }
  return found;
}

function powerOfX(exponent: number, low: number): number {
  let result = 1;
  let base = 2;
  for (let e = exponent; e > 0; e >>= 1) {
    if (e & 1) result = multiply(result, base, low);
    base = multiply(base, base, low);
  }
  return result;
}

function multiply(a: number, b: number, low: number): number {
  let product = 0;
  let shifted = a;
  for (let rest = b; rest > 0; rest >>= 1) {
    if (rest & 1) product ^= shifted;
    shifted <<= 1;
    if (shifted & 0x10000) shifted = (shifted & 0xffff) ^ low;
  }
  return product;
}
