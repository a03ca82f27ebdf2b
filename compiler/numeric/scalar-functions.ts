/**
 * Functions of numbers that the scalar core has at run time: exp, log, sqrt, sin, cos, tanh, and division by a number of
 * any size. Each is reduced to a short interval, where a polynomial with a proven error stands for it; what fixed point
 * adds is counted operation by operation.
 */
import * as elementary from '../../isa/numeric/elementary.js';
import type { Value } from '../ir/ir.js';
import { type Polynomial, fitPolynomial } from './polynomial.js';
import { floorLog2, powerOfTwo } from './power.js';
import { type Scalar, type ScalarMath, highOf, lowOf, magnitudeOf } from './scalar.js';

export type ScalarFunctionName = 'exp' | 'log' | 'sqrt' | 'sin' | 'cos' | 'tanh';

/** The number may be so close to where the function is not defined that its error has no bound. */
export class UndefinedFunction extends Error {
  override readonly name = 'UndefinedFunction';
}

const ln2 = elementary.log(2);
const tau = 2 * Math.PI;

const fits = new Map<string, Polynomial>();

function fitted(
  name: string,
  f: (x: number) => number,
  lo: number,
  hi: number,
  degree: number,
  curvature: number,
): Polynomial {
  let found = fits.get(name);
  if (found === undefined)
    fits.set(name, (found = fitPolynomial(f, lo, hi, degree, curvature, elementary.cos)));
  return found;
}

const power2 = (): Polynomial =>
  fitted('2^x', (x) => elementary.exp(x * ln2), 0, 1, 5, 2 * ln2 * ln2);
const logHalf = (): Polynomial => fitted('log', elementary.log, 0.5, 1, 7, 4);
const sqrtHalf = (): Polynomial => fitted('sqrt', Math.sqrt, 0.5, 1, 6, 0.71);
/** sin(pi/2 u) / u as a function of u^2. */
const sineQuotient = (): Polynomial =>
  fitted(
    'sine',
    (w) => (w === 0 ? Math.PI / 2 : elementary.sin((Math.PI / 2) * Math.sqrt(w)) / Math.sqrt(w)),
    0,
    1,
    4,
    0.25,
  );
/** (1 - e) / (1 + e). */
const tanhOf = (): Polynomial => fitted('tanh', (e) => (1 - e) / (1 + e), 0, 1, 8, 4);

/** One of the functions of a number of the scalar core. @throws UndefinedFunction */
export function scalarFunction(math: ScalarMath, name: ScalarFunctionName, x: Scalar): Scalar {
  switch (name) {
    case 'exp':
      return exponential(math, x);
    case 'log':
      return logarithm(math, x);
    case 'sqrt':
      return squareRoot(math, x);
    case 'sin':
      return sine(math, x, 0);
    case 'cos':
      return sine(math, x, 0.25);
    case 'tanh':
      return hyperbolicTangent(math, x);
  }
}

/**
 * The polynomial at x, which lies in its interval. Each step takes the upper half of a product of 64 bits, with t in 30
 * places and the sum in as many as it has room for: it is off by less than 5 units.
 */
function evaluate(math: ScalarMath, polynomial: Polynomial, x: Scalar): Scalar {
  const { coefficients, middle, half, error } = polynomial;
  const { builder } = math;
  const shifted = math.subtract(x, math.constant(middle));
  const t = math.withPlaces(bounded(math.scale(shifted, 1 / half), -1, 1), 30);
  const most = coefficients.reduce((sum, c) => sum + Math.abs(c), 0);
  const frac = floorLog2(0x7fffff00 / most);
  const unit = powerOfTwo(frac);
  const code = (k: number): number => Math.floor((coefficients[k] ?? 0) * unit + 0.5);
  let size = Math.abs(code(coefficients.length - 1));
  let value = builder.constant(code(coefficients.length - 1));
  for (let k = coefficients.length - 2; k >= 0; k--) {
    const part = Math.ceil(size / 4) + 1;
    const high = builder.value('scalar', 'mulhigh', [value, t.value], -part, part);
    const up = builder.value('scalar', 'shift', [high], -4 * part, 4 * part, { numbers: [2] });
    const c = code(k);
    size = 4 * part + Math.abs(c);
    const lo = Math.max(-0x80000000, c - 4 * part);
    const hi = Math.min(0x7fffffff, c + 4 * part);
    value = builder.value('scalar', 'add', [up, builder.constant(c)], lo, hi);
  }
  const slope = coefficients.reduce((sum, c, k) => sum + k * Math.abs(c), 0);
  const steps = coefficients.length * 5 * powerOfTwo(-frac);
  // Codes stay below 2^30, as the rest of the arithmetic wants.
  const sum = { value, frac, error: steps + slope * t.error + error };
  return value.hi >= 0x40000000 || value.lo <= -0x40000000 ? math.withPlaces(sum, frac - 1) : sum;
}

