/** Evaluates a typed expression for single numbers: tables, and witnesses for messages. */
import { callBuiltin, compare, intArithmetic, realArithmetic } from './arithmetic.js';
import type { Expression, Let, Observe, Read, TableSymbol } from './typed.js';

/** Gives the value of a leaf; undefined if unknown. */
export type Leaves = (leaf: Read | Observe | Expression) => number | undefined;

/** The value of `expression`, or undefined if it depends on something that `leaves` does not know. */
export function evaluateNumber(expression: Expression, leaves: Leaves): number | undefined {
  const known = new Map<number, number>();
  return evaluate(expression);

  function evaluate(e: Expression): number | undefined {
    switch (e.kind) {
      case 'constant':
        return e.value;
      case 'read':
        return known.get(e.symbol.id) ?? leaves(e);
      case 'observe':
      case 'reduce':
      case 'draw':
        return leaves(e);
      case 'stochastic': {
        const value = evaluate(e.argument);
        return value === undefined ? undefined : Math.floor(value);
      }
      case 'negate':
      case 'not': {
        const value = evaluate(e.operand);
        return value === undefined ? undefined : e.kind === 'not' ? 1 - value : 0 - value;
      }
      case 'arithmetic': {
        const a = evaluate(e.left);
        const b = evaluate(e.right);
        if (a === undefined || b === undefined) return undefined;
        return (e.type === 'int' ? intArithmetic : realArithmetic)(e.operator, a, b);
      }
      case 'compare': {
        const a = evaluate(e.left);
        const b = evaluate(e.right);
        return a === undefined || b === undefined ? undefined : Number(compare(e.operator, a, b));
      }
      case 'logic': {
        const a = evaluate(e.left);
        const b = evaluate(e.right);
        if (a === undefined || b === undefined) return undefined;
        return e.operator === 'and' ? a * b : Math.max(a, b);
      }
      case 'choose': {
        const test = evaluate(e.condition);
        return test === undefined ? undefined : evaluate(test ? e.then : e.otherwise);
      }
      case 'call': {
        const args = e.arguments.map(evaluate);
        return args.every((arg) => arg !== undefined) ? callBuiltin(e.callee, args) : undefined;
      }
      case 'lookup': {
        const args = e.arguments.map(evaluate);
        return args.every((arg) => arg !== undefined) ? lookUp(e.table, args) : undefined;
      }
      case 'inline': {
        if (!e.statements.every((statement): statement is Let => statement.kind === 'let'))
          return undefined;
        for (const statement of e.statements) {
          const value = evaluate(statement.value);
          if (value === undefined) return undefined;
          const range = statement.symbol.range;
          known.set(
            statement.symbol.id,
            range ? Math.min(Math.max(value, range.lo), range.top) : value,
          );
        }
        return evaluate(e.value);
      }
    }
  }
}

/** The value of a table at `args`, each rounded to the nearest grid point (ties up) and clamped to the grid. */
export function lookUp(table: TableSymbol, args: readonly number[]): number {
  let index = 0;
  table.arguments.forEach((grid, i) => {
    const nearest = Math.floor(((args[i] ?? 0) - grid.lo) / grid.step + 0.5);
    index = index * grid.points + Math.min(Math.max(nearest, 0), grid.points - 1);
  });
  return table.values[index] ?? 0;
}
