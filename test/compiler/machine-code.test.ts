import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { shippedRules } from '../../compiler/link/ppu-programs.js';
import { lockstep } from './lockstep.js';

const iris = `rule iris {
  param a in [0, 1] = 0.1
  param b in [0, 1/16] = 0.002
  every 400 us {
    each synapse {
      w += stochastic(a * causal - b * rate * w)
      reset causal, acausal
    }
    reset rate
  }
}`;

/** Rules, the bound that they must keep in units of the target, and how many executions are compared. */
const cases: { name: string; text: string; bound: number; mean: number; executions: number }[] = [
  { name: 'stdp', text: shippedRules['stdp.plast'], bound: 1 / 64, mean: 1 / 256, executions: 4 },
  {
    name: 'soft_bound_stdp',
    text: shippedRules['soft_bound_stdp.plast'],
    bound: 1 / 16,
    mean: 1 / 256,
    executions: 8,
  },
  { name: 'iris', text: iris, bound: 1 / 4, mean: 1 / 16, executions: 4 },
  {
    name: 'homeostasis',
    text: shippedRules['homeostasis.plast'],
    bound: 1 / 4,
    mean: 1 / 16,
    executions: 3,
  },
  { name: 'meta', text: shippedRules['meta.plast'], bound: 1 / 4, mean: 1 / 16, executions: 3 },
  { name: 'r_stdp', text: shippedRules['r_stdp.plast'], bound: 1 / 4, mean: 1 / 16, executions: 6 },
  {
    name: 'bandit',
    text: shippedRules['bandit.plast'],
    bound: 1 / 4,
    mean: 1 / 16,
    executions: 6,
  },
  {
    name: 'voltage',
    text: shippedRules['voltage.plast'],
    bound: 1 / 4,
    mean: 1 / 16,
    executions: 23,
  },
  {
    name: 'structural',
    text: shippedRules['structural.plast'],
    bound: 1 / 4,
    mean: 1 / 16,
    executions: 22,
  },
];

describe.each(cases)('$name', ({ name, text, bound, mean, executions }) => {
  const compiled = compile([{ name: `${name}.plast`, text }], { rows: 3 });

  test('the proven bounds are as small as promised', () => {
    const notes = compiled.rules[0]?.program.notes ?? [];
    expect(notes.length).toBeGreaterThan(0);
    for (const note of notes) expect(note.bound).toBeLessThanOrEqual(bound);
  });

  test.each([1, 2])('machine code equals the exact evaluator in every bit (seed %i)', (seed) => {
    const found = lockstep(compiled, { seed, rows: 3, firstRow: 5, executions });
    for (const note of compiled.rules[0]?.program.notes ?? []) {
      // Float64 noise of the real evaluator itself is below 1e-9.
      expect(found.worst.get(note.statement) ?? 0).toBeLessThanOrEqual(note.bound + 1e-9);
      const average = found.mean.get(note.statement);
      if (average) expect(Math.abs(average.sum / average.count)).toBeLessThan(mean);
    }
  });
});
