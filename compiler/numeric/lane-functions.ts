/**
 * exp, log, sqrt, tanh, sin and cos lane by lane: pieces of parabolas, chosen so that few of them keep a tolerance, and
 * tried for every code, so that the error is not estimated but known.
 */
import * as elementary from '../../isa/numeric/elementary.js';
import type { Builder } from '../ir/builder.js';
import { type Enumerated, Enumeration } from './enumerated.js';
import type { Atom } from './linear.js';
import { evaluatePolynomial, fitPolynomial } from './polynomial.js';
import { normalised } from './normalise.js';
import { floorLog2, nearest, powerOfTwo } from './power.js';

export type LaneFunctionName = 'exp' | 'log' | 'sqrt' | 'tanh' | 'sin' | 'cos';

/** Most pieces: each costs a comparison and four choices per half row. */
const mostPieces = 12;
/** Pieces get shorter until they keep this part of the largest value, or there are too many. */
const finest = 1 / 4096;

/** a + b t + c t^2 from code `start` on, t in codes. */
interface Piece {
  readonly start: number;
  readonly coefficients: readonly [number, number, number];
}

const domains: { readonly [N in LaneFunctionName]: number } = {
  exp: -Infinity,
  log: 0,
  sqrt: 0,
  tanh: -Infinity,
  sin: -Infinity,
  cos: -Infinity,
};

/** f(x) for an atom (a half); undefined where f is not defined for all that x may be. */
export function laneFunction(builder: Builder, name: LaneFunctionName, x: Atom): Atom | undefined {
  const f = name === 'sqrt' ? Math.sqrt : elementary[name];
  const unit = powerOfTwo(-x.frac);
  const least = domains[name];
  const from = x.value.lo * unit;
  if (name === 'log' && from - x.error <= 0) return undefined;
  const at = (code: number): number => f(Math.max(least, code * unit));
  if (x.value.lo === x.value.hi) return constantAtom(builder, at(x.value.lo), x, f);
  const e = new Enumeration(builder, x.value);
  const wanted = Float64Array.from(e.codes, (code) => at(code));
  const { y, frac } = approach(e, name, at, x.frac);
  const step = powerOfTwo(-frac);
  let worst = 0;
  wanted.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(y.codes[i]! * step - value));
  });
  return { value: y.value, frac, error: worst + modulus(name, at, x) };
}

/** How far f moves when its argument is off by what `x` is. */
function modulus(name: LaneFunctionName, at: (code: number) => number, x: Atom): number {
  if (x.error === 0) return 0;
  if (name === 'sin' || name === 'cos') return x.error;
  // The others rise, so the largest step over a window bounds all smaller ones in it.
  const window = Math.ceil(x.error * powerOfTwo(x.frac)) + 1;
  let most = 0;
  for (let code = x.value.lo - window; code <= x.value.hi; code++) {
    const low = name === 'log' ? Math.max(code, x.value.lo - x.error * powerOfTwo(x.frac)) : code;
    most = Math.max(most, at(code + window) - at(low));
  }
  return most;
}

function constantAtom(builder: Builder, value: number, x: Atom, f: (x: number) => number): Atom {
  const frac = value === 0 ? 0 : Math.min(15, floorLog2(32767 / Math.abs(value)));
  const code = nearest(value * powerOfTwo(frac));
  const centre = x.value.lo * powerOfTwo(-x.frac);
  const spread =
    x.error === 0
      ? 0
      : Math.max(Math.abs(f(centre + x.error) - value), Math.abs(f(centre - x.error) - value));
  return {
    value: builder.splatNumber(code),
    frac,
    error: Math.abs(code * powerOfTwo(-frac) - value) + spread,
  };
}

interface Curve {
  readonly y: Enumerated;
  readonly frac: number;
}

/** The way that suits the function. */
function approach(
  e: Enumeration,
  name: LaneFunctionName,
  at: (code: number) => number,
  frac: number,
): Curve {
  if (name === 'log') return logarithm(e, frac);
  if (name === 'sqrt') return squareRoot(e, frac);
  // Distances between codes must fit 16 bits.
  const isWide = e.input.hi - e.input.lo > 0x7fff;
  const start = isWide ? e.shiftRight(e.start, 1) : e.start;
  const of = isWide ? (code: number): number => at(2 * code + 0.5) : at;
  if (name === 'sin' || name === 'cos') {
    const turn = 2 * Math.PI * powerOfTwo(isWide ? frac - 1 : frac);
    if (start.value.hi - start.value.lo > 1.5 * turn) return periodic(e, start, turn, of);
  }
  const isOdd = (name === 'tanh' || name === 'sin') && e.input.lo < 0 && e.input.hi > 0;
  return isOdd ? oddCurve(e, start, of) : curve(e, start, of);
}

