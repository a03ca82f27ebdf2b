/** Text of a rule file to syntax tree, or diagnostics that say what is wrong with the text. */
import { acceptInto } from '../diagnostics/codes.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { SourceTree } from './ast.js';
import { buildItems, whereMatchingStopped } from './build.js';
import { separateComments } from './comments.js';
import { explainFailure } from './failure.js';
import { scan } from './scan.js';

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
  const tokens = scan(code);
  const items = buildItems(tokens, code, file);
  if (!items) {
    const diagnostics: Diagnostic[] = [];
    const { stop, expected } = whereMatchingStopped(tokens);
    const at = tokens.starts[stop] ?? code.length;
    explainFailure({ code, file, stop: at, expected }, acceptInto(diagnostics));
    return { diagnostics };
  }
  return {
    tree: { kind: 'source', source, items, comments, span: { file, start: 0, end: text.length } },
    diagnostics: [],
  };
}
