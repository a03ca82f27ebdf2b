/** Conditions: 0 or 1 of the scalar core, or a mask with one answer per lane. */
import { type Expression, hasLanes } from '../check/typed.js';
import type { Relation, Value } from '../ir/ir.js';
import { type Linear, addLinear, linearScalar, scaleLinear } from '../numeric/linear.js';
import { branchCondition } from './branch.js';
import { type Context, impossible } from './context.js';
import { isEventful } from './events.js';
import { bindStatements } from './inline.js';
import { lowerLane } from './lane.js';
import { logBranch, lowerInt, lowerScalar, lowerWhole } from './scalar.js';

type Answer = 'scalar' | 'mask';

/** A condition without lanes: a scalar 0 or 1. */
export function lowerCondition(context: Context, expression: Expression): Value {
  return lowerTest(context, expression, 'scalar');
}

/** A condition over lanes (one without lanes becomes the same answer in all). */
export function lowerMask(context: Context, expression: Expression): Value {
  return lowerTest(context, expression, 'mask');
}

function lowerTest(context: Context, expression: Expression, space: Answer): Value {
  const { builder } = context;
  if (space === 'mask' && !hasLanes(expression.domain))
    return splat(context, lowerTest(context, expression, 'scalar'));
  switch (expression.kind) {
    case 'constant':
      return builder.constant(expression.value === 0 ? 0 : 1);
    case 'compare':
      return space === 'mask'
        ? compareLanes(context, expression)
        : compareScalars(context, expression);
    case 'not':
      return builder.value(space, 'not', [lowerTest(context, expression.operand, space)], 0, 1);
    case 'logic': {
      const left = lowerTest(context, expression.left, space);
      const right = lowerTest(context, expression.right, space);
      return builder.value(space, expression.operator, [left, right], 0, 1);
    }
    case 'choose':
      return chooseTest(context, expression, space);
    case 'read': {
      const binding = context.bindings.get(expression.symbol.id);
      if (binding?.kind === 'condition')
        return space === 'mask' && binding.value.space === 'scalar'
          ? splat(context, binding.value)
          : binding.value;
      break;
    }
    case 'inline':
      bindStatements(context, expression.statements);
      return lowerTest(context, expression.value, space);
    default:
  }
  throw impossible(`this condition (${expression.kind})`);
}

function splat(context: Context, scalar: Value): Value {
  return context.builder.value('mask', 'splat', [scalar], 0, 1);
}

function compareScalars(context: Context, expression: Expression & { kind: 'compare' }): Value {
  const { left, right } = expression;
  const relation: Relation = expression.operator;
  if (left.type !== 'int' || right.type !== 'int')
    return context.math.compare(relation, lowerScalar(context, left), lowerScalar(context, right));
  const args = [lowerInt(context, left), lowerInt(context, right)];
  return context.builder.value('scalar', 'compare', args, 0, 1, { relation });
}

function compareLanes(context: Context, expression: Expression & { kind: 'compare' }): Value {
  const { sums, math, builder } = context;
  const relation: Relation = expression.operator;
  const { left, right } = expression;
  const difference = addLinear(
    compared(context, left, right),
    scaleLinear(compared(context, right, left), -1),
  );
  // If the lanes cancel there is one answer for all.
  if (difference.terms.every((term) => term.x === undefined))
    return splat(context, math.compare(relation, sums.scalar(difference), math.constant(0)));
  return builder.value('mask', 'compare', [sums.half(difference).value], 0, 1, { relation });
}

/** One side of a comparison; an int that all lanes share is brought close to the other's range, so that it fits. */
function compared(context: Context, side: Expression, other: Expression): Linear {
  const isShared = side.kind !== 'constant' && !hasLanes(side.domain);
  if (!isShared || side.type !== 'int' || other.type !== 'int') return lowerLane(context, side);
  const code = lowerWhole(context, side);
  const { lo, hi } = other.interval;
  return linearScalar(
    context.math.clampCodes(code, Math.max(lo, -0x8000) - 1, Math.min(hi, 0x8000) + 1),
  );
}

/** `if c { a } else { b }` between conditions: c and a, or not c and b. */
function chooseTest(
  context: Context,
  expression: Expression & { kind: 'choose' },
  space: Answer,
): Value {
  const { builder } = context;
  const { condition, then, otherwise } = expression;
  if (!hasLanes(condition.domain) && (isEventful(then) || isEventful(otherwise)))
    return branchCondition(context, expression, space);
  const test = lowerTest(context, condition, space);
  logBranch(context, condition, test);
  const both = (a: Value, b: Value): Value => builder.value(space, 'and', [a, b], 0, 1);
  const first = both(test, lowerTest(context, then, space));
  const inverse = builder.value(space, 'not', [test], 0, 1);
  return builder.value(
    space,
    'or',
    [first, both(inverse, lowerTest(context, otherwise, space))],
    0,
    1,
  );
}
