/**
 * Products of numbers that have more than 16 bits: the upper part of each factor times the other, and what is left of it
 * times a coarse form of the other, so that all parts have the same places and meet in one accumulator.
 */
import type { DotTerm, Value } from '../ir/ir.js';
import { Halves, halfMost } from './halves.js';
import { type Atom, atomMagnitude, highForm } from './linear.js';
import { floorLog2, nearest, powerOfTwo } from './power.js';
import { type Scalar, type ScalarMath, magnitudeOf } from './scalar.js';

/** Terms of a dot, and how far their sum may be from the product. */
export type Product = readonly [terms: readonly DotTerm[], error: number];

/** By how many places the parts of two wide factors differ. */
const split = 8;

/** A factor: high * 2^-frac + fine * 2^-(frac + split), off by `error`; halves, or numbers that all lanes share. */
interface Parts<Code> {
  readonly high: Code;
  readonly fine: Code | undefined;
  /** `high` with `split` places less, off by `coarseError`. */
  readonly coarse: Code;
  readonly coarseError: number;
  readonly fineSize: number;
  readonly error: number;
  readonly size: number;
}

export abstract class PreciseProducts extends Halves {
  abstract readonly math: ScalarMath;

  /** A number that all lanes share, times x; together they have `frac` places. */
  protected byShared(x: Atom, m: number | Scalar, frac: number): Product {
    if (x.low) return this.meet(this.lanesOf(x), this.sharedOf(m, frac - x.frac));
    const size = typeof m === 'number' ? Math.abs(m) : magnitudeOf(m);
    const places = size === 0 ? 30 : floorLog2((halfMost + 0.4) / size);
    const low = this.exactLow(x);
    const up = Math.max(0, frac - places - x.frac);
    const high = up === 0 ? low : this.raised(x, low, up);
    const by = frac - x.frac;
    // The upper part times the raised code, and the rest times the code as it is.
    const [upper, rest, off] = this.splitShared(m, by, high.frac - x.frac);
    const terms: DotTerm[] = [{ a: high.value, b: upper }];
    if (rest !== undefined) terms.push({ a: low.value, b: rest });
    return [terms, off * (atomMagnitude(x) + x.error) + size * x.error];
  }

  /** The atom with `up` more places; bytes take all 8. */
  private raised(x: Atom, low: Atom, up: number): Atom {
    return x.value.space === 'byte' ? highForm(this.builder, x) : this.shifted(low, up);
  }

  /** m with `by` places as upper * 2^up + rest, and its error. */
  private splitShared(
    m: number | Scalar,
    by: number,
    up: number,
  ): readonly [Value | number, Value | number | undefined, number] {
    if (typeof m === 'number') {
      const code = nearest(m * powerOfTwo(by));
      const off = Math.abs(code * powerOfTwo(-by) - m);
      if (up === 0) return [code, undefined, off];
      const upper = nearest(code * powerOfTwo(-up));
      const rest = code - upper * powerOfTwo(up);
      return [upper, rest === 0 ? undefined : rest, off];
    }
    const { math, builder } = this;
    const { value, error } = math.withPlaces(m, by);
    if (up === 0) return [builder.splat(value), undefined, error];
    const upper = math.withPlaces({ value, frac: by, error: 0 }, by - up).value;
    const shifted = math.withPlaces({ value: upper, frac: 0, error: 0 }, up).value;
    const most = powerOfTwo(up - 1);
    const rest = builder.value('scalar', 'sub', [value, shifted], -most, most);
    return [builder.splat(upper), builder.splat(rest), error];
  }

  /** x * y, of which at least one has a lower part; together they have `frac` places. */
  protected wideProduct(x: Atom, y: Atom, frac: number, negative: boolean): Product {
    const [wide, other] = x.low ? [x, y] : [y, x];
    if (other.low && frac >= wide.frac + other.frac)
      return this.signed(this.meet(this.lanesOf(wide), this.lanesOf(other)), negative);
    const single = this.single(other);
    const up = frac - wide.frac - single.frac;
    const size = atomMagnitude(wide);
    const low = this.exactLow(single);
    if (up < 0) {
      const coarse = this.coarser(this.single(wide), wide.frac + up);
      const error = atomMagnitude(single) * coarse.error + (size + coarse.error) * single.error;
      return this.signed([[{ a: coarse.value, b: low.value }], error], negative);
    }
    const terms: DotTerm[] = [{ a: this.raisedBy(single, low, up), b: wide.value }];
    if (up > 0 && wide.low) terms.push({ a: low.value, b: this.upperBits(wide.low, up) });
    const off = wide.error + powerOfTwo(-wide.frac - Math.max(1, up));
    const error = atomMagnitude(single) * off + (size + off) * single.error;
    return this.signed([terms, error], negative);
  }

