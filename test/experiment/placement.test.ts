import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  Assembly,
  ExperimentError,
  Network,
  allToAll,
  backgroundPoisson,
  countResources,
  describeResources,
  drawPlacement,
  fixedNumberPost,
  fixedNumberPre,
  fixedProbability,
  fromArray,
  joinCircuits,
  lif,
  oneToOne,
  placeNetwork,
  runPartitioned,
} from '../../experiment/index.js';
import type { Placement } from '../../experiment/index.js';
import { driverOfRow, rowSelectOfDriver } from '../../isa/registers/coordinates.js';
import { Stream } from '../../isa/numeric/random.js';
import { makeLab } from './lab.js';

/** Synapses that an event reaches: bus, hemisphere, row select and label must agree with the driver. */
function reached(
  placement: Placement,
  event: { bus: number; halves: readonly number[]; rowSelect: number; label: number },
): { projection: string; hemisphere: number; row: number; column: number }[] {
  return placement.projections.flatMap(({ projection, synapses }) =>
    synapses
      .filter(({ hemisphere, row, label }) => {
        const driver = driverOfRow(row);
        const mask =
          placement.halves.find((half) => half.hemisphere === hemisphere)?.driverMasks[driver] ??
          31;
        return (
          event.halves.includes(hemisphere) &&
          driver % 4 === event.bus &&
          (rowSelectOfDriver(driver) & mask) === (event.rowSelect & mask) &&
          label === event.label
        );
      })
      .map(({ hemisphere, row, column }) => ({
        projection: projection.name,
        hemisphere,
        row,
        column,
      })),
  );
}

test('recurrent events reach exactly their own synapses, on both halves, beside host sources', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      (a, b, inputs, signed) => {
        const network = new Network();
        const first = network.addPopulation('first', a, lif(), { hemisphere: 0 });
        const second = network.addPopulation('second', b, lif(), { hemisphere: 1 });
        const input = network.addSources('input', inputs);
        const stream = new Stream(a + 100 * b, 'wiring');
        network.project(input, second, allToAll(5), { name: 'in' });
        network.project(first, second, fixedProbability(0.3, stream, signed ? -7 : 7), {
          name: 'forth',
          receptor: signed ? 'signed' : 'excitatory',
        });
        network.project(second, first, allToAll(9), { name: 'back', receptor: 'inhibitory' });
        network.project(first, first, oneToOne(3), { name: 'self' });
        const placement = placeNetwork(network);
        const { routing } = placement;
        for (const [population, neurons] of placement.neurons)
          neurons.forEach((neuron, index) => {
            const address = routing.addressOf.get(neuron) ?? 0;
            const filtered = (address & routing.busFilter.mask) === routing.busFilter.target;
            const found = reached(placement, {
              bus: neuron.output & 3,
              halves: [0, 1].filter(
                (h) => filtered && routing.toSynapses[neuron.output]?.[h as 0 | 1],
              ),
              rowSelect: 4 * neuron.output + (address >> 6),
              label: address & 63,
            });
            const wanted = placement.projections.flatMap(({ projection, synapses, synapsesOf }) =>
              projection.source === population
                ? projection.connections.flatMap(({ source }, k) =>
                    source === index
                      ? (synapsesOf[k] ?? []).map((i) => ({
                          projection: projection.name,
                          hemisphere: synapses[i]?.hemisphere,
                          row: synapses[i]?.row,
                          column: synapses[i]?.column,
                        }))
                      : [],
                  )
                : [],
            );
            const sort = (list: readonly object[]): string[] =>
              list.map((s) => JSON.stringify(s)).sort();
            expect(sort(found)).toEqual(sort(wanted));
          });
        const events = placement.events.get(input) ?? [];
        events.forEach((labels, source) => {
          const found = labels.flatMap((label) =>
            reached(placement, {
              bus: label >> 14,
              halves: [(label >> 13) & 1],
              rowSelect: (label >> 6) & 31,
              label: label & 63,
            }),
          );
          expect(found.every(({ projection }) => projection === 'in')).toBe(true);
          expect(found.length, `source ${source}`).toBe(b);
        });
        const places = placement.projections.flatMap(({ synapses }) =>
          synapses.map(({ hemisphere, row, column }) => `${hemisphere} ${row} ${column}`),
        );
        expect(new Set(places).size).toBe(places.length);
        const addresses = [...placement.neurons.values()]
          .flat()
          .map((n) => (n.output << 8) | (routing.addressOf.get(n) ?? 0));
        expect(new Set(addresses).size).toBe(addresses.length);
      },
    ),
    { numRuns: 15 },
  );
});

test('populations fill one half, then the other; layers that share too many rows move apart', () => {
  const network = new Network();
  network.addPopulation('large', 200, lif());
  network.addPopulation('next', 100, lif());
  expect([...placeNetwork(network).neurons.values()].map((n) => n[0]?.hemisphere)).toEqual([0, 1]);

  const layers = new Network();
  const [a, b] = [layers.addPopulation('a', 4, lif()), layers.addPopulation('b', 4, lif())];
  layers.project(layers.addSources('to a', 200), a, allToAll(1), { rule: rule('r') });
  layers.project(layers.addSources('to b', 200), b, allToAll(1), { rule: rule('s') });
  const placement = placeNetwork(layers);
  expect(placement.projections.map(({ blocks }) => blocks[0]?.hemisphere)).toEqual([0, 1]);
});

