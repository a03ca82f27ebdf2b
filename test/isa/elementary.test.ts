import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as elementary from '../../isa/numeric/elementary.js';

const golden = JSON.parse(
  readFileSync(new URL('../recorded/elementary.json', import.meta.url), 'utf8'),
) as Record<string, number[][]>;

/** Distance of two finite doubles in units in the last place of the second. */
function unitsInLastPlace(got: number, want: number): number {
  const size = Math.abs(want);
  const ulp = size < 2.3e-308 ? 5e-324 : 2 ** (Math.floor(Math.log2(size)) - 52);
  return Math.abs(got - want) / ulp;
}

const oneArgument: Record<string, (x: number) => number> = {
  exp: elementary.exp,
  expm1: elementary.expm1,
  log: elementary.log,
  log1p: elementary.log1p,
  log2: elementary.log2,
  sin: elementary.sin,
  cos: elementary.cos,
  tanh: elementary.tanh,
  cosh: elementary.cosh,
  acosh: elementary.acosh,
  atan: (x) => elementary.atan2(x, 1),
};
const limitUlp: Record<string, number> = { tanh: 2, cosh: 2, acosh: 3, atan: 4, log1p: 2 };

describe('elementary functions agree with high-precision values', () => {
  for (const [name, f] of Object.entries(oneArgument)) {
    test(name, () => {
      let worst = 0;
      for (const [x, want] of golden[name]!)
        worst = Math.max(worst, unitsInLastPlace(f(x!), want!));
      expect(worst).toBeLessThanOrEqual(limitUlp[name] ?? 1);
    });
  }

  test('pow', () => {
    let worst = 0;
    for (const [x, y, want] of golden['pow']!) {
      worst = Math.max(worst, unitsInLastPlace(elementary.pow(x!, y!), want!));
    }
    expect(worst).toBeLessThanOrEqual(2);
  });
});

describe('special values follow IEEE 754', () => {
  test.each([
    [elementary.exp(0), 1],
    [elementary.exp(-Infinity), 0],
    [elementary.exp(710), Infinity],
    [elementary.log(0), -Infinity],
    [elementary.log(1), 0],
    [elementary.log(-1), NaN],
    [elementary.log2(2 ** -1074), -1074],
    [elementary.log2(2 ** 1000), 1000],
    [elementary.pow(-2, 3), -8],
    [elementary.pow(-2, 2), 4],
    [elementary.pow(-2, 0.5), NaN],
    [elementary.pow(0, -1), Infinity],
    [elementary.pow(2, -1080), 0],
    [elementary.pow(2, 2000), Infinity],
    [elementary.tanh(1000), 1],
    [elementary.tanh(-1000), -1],
    [elementary.cos(0), 1],
    [elementary.atan2(0, -1), Math.PI],
  ])('case %#', (got, want) => {
    expect(got).toBe(want);
  });

  test('an angle too large to reduce is refused', () => {
    expect(() => elementary.sin(1e7)).toThrow(/reduce/);
  });
});
