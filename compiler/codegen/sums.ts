/** Sums that are clamped and stored, seen through the roundings and limits that come to the same. */
import type { Block, DotTerm, Value } from '../ir/ir.js';
import { exactLog2, powerOfTwo } from '../numeric/power.js';

/** floor((sum of terms + addend + round) / 2^shift), then lo..hi. */
export interface ClampedSum {
  readonly id: number;
  /** The same as a value: terms, [round, shift], addend. */
  readonly dot: Value;
  readonly terms: readonly DotTerm[];
  readonly addend: Value | undefined;
  readonly round: number;
  readonly shift: number;
  readonly lo: number;
  readonly hi: number;
  /** Smallest value before the clamp. */
  readonly least: number;
}

/** How often each value is an operand, or stored, in a block. */
export function usesOf(block: Block): Map<Value, number> {
  const uses = new Map<Value, number>();
  const use = (value: Value): void => {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  };
  const walk = ({ items }: Block): void => {
    for (const item of items)
      switch (item.kind) {
        case 'value':
          for (const each of operandsOf(item.value)) use(each);
          break;
        case 'store':
          use(item.value);
          if (item.mask) use(item.mask);
          break;
        case 'if':
          use(item.condition);
          walk(item.then);
          walk(item.otherwise);
          break;
        case 'for':
        case 'rows':
          walk(item.body);
          break;
        case 'record':
          for (const { value } of item.record.fields) use(value);
          break;
        case 'reset':
          if (item.mask) use(item.mask);
          break;
        default:
      }
  };
  walk(block);
  return uses;
}

function operandsOf(value: Value): Value[] {
  const list = [...value.args];
  for (const { a, b } of value.terms ?? []) {
    list.push(a);
    if (typeof b !== 'number') list.push(b);
  }
  if (value.addend) list.push(value.addend);
  return list;
}

/** The number that a scalar, or every lane of a value, is; undefined if it depends on anything. */
export function constantOf(value: Value | undefined): number | undefined {
  const [a] = value?.args ?? [];
  switch (value?.operation) {
    case 'const':
      return value.numbers[0] ?? 0;
    case 'splat':
      return constantOf(a);
    case 'shl': {
      const inner = constantOf(a);
      return inner === undefined ? undefined : inner * powerOfTwo(value.numbers[0] ?? 0);
    }
    default:
      return undefined;
  }
}

/** Range of a sum of products. */
export function termRange(terms: readonly DotTerm[]): readonly [number, number] {
  let lo = 0;
  let hi = 0;
  for (const { a, b } of terms) {
    const [l, h] = typeof b === 'number' ? [b, b] : [b.lo, b.hi];
    const corners = [a.lo * l, a.lo * h, a.hi * l, a.hi * h];
    lo += Math.min(...corners);
    hi += Math.max(...corners);
  }
  return [lo, hi];
}

type Limits = readonly [number, number];
const clampTo = ([lo, hi]: Limits, x: number): number => Math.min(hi, Math.max(lo, x));
/** First `inner`, then `outer`. */
const both = (outer: Limits, inner: Limits): Limits => [
  clampTo(outer, inner[0]),
  clampTo(outer, inner[1]),
];

/** Limits set by min, max and clamp with constants, and what they limit. */
function limitsOf(value: Value, uses: ReadonlyMap<Value, number>): readonly [Value, Limits] {
  let limits: Limits = [value.lo, value.hi];
  let inner = value;
  for (;;) {
    const [a, b] = inner.args;
    if (a === undefined || (inner !== value && uses.get(inner) !== 1)) break;
    if (inner.operation === 'clamp') {
      limits = both(limits, [inner.numbers[0] ?? 0, inner.numbers[1] ?? 0]);
      inner = a;
      continue;
    }
    if (inner.operation !== 'min' && inner.operation !== 'max') break;
    const [x, c] = constantOf(b) === undefined ? [b, constantOf(a)] : [a, constantOf(b)];
    if (x === undefined || c === undefined) break;
    limits = both(limits, inner.operation === 'min' ? [-Infinity, c] : [c, Infinity]);
    inner = x;
  }
  return [inner, limits];
}

/**
 * What a clamp limits, as one sum. Rounding to fewer places keeps the order of numbers, so limits before it are limits
 * after it; and a sum that is rounded down twice is rounded down once.
 */
export function clampedSum(value: Value, uses: ReadonlyMap<Value, number>): ClampedSum | undefined {
  if (value.operation !== 'clamp' || uses.get(value) !== 1) return undefined;
  const [dot, limits] = limitsOf(value, uses);
  if (dot.operation !== 'dot' || uses.get(dot) !== 1) return undefined;
  return merged(dot, limits, uses) ?? finish(dot, limits);
}

function finish(dot: Value, [lo, hi]: Limits): ClampedSum | undefined {
  const [round = 0, shift = 16] = dot.numbers;
  const terms = (dot.terms ?? []).filter(({ b }) => b !== 0);
  if (terms.length === 0) return undefined;
  const { id, addend, lo: low } = dot;
  return { id, dot: { ...dot, terms }, terms, addend, round, shift, lo, hi, least: low };
}

/** The largest sum that 32 bits hold. */
const sumMost = 0x7fffffff;

/** A dot of one limited or rounded value: the rounding is taken into the inner sum, its limits behind it. */
function merged(
  dot: Value,
  limits: Limits,
  uses: ReadonlyMap<Value, number>,
): ClampedSum | undefined {
  const [term, ...more] = dot.terms ?? [];
  if (term === undefined || more.length > 0 || dot.addend) return undefined;
  const { a, b } = term;
  if (typeof b !== 'number' || b <= 0 || uses.get(a) !== 1) return undefined;
  const [round = 0, shift = 16] = dot.numbers;
  const [inner, before] = limitsOf(a, uses);
  const places = exactLog2(b);
  if (inner.operation !== 'dot' || places === undefined || uses.get(inner) !== 1) return undefined;
  const after = (x: number): number => Math.floor((x * b + round) / powerOfTwo(shift));
  const [innerRound = 0, innerShift = 16] = inner.numbers;
  const more32 = Math.floor(round / b) * powerOfTwo(innerShift);
  const whole = innerShift + shift - places;
  const largest = (Math.max(-inner.lo, inner.hi) + 2) * powerOfTwo(innerShift);
  if (whole > 31 || largest + Math.abs(more32) > sumMost) return undefined;
  const lo = after(inner.lo);
  const hi = after(inner.hi);
  const sum: Value = { ...inner, numbers: [innerRound + more32, whole], lo, hi };
  return finish(sum, both(limits, [after(before[0]), after(before[1])]));
}
