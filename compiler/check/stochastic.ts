/** `w += stochastic(e)` and its relatives: the one draw that rounds an assignment, told apart from draws inside expressions. */
import type { Expression } from './typed.js';

/** rest + sign * stochastic(argument), where `rest` is a weight or a label, or nothing. */
export interface StochasticChange {
  readonly rest?: Expression;
  readonly sign: 1 | -1;
  readonly argument: Expression;
}

/**
 * The draw that rounds the value of an assignment to a whole number, if that is how it is made: what is added to it is
 * whole itself, so that the draw rounds the sum. Bounds hold before this rounding, and both evaluators log the value
 * before it: rest + sign * (e + (k + 1/2) / 256), whose whole part is stored.
 */
export function stochasticChange(value: Expression): StochasticChange | undefined {
  const alone = signedDraw(value);
  if (alone) return alone;
  if (value.kind !== 'arithmetic' || (value.operator !== '+' && value.operator !== '-'))
    return undefined;
  const { left, right, operator } = value;
  const draw = signedDraw(right);
  if (!draw || !isWhole(left)) return undefined;
  const sign = operator === '+' ? draw.sign : draw.sign === 1 ? -1 : 1;
  return { ...draw, rest: left, sign };
}

function signedDraw(value: Expression): StochasticChange | undefined {
  if (value.kind === 'stochastic') return { sign: 1, argument: value.argument };
  if (value.kind !== 'negate' || value.operand.kind !== 'stochastic') return undefined;
  return { sign: -1, argument: value.operand.argument };
}

const isWhole = (expression: Expression): boolean =>
  expression.kind === 'observe' &&
  (expression.observable === 'w' || expression.observable === 'label') &&
  expression.column === undefined;
