import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inverseNormal, deviate } from '../../../emulator/analog/deviate.js';
import {
  CONSTANT_TABLE,
  constantsWith,
  createAnalogCore,
  energyOf,
  FixedPattern,
} from '../../../emulator/analog/index.js';
import { ALL_NOISE, TrialNoise } from '../../../emulator/analog/noise.js';
import { SETTLED, setUp, synapse } from './setup.js';

const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0) / x.length;
const sd = (x: ArrayLike<number>): number => {
  const m = mean(x);
  return Math.sqrt(Array.from(x).reduce((a, b) => a + (b - m) * (b - m), 0) / x.length);
};
const correlation = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  const mx = mean(x);
  const my = mean(y);
  return (
    Array.from(x).reduce((a, v, i) => a + (v - mx) * ((y[i] ?? 0) - my), 0) /
    x.length /
    sd(x) /
    sd(y)
  );
};
const logs = (x: Float64Array): number[] => Array.from(x, Math.log);
/** Standard deviation inside quadrants. */
const inside = (x: ArrayLike<number>): number =>
  Math.sqrt(mean([0, 1, 2, 3].map((q) => sd(Array.from(x).slice(128 * q, 128 * q + 128)) ** 2)));

const constants = constantsWith();

describe('a die is its seed', () => {
  test('V21: asking one synapse or neuron first gives the same chip', () => {
    const a = new FixedPattern({ seed: 7, law: 'uncalibrated' }, constants);
    const b = new FixedPattern({ seed: 7, law: 'uncalibrated' }, constants);
    const late = b.synapseGain(131071);
    b.sensorTime(99, 1);
    for (let i = 0; i < 100; i++) a.synapseGain(i);
    expect(a.synapseGain(131071)).toBe(late);
    expect(a.neurons).toEqual(b.neurons);
    expect(new FixedPattern({ seed: 8, law: 'uncalibrated' }, constants).neurons).not.toEqual(
      a.neurons,
    );
  });

  test('the uncalibrated spread has the published sizes and correlations', () => {
    const dies = [1, 2, 3].map(
      (seed) => new FixedPattern({ seed, law: 'uncalibrated' }, constants).neurons,
    );
    const pooled = (pick: (d: (typeof dies)[number]) => ArrayLike<number>): number =>
      Math.sqrt(mean(dies.map((d) => inside(pick(d)) ** 2)));
    expect(Math.abs(pooled((d) => d.leakShift) / 64 - 1)).toBeLessThan(0.1);
    expect(Math.abs(pooled((d) => d.resetShift) / 61 - 1)).toBeLessThan(0.1);
    expect(Math.abs(pooled((d) => d.thresholdShift) / 27 - 1)).toBeLessThan(0.1);
    expect(Math.abs(pooled((d) => logs(d.conductance)) / 0.127 - 1)).toBeLessThan(0.1);
    expect(Math.abs(pooled((d) => logs(d.excitatoryTime)) / 0.2 - 1)).toBeLessThan(0.1);
    expect(Math.abs(pooled((d) => logs(d.excitatoryGain)) / 0.06 - 1)).toBeLessThan(0.1);
    expect(Math.abs(pooled((d) => d.excitatoryShift) / 120 - 1)).toBeLessThan(0.1);
    const inQuadrants = (x: Float64Array): number[] =>
      [0, 1, 2, 3].flatMap((q) => {
        const part = Array.from(x.subarray(128 * q, 128 * q + 128));
        const m = mean(part);
        return part.map((v) => v - m);
      });
    const r = mean(
      dies.map((d) => correlation(inQuadrants(d.leakShift), inQuadrants(d.resetShift))),
    );
    expect(r).toBeGreaterThan(0.5);
    expect(r).toBeLessThan(0.7);
    const neighbours = mean(
      dies.map((d) => {
        const x = inQuadrants(d.leakShift);
        return correlation(x.slice(0, -1), x.slice(1));
      }),
    );
    expect(neighbours).toBeGreaterThan(0.15);
    expect(neighbours).toBeLessThan(0.45);
  });

  test('V15: channel offsets before and after calibration', () => {
    const spread = (law: 'residual' | 'uncalibrated'): number =>
      mean(
        [1, 2, 3].map((seed) => {
          const die = new FixedPattern({ seed, law }, constants);
          return sd(Array.from({ length: 1024 }, (_, i) => die.cadcOffset(i)));
        }),
      );
    expect(Math.abs(spread('uncalibrated') - 9.95)).toBeLessThan(1.4);
    expect(spread('residual')).toBeLessThan(3);
  });

  test('residual spread: potentials 1.5 counts, membrane time constant 4 %', () => {
    const die = new FixedPattern({ seed: 11, law: 'residual' }, constants).neurons;
    expect(Math.abs(sd(die.leakShift) / 4.5 - 1.5)).toBeLessThan(0.15);
    const tau = Array.from(die.capacitance, (c, n) => Math.log(c / (die.conductance[n] ?? 1)));
    expect(sd(tau)).toBeGreaterThan(0.034);
    expect(sd(tau)).toBeLessThan(0.046);
  });

  test('V8 on a chip: the slope of the weight scatters by 6 to 10 %, its mean rises with every step', () => {
    const die = new FixedPattern({ seed: 2, law: 'residual' }, constants);
    const gains = Array.from({ length: 1000 }, (_, i) => die.synapseGain(i * 131));
    expect(sd(gains)).toBeGreaterThan(0.06);
    expect(sd(gains)).toBeLessThan(0.1);
    let last = -1;
    for (let w = 0; w < 64; w++) {
      const m = mean(Array.from({ length: 100 }, (_, i) => die.effectiveWeight(i * 1301, w)));
      expect(m).toBeGreaterThan(last);
      last = m;
    }
  });

  test('the ideal chip has no pattern at all', () => {
    const die = new FixedPattern('ideal', constants);
    expect(
      sd(die.neurons.leakShift) +
        die.cadcOffset(3) +
        die.sensorBaseline(3, 0) +
        die.driverOffset(1),
    ).toBe(0);
    expect(die.effectiveWeight(7, 13) * die.sensorTime(7, 1) * die.sensorAmplitude(7, 0)).toBe(13);
  });
});

