import { expect, test } from 'vitest';
import {
  allToAll,
  backgroundPoisson,
  backgroundRegular,
  bypassNeuron,
  cadc,
  chainCompartments,
  fromList,
  hxNeuron,
  joinCircuits,
  lif,
  oneToOne,
  operatingPoints,
  spikeSourceArray,
  spikeSourcePoisson,
  spikeSourceRegular,
} from '../../experiment/index.js';
import { addressOf } from '../../isa/registers/registers.js';
import { makeLab } from './lab.js';

const silent = lif({ ...operatingPoints.A, v_thresh: cadc(200) });

test('a chain of neurons passes one event on, neuron by neuron, also across the halves of the chip', async () => {
  const sim = makeLab().lab.setup({ settling: 1e-3 });
  const input = sim.sources(1, spikeSourceArray({ spikeTimes: [20e-6] }));
  const first = sim.population(4, bypassNeuron(), 'top', { hemisphere: 0 });
  const second = sim.population(4, bypassNeuron(), 'bottom', { hemisphere: 1 });
  sim.projection(input, first, fromList([{ source: 0, target: 0, weight: 63 }]));
  sim.projection(first, second, oneToOne(63));
  sim.projection(
    second,
    first,
    fromList([0, 1, 2].map((source) => ({ source, target: source + 1, weight: 63 }))),
  );
  await sim.run(40e-6);
  const top = first.getData().spikes;
  const bottom = second.getData().spikes;
  expect(Array.from(top.neurons)).toEqual([0, 1, 2, 3]);
  expect(Array.from(bottom.neurons)).toEqual([0, 1, 2, 3]);
  const merged = [...top.times].flatMap((t, i) => [t, bottom.times[i] ?? 0]);
  // Each way from neuron to neuron takes 152 ns: 38 cycles to the synapse, and the spike.
  merged.slice(1).forEach((t, i) => {
    expect((t - (merged[i] ?? 0)) * 1e9).toBeGreaterThan(100);
    expect((t - (merged[i] ?? 0)) * 1e9).toBeLessThan(250);
  });
});

test('signed weights move the membrane both ways, and can change sign between snippets', async () => {
  const sim = makeLab().lab.setup({ settling: 1e-3 });
  const input = sim.sources(
    2,
    spikeSourceArray({
      spikeTimes: [
        [50e-6, 250e-6],
        [150e-6, 350e-6],
      ],
    }),
  );
  const neuron = sim.population(1, silent);
  const synapses = sim.projection(input, neuron, allToAll(), {
    receptor: 'signed',
    weight: (source) => (source === 0 ? 63 : -40),
  });
  neuron.record('v', 5e-6);
  await sim.run(200e-6, 'append');
  synapses.set({ weight: [-63, 63] });
  await sim.run(200e-6);
  const { times, values } = neuron.getData().signals.v ?? { times: [], values: [] };
  const swing = (from: number): number => {
    const part = Array.from(values).filter(
      (_, i) => (times[i] ?? 0) > from && (times[i] ?? 0) < from + 40e-6,
    );
    const [low, high] = [Math.min(...part), Math.max(...part)];
    return Math.round(((high - cadc(80) > cadc(80) - low ? high : low) - cadc(80)) / 4.5e-3);
  };
  expect([50e-6, 150e-6, 250e-6, 350e-6].map(swing)).toEqual([14, -9, -14, 14]);
  expect(synapses.get('weight', 'array')).toEqual([[-63], [63]]);
});

test('cutting a run into pieces, appended or executed, changes no spike', async () => {
  const run = async (cuts: readonly ('append' | 'execute')[]): Promise<number[]> => {
    const sim = makeLab().lab.setup({ settling: 1e-3 });
    const input = sim.sources(20, spikeSourcePoisson({ rate: 30e3 }));
    const neurons = sim.population(5, lif());
    sim.projection(input, neurons, allToAll(20));
    for (const mode of cuts) await sim.run(1e-3 / cuts.length, mode);
    return Array.from(neurons.getData().spikes.times);
  };
  const whole = await run(['execute']);
  expect(whole.length).toBeGreaterThan(20);
  expect(await run(['append', 'append', 'append', 'execute'])).toEqual(whole);
  expect(await run(['execute', 'execute'])).toEqual(whole);
});