const rule = (name: string) => ({
  file: `${name}.plast`,
  text: '',
  parameters: {},
  baseline: 'synapse' as const,
});

test('unusable neurons are left out, and what does not fit says which resource and how much', () => {
  const network = new Network();
  network.addPopulation('all', 500, lif());
  const unusable = new Set([0, 2, 300]);
  const { neurons } = placeNetwork(network, { unusable });
  const used = [...neurons.values()]
    .flat()
    .flatMap(({ circuits }) => circuits.map((c) => c.neuron));
  expect(used.some((n) => unusable.has(n))).toBe(false);
  expect(new Set(used).size).toBe(500);
  expect(() =>
    placeNetwork(network, { unusable: new Set(Array.from({ length: 20 }, (_, i) => i)) }),
  ).toThrow(
    /500 neurons of 500 circuits; 8 of this population find no place[\s\S]*20 are unusable/,
  );
  const wide = new Network();
  wide.addPopulation('wide', 70, joinCircuits(lif(), 8));
  expect(() => placeNetwork(wide)).toThrow(
    /70 neurons of 560 circuits; 6 of this[\s\S]*take 6 neurons of 8 circuits away/,
  );
  const dense = new Network();
  const cells = dense.addPopulation('cells', 150, lif(), { hemisphere: 0 });
  dense.project(cells, cells, allToAll(-3), { receptor: 'signed' });
  expect(() => placeNetwork(dense)).toThrow(/synapse rows are needed[\s\S]*too many/);
  const noisy = new Network();
  const target = noisy.addPopulation('target', 1, lif());
  for (let i = 0; i < 5; i++)
    noisy.project(
      noisy.addSources(`noise ${i}`, 2, backgroundPoisson({ rate: 1e4 })),
      target,
      allToAll(1),
    );
  expect(() => placeNetwork(noisy)).toThrow(/four generators/);
});

test('128 recurrent neurons, all to all, fill half of one array', () => {
  const network = new Network();
  const cells = network.addPopulation('cells', 128, lif());
  network.project(cells, cells, allToAll(3));
  const placement = placeNetwork(network);
  expect(placement.used.rows).toBe(128);
  const resources = countResources(placement);
  expect(resources.find(({ name }) => name === 'top: rows of bus 2')).toEqual({
    name: 'top: rows of bus 2',
    used: 32,
    available: 64,
  });
  expect(describeResources(placement)).toContain(
    'top: synapses                     16384 of 65536',
  );
  expect(drawPlacement('map', placement)).toContain('cells -&gt; cells');
});

test('connectors draw what they promise, the same for the same stream', () => {
  const stream = (): Stream => new Stream(3, 'wiring');
  const pre = fixedNumberPre(5, stream(), 1)(20, 30);
  const post = fixedNumberPost(5, stream(), 1)(20, 30);
  for (let t = 0; t < 30; t++) expect(pre.filter(({ target }) => target === t).length).toBe(5);
  for (let s = 0; s < 20; s++) expect(post.filter(({ source }) => source === s).length).toBe(5);
  const some = fixedProbability(0.25, stream(), 2)(100, 100);
  expect(Math.abs(some.length - 2500)).toBeLessThan(200);
  expect(fixedProbability(0.25, stream(), 2)(100, 100)).toEqual(some);
  expect(
    fromArray([
      [1, null],
      [0, 4],
    ])(2, 2),
  ).toEqual([
    { source: 0, target: 0, weight: 1 },
    { source: 1, target: 0, weight: 0 },
    { source: 1, target: 1, weight: 4 },
  ]);
  expect(() => fromArray([[1]])(2, 2)).toThrow(ExperimentError);
  expect(() => fixedNumberPre(21, stream())(20, 30)).toThrow(/There are 20 sources/);
});

