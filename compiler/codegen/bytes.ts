/**
 * Bytes to be stored from sums that saturate: the clamp happens in the accumulator or in the bytes themselves, and
 * what the store does not keep is not put right. Each way is exact; where none applies the ordinary one is taken.
 */
import type { DotTerm, Value } from '../ir/ir.js';
import { powerOfTwo } from '../numeric/power.js';
import type { VirtualRegister } from './code.js';
import type { Lanes } from './lanes.js';
import { type ClampedSum, clampedSum, constantOf, termRange } from './sums.js';

/** Bits that the store keeps: weights and labels have six. */
export type Kept = 6 | 8;

const least = -0x8000;
const most = 0x7fff;

/** The byte of `value` for one parity, or undefined if the value is not of a kind known here. */
export function saturatedBytes(
  lanes: Lanes,
  value: Value,
  parity: number,
  kept: Kept,
  uses: ReadonlyMap<Value, number>,
): VirtualRegister | undefined {
  const sum = clampedSum(value, uses);
  if (sum === undefined || lanes.holds(value, 2 * parity)) return undefined;
  return (
    pairedBytes(lanes, value, sum, parity, kept) ?? summedBytes(lanes, value, sum, parity, kept)
  );
}

/** A weight w and a random byte k whose sum w + k/256 - 1/2 stands in the sum, and what is added to them. */
interface Pair {
  readonly weight: Value;
  readonly random: Value | undefined;
  readonly others: readonly DotTerm[];
  /** Constant part of the others in units of the sum. */
  readonly addend: Value | undefined;
  readonly constant: number;
}

function pairOf({ terms, shift, round, addend }: ClampedSum): Pair | undefined {
  const one = powerOfTwo(shift);
  const byteOf = ({ a, b }: DotTerm, unit: number, operation: string): Value | undefined => {
    const [inner] = a.args;
    if (a.operation !== 'widen-high' || inner?.operation !== operation) return undefined;
    return typeof b === 'number' && b * 256 === unit ? inner : undefined;
  };
  const weightTerm = terms.find((term) => byteOf(term, one, 'weight'));
  const weight = weightTerm && byteOf(weightTerm, one, 'weight');
  if (weight === undefined || weight.lo < 0 || weight.hi > 63) return undefined;
  const randomTerm = terms.find((term) => byteOf(term, one / 256, 'random-byte'));
  const random = randomTerm && byteOf(randomTerm, one / 256, 'random-byte');
  const isConstant = addend === undefined || addend.operation === 'const';
  return {
    weight,
    random,
    others: terms.filter((term) => term !== weightTerm && term !== randomTerm),
    addend: isConstant ? undefined : addend,
    // A byte of the generator counts from 0, its code from -128.
    constant: round + (constantOf(addend) ?? 0) - (random ? one / 2 : 0),
  };
}

/** `w + k/256 + change`, in halves of 256 to the weight: the change is added to an unpacked pair of bytes. */
function pairedBytes(
  lanes: Lanes,
  value: Value,
  sum: ClampedSum,
  parity: number,
  kept: Kept,
): VirtualRegister | undefined {
  const pair = kept === 6 && sum.lo === 0 && sum.hi === 63 ? pairOf(sum) : undefined;
  const add = pair && (steadyChange(lanes, sum, pair) ?? productChange(lanes, sum, pair));
  if (pair === undefined || add === undefined) return undefined;
  const { code } = lanes;
  const weights = lanes.byte(pair.weight, parity);
  const low = pair.random ? lanes.sources.rawRandom(pair.random, parity) : lanes.zero;
  const halves = [0, 1].map((h) => {
    const both = code.make(`pair${value.id}`, h === 0 ? 'fxvupckbl' : 'fxvupckbr', weights, low, 0);
    return add(both, 2 * parity + h);
  });
  const [left, right] = halves as [VirtualRegister, VirtualRegister];
  // Weights are 64 too high and end at 127. Less 192 they end at -128 below, and their six bits are right.
  const bytes = code.make(`sum${value.id}`, 'fxvpckbu', left, right, 0);
  code.emit('fxvmtacbf', bytes);
  code.emit('fxvaddactacbf', lanes.splat(-128, 8));
  return code.make(`p${value.id}.${parity}`, 'fxvaddacbfs', lanes.splat(-64, 8));
}

type Change = (pair: VirtualRegister, q: number) => VirtualRegister;
/** 64 weights, in 1/256. */
const above = 0x4000;

/** The change is the same in all rows: rounded once, with the room above that makes the sum saturate at 64. */
function steadyChange(lanes: Lanes, sum: ClampedSum, pair: Pair): Change | undefined {
  const depths = pair.others.flatMap(({ a, b }) => [a.depth, typeof b === 'number' ? 0 : b.depth]);
  const depth = Math.max(0, pair.addend?.depth ?? 0, ...depths);
  if (depth >= pair.weight.depth) return undefined;
  const places = sum.shift - 8;
  const unit = powerOfTwo(-places);
  const [lo, hi] = termRange(pair.others);
  const low = (lo + (pair.addend?.lo ?? 0) + pair.constant) * unit;
  const high = (hi + (pair.addend?.hi ?? 0) + pair.constant) * unit;
  if (low < least || high > most || places < 8 || places > 16) return undefined;
  const changes = pseudo(sum, pair);
  return (both, q) => {
    const key = `v${sum.id}s.${q}`;
    const change = lanes.hoisted(key, depth, (inner) => {
      const { code } = inner;
      const [upper, lower] = inner.wholeSum(changes, q, `${key}u`);
      // The upper half moves up by what the places lack of 16, the lower one fills in.
      const by = 16 - places;
      const floor =
        by === 0
          ? upper
          : code.make(
              `${key}f`,
              'fxvaddhm',
              code.make(`${key}a`, 'fxvshh', upper, by),
              code.make(`${key}b`, 'fxvshh', lower, -places),
            );
      return code.make(key, 'fxvaddhfs', floor, inner.splat(above));
    });
    return lanes.code.make(`sum${sum.id}`, 'fxvaddhfs', both, change);
  };
}

