/**
 * Turns a sum of products into codes: either exact 16-bit sums, or one accumulator expression whose places are chosen
 * so that nothing wraps and coefficients keep as many bits as their 16-bit registers hold.
 */
import type { Builder } from '../ir/builder.js';
import type { DotTerm, Value } from '../ir/ir.js';
import {
  type Atom,
  type Linear,
  type Term,
  atomMagnitude,
  coefficientMagnitude,
  linearRange,
  termRange,
} from './linear.js';
import { halfMost } from './halves.js';
import { ExactSums } from './exact-sums.js';
import type { Product } from './precise.js';
import { exactLog2, floorLog2, nearest, powerOfTwo } from './power.js';
import { type Scalar, type ScalarMath, magnitudeOf } from './scalar.js';

/** Largest coefficient that still rounds to 32767. */
const coefficientMost = 32767.4;
const sumMost = 0x7fffffff;
/** Places of a sum that becomes a factor; numbers below 1 have more than the 30 of others. */
const mostFactorPlaces = 44;
/** Terms are repeated at most 2^3 times. */
const mostDoublings = 3;

/** A sum in the accumulator: value = (terms + addend) * 2^-frac, off by at most `error`. */
export interface Sum {
  readonly terms: readonly DotTerm[];
  readonly addend: Value | undefined;
  readonly frac: number;
  readonly error: number;
  /** Range of the exact value. */
  readonly lo: number;
  readonly hi: number;
}

export class Accumulator extends ExactSums {
  /** Spend instructions on places: factors of products keep 32 bits instead of 16. */
  precise = false;

  constructor(
    builder: Builder,
    readonly math: ScalarMath,
  ) {
    super(builder);
  }

  /** Forms x * y as one atom: exact if 16 bits hold it, else rounded to nearest (or with a lower part). */
  product(x: Atom, y: Atom): Atom {
    if (x.low || y.low) return this.factor({ terms: [{ factor: 1, x, y }] });
    const a = this.exactLow(x);
    const b = this.exactLow(y);
    const lowHigh = termRange({ factor: 1, x: a, y: b });
    const scale = powerOfTwo(a.frac + b.frac);
    const lo = lowHigh[0] * scale;
    const hi = lowHigh[1] * scale;
    const error = atomMagnitude(a) * b.error + atomMagnitude(b) * a.error + a.error * b.error;
    if (lo >= -halfMost && hi <= halfMost) {
      const value = this.builder.value('half', 'mul', [a.value, b.value], lo, hi);
      return { value, frac: a.frac + b.frac, error };
    }
    return this.inTwoParts(this.sum({ terms: [{ factor: 1, x, y }] }));
  }

  /** A linear form as a factor of a product: as `atom`, but what 16 bits do not hold gets a lower part. */
  factor(linear: Linear): Atom {
    if (!this.precise) return this.atom(linear);
    const [only] = linear.terms;
    if (linear.terms.length === 1 && only?.x && only.factor === 1 && !only.coefficient && !only.y)
      return only.x;
    return this.exactSum(linear) ?? this.inTwoParts(this.sum(linear, 0, mostFactorPlaces));
  }

  /** All 32 bits of a sum as one atom, or rounded to 16 where that will do. */
  private inTwoParts(sum: Sum): Atom {
    if (!this.precise) return this.rounded(sum);
    const { frac, error, addend } = sum;
    const high = this.dot(sum, 16, 0x8000);
    const extra = { terms: sum.terms, numbers: [], ...(addend ? { addend } : {}) };
    const low = this.builder.value('half', 'dot-low', [], -0x8000, 0x7fff, extra);
    return this.filled({ value: high, frac: frac - 16, error, low }, low);
  }

  /** Terms that the accumulator can take directly: at most one coefficient and one lane, or two lanes. */
  private simplified(term: Term): Term {
    if (term.x === undefined || term.y === undefined) return term;
    if (term.coefficient === undefined && exactLog2(term.factor) !== undefined) return term;
    const { x, y, factor, coefficient } = term;
    const [steady, moving] = x.value.depth < y.value.depth ? [x, y] : [y, x];
    const shared = Math.max(steady.value.depth, coefficient?.value.depth ?? 0);
    if (shared < moving.value.depth && !this.isExactProduct(x, y)) {
      // Rounded once per trigger instead of in every row.
      const part = { factor, x: steady, ...(coefficient ? { coefficient } : {}) };
      return { factor: 1, x: this.inTwoParts(this.sum({ terms: [part] })), y: moving };
    }
    const { y: _y, ...rest } = term;
    return { ...rest, x: this.product(x, y) };
  }

  /** Whether 16 bits hold every product of two atoms. */
  private isExactProduct(x: Atom, y: Atom): boolean {
    const [lo, hi] = termRange({ factor: 1, x, y });
    const scale = powerOfTwo(x.frac + y.frac);
    return lo * scale >= -halfMost && hi * scale <= halfMost;
  }

