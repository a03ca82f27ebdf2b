/** Every example of the manual is a whole file that passes the checker without any message. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { check } from '../../compiler/check/check.js';
import { renderAll } from '../../compiler/diagnostics/render.js';
import { parse } from '../../compiler/syntax/parse.js';

const page = readFileSync('docs/language.md', 'utf8');
const examples = [...page.matchAll(/```plast\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

test('the manual has an example in every chapter', () => {
  expect(examples.length).toBeGreaterThan(12);
});

test.each(examples.map((text) => [/rule (\w+)/.exec(text)?.[1] ?? '', text]))(
  '%s is clean',
  (name, text) => {
    const parsed = parse(text, name);
    const diagnostics = parsed.tree ? check(parsed.tree).diagnostics : parsed.diagnostics;
    expect(renderAll(diagnostics, [{ name, text }])).toBe('');
  },
);

test.each(examples.map((text) => [/rule (\w+)/.exec(text)?.[1] ?? '', text]))(
  '%s becomes machine code',
  (name, text) => {
    const { program, diagnostics } = compile([{ name, text }], { rows: 1 });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(renderAll(errors, [{ name, text }])).toBe('');
    expect(program).toBeDefined();
  },
);
