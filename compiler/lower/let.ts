/** `let`: a name for an expression; kept symbolic in lanes, a variable when it is assigned again. */
import { type Let, hasLanes } from '../check/typed.js';
import type { Value, Variable } from '../ir/ir.js';
import { nearest, powerOfTwo } from '../numeric/power.js';
import { placesFor } from '../numeric/formats.js';
import type { Context } from './context.js';
import { fitted } from './fit.js';
import { lowerLane } from './lane.js';
import { lowerCondition, lowerMask } from './condition.js';
import { lowerScalar, lowerWhole } from './scalar.js';

export function lowerLet(context: Context, statement: Let): void {
  const { symbol, value } = statement;
  const lanes = hasLanes(value.domain) || hasLanes(symbol.domain);
  if (symbol.mutable) {
    const variable = makeVariable(context, statement, lanes ? 'half' : 'scalar');
    if (lanes) {
      const { frac, lo, hi } = variable;
      const { stored } = fitted(context, lowerLane(context, value), frac, lo, hi);
      // Assignments start anew from what is stored; the first value is off by what its expression is.
      context.bindings.set(symbol.id, { kind: 'variable', variable, error: stored.error });
      context.builder.push({
        kind: 'store',
        target: { kind: 'variable', variable },
        value: stored.value,
      });
      context.cache.set(`let ${variable.id}`, { atom: stored, offset: 0 });
    } else {
      const first = firstScalar(context, statement, variable);
      context.bindings.set(symbol.id, { kind: 'variable', variable, error: first.error });
      context.builder.push({
        kind: 'store',
        target: { kind: 'variable', variable },
        value: first.value,
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

function firstScalar(
  context: Context,
  { symbol, value }: Let,
  { frac, lo, hi }: Variable,
): { readonly value: Value; readonly error: number } {
  if (symbol.type === 'int') return lowerWhole(context, value);
  return context.math.saturated(lowerScalar(context, value), frac, lo, hi);
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
