/** What the operators and functions mean for single numbers; also used by the real-valued evaluator. */
import * as elementary from '../../isa/numeric/elementary.js';
import type { Arithmetic, BuiltinName, Compare } from './typed.js';

/** Quotient for which 0 <= a - b q < |b|, wrapped to 32 bits. `b` is not 0. */
export function divideInts(a: number, b: number): number {
  return ((a - remainder(a, b)) / b) | 0;
}

/** Euclidean remainder, 0 <= r < |b|. `b` is not 0. */
export function remainder(a: number, b: number): number {
  const r = a % b;
  return r < 0 ? r + Math.abs(b) : r + 0;
}

/** One operation on ints: 32-bit, wrapping. Division by 0 gives 0. */
export function intArithmetic(operator: Arithmetic['operator'], a: number, b: number): number {
  switch (operator) {
    case '+':
      return (a + b) | 0;
    case '-':
      return (a - b) | 0;
    case '*':
      return Math.imul(a, b);
    case '/':
      return b === 0 ? 0 : divideInts(a, b);
    case '%':
      return b === 0 ? 0 : remainder(a, b);
    case '^':
      return a ^ b;
  }
}

/** One operation on reals. */
export function realArithmetic(operator: Arithmetic['operator'], a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return intArithmetic(operator, a, b);
  }
}

export function compare(operator: Compare['operator'], a: number, b: number): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

/** round(x) = floor(x + 1/2). */
export function roundHalfUp(x: number): number {
  return Math.floor(x + 0.5);
}

/** An element-wise function of the language. */
export function callBuiltin(name: BuiltinName, args: readonly number[]): number {
  const x = args[0] ?? NaN;
  switch (name) {
    case 'abs':
      return Math.abs(x);
    case 'min':
      return Math.min(...args);
    case 'max':
      return Math.max(...args);
    case 'clamp':
      return Math.min(Math.max(x, args[1] ?? NaN), args[2] ?? NaN);
    case 'sign':
      return x > 0 ? 1 : x < 0 ? -1 : 0;
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x) + 0;
    case 'round':
      return roundHalfUp(x);
    case 'sqrt':
      return Math.sqrt(x);
    default:
      return elementary[name](x);
  }
}
