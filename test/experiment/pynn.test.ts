/** Small programs as a user of PyNN writes them, translated call by call: what each is known to show must come out. */
import { describe, expect, test } from 'vitest';
import {
  adex,
  allButOne,
  allToAll,
  backgroundPoisson,
  bypassNeuron,
  cadc,
  cobaLif,
  fixedNumberPost,
  fixedNumberPre,
  fixedProbability,
  fromArray,
  fromList,
  hxNeuron,
  joinCircuits,
  lif,
  oneToOne,
  spikeSourceArray,
  spikeSourcePoisson,
  spikeSourceRegular,
} from '../../index.js';
import type { Session } from '../../index.js';
import { makeLab } from './lab.js';

const setup = (): Session => makeLab().lab.setup({ settling: 0.1e-3 });
const sum = (list: ArrayLike<number>): number => Array.from(list).reduce((a, b) => a + b, 0);
const close = (value: number | undefined, wanted: number, within: number): void =>
  expect(Math.abs((value ?? NaN) - wanted)).toBeLessThanOrEqual(within);
/** A strong input: 5 sources that fire together make a neuron of point A fire. */
const volley = (sim: Session, times: number[], size = 5) =>
  sim.sources(size, spikeSourceArray({ spikeTimes: times }));

describe('PyNN programs', () => {
  test('1: a neuron at rest shows its leak potential', async () => {
    const sim = setup();
    const cell = sim.population(1, lif({ v_rest: cadc(90) }));
    cell.record('v', 10e-6);
    await sim.run(0.1e-3);
    const { v } = cell.getData().signals;
    for (const value of v?.values ?? [NaN]) close(value, cadc(90), 0.003);
    expect(cell.getSpikeCounts()).toEqual([0]);
  });

  test('2: leak over threshold fires regularly, at the rate of the f-I curve', async () => {
    const sim = setup();
    const cell = sim.population(1, lif({ v_rest: cadc(150) }));
    await sim.run(1e-3);
    const { times } = cell.getData().spikes;
    const gaps = Array.from(times.subarray(2), (t, i) => t - (times[i + 1] ?? 0));
    for (const gap of gaps) close(gap, gaps[0] ?? NaN, 20e-9);
    // 2 us + 10 us ln((150 - 70) / (150 - 125))
    close(gaps[0], 2e-6 + 10e-6 * Math.log(80 / 25), 0.4e-6);
  });

  test('3: parameters of a population are set and read in SI units, one for all or one each', async () => {
    const sim = setup();
    const cells = sim.population(3, lif());
    cells.set({ tau_m: 20e-6, v_rest: [cadc(80), cadc(140), cadc(170)] });
    expect(Array.from(cells.get('tau_m'))).toEqual([20e-6, 20e-6, 20e-6]);
    expect(cells.get('v_rest')[2]).toBe(cadc(170));
    await sim.run(0.5e-3);
    const [silent = 0, slow = 0, fast = 0] = cells.getSpikeCounts();
    expect(silent).toBe(0);
    expect(slow).toBeGreaterThan(0);
    expect(fast).toBeGreaterThan(slow);
  });

  test('4: raw codes win over parameters that are set afterwards', () => {
    const cells = setup().population(2, lif());
    cells.view(0).set({ v_threshold: 400, mem_cap_size: 30 });
    cells.set({ v_thresh: cadc(130), tau_m: 12e-6 });
    expect(cells.get('v_threshold')[0]).toBe(400);
    expect(cells.get('mem_cap_size')[0]).toBe(30);
    expect(cells.get('v_threshold')[1]).toBe(lif({ v_thresh: cadc(130) }).codes.v_threshold);
    expect(() => cells.set({ tau_q: 1 })).toThrow(/tau_m/);
    expect(() => cells.set({ v_leak: [1, 2, 3] })).toThrow(/v_leak has 3 values for 2 neurons/);
    expect(() => cells.set({ tau_m: 1 })).toThrow(/tau_m would need code/);
    expect(cells.get('tau_m')[0]).toBe(12e-6);
  });

  test('5: PSPs of both signs add and grow with the weight', async () => {
    const heights: number[] = [];
    for (const weight of [20, 40, 60]) {
      const sim = setup();
      const cell = sim.population(1, lif());
      const up = volley(sim, [20e-6], 1);
      const down = volley(sim, [120e-6], 1);
      sim.projection(up, cell, allToAll(), { weight, receptor: 'excitatory' });
      sim.projection(down, cell, allToAll(), { weight, receptor: 'inhibitory' });
      cell.record('v', 2.5e-6);
      await sim.run(0.2e-3);
      const { values = [] } = cell.getData().signals.v ?? {};
      heights.push(Math.max(...values) - cadc(80), cadc(80) - Math.min(...values));
    }
    const [e1 = 0, i1 = 0, e2 = 0, i2 = 0, e3 = 0, i3 = 0] = heights;
    expect(e1 < e2 && e2 < e3 && i1 < i2 && i2 < i3).toBe(true);
    close(e3 / e1, 3, 0.6);
  });

  test('6: a volley of five makes its target fire once, one source alone does not', async () => {
    const sim = setup();
    const cells = sim.population(2, lif());
    sim.projection(volley(sim, [50e-6]), cells.view(0), allToAll(63));
    sim.projection(volley(sim, [50e-6], 1), cells.view(1), allToAll(63));
    await sim.run(0.2e-3);
    const [strong = 0, weak] = cells.getSpikeCounts();
    expect(strong).toBeGreaterThan(0);
    expect(weak).toBe(0);
  });

  test('7: one to one keeps channels apart', async () => {
    const sim = setup();
    const source = sim.sources(4, spikeSourceArray({ spikeTimes: [[1e-5], [3e-5], [5e-5], []] }));
    const cells = sim.population(4, bypassNeuron());
    sim.projection(source, cells, oneToOne(63));
    await sim.run(0.1e-3);
    expect(cells.getSpikeCounts()).toEqual([1, 1, 1, 0]);
    expect(Array.from(cells.getData().spikes.neurons)).toEqual([0, 1, 2]);
  });

  test('8: lists and arrays of synapses', async () => {
    const sim = setup();
    const source = volley(sim, [30e-6], 2);
    const cells = sim.population(3, bypassNeuron());
    const list = sim.projection(source, cells, fromList([{ source: 0, target: 2, weight: 63 }]));
    const array = sim.projection(
      source,
      cells,
      fromArray([
        [null, null, null],
        [63, 0, null],
      ]),
    );
    await sim.run(0.1e-3);
    expect(cells.getSpikeCounts()).toEqual([1, 0, 1]);
    expect(list.get('weight', 'list')).toEqual([[0, 2, 63]]);
    expect(array.get('weight', 'array')).toEqual([
      [NaN, NaN, NaN],
      [63, 0, NaN],
    ]);
  });

  test('9: random connectors draw what they say, again the same for the same stream', () => {
    const { lab } = makeLab();
    const draw = (): number[][] => {
      const sim = lab.setup();
      const source = sim.sources(20, spikeSourcePoisson({ rate: 1e4 }));
      const cells = sim.population(10, lif());
      return [
        fixedProbability(0.3, lab.stream('init', 'p'), 5),
        fixedNumberPre(4, lab.stream('init', 'pre'), 5),
        fixedNumberPost(3, lab.stream('init', 'post'), 5),
      ].map((connector) =>
        sim
          .projection(source, cells, connector)
          .get('weight')
          .map(([s, t]) => 100 * s + t),
      );
    };
    const [p = [], pre = [], post = []] = draw();
    expect(draw()).toEqual([p, pre, post]);
    close(p.length, 60, 25);
    expect(pre).toHaveLength(40);
    expect(post).toHaveLength(60);
  });

  test('10: Poisson input has its rate; its trains are recorded by what bypassed neurons do', async () => {
    const sim = setup();
    const source = sim.sources(8, spikeSourcePoisson({ rate: 2e4, start: 0.5e-3, duration: 1e-3 }));
    const cells = sim.population(8, bypassNeuron());
    sim.projection(source, cells, oneToOne(63));
    await sim.run(2e-3);
    const { times } = cells.getData().spikes;
    close(times.length, 160, 45);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(0.5e-3);
    expect(Math.max(...times)).toBeLessThan(1.51e-3);
  });

  test('11: excitation against inhibition', async () => {
    const counts: number[] = [];
    for (const inhibition of [0, 40]) {
      const sim = setup();
      const cell = sim.population(1, lif());
      sim.projection(sim.sources(20, spikeSourcePoisson({ rate: 3e4 })), cell, allToAll(40));
      sim.projection(
        sim.sources(20, spikeSourcePoisson({ rate: 3e4 })),
        cell,
        allToAll(inhibition),
        {
          receptor: 'inhibitory',
        },
      );
      await sim.run(1e-3);
      counts.push(sum(cell.getSpikeCounts()));
    }
    expect(counts[0]).toBeGreaterThan(10);
    expect(counts[1]).toBeLessThan(0.5 * (counts[0] ?? 0));
  });

  test('12: a chain of populations passes a volley on', async () => {
    const sim = setup();
    const layers = [0, 1, 2].map((k) => sim.population(6, lif(), `layer ${k}`));
    const [first, second, third] = layers;
    if (!first || !second || !third) throw new Error('three layers');
    sim.projection(volley(sim, [20e-6], 6), first, allToAll(63));
    sim.projection(first, second, allToAll(63));
    sim.projection(second, third, allToAll(63));
    await sim.run(0.2e-3);
    const begin = layers.map((layer) => layer.getData().spikes.times[0] ?? NaN);
    expect((begin[0] ?? NaN) < (begin[1] ?? NaN) && (begin[1] ?? NaN) < (begin[2] ?? NaN)).toBe(
      true,
    );
  });

  test('13: winner take all by lateral inhibition', async () => {
    const sim = setup();
    const cells = sim.population(4, lif());
    const rates = [2e4, 2e4, 6e4, 2e4];
    rates.forEach((rate, k) =>
      sim.projection(sim.sources(10, spikeSourcePoisson({ rate })), cells.view(k), allToAll(35)),
    );
    sim.projection(cells, cells, allButOne(60), { receptor: 'inhibitory' });
    await sim.run(1e-3);
    const counts = cells.getSpikeCounts();
    expect(counts.indexOf(Math.max(...counts))).toBe(2);
  });

  test('14: views, samples and assemblies are groups like any other', async () => {
    const { lab } = makeLab();
    const sim = lab.setup({ settling: 0.1e-3 });
    const a = sim.population(4, lif(), 'a');
    const b = sim.population(2, lif(), 'b');
    const both = sim.assembly('both', a, b);
    both.set({ v_rest: cadc(80) });
    a.view([1, 3]).set({ v_rest: cadc(150) });
    const some = a.sample(2, lab.stream('init', 'some'));
    expect(some.size).toBe(2);
    await sim.run(0.2e-3);
    const counts = both.getSpikeCounts();
    expect(counts.filter((n) => n > 0)).toHaveLength(2);
    expect(a.view([3, 1]).getSpikeCounts()).toEqual([counts[3], counts[1]]);
    expect(a.view([0, 1]).getData().spikes.times).toHaveLength(counts[1] ?? -1);
    expect(sum(b.getSpikeCounts())).toBe(0);
  });

  test('15: initial values, and what is recorded of some neurons only', async () => {
    const sim = setup();
    const cells = sim.population(3, lif({ tau_m: 20e-6 }));
    cells.initialize({ v: [cadc(60), cadc(80), cadc(110)] });
    cells.view([0, 2]).record('v', 5e-6);
    await sim.run(0.1e-3);
    const { v } = cells.getData().signals;
    expect(v?.neurons).toEqual([0, 2]);
    const own = cells.view(2).getData().signals.v;
    expect(own?.neurons).toEqual([0]);
    expect(own?.values[0]).toBeGreaterThan(cadc(95));
    expect(v?.values[0]).toBeLessThan(cadc(72));
    close(own?.values.at(-1), cadc(80), 0.01);
  });

  test('16: weights change between runs, and runs go on where the last one ended', async () => {
    const sim = setup();
    const cell = sim.population(1, bypassNeuron());
    const source = sim.sources(1, spikeSourceRegular({ interval: 10e-6 }));
    const projection = sim.projection(source, cell, allToAll(), { weight: 0 });
    await sim.run(0.1e-3);
    projection.set({ weight: 63 });
    await sim.run(0.1e-3);
    projection.set({ weight: 0 });
    await sim.run(0.1e-3);
    const { times } = cell.getData().spikes;
    close(times.length, 10, 1);
    expect(Math.min(...times)).toBeGreaterThan(0.099e-3);
    expect(Math.max(...times)).toBeLessThan(0.202e-3);
    expect(sim.now).toBeCloseTo(0.3e-3, 9);
  });

  test('17: reset begins anew at time 0 with the same network', async () => {
    const sim = setup();
    const cell = sim.population(1, lif({ v_rest: cadc(150) }));
    await sim.run(0.3e-3);
    const first = Array.from(cell.getData().spikes.times);
    await sim.reset();
    expect(sim.now).toBe(0);
    await sim.run(0.3e-3);
    expect(Array.from(cell.getData().spikes.times)).toEqual(first);
  });

  test('18: conductance-based inputs stop at their reversal potential', async () => {
    const sim = setup();
    const silent = { v_thresh: 1.1 };
    const coba = sim.population(1, cobaLif({ ...silent, e_rev_E: cadc(130) }));
    const cuba = sim.population(1, lif(silent));
    const source = sim.sources(10, spikeSourceRegular({ interval: 5e-6 }));
    for (const cell of [coba, cuba]) {
      sim.projection(source, cell, allToAll(8));
      cell.record('v', 10e-6);
    }
    await sim.run(0.3e-3);
    const last = (cell: typeof coba): number => cell.getData().signals.v?.values.at(-1) ?? NaN;
    expect(last(coba)).toBeLessThan(cadc(131));
    expect(last(coba)).toBeGreaterThan(cadc(100));
    expect(last(cuba)).toBeGreaterThan(cadc(150));
  });

  test('19: spike-frequency adaptation lengthens intervals; its current is recorded', async () => {
    const sim = setup();
    const cell = sim.population(1, adex({ tau_w: 50e-6, b: 5e-9 }));
    cell.set({ tau_w: 100e-6, b: 10e-9, i_mem_offset: 350 });
    expect(cell.get('tau_w')[0]).toBe(100e-6);
    cell.record('w', 10e-6);
    await sim.run(0.1e-3, 'append');
    cell.set({ en_mem_off: 1 });
    await sim.run(0.5e-3);
    const { spikes, signals } = cell.getData();
    const gaps = Array.from(spikes.times.subarray(1), (t, i) => t - (spikes.times[i] ?? 0));
    expect(gaps.at(-1)).toBeGreaterThan(1.3 * (gaps[0] ?? Infinity));
    expect(signals.w?.values.at(-1)).toBeGreaterThan((signals.w?.values[0] ?? NaN) + 0.03);
  });

  test('20: a constant current is a step between appended runs', async () => {
    const sim = setup();
    const cell = sim.population(1, lif());
    await sim.run(0.1e-3, 'append');
    cell.set({ i_mem_offset: 250, en_mem_off: 1 });
    await sim.run(0.3e-3, 'append');
    cell.set({ en_mem_off: 0 });
    await sim.run(0.1e-3);
    const { times } = cell.getData().spikes;
    expect(times.length).toBeGreaterThan(5);
    expect(Math.min(...times)).toBeGreaterThan(0.1e-3);
    expect(Math.max(...times)).toBeLessThan(0.41e-3);
  });

  test("21: a source on the chip, neurons of several circuits, and a neuron in the chip's own terms", async () => {
    const sim = setup();
    const noise = sim.sources(16, backgroundPoisson({ rate: 5e4 }));
    const plain = sim.population(1, lif());
    const large = sim.population(1, joinCircuits(lif(), 2));
    const raw = sim.population(1, hxNeuron({ v_leak: 900, v_threshold: 300, en_thresh_comp: 1 }));
    sim.projection(noise, plain, allToAll(50));
    sim.projection(noise, large, allToAll(50));
    await sim.run(1e-3);
    const [one = 0] = plain.getSpikeCounts();
    const [two = 0] = large.getSpikeCounts();
    expect(one).toBeGreaterThan(10);
    // Twice the membrane: the same input drives it less.
    expect(two).toBeLessThan(one);
    expect(sum(raw.getSpikeCounts())).toBeGreaterThan(50);
    expect(() => raw.set({ tau_m: 1e-5 })).toThrow(/tau_m/);
  });
});
