/**
 * Random numbers from named, seeded streams.
 *
 * The generator is counter-based (Philox 4x32 with 10 rounds; Salmon et al., SC11): draw n of a stream is a pure function
 * of (seed, name, n). No draw depends on the order of others, the same seed gives the same bytes on every machine,
 * and a single value can be had without drawing those before it.
 */
import { cos, exp, log, sin } from './elementary.js';

/** Two words that name a stream: made from a seed and a name by `streamKey`, opaque otherwise. */
export interface StreamKey {
  readonly a: number;
  readonly b: number;
}

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** High word of the 64-bit product of two unsigned words. */
function highProduct(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const low = al * bl;
  const mid = ah * bl + (low >>> 16);
  const mid2 = al * bh + (mid & 0xffff);
  return (ah * bh + (mid >>> 16) + (mid2 >>> 16)) >>> 0;
}

/** The four words of one block: counter in, random words out. One block at a time; copy what must last. */
const block = new Uint32Array(4);

function philox(key: StreamKey, c0: number, c1: number, c2: number, c3: number): void {
  let x0 = c0 >>> 0;
  let x1 = c1 >>> 0;
  let x2 = c2 >>> 0;
  let x3 = c3 >>> 0;
  let k0 = key.a;
  let k1 = key.b;
  for (let round = 0; round < 10; round++) {
    const high0 = highProduct(MULTIPLIER_0, x0);
    const low0 = Math.imul(MULTIPLIER_0, x0) >>> 0;
    const high1 = highProduct(MULTIPLIER_1, x2);
    const low1 = Math.imul(MULTIPLIER_1, x2) >>> 0;
    x0 = (high1 ^ x1 ^ k0) >>> 0;
    x1 = low1;
    x2 = (high0 ^ x3 ^ k1) >>> 0;
    x3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  block[0] = x0;
  block[1] = x1;
  block[2] = x2;
  block[3] = x3;
}

/**
 * The key of the stream `name` under `seed`.
 * @param seed a whole number of magnitude below 2^53
 * @throws RangeError for any other seed
 */
export function streamKey(seed: number, name: string): StreamKey {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`a seed is a whole number below 2^53, not ${seed}`);
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193) >>> 0;
    b = Math.imul(b ^ (unit + i), 0x85ebca6b) >>> 0;
    b = ((b << 13) | (b >>> 19)) >>> 0;
  }
  const low = seed >>> 0;
  const high = Math.floor(seed / 4294967296) >>> 0;
  // One block under the name mixes seed and name into a key of their own.
  philox({ a, b }, low, high, name.length, 0x504c4153);
  return { a: block[0]!, b: block[1]! };
}

/** One block of the bare generator: four counter words and a key in, four random words out. */
export function philoxBlock(
  key: StreamKey,
  counter: readonly [number, number, number, number],
): number[] {
  philox(key, ...counter);
  return [...block];
}

/** The 32-bit word at `index` (and optionally `second`, whole numbers below 2^32) of a stream. */
export function wordAt(key: StreamKey, index: number, second = 0): number {
  philox(key, index, second, 0, 1);
  return block[0]!;
}

function uniformFromBlock(): number {
  return (block[0]! * 2097152 + (block[1]! >>> 11)) / 9007199254740992;
}

/** Uniform in [0, 1) with 53 bits at an index (up to three whole numbers below 2^32). */
export function uniformAt(key: StreamKey, index: number, second = 0, third = 0): number {
  philox(key, index, second, third, 2);
  return uniformFromBlock();
}

/** Standard normal at an index (up to three whole numbers below 2^32). */
export function normalAt(key: StreamKey, index: number, second = 0, third = 0): number {
  philox(key, index, second, third, 3);
  // Box and Muller; 1 - u lies in (0, 1], so the logarithm is finite (largest magnitude 8.57).
  const u = uniformFromBlock();
  const v = (block[2]! * 2097152 + (block[3]! >>> 11)) / 9007199254740992;
  return Math.sqrt(-2 * log(1 - u)) * cos(2 * Math.PI * v);
}

/** Standard normal at an index, drawn again (from further words) until its magnitude is at most `limit`. */
export function truncatedNormalAt(
  key: StreamKey,
  index: number,
  limit: number,
  second = 0,
): number {
  for (let attempt = 0; ; attempt++) {
    const value = normalAt(key, index, second, attempt);
    if (Math.abs(value) <= limit) return value;
  }
}

/** A stream read in order: what a stimulus, a split or a shuffle draws from. */
export class Stream {
  private readonly key: StreamKey;
  private next = 0;
  private spare: number | undefined;

  /**
   * @param seed a whole number of magnitude below 2^53
   * @param name names what is drawn, for example `stimulus/iris/epoch 3`
   */
  constructor(seed: number, name: string) {
    this.key = streamKey(seed, name);
  }

  /** How many blocks were drawn; with seed and name, the whole state of the stream. */
  get position(): number {
    return this.next;
  }

  private draw(): void {
    const at = this.next++;
    philox(this.key, at >>> 0, Math.floor(at / 4294967296), 0, 4);
  }

  /** Uniform 32-bit word. */
  word(): number {
    this.draw();
    return block[0]!;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    this.draw();
    return uniformFromBlock();
  }

  /** Whole number in 0..n-1 without bias. @throws RangeError unless 1 <= n <= 2^32 */
  integer(n: number): number {
    if (!(Number.isInteger(n) && n >= 1 && n <= 4294967296))
      throw new RangeError(`integer(n) needs n in 1..2^32, not ${n}`);
    const limit = 4294967296 - (4294967296 % n);
    for (;;) {
      const word = this.word();
      if (word < limit) return word % n;
    }
  }

  /** Standard normal. */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    this.draw();
    const u = uniformFromBlock();
    const v = (block[2]! * 2097152 + (block[3]! >>> 11)) / 9007199254740992;
    const radius = Math.sqrt(-2 * log(1 - u));
    this.spare = radius * sin(2 * Math.PI * v);
    return radius * cos(2 * Math.PI * v);
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -log(1 - this.uniform());
  }

  /** Poisson count with the given mean (>= 0): by products of uniforms, in pieces of at most 50. */
  poisson(mean: number): number {
    let count = 0;
    let left = mean;
    while (left > 0) {
      const piece = Math.min(left, 50);
      left -= piece;
      const bound = exp(-piece);
      for (let product = this.uniform(); product > bound; product *= this.uniform()) count++;
    }
    return count;
  }

  /** Puts the items of an array into a random order, in place, and returns it. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const item = items[i]!;
      items[i] = items[j]!;
      items[j] = item;
    }
    return items;
  }
}
