/** Reductions over lanes and rows. */
import type { Expression } from '../check/typed.js';
import type { Scalar } from '../numeric/scalar.js';
import { type Context, NotGenerated } from './context.js';
import { lowerLane } from './lane.js';

/** A reduction over the columns of a per-neuron value. */
export function reduction(context: Context, expression: Expression & { kind: 'reduce' }): Scalar {
  if (expression.over !== 'columns' || expression.argument.domain !== 'neuron')
    throw new NotGenerated(expression.span, `${expression.operation}() over ${expression.over}`);
  if (expression.operation === 'mean')
    throw new NotGenerated(expression.span, 'mean() over columns', 'use sum() and divide');
  const atom = context.sums.half(lowerLane(context, expression.argument));
  const { value } = atom;
  const sum = expression.operation === 'sum';
  const index = expression.operation === 'argmax';
  const made = context.builder.value(
    'scalar',
    'reduce',
    [value],
    index ? 0 : sum ? Math.min(0, value.lo * 256) : value.lo,
    index ? 255 : sum ? Math.max(0, value.hi * 256) : value.hi,
    { relation: expression.operation },
  );
  if (index) return { value: made, frac: 0, error: 0 };
  return { value: made, frac: atom.frac, error: sum ? 256 * atom.error : atom.error };
}
