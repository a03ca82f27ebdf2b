/** Rules that once broke a law of the numbers, or were refused for no reason. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { lockstep } from './lockstep.js';

const declarations = `
  param eta in [0, 1] = 0.25
  state mood in [-8, 8] step 1/256 = 0
  state trace per synapse in [-1, 1] step 1/64 = 0
  table level_of(x in [0, 1] step 1/8, y in [-2, 2] step 1/2) in [-4, 4] = x * y + y * y / 2 - x`;

const rules: readonly (readonly [what: string, body: string])[] = [
  [
    'a name over lanes, assigned in a loop, whose first value exceeds its range',
    'each synapse { let x in [-64, 64] = (rate + 1) for i in 0..3 { x = x * eta + i } w += x / 16 }',
  ],
  ['stochastic rounding without lanes', 'mood = clamp(stochastic(mood * 4 + 0.3) / 8.0, -8, 8)'],
  ['the sign of a number that is off', 'each synapse { w += sign(trace / 3 - eta / 7) }'],
  ['an index that is off', 'mood += rate[floor(mood / 3 + 3)] / 256'],
  [
    'a logarithm of whole multiples',
    'each synapse { w += log(1 + abs(level_of(w / 64, trace * 2))) }',
  ],
  ['a table of two arguments on the scalar core', 'mood = level_of(eta / 3, mood / 7)'],
  ['an event far in the future', 'for i in 0..3 { emit row 1 label 3 after i * 1 s * 8 }'],
];

describe('machine code equals the exact evaluator, within the bound of the real one', () => {
  test.each(rules)('%s', (_, body) => {
    const text = `rule r {${declarations}\n  every 5 ms { ${body} }\n}\n`;
    const compiled = compile([{ name: 'r.plast', text }], { rows: 2 });
    expect(compiled.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const { worst } = lockstep(compiled, { seed: 7, rows: 2, firstRow: 3, executions: 4 });
    for (const { statement, bound } of compiled.rules[0]?.program.notes ?? [])
      expect(worst.get(statement) ?? 0).toBeLessThanOrEqual(bound + 1e-9);
  });
});

describe('products of three numbers and quotients with wide ranges stay within a quarter of a step', () => {
  const changes = [
    'w += stochastic((eta + eta * slow) * causal - eta * acausal)',
    'w += stochastic(eta * causal * rate * (rate - slow) / 1024)',
    'w += stochastic(eta * w * (goal / max(sum(w), 64) - 1))',
    'w += stochastic(eta * slow * slow * (causal - acausal) / 63)',
    'w += stochastic(clamp(eta * rate * (rate - slow), -8, 8))',
  ];
  test.each(changes)('%s', (change) => {
    const text = `rule r {
      param eta in [0, 1] = 0.25
      param goal in [1, 4096] = 512
      state slow per neuron in [0, 63] step 1/512 = 0
      every 5 ms { each neuron { each synapse { ${change.replace('sum(w)', 'total')} } } }
    }`.replace(
      'each synapse',
      change.includes('sum(w)') ? 'let total = sum(w) each synapse' : 'each synapse',
    );
    const compiled = compile([{ name: 'r.plast', text }], { rows: 2 });
    const [note] = compiled.rules[0]?.program.notes ?? [];
    expect(note?.bound).toBeLessThan(1 / 4);
    const { worst } = lockstep(compiled, { seed: 9, rows: 2, firstRow: 3, executions: 3 });
    expect(worst.get(note?.statement ?? -1)).toBeLessThanOrEqual(note?.bound ?? 0);
  });
});
