/** Ints in lanes: Euclidean quotient and remainder, and bitwise exclusive or. They are exact in 16 bits or refused. */
import type { Expression } from '../check/typed.js';
import type { Value } from '../ir/ir.js';
import { type Enumerated, Enumeration } from '../numeric/enumerated.js';
import { type Atom, type Linear, linearAtom } from '../numeric/linear.js';
import { exactLog2, floorLog2, nearest, powerOfTwo } from '../numeric/power.js';
import { reciprocal } from '../numeric/reciprocal.js';
import { UndefinedFunction } from '../numeric/scalar-functions.js';
import { type Context, WideInt } from './context.js';
import { exclusiveOr } from './exclusive-or.js';
import { lowerLane } from './lane.js';

type Arithmetic = Expression & { kind: 'arithmetic' };

/** `/`, `%` or `^` of ints of which at least one has lanes. */
export function laneIntegers(context: Context, expression: Arithmetic): Linear {
  const { left, right, operator } = expression;
  if (operator === '^') {
    const { value, off } = exclusiveOr(context, expression);
    return whole(value, off > 0 ? value.hi - value.lo : 0);
  }
  const a = wholeHalf(context, left);
  if (right.kind === 'constant') {
    const { quotient, rest } = byConstant(context, a.value, right.value);
    const size = Math.abs(right.value);
    return operator === '/'
      ? whole(quotient, Math.ceil(a.off / size))
      : whole(rest(), a.off > 0 ? size - 1 : 0);
  }
  const b = wholeHalf(context, right);
  const { quotient, rest } = byLanes(context, left, a.value, b.value);
  const value = operator === '/' ? quotient : rest;
  return whole(value, a.off > 0 || b.off > 0 ? value.hi - value.lo : 0);
}

const whole = (value: Value, error: number): Linear => linearAtom({ value, frac: 0, error });

/** An int expression as a half, and how far it may be off: whole parts of numbers that are off may be others. */
export interface Whole {
  readonly value: Value;
  readonly off: number;
}

/** @throws WideInt */
export function wholeHalf(context: Context, expression: Expression): Whole {
  const { value, frac, error } = context.sums.placed(lowerLane(context, expression), 0);
  if (frac !== 0 || !isExact(expression)) throw new WideInt(expression);
  // A sum of whole numbers that is off by less than one half before it is rounded is not off after.
  return { value, off: error < 1 ? 0 : Math.ceil(error) };
}

/** Whether an int expression is a sum of products that the accumulator holds exactly. */
const isExact = ({ interval: { lo, hi } }: Expression): boolean => lo >= -0x8000 && hi <= 0x7fff;

interface Quotient {
  readonly quotient: Value;
  readonly rest: () => Value;
}

/** One product and a shift where they give the right quotient for every code, else `byLanes` would. */
function byConstant(context: Context, a: Value, divisor: number): Quotient {
  const { builder } = context;
  const e = new Enumeration(builder, a);
  const size = Math.abs(divisor);
  const positive = positiveQuotient(e, size);
  const quotient = divisor < 0 ? e.negate(positive) : positive;
  return {
    quotient: quotient.value,
    rest: () => {
      const power = exactLog2(size);
      const product =
        power === undefined ? e.multiply(positive, e.constant(size)) : e.shiftLeft(positive, power);
      return e.subtract(e.start, product).value;
    },
  };
}

/** floor(a / size) for every code of the input. */
function positiveQuotient(e: Enumeration, size: number): Enumerated {
  const power = exactLog2(size);
  if (power !== undefined && power < 15) return e.shiftRight(e.start, power);
  const shift = Math.min(30, floorLog2(32767 * size));
  const factor = nearest(powerOfTwo(shift) / size);
  // Half of a divisor's part more keeps whole quotients from falling below.
  const offset = Math.floor(factor / 2) - powerOfTwo(shift - 1);
  const guess = e.dot([[e.start, factor]], offset, shift);
  const isRight = e.codes.every((code, i) => guess.codes[i] === Math.floor(code / size));
  if (isRight) return guess;
  // One too many or too few at the ends of the range: the remainder tells.
  const rest = e.subtract(e.start, e.multiply(guess, e.constant(size)));
  const under = e.compare(rest, '<');
  const over = e.compare(e.subtract(rest, e.constant(size)), '>=');
  const less = e.choose(under, e.constant(1), e.constant(0));
  const more = e.choose(over, e.constant(1), e.constant(0));
  return e.add(e.subtract(guess, less), more);
}

/** Quotient and remainder by a divisor that is never 0: a guess by its reciprocal, and two corrections. */
function byLanes(
  context: Context,
  dividend: Expression,
  a: Value,
  divisor: Value,
): { readonly quotient: Value; readonly rest: Value } {
  const { builder, sums } = context;
  const negative = divisor.hi < 0;
  const b = negative ? builder.value('half', 'neg', [divisor], -divisor.hi, -divisor.lo) : divisor;
  const inverse = reciprocal(builder, { value: b, frac: 0, error: 0 });
  if (inverse === undefined)
    throw new UndefinedFunction('division in lanes by a number that may be 0');
  const x: Atom = { value: a, frac: 0, error: 0 };
  const sum = sums.sum({ terms: [{ factor: 1, x, y: inverse }] }, 1);
  const least = Math.floor(Math.min(a.lo / b.lo, a.lo / b.hi, 0));
  const most = Math.floor(Math.max(a.hi / b.lo, a.hi / b.hi, 0));
  if (!(sum.error < 1) || a.lo - b.hi < -0x8000 || a.hi + b.hi > 0x7fff)
    throw new WideInt(dividend);
  const half = (
    operation: 'sub' | 'add' | 'mul' | 'choose',
    args: readonly Value[],
    lo: number,
    hi: number,
  ): Value => builder.value('half', operation, args, lo, hi);
  const guess = sums.dot(sum, sum.frac, 0);
  const product = half('mul', [guess, b], a.lo - b.hi, a.hi + b.hi);
  const first = half('sub', [a, product], -b.hi, 2 * b.hi);
  const below = builder.value('mask', 'compare', [first], 0, 1, { relation: '<' });
  const one = builder.splatNumber(1);
  const lower = half(
    'choose',
    [below, half('sub', [guess, one], guess.lo - 1, guess.hi - 1), guess],
    least - 1,
    most,
  );
  const raised = half(
    'choose',
    [below, half('add', [first, b], 0, 3 * b.hi > 0x7fff ? 0x7fff : 3 * b.hi), first],
    0,
    2 * b.hi,
  );
  const over = half('sub', [raised, b], -b.hi, b.hi);
  const above = builder.value('mask', 'compare', [over], 0, 1, { relation: '>=' });
  const quotient = half(
    'choose',
    [above, half('add', [lower, one], least, most + 1), lower],
    least,
    most,
  );
  const rest = half('choose', [above, over, raised], 0, b.hi - 1);
  return {
    quotient: negative ? half('sub', [builder.splatNumber(0), quotient], -most, -least) : quotient,
    rest,
  };
}
