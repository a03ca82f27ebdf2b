/** Rewrites typed expressions from the outside in. */
import { childrenOf } from './division.js';
import type { Expression, LetSymbol, Read, Statement } from './typed.js';

/** What stands for an expression; undefined: itself, with its parts rewritten. */
export type Replace = (expression: Expression) => Expression | undefined;

/** A copy of `e` in which `replace` has had its say. */
export function rewrite(e: Expression, replace: Replace): Expression {
  const found = replace(e);
  if (found) return found;
  const inner = (part: Expression): Expression => rewrite(part, replace);
  switch (e.kind) {
    case 'constant':
    case 'draw':
      return e;
    case 'read':
      return { ...e, indices: e.indices.map(inner), ...columnOf(e, inner) };
    case 'observe':
      return { ...e, ...columnOf(e, inner) };
    case 'negate':
    case 'not':
      return { ...e, operand: inner(e.operand) };
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return { ...e, left: inner(e.left), right: inner(e.right) };
    case 'choose':
      return {
        ...e,
        condition: inner(e.condition),
        then: inner(e.then),
        otherwise: inner(e.otherwise),
      };
    case 'call':
    case 'lookup':
      return { ...e, arguments: e.arguments.map(inner) };
    case 'reduce':
    case 'stochastic':
      return { ...e, argument: inner(e.argument) };
    case 'inline':
      return {
        ...e,
        statements: e.statements.map((each) => rewriteStatement(each, replace)),
        value: inner(e.value),
      };
  }
}

function columnOf(
  { column }: Pick<Read, 'column'>,
  inner: (part: Expression) => Expression,
): Pick<Read, 'column'> {
  return typeof column === 'object' ? { column: { at: inner(column.at) } } : {};
}

/** Statements of functions; others have nothing to rewrite. */
function rewriteStatement(statement: Statement, replace: Replace): Statement {
  const all = (list: readonly Statement[]): Statement[] =>
    list.map((each) => rewriteStatement(each, replace));
  switch (statement.kind) {
    case 'let':
    case 'assign':
      return { ...statement, value: rewrite(statement.value, replace) };
    case 'if': {
      const condition = rewrite(statement.condition, replace);
      return {
        ...statement,
        condition,
        then: all(statement.then),
        otherwise: all(statement.otherwise),
      };
    }
    case 'for':
      return {
        ...statement,
        from: rewrite(statement.from, replace),
        to: rewrite(statement.to, replace),
        body: all(statement.body),
      };
    default:
      return statement;
  }
}

/** A name for `value` that no text has, the `let` that defines it, and the expression that reads it. */
export function named(
  value: Expression,
  name: string,
  run: { nextId: number },
): { readonly statement: Statement; readonly read: Expression } {
  const { type, dimension, domain, interval, span } = value;
  const base = { type, dimension, domain, interval, span };
  const symbol: LetSymbol = { ...base, kind: 'let', id: run.nextId++, name, mutable: false };
  return {
    statement: { kind: 'let', id: run.nextId++, span, symbol, value },
    read: { ...base, kind: 'read', symbol, indices: [] },
  };
}

/** Collects the ids of all names that functions called in `e` define. */
export function namesIn(e: Expression, into: Set<number>): void {
  if (e.kind === 'inline') for (const statement of e.statements) definedIn(statement, into);
  for (const child of childrenOf(e)) namesIn(child, into);
}

function definedIn(statement: Statement, into: Set<number>): void {
  switch (statement.kind) {
    case 'let':
      into.add(statement.symbol.id);
      namesIn(statement.value, into);
      return;
    case 'assign':
      namesIn(statement.value, into);
      return;
    case 'if':
      namesIn(statement.condition, into);
      for (const each of [...statement.then, ...statement.otherwise]) definedIn(each, into);
      return;
    case 'for':
      into.add(statement.variable.id);
      for (const each of statement.body) definedIn(each, into);
      return;
    default:
  }
}

/** Whether `e` reads a name of `ids`. */
export function readsOne(e: Expression, ids: ReadonlySet<number>): boolean {
  if (e.kind === 'read' && ids.has(e.symbol.id)) return true;
  const own = new Set<number>();
  namesIn(e, own);
  const free = new Set([...ids].filter((id) => !own.has(id)));
  if (e.kind === 'inline')
    return e.statements.some((each) => statementReads(each, free)) || readsOne(e.value, free);
  return childrenOf(e).some((child) => readsOne(child, ids));
}

function statementReads(statement: Statement, ids: ReadonlySet<number>): boolean {
  switch (statement.kind) {
    case 'let':
    case 'assign':
      return readsOne(statement.value, ids);
    case 'if':
      return (
        readsOne(statement.condition, ids) ||
        [...statement.then, ...statement.otherwise].some((each) => statementReads(each, ids))
      );
    case 'for':
      return (
        readsOne(statement.from, ids) ||
        readsOne(statement.to, ids) ||
        statement.body.some((each) => statementReads(each, ids))
      );
    default:
      return false;
  }
}
