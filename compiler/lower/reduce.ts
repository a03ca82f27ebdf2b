/** Reductions: over columns by the run-time, over rows by a loop with one accumulator per lane. */
import type { Expression } from '../check/typed.js';
import type { Reduction, Value, Variable } from '../ir/ir.js';
import { type Atom, type Linear, linearAtom } from '../numeric/linear.js';
import { floorLog2, powerOfTwo } from '../numeric/power.js';
import type { Scalar } from '../numeric/scalar.js';
import { type Context, impossible } from './context.js';
import { lowerLane } from './lane.js';

type Reduce = Expression & { kind: 'reduce' };

/** Most columns and rows of a block. */
const most = 256;
/** Largest index of a neuron: a block may go on on the other half of the chip. */
const mostIndex = 2 * most - 1;

/** A reduction whose result has no lanes. */
export function reduction(context: Context, expression: Reduce): Scalar {
  const { over, operation, argument } = expression;
  if (over === 'rows') return scalarRows(context, expression);
  if (over === 'columns') return overColumns(context, expression, lowerLane(context, argument));
  if (operation === 'argmax') return argmaxOfBlock(context, expression);
  // Over all synapses: first over the rows, then over the columns.
  const rows = overRows(context, { ...expression, over: 'rows' });
  return overColumns(context, expression, rows);
}

/** Over the rows of a value without lanes: as one that all lanes share, of which any lane will do. */
function scalarRows(context: Context, expression: Reduce): Scalar {
  const atom = context.sums.half(overRows(context, expression));
  const value = reduceColumns(context, atom.value, 'max');
  return { value, frac: atom.frac, error: atom.error };
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
  // The largest of values that may be off may be any of them.
  if (operation === 'argmax') return { value: made, frac: 0, error: atom.error > 0 ? most - 1 : 0 };
  const scale = operation === 'sum' ? most : 1;
  return { value: made, frac: atom.frac, error: scale * atom.error };
}

/** The lowest row, and in it the lowest column, of the largest value: row * columns + column. */
function argmaxOfBlock(context: Context, expression: Reduce): Scalar {
  const { builder } = context;
  const { best, row } = argmaxOverRows(context, expression);
  const found = reduceColumns(context, best.value, 'max');
  const isBest = equalTo(context, best.value, found);
  const rows = builder.value('half', 'choose', [isBest, row, builder.splatNumber(most)], 0, most);
  const firstRow = reduceColumns(context, rows, 'min');
  const here = builder.value('mask', 'and', [isBest, equalTo(context, row, firstRow)], 0, 1);
  const [one, zero] = [builder.splatNumber(1), builder.splatNumber(0)];
  const marked = builder.value('half', 'choose', [here, one, zero], 0, 1);
  const column = reduceColumns(context, marked, 'argmax');
  const before = builder.value('scalar', 'mul', [firstRow, columnCount(context)], 0, most * most);
  const value = builder.value('scalar', 'add', [before, column], 0, most * most + mostIndex);
  return { value, frac: 0, error: best.error > 0 ? most * most - 1 : 0 };
}

function equalTo(context: Context, lanes: Value, scalar: Value): Value {
  const { builder } = context;
  const other = builder.splat(scalar);
  const [lo, hi] = [lanes.lo - scalar.hi, lanes.hi - scalar.lo];
  const difference = builder.value('half', 'sub', [lanes, other], lo, hi);
  return builder.value('mask', 'compare', [difference], 0, 1, { relation: '==' });
}

