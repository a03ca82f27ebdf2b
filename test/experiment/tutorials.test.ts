/** What each tutorial promises in its first lines is seen when it runs. */
import { expect, test } from 'vitest';
import { runFile } from './lab.js';

const intervals = (times: readonly number[]): number[] =>
  times.slice(1).map((t, i) => t - (times[i] ?? 0));

test('one neuron: rest follows the leak, sawtooth over the threshold, potentials of both signs', async () => {
  const { value, array } = await runFile('examples/tutorials/single-neuron.ts');
  const rest = array('records', 'silent_mean');
  expect(rest.every((code) => code >= 95 && code <= 800)).toBe(true);
  expect(rest).toEqual([...rest].sort((a, b) => a - b));
  expect(new Set(rest).size).toBe(rest.length);
  expect(value('spikes, leak over threshold')).toBeGreaterThan(10);
  expect(value('spikes, leak under threshold')).toBe(0);
  const gaps = intervals(array('spikes', 'over_times'));
  expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(1.01);
  // A plateau at the reset potential, and an upper bound at the threshold.
  const codes = array('records', 'over_code');
  const low = Math.min(...codes);
  expect(codes.filter((code) => code <= low + 4).length / codes.length).toBeGreaterThan(0.2);
  expect(Math.max(...codes)).toBeLessThan(100 + (700 * 575) / 1200);
  const [weak = 0, strong = 0] = array('records', 'psp_excitatory');
  const [soft = 0, hard = 0] = array('records', 'psp_inhibitory');
  expect(strong).toBeGreaterThan(weak * 1.5);
  expect(weak).toBeGreaterThan(10);
  expect(hard).toBeLessThan(soft * 1.5);
  expect(soft).toBeLessThan(-10);
});

test('four compartments: potentials fall and broaden with distance, less with a larger conductance', async () => {
  const { array } = await runFile('examples/tutorials/multi-compartment.ts');
  for (const coupling of ['weak', 'strong']) {
    const height = array('records', `${coupling}_height`);
    const peak = array('records', `${coupling}_peak`);
    // Input into compartment 0: each further one sees less, and later.
    for (let k = 1; k < 4; k++) {
      expect(height[k]).toBeLessThan((height[k - 1] ?? 0) * 0.95);
    }
    expect(peak[3]).toBeGreaterThan((peak[0] ?? 0) + 2);
    // The other way round it is the same.
    for (let k = 0; k < 3; k++)
      expect(height[12 + k]).toBeLessThan((height[12 + k + 1] ?? 0) * 0.95);
  }
  const loss = (coupling: string): number => {
    const height = array('records', `${coupling}_height`);
    return (height[3] ?? 0) / (height[0] ?? 1);
  };
  expect(loss('strong')).toBeGreaterThan(loss('weak') * 1.5);
});

test('the adaptive exponential neuron fires in five patterns, within the step only', async () => {
  const { array } = await runFile('examples/tutorials/adex.ts');
  const times = (name: string): number[] => array('spikes', `${name}_times`);
  for (const name of ['tonic', 'adapting', 'initial_burst', 'regular_bursting', 'transient'])
    expect(times(name).every((t) => t > 0.1e-3 && t < 0.71e-3)).toBe(true);
  const tonic = intervals(times('tonic'));
  expect(tonic.length).toBeGreaterThan(30);
  expect(Math.max(...tonic) / Math.min(...tonic)).toBeLessThan(1.2);
  const adapting = intervals(times('adapting'));
  expect((adapting.at(-1) ?? 0) / (adapting[0] ?? 1)).toBeGreaterThan(3);
  const burst = intervals(times('initial_burst'));
  expect(Math.max(...burst.slice(0, 2)) * 3).toBeLessThan(Math.min(...burst.slice(2)));
  const bursts = intervals(times('regular_bursting'));
  expect(bursts.filter((gap) => gap > 60e-6).length).toBeGreaterThan(2);
  expect(bursts.filter((gap) => gap < 30e-6).length).toBeGreaterThan(2);
  expect(times('transient').length).toBe(1);
  const w = array('records', 'w_adapting');
  expect(Math.max(...w) - (w[0] ?? 0)).toBeGreaterThan(0.005);
});

test('a picture written at absolute times appears in the raster, and changes on time', async () => {
  const { value } = await runFile('examples/tutorials/inside-realtime.ts');
  expect(value('spikes')).toBeGreaterThan(2000);
  expect(value('correlation with the picture')).toBeGreaterThan(0.8);
  expect(value('spikes of dark pixels') / value('spikes')).toBeLessThan(0.001);
});

test('every appended piece has the rate that its own weights give', async () => {
  const { array } = await runFile('examples/tutorials/configurations.ts');
  const weights = array('records', 'weight');
  const rates = array('records', 'rate');
  const ordered = weights.map((w, i) => [w, rates[i] ?? 0] as const).sort((a, b) => a[0] - b[0]);
  expect(ordered.map(([, rate]) => rate)).toEqual([...rates].sort((a, b) => a - b));
  expect(rates[0]).toBe(0);
  expect(Math.max(...rates)).toBeGreaterThan(20);
});

test('homeostasis on both processors: rates rise from zero and settle near the target', async () => {
  const { value, array } = await runFile('examples/tutorials/homeostasis.ts');
  const rate = array('records', 'rate');
  expect(rate[0]).toBe(0);
  expect(Math.abs(value('final rate') / 6 - 1)).toBeLessThan(0.15);
  expect(value('missed releases')).toBe(0);
  const weight = array('weights', 'mean');
  const end = weight.slice(-8);
  expect(Math.max(...end) - Math.min(...end)).toBeLessThanOrEqual(2);
});