  private raisedBy(x: Atom, low: Atom, up: number): Value {
    const isHigh = x.value.space === 'byte' && up === 8;
    return (isHigh ? highForm(this.builder, x) : this.shifted(low, up)).value;
  }

  /** The upper `count` of 16 bits, rounded down. */
  private upperBits(low: Value, count: number): Value {
    const by = 16 - count;
    if (by <= 0) return low;
    const unit = powerOfTwo(-by);
    const [lo, hi] = [Math.floor(low.lo * unit), Math.floor(low.hi * unit)];
    return this.builder.value('half', 'asr', [low], lo, hi, { numbers: [by] });
  }

  private signed([terms, error]: Product, negative: boolean): Product {
    if (!negative) return [terms, error];
    const { builder } = this;
    const opposite = (b: Value | number): Value | number =>
      typeof b === 'number' ? -b : builder.value('half', 'neg', [b], -b.hi, -b.lo);
    return [terms.map(({ a, b }) => ({ a, b: opposite(b) })), error];
  }

  /** The same number with an upper part that fills its 16 bits. */
  protected filled(x: Atom, low: Value): Atom {
    const { builder } = this;
    const { value, frac, error } = x;
    const size = Math.max(Math.abs(value.lo), Math.abs(value.hi)) + 1;
    const up = Math.min(14, floorLog2(halfMost / size));
    if (up <= 0) return x;
    const unit = powerOfTwo(up);
    const most = unit / 2;
    const terms = [{ a: low, b: unit }];
    const carry = builder.value('half', 'dot', [], -most, most, { terms, numbers: [0x8000, 16] });
    const raised = this.shifted({ value, frac, error }, up).value;
    const [lo, hi] = [raised.lo - most, raised.hi + most];
    const high = builder.value('half', 'add', [raised, carry], lo, hi);
    const factor = builder.splatNumber(unit);
    const rest = builder.value('half', 'mul-wrap', [low, factor], -0x8000, 0x7fff);
    return { value: high, frac: frac + up, error, low: rest };
  }

  /** Without the lower part. */
  single(x: Atom): Atom {
    if (!x.low) return x;
    const { value, frac, error } = x;
    return { value, frac, error: error + powerOfTwo(-frac - 1) };
  }

  /** The parts of lanes. */
  private lanesOf(x: Atom): Parts<Value> {
    const size = atomMagnitude(x) + x.error;
    const unit = powerOfTwo(-x.frac);
    return {
      high: x.value,
      fine: x.low && this.upperBits(x.low, split),
      coarse: this.upperBits(x.value, 16 - split),
      coarseError: (powerOfTwo(split) + 0.5) * unit,
      fineSize: unit / 2,
      error: x.error + unit * powerOfTwo(-split),
      size,
    };
  }

  /** The parts of a number that all lanes share, the upper one with `frac` places. */
  private sharedOf(m: number | Scalar, frac: number): Parts<Value | number> {
    const unit = powerOfTwo(-frac);
    const [high, fine, error] = this.splitShared(m, frac + split, split);
    const scalar = typeof m === 'number' ? this.math.constant(m) : m;
    const coarse = this.math.withPlaces(scalar, frac - split);
    return {
      high,
      fine,
      coarse: this.builder.splat(coarse.value),
      coarseError: coarse.error + unit,
      fineSize: fine === undefined ? 0 : unit / 2,
      error,
      size: typeof m === 'number' ? Math.abs(m) : magnitudeOf(m),
    };
  }

  /** high * high + fine * coarse + coarse * fine. */
  private meet(a: Parts<Value>, b: Parts<Value | number>): Product {
    const terms: DotTerm[] = [{ a: a.high, b: b.high }];
    if (a.fine) terms.push({ a: a.fine, b: b.coarse });
    if (b.fine !== undefined) terms.push({ a: a.coarse, b: b.fine });
    const error =
      a.size * b.error +
      b.size * a.error +
      a.error * b.error +
      a.fineSize * (b.coarseError + b.fineSize) +
      b.fineSize * a.coarseError;
    return [terms, error];
  }
}
