/** Tables in the image. */
import type { Expression, TableGrid, TableSymbol } from '../check/typed.js';
import type { TableData } from '../ir/ir.js';
import { placesFor } from '../numeric/formats.js';
import {
  type Atom,
  type Linear,
  addLinear,
  linearAtom,
  linearConstant,
  scaleLinear,
} from '../numeric/linear.js';
import { nearest, powerOfTwo } from '../numeric/power.js';
import { type Context, impossible } from './context.js';
import { lowerLane } from './lane.js';

/** A table's values as 16-bit codes. */
export function tableData(context: Context, table: TableSymbol): TableData {
  let data = context.tables.get(table.id);
  if (data === undefined) {
    const most = Math.max(Math.abs(table.range.lo), Math.abs(table.range.hi));
    const frac = placesFor(most, 32767);
    const scale = powerOfTwo(frac);
    const codes = Int32Array.from(table.values, (value) => nearest(value * scale));
    data = { name: table.name, codes, frac };
    context.tables.set(table.id, data);
  }
  return data;
}

/** The largest difference of two codes at most `steps` apart. */
export function largestJump(codes: Int32Array, steps: number): number {
  let jump = 0;
  codes.forEach((code, i) => {
    for (let by = 1; by <= steps && i + by < codes.length; by++)
      jump = Math.max(jump, Math.abs(code - (codes[i + by] ?? code)));
  });
  return jump;
}

/** The index of the grid point nearest to a table's argument, as a half. */
function gridIndex(context: Context, argument: Expression, grid: TableGrid): Atom {
  const { sums, math, builder } = context;
  const scaled = scaleLinear(
    addLinear(lowerLane(context, argument), linearConstant(-grid.lo)),
    1 / grid.step,
  );
  if (scaled.terms.every((term) => term.x === undefined)) {
    const index = math.clampCodes(math.round(sums.scalar(scaled)), 0, grid.points - 1);
    return { value: builder.splat(index.value), frac: 0, error: index.error };
  }
  const atom = sums.whole(addLinear(scaled, linearConstant(0.5)));
  return sums.wholeWithin(atom, 0, grid.points - 1);
}

/** A table look-up for every lane. */
export function lookupLane(context: Context, expression: Expression & { kind: 'lookup' }): Linear {
  const { builder } = context;
  const { table } = expression;
  const data = tableData(context, table);
  let index: Atom | undefined;
  let steps = 0;
  let stride = 1;
  for (let i = table.arguments.length - 1; i >= 0; i--) {
    const grid = table.arguments[i];
    const argument = expression.arguments[i];
    if (grid === undefined || argument === undefined) continue;
    const own = gridIndex(context, argument, grid);
    if (own.error > 0) steps += stride * Math.ceil(own.error);
    if (index === undefined) index = own;
    else {
      const { value } = own;
      const scaled = builder.value(
        'half',
        'mul',
        [value, builder.splatNumber(stride)],
        value.lo * stride,
        value.hi * stride,
      );
      const { value: rest } = index;
      const sum = builder.value(
        'half',
        'add',
        [scaled, rest],
        scaled.lo + rest.lo,
        scaled.hi + rest.hi,
      );
      index = { value: sum, frac: 0, error: 0 };
    }
    stride *= grid.points;
  }
  if (index === undefined) throw impossible('a table without arguments');
  let lo = Infinity;
  let hi = -Infinity;
  for (const code of data.codes) {
    lo = Math.min(lo, code);
    hi = Math.max(hi, code);
  }
  const jump = largestJump(data.codes, steps);
  const value = builder.value('half', 'lookup', [index.value], lo, hi, { table: data });
  const unit = powerOfTwo(-data.frac);
  return linearAtom({ value, frac: data.frac, error: (0.5 + jump) * unit });
}
