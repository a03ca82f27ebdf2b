/** `rate[k]`: one column's value read by the scalar core. */
import type { Expression } from '../check/typed.js';
import { powerOfTwo } from '../numeric/power.js';
import type { Scalar } from '../numeric/scalar.js';
import { type Context } from './context.js';
import { lowerLane } from './lane.js';
import { lowerWhole } from './scalar.js';

/** The value that `expression` (a per-neuron name with its column taken away) has in column `at`. */
export function columnValue(
  context: Context,
  expression: Expression & { kind: 'read' | 'observe' },
  at: Expression,
): Scalar {
  const { column: _column, ...own } = expression;
  const lane = { ...own, domain: 'neuron' } as Expression;
  const atom = context.sums.half(lowerLane(context, lane));
  const index = lowerWhole(context, at);
  const value = context.builder.value(
    'scalar',
    'lane-at',
    [atom.value, index.value],
    atom.value.lo,
    atom.value.hi,
  );
  // A column that may be another has any value.
  const spread = index.error === 0 ? 0 : (value.hi - value.lo) * powerOfTwo(-atom.frac);
  return { value, frac: atom.frac, error: atom.error + spread };
}