function reduceColumns(context: Context, value: Value, relation: Reduction): Value {
  const sum = relation === 'sum';
  const index = relation === 'argmax';
  return context.builder.value(
    'scalar',
    'reduce',
    [value],
    index ? 0 : sum ? Math.min(0, value.lo * most) : value.lo,
    index ? mostIndex : sum ? Math.max(0, value.hi * most) : value.hi,
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
  const { operation } = expression;
  if (operation === 'argmax') {
    const { row, best } = argmaxOverRows(context, expression);
    return linearAtom({ value: row, frac: 0, error: best.error > 0 ? most - 1 : 0 });
  }
  if (operation === 'sum' || operation === 'mean') return sumOverRows(context, expression);
  let variable: Variable | undefined;
  let error = 0;
  const start = (): Value => {
    if (variable === undefined) throw new Error('a reduction without an accumulator');
    return context.builder.splatNumber(operation === 'min' ? variable.hi : variable.lo);
  };
  sweep(context, expression, (linear) => {
    const atom = context.sums.half(linear);
    error = atom.error;
    variable = makeVariable(context, operation, atom, atom.value.lo, atom.value.hi);
    const { lo, hi } = variable;
    const next = context.builder.value(
      'half',
      operation,
      [read(context, variable), atom.value],
      lo,
      hi,
    );
    return [{ variable, next, start }];
  });
  if (variable === undefined) throw new Error('a reduction without an accumulator');
  return linearAtom({ value: read(context, variable), frac: variable.frac, error });
}

interface Running {
  readonly variable: Variable;
  readonly next: Value;
  /** Its value before the first row, made outside the loop. */
  readonly start: () => Value;
}

/** One loop over the rows; `step` says what each row makes of the variables. */
function sweep(
  context: Context,
  expression: Reduce,
  step: (argument: Linear) => readonly Running[],
): void {
  if (context.inVisit) throw impossible(`${expression.operation}() over rows inside a row`);
  const { builder } = context;
  // What the loop reads belongs to its rows.
  const outer = { cache: new Map(context.cache), mask: context.mask };
  context.mask = undefined;
  let running: readonly Running[] = [];
  const body = builder.within('rows', () => {
    context.inVisit = true;
    const linear = lowerLane(context, expression.argument);
    running = step(linear);
    context.inVisit = false;
    for (const { variable, next } of running)
      builder.push({ kind: 'store', target: { kind: 'variable', variable }, value: next });
  });
  context.cache = outer.cache;
  context.mask = outer.mask;
  for (const { variable, start } of running)
    builder.push({ kind: 'store', target: { kind: 'variable', variable }, value: start() });
  builder.push({ kind: 'rows', body, span: expression.span });
}

function read(context: Context, variable: Variable): Value {
  const { lo, hi } = variable;
  return context.builder.value('half', 'get', [], lo, hi, { variable }, true);
}

function makeVariable(
  context: Context,
  name: string,
  { frac }: { readonly frac: number },
  lo: number,
  hi: number,
): Variable {
  return { id: context.nextVariable++, name, space: 'half', frac, lo, hi };
}

/** Bits of the lower part of codes whose sum over all rows exceeds 16 bits: 256 of them fit. */
const lowBits = 7;

/** Sums in one variable, or in two for the upper and the lower part of wide codes. */
function sumOverRows(context: Context, expression: Reduce): Linear {
  const { builder, sums } = context;
  const parts: { variable: Variable; shift: number }[] = [];
  let error = 0;
  sweep(context, expression, (linear) => {
    let atom = sums.half(linear);
    const size = (): number => Math.max(-atom.value.lo, atom.value.hi, 1);
    // Two parts hold 15 bits.
    if (size() > 127 * 128) atom = sums.fewer(atom, atom.frac - (size() > 0x7fff ? 2 : 1));
    error = atom.error;
    const { value } = atom;
    const running = (part: Value, shift: number): Running => {
      const lo = Math.min(0, part.lo * most);
      const hi = Math.max(0, part.hi * most);
      const variable = makeVariable(context, expression.operation, atom, lo, hi);
      parts.push({ variable, shift });
      // The range of the variable bounds the sum, however many turns there are.
      const next = builder.value('half', 'add', [read(context, variable), part], lo, hi);
      return { variable, next, start: () => builder.splatNumber(0) };
    };
    if (size() * most <= 0x7fff) return [running(value, 0)];
    const unit = powerOfTwo(-lowBits);
    const [lo, hi] = [Math.floor(value.lo * unit), Math.floor(value.hi * unit)];
    const upper = builder.value('half', 'asr', [value], lo, hi, { numbers: [lowBits] });
    const whole = builder.value('half', 'shl', [upper], lo << lowBits, hi << lowBits, {
      numbers: [lowBits],
    });
    const lower = builder.value('half', 'sub', [value, whole], 0, (1 << lowBits) - 1);
    return [running(upper, lowBits), running(lower, 0)];
  });
  const average = expression.operation === 'mean' ? averaging(context) : undefined;
  const terms = parts.map(({ variable, shift }) => {
    const factor = powerOfTwo(shift);
    const sum = read(context, variable);
    const { frac } = variable;
    const off = shift === 0 ? error : 0;
    if (average === undefined) return { factor, x: { value: sum, frac, error: off * most } };
    const { lo, hi } = variable;
    const value = builder.value('half', 'mul', [sum, average.power], lo, hi);
    const x = { value, frac, error: (off * most) / 2 };
    return { factor: factor / most, coefficient: average.coefficient, x };
  });
  return { terms };
}

/**
 * What a sum over the rows is multiplied by for their mean: first, exactly, a power of two that makes every number of
 * rows 129..256 (or 1, 2, 4 ..: 256), then 256 / that number, which lies between 1 and 2 and so loses nothing.
 */
function averaging(context: Context): { readonly power: Value; readonly coefficient: Scalar } {
  const { builder } = context;
  const scalar = (
    operation: 'sub' | 'leading' | 'shift-up' | 'div',
    args: readonly Value[],
    lo: number,
    hi: number,
  ): Value => builder.value('scalar', operation, args, lo, hi);
  const rows = scalar0(context, 'rows');
  const one = builder.constant(1);
  const zeros = scalar('leading', [scalar('sub', [rows, one], 0, most - 1)], 24, 32);
  // 2^exponent is the least power of two that is not below the number of rows.
  const exponent = scalar('sub', [builder.constant(32), zeros], 0, 8);
  const power = scalar(
    'shift-up',
    [one, scalar('sub', [builder.constant(8), exponent], 0, 8)],
    1,
    most,
  );
  const places = 20;
  const dividend = scalar(
    'shift-up',
    [builder.constant(1 << places), exponent],
    1 << places,
    1 << 28,
  );
  const quotient = scalar('div', [dividend, rows], (1 << places) - 1, 2 << places);
  return {
    power: builder.splat(power),
    coefficient: { value: quotient, frac: places, error: powerOfTwo(-places) },
  };
}

function scalar0(context: Context, operation: 'rows' | 'columns'): Value {
  return context.builder.value('scalar', operation, [], 1, most);
}

/** Per lane the largest value over the rows, and the lowest row that has it. */
function argmaxOverRows(
  context: Context,
  expression: Reduce,
): { readonly best: Atom; readonly row: Value } {
  const { builder, sums } = context;
  let best: Variable | undefined;
  let row: Variable | undefined;
  let error = 0;
  sweep(context, expression, (linear) => {
    let atom = sums.half(linear);
    // Differences, and a start below all values, must fit as well.
    if (atom.value.hi - atom.value.lo >= 0x7fff || atom.value.lo <= -0x8000)
      atom = sums.fewer(atom, atom.frac - 2);
    error = atom.error;
    const { lo, hi } = atom.value;
    const value = makeVariable(context, 'largest', atom, lo - 1, hi);
    const index = makeVariable(context, 'argmax', { frac: 0 }, 0, most - 1);
    [best, row] = [value, index];
    const before = read(context, value);
    const difference = builder.value('half', 'sub', [atom.value, before], lo - hi, hi - lo + 1);
    const mask = builder.value('mask', 'compare', [difference], 0, 1, { relation: '>' });
    const here = builder.splat(builder.value('scalar', 'row', [], 0, most - 1, {}, true));
    const nextIndex = [mask, here, read(context, index)];
    return [
      {
        variable: value,
        next: builder.value('half', 'choose', [mask, atom.value, before], lo - 1, hi),
        start: () => builder.splatNumber(lo - 1),
      },
      {
        variable: index,
        next: builder.value('half', 'choose', nextIndex, 0, most - 1),
        start: () => builder.splatNumber(0),
      },
    ];
  });
  if (best === undefined || row === undefined) throw new Error('a reduction without a result');
  const largest = { value: read(context, best), frac: best.frac, error };
  return { best: largest, row: read(context, row) };
}
