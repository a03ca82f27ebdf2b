/** The editor extension: its grammar is what the compiler's tables give, and it knows every word of the language. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { functionNames, observables } from '../../compiler/check/scope.js';
import { keywords, unitNames } from '../../compiler/syntax/grammar.js';
import { functionWords, keywordWords, observableWords } from '../../compiler/service/words.js';
import { editorGrammar } from '../../scripts/editor-grammar.js';

const read = (name: string): string =>
  readFileSync(new URL(`../../editors/vscode/${name}`, import.meta.url), 'utf8');
const committed = read('syntaxes/plastic.tmLanguage.json');

interface Pattern {
  readonly name?: string;
  readonly match: string;
  readonly captures?: { readonly [group: string]: { readonly name: string } };
}
const { patterns } = JSON.parse(committed) as { patterns: Pattern[] };

/** The scope that the first matching pattern gives to `word` in `text`. */
function scopeOf(text: string, word: string): string | undefined {
  let at = 0;
  while (at < text.length) {
    const found = patterns
      .map((pattern) => {
        const expression = new RegExp(pattern.match, 'dg');
        expression.lastIndex = at;
        return { pattern, match: expression.exec(text) };
      })
      .filter(({ match }) => match !== null)
      .sort((a, b) => (a.match?.index ?? 0) - (b.match?.index ?? 0))[0];
    if (!found?.match) return undefined;
    const { match, pattern } = found;
    const group = match.findIndex((part, i) => i > 0 && part === word);
    if (match[0] === word) return pattern.name;
    if (group > 0) return pattern.captures?.[group]?.name;
    at = match.index + Math.max(1, match[0].length);
  }
  return undefined;
}

test('the committed grammar is current (npm run generate:editor)', () => {
  expect(committed).toBe(editorGrammar());
});

test.each([...keywords, ...Object.keys(observables)])('%s has a colour', (word) => {
  expect(scopeOf(` ${word} `, word)).toMatch(/keyword|storage|variable\.language/);
});

test.each(functionNames)('%s( is a function', (name) => {
  expect(scopeOf(`x = ${name}(y)`, name)).toBe('support.function.plastic');
});

test.each(unitNames)('5 %s is a number with its unit', (unit) => {
  expect(scopeOf(`every 5 ${unit} {`, unit)).toBe('keyword.other.unit.plastic');
});

test.each([
  ['w += 1 // rule', '// rule', 'comment.line.double-slash.plastic'],
  ['rule stdp {', 'stdp', 'entity.name.type.plastic'],
  ['fn half(x) {', 'half', 'entity.name.function.plastic'],
  ['param eta in [0, 1]', 'eta', 'variable.other.declaration.plastic'],
])('%s: %s is %s', (text, word, scope) => {
  expect(scopeOf(text, word)).toBe(scope);
});

test('the language service has words for every word', () => {
  const sorted = (words: readonly string[]): string[] =>
    [...words].sort((a, b) => (a < b ? -1 : 1));
  expect(sorted(Object.keys(keywordWords))).toEqual(sorted(keywords));
  expect(sorted(Object.keys(functionWords))).toEqual(sorted(functionNames));
  expect(Object.keys(observableWords)).toEqual(Object.keys(observables));
});

test('every file that the extension names is there', () => {
  const manifest = JSON.parse(read('package.json')) as {
    main: string;
    contributes: { languages: { configuration: string }[]; grammars: { path: string }[] };
  };
  const { languages, grammars } = manifest.contributes;
  const files = [
    manifest.main,
    ...languages.map(({ configuration }) => configuration),
    ...grammars.map(({ path }) => path),
  ];
  for (const file of files) expect(read(file).length).toBeGreaterThan(0);
});
