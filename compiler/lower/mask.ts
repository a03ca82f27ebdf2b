/** Choices with lanes: a branch where all lanes agree on the condition, else lane by lane. */
import { type Expression, hasLanes } from '../check/typed.js';
import type { Value } from '../ir/ir.js';
import { type Linear, linearAtom, linearScalar } from '../numeric/linear.js';
import { branchLanes } from './branch.js';
import { lowerCondition, lowerMask } from './condition.js';
import type { Context } from './context.js';
import { isEventful } from './events.js';
import { assignsInside } from './inline.js';
import { lowerLane } from './lane.js';
import { logBranch, lowerScalar } from './scalar.js';

type Choose = Expression & { kind: 'choose' };

/** A choice with lanes: one answer for all lanes if the condition has none, else lane by lane. */
export function laneChoose(context: Context, expression: Choose): Linear {
  const { builder, math } = context;
  const { condition, then, otherwise } = expression;
  if (hasLanes(condition.domain)) {
    const mask = lowerMask(context, condition);
    logBranch(context, condition, mask);
    return select(context, mask, expression);
  }
  // What draws or decides happens only where it is chosen; the rest cannot be told apart from a selection.
  if (isEventful(then) || isEventful(otherwise)) return branchLanes(context, expression);
  const scalar = lowerCondition(context, condition);
  logBranch(context, condition, scalar);
  if (!hasLanes(then.domain) && !hasLanes(otherwise.domain))
    return linearScalar(
      math.choose(scalar, lowerScalar(context, then), lowerScalar(context, otherwise)),
    );
  return select(context, builder.value('mask', 'splat', [scalar], 0, 1), expression);
}

function select(context: Context, mask: Value, { then, otherwise }: Choose): Linear {
  const { builder } = context;
  const a = lowerSide(context, mask, then);
  const inverse = (): Value => builder.value('mask', 'not', [mask], 0, 1);
  const b = lowerSide(context, inverse, otherwise);
  const [x, y] = context.sums.together(a, b);
  const value = builder.value(
    'half',
    'choose',
    [mask, x.value, y.value],
    Math.min(x.value.lo, y.value.lo),
    Math.max(x.value.hi, y.value.hi),
  );
  return linearAtom({ value, frac: x.frac, error: Math.max(x.error, y.error) });
}

/** One side; functions called in it assign only in the lanes that choose it. */
function lowerSide(context: Context, lanes: Value | (() => Value), side: Expression): Linear {
  if (!assignsInside(side)) return lowerLane(context, side);
  const outer = context.mask;
  const mask = typeof lanes === 'function' ? lanes() : lanes;
  context.mask = outer ? context.builder.value('mask', 'and', [outer, mask], 0, 1) : mask;
  const result = lowerLane(context, side);
  context.mask = outer;
  return result;
}
