import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assemble } from '../../../isa/assembler/index.js';
import { directiveNames } from '../../../isa/assembler/directives.js';

const manual = readFileSync(new URL('../../../docs/assembler.md', import.meta.url), 'utf8');
const examples = [...manual.matchAll(/```asm\n([\s\S]*?)```/g)].map(([, text = '']) => text);

test('the examples of the manual are programs', () => {
  expect(examples).toHaveLength(2);
  const [first, second] = examples.map((text) => assemble([{ name: 'manual.s', text }]));
  expect(first?.sections.map(({ bytes }) => bytes.length)).toEqual([64, 20]);
  expect(second?.sections.map(({ bytes }) => bytes.length)).toEqual([48]);
});

test('the manual names every directive', () => {
  const silent = new Set(['.4byte', '.2byte', '.global', '.extern', '.err', '.nop']);
  const missing = directiveNames.filter(
    (name) => !silent.has(name) && !manual.includes(`\`${name}`),
  );
  expect(missing).toEqual([]);
});
