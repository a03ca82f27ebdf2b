import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { renderAll } from '../../compiler/diagnostics/render.js';
import { hasErrors } from '../../compiler/diagnostics/codes.js';
import { lockstep } from './lockstep.js';
import { randomRule } from './random-rules.js';

const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

test.each(seeds)(
  'random rule %i: machine code, exact and real evaluator agree as promised',
  (seed) => {
    const text = randomRule(seed);
    const source = { name: 'random.plast', text };
    // Several rows: loops over them read the next row while they compute the present one.
    const rows = 1 + (seed % 3);
    const compiled = compile([source], { rows });
    if (hasErrors(compiled.diagnostics))
      throw new Error(`${text}\n${renderAll(compiled.diagnostics, [source], { colour: false })}`);
    let found;
    try {
      found = lockstep(compiled, { seed, rows, firstRow: 3, executions: 2 });
    } catch (error) {
      if (error instanceof Error) error.message = `${text}\n${error.message}`;
      throw error;
    }
    for (const note of compiled.rules[0]?.program.notes ?? [])
      expect(
        found.worst.get(note.statement) ?? 0,
        `${text}\n${text.slice(note.span.start, note.span.end)}`,
      ).toBeLessThanOrEqual(note.bound + 1e-9);
  },
);
