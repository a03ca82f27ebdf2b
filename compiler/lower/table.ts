/** Tables in the image. */
import type { TableSymbol } from '../check/typed.js';
import type { TableData } from '../ir/ir.js';
import { placesFor } from '../numeric/formats.js';
import { nearest, powerOfTwo } from '../numeric/power.js';
import type { Context } from './context.js';

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
