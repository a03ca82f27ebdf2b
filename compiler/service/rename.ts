/** References to a name, and giving it another one. */
import { functionNames, isObservable } from '../check/scope.js';
import type { Span } from '../syntax/ast.js';
import { contextualKeywords, keywords, unitNames } from '../syntax/grammar.js';
import type { Analysis } from './analysis.js';
import { definitionAt } from './describe.js';

/** All places of the name at `offset`, its declaration first; empty if it is not a name of this file. */
export function referencesAt(analysis: Analysis, offset: number): readonly Span[] {
  const definition = definitionAt(analysis, offset);
  if (!definition) return [];
  const uses = analysis.names.uses.filter((use) => use.definition === definition);
  return [definition.span, ...uses.map(({ span }) => span)];
}

export type Renaming =
  | { readonly edits: readonly { readonly span: Span; readonly text: string }[] }
  | { readonly refused: string };

/** Edits that give the name at `offset` another name without changing what the rule means, or why not. */
export function renameAt(analysis: Analysis, offset: number, to: string): Renaming {
  const definition = definitionAt(analysis, offset);
  if (!definition) return { refused: 'only names that this file declares can be changed' };
  if (analysis.tree === undefined)
    return {
      refused: 'the file has a mistake of syntax; mend it first, so that no place is missed',
    };
  if (!/^[A-Za-z_]\w*$/.test(to))
    return { refused: `${to} is no name: letters, digits and _, a letter first` };
  const reserved =
    keywords.includes(to) ||
    contextualKeywords.includes(to) ||
    unitNames.includes(to) ||
    functionNames.includes(to) ||
    isObservable(to);
  if (reserved) return { refused: `${to} is a word of the language` };
  const clash = analysis.names.definitions.find(
    (other) =>
      other !== definition &&
      other.name === to &&
      other.scope.start < definition.scope.end &&
      definition.scope.start < other.scope.end,
  );
  if (clash) return { refused: `${to} is already the name of a ${clash.role} here` };
  return { edits: referencesAt(analysis, offset).map((span) => ({ span, text: to })) };
}
