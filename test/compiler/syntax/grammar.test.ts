import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { keywords, terminals, unitNames } from '../../../compiler/syntax/grammar.js';
import { scan, spellingOf } from '../../../compiler/syntax/scan.js';
import { grammarModule } from '../../../scripts/generate-grammar.js';

const spelled = (text: string): (string | undefined)[] => [...scan(text).codes].map(spellingOf);

test('the compiled grammar is that of grammar.ts (npm run generate:grammar)', () => {
  expect(readFileSync('compiler/syntax/generated/recipe.ts', 'utf8')).toBe(grammarModule());
});

test('every keyword is a token of the grammar, no unit is', () => {
  expect(keywords.filter((word) => !terminals.includes(word))).toEqual([]);
  expect(unitNames.filter((word) => terminals.includes(word))).toEqual([]);
});

test.each([
  ['0..8', ['NUMBER', '..', 'NUMBER']],
  ['20us 20 us 20\nus', ['QUANTITY', 'QUANTITY', 'NUMBER', 'STRAY']],
  ['1e-3 1.5E+2 2.5 .5', ['NUMBER', 'NUMBER', 'NUMBER', '.', 'NUMBER']],
  ['3x 3seconds', ['STRAY', 'NAME', 'STRAY', 'NAME']],
  ['eta+=-w', ['NAME', '+=', '-', 'NAME']],
  ['rules rule rate', ['NAME', 'rule', 'NAME']],
  ['a $ "', ['NAME', 'STRAY', 'STRAY']],
])('%s', (text, expected) => {
  expect(spelled(text)).toEqual(expected);
});