/** What is known about a value better than its operands say; proven by the caller, up to the value's own error. */
function bounded(x: Scalar, lo: number, hi: number): Scalar {
  const unit = powerOfTwo(x.frac);
  const slack = Math.ceil(x.error * unit) + 1;
  const value = {
    ...x.value,
    lo: Math.max(x.value.lo, Math.floor(lo * unit) - slack),
    hi: Math.min(x.value.hi, Math.ceil(hi * unit) + slack),
  };
  return { ...x, value };
}

/** v / 2^s, rounded down, for s in 0..most that differs from run to run. */
function shiftDown(math: ScalarMath, v: Scalar, s: Value, most: number): Scalar {
  if (most === 0) return v;
  const down = math.builder.value(
    'scalar',
    'shift-down',
    [v.value, s],
    v.value.lo < 0 ? v.value.lo : 0,
    v.value.hi > 0 ? v.value.hi : -1,
  );
  return { value: down, frac: v.frac, error: v.error + powerOfTwo(-v.frac) };
}

/** x = m * 2^(30 - x.frac - shifts) with m in [1/2, 1). */
interface Normal {
  readonly m: Scalar;
  readonly shifts: Value;
  readonly mostShifts: number;
  readonly leastShifts: number;
}

/** Brings a positive number into [1/2, 1); codes below 1 count as 1. */
function normalise(math: ScalarMath, x: Scalar): Normal {
  const { builder } = math;
  let value = x.value;
  if (value.lo < 1)
    value = builder.value('scalar', 'max', [value, builder.constant(1)], 1, Math.max(1, value.hi));
  const most = 29 - floorLog2(value.lo);
  const least = 29 - floorLog2(value.hi);
  const zeros = builder.value('scalar', 'leading', [value], least + 2, most + 2);
  const minus = (by: number): Value =>
    builder.value('scalar', 'sub', [zeros, builder.constant(by)], least + 2 - by, most + 2 - by);
  const shifts = minus(2);
  const numbers = { mostShifts: most, leastShifts: least, shifts };
  if (least >= 0) {
    const raised = builder.value('scalar', 'shift-up', [value, shifts], 0x20000000, 0x3fffffff);
    return { m: { value: raised, frac: 30, error: 0 }, ...numbers };
  }
  // One bit more on the way, so that large codes lose nothing but their last one.
  const raised = builder.value('scalar', 'shift-up', [value, minus(1)], 0x40000000, 0x7fffffff);
  const half = builder.value('scalar', 'floorshift', [raised], 0x20000000, 0x3fffffff, {
    numbers: [1],
  });
  return { m: { value: half, frac: 30, error: powerOfTwo(-30) }, ...numbers };
}

/** x - floor(x), off only by what its places cost: what x itself is off is counted apart. */
function fraction(math: ScalarMath, x: Scalar, whole: Scalar): Scalar {
  return bounded(math.subtract({ ...x, error: 0 }, { ...whole, error: 0 }), 0, 1);
}

