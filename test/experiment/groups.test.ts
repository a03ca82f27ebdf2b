/** Sources, views and assemblies have PyNN's verbs; what cannot be done is said, and nothing is half applied. */
import { describe, expect, test } from 'vitest';
import {
  adex,
  allToAll,
  backgroundPoisson,
  bypassNeuron,
  chainCompartments,
  cobaLif,
  hxNeuron,
  inModel,
  lif,
  modelRate,
  modelTime,
  onChip,
  oneToOne,
  spikeSourceArray,
  spikeSourcePoisson,
  spikeSourceRegular,
} from '../../index.js';
import type { ModelTime, Session, SourceCell } from '../../index.js';
import { makeLab } from './lab.js';

const setup = (): Session => makeLab().lab.setup({ settling: 0.1e-3 });
const within = (times: ArrayLike<number>, from: number, to: number): number =>
  Array.from(times).filter((t) => t >= from && t < to).length;

describe('spike sources', () => {
  test('are recorded as they are sent; a bypassed neuron repeats each of them', async () => {
    const sim = setup();
    const input = sim.sources(4, spikeSourcePoisson({ rate: 2e4 }), 'input');
    const copies = sim.population(4, bypassNeuron());
    sim.projection(input, copies, oneToOne(63));
    input.record('spikes');
    await sim.run(0.5e-3, 'append');
    await sim.run(0.5e-3);
    const sent = input.getData().spikes;
    const heard = copies.getData().spikes;
    expect(sent.times.length).toBeGreaterThan(40);
    // Every spike heard follows one of its source; two closer than the refractory period are one.
    heard.times.forEach((time, i) => {
      const own = [...sent.times].filter((_, k) => sent.neurons[k] === heard.neurons[i]);
      expect(own.some((t) => time > t && time - t < 1e-6)).toBe(true);
    });
    expect(sent.times.length - heard.times.length).toBeGreaterThanOrEqual(0);
    expect(sent.times.length - heard.times.length).toBeLessThan(5);
    expect([...sent.times]).toEqual([...sent.times].sort((a, b) => a - b));
    expect(input.view([2]).getSpikeCounts()).toEqual([input.getSpikeCounts()[2]]);
  });

  test('parts of a group are ends of projections, and have rates of their own', async () => {
    const sim = setup();
    const input = sim.sources(6, spikeSourcePoisson({ rate: 0 }), 'input');
    const copies = sim.population(3, bypassNeuron());
    sim.projection(input.view(3, 6), copies, oneToOne(63));
    input.view([3, 5]).set({ rate: (i) => 4e4 * (1 + i) });
    expect([...input.get('rate')]).toEqual([0, 0, 0, 4e4, 0, 8e4]);
    await sim.run(2e-3);
    const [first = 0, second, third = 0] = copies.getSpikeCounts();
    expect(second).toBe(0);
    expect(first).toBeGreaterThan(50);
    expect(third).toBeGreaterThan(1.4 * first);
  });

  test('rates change between appended pieces: from the host and from generators of the chip', async () => {
    for (const make of [spikeSourcePoisson, backgroundPoisson] as const) {
      const sim = setup();
      const input = sim.sources(2, make({ rate: 5e4 }), 'input');
      const copies = sim.population(2, bypassNeuron());
      sim.projection(input, copies, oneToOne(63));
      input.record('spikes');
      await sim.run(1e-3, 'append');
      input.set({ rate: 2e5 });
      await sim.run(1e-3, 'append');
      input.set({ duration: 2.5e-3 });
      await sim.run(1e-3);
      const { times } = input.getData().spikes;
      const [slow, fast, half, none] = [
        within(times, 0, 1e-3),
        within(times, 1e-3, 2e-3),
        within(times, 2e-3, 2.5e-3),
        within(times, 2.51e-3, 4e-3),
      ];
      expect(Math.abs(slow - 100)).toBeLessThan(40);
      expect(Math.abs(fast - 400)).toBeLessThan(80);
      expect(Math.abs(half - 200)).toBeLessThan(60);
      expect(none).toBe(0);
    }
  });

  test('a rate that stays the same draws the same spikes, however often it is set', async () => {
    const run = async (again: boolean): Promise<number[]> => {
      const sim = setup();
      const input = sim.sources(3, spikeSourcePoisson({ rate: 5e4 }), 'input');
      sim.projection(input, sim.population(1, lif()), allToAll(1));
      input.record('spikes');
      for (let k = 0; k < 3; k++) {
        if (again) input.set({ rate: 5e4 });
        await sim.run(0.2e-3, 'append');
      }
      await sim.run(0.2e-3);
      return [...input.getData().spikes.times];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test.each<[string, () => SourceCell, number, RegExp]>([
    ['lists', () => spikeSourceArray({ spikeTimes: [[1e-5], [2e-5]] }), 3, /2 lists for 3 sources/],
    ['times', () => spikeSourceArray({ spikeTimes: [-1e-5] }), 1, /-0.00001 s/],
    ['no number', () => spikeSourceArray({ spikeTimes: [NaN] }), 1, /NaN s/],
    ['rates', () => spikeSourcePoisson({ rate: [1, 2] }), 3, /2 values for 3 sources/],
    ['negative', () => spikeSourcePoisson({ rate: [1, -2] }), 2, /rate is -2/],
    ['start', () => spikeSourceRegular({ interval: 1e-5, start: -1 }), 1, /start is -1/],
  ])('refuse %s that do not fit', (_, cell, size, message) => {
    expect(() => setup().sources(size, cell())).toThrow(message);
  });

  test('refuse names and values that do not exist, and are as before then', () => {
    const input = setup().sources(2, spikeSourcePoisson({ rate: [1e3, 2e3] }));
    for (const [values, message] of [
      [{ rtae: 1 }, /Did you mean "rate"/],
      [{ rate: [1] }, /1 values for 2/],
      [{ start: 1e-3, rate: [1, 2, 3] }, /3 values for 2/],
      [{ interval: 1 }, /no parameter "interval"/],
    ] as const)
      expect(() => input.set(values)).toThrow(message);
    expect(() => input.view(0).set({ start: 1 })).toThrow(/one number for all/);
    expect([...input.get('rate'), ...input.get('start')]).toEqual([1e3, 2e3, 0, 0]);
    expect(() => input.getData()).toThrow(/not recorded/);
    expect(() => input.record('v')).toThrow(/spikes and nothing else/);
    const misspelt: object = { rates: 5 };
    expect(() => spikeSourcePoisson(misspelt as { rate: number })).toThrow(/"rate"/);
  });
});

describe('groups', () => {
  test('views of views and assemblies of assemblies count their members through', () => {
    const sim = setup();
    const a = sim.population(5, lif(), 'a');
    const b = sim.population(3, lif(), 'b');
    const input = sim.sources(2, spikeSourcePoisson({ rate: 1e3 }), 'input');
    expect(a.view(1, 5).view([0, 3]).indices).toEqual([1, 4]);
    const both = sim.assembly('both', sim.assembly('inner', a.view(0, 2), b), a.view(4));
    expect(both.size).toBe(6);
    both.set({ v_rest: (i) => 0.4 + 0.01 * i });
    expect([...a.get('v_rest')].map((v) => v.toFixed(2))).toEqual([
      '0.40',
      '0.41',
      '0.42',
      '0.42',
      '0.45',
    ]);
    expect(both.view([2, 5]).size).toBe(2);
    const mixed = sim.assembly('mixed', input, a);
    expect(sim.projection(mixed, b, allToAll(1)).size).toBe(21);
    expect(() => sim.projection(a, mixed, allToAll(1))).toThrow(/spike sources "input"/);
    expect(() => mixed.initialize({ v: 0.4 })).toThrow(/no membrane/);
  });

  test('an assembly is changed as a whole or not at all', () => {
    const sim = setup();
    const a = sim.population(2, adex({ tau_w: 80e-6 }), 'a');
    const both = sim.assembly('both', a, sim.population(1, lif(), 'b'));
    expect(() => both.set({ tau_w: 50e-6 })).toThrow(/tau_w/);
    expect(() => both.set({ v_rest: [0.4, 0.4] })).toThrow(/2 values for 3/);
    expect([...a.get('tau_w')]).toEqual([80e-6, 80e-6]);
  });

  test('a recording is settled when a run begins; asked twice it is made once', async () => {
    const sim = setup();
    const cells = sim.population(3, lif(), 'cells');
    cells.record(['spikes', 'v'], 1e-5);
    cells.record('v', 1e-5);
    cells.view(1).record('v', { device: 'madc' });
    await sim.run(0.1e-3);
    const { signals, madc } = cells.getData();
    expect(signals.v?.neurons).toEqual([0, 1, 2]);
    expect(signals.v?.values.length).toBe(30);
    expect(madc?.variable).toBe('v');
    expect(madc?.neurons).toEqual([1]);
    expect(madc?.times.length).toBeGreaterThan(100);
    expect(cells.view(1).getData().madc?.neurons).toEqual([0]);
    expect(cells.view(0).getData().madc).toBeUndefined();
    expect(() => cells.record('w', 1e-5)).toThrow(/before the first `run`/);
    await sim.reset();
    expect(() => cells.record('w', 1e-5)).not.toThrow();
  });

  test('all compartments of a neuron can be recorded in one run', async () => {
    const sim = setup();
    const neuron = sim.population(
      1,
      chainCompartments(lif({ v_thresh: 1.1 }), 3, { siemens: 1e-6 }),
    );
    const input = sim.sources(4, spikeSourceArray({ spikeTimes: [20e-6] }));
    sim.projection(input, neuron, allToAll(63), { compartment: '0' });
    for (const compartment of ['0', '1', '2'])
      neuron.record('v', { interval: 2.5e-6, compartment });
    await sim.run(60e-6);
    const { v } = neuron.getData().signals;
    expect(v?.compartments).toEqual(['0', '1', '2']);
    const peak = (k: number): number =>
      Math.max(...Array.from(v?.values ?? []).filter((_, i) => i % 3 === k)) - (v?.values[k] ?? 0);
    expect(peak(0)).toBeGreaterThan(1.2 * peak(1));
    expect(peak(1)).toBeGreaterThan(1.2 * peak(2));
  });

  test('sensors of all synapses on a population are recorded by its name', async () => {
    const sim = setup();
    const cells = sim.population(1, bypassNeuron());
    const one = sim.projection(
      sim.sources(1, spikeSourceRegular({ interval: 20e-6 })),
      cells,
      allToAll(63),
    );
    cells.record(['spikes', 'correlation'], 50e-6);
    await sim.run(0.2e-3);
    expect(one.getData()?.times.length).toBe(4);
    expect(one.getData()?.causal.at(-1)).toBeGreaterThan(5);
  });
});

describe('what cannot be done is said', () => {
  test('runs, weights and projections', async () => {
    const { lab, results } = makeLab();
    const sim = lab.setup({ settling: 0.1e-3 });
    const cells = sim.population(2, lif());
    const input = sim.sources(2, spikeSourceRegular({ interval: 1e-5 }));
    const projection = sim.projection(input, cells, allToAll(20));
    projection.set({
      weight: [
        [1, 2],
        [3, 4],
      ],
    });
    expect(projection.get('weight', 'array')).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(() => projection.set({ weight: [[1, 2]] })).toThrow(/1 x 2 entries/);
    await expect(sim.run(1e-9)).rejects.toThrow(/8 ns or more/);
    await expect(sim.run(50)).rejects.toThrow(/up to 32 s/);
    const mode: string = 'prepare';
    await expect(sim.run(1e-4, mode as 'append')).rejects.toThrow(/no mode "prepare"/);
    const delayed: object = { delay: 1e-3 };
    expect(() => sim.projection(input, cells, allToAll(1), delayed)).toThrow(/Delays do not exist/);
    expect(() => cells.sample(5, lab.stream('init', 'x'))).toThrow(/2 members/);
    const unknown: object = { w: 1 };
    expect(() => cells.initialize(unknown as { v: number })).toThrow(/"w"/);
    await sim.run(50e-6);
    projection.set({ weight: 100 });
    await expect(sim.run(50e-6)).rejects.toThrow(/weight 100 .* rows, which hold 63/);
    projection.set({ weight: 5 });
    const never = sim.at(1, () => {});
    await sim.end();
    expect((await never).length).toBe(0);
    expect(results.warnings.join()).toMatch(/1 hooks from 1 s on never came/);
    await sim.reset();
    await sim.run(1e-4, 'append');
    lab.finish();
    expect(results.warnings.join()).toMatch(/never executed/);
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['a parameter', () => lif({ tau: 1 } as object), /Did you mean "tau_m"/],
  ['a code', () => lif({}, { v_laek: 1 } as object), /Did you mean "v_leak"/],
  ['a value of a code', () => lif({}, { v_leak: 2000 }), /v_leak is 2000[\s\S]*0..1022/],
  ['a switch', () => hxNeuron({ en_leak_mul: 2 }), /en_leak_mul is 2[\s\S]*0..1/],
  ['a capacitor', () => hxNeuron({ mem_cap_size: 20.5 }), /mem_cap_size is 20.5/],
  ['adaptation', () => adex({ tauw: 1 } as object), /Did you mean "tau_w"/],
  ['reversal', () => cobaLif({ e_rev: 1 } as object), /Did you mean "e_rev_E"/],
])('cells refuse %s that does not exist', (_, make, message) => {
  expect(make).toThrow(message);
});

test('model time has a type of its own', async () => {
  expect(onChip(modelTime(10e-3))).toBeCloseTo(10e-6, 12);
  expect(onChip(modelRate(8))).toBe(8000);
  expect(inModel(20e-6).modelSeconds).toBeCloseTo(20e-3, 9);
  const sim = setup();
  sim.population(1, lif());
  // @ts-expect-error model time is no hardware time
  await expect(sim.run(modelTime(1))).rejects.toThrow(/hardware time/);
  // @ts-expect-error nor the other way round
  expect(() => onChip(10e-6)).toThrow(/hardware time already/);
  const time: ModelTime = modelTime(1);
  // @ts-expect-error model time cannot be counted with
  expect(() => lif({ tau_m: time })).toThrow(/tau_m/);
});
