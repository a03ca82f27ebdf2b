import { expect, test } from 'vitest';
import { compile } from '../../compiler/compile.js';
import { shippedRules } from '../../compiler/link/ppu-programs.js';
import { meanErrors } from '../../compiler/report/bias.js';

test.each(['stdp.plast', 'soft_bound_stdp.plast'] as const)(
  'the mean signed error of %s is below 1/256 LSB',
  (name) => {
    const { rules } = compile([{ name, text: shippedRules[name] }], { rows: 4 });
    for (const { rule, program } of rules) {
      const means = meanErrors(rule, program);
      expect(means.size).toBeGreaterThan(0);
      for (const mean of means.values()) expect(Math.abs(mean)).toBeLessThan(1 / 256);
    }
  },
);
