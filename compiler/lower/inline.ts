/** Bodies of functions, spelled out at their calls. */
import { type Statement, hasLanes } from '../check/typed.js';
import { type Context, NotGenerated } from './context.js';
import { lowerLet } from './let.js';

/** Binds the arguments and lets of an inlined call. */
export function bindStatements(context: Context, statements: readonly Statement[]): void {
  for (const statement of statements) {
    if (statement.kind !== 'let' || (statement.symbol.mutable && hasLanes(statement.symbol.domain)))
      throw new NotGenerated(statement.span, `'${statement.kind}' inside a function`);
    lowerLet(context, statement);
  }
}
