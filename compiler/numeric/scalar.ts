/** Real numbers of the scalar core in fixed point: a 32-bit code, its binary places, and how far it may be off. */
import type { Builder } from '../ir/builder.js';
import type { Relation, Value } from '../ir/ir.js';
import { binaryPlaces, floorLog2, nearest, powerOfTwo } from './power.js';

/** value = code * 2^-frac, off by at most `error`. */
export interface Scalar {
  readonly value: Value;
  readonly frac: number;
  readonly error: number;
}

/** Codes of intermediates stay below 2^30, so that a sum of two needs no test. */
const codeLimit = 0x40000000 - 1;

export const lowOf = (x: Scalar): number => x.value.lo * powerOfTwo(-x.frac);
export const highOf = (x: Scalar): number => x.value.hi * powerOfTwo(-x.frac);
export const magnitudeOf = (x: Scalar): number => Math.max(Math.abs(lowOf(x)), Math.abs(highOf(x)));

/** How far the sign of a number may be off that is off itself. */
export function signError({ value, frac, error }: Scalar): number {
  const slack = error * powerOfTwo(frac);
  if (slack === 0 || value.lo > slack || value.hi < -slack) return 0;
  return value.lo >= 0 || value.hi <= 0 ? 1 : 2;
}

/** Scalar arithmetic that emits IR. */
export class ScalarMath {
  constructor(readonly builder: Builder) {}

  constant(x: number): Scalar {
    const most = x === 0 ? 30 : floorLog2(codeLimit / Math.abs(x));
    const frac = Math.min(binaryPlaces(x, 60) ?? most, most);
    const code = nearest(x * powerOfTwo(frac));
    return {
      value: this.builder.constant(code),
      frac,
      error: Math.abs(code * powerOfTwo(-frac) - x),
    };
  }

  /** The same number with `frac` binary places; fewer places round to nearest. */
  withPlaces(x: Scalar, frac: number): Scalar {
    if (frac === x.frac) return x;
    const by = frac - x.frac;
    const factor = powerOfTwo(by);
    const value =
      x.value.operation === 'const'
        ? this.builder.constant(nearest((x.value.numbers[0] ?? 0) * factor))
        : this.builder.value(
            'scalar',
            'shift',
            [x.value],
            nearest(x.value.lo * factor),
            nearest(x.value.hi * factor),
            { numbers: [by] },
          );
    return { value, frac, error: x.error + (by < 0 ? powerOfTwo(-frac - 1) : 0) };
  }

  /** Two numbers with the same places, few enough that `limit(a, b)` (in units of 1) keeps below the code limit. */
  private aligned(a: Scalar, b: Scalar, most: number): [Scalar, Scalar] {
    const room = most === 0 ? 30 : floorLog2(codeLimit / most);
    const frac = Math.min(Math.max(a.frac, b.frac), room);
    return [this.withPlaces(a, frac), this.withPlaces(b, frac)];
  }

  add(a: Scalar, b: Scalar): Scalar {
    const [x, y] = this.aligned(a, b, magnitudeOf(a) + magnitudeOf(b));
    const value = this.builder.value(
      'scalar',
      'add',
      [x.value, y.value],
      x.value.lo + y.value.lo,
      x.value.hi + y.value.hi,
    );
    return { value, frac: x.frac, error: x.error + y.error };
  }

  subtract(a: Scalar, b: Scalar): Scalar {
    const [x, y] = this.aligned(a, b, magnitudeOf(a) + magnitudeOf(b));
    const value = this.builder.value(
      'scalar',
      'sub',
      [x.value, y.value],
      x.value.lo - y.value.hi,
      x.value.hi - y.value.lo,
    );
    return { value, frac: x.frac, error: x.error + y.error };
  }

  negate(x: Scalar): Scalar {
    // -2^31 has no opposite.
    if (x.value.lo <= -0x80000000) return this.negate(this.withPlaces(x, x.frac - 1));
    const value = this.builder.value('scalar', 'neg', [x.value], -x.value.hi, -x.value.lo);
    return { value, frac: x.frac, error: x.error };
  }

  multiply(a: Scalar, b: Scalar): Scalar {
    const corners = [
      a.value.lo * b.value.lo,
      a.value.lo * b.value.hi,
      a.value.hi * b.value.lo,
      a.value.hi * b.value.hi,
    ];
    const lo = Math.min(...corners);
    const hi = Math.max(...corners);
    const most = Math.max(Math.abs(lo), Math.abs(hi));
    const shift = Math.max(0, most === 0 ? 0 : floorLog2(most / codeLimit) + 1);
    const factor = powerOfTwo(-shift);
    const value = this.builder.value(
      'scalar',
      shift === 0 ? 'mul' : 'mulshift',
      [a.value, b.value],
      nearest(lo * factor),
      nearest(hi * factor),
      shift === 0 ? {} : { numbers: [shift] },
    );
    const frac = a.frac + b.frac - shift;
    const rounding = shift === 0 ? 0 : powerOfTwo(-frac - 1);
    const error =
      magnitudeOf(a) * b.error + magnitudeOf(b) * a.error + a.error * b.error + rounding;
    return { value, frac, error };
  }