test('a hook acts at its time and its reads are answered', async () => {
  const sim = makeLab().lab.setup({ settling: 1e-3 });
  const input = sim.sources(1, spikeSourceRegular({ interval: 5e-6 }));
  const neuron = sim.population(1, bypassNeuron());
  sim.projection(input, neuron, allToAll(63));
  const { row, column } = sim.placement.projections[0]?.synapses[0] ?? { row: -1, column: -1 };
  expect([row, column]).toEqual([0, 0]);
  const address = addressOf('SynapseWeightQuad', [0, 0, 0]);
  const answer = sim.at(102e-6, (writer) => {
    writer.read(address);
    writer.write(address, 0);
    writer.read(address);
  });
  await sim.run(200e-6);
  expect(Array.from(await answer)).toEqual([0x3f000000, 0]);
  const { times } = neuron.getData().spikes;
  expect(times.length).toBe(21);
  expect(Math.max(...times)).toBeLessThan(101e-6);
  expect(() => sim.at(1e-6, () => {})).toThrow(/lies in the past/);
});

test('membranes begin where they are told to', async () => {
  const sim = makeLab().lab.setup({ settling: 1e-3 });
  const neurons = sim.population(3, silent);
  neurons.initialize({ v: [cadc(40), cadc(80), cadc(120)] });
  neurons.record('v', 5e-6);
  await sim.run(50e-6);
  const { values, codes } = neurons.getData().signals.v ?? { values: [], codes: [] };
  expect(
    Array.from(codes.slice(0, 3), (code, i) => Math.abs(code - [40, 80, 120][i]!) <= 1),
  ).toEqual([true, true, true]);
  // After 10 us, 1/e of the distance is left.
  expect(((values[6] ?? 0) - cadc(80)) / (cadc(40) - cadc(80))).toBeCloseTo(Math.exp(-1), 1);
  expect(((values[8] ?? 0) - cadc(80)) / (cadc(120) - cadc(80))).toBeCloseTo(Math.exp(-1), 1);
});

test('background generators of the chip drive neurons at their rate and time', async () => {
  const sim = makeLab().lab.setup({ settling: 1e-3 });
  const regular = sim.sources(
    1,
    backgroundRegular({ rate: 100e3, start: 100e-6, duration: 500e-6 }),
    'regular',
  );
  const random = sim.sources(16, backgroundPoisson({ rate: 50e3, record: true }), 'random');
  const clock = sim.population(1, bypassNeuron());
  const copies = sim.population(16, bypassNeuron());
  sim.projection(regular, clock, allToAll(63));
  sim.projection(random, copies, oneToOne(63));
  await sim.run(2e-3);
  const ticks = Array.from(clock.getData().spikes.times);
  expect(ticks.length).toBe(50);
  expect(ticks[0]).toBeGreaterThan(109e-6);
  expect(ticks.slice(1).every((t, i) => Math.abs(t - (ticks[i] ?? 0) - 10e-6) < 1e-8)).toBe(true);
  const { neurons } = copies.getData().spikes;
  const counts = Array.from({ length: 16 }, (_, i) => neurons.filter((n) => n === i).length);
  // 100 expected in each.
  expect(Math.min(...counts)).toBeGreaterThan(60);
  expect(Math.max(...counts)).toBeLessThan(140);
});

test('a neuron of several circuits takes several sources per row and moves less', async () => {
  const peak = async (count: number): Promise<number> => {
    const sim = makeLab().lab.setup({ settling: 1e-3 });
    const input = sim.sources(4, spikeSourceArray({ spikeTimes: [[20e-6], [], [], []] }));
    const neuron = sim.population(1, joinCircuits(silent, count));
    sim.projection(input, neuron, allToAll(63));
    expect(sim.placement.used.rows).toBe(4 / count);
    neuron.record('v', 2.5e-6);
    await sim.run(60e-6);
    return Math.max(...(neuron.getData().signals.v?.values ?? [])) - cadc(80);
  };
  const [one, four] = [await peak(1), await peak(4)];
  expect(one / four).toBeGreaterThan(3.5);
  expect(one / four).toBeLessThan(5.1);
});