test('a layered network that is too large runs in parts with the spikes of one that is not cut', async () => {
  const build = (): Network => {
    const network = new Network();
    const stream = new Stream(9, 'spikes');
    const times = Array.from({ length: 30 }, () =>
      Array.from({ length: 8 }, () => 1e-6 + 180e-6 * stream.uniform()).sort((x, y) => x - y),
    );
    const input = network.addSources('input', 30, { kind: 'array', spikeTimes: times });
    const hidden = network.addPopulation('hidden', 30, lif());
    const out = network.addPopulation('out', 3, lif());
    network.project(
      input,
      hidden,
      allToAll((s, t) => (7 * s + 3 * t) % 64),
    );
    network.project(
      hidden,
      out,
      allToAll((s, t) => (5 * s + t) % 40),
      { name: 'read-out' },
    );
    return network;
  };
  const { lab } = makeLab();
  const network = build();
  // A chip of which only twenty circuits can be used.
  const unusable = new Set(Array.from({ length: 512 }, (_, i) => i).slice(20));
  const { spikes, parts } = await runPartitioned(lab, network, 200e-6, (each) =>
    placeNetwork(each, { unusable }),
  );
  expect(parts.map(({ population, first, end }) => [population.name, first, end])).toEqual([
    ['hidden', 0, 20],
    ['hidden', 20, 30],
    ['out', 0, 3],
  ]);
  // The same network on a chip that has room for all of it.
  const whole = build();
  const simulation = await lab.start(whole, { settling: 1e-3 });
  const [sources] = whole.sources;
  if (sources?.cell?.kind !== 'array') throw new Error('no input');
  const lists = sources.cell.spikeTimes as readonly (readonly number[])[];
  const piece = await simulation.run(200e-6, {
    stimuli: [
      { sources, times: lists.flat(), indices: lists.flatMap((list, i) => list.map(() => i)) },
    ],
  });
  network.populations.forEach((population, i) => {
    const own = spikes.get(population)?.times.length ?? 0;
    const [other] = [whole.populations[i]].flatMap((p) => (p ? [piece.spikes.get(p)] : []));
    expect(own).toBeGreaterThan(10);
    // Spikes that the host relays lie on its grid of 8 ns.
    expect(Math.abs(own - (other?.times.length ?? 0))).toBeLessThanOrEqual(3);
  });
  const recurrent = new Network();
  const cells = recurrent.addPopulation('cells', 4, lif());
  recurrent.project(cells, cells, allToAll(1));
  await expect(lab.runPartitioned(recurrent, 1e-4)).rejects.toThrow(/recurrent/);
});

test('views, assemblies and samples are ends of projections and take parameters', () => {
  const network = new Network();
  const a = network.addPopulation('a', 6, lif());
  const b = network.addPopulation('b', 4, lif());
  const both = new Assembly('both', a.view(2, 5), b);
  expect([both.size, a.view([5, 1]).size]).toEqual([7, 2]);
  both.set({ v_leak: 600 });
  a.view([0, 1]).set({ v_threshold: [310, 320] });
  expect(Array.from(a.get('v_leak'))).toEqual([629, 629, 600, 600, 600, 629]);
  expect(Array.from(a.get('v_threshold').slice(0, 3))).toEqual([310, 320, 329]);
  expect(b.get('tau_m')[0]).toBe(10e-6);
  const input = network.addSources('input', 7);
  const projection = network.project(input, both, oneToOne(9));
  const { columns, projections } = placeNetwork(network);
  const wanted = [...(columns.get(a) ?? []).slice(2, 5), ...(columns.get(b) ?? [])];
  expect(projections[0]?.synapses.map(({ column }) => column)).toEqual(wanted);
  expect(
    projection
      .get('weight', 'array')[2]
      ?.map((w) => (Number.isNaN(w) ? '-' : w))
      .join(''),
  ).toBe('--9----');
  projection.set({ weight: [1, 2, 3, 4, 5, 6, 7] });
  expect(projection.get('weight')[6]).toEqual([6, 6, 7]);
  expect(() => projection.set({ weight: [1] })).toThrow(/1 weights are given for 7 synapses/);
  const drawn = both.sample(3, new Stream(1, 'sample'));
  expect(drawn.size).toBe(3);
  expect(both.sample(3, new Stream(1, 'sample')).parts.map((p) => p.name)).toEqual(
    drawn.parts.map((p) => p.name),
  );
  expect(a.sample(4, new Stream(2, 'sample')).indices.length).toBe(4);
  expect(() => a.view(6)).toThrow(/no neuron 6/);
  expect(() => network.project(a, new Network().addPopulation('x', 1, lif()), allToAll())).toThrow(
    /no population "x"/,
  );
});

test('sources of recurrent layers are spread over all event outputs; more than those tell apart is said', () => {
  const network = new Network();
  const a = network.addPopulation('a', 200, lif());
  const b = network.addPopulation('b', 200, lif());
  network.project(a, b, allToAll(5));
  network.project(b, a, allToAll(5));
  const placement = placeNetwork(network);
  const outputs = new Array<number>(8).fill(0);
  for (const neurons of placement.neurons.values())
    for (const { output } of neurons) outputs[output] = (outputs[output] ?? 0) + 1;
  expect(Math.max(...outputs)).toBeLessThanOrEqual(63);
  expect(placement.halves.length).toBe(2);

  const wide = new Network();
  const all = wide.addPopulation('all', 512, lif());
  wide.project(all, all, oneToOne(3));
  expect(() => placeNetwork(wide)).toThrow(/more than 63 neurons[\s\S]*504 on the chip/);

  const noisy = new Network();
  noisy.project(
    noisy.addSources('noise', 200, backgroundPoisson({ rate: 1e4 })),
    noisy.addPopulation('p', 2, lif()),
    allToAll(1),
  );
  expect(() => placeNetwork(noisy)).toThrow(/7 background generators are needed[\s\S]*3 too many/);
});
