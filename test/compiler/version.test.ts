/** One version: the compiler cannot read package.json (it runs in browsers), so it declares what stands there. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compilerVersion } from '../../compiler/compile.js';

test.each(['package.json', 'editors/vscode/package.json'])('%s has the same version', (file) => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  expect((JSON.parse(text) as { version: string }).version).toBe(compilerVersion);
});