  /** Most places of the sum at which this term keeps in its registers. */
  private placesOf(term: Term): number {
    if (term.x === undefined) return Infinity;
    if (term.y !== undefined) {
      const power = exactLog2(term.factor) ?? 0;
      return this.mostPlaces(term.x) + this.mostPlaces(term.y) - power;
    }
    const magnitude = coefficientMagnitude(term);
    return (
      this.mostPlaces(term.x) + (magnitude === 0 ? 30 : floorLog2(coefficientMost / magnitude))
    );
  }

  /**
   * The sum with as many places as fit. `reserve` is the largest amount (in units) that the caller adds to it;
   * `most` bounds the places.
   */
  sum(linear: Linear, reserve = 0, most = 30): Sum {
    const terms = linear.terms.map((term) => this.simplified(term));
    const [lo, hi] = linearRange({ terms });
    const lanes = terms.filter((term) => term.x !== undefined);
    const [laneLo, laneHi] = linearRange({ terms: lanes });
    // What the lanes do not share is summed apart, in 32 bits too.
    const others = terms.filter((term) => term.x === undefined).map(termRange);
    const apart = others.reduce((sum, [l, h]) => sum + Math.max(Math.abs(l), Math.abs(h)), 0);
    const magnitude =
      Math.max(Math.abs(lo), Math.abs(hi), Math.abs(laneLo), Math.abs(laneHi), apart) + reserve;
    // One part in 2^14 is left for the rounding of coefficients and constants.
    const room = Math.min(most, magnitude === 0 ? most : floorLog2((sumMost * 0.9999) / magnitude));
    let frac = room;
    for (const term of terms) frac = Math.min(frac, this.placesOf(term));
    // The upper half of the sum needs 16 places to hold whole numbers: terms with fewer are added several times.
    const repeated = Math.min(room, 16) - frac;
    if (repeated > 0 && repeated <= mostDoublings) frac += repeated;
    let error = 0;
    const dotTerms: DotTerm[] = [];
    let constant = 0;
    let scalar: Scalar | undefined;
    for (const term of terms) {
      if (term.x !== undefined) {
        const missing = Math.max(0, frac - this.placesOf(term));
        const [own, termError] = this.dotTerms(term, frac - missing);
        for (let i = 0; i < powerOfTwo(missing); i++) dotTerms.push(...own);
        error += termError;
      } else if (term.coefficient === undefined) constant += term.factor;
      else {
        const part = this.math.scale(term.coefficient, term.factor);
        scalar = scalar ? this.math.add(scalar, part) : part;
      }
    }
    const whole = nearest(constant * powerOfTwo(frac));
    error += Math.abs(constant - whole * powerOfTwo(-frac));
    let addend = whole === 0 ? undefined : this.builder.constant(whole);
    if (scalar) {
      const placed = this.math.withPlaces(scalar, frac);
      error += placed.error;
      addend = addend
        ? this.builder.value(
            'scalar',
            'add',
            [placed.value, addend],
            placed.value.lo + whole,
            placed.value.hi + whole,
          )
        : placed.value;
    }
    return { terms: dotTerms, addend, frac, error, lo, hi };
  }

  /** One term in an accumulator with `frac` places. */
  private dotTerms(term: Term, frac: number): Product {
    const { x, y, coefficient, factor } = term;
    if (x && y && (x.low ?? y.low)) {
      const power = exactLog2(factor) ?? 0;
      const [terms, error] = this.wideProduct(x, y, frac + power, factor < 0);
      return [terms, error * Math.abs(factor)];
    }
    if (x && !y && (this.precise || x.low)) {
      const scaled = coefficient ? this.math.scale(coefficient, factor) : factor;
      return this.byShared(x, scaled, frac);
    }
    const [single, error] = this.dotTerm(term, frac);
    return [[single], error];
  }

  private dotTerm(term: Term, frac: number): readonly [DotTerm, number] {
    const { x, y, coefficient, factor } = term;
    if (x === undefined) throw new Error('a term without lanes has no registers');
    if (y !== undefined) return this.productTerm(x, y, factor, frac);
    const magnitude = coefficientMagnitude(term);
    const places = magnitude === 0 ? 30 : floorLog2(coefficientMost / magnitude);
    const a = this.withAtLeast(x, frac - places);
    const by = frac - a.frac;
    if (coefficient === undefined) {
      const code = nearest(factor * powerOfTwo(by));
      const off = Math.abs(code * powerOfTwo(-by) - factor);
      return [{ a: a.value, b: code }, off * atomMagnitude(a) + Math.abs(factor) * a.error];
    }
    const scaled = this.math.scale(coefficient, factor);
    const code = this.math.withPlaces(scaled, by);
    const error = code.error * (atomMagnitude(a) + a.error) + magnitudeOf(scaled) * a.error;
    return [{ a: a.value, b: this.builder.splat(code.value) }, error];
  }

