import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codes } from '../../../compiler/diagnostics/codes.js';
import { diagnosticsPage, explain } from '../../../compiler/diagnostics/explain.js';

test('docs/diagnostics.md is what the table of codes gives (npm run docs:diagnostics)', () => {
  expect(readFileSync('docs/diagnostics.md', 'utf8')).toBe(diagnosticsPage());
});

test('every code can be explained, in either case', () => {
  for (const code of codes.keys()) expect(explain(code.toLowerCase())).toContain(`${code}: `);
  expect(explain('E9999')).toBeUndefined();
});
