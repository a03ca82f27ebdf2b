/** Conditions over lanes, and choices lane by lane. */
import { type Expression, hasLanes } from '../check/typed.js';
import type { Relation, Value } from '../ir/ir.js';
import {
  type Linear,
  addLinear,
  linearAtom,
  linearScalar,
  scaleLinear,
} from '../numeric/linear.js';
import { type Context, NotGenerated } from './context.js';
import { bindStatements } from './inline.js';
import { lowerLane } from './lane.js';
import { logBranch, lowerCondition, lowerScalar } from './scalar.js';

/** A choice with lanes: one answer for all lanes if the condition has none, else lane by lane. */
export function laneChoose(context: Context, expression: Expression & { kind: 'choose' }): Linear {
  const { builder, math } = context;
  if (!hasLanes(expression.condition.domain)) {
    const scalar = lowerCondition(context, expression.condition);
    logBranch(context, expression.condition, scalar);
    if (!hasLanes(expression.then.domain) && !hasLanes(expression.otherwise.domain))
      return linearScalar(
        math.choose(
          scalar,
          lowerScalar(context, expression.then),
          lowerScalar(context, expression.otherwise),
        ),
      );
    const mask = builder.value('mask', 'splat', [scalar], 0, 1);
    return select(context, mask, expression.then, expression.otherwise);
  }
  const mask = lowerMask(context, expression.condition);
  logBranch(context, expression.condition, mask);
  return select(context, mask, expression.then, expression.otherwise);
}

function select(context: Context, mask: Value, then: Expression, otherwise: Expression): Linear {
  const [x, y] = context.sums.together(lowerLane(context, then), lowerLane(context, otherwise));
  const value = context.builder.value(
    'half',
    'choose',
    [mask, x.value, y.value],
    Math.min(x.value.lo, y.value.lo),
    Math.max(x.value.hi, y.value.hi),
  );
  return linearAtom({ value, frac: x.frac, error: Math.max(x.error, y.error) });
}

/** A condition over lanes. */
export function lowerMask(context: Context, expression: Expression): Value {
  const { builder, sums } = context;
  if (!hasLanes(expression.domain))
    return builder.value('mask', 'splat', [lowerCondition(context, expression)], 0, 1);
  switch (expression.kind) {
    case 'compare': {
      const difference = addLinear(
        lowerLane(context, expression.left),
        scaleLinear(lowerLane(context, expression.right), -1),
      );
      const relation: Relation = expression.operator;
      if (difference.terms.every((term) => term.x === undefined)) {
        // The lanes cancel: one answer for all.
        const scalar = sums.scalar(difference);
        const zero = context.math.constant(0);
        const same = context.math.compare(relation, scalar, zero);
        return builder.value('mask', 'splat', [same], 0, 1);
      }
      return builder.value('mask', 'compare', [sums.half(difference).value], 0, 1, { relation });
    }
    case 'not':
      return builder.value('mask', 'not', [lowerMask(context, expression.operand)], 0, 1);
    case 'logic': {
      const left = lowerMask(context, expression.left);
      return builder.value(
        'mask',
        expression.operator,
        [left, lowerMask(context, expression.right)],
        0,
        1,
      );
    }
    case 'read': {
      const binding = context.bindings.get(expression.symbol.id);
      if (binding?.kind === 'condition') return binding.value;
      break;
    }
    case 'inline':
      bindStatements(context, expression.statements);
      return lowerMask(context, expression.value);
    default:
  }
  throw new NotGenerated(expression.span, `this condition in lanes (${expression.kind})`);
}
