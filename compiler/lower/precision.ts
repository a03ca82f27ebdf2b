/** Which statements of a rule need more places than 16-bit factors give. */
import { childrenOf } from '../check/division.js';
import type { Expression, Statement, TypedRule } from '../check/typed.js';
import { statementsOf } from '../check/warnings.js';
import type { AssignmentNote } from '../ir/ir.js';
import { powerOfTwo } from '../numeric/power.js';

/** Largest bound in steps of the target that needs no second try; states round to a step, which takes half of one. */
const mostSteps = 1 / 4;

/** A bound beyond this is reported. */
export const isCoarse = ({ bound, frac, rounds }: AssignmentNote): boolean =>
  bound > (rounds === 'none' ? 0.5 + mostSteps : mostSteps) * powerOfTwo(-frac);

/** Statements whose bound is large. */
export function coarseNotes(notes: readonly AssignmentNote[]): number[] {
  return notes.filter(isCoarse).map(({ statement }) => statement);
}

/** The statements, and the definitions of all names that they read. */
export function withDefinitions(rule: TypedRule, statements: readonly number[]): Set<number> {
  const all = statementsOf(rule);
  const lets = new Map(
    all.flatMap((each) => (each.kind === 'let' ? [[each.symbol.id, each] as const] : [])),
  );
  const found = new Set<number>();
  const visit = (statement: Statement): void => {
    if (found.has(statement.id)) return;
    found.add(statement.id);
    if (statement.kind === 'assign' || statement.kind === 'let') visitExpression(statement.value);
  };
  const visitExpression = (expression: Expression): void => {
    if (expression.kind === 'read' && expression.symbol.kind === 'let') {
      const definition = lets.get(expression.symbol.id);
      if (definition) visit(definition);
    }
    for (const child of childrenOf(expression)) visitExpression(child);
  };
  for (const each of all) if (statements.includes(each.id)) visit(each);
  return found;
}