/** The terms of a pair's change as a dot. */
function pseudo(sum: ClampedSum, { others, addend, constant }: Pair): Value {
  const { addend: _old, ...rest } = sum.dot;
  return { ...rest, terms: others, numbers: [constant, 16], ...(addend ? { addend } : {}) };
}

/** Largest number of times that one product is added to get its places. */
const mostRepeats = 4;

/** The change is one product with a factor that is the same in all rows, and a constant. */
function productChange(lanes: Lanes, sum: ClampedSum, pair: Pair): Change | undefined {
  const [term, ...more] = pair.others;
  if (term === undefined || more.length > 0 || pair.addend !== undefined) return undefined;
  const depth = pair.weight.depth;
  const [moving, factor] =
    typeof term.b !== 'number' && term.b.depth >= depth && term.a.depth < depth
      ? [term.b, term.a]
      : [term.a, term.b];
  if (typeof factor !== 'number' && factor.depth >= depth) return undefined;
  // The sum has 24 places in the accumulator; a product of fractions is twice that of numbers.
  let doublings = 24 - sum.shift - 1;
  const [lo, hi] = typeof factor === 'number' ? [factor, factor] : [factor.lo, factor.hi];
  let up = 0;
  while (doublings > 0 && lo * powerOfTwo(up + 1) > least && hi * powerOfTwo(up + 1) <= most) {
    up++;
    doublings--;
  }
  const repeats = powerOfTwo(Math.max(0, doublings));
  const start = pair.constant * powerOfTwo(24 - sum.shift) + above * 0x10000;
  const low = ((start & 0xffff) ^ 0x8000) - 0x8000;
  const high = (start - low) / 0x10000;
  if (doublings < 0 || repeats > mostRepeats || lo === least || high < least || high > most)
    return undefined;
  return (both, q) => {
    const { code } = lanes;
    const x = lanes.half(moving, q);
    const y = scaled(lanes, factor, up, q);
    if (low === 0) code.emit('fxvmtachf', lanes.splat(high));
    else code.emit('fxvmtach', lanes.splat(low));
    for (let i = 0; i < repeats; i++) code.emit('fxvmatachfs', x, y);
    if (low !== 0) code.emit('fxvaddactachf', lanes.splat(high));
    return code.make(`sum${sum.id}`, 'fxvaddachfs', both);
  };
}

/** factor * 2^up, once for all rows. */
function scaled(lanes: Lanes, factor: Value | number, up: number, q: number): VirtualRegister {
  if (typeof factor === 'number') return lanes.splat(factor * powerOfTwo(up));
  if (up === 0) return lanes.half(factor, q);
  const key = `v${factor.id}x${up}.${q}`;
  return lanes.hoisted(key, factor.depth, (inner) =>
    inner.code.make(key, 'fxvshh', inner.half(factor, q), up),
  );
}

/**
 * Any sum: offsets that saturate take its upper half to the top and then to the bottom of its range, where the window
 * of codes has its bits in one place.
 */
function summedBytes(
  lanes: Lanes,
  value: Value,
  sum: ClampedSum,
  parity: number,
  kept: Kept,
): VirtualRegister | undefined {
  const by = sum.shift - 16;
  if (by < 0 || by > (kept === 6 ? 10 : 8)) return undefined;
  const offset = 0x8000 - (sum.hi + 1) * powerOfTwo(by);
  if (offset < 0 || offset > most) return undefined;
  const down = sum.least < sum.lo ? offset + sum.lo * powerOfTwo(by) + 0x8000 : 0;
  const steps: number[] = offset === 0 ? [] : [offset];
  for (let left = down; left > 0; left -= 0x8000) steps.push(-Math.min(left, 0x8000));
  const { code } = lanes;
  const halves = [0, 1].map((h) => {
    const sumKey = `sum${value.id}`;
    const register = lanes.steppedSum(sum.dot, 2 * parity + h, steps, sumKey);
    return isPlaced(by, kept) ? register : code.make(sumKey, 'fxvshh', register, 8 - by);
  });
  const [left, right] = halves as [VirtualRegister, VirtualRegister];
  const [mnemonic, size] = isPlaced(by, kept) ? (packs[by] ?? packs[8]) : packs[8];
  const key = `p${value.id}.${parity}`;
  const bytes = code.make(key, mnemonic, left, right, size);
  const moved = ((down - offset) / powerOfTwo(by)) & (kept === 6 ? 63 : 255);
  if (moved === 0) return bytes;
  return code.make(key, 'fxvaddbm', bytes, lanes.splat(((moved & 255) ^ 128) - 128, 8));
}

/** The pack that takes a byte with `by` places behind it; with four and two only six or seven bits of it. */
const packs: Readonly<Record<number, readonly [string, number]>> & {
  readonly 8: readonly [string, number];
} = {
  0: ['fxvpckbl', 0],
  2: ['fxvpckbl', 1],
  4: ['fxvpckbl', 2],
  8: ['fxvpckbu', 0],
  9: ['fxvpckbu', 1],
  10: ['fxvpckbu', 2],
};

const isPlaced = (by: number, kept: Kept): boolean =>
  kept === 6 ? by in packs : by === 0 || by === 8;
