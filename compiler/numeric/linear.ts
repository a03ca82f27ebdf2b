/**
 * Sums of products over lanes, kept symbolic until a place needs codes: factor * coefficient * x * y. Coefficients are
 * scalars that all lanes share, so constants and parameters meet a lane's code only once, in the 32-bit accumulator.
 */
import type { Builder } from '../ir/builder.js';
import type { Value } from '../ir/ir.js';
import { magnitudeOf, type Scalar, type ScalarMath } from './scalar.js';
import { binaryPlaces, powerOfTwo } from './power.js';

/** One code per column: value = code * 2^-frac, off by at most `error`. */
export interface Atom {
  /** Byte or half. */
  readonly value: Value;
  readonly frac: number;
  readonly error: number;
  /** Of a product's factor only: a signed half that counts 2^-(frac + 16) a unit, for 16 places more. */
  readonly low?: Value;
}

export interface Term {
  readonly factor: number;
  readonly coefficient?: Scalar;
  readonly x?: Atom;
  /** Only together with `x`: an exact product that has not been formed. */
  readonly y?: Atom;
}

export interface Linear {
  readonly terms: readonly Term[];
}

const halfUnit = (x: Atom): number => (x.low ? 0.5 : 0);
export const atomLow = (x: Atom): number => (x.value.lo - halfUnit(x)) * powerOfTwo(-x.frac);
export const atomHigh = (x: Atom): number => (x.value.hi + halfUnit(x)) * powerOfTwo(-x.frac);
export const atomMagnitude = (x: Atom): number =>
  Math.max(Math.abs(atomLow(x)), Math.abs(atomHigh(x)));

export const linearConstant = (factor: number): Linear => ({
  terms: factor === 0 ? [] : [{ factor }],
});
export const linearScalar = (coefficient: Scalar): Linear => ({
  terms: [{ factor: 1, coefficient }],
});
export const linearAtom = (x: Atom, offset = 0): Linear => ({
  terms: offset === 0 ? [{ factor: 1, x }] : [{ factor: 1, x }, { factor: offset }],
});

const same = (a: Term, b: Term): boolean =>
  a.coefficient?.value.id === b.coefficient?.value.id &&
  a.coefficient?.frac === b.coefficient?.frac &&
  a.x?.value.id === b.x?.value.id &&
  a.x?.frac === b.x?.frac &&
  a.y?.value.id === b.y?.value.id;

/** a + b, like terms merged. */
export function addLinear(a: Linear, b: Linear): Linear {
  const terms = [...a.terms];
  for (const term of b.terms) {
    const index = terms.findIndex((other) => same(other, term));
    const found = terms[index];
    if (found === undefined) terms.push(term);
    else if (found.factor + term.factor === 0) terms.splice(index, 1);
    else terms[index] = { ...found, factor: found.factor + term.factor };
  }
  return { terms };
}

export function scaleLinear(a: Linear, factor: number): Linear {
  if (factor === 0) return { terms: [] };
  return { terms: a.terms.map((term) => ({ ...term, factor: term.factor * factor })) };
}

/** a times a number that all lanes share. */
export function multiplyByScalar(math: ScalarMath, a: Linear, s: Scalar): Linear {
  return {
    terms: a.terms.map((term) => ({
      ...term,
      coefficient: term.coefficient ? math.multiply(term.coefficient, s) : s,
    })),
  };
}

/** The coefficient that all terms share, taken out: a = coefficient * factor * rest. */
export function takeOut(a: Linear): { coefficient?: Scalar; factor: number; rest: Linear } {
  const first = a.terms[0];
  if (first === undefined) return { factor: 1, rest: a };
  const shared = first.coefficient;
  const all =
    shared !== undefined &&
    a.terms.every(
      (term) =>
        term.coefficient?.value.id === shared.value.id && term.coefficient.frac === shared.frac,
    );
  // A common factor such as 1/256 leaves whole numbers behind, which multiply exactly.
  const factor = a.terms.length === 1 ? first.factor : commonFactor(a.terms);
  const terms = a.terms.map((term) => {
    const { coefficient, ...without } = term;
    const reduced = { ...without, factor: term.factor / factor };
    return all || coefficient === undefined ? reduced : { ...reduced, coefficient };
  });
  return all && shared !== undefined
    ? { coefficient: shared, factor, rest: { terms } }
    : { factor, rest: { terms } };
}

function commonFactor(terms: readonly Term[]): number {
  const lane = terms.find((term) => term.x !== undefined);
  const factor = Math.abs(lane?.factor ?? 1);
  const whole = terms.every((term) => binaryPlaces(term.factor / factor, 8) !== undefined);
  return factor !== 0 && whole ? factor : 1;
}

/** The range of one term, errors included. */
export function termRange(term: Term): readonly [number, number] {
  let lo = term.factor;
  let hi = term.factor;
  const times = (a: number, b: number): void => {
    const corners = [lo * a, lo * b, hi * a, hi * b];
    lo = Math.min(...corners);
    hi = Math.max(...corners);
  };
  const { coefficient, x, y } = term;
  if (coefficient) {
    const unit = powerOfTwo(-coefficient.frac);
    times(coefficient.value.lo * unit, coefficient.value.hi * unit);
  }
  if (x) times(atomLow(x), atomHigh(x));
  // A square never falls below 0.
  if (x && y && x.value.id === y.value.id && !coefficient) {
    const size = Math.abs(term.factor);
    const most = atomMagnitude(x) * atomMagnitude(x) * size;
    const nearest = Math.max(0, atomLow(x), -atomHigh(x));
    const least = nearest * nearest * size;
    return term.factor > 0 ? [least, most] : [-most, -least];
  }
  if (y) times(atomLow(y), atomHigh(y));
  return [lo, hi];
}

/** The range of the whole sum. */
export function linearRange(a: Linear): readonly [number, number] {
  let lo = 0;
  let hi = 0;
  for (const term of a.terms) {
    const [l, h] = termRange(term);
    lo += l;
    hi += h;
  }
  return [lo, hi];
}

/** Largest coefficient of a term without its lanes. */
export const coefficientMagnitude = (term: Term): number =>
  Math.abs(term.factor) * (term.coefficient ? magnitudeOf(term.coefficient) : 1);

/** A byte seen as a half with the same places: needs no multiplication, costs an unpack (and a subtraction if signed). */
export function lowForm(builder: Builder, atom: Atom): Atom {
  const { value } = atom;
  if (value.space === 'half') return atom;
  const operation = value.lo >= 0 ? 'widen-unsigned' : 'widen-signed';
  return { ...atom, value: builder.value('half', operation, [value], value.lo, value.hi) };
}

/** A byte seen as a half with 8 more places: one unpack. */
export function highForm(builder: Builder, atom: Atom): Atom {
  const { value } = atom;
  return {
    value: builder.value('half', 'widen-high', [value], value.lo * 256, value.hi * 256),
    frac: atom.frac + 8,
    error: atom.error,
  };
}
