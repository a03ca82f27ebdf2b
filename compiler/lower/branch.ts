/** Choices whose sides must not both be evaluated: branches that leave their result in a variable. */
import type { Expression } from '../check/typed.js';
import type { Block, Value, Variable } from '../ir/ir.js';
import { type Atom, type Linear, linearAtom } from '../numeric/linear.js';
import { floorLog2, powerOfTwo } from '../numeric/power.js';
import { type Scalar, magnitudeOf } from '../numeric/scalar.js';
import { lowerCondition, lowerMask } from './condition.js';
import type { Context } from './context.js';
import { lowerLane } from './lane.js';
import { getVariable, logBranch, lowerScalar } from './scalar.js';

type Choose = Expression & { kind: 'choose' };

interface Side<Result> {
  readonly block: Block;
  readonly result: Result;
}

/** Lowers the condition, and each side into a block of its own; what the sides read is not known afterwards. */
function branches<Result>(
  context: Context,
  { condition, then, otherwise }: Choose,
  lower: (side: Expression) => Result,
): { readonly condition: Value; readonly sides: readonly [Side<Result>, Side<Result>] } {
  const test = lowerCondition(context, condition);
  logBranch(context, condition, test);
  const before = new Map(context.cache);
  const made = (side: Expression): Side<Result> => {
    let result: Result | undefined;
    const block = context.builder.within('if', () => {
      result = lower(side);
    });
    context.cache = new Map(before);
    if (result === undefined) throw new Error('a side without a result');
    return { block, result };
  };
  return { condition: test, sides: [made(then), made(otherwise)] };
}

/** Stores each side's value in one variable and closes the branch; answers the variable's value. */
function join(
  context: Context,
  condition: Value,
  sides: readonly [Side<Value>, Side<Value>],
  space: Variable['space'],
  frac: number,
): Value {
  const { builder } = context;
  const [then, otherwise] = sides;
  const variable = {
    id: context.nextVariable++,
    name: 'choice',
    space,
    frac,
    lo: Math.min(then.result.lo, otherwise.result.lo),
    hi: Math.max(then.result.hi, otherwise.result.hi),
  };
  for (const { block, result } of sides)
    builder.reopen(block, () =>
      builder.push({ kind: 'store', target: { kind: 'variable', variable }, value: result }),
    );
  builder.push({ kind: 'if', condition, then: then.block, otherwise: otherwise.block });
  return getVariable(context, variable);
}

/** A choice of the scalar core. */
export function branchTo(context: Context, expression: Choose): Scalar {
  const { builder, math } = context;
  const { condition, sides } = branches(context, expression, (side) => lowerScalar(context, side));
  const scalars = sides.map(({ result }) => result);
  const most = scalars.reduce((size, scalar) => Math.max(size, magnitudeOf(scalar)), 0);
  const isInt = expression.type === 'int';
  const room = most === 0 ? 30 : floorLog2(0x3fffffff / most);
  const places = scalars.reduce((frac, scalar) => Math.max(frac, scalar.frac), -Infinity);
  const frac = isInt ? 0 : Math.min(places, room);
  let error = 0;
  const placed = ({ block, result }: Side<Scalar>): Side<Value> => {
    let { value } = result;
    builder.reopen(block, () => {
      const moved = isInt ? result : math.withPlaces(result, frac);
      error = Math.max(error, moved.error);
      value = moved.value;
    });
    return { block, result: value };
  };
  const [then, otherwise] = sides;
  const value = join(context, condition, [placed(then), placed(otherwise)], 'scalar', frac);
  return { value, frac, error };
}

/** A choice over lanes that all lanes make alike. */
export function branchLanes(context: Context, expression: Choose): Linear {
  const { builder, math, sums } = context;
  const hasX = (linear: Linear): boolean => linear.terms.some((term) => term.x !== undefined);
  const { condition, sides } = branches(context, expression, (side) => {
    const linear = lowerLane(context, side);
    return hasX(linear)
      ? { atom: sums.half(linear), scalar: undefined }
      : { atom: undefined, scalar: sums.scalar(linear) };
  });
  let frac = Infinity;
  for (const { result } of sides) {
    if (result.atom) frac = Math.min(frac, result.atom.frac);
    else {
      const size = Math.max(magnitudeOf(result.scalar), powerOfTwo(-15));
      frac = Math.min(frac, floorLog2(32767 / size));
    }
  }
  let error = 0;
  const placed = ({ block, result }: (typeof sides)[number]): Side<Value> => {
    let found: Atom | undefined = result.atom;
    builder.reopen(block, () => {
      if (found && found.frac > frac) found = sums.fewer(found, frac);
      if (result.scalar === undefined) return;
      const code = math.withPlaces(result.scalar, frac);
      found = { value: builder.splat(code.value), frac, error: code.error };
    });
    if (found === undefined) throw new Error('a side without a value');
    error = Math.max(error, found.error);
    return { block, result: found.value };
  };
  const [then, otherwise] = sides;
  const value = join(context, condition, [placed(then), placed(otherwise)], 'half', frac);
  return linearAtom({ value, frac, error });
}

/** A choice between conditions that must be a branch: 0 or 1 in a variable. */
export function branchCondition(
  context: Context,
  expression: Choose,
  space: 'scalar' | 'mask',
): Value {
  const { builder } = context;
  const { condition, sides } = branches(context, expression, (side) => {
    if (space === 'scalar') return lowerCondition(context, side);
    const mask = lowerMask(context, side);
    const [one, zero] = [builder.splatNumber(1), builder.splatNumber(0)];
    return builder.value('half', 'choose', [mask, one, zero], 0, 1);
  });
  const value = join(context, condition, sides, space === 'mask' ? 'half' : 'scalar', 0);
  return space === 'scalar'
    ? value
    : builder.value('mask', 'compare', [value], 0, 1, { relation: '>' });
}