  private productTerm(x: Atom, y: Atom, factor: number, frac: number): readonly [DotTerm, number] {
    const power = exactLog2(factor) ?? 0;
    // x and y together need frac + power places (a factor of 1/2 is one place more of the product).
    const needed = frac + power;
    const a = this.withAtLeast(x, needed - this.mostPlaces(y));
    const b = this.withAtLeast(y, needed - a.frac);
    const missing = a.frac + b.frac - needed;
    if (missing > 0) {
      // More places than wanted: no register shifts right exactly, so one side takes its lower form.
      const lower = this.product(x, y);
      const [single, error] = this.dotTerm({ factor, x: lower }, frac);
      return [single, error];
    }
    const negative = factor < 0;
    const bValue = negative
      ? this.builder.value('half', 'neg', [b.value], -b.value.hi, -b.value.lo)
      : b.value;
    const error =
      Math.abs(factor) *
      (atomMagnitude(a) * b.error + atomMagnitude(b) * a.error + a.error * b.error);
    return [{ a: a.value, b: bValue }, error];
  }

  /** floor((sum + 2^(shift-1)) / 2^shift) (or without the rounding half) as a half. */
  dot(sum: Sum, shift: number, round: number): Value {
    const unit = powerOfTwo(sum.frac - shift);
    const slack = sum.error * unit;
    const half = round * powerOfTwo(-shift);
    return this.builder.value(
      'half',
      'dot',
      [],
      Math.floor(sum.lo * unit - slack + half),
      Math.floor(sum.hi * unit + slack + half),
      {
        terms: sum.terms,
        numbers: [round, shift],
        ...(sum.addend ? { addend: sum.addend } : {}),
      },
    );
  }

  /** The largest whole number not above the sum; a multiple of a power of two if it may exceed 16 bits. */
  whole(linear: Linear): Atom {
    const sum = this.sum(linear, 1);
    if (sum.frac >= 16) return { value: this.dot(sum, sum.frac, 0), frac: 0, error: sum.error };
    const atom = this.rounded(sum);
    return { ...atom, error: atom.error + 1 };
  }

  /** A whole number (see `whole`) saturated in lo..hi, as a half without places. */
  wholeWithin(atom: Atom, lo: number, hi: number): Atom {
    if (atom.frac >= 0) return this.clamped(atom, lo, hi);
    // A unit beyond both ends saturates like any larger one, so the shift need not be larger than they are.
    const size = floorLog2(Math.max(Math.abs(lo), Math.abs(hi), 1)) + 1;
    const by = Math.min(-atom.frac, size);
    const unit = powerOfTwo(-by);
    // Ends that the coarse codes miss saturate after the shift.
    const coarse = this.clamped(atom, Math.floor(lo * unit), Math.ceil(hi * unit));
    return this.clamped({ ...this.shifted(coarse, by), frac: 0 }, lo, hi);
  }

  /** The sum rounded to nearest into a half of as many places as fit. */
  rounded(sum: Sum, most = 30): Atom {
    const magnitude = Math.max(Math.abs(sum.lo), Math.abs(sum.hi)) + sum.error;
    const room = magnitude === 0 ? 14 : floorLog2((halfMost - 1) / magnitude);
    const frac = Math.min(sum.frac - 16, room, most);
    const shift = sum.frac - frac;
    const value = this.dot(sum, shift, powerOfTwo(shift - 1));
    return { value, frac, error: sum.error + powerOfTwo(-frac - 1) };
  }

  /** A linear form as one atom: exact if plain 16-bit additions hold it, else through the accumulator. */
  atom(linear: Linear, most = 30): Atom {
    const [only] = linear.terms;
    if (linear.terms.length === 1 && only?.x && only.coefficient === undefined) {
      const power = only.factor > 0 ? exactLog2(only.factor) : undefined;
      const inner = this.single(only.y === undefined ? only.x : this.product(only.x, only.y));
      if (power !== undefined)
        return { value: inner.value, frac: inner.frac - power, error: inner.error * only.factor };
    }
    return this.exactSum(linear) ?? this.rounded(this.sum(linear), most);
  }

  /** The same, as a half. */
  half(linear: Linear, most = 30): Atom {
    if (linear.terms.every((term) => term.x === undefined)) return this.halfOrSplat(linear);
    return this.exactLow(this.atom(linear, most));
  }