test('along a chain of compartments potentials fall and come later', async () => {
  const peaks: number[] = [];
  for (const compartment of ['0', '1', '2']) {
    const sim = makeLab().lab.setup({ settling: 1e-3 });
    const input = sim.sources(1, spikeSourceArray({ spikeTimes: [20e-6] }));
    const neuron = sim.population(1, chainCompartments(silent, 3, { conductance: 200 }));
    sim.projection(input, neuron, allToAll(126));
    neuron.record('v', { interval: 2.5e-6, compartment });
    await sim.run(80e-6);
    const { values } = neuron.getData().signals.v ?? { values: new Float64Array(0) };
    peaks.push(Math.max(...values) - cadc(80));
  }
  expect(peaks[0]).toBeGreaterThan((peaks[1] ?? 0) * 1.2);
  expect(peaks[1]).toBeGreaterThan((peaks[2] ?? 0) * 1.2);
  expect(peaks[2]).toBeGreaterThan(0.004);
});

test('sensors recorded by the host rise with every pair', async () => {
  const sim = makeLab().lab.setup({ settling: 1e-3 });
  const spikes = Array.from({ length: 10 }, (_, i) => 105e-6 + i * 50e-6);
  const teacher = sim.sources(
    1,
    spikeSourceArray({ spikeTimes: spikes.map((t) => t + 2e-6) }),
    'teacher',
  );
  const input = sim.sources(1, spikeSourceArray({ spikeTimes: spikes }), 'input');
  const neuron = sim.population(1, bypassNeuron());
  sim.projection(teacher, neuron, allToAll(63));
  const watched = sim.projection(input, neuron, allToAll(1));
  watched.record('correlation', 100e-6);
  await sim.run(700e-6);
  const { causal, acausal } = watched.getData() ?? { causal: [], acausal: [] };
  expect(causal.length).toBe(7);
  // 1.94 counts * exp(-2/10) a pair, two pairs an interval.
  expect(Math.abs((causal[6] ?? 0) - 10 * 1.94 * Math.exp(-0.2))).toBeLessThan(1.5);
  expect(Math.max(...acausal)).toBeLessThan(2);
});

test('two rules on one processor and one on the other change their own synapses only', async () => {
  const rule = (name: string, step: number): string =>
    `rule ${name} { param change in [-8, 8] step 1 = ${step} every 200 us { each synapse { w += change } } }`;
  const { lab } = makeLab({ 'up.plast': rule('up', 1), 'down.plast': rule('down', -1) });
  const sim = lab.setup({ settling: 1e-3 });
  const input = sim.sources(4, spikeSourceArray({ spikeTimes: [] }));
  const top = sim.population(2, lif(), 'top', { hemisphere: 0 });
  const other = sim.population(2, lif(), 'other', { hemisphere: 0 });
  const bottom = sim.population(2, lif(), 'bottom', { hemisphere: 1 });
  const up = sim.projection(input, top, allToAll(20), { rule: lab.rule('up.plast') });
  const down = sim.projection(input, other, allToAll(20), { rule: lab.rule('down.plast') });
  const twice = sim.projection(input, bottom, allToAll(20), {
    rule: lab.rule('up.plast', { parameters: { change: 2 } }),
  });
  await sim.run(1.1e-3);
  const weights = (p: typeof up): number[] => [
    ...new Set(p.connections.map(({ weight }) => weight)),
  ];
  expect([up, down, twice].map(weights)).toEqual([[25], [15], [30]]);
  const { logs } = await sim.end();
  expect(logs.map(({ executions, missed }) => [executions, missed])).toEqual([
    [10, 0],
    [5, 0],
  ]);
});

test('raw codes are known by the names of the parameter memory; reset begins anew', async () => {
  const sim = makeLab().lab.setup({ settling: 1e-3 });
  const neurons = sim.population(2, hxNeuron({ v_leak: 700, i_bias_leak: 1022 }));
  neurons.record('v', 10e-6);
  await sim.run(50e-6);
  const before = neurons.getData().signals.v?.values.slice(-2) ?? [];
  await sim.reset();
  expect(sim.now).toBe(0);
  neurons.view(1).set({ v_leak: 800 });
  expect(Array.from(neurons.get('v_leak'))).toEqual([700, 800]);
  await sim.run(50e-6);
  const after = neurons.getData().signals.v?.values.slice(-2) ?? [];
  expect(after[0]).toBe(before[0]);
  expect(((after[1] ?? 0) - (before[1] ?? 0)) * 1000).toBeCloseTo(187.5, -1);
  expect(() => neurons.set({ v_laek: 1 })).toThrow(/Did you mean "v_leak"/);
  expect(() => neurons.set({ v_leak: 1024 })).toThrow(/0..1022/);
});
