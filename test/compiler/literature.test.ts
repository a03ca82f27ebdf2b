/** Plasticity rules from the literature: they compile, and machine code, exact and real evaluator agree on them. */
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { renderAll } from '../../compiler/diagnostics/render.js';
import { lockstep } from './lockstep.js';

const folder = 'test/compiler/literature';
const files = readdirSync(folder).filter((name) => name.endsWith('.plast'));
const rows = 2;

test('there are many of them', () => {
  expect(files.length).toBeGreaterThanOrEqual(20);
});

test.each(files)('%s', (name) => {
  const text = readFileSync(`${folder}/${name}`, 'utf8');
  const compiled = compile([{ name, text }], { rows });
  const errors = compiled.diagnostics.filter(({ severity }) => severity === 'error');
  expect(renderAll(errors, [{ name, text }])).toBe('');
  const { rule, program } = compiled.rules[0] ?? {};
  for (const interruptFaults of [false, true]) {
    const found = lockstep(compiled, {
      seed: interruptFaults ? 2 : 1,
      rows,
      firstRow: 4,
      executions: rule && rule.triggers.length > 1 ? 12 : 2,
      core: { interruptFaults },
    });
    for (const { statement, bound, target } of program?.notes ?? [])
      // Float64 noise of the real evaluator itself is below 1e-9.
      expect(found.worst.get(statement) ?? 0, target).toBeLessThanOrEqual(bound + 1e-9);
  }
});