/** f(-x) = -f(x): only half the pieces. */
function oddCurve(e: Enumeration, x: Enumerated, at: (code: number) => number): Curve {
  const negative = e.compare(x, '<');
  const size = e.choose(negative, e.negate(x), x);
  const { y, frac } = curve(e, size, at);
  return { y: e.choose(negative, e.negate(y), y), frac };
}

/** Whole turns taken away first. */
function periodic(
  e: Enumeration,
  x: Enumerated,
  turn: number,
  at: (code: number) => number,
): Curve {
  const whole = nearest(turn);
  if (e.size(x) + turn > 0x7fff)
    return periodic(e, e.shiftRight(x, 1), turn / 2, (code) => at(2 * code + 0.5));
  const shift = Math.min(30, floorLog2(0x7fff * turn));
  const turns = e.dot([[x, nearest(powerOfTwo(shift) / turn)]], 0, Math.max(16, shift));
  return curve(e, e.subtract(x, e.multiply(turns, e.constant(whole))), at);
}

/** log(c) for positive codes: of the normalised code, less ln 2 for each doubling. */
function logarithm(e: Enumeration, frac: number): Curve {
  const { n, before, steps } = normalised(e, e.start);
  const ln2 = elementary.log(2);
  const base = -(before + frac) * ln2;
  // Normalised codes reach up to a doubling beyond the largest input.
  const ends = [
    ...[e.input.lo, e.input.hi].map((c) => elementary.log(c) - frac * ln2),
    base + elementary.log(e.size(n)),
  ];
  const most = Math.max(...ends.map(Math.abs), ln2);
  const places = Math.min(14, floorLog2(32000 / most));
  const unit = powerOfTwo(places);
  let y = curve(e, n, (code) => elementary.log(Math.max(code, 1)) + base, places).y;
  for (const { by, small } of steps) {
    const less = e.choose(small, e.constant(nearest(by * ln2 * unit)), e.constant(0));
    y = e.subtract(y, less);
  }
  return { y, frac: places };
}

/** sqrt(c): of the code brought up by even powers of two, and halved for each of them. */
function squareRoot(e: Enumeration, frac: number): Curve {
  const positive = e.compare(e.start, '>');
  const start = e.input.lo > 0 ? e.start : e.choose(positive, e.start, e.constant(1));
  const { n, before, steps } = normalised(e, start, [8, 4, 2]);
  const root = curve(e, n, (code) => Math.sqrt(Math.max(code, 0) * powerOfTwo(-15)), 14).y;
  let result = root;
  let places = 14;
  if (steps.length > 0) {
    let factor = e.constant(0x4000);
    for (const { by, small } of steps)
      factor = e.choose(small, e.shiftRight(factor, by / 2), factor);
    const product = [root, factor] as const;
    result = e.dot([product, product, product, product], 0, 16);
  }
  if (e.input.lo <= 0) result = e.choose(positive, result, e.constant(0));
  // sqrt(c 2^-frac) = sqrt(n 2^-15) * 2^((15 - before - frac) / 2), less the steps.
  const exponent = 15 - before - frac;
  if (exponent % 2 !== 0) {
    result = e.dot([[result, nearest(Math.SQRT1_2 * 32768)]], 0, 16);
    places -= 1;
    return { y: result, frac: places - (exponent + 1) / 2 };
  }
  return { y: result, frac: places - exponent / 2 };
}

/** The function `at` of the codes of `x`, with as many places as fit unless they are given. */
function curve(e: Enumeration, x: Enumerated, at: (code: number) => number, given?: number): Curve {
  const { lo, hi } = rangeOf(x.codes);
  let most = 0;
  for (let code = lo; code <= hi; code++) most = Math.max(most, Math.abs(at(code)));
  const frac = given ?? (most === 0 ? 0 : Math.min(28, floorLog2(32600 / most)));
  const pieces = piecesOf(at, lo, hi, most);
  return { y: evaluate(e, x, pieces, frac), frac };
}

function rangeOf(codes: Int32Array): { lo: number; hi: number } {
  let lo = Infinity;
  let hi = -Infinity;
  for (const code of codes) {
    if (code < lo) lo = code;
    if (code > hi) hi = code;
  }
  return { lo, hi };
}

function piecesOf(
  at: (code: number) => number,
  lo: number,
  hi: number,
  most: number,
): readonly Piece[] {
  for (let tolerance = finest * most; ; tolerance *= 2) {
    const pieces: Piece[] = [];
    let start = lo;
    while (start <= hi && pieces.length <= mostPieces) {
      const { piece, end } = longest(at, start, hi, tolerance);
      pieces.push(piece);
      start = end + 1;
    }
    if (start > hi && pieces.length <= mostPieces) return pieces;
  }
}

