import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decayTime,
  excessOfMaximum,
  exponentialFit,
  median,
  nearby,
  searchCodes,
  spread,
  wholeRange,
} from '../../../experiment/calibration/search.js';
import { Stream } from '../../../isa/numeric/random.js';

describe('searches in code space', () => {
  it('find the nearest code of any monotonic law inside the range', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 8, max: 1014 }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (wanted, rises) => {
          const found = await searchCodes(
            { count: wanted.length, start: (i) => 511 + (i % 11) - 5, steps: wholeRange, rises },
            new Float64Array(wanted.length),
            async (codes) =>
              Float64Array.from(codes, (code, i) => (rises ? 1 : -1) * (code - (wanted[i] ?? 0))),
          );
          found.codes.forEach((code, i) => {
            expect(Math.abs(code - (wanted[i] ?? 0))).toBeLessThanOrEqual(1);
            expect(found.atLimit[i]).toBe(0);
          });
        },
      ),
    );
  });

  it('say that a target beyond the range ends at its limit', async () => {
    const found = await searchCodes(
      { count: 1, start: () => 511, steps: wholeRange, rises: true },
      [5000],
      async (codes) => Float64Array.from(codes),
    );
    expect(found.codes[0]).toBe(1022);
    expect(found.atLimit[0]).toBe(1);
  });

  it('stay near when they begin near', async () => {
    const seen: number[] = [];
    await searchCodes(
      { count: 1, start: () => 300, steps: nearby, rises: true },
      [303],
      async (codes) => {
        seen.push(codes[0] ?? 0);
        return Float64Array.from(codes);
      },
    );
    expect(Math.max(...seen.map((code) => Math.abs(code - 300)))).toBeLessThanOrEqual(16);
  });
});

describe('estimates', () => {
  it('the time constant from two spans is exact for an exponential, whenever the first begins', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 50, noNaN: true }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (tau, late) => {
          const span = 10;
          const mean = (from: number): number =>
            Array.from(
              { length: 6 },
              (_, k) => 1000 * Math.exp(-(from + (k * span) / 6) / tau),
            ).reduce((sum, x) => sum + x / 6, 0);
          const first = mean(late);
          const second = mean(late + span);
          fc.pre(second > 1);
          expect(decayTime(first, second, span)).toBeCloseTo(tau, 6);
        },
      ),
    );
    expect(decayTime(0.1, 0, 1)).toBe(0);
  });

  it('an exponential through points gives amplitude and time constant', () => {
    const x = [0.1, 0.5, 1, 2];
    const { amplitude, tau } = exponentialFit(
      x,
      x.map((at) => 3 * Math.exp(-at / 0.7)),
    );
    expect(amplitude).toBeCloseTo(3, 9);
    expect(tau).toBeCloseTo(0.7, 9);
  });

  it('the largest of many noisy readings exceeds the end of their span as computed', () => {
    const stream = new Stream(1, 'maximum');
    const [reads, span, sd] = [160, 55, 0.8];
    const trials = 600;
    let sum = 0;
    for (let trial = 0; trial < trials; trial++) {
      let highest = -Infinity;
      for (let k = 0; k < reads; k++)
        highest = Math.max(highest, span * stream.uniform() + sd * stream.normal());
      sum += highest - span;
    }
    // The standard error of the simulated mean is below 0.03.
    expect(Math.abs(excessOfMaximum(reads, span, sd) - sum / trials)).toBeLessThan(0.1);
  });

  it('median and spread leave out what is not finite', () => {
    expect(median([3, NaN, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(spread([1, 2, 3, NaN])).toEqual({ n: 3, mean: 2, sd: 1 });
  });
});
