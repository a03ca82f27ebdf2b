/** How much one count of an observable changes an expression: derivatives in interval arithmetic. */
import * as interval from './interval.js';
import type { Expression, Interval, ObservableName, Read } from './typed.js';

interface Dual {
  readonly value: Interval;
  readonly slope: Interval;
}

/**
 * Largest size of the derivative of `expression` by `observable`, with all params at their defaults and everything
 * else anywhere in its range. Undefined if it cannot be told.
 */
export function sensitivity(
  expression: Expression,
  observable: ObservableName,
  lets: ReadonlyMap<number, Expression>,
): number | undefined {
  const dual = derive(expression, observable, lets);
  if (!dual) return undefined;
  const largest = Math.max(Math.abs(dual.slope.lo), Math.abs(dual.slope.hi));
  return Number.isFinite(largest) ? largest : undefined;
}

const none = interval.point(0);

/** Params, and single states that start above 0, are taken at their defaults; all else may be anywhere. */
function usual({ symbol, interval: whole }: Read): Interval {
  const typical =
    symbol.kind === 'param' ||
    (symbol.kind === 'state' && symbol.domain === 'once' && symbol.initial !== 0);
  return typical ? interval.point(symbol.initial) : whole;
}

function derive(
  e: Expression,
  by: ObservableName,
  lets: ReadonlyMap<number, Expression>,
): Dual | undefined {
  const inner = (part: Expression): Dual | undefined => derive(part, by, lets);
  switch (e.kind) {
    case 'constant':
    case 'draw':
    case 'compare':
    case 'logic':
    case 'not':
      return { value: e.interval, slope: none };
    case 'read': {
      const definition =
        e.symbol.kind === 'let' && !e.symbol.mutable ? lets.get(e.symbol.id) : undefined;
      if (definition) return inner(definition);
      return { value: usual(e), slope: none };
    }
    case 'observe':
      return { value: e.interval, slope: e.observable === by ? interval.point(1) : none };
    case 'negate': {
      const a = inner(e.operand);
      return a && { value: interval.negate(a.value), slope: interval.negate(a.slope) };
    }
    case 'stochastic':
      return inner(e.argument);
    case 'arithmetic': {
      const a = inner(e.left);
      const b = inner(e.right);
      if (!a || !b) return undefined;
      switch (e.operator) {
        case '+':
          return { value: interval.add(a.value, b.value), slope: interval.add(a.slope, b.slope) };
        case '-':
          return {
            value: interval.subtract(a.value, b.value),
            slope: interval.subtract(a.slope, b.slope),
          };
        case '*':
          return {
            value: interval.multiply(a.value, b.value),
            slope: interval.add(
              interval.multiply(a.slope, b.value),
              interval.multiply(a.value, b.slope),
            ),
          };
        case '/': {
          if (interval.contains(b.value, 0)) return undefined;
          const value = interval.divide(a.value, b.value);
          const carried = interval.multiply(value, b.slope);
          return { value, slope: interval.divide(interval.subtract(a.slope, carried), b.value) };
        }
        default:
          return undefined;
      }
    }
    case 'choose': {
      const a = inner(e.then);
      const b = inner(e.otherwise);
      return (
        a && b && { value: interval.hull(a.value, b.value), slope: interval.hull(a.slope, b.slope) }
      );
    }
    case 'call': {
      const args = e.arguments.map(inner);
      if (!args.every((arg) => arg !== undefined)) return undefined;
      const slopes = args.map((arg) => arg.slope).reduce(interval.hull);
      const [first] = args;
      if (!first) return undefined;
      switch (e.callee) {
        case 'min':
        case 'max':
        case 'clamp':
          return { value: e.interval, slope: interval.hull(slopes, none) };
        case 'abs':
          return { value: e.interval, slope: interval.hull(slopes, interval.negate(slopes)) };
        case 'floor':
        case 'ceil':
        case 'round':
          return { value: e.interval, slope: slopes };
        default:
          return slopes.lo === 0 && slopes.hi === 0
            ? { value: e.interval, slope: none }
            : undefined;
      }
    }
    case 'reduce':
    case 'lookup':
    case 'inline':
      return undefined;
  }
}
