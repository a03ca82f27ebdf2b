/** Real quotients over lanes. */
import { type Expression, type Interval, hasLanes } from '../check/typed.js';
import type { Accumulator } from '../numeric/accumulate.js';
import {
  type Atom,
  type Linear,
  linearAtom,
  multiplyByScalar,
  scaleLinear,
} from '../numeric/linear.js';
import { powerOfTwo } from '../numeric/power.js';
import { reciprocal } from '../numeric/reciprocal.js';
import { UndefinedFunction, divideScalars } from '../numeric/scalar-functions.js';
import type { Context } from './context.js';
import { lowerLane, productOf } from './lane.js';
import { lowerScalar } from './scalar.js';

/** left / right, of which at least one has lanes. */
export function laneQuotient(
  context: Context,
  { left, right }: Expression & { kind: 'arithmetic' },
): Linear {
  const { math, builder, sums } = context;
  if (right.kind === 'constant') return scaleLinear(lowerLane(context, left), 1 / right.value);
  if (!hasLanes(right.domain)) {
    const dividend = lowerLane(context, left);
    const divisor = lowerScalar(context, right);
    return multiplyByScalar(math, dividend, divideScalars(math, math.constant(1), divisor));
  }
  const dividend = hasLanes(left.domain) ? lowerLane(context, left) : undefined;
  const scalar = dividend || left.kind === 'constant' ? undefined : lowerScalar(context, left);
  const half = sums.half(lowerLane(context, right));
  const inside = insideInterval(sums, half, right.interval);
  const inverse = reciprocal(builder, inside, sums.precise);
  if (inverse === undefined)
    throw new UndefinedFunction('division in lanes by a number that may be 0');
  const result = linearAtom(inverse);
  if (left.kind === 'constant') return scaleLinear(result, left.value);
  if (scalar) return multiplyByScalar(math, result, scalar);
  return productOf(context, dividend ?? lowerLane(context, left), result);
}

/** What the checker knows of a value holds for its code as well: one that is never 0 stays away from 0. */
export function insideInterval(sums: Accumulator, atom: Atom, { lo, hi }: Interval): Atom {
  const unit = powerOfTwo(atom.frac);
  const low = Math.floor(lo * unit + 1e-9) + (lo > 0 && lo * unit < 1 ? 1 : 0);
  const high = Math.ceil(hi * unit - 1e-9) - (hi < 0 && hi * unit > -1 ? 1 : 0);
  return sums.clamped(atom, Math.max(-0x8000, low), Math.min(0x7fff, high));
}