  /** The linear form as a half with exactly `frac` places (or as many as 16 bits hold, if those are fewer). */
  placed(linear: Linear, frac: number): Atom {
    const exact = this.half(linear, frac);
    if (exact.frac === frac) return exact;
    if (exact.frac < frac) {
      const room = Math.min(frac - exact.frac, this.room(exact));
      return this.shifted(exact, room);
    }
    return this.coarser(exact, frac);
  }

  /**
   * A sum that exceeds 16 bits, saturated in lo..hi: the places that its upper half lacks come from the lower one where
   * it lies inside. Undefined if the upper half alone has them all.
   */
  saturated(linear: Linear, lo: number, hi: number): Atom | undefined {
    const { builder } = this;
    const sum = this.sum(linear);
    const frac = Math.min(sum.frac, floorLog2(halfMost / Math.max(Math.abs(lo), Math.abs(hi))));
    const by = frac - (sum.frac - 16);
    if (by <= 0 || by > 15) return undefined;
    const round = powerOfTwo(15 - by);
    const upper = this.dot(sum, 16, round);
    const offset = builder.constant(round - 0x8000);
    const { addend } = sum;
    const [least, most] = [addend?.lo ?? 0, addend?.hi ?? 0];
    const shifted = addend
      ? builder.value('scalar', 'add', [addend, offset], least + round - 0x8000, most + round)
      : offset;
    const extra = { terms: sum.terms, numbers: [], addend: shifted };
    const low = builder.value('half', 'dot-low', [], -0x8000, 0x7fff, extra);
    const part = builder.value('half', 'asr', [low], -powerOfTwo(by - 1), powerOfTwo(by - 1) - 1, {
      numbers: [16 - by],
    });
    const half = builder.splatNumber(powerOfTwo(by - 1));
    const rest = builder.value('half', 'add', [part, half], 0, powerOfTwo(by) - 1);
    const [from, to] = [nearest(lo * powerOfTwo(frac)), nearest(hi * powerOfTwo(frac))];
    const [bottom, top] = [from, to].map((code) => Math.floor(code * powerOfTwo(-by)));
    if (bottom === undefined || top === undefined || upper.lo > top || upper.hi < bottom)
      return undefined;
    const whole: Atom = { value: upper, frac: frac - by, error: 0 };
    const near = this.clamped(whole, bottom - 1, top + 1).value;
    const inner = this.shifted(this.clamped(whole, bottom, top), by).value;
    const [a, b] = [inner.lo, inner.hi + powerOfTwo(by) - 1];
    const fine = builder.value('half', 'add', [inner, rest], a, b);
    const inside = this.clamped({ value: fine, frac, error: 0 }, from, to).value;
    const beyond = (end: number, relation: '<' | '>', code: number, value: Value): Value => {
      const difference = [near, builder.splatNumber(end)];
      const d = builder.value('half', 'sub', difference, near.lo - end, near.hi - end);
      const mask = builder.value('mask', 'compare', [d], 0, 1, { relation });
      return builder.value('half', 'choose', [mask, builder.splatNumber(code), value], from, to);
    };
    const value = beyond(top, '>', to, beyond(bottom, '<', from, inside));
    const ends = Math.max(
      ...[lo, hi].map((end) => Math.abs(end - nearest(end * powerOfTwo(frac)) * powerOfTwo(-frac))),
    );
    return { value, frac, error: sum.error + powerOfTwo(-frac - 1) + ends };
  }

  /** Two linear forms with the same places. */
  together(a: Linear, b: Linear): readonly [Atom, Atom] {
    const x = this.halfOrSplat(a);
    const y = this.halfOrSplat(b);
    if (x.frac === y.frac) return [x, y];
    const frac = Math.min(Math.max(x.frac, y.frac), x.frac + this.room(x), y.frac + this.room(y));
    return [this.moved(x, frac), this.moved(y, frac)];
  }

  private moved(atom: Atom, frac: number): Atom {
    if (frac >= atom.frac) return this.shifted(atom, frac - atom.frac);
    return this.coarser(atom, frac);
  }

  /** A form without any lane as one scalar. */
  scalar(linear: Linear): Scalar {
    let sum: Scalar | undefined;
    for (const term of linear.terms) {
      const part = term.coefficient
        ? this.math.scale(term.coefficient, term.factor)
        : this.math.constant(term.factor);
      sum = sum ? this.math.add(sum, part) : part;
    }
    return sum ?? this.math.constant(0);
  }

  /** As `half`, also for forms without any lane. */
  private halfOrSplat(linear: Linear): Atom {
    if (linear.terms.some((term) => term.x !== undefined)) return this.half(linear);
    const sum = this.scalar(linear);
    const magnitude = Math.max(magnitudeOf(sum), powerOfTwo(-15));
    const frac = Math.min(sum.frac, floorLog2(halfMost / magnitude));
    const code = this.math.withPlaces(sum, frac);
    return { value: this.builder.splat(code.value), frac, error: code.error };
  }
}
