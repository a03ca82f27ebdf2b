import { describe, expect, test } from 'vitest';
import type { EngineName } from '../../../emulator/analog/index.js';
import { physicsOf, ReferenceNeuron } from './reference.js';
import { distances, engineSpikes, POPULATIONS, quantile, referenceSpikes } from './spike-times.js';

describe('the reference itself', () => {
  test('a constant current gives the intervals of the closed form', () => {
    const p = physicsOf({ i_mem_offset: 300 }, { en_mem_off: 1 });
    const neuron = new ReferenceNeuron(p);
    neuron.advance(250 * 250);
    const drive = p.current;
    const top = p.leakPotential + drive / p.leak;
    const base =
      (p.leak * p.leakPotential + p.reset * p.resetPotential + drive) / (p.leak + p.reset);
    const rise = (p.C / p.leak) * Math.log((top - base) / (top - p.threshold));
    // The spike is on the next edge of the clock.
    const interval = p.resetCycles + Math.ceil(rise * 250);
    const gaps = neuron.spikes.slice(1).map((cycle, i) => cycle - (neuron.spikes[i] ?? 0));
    expect(gaps.length).toBeGreaterThan(20);
    for (const gap of gaps) expect(gap).toBe(interval);
  });

  test('the potential of one event is the closed form to a microvolt', () => {
    const p = physicsOf();
    const neuron = new ReferenceNeuron(p);
    neuron.input(0, 1);
    const tauM = p.C / p.leak;
    const [{ tau, amplitude }] = p.lines;
    for (let cycle = 100; cycle < 10_000; cycle += 100) {
      neuron.advance(cycle);
      const t = cycle * 0.004;
      const expected =
        (amplitude / p.C / (1 / tauM - 1 / tau)) * (Math.exp(-t / tau) - Math.exp(-t / tauM));
      expect(Math.abs(neuron.v - p.leakPotential - expected)).toBeLessThan(1e-3);
    }
  });
});

describe('spike times against a reference with steps of 0.01 us', () => {
  test.each(POPULATIONS)('$name', (population) => {
    const expected = referenceSpikes(population);
    expect(expected.flat().length).toBeGreaterThan(30);
    const check = (engine: EngineName, median: number, all: number): void => {
      const d = distances(population, engineSpikes(population, engine), expected);
      expect(d.unmatched).toBe(0);
      expect(quantile(d.times, 0.5)).toBeLessThanOrEqual(median);
      expect(d.times.at(-1)).toBeLessThanOrEqual(all);
    };
    check('fast', 0.01, 0.1);
    check('precise', 0, 0.02);
  });
});
