/** The main law of the compiler on random rules: machine code = exact evaluator, within the bound of the real one. */
import process from 'node:process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { lockstep } from './lockstep.js';
import { randomRule } from './random-rule.js';

// PLASTIC_RANDOM_RULES=200 PLASTIC_RANDOM_SEED=7 npx vitest run test/compiler/agreement.test.ts looks further.
const runs = Number(process.env['PLASTIC_RANDOM_RULES'] ?? 8);
const firstSeed = Number(process.env['PLASTIC_RANDOM_SEED'] ?? 1);

test('machine code, exact and real evaluator agree on random rules', () => {
  fc.assert(
    fc.property(randomRule, fc.integer({ min: 1, max: 1000 }), (text, seed) => {
      const compiled = compile([{ name: 'random.plast', text }], { rows: 2 });
      const errors = compiled.diagnostics.filter(({ severity }) => severity === 'error');
      // Large ones may not fit the memory; nothing else is refused.
      expect(errors.filter(({ code }) => code !== 'E0801')).toEqual([]);
      if (errors.length > 0) return;
      const found = lockstep(compiled, {
        seed,
        rows: 2,
        firstRow: 3,
        executions: 2,
        core: { interruptFaults: seed % 2 === 1 },
      });
      for (const { statement, bound } of compiled.rules[0]?.program.notes ?? []) {
        expect(found.worst.get(statement) ?? 0, `statement ${statement}`).toBeLessThanOrEqual(
          bound + 1e-9,
        );
      }
    }),
    { numRuns: runs, seed: firstSeed },
  );
});