describe('trial noise', () => {
  test('the inverse normal distribution is right to nine digits', () => {
    for (const [p, x] of [
      [1e-9, -5.9978070150076865],
      [0.001, -3.090232306167813],
      [0.3, -0.5244005127080407],
      [0.9, 1.2815515655446008],
    ] as const)
      expect(Math.abs(inverseNormal(p) / x - 1)).toBeLessThan(2e-9);
    const draws = Array.from({ length: 100_000 }, (_, i) => deviate(1234567, i, 5, 0));
    expect(Math.abs(mean(draws))).toBeLessThan(0.01);
    expect(sd(draws)).toBeCloseTo(1, 2);
    expect(Math.abs(correlation(draws.slice(1), draws.slice(0, -1)))).toBeLessThan(0.01);
  });

  test('membrane noise has unit variance and the correlation time asked for, whatever was looked at before', () => {
    const noise = new TrialNoise(3, ALL_NOISE, 2);
    const tau = 2500;
    const at = (i: number): number => noise.membrane(0, i * 250, tau);
    const x = Array.from({ length: 40_000 }, (_, i) => at(i));
    expect(sd(x)).toBeGreaterThan(0.93);
    expect(sd(x)).toBeLessThan(1.07);
    expect(correlation(x.slice(10), x.slice(0, -10))).toBeGreaterThan(0.3);
    expect(correlation(x.slice(10), x.slice(0, -10))).toBeLessThan(0.44);
    const other = new TrialNoise(3, ALL_NOISE, 2);
    for (const i of [39_999, 3, 20_000, 5, 4]) expect(other.membrane(0, i * 250, tau)).toBe(x[i]);
  });

  test('each source can be switched off by name', () => {
    const read = (cadc: boolean): number[] => {
      const s = setUp({ die: { seed: 1, law: 'residual' }, noise: { cadc, membrane: false } });
      const out = new Uint8Array(256);
      const codes: number[] = [];
      for (let i = 0; i < 200; i++) {
        s.to(SETTLED + 2 * i);
        s.core.convertCadc(0, 0, out, new Uint8Array(256));
        codes.push(out[0] ?? 0);
      }
      return codes;
    };
    expect(sd(read(false))).toBe(0);
    expect(sd(read(true))).toBeGreaterThan(0.8);
    expect(sd(read(true))).toBeLessThan(1.3);
  });
});

describe('constants', () => {
  test('every constant has a unit, a tag and a meaning; unknown names are refused', () => {
    for (const row of Object.values(CONSTANT_TABLE)) {
      expect(row.about.length).toBeGreaterThan(0);
      expect(row.unit.length).toBeGreaterThan(0);
    }
    const page = readFileSync(new URL('../../../docs/analog.md', import.meta.url), 'utf8');
    for (const [name, row] of Object.entries(CONSTANT_TABLE))
      expect(page).toMatch(new RegExp(`^\\| ${name} +\\| ${row.value} +\\|`, 'm'));
    expect(() => constantsWith({ nonsense: 1 } as never)).toThrow(
      /unknown analog constant 'nonsense'/,
    );
    expect(constantsWith({ sensorBaseline: 200 }).sensorBaseline).toBe(200);
  });

  test('V24: a second of chip time costs 0.175 J; activity is counted beside it', () => {
    const energy = energyOf(constants, 250e6, { spikes: 1e6, synapticEvents: 1e8 }, 1e6);
    expect(energy.chip).toBeCloseTo(0.175, 12);
    expect(energy.activity).toBeCloseTo(1e-3 + 50e-6 + 1e-6, 12);
    const s = setUp();
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.to(SETTLED);
    for (let i = 0; i < 9; i++) s.core.driverEvent(0, 0, 0);
    s.to(SETTLED + 20);
    expect(s.core.counts).toEqual({ spikes: s.spikes.length, synapticEvents: 9 });
    expect(s.spikes.length).toBeGreaterThan(0);
  });

  test('settings that do not exist are refused with their place', () => {
    const core = createAnalogCore({ die: 'ideal' });
    expect(() => core.setCapmem(0, 2, 5, 1024)).toThrow(
      /capmem code\[0, 2, 5\]: 1024 is not in 0..1023/,
    );
    core.advance(10);
    expect(() => core.advance(9)).toThrow(/cannot go back/);
  });
});
