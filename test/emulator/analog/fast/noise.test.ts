import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Machine } from '../../../../emulator/analog/fast/machine.js';
import { FastMembraneNoise } from '../../../../emulator/analog/fast/membrane.js';
import { ALL_NOISE, TrialNoise } from '../../../../emulator/analog/noise.js';

const NEURONS = 512;

test('membrane noise: the kernel gives the bits of its twin, in whatever order it is asked', () => {
  const machine = new Machine();
  const look = fc.record({
    neuron: fc.constantFrom(0, 3, 200, 511),
    // Within a few blocks, now and then hours away.
    cycle: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 4e12 })),
    tau: fc.constantFrom(1, 125, 2500, 15_000, 250_000, 1e6),
  });
  fc.assert(
    fc.property(fc.integer(), fc.array(look, { minLength: 10, maxLength: 40 }), (seed, looks) => {
      const twin = new TrialNoise(seed, ALL_NOISE, NEURONS);
      const noise = new FastMembraneNoise(machine, 1);
      noise.seed(twin.membraneKeys);
      for (const { neuron, cycle, tau } of looks) {
        noise.setTime(neuron, tau);
        expect(noise.at(neuron, cycle)).toBe(twin.membrane(neuron, cycle, tau));
      }
    }),
    { numRuns: 40, seed: 11 },
  );
});

test('membrane noise stays within its reach and has the moments of its law', () => {
  const noise = new FastMembraneNoise(new Machine(), 1);
  noise.seed(new TrialNoise(2, ALL_NOISE, NEURONS).membraneKeys);
  const tau = 2500;
  const values: number[] = [];
  for (let neuron = 0; neuron < 200; neuron++) {
    noise.setTime(neuron, tau);
    for (let i = 0; i < 1000; i++) values.push(noise.at(neuron, 25 * i));
  }
  const mean = (f: (i: number) => number): number =>
    values.reduce((sum, _, i) => sum + f(i), 0) / values.length;
  const at = (i: number): number => values[i] ?? NaN;
  const variance = mean((i) => at(i) ** 2);
  // 2000 independent stretches: 5 standard errors.
  expect(Math.abs(mean(at))).toBeLessThan(0.12);
  expect(Math.abs(variance - 1)).toBeLessThan(0.16);
  expect(Math.abs(mean((i) => at(i) ** 4) / variance ** 2 - 3)).toBeLessThan(0.5);
  for (const lag of [1, 40, 130]) {
    const pairs = values.flatMap((x, i) => (i % 1000 >= lag ? [x * at(i - lag)] : []));
    const covariance = pairs.reduce((a, b) => a + b, 0) / pairs.length;
    expect(Math.abs(covariance - Math.exp((-25 * lag) / tau))).toBeLessThan(0.16);
  }
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(6);
});