  /**
   * a / b for b that never is 0: the reciprocal as floor(2^30 / |code|), then a product. Its relative error is
   * |code of b| / 2^30, so b is first brought to 15 bits.
   */
  divide(a: Scalar, b: Scalar): Scalar {
    const most = Math.max(Math.abs(b.value.lo), Math.abs(b.value.hi), 1);
    const small = this.withPlaces(b, b.frac - Math.max(0, floorLog2(most) - 14));
    const { lo, hi } = small.value;
    if (lo <= 0 && hi >= 0) throw new RangeError('the divisor may be 0');
    const numerator = this.builder.constant(0x40000000);
    const first = floorDivide(0x40000000, lo);
    const second = floorDivide(0x40000000, hi);
    const value = this.builder.value(
      'scalar',
      'div',
      [numerator, small.value],
      Math.min(first, second) - 1,
      Math.max(first, second) + 1,
    );
    const frac = 30 - small.frac;
    const least = Math.min(Math.abs(lo), Math.abs(hi)) * powerOfTwo(-small.frac);
    const error = powerOfTwo(-frac) + small.error / (least * least);
    return this.multiply(a, { value, frac, error });
  }

  scale(a: Scalar, factor: number): Scalar {
    if (factor === 1) return a;
    if (factor === -1) return this.negate(a);
    const places = factor > 0 && a.value.operation !== 'const' ? exponent(factor) : undefined;
    if (places !== undefined)
      return { value: a.value, frac: a.frac - places, error: a.error * factor };
    return this.multiply(a, this.constant(factor));
  }

  least(a: Scalar, b: Scalar): Scalar {
    return this.extreme('min', a, b);
  }

  most(a: Scalar, b: Scalar): Scalar {
    return this.extreme('max', a, b);
  }

  absolute(x: Scalar): Scalar {
    const { lo, hi } = x.value;
    if (lo >= 0) return x;
    const negative = this.negate(x).value;
    const least = hi < 0 ? -hi : 0;
    const value = this.builder.value(
      'scalar',
      'max',
      [x.value, negative],
      least,
      Math.max(-lo, hi),
    );
    return { ...x, value };
  }

  private extreme(operation: 'min' | 'max', a: Scalar, b: Scalar): Scalar {
    const [x, y] = this.aligned(a, b, Math.max(magnitudeOf(a), magnitudeOf(b)));
    const pick = operation === 'min' ? Math.min : Math.max;
    const value = this.builder.value(
      'scalar',
      operation,
      [x.value, y.value],
      pick(x.value.lo, y.value.lo),
      pick(x.value.hi, y.value.hi),
    );
    return { value, frac: x.frac, error: Math.max(x.error, y.error) };
  }

  choose(condition: Value, a: Scalar, b: Scalar): Scalar {
    const [x, y] = this.aligned(a, b, Math.max(magnitudeOf(a), magnitudeOf(b)));
    const value = this.builder.value(
      'scalar',
      'choose',
      [condition, x.value, y.value],
      Math.min(x.value.lo, y.value.lo),
      Math.max(x.value.hi, y.value.hi),
    );
    return { value, frac: x.frac, error: Math.max(x.error, y.error) };
  }

  /** 0 or 1. Compares at the finer of both resolutions, as far as 32 bits hold it. */
  compare(relation: Relation, a: Scalar, b: Scalar): Value {
    const [x, y] = this.aligned(a, b, Math.max(magnitudeOf(a), magnitudeOf(b)));
    return this.builder.value('scalar', 'compare', [x.value, y.value], 0, 1, { relation });
  }

  /** The largest whole number not above x. */
  floor(x: Scalar): Scalar {
    if (x.frac <= 0) return { ...this.withPlaces(x, 0), error: Math.ceil(x.error) };
    const factor = powerOfTwo(-x.frac);
    const value = this.builder.value(
      'scalar',
      'floorshift',
      [x.value],
      Math.floor(x.value.lo * factor),
      Math.floor(x.value.hi * factor),
      { numbers: [x.frac] },
    );
    // Whole parts of two numbers that close may differ by as much, rounded up.
    return { value, frac: 0, error: Math.ceil(x.error) };
  }

  /** x + 1/2 rounded down. */
  round(x: Scalar): Scalar {
    if (x.frac <= 0) return { ...this.withPlaces(x, 0), error: Math.ceil(x.error) };
    const whole = this.withPlaces(x, 0);
    return { ...whole, error: Math.ceil(x.error) };
  }

  /** x with `frac` places, saturated in lo..hi (codes with those places), however far x reaches beyond. */
  saturated(x: Scalar, frac: number, lo: number, hi: number): Scalar {
    const up = frac - x.frac;
    let inside = x;
    if (up > 0) {
      // Before a shift to the left, so that nothing leaves 32 bits.
      const unit = powerOfTwo(-up);
      inside = this.clampCodes(x, Math.floor(lo * unit) - 1, Math.ceil(hi * unit) + 1);
    }
    return this.clampCodes(this.withPlaces(inside, frac), lo, hi);
  }

  /** Saturates in lo..hi, which are codes with the places of x. */
  clampCodes(x: Scalar, lo: number, hi: number): Scalar {
    let value = x.value;
    if (value.hi > hi)
      value = this.builder.value(
        'scalar',
        'min',
        [value, this.builder.constant(hi)],
        Math.min(value.lo, hi),
        hi,
      );
    if (value.lo < lo)
      value = this.builder.value(
        'scalar',
        'max',
        [value, this.builder.constant(lo)],
        lo,
        Math.max(value.hi, lo),
      );
    return { ...x, value };
  }
}

function floorDivide(a: number, b: number): number {
  return Math.floor(a / b);
}

function exponent(x: number): number | undefined {
  const n = floorLog2(x);
  return powerOfTwo(n) === x ? n : undefined;
}
