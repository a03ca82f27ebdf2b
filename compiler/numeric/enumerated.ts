/**
 * Lane arithmetic whose ranges and errors are known exactly, because everything is a function of one code with at most
 * 2^16 values: each operation is emitted and at once carried out for all of them.
 */
import type { Builder } from '../ir/builder.js';
import type { Relation, Value } from '../ir/ir.js';
import { floorLog2, powerOfTwo } from './power.js';

/** A half (or mask), and its code for each code of the input. */
export interface Enumerated {
  readonly value: Value;
  readonly codes: Int32Array;
}

const sumLimit = 0x80000000;

/** Emits operations on functions of one input. */
export class Enumeration {
  /** All codes of the input, in order. */
  readonly codes: Int32Array;

  constructor(
    readonly builder: Builder,
    readonly input: Value,
  ) {
    const { lo, hi } = input;
    this.codes = Int32Array.from({ length: hi - lo + 1 }, (_, i) => lo + i);
  }

  get start(): Enumerated {
    return { value: this.input, codes: this.codes };
  }

  private made(
    codes: Int32Array,
    operation: Value['operation'],
    args: readonly Value[],
    extra: Parameters<Builder['value']>[5] = {},
    space: 'half' | 'mask' = 'half',
  ): Enumerated {
    let lo = Infinity;
    let hi = -Infinity;
    for (const code of codes) {
      if (code < lo) lo = code;
      if (code > hi) hi = code;
    }
    if (space === 'mask') [lo, hi] = [0, 1];
    return { value: this.builder.value(space, operation, args, lo, hi, extra), codes };
  }

  private each(count: number, make: (i: number) => number): Int32Array {
    const codes = new Int32Array(count);
    for (let i = 0; i < count; i++) codes[i] = make(i);
    return codes;
  }

  constant(code: number): Enumerated {
    return { value: this.builder.splatNumber(code), codes: this.codes.map(() => code) };
  }

  add(a: Enumerated, b: Enumerated): Enumerated {
    const codes = a.codes.map((code, i) => code + b.codes[i]!);
    return this.made(codes, 'add', [a.value, b.value]);
  }

  subtract(a: Enumerated, b: Enumerated): Enumerated {
    const codes = a.codes.map((code, i) => code - b.codes[i]!);
    return this.made(codes, 'sub', [a.value, b.value]);
  }

  negate(a: Enumerated): Enumerated {
    return this.made(
      a.codes.map((code) => 0 - code),
      'neg',
      [a.value],
    );
  }

  multiply(a: Enumerated, b: Enumerated): Enumerated {
    const codes = a.codes.map((code, i) => code * b.codes[i]!);
    return this.made(codes, 'mul', [a.value, b.value]);
  }

  /** The lower 16 bits of the product, signed. */
  multiplyWrapping(a: Enumerated, b: Enumerated): Enumerated {
    const codes = a.codes.map((code, i) => (Math.imul(code, b.codes[i]!) << 16) >> 16);
    return this.made(codes, 'mul-wrap', [a.value, b.value]);
  }

  shiftLeft(a: Enumerated, by: number): Enumerated {
    if (by === 0) return a;
    const factor = powerOfTwo(by);
    const codes = a.codes.map((code) => code * factor);
    return this.made(codes, 'shl', [a.value], { numbers: [by] });
  }

  shiftRight(a: Enumerated, by: number): Enumerated {
    if (by === 0) return a;
    const unit = powerOfTwo(-by);
    const codes = a.codes.map((code) => Math.floor(code * unit));
    return this.made(codes, 'asr', [a.value], { numbers: [by] });
  }

  compare(a: Enumerated, relation: Relation): Enumerated {
    const holds = relations[relation];
    const codes = a.codes.map((code) => (holds(code) ? 1 : 0));
    return this.made(codes, 'compare', [a.value], { relation }, 'mask');
  }

  choose(mask: Enumerated, a: Enumerated, b: Enumerated): Enumerated {
    const codes = this.each(mask.codes.length, (i) => (mask.codes[i] ? a.codes[i]! : b.codes[i]!));
    return this.made(codes, 'choose', [mask.value, a.value, b.value]);
  }

  /** The sum of products and `addend`, divided by 2^shift (16..31) and rounded to nearest. */
  dot(
    terms: readonly (readonly [Enumerated, Enumerated | number])[],
    addend: number,
    shift: number,
  ): Enumerated {
    const round = powerOfTwo(shift - 1);
    const unit = powerOfTwo(-shift);
    const codes = this.each(this.codes.length, (i) => {
      let sum = addend;
      for (const [a, b] of terms) sum += a.codes[i]! * (typeof b === 'number' ? b : b.codes[i]!);
      if (sum < -sumLimit || sum + round >= sumLimit)
        throw new RangeError(`an accumulator of ${sum}`);
      return Math.floor((sum + round) * unit);
    });
    return this.made(codes, 'dot', [], {
      terms: terms.map(([a, b]) => ({ a: a.value, b: typeof b === 'number' ? b : b.value })),
      numbers: [round, shift],
      ...(addend === 0 ? {} : { addend: this.builder.constant(addend) }),
    });
  }

  /** The lower half, signed, of the sum of products. */
  dotLow(terms: readonly (readonly [Enumerated, Enumerated | number])[]): Enumerated {
    const codes = this.each(this.codes.length, (i) => {
      let sum = 0;
      for (const [a, b] of terms) sum += a.codes[i]! * (typeof b === 'number' ? b : b.codes[i]!);
      if (sum < -sumLimit || sum >= sumLimit) throw new RangeError(`an accumulator of ${sum}`);
      return (sum << 16) >> 16;
    });
    return this.made(codes, 'dot-low', [], {
      terms: terms.map(([a, b]) => ({ a: a.value, b: typeof b === 'number' ? b : b.value })),
      numbers: [],
    });
  }

  /** The largest |code| that `a` takes. */
  size(a: Enumerated): number {
    return Math.max(1, Math.abs(a.value.lo), Math.abs(a.value.hi));
  }

  /** How many places more `a` can take in 16 bits. */
  room(a: Enumerated): number {
    return Math.max(0, floorLog2(32767 / this.size(a)));
  }
}

const relations: { readonly [R in Relation]: (a: number) => boolean } = {
  '==': (a) => a === 0,
  '!=': (a) => a !== 0,
  '<': (a) => a < 0,
  '<=': (a) => a <= 0,
  '>': (a) => a > 0,
  '>=': (a) => a >= 0,
};