function exponential(math: ScalarMath, x: Scalar): Scalar {
  const { builder } = math;
  const y = math.scale(x, 1 / ln2);
  const most = Math.floor(highOf(y));
  // Below 2^-31 of the largest result everything is 0 in its format.
  const least = Math.max(Math.floor(lowOf(y)), most - 30);
  const inside =
    Math.floor(lowOf(y)) < least ? math.clampCodes(y, least * powerOfTwo(y.frac), y.value.hi) : y;
  const k = math.floor(inside);
  const p = bounded(evaluate(math, power2(), fraction(math, inside, k)), 1, 2);
  const down = builder.value(
    'scalar',
    'sub',
    [builder.constant(most), k.value],
    0,
    Math.max(0, most - least),
  );
  const shifted = shiftDown(math, p, down, most - least);
  const scale = powerOfTwo(most);
  const largest = elementary.exp(highOf(x) + x.error);
  const cut = Math.floor(lowOf(y)) < least ? powerOfTwo(least) : 0;
  return {
    value: shifted.value,
    frac: shifted.frac - most,
    error: shifted.error * scale + largest * (elementary.exp(ln2 * y.error) - 1) + cut,
  };
}

function logarithm(math: ScalarMath, x: Scalar): Scalar {
  const lowest = lowOf(x) - x.error;
  if (!(lowest > 0)) throw new UndefinedFunction('log of a number that may be 0');
  const { m, shifts } = normalise(math, x);
  const { frac } = x;
  const p = evaluate(math, logHalf(), m);
  const { builder } = math;
  const base = 30 - frac;
  const exponent = builder.value(
    'scalar',
    'sub',
    [builder.constant(base), shifts],
    base - shifts.hi,
    base - shifts.lo,
  );
  const sum = math.add(p, math.scale({ value: exponent, frac: 0, error: 0 }, ln2));
  return { ...sum, error: sum.error + x.error / lowest };
}

function squareRoot(math: ScalarMath, x: Scalar): Scalar {
  const { builder } = math;
  const { m, shifts, mostShifts, leastShifts } = normalise(math, x);
  const { frac } = x;
  const p = bounded(evaluate(math, sqrtHalf(), m), 0.7, 1);
  // x = m * 2^E; for an even E the root is sqrt(m) * 2^(E/2), else sqrt(m) * sqrt(1/2) * 2^((E+1)/2).
  const top = 30 - frac - leastShifts;
  const exponent = builder.value(
    'scalar',
    'sub',
    [builder.constant(30 - frac), shifts],
    30 - frac - mostShifts,
    30 - frac,
  );
  const odd = builder.value('scalar', 'mod', [exponent, builder.constant(2)], 0, 1);
  const other = math.scale(p, Math.sqrt(0.5));
  const root = math.choose(odd, other, p);
  const up = builder.value('scalar', 'add', [exponent, odd], exponent.lo, exponent.hi + 1);
  const halved = builder.value(
    'scalar',
    'floorshift',
    [up],
    Math.floor(up.lo / 2),
    Math.floor(up.hi / 2),
    { numbers: [1] },
  );
  const most = Math.floor((top + 1) / 2);
  const least = Math.floor((30 - frac - mostShifts) / 2);
  const down = builder.value(
    'scalar',
    'sub',
    [builder.constant(most), halved],
    0,
    Math.max(0, most - least),
  );
  const shifted = shiftDown(math, root, down, most - least);
  let value = shifted.value;
  if (x.value.lo < 1) {
    const positive = builder.value('scalar', 'compare', [x.value, builder.constant(0)], 0, 1, {
      relation: '>',
    });
    value = builder.value(
      'scalar',
      'choose',
      [positive, value, builder.constant(0)],
      Math.min(0, value.lo),
      Math.max(0, value.hi),
    );
  }
  const low = Math.max(0, lowOf(x) - x.error);
  const widest = Math.sqrt(x.error);
  const spread = low > 0 ? Math.min(x.error / Math.sqrt(low), widest) : widest;
  return {
    value,
    frac: shifted.frac - most,
    error: shifted.error * powerOfTwo(most) + spread,
  };
}

