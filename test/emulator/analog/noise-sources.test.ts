/** Trial noise by its sources: each named switch adds its own noise and no other; drift and temperature reach what they should. */
import { expect, test } from 'vitest';
import type { NoiseSwitches } from '../../../emulator/analog/index.js';
import { constantsWith } from '../../../emulator/analog/index.js';
import { FixedPattern } from '../../../emulator/analog/die.js';
import { ALL_NOISE, DRIFTING, NO_NOISE, TrialNoise } from '../../../emulator/analog/noise.js';
import { ParameterMemory } from '../../../emulator/analog/parameter-memory.js';
import { Parameters } from '../../../emulator/analog/parameters.js';
import { Row, Settings } from '../../../emulator/analog/settings.js';
import { CONFIG_A, describeEngines, POINT_A, SETTLED, setUp, synapse } from './setup.js';

const names = Object.keys(ALL_NOISE) as (keyof NoiseSwitches)[];

/** What one trial shows: membranes, lines, spikes, codes of both converters, jitter of buses. */
function trial(noise: NoiseSwitches, noiseSeed: number): Record<string, unknown> {
  const { core, spikes, to } = setUp(
    { die: { seed: 5, law: 'residual' }, noise, noiseSeed, constants: { refreshPeriod: 100 } },
    [0, 1],
    { i_mem_offset: 200 },
    { en_mem_off: 1 },
  );
  core.setNeuron(1, { en_thresh_comp: 0, en_mem_off: 0 });
  core.setWeight(synapse(0, 0, 1), 63);
  to(SETTLED);
  const rest = core.membrane(1);
  core.driverEvent(0, 0, 0);
  const line = core.synapticLine(1, 0);
  to(SETTLED + 100);
  const causal = new Uint8Array(256);
  core.convertCadc(0, 0, causal, new Uint8Array(256));
  return {
    rest,
    line,
    spikes,
    codes: [...causal],
    samples: [0, 8.5, 17].map((dt) => core.madcVoltage(500, core.cycle + dt)),
    jitter: Array.from({ length: 20 }, (_, k) => core.routingJitter(3, k)),
  };
}

describeEngines('trial noise', () => {
  test('without any source two trials are equal in every bit', () => {
    expect(trial(NO_NOISE, 1)).toEqual(trial(NO_NOISE, 2));
  });

  test.each(names)('%s alone makes trials differ, in what it acts on', (name) => {
    const on = { ...NO_NOISE, [name]: true };
    const [a, b] = [trial(on, 1), trial(on, 2)];
    const acts: Record<keyof NoiseSwitches, string> = {
      membrane: 'rest',
      threshold: 'spikes',
      event: 'line',
      cadc: 'codes',
      madc: 'samples',
      routing: 'jitter',
      drift: 'rest',
      ripple: 'rest',
    };
    expect(a[acts[name]]).not.toEqual(b[acts[name]]);
    expect(trial(on, 1)).toEqual(a);
    // What only one source acts on tells that the others are off.
    for (const [source, what] of [
      ['madc', 'samples'],
      ['routing', 'jitter'],
    ] as const)
      if (source !== name) expect(a[what], what).toEqual(b[what]);
  });
});

test('drift: every quantity of every neuron has a draw of its own, in whatever order they are asked', () => {
  const at = (noise: TrialNoise, neuron: number): number[] => [...noise.drifts(neuron, 0, 1)];
  const forward = new TrialNoise(7, ALL_NOISE, 512);
  const all = Array.from({ length: 512 }, (_, n) => at(forward, n));
  const backward = new TrialNoise(7, ALL_NOISE, 512);
  for (let n = 511; n >= 0; n -= 7) expect(at(backward, n)).toEqual(all[n]);
  const draws = all.flat();
  expect(draws.length).toBe(512 * DRIFTING);
  expect(new Set(draws).size).toBe(draws.length);
  const square = draws.reduce((sum, x) => sum + x * x, 0) / draws.length;
  expect(Math.abs(square - 1)).toBeLessThan(0.05);
});

/** Parameters of neuron 0 at point A with everything on. */
function parameters(drift?: Float64Array, constants = constantsWith()): Parameters {
  const pattern = new FixedPattern('ideal', constants);
  const memory = new ParameterMemory(pattern, constants, 'instant', false);
  const codes = {
    ...POINT_A,
    v_adapt_leak: 629,
    v_exp: 700,
    i_bias_adapt_tau: 100,
    i_bias_adapt_a: 50,
    i_bias_adapt_b: 50,
    i_bias_exp: 300,
    i_mem_offset: 50,
    i_bias_nmda: 100,
  };
  for (const [name, code] of Object.entries(codes))
    memory.write(0, Row[name as keyof typeof Row], 0, code);
  const settings = new Settings(memory, constants);
  Object.assign(settings.neurons[0] ?? {}, CONFIG_A, {
    en_exp: 1,
    en_adapt: 1,
    en_mem_off: 1,
    en_comp_cond: 1,
  });
  const found = new Parameters(settings, pattern, constants);
  found.update(0, drift);
  return found;
}

/** Quantities of a neuron that a parameter of the model fixes alone, and how many of them drift with a power of -1. */
const drifting = {
  leak: 1,
  leakPotential: 1,
  resetPotential: 1,
  threshold: 1,
  excitatoryRate: -1,
  inhibitoryRate: -1,
  excitatoryDrive: 1,
  inhibitoryDrive: 1,
  current: 1,
  compartment: 1,
  slopeFactor: 1,
  exponential: 1,
  adaptationRate: -1,
  adaptationConductance: 1,
  adaptationStep: 1,
  adaptationPotential: 1,
} as const;

test('drift multiplies every parameter of a neuron by 1 + d', () => {
  const before = parameters();
  const after = parameters(Float64Array.from({ length: DRIFTING }, (_, i) => 0.001 * (i + 1)));
  Object.entries(drifting).forEach(([name, power], i) => {
    const key = name as keyof typeof drifting;
    const ratio = (after[key][0] ?? 0) / (before[key][0] ?? 1);
    expect(ratio, name).toBeCloseTo(
      power === 1 ? 1 + 0.001 * (i + 1) : 1 / (1 + 0.001 * (i + 1)),
      12,
    );
  });
});

test('10 K more: 2 % on conductances, so on rates, and 5 mV on potentials; the capacitance stays', () => {
  const before = parameters();
  const after = parameters(undefined, constantsWith({ temperature: 10 }));
  const of = (found: Parameters, name: keyof typeof drifting | 'capacitance'): number =>
    found[name][0] ?? NaN;
  for (const name of ['leak', 'excitatoryRate', 'inhibitoryRate', 'compartment'] as const)
    expect(of(after, name) / of(before, name)).toBeCloseTo(1.02, 12);
  for (const name of ['adaptationRate', 'adaptationConductance', 'excitatoryDrive'] as const)
    expect(of(after, name) / of(before, name)).toBeCloseTo(1.02, 12);
  for (const name of ['leakPotential', 'resetPotential', 'threshold', 'exponential'] as const)
    expect(of(after, name) - of(before, name)).toBeCloseTo(5, 9);
  for (const name of ['capacitance', 'current', 'slopeFactor', 'adaptationStep'] as const)
    expect(of(after, name)).toBe(of(before, name));
});
