/** What the scalar core draws and looks up, and which expressions do more than give a number. */
import { childrenOf } from '../check/division.js';
import type { Expression } from '../check/typed.js';
import type { Value } from '../ir/ir.js';
import { powerOfTwo } from '../numeric/power.js';
import type { Scalar } from '../numeric/scalar.js';
import { type Context, impossible } from './context.js';
import { lowerScalar } from './scalar.js';
import { largestJump, tableData } from './table.js';

/** Whether evaluating does more than give a number: draws, and decisions that the log tells. */
export function isEventful(expression: Expression): boolean {
  switch (expression.kind) {
    case 'draw':
    case 'stochastic':
    case 'choose':
      return true;
    case 'inline':
      return true;
    case 'observe':
      return expression.observable === 'time';
    default:
      return childrenOf(expression).some(isEventful);
  }
}

/** A table read by the scalar core: the nearest grid point of each argument, then one load. */
export function lookupScalar(
  context: Context,
  expression: Expression & { kind: 'lookup' },
): Scalar {
  const { math, builder } = context;
  const { table } = expression;
  const data = tableData(context, table);
  let index: Value | undefined;
  // How many entries away the nearest one may be.
  let steps = 0;
  table.arguments.forEach((grid, i) => {
    const argument = expression.arguments[i];
    if (argument === undefined) return;
    // Far outside the grid is as good as just outside, and keeps the number small.
    const given = lowerScalar(context, argument);
    const scale = powerOfTwo(given.frac);
    const [low, high] = [(grid.lo - grid.step) * scale, (grid.hi + grid.step) * scale];
    const near = math.clampCodes(given, Math.floor(low), Math.ceil(high));
    const x = math.scale(math.subtract(near, math.constant(grid.lo)), 1 / grid.step);
    const nearest = math.round(x);
    const stride = table.arguments.slice(i + 1).reduce((size, { points }) => size * points, 1);
    steps += stride * nearest.error;
    const own = math.clampCodes(nearest, 0, grid.points - 1).value;
    if (index === undefined) index = own;
    else {
      const scaled = math.multiply(
        { value: index, frac: 0, error: 0 },
        { value: builder.constant(grid.points), frac: 0, error: 0 },
      );
      index = math.add(scaled, { value: own, frac: 0, error: 0 }).value;
    }
  });
  if (index === undefined) throw impossible('a table without arguments');
  const lo = data.codes.reduce((a, b) => Math.min(a, b), Infinity);
  const hi = data.codes.reduce((a, b) => Math.max(a, b), -Infinity);
  const jump = largestJump(data.codes, steps);
  const value = builder.value('scalar', 'lookup', [index], lo, hi, { table: data });
  return { value, frac: data.frac, error: (0.5 + jump) * powerOfTwo(-data.frac) };
}

export function randomScalar(context: Context, bits: number): Value {
  const top = bits === 8 ? 255 : 65535;
  return context.builder.value('scalar', 'random', [], 0, top, { numbers: [bits] }, true);
}

export function drawScalar(context: Context, expression: Expression & { kind: 'draw' }): Scalar {
  if (expression.distribution === 'uniform')
    return { value: randomScalar(context, 16), frac: 16, error: 0 };
  let sum = randomScalar(context, 16);
  for (let i = 1; i < 12; i++) {
    const next = randomScalar(context, 16);
    sum = context.builder.value('scalar', 'add', [sum, next], 0, sum.hi + next.hi);
  }
  const six = context.builder.constant(6 * 65536);
  const value = context.builder.value('scalar', 'sub', [sum, six], -six.hi, sum.hi - six.lo);
  return { value, frac: 16, error: 0 };
}
