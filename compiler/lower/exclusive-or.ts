/** `^` of ints in lanes, in two's complement, by adding and taking away powers of two. */
import { type Expression, hasLanes } from '../check/typed.js';
import type { Builder } from '../ir/builder.js';
import type { Operation, Value } from '../ir/ir.js';
import { floorLog2, powerOfTwo } from '../numeric/power.js';
import type { Context } from './context.js';
import { type Whole, wholeHalf } from './integers.js';
import { lowerInt } from './scalar.js';

/** left ^ right, of which at least one has lanes. */
export function exclusiveOr(
  context: Context,
  { left, right }: Expression & { kind: 'arithmetic' },
): Whole {
  const { builder } = context;
  const a = hasLanes(left.domain) ? wholeHalf(context, left) : undefined;
  const b = hasLanes(right.domain) ? wholeHalf(context, right) : undefined;
  if (a && b) return { value: ofLanes(builder, a.value, b.value), off: a.off + b.off };
  const lanes = a ?? b;
  if (lanes === undefined) throw new Error('no lanes');
  const other = wholeHalf(context, a ? right : left);
  const shared = lowerInt(context, a ? right : left);
  return { value: flipped(builder, lanes.value, shared), off: lanes.off + other.off };
}

const half = (
  builder: Builder,
  operation: Operation,
  args: readonly Value[],
  lo: number,
  hi: number,
  by?: number,
): Value =>
  builder.value('half', operation, args, lo, hi, by === undefined ? {} : { numbers: [by] });

/** Bits that hold every code without its sign. */
const bitsOf = ({ lo, hi }: Value): number => floorLog2(Math.max(hi, -1 - lo, 1)) + 1;

/** floor(x / 2^by) of codes. */
function halved(builder: Builder, x: Value, by: number): Value {
  const unit = powerOfTwo(-by);
  return by === 0
    ? x
    : half(builder, 'asr', [x], Math.floor(x.lo * unit), Math.floor(x.hi * unit), by);
}

/** Bit i of every code, 0 or 1. */
function bitOf(builder: Builder, x: Value, i: number): Value {
  const higher = halved(builder, x, i + 1);
  const even = half(builder, 'shl', [higher], 2 * higher.lo, 2 * higher.hi, 1);
  return half(builder, 'sub', [halved(builder, x, i), even], 0, 1);
}

/** Codes times 2^by. */
const raised = (builder: Builder, x: Value, by: number): Value =>
  by === 0 ? x : half(builder, 'shl', [x], x.lo * powerOfTwo(by), x.hi * powerOfTwo(by), by);

/**
 * With a number that all lanes share: each of its bits adds 2^i where the lane has a 0 and takes it away where it has
 * a 1, so that no partial sum leaves the range of the result. A negative one is the complement of one that is not.
 */
function flipped(builder: Builder, lanes: Value, shared: Value): Value {
  const bits = Math.max(bitsOf(lanes), bitsOf(shared));
  const top = powerOfTwo(bits);
  const least = lanes.lo < 0 || shared.lo < 0 ? -top : 0;
  const isKnown = shared.operation === 'const';
  const code = shared.numbers[0] ?? 0;
  const positive = isKnown ? shared : withoutSign(builder, shared);
  let sum = lanes;
  for (let i = 0; i < bitsOf(shared); i++) {
    const isSet = (((isKnown && code < 0 ? -1 - code : code) >> i) & 1) === 1;
    if (isKnown && !isSet) continue;
    const two = half(builder, 'shl', [bitOf(builder, lanes, i)], 0, 2, 1);
    const sign = half(builder, 'sub', [builder.splatNumber(1), two], -1, 1);
    const bit = isKnown
      ? sign
      : half(builder, 'mul', [sign, builder.splat(sharedBit(builder, positive, i))], -1, 1);
    sum = half(builder, 'add', [sum, raised(builder, bit, i)], Math.min(least, lanes.lo), top - 1);
  }
  if (shared.lo >= 0) return sum;
  const complement = half(builder, 'sub', [builder.splatNumber(-1), sum], -top, top - 1);
  if (shared.hi < 0) return complement;
  const zero = builder.constant(0);
  const isNegative = builder.value('scalar', 'compare', [shared, zero], 0, 1, { relation: '<' });
  const mask = builder.value('mask', 'splat', [isNegative], 0, 1);
  return half(builder, 'choose', [mask, complement, sum], -top, top - 1);
}

/** x, or -1 - x if it is negative. */
function withoutSign(builder: Builder, x: Value): Value {
  if (x.lo >= 0) return x;
  const opposite = builder.value('scalar', 'sub', [builder.constant(-1), x], -1 - x.hi, -1 - x.lo);
  return builder.value('scalar', 'max', [x, opposite], 0, Math.max(x.hi, -1 - x.lo));
}

/** Bit i of a scalar that is not negative. */
function sharedBit(builder: Builder, x: Value, i: number): Value {
  const moved = (by: number): Value =>
    by === 0
      ? x
      : builder.value('scalar', 'floorshift', [x], 0, Math.floor(x.hi * powerOfTwo(-by)), {
          numbers: [by],
        });
  const higher = moved(i + 1);
  const even = builder.value('scalar', 'shift', [higher], 0, 2 * higher.hi, { numbers: [1] });
  return builder.value('scalar', 'sub', [moved(i), even], 0, 1);
}

/** Of two lanes: the bits in which they differ, the sign first. */
function ofLanes(builder: Builder, a: Value, b: Value): Value {
  const bits = Math.max(bitsOf(a), bitsOf(b));
  const differ = (x: Value, y: Value): Value => {
    const difference = half(builder, 'sub', [x, y], -1, 1);
    return half(builder, 'mul', [difference, difference], 0, 1);
  };
  let sum: Value | undefined;
  if (a.lo < 0 || b.lo < 0) {
    const sign = differ(negative(builder, a), negative(builder, b));
    const below = half(builder, 'sub', [builder.splatNumber(0), sign], -1, 0);
    sum = raised(builder, below, bits);
  }
  for (let i = bits - 1; i >= 0; i--) {
    const bit = raised(builder, differ(bitOf(builder, a, i), bitOf(builder, b, i)), i);
    sum = sum ? half(builder, 'add', [sum, bit], sum.lo, sum.hi + bit.hi) : bit;
  }
  return sum ?? a;
}

/** 1 where a code is negative, else 0. */
function negative(builder: Builder, x: Value): Value {
  const mask = builder.value('mask', 'compare', [x], 0, 1, { relation: '<' });
  return half(builder, 'choose', [mask, builder.splatNumber(1), builder.splatNumber(0)], 0, 1);
}
