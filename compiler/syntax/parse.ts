/** Text of a rule file to syntax tree, or diagnostics that say what is wrong with the text. */
import { acceptInto } from '../diagnostics/codes.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { SourceTree } from './ast.js';
import { buildItems, plasticGrammar, whereMatchingStopped } from './build.js';
import { compact, separateComments } from './comments.js';
import { explainFailure } from './failure.js';

export interface Parsed {
  /** Absent if the text does not follow the grammar. */
  readonly tree?: SourceTree;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses `text`; `file` is the name that places carry.
 * The first mistake of syntax ends parsing: what follows it has no certain meaning.
 */
export function parse(text: string, file = 'rule.plast'): Parsed {
  const source = { name: file, text };
  const { comments, code } = separateComments(source);
  const { text: matched, origin } = compact(code);
  const match = plasticGrammar().match(matched);
  if (match.failed()) {
    const diagnostics: Diagnostic[] = [];
    const { stop, expected } = whereMatchingStopped(matched);
    explainFailure({ code, file, stop: origin[stop] ?? 0, expected }, acceptInto(diagnostics));
    return { diagnostics };
  }
  const items = buildItems(match, file, origin);
  return {
    tree: { kind: 'source', source, items, comments, span: { file, start: 0, end: text.length } },
    diagnostics: [],
  };
}
