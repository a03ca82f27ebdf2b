import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { instructions } from '../../isa/table/index.js';
import { instructionManual } from '../../scripts/instruction-manual.js';

const written = readFileSync(new URL('../../docs/instructions.md', import.meta.url), 'utf8');

test('docs/instructions.md is what the table gives; else run npm run docs:instructions', () => {
  expect(written).toBe(instructionManual());
});

test('the manual names every instruction', () => {
  for (const { mnemonic } of instructions) expect(written).toContain(`\`${mnemonic}\``);
});
