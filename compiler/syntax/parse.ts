/** Text of a rule file to syntax tree, or diagnostics that say what is wrong with the text. */
import { acceptInto } from '../diagnostics/codes.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { FileItem, SourceTree } from './ast.js';
import { buildItems, whereMatchingStopped } from './build.js';
import { separateComments } from './comments.js';
import { explainFailure } from './failure.js';
import { characterOf, scan, type Tokens } from './scan.js';

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
  const deep = tooDeep(tokens);
  if (deep !== undefined) return nestedTooDeeply(file, tokens.starts[deep] ?? 0);
  let items: FileItem[] | undefined;
  try {
    items = buildItems(tokens, code, file);
  } catch (error) {
    // The stack ran out in a chain of thousands of `else if`.
    if (error instanceof RangeError) return nestedTooDeeply(file, tokens.starts[0] ?? 0);
    throw error;
  }
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

function nestedTooDeeply(file: string, start: number): Parsed {
  const diagnostics: Diagnostic[] = [];
  acceptInto(diagnostics)('E0015', { file, start, end: start + 1 });
  return { diagnostics };
}

/** Matching is recursive: this depth is far from the end of every stack. */
const deepest = 100;

/** Index of the first token that opens more than `deepest` levels, if there is one. */
function tooDeep({ codes }: Tokens): number | undefined {
  let depth = 0;
  for (let i = 0; i < codes.length; i++) {
    const character = codes.charAt(i);
    if (opening.includes(character) && ++depth > deepest) return i;
    if (closing.includes(character)) depth--;
  }
  return undefined;
}

const codesOf = (signs: readonly string[]): readonly string[] =>
  signs.map((sign) => characterOf.get(sign) ?? '');
const opening = codesOf(['{', '[', '(']);
const closing = codesOf(['}', ']', ')']);
