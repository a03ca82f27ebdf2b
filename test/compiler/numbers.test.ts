import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { shippedRules } from '../../compiler/link/ppu-programs.js';
import { measureErrors } from '../../compiler/report/errors.js';
import { lockstep } from './lockstep.js';

const compiled = (text: string) => compile([{ name: 'rule.plast', text }], { rows: 4 });

test.each(['stdp.plast', 'soft_bound_stdp.plast'] as const)(
  'the mean signed error of %s is below 1/256 LSB',
  (name) => {
    const { rules } = compiled(shippedRules[name]);
    for (const { rule, program } of rules) {
      const means = measureErrors(rule, program);
      expect(means.size).toBeGreaterThan(0);
      for (const { mean } of means.values()) expect(Math.abs(mean)).toBeLessThan(1 / 256);
    }
  },
);

const literature = 'test/compiler/literature';
const files = readdirSync(literature).filter((name) => name.endsWith('.plast'));

describe('inputs at the ends of their ranges', () => {
  const all = [
    ...Object.entries(shippedRules),
    ...files.map((name) => [name, readFileSync(`${literature}/${name}`, 'utf8')] as const),
  ];
  test.each(all)('never exceed the bounds of %s', (_, text) => {
    for (const { rule, program } of compiled(text).rules) {
      const measured = measureErrors(rule, program, { executions: 2, seed: 3, ends: true });
      for (const { statement, bound, target } of program.notes)
        expect(measured.get(statement)?.largest ?? 0, target).toBeLessThanOrEqual(bound + 1e-9);
    }
  });
});

describe('a draw that rounds an assignment', () => {
  const changes = [
    'w += stochastic(eta * causal / 3)',
    'w -= stochastic(eta * causal / 3)',
    'w += -stochastic(eta * causal / 3)',
    'w = stochastic(eta * causal / 3)',
    'w = -stochastic(eta * causal / 3)',
    'label -= stochastic(eta * causal / 3)',
  ];
  test.each(changes)('is no part of the bound of %s, and machine code does the same', (change) => {
    const rule = `rule r {
      param eta in [0, 1] = 0.3
      every 10 ms { each synapse { ${change} reset causal, acausal } }
    }`;
    const result = compiled(rule);
    const [note] = result.rules[0]?.program.notes ?? [];
    expect(note?.bound).toBeLessThan(1 / 64);
    const { worst } = lockstep(result, { seed: 5, rows: 2, firstRow: 3, executions: 2 });
    expect(worst.get(note?.statement ?? -1)).toBeLessThanOrEqual(note?.bound ?? 0);
    expect(worst.get(note?.statement ?? -1)).toBeGreaterThan(0);
  });
});
