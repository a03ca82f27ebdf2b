/** `let`: a name for an expression; kept symbolic in lanes, a variable when it is assigned again. */
import { type Let, hasLanes } from '../check/typed.js';
import type { Variable } from '../ir/ir.js';
import { nearest, powerOfTwo } from '../numeric/power.js';
import { placesFor } from '../numeric/formats.js';
import type { Context } from './context.js';
import { lowerLane } from './lane.js';
import { lowerCondition, lowerMask } from './condition.js';
import { lowerInt, lowerScalar } from './scalar.js';

export function lowerLet(context: Context, statement: Let): void {
  const { symbol, value } = statement;
  const lanes = hasLanes(value.domain) || hasLanes(symbol.domain);
  if (symbol.mutable) {
    const variable = makeVariable(context, statement, lanes ? 'half' : 'scalar');
    context.bindings.set(symbol.id, { kind: 'variable', variable });
    if (lanes) {
      const atom = context.sums.placed(lowerLane(context, value), variable.frac);
      const stored = context.sums.clamped(atom, variable.lo, variable.hi);
      context.builder.push({
        kind: 'store',
        target: { kind: 'variable', variable },
        value: stored.value,
      });
      context.cache.set(`let ${variable.id}`, { atom: { ...stored, error: 0 }, offset: 0 });
    } else {
      const number =
        symbol.type === 'int'
          ? lowerInt(context, value)
          : context.math.saturated(
              lowerScalar(context, value),
              variable.frac,
              variable.lo,
              variable.hi,
            ).value;
      context.builder.push({
        kind: 'store',
        target: { kind: 'variable', variable },
        value: number,
      });
    }
    return;
  }
  if (symbol.type === 'bool') {
    const condition = lanes ? lowerMask(context, value) : lowerCondition(context, value);
    context.bindings.set(symbol.id, { kind: 'condition', value: condition });
  } else if (lanes)
    context.bindings.set(symbol.id, { kind: 'linear', linear: lowerLane(context, value) });
  else context.bindings.set(symbol.id, { kind: 'scalar', scalar: lowerScalar(context, value) });
}

function makeVariable(context: Context, statement: Let, space: 'scalar' | 'half'): Variable {
  const { symbol } = statement;
  const { range } = symbol;
  if (range === undefined)
    return {
      id: context.nextVariable++,
      name: symbol.name,
      space,
      frac: 0,
      lo: space === 'half' ? -0x8000 : -0x80000000,
      hi: space === 'half' ? 0x7fff : 0x7fffffff,
    };
  const most = Math.max(Math.abs(range.lo), Math.abs(range.top));
  const frac = placesFor(most, space === 'half' ? 32767 : 0x3fffffff);
  const scale = powerOfTwo(frac);
  return {
    id: context.nextVariable++,
    name: symbol.name,
    space,
    frac,
    lo: nearest(range.lo * scale),
    hi: nearest(range.top * scale),
  };
}