/** The longest piece from `start` on that keeps the tolerance. */
function longest(
  at: (code: number) => number,
  start: number,
  hi: number,
  tolerance: number,
): { readonly piece: Piece; readonly end: number } {
  let good = start;
  let piece = parabola(at, start, start);
  let step = Math.max(1, hi - start);
  while (step >= 1) {
    const end = Math.min(hi, good + step);
    const next = parabola(at, start, end);
    if (end > good && isWithin(at, next, start, end, tolerance)) {
      good = end;
      piece = next;
    }
    step = Math.floor(step / 2);
  }
  return { piece, end: good };
}

function parabola(at: (code: number) => number, start: number, end: number): Piece {
  if (end === start) return { start, coefficients: [at(start), 0, 0] };
  if (end === start + 1) return { start, coefficients: [at(start), at(end) - at(start), 0] };
  const { coefficients } = fitPolynomial(at, start, end, 2, 0, elementary.cos, 1);
  const [a = 0, b = 0, c = 0] = coefficients;
  const half = (end - start) / 2;
  // From u in [-1, 1] to t = codes after the start: u = t / half - 1.
  return { start, coefficients: [a - b + c, (b - 2 * c) / half, c / (half * half)] };
}

function isWithin(
  at: (code: number) => number,
  { coefficients }: Piece,
  start: number,
  end: number,
  tolerance: number,
): boolean {
  const count = Math.min(end - start, 32);
  for (let i = 0; i <= count; i++) {
    const t = count === 0 ? 0 : Math.round(((end - start) * i) / count);
    if (Math.abs(evaluatePolynomial(coefficients, t) - at(start + t)) > tolerance) return false;
  }
  return true;
}

/** The pieces in lane arithmetic: the last one that has begun is chosen, then c t + b, then times t and + a. */
function evaluate(
  e: Enumeration,
  x: Enumerated,
  pieces: readonly Piece[],
  frac: number,
): Enumerated {
  const unit = powerOfTwo(frac);
  const first = pieces[0]?.start ?? 0;
  // Distances from the start of the first piece fill their half.
  let t = first === 0 ? x : e.subtract(x, e.constant(first));
  // The value so far is the first choice, so that a constant is needed only for a moment.
  const masks: { readonly piece: Piece; readonly before: Enumerated }[] = [];
  for (const piece of pieces.slice(1)) {
    const d = e.subtract(x, e.constant(piece.start));
    const before = e.compare(d, '<');
    masks.push({ piece, before });
    t = e.choose(before, t, d);
  }
  const pick = (code: (piece: Piece) => number): Enumerated =>
    masks.reduce(
      (sum, { piece, before }) => e.choose(before, sum, e.constant(code(piece))),
      e.constant(pieces[0] ? code(pieces[0]) : 0),
    );
  const more = e.room(t);
  t = e.shiftLeft(t, more);
  const lengths = lengthsOf(pieces, x);
  // Largest slope in output codes per input code, on the way and at both ends of each piece.
  const slopes = pieces.flatMap(({ coefficients: [, b, c] }, i) => {
    const size = lengths[i] ?? 0;
    return [Math.abs(b), Math.abs(b + c * size), Math.abs(c * size)];
  });
  const steepest = Math.max(...slopes) * unit;
  const places = steepest === 0 ? 15 : Math.min(24, floorLog2(32000 / steepest));
  const bends = Math.max(...pieces.map(({ coefficients: [, , c] }) => Math.abs(c))) * unit;
  let slope = pick(({ coefficients: [, b] }) => nearest(b * unit * powerOfTwo(places)));
  if (bends > 0) {
    const bendPlaces = Math.min(30, floorLog2(32000 / bends));
    const bend = pick(({ coefficients: [, , c] }) => nearest(c * unit * powerOfTwo(bendPlaces)));
    // bend * t has bendPlaces + more places; the slope has `places`.
    const shift = bendPlaces + more - places;
    const product = shift >= 16 ? e.dot([[bend, t]], 0, Math.min(31, shift)) : undefined;
    if (product !== undefined && shift <= 31) slope = e.add(slope, product);
    else if (product === undefined)
      slope = e.add(slope, e.shiftLeft(e.dot([[bend, t]], 0, 16), 16 - shift));
  }
  const base = pick(({ coefficients: [a] }) => nearest(a * unit));
  const shift = places + more;
  const rise =
    shift >= 16
      ? e.dot([[slope, t]], 0, Math.min(31, shift))
      : e.shiftLeft(e.dot([[slope, t]], 0, 16), 16 - shift);
  return e.add(base, rise);
}

function lengthsOf(pieces: readonly Piece[], x: Enumerated): number[] {
  const { hi } = rangeOf(x.codes);
  return pieces.map(({ start }, i) => (pieces[i + 1]?.start ?? hi + 1) - start);
}
