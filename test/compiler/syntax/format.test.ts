/** Laws of parser and formatter. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { format } from '../../../compiler/syntax/format.js';
import { parse } from '../../../compiler/syntax/parse.js';
import type { SourceTree } from '../../../compiler/syntax/ast.js';
import { expression, ruleFile, shape } from './arbitrary.js';

function treeOf(text: string): SourceTree {
  const { tree, diagnostics } = parse(text);
  if (!tree) throw new Error(`${JSON.stringify(diagnostics)}\n${text}`);
  return tree;
}

function wellFormatted(text: string): void {
  const tree = treeOf(text);
  const formatted = format(tree);
  const again = treeOf(formatted);
  expect(shape(again)).toBe(shape(tree));
  expect(again.comments.map((comment) => comment.text)).toEqual(
    tree.comments.map((comment) => comment.text),
  );
  expect(format(again)).toBe(formatted);
}

const folder = 'ppu-programs/rules';
const rules = readdirSync(folder).filter((file) => file.endsWith('.plast'));

test.each(rules)('%s keeps tree and comments, and formatting twice is formatting once', (file) => {
  wellFormatted(readFileSync(`${folder}/${file}`, 'utf8'));
});

describe('random files', () => {
  test('keep tree and comments, and formatting twice is formatting once', () => {
    fc.assert(fc.property(ruleFile, wellFormatted), { numRuns: 100 });
  });

  test('expressions keep their tree', () => {
    fc.assert(
      fc.property(expression, (text) => {
        wellFormatted(`rule r { on start { x = ${text} } }`);
      }),
      { numRuns: 300 },
    );
  });
});
