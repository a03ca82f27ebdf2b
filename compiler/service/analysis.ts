/** Everything that an editor asks about one rule file, found once per change of its text. */
import { check } from '../check/check.js';
import { type Compiled, compile, compilerVersion } from '../compile.js';
import type { TypedRule } from '../check/typed.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { type Report, reportOf } from '../report/report.js';
import type { SourceText, SourceTree } from '../syntax/ast.js';
import { parse } from '../syntax/parse.js';
import { type Names, namesOf } from './names.js';

export interface Analysis {
  readonly source: SourceText;
  /** Absent if the text does not follow the grammar. */
  readonly tree?: SourceTree;
  readonly names: Names;
  /** Typed rules; empty if there are errors. */
  readonly rules: readonly TypedRule[];
  readonly compiled?: Compiled;
  /** Formats, bounds and cost; absent if there is no program. */
  readonly report?: Report;
  readonly diagnostics: readonly Diagnostic[];
}

/** Analyses a text with all that `plastic check` does. Never throws for what a user wrote. */
export function analyse(source: SourceText): Analysis {
  const parsed = parse(source.text, source.name);
  if (parsed.tree === undefined)
    return {
      source,
      names: namesWithout(source),
      rules: [],
      diagnostics: parsed.diagnostics,
    };
  const names = namesOf(parsed.tree);
  const basis = { source, tree: parsed.tree, names };
  let compiled: Compiled | undefined;
  try {
    compiled = compile([source]);
  } catch {
    // A fault of the compiler's back end must not take the editor's other answers away.
    const checked = check(parsed.tree);
    return { ...basis, rules: checked.rules, diagnostics: checked.diagnostics };
  }
  const rules =
    compiled.rules.length > 0 ? compiled.rules.map(({ rule }) => rule) : check(parsed.tree).rules;
  const report = reportOf(compiled, compilerVersion);
  return {
    ...basis,
    rules,
    compiled,
    diagnostics: compiled.diagnostics,
    ...(report && { report }),
  };
}

/**
 * Names of a text that does not parse, as it is while someone types: those of the same text without the line on which
 * parsing stopped, or of the one before it.
 */
function namesWithout(source: SourceText): Names {
  const { text, name } = source;
  let rest = text;
  for (let tries = 0; tries < 4; tries++) {
    const { tree, diagnostics } = parse(rest, name);
    if (tree) return namesOf(tree);
    let at = diagnostics[0]?.primary.start ?? 0;
    let start = rest.lastIndexOf('\n', at - 1) + 1;
    // A statement that ends too early is noticed on the line after it.
    while (start > 0 && rest.slice(start, at).trim() === '' && tries % 2 === 1) {
      at = start - 1;
      start = rest.lastIndexOf('\n', at - 1) + 1;
    }
    const newline = rest.indexOf('\n', at);
    const end = newline < 0 ? rest.length : newline;
    // Braces stay, or everything after them would not parse either.
    const kept = rest.slice(start, end).replace(/[^{}]/g, ' ');
    rest = rest.slice(0, start) + kept + rest.slice(end);
  }
  return { definitions: [], uses: [] };
}
