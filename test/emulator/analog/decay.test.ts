import { expect, test } from 'vitest';
import { decay } from '../../../emulator/analog/decay.js';
import { exp } from '../../../isa/numeric/elementary.js';

test('the quick decay agrees with the exponential to 1e-15 and ends in 0', () => {
  let worst = 0;
  for (let x = 0; x < 650; x += 0.0137) worst = Math.max(worst, Math.abs(decay(x) / exp(-x) - 1));
  expect(worst).toBeLessThan(1e-15);
  expect(decay(0)).toBe(1);
  expect(decay(701)).toBe(0);
});