/** sin(x + 2 pi turn). */
function sine(math: ScalarMath, x: Scalar, turn: number): Scalar {
  const scaled = math.scale(x, 1 / tau);
  const y = turn === 0 ? scaled : math.add(scaled, math.constant(turn));
  const f = fraction(math, y, math.floor(y));
  const quarter = math.constant(0.25);
  const half = math.constant(0.5);
  // 0..1/4 rises, 1/4..3/4 falls, 3/4..1 rises.
  const rising = math.compare('<', f, quarter);
  const falling = math.compare('<', f, math.constant(0.75));
  const late = math.choose(falling, math.subtract(half, f), math.subtract(f, math.constant(1)));
  const g = bounded(math.choose(rising, f, late), -0.25, 0.25);
  const u = math.scale(g, 4);
  const w = bounded(math.multiply(u, u), 0, 1);
  const q = evaluate(math, sineQuotient(), w);
  const result = bounded(math.multiply(u, q), -1, 1);
  return { ...result, error: result.error + tau * y.error };
}

function hyperbolicTangent(math: ScalarMath, x: Scalar): Scalar {
  const { builder } = math;
  const positive = math.absolute(x);
  // tanh(12) is 1 - 8e-11.
  const most = powerOfTwo(x.frac) * 12;
  const inside = magnitudeOf(x) > 12 ? math.clampCodes(positive, 0, Math.floor(most)) : positive;
  const e = bounded(exponential(math, math.negate(math.scale({ ...inside, error: 0 }, 2))), 0, 1);
  const t = bounded(evaluate(math, tanhOf(), e), 0, 1);
  const negative = builder.value('scalar', 'compare', [x.value, builder.constant(0)], 0, 1, {
    relation: '<',
  });
  const result = math.choose(negative, math.negate(t), t);
  return { ...result, error: result.error + x.error + 1e-10 };
}

/**
 * a / b for b that is never 0 but may be small or large: the reciprocal of b in [1/2, 1) by one division and a Newton
 * step, and the rest by shifts.
 */
export function divideWide(math: ScalarMath, a: Scalar, b: Scalar): Scalar {
  if (highOf(b) < 0) return divideWide(math, math.negate(a), math.negate(b));
  const lowest = lowOf(b) - b.error;
  if (!(lowest > 0)) throw new UndefinedFunction('division by a number that may be 0');
  const { builder } = math;
  const { m, shifts, mostShifts, leastShifts } = normalise(math, b);
  const { frac } = b;
  const small = math.withPlaces(m, 16);
  const first = builder.value(
    'scalar',
    'div',
    [builder.constant(0x40000000), small.value],
    0x3fff,
    0x8000,
  );
  // |1 - m r| <= 2^-14, so one step r (2 - m r) is off by less than 2^-27.
  const r = { value: first, frac: 14, error: 0 };
  const product = bounded(math.multiply(m, r), 0.999, 1.001);
  const next = math.multiply(r, math.subtract(math.constant(2), product));
  const reciprocal = bounded({ ...next, error: next.error + powerOfTwo(-27) }, 1, 2);
  // 1 / b = reciprocal * 2^(shifts + frac - 30).
  const down = builder.value(
    'scalar',
    'sub',
    [builder.constant(mostShifts), shifts],
    0,
    mostShifts - leastShifts,
  );
  const scaled = math.multiply(a, reciprocal);
  const shifted = shiftDown(math, scaled, down, mostShifts - leastShifts);
  const places = mostShifts + frac - 30;
  const spread = (magnitudeOf(a) * b.error) / (lowest * lowest);
  return {
    value: shifted.value,
    frac: shifted.frac - places,
    error: shifted.error * powerOfTwo(places) + spread,
  };
}

/** a / b for b that is never 0: short where the codes of b are few or its ends lie close, else `divideWide`. */
export function divideScalars(math: ScalarMath, a: Scalar, b: Scalar): Scalar {
  const most = Math.max(Math.abs(b.value.lo), Math.abs(b.value.hi));
  const least = Math.min(Math.abs(b.value.lo), Math.abs(b.value.hi));
  const isShort = b.value.lo > 0 || b.value.hi < 0;
  if (isShort && (most < 0x8000 || most < 8 * least)) return math.divide(a, b);
  return divideWide(math, a, b);
}
