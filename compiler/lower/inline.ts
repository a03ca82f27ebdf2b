/** Bodies of functions, spelled out at their calls. */
import { childrenOf } from '../check/division.js';
import type { Expression, Statement } from '../check/typed.js';
import type { Context } from './context.js';
import { lowerStatement } from './statements.js';

/** Binds the arguments and lets of an inlined call, and runs its loops and branches. */
export function bindStatements(context: Context, statements: readonly Statement[]): void {
  for (const statement of statements) lowerStatement(context, statement);
}

/** Whether evaluating assigns a variable somewhere inside an inlined call: then it matters which lanes do. */
export function assignsInside(expression: Expression): boolean {
  if (expression.kind === 'inline' && expression.statements.some(assigns)) return true;
  return childrenOf(expression).some(assignsInside);
}

function assigns(statement: Statement): boolean {
  switch (statement.kind) {
    case 'assign':
      return true;
    case 'if':
      return statement.then.some(assigns) || statement.otherwise.some(assigns);
    case 'for':
    case 'each':
      return statement.body.some(assigns);
    case 'let':
      return assignsInside(statement.value);
    default:
      return false;
  }
}
