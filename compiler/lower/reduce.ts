/** Reductions: over columns by the run-time, over rows by a loop with one accumulator per lane. */
import type { Expression } from '../check/typed.js';
import type { Reduction, Value, Variable } from '../ir/ir.js';
import { type Atom, type Linear, linearAtom } from '../numeric/linear.js';
import { floorLog2, powerOfTwo } from '../numeric/power.js';
import type { Scalar } from '../numeric/scalar.js';
import { type Context, NotGenerated } from './context.js';
import { lowerLane } from './lane.js';

type Reduce = Expression & { kind: 'reduce' };

/** Most columns and rows of a block. */
const most = 256;

/** A reduction whose result has no lanes. */
export function reduction(context: Context, expression: Reduce): Scalar {
  const { over, operation, argument } = expression;
  if (over === 'rows') throw new NotGenerated(expression.span, `${operation}() over rows here`);
  if (over === 'columns') return overColumns(context, expression, lowerLane(context, argument));
  // Over all synapses: first over the rows, then over the columns.
  if (operation === 'argmax') throw new NotGenerated(expression.span, 'argmax() over synapses');
  const rows = overRows(context, { ...expression, over: 'rows' });
  return overColumns(context, expression, rows);
}

function overColumns(context: Context, expression: Reduce, linear: Linear): Scalar {
  const atom = context.sums.half(linear);
  const { value } = atom;
  const { operation } = expression;
  if (operation === 'mean') {
    const sum = reduceColumns(context, value, 'sum');
    return mean(
      context,
      { value: sum, frac: atom.frac, error: 0 },
      columnCount(context),
      atom.error,
    );
  }
  const made = reduceColumns(context, value, operation);
  if (operation === 'argmax') return { value: made, frac: 0, error: 0 };
  const scale = operation === 'sum' ? most : 1;
  return { value: made, frac: atom.frac, error: scale * atom.error };
}

function reduceColumns(context: Context, value: Value, relation: Reduction): Value {
  const sum = relation === 'sum';
  const index = relation === 'argmax';
  return context.builder.value(
    'scalar',
    'reduce',
    [value],
    index ? 0 : sum ? Math.min(0, value.lo * most) : value.lo,
    index ? 255 : sum ? Math.max(0, value.hi * most) : value.hi,
    { relation },
  );
}

function columnCount(context: Context): Value {
  return context.builder.value('scalar', 'columns', [], 1, most);
}

/** sum / count, rounded to nearest at as many places as 32 bits hold. */
function mean(context: Context, sum: Scalar, count: Value, error: number): Scalar {
  const { builder, math } = context;
  const size = Math.max(Math.abs(sum.value.lo), Math.abs(sum.value.hi), 1);
  const by = Math.max(0, Math.min(12, floorLog2(0x3fffffff / size)));
  const scaled = math.withPlaces(sum, sum.frac + by);
  const half = builder.value('scalar', 'floorshift', [count], 0, most / 2, { numbers: [1] });
  const dividend = builder.value(
    'scalar',
    'add',
    [scaled.value, half],
    scaled.value.lo,
    scaled.value.hi + most / 2,
  );
  const value = builder.value(
    'scalar',
    'div',
    [dividend, count],
    Math.floor(dividend.lo),
    Math.ceil(dividend.hi),
  );
  return { value, frac: scaled.frac, error: error + powerOfTwo(-scaled.frac) };
}

/** A reduction over rows, one result per lane. */
export function overRows(context: Context, expression: Reduce): Linear {
  const { operation, argument } = expression;
  if (context.inVisit || operation === 'argmax')
    throw new NotGenerated(expression.span, `${operation}() over rows here`);
  const { builder, sums } = context;
  // What the loop reads belongs to its rows.
  const outer = { cache: new Map(context.cache), mask: context.mask };
  context.mask = undefined;
  let variable: Variable | undefined;
  let error = 0;
  const body = builder.within('rows', () => {
    context.inVisit = true;
    const found = sums.half(lowerLane(context, argument));
    context.inVisit = false;
    const atom = operation === 'sum' || operation === 'mean' ? roomForSum(context, found) : found;
    error = atom.error;
    variable = accumulator(context, atom, operation);
    const sum = builder.value('half', 'get', [], variable.lo, variable.hi, { variable }, true);
    const next = combine(context, sum, atom.value, variable, operation);
    builder.push({ kind: 'store', target: { kind: 'variable', variable }, value: next });
  });
  context.cache = outer.cache;
  context.mask = outer.mask;
  if (variable === undefined) throw new Error('a reduction without an accumulator');
  const start = operation === 'min' ? variable.hi : operation === 'max' ? variable.lo : 0;
  builder.push({
    kind: 'store',
    target: { kind: 'variable', variable },
    value: builder.splatNumber(start),
  });
  builder.push({ kind: 'rows', body, span: expression.span });
  const { lo, hi, frac } = variable;
  const value = builder.value('half', 'get', [], lo, hi, { variable }, true);
  if (operation !== 'mean') {
    const scale = operation === 'sum' ? most : 1;
    return linearAtom({ value, frac, error: scale * error });
  }
  // Times the reciprocal of the number of rows, which the lanes share.
  const rows = context.builder.value('scalar', 'rows', [], 1, most);
  const reciprocal = context.math.divide(context.math.constant(1), {
    value: rows,
    frac: 0,
    error: 0,
  });
  return {
    terms: [{ factor: 1, coefficient: reciprocal, x: { value, frac, error: error * most } }],
  };
}

/** The atom with so few places that 256 of them fit a half. */
function roomForSum(context: Context, atom: Atom): Atom {
  const size = Math.max(Math.abs(atom.value.lo), Math.abs(atom.value.hi), 1);
  const room = floorLog2(0x7fff / (size * most));
  return room >= 0 ? atom : context.sums.fewer(atom, atom.frac + room);
}

function accumulator(context: Context, atom: Atom, operation: Reduce['operation']): Variable {
  const scale = operation === 'sum' || operation === 'mean' ? most : 1;
  const { lo, hi } = atom.value;
  return {
    id: context.nextVariable++,
    name: operation,
    space: 'half',
    frac: atom.frac,
    lo: scale === 1 ? lo : Math.min(0, lo * scale),
    hi: scale === 1 ? hi : Math.max(0, hi * scale),
  };
}

function combine(
  context: Context,
  sum: Value,
  value: Value,
  { lo, hi }: Variable,
  operation: Reduce['operation'],
): Value {
  const { builder } = context;
  if (operation === 'min' || operation === 'max')
    return builder.value('half', operation, [sum, value], lo, hi);
  // The range of the variable bounds the sum, however many turns there are.
  return builder.value('half', 'add', [sum, value], lo, hi);
}
