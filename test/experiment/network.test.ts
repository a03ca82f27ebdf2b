import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ExperimentError,
  Network,
  allButOne,
  allToAll,
  cadc,
  cadcCounts,
  correlatedSpikes,
  expectedDrive,
  fromList,
  lif,
  oneToOne,
  operatingPoints,
  placeNetwork,
  poissonSpikes,
  regularSpikes,
} from '../../experiment/index.js';
import { driverOfRow, rowSelectOfDriver } from '../../isa/registers/coordinates.js';
import { Stream } from '../../isa/numeric/random.js';

function teacherNetwork(receptors = 32): Network {
  const network = new Network();
  network.addPopulation('out', 3, lif());
  network.addSources('in', receptors);
  network.addSources('teacher', 3);
  network.project('in', 'out', allToAll(20), {
    rule: { file: 'r.plast', text: '', parameters: {}, baseline: 'synapse' },
  });
  network.project('teacher', 'out', oneToOne(63 * 5), { name: 'drive' });
  network.project('teacher', 'out', allButOne(63 * 2), { name: 'silence', receptor: 'inhibitory' });
  return network;
}

test('operating point A has the codes of the ideal chip', () => {
  const { codes, capacitance, refractory } = lif(operatingPoints.A);
  expect(codes).toMatchObject({
    v_leak: 629,
    v_reset: 601,
    v_threshold: 329,
    i_bias_leak: 95,
    i_bias_synin_exc_tau: 50,
  });
  expect([capacitance, refractory]).toEqual([63, 250]);
  expect(cadcCounts(cadc(97))).toBeCloseTo(97, 9);
});

test('a parameter without a code is refused by name', () => {
  // Milliseconds instead of seconds: code 0 would be a membrane without any leak.
  expect(() => lif({ tau_m: 20 })).toThrow(/tau_m would need code 0.0000474/);
  expect(() => lif({ tau_m: 20 }, { i_bias_leak: 0 })).toThrow(ExperimentError);
  expect(lif({}, { i_bias_leak: 0 }).codes.i_bias_leak).toBe(0);
  expect(() => lif({ v_thresh: 5 })).toThrow(/v_thresh would need code/);
  expect(() => lif({ tau_refrac: 1e-3 })).toThrow(ExperimentError);
});

test('one full-weight event of point A has a mean effect of 370 counts times microseconds', () => {
  const { mean } = expectedDrive(operatingPoints.A, [{ rate: 1e5, weight: 63, sign: 1 }]);
  expect(cadcCounts(mean) - 80).toBeCloseTo(37.03, 1);
});

test('a plastic block is compact, one row per source; rows with the teacher follow', () => {
  const placement = placeNetwork(teacherNetwork());
  const [plastic, drive, silence] = placement.projections;
  expect(plastic).toMatchObject({ firstRow: 0, rowCount: 32 });
  expect(plastic?.rowsOfSource.map((rows) => rows[0])).toEqual(
    Array.from({ length: 32 }, (_, i) => i),
  );
  expect(drive).toMatchObject({ firstRow: 32, rowCount: 5 });
  expect(silence).toMatchObject({ firstRow: 37, rowCount: 6 });
  expect([...placement.columns.values()][0]).toEqual([0, 2, 4]);
  expect(Array.from(placement.rowModes.subarray(30, 44))).toEqual([
    1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0,
  ]);
});

test('every event reaches exactly the synapses of its source', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), (receptors) => {
      const placement = placeNetwork(teacherNetwork(receptors));
      const synapses = placement.projections.flatMap((placed) =>
        placed.synapses.map((s) => ({ ...s, placed })),
      );
      for (const [sources, events] of placement.events)
        events.forEach((labels, source) => {
          const reached = labels.flatMap((label) =>
            synapses.filter(
              (s) =>
                driverOfRow(s.row) % 4 === label >> 14 &&
                rowSelectOfDriver(driverOfRow(s.row)) === ((label >> 6) & 31) &&
                s.label === (label & 63),
            ),
          );
          expect(reached.every((s) => s.placed.projection.source === sources)).toBe(true);
          const wanted = placement.projections
            .filter(({ projection }) => projection.source === sources)
            .flatMap(({ projection }) => projection.connections.filter((c) => c.source === source));
          expect(reached.reduce((sum, s) => sum + s.weight, 0)).toBe(
            wanted.reduce((sum, c) => sum + c.weight, 0),
          );
        });
      expect(new Set(synapses.map((s) => `${s.row} ${s.column}`)).size).toBe(synapses.length);
      expect(synapses.every((s) => s.label >= 1 && s.label <= 63 && s.weight <= 63)).toBe(true);
    }),
    { numRuns: 25 },
  );
});

test('what is wrong with a network is said with name and repair', () => {
  const network = new Network();
  network.addPopulation('out', 2, lif());
  network.addSources('input', 2);
  expect(() => network.project('inptu', 'out', allToAll(1))).toThrow(
    /no source "inptu"[\s\S]*Did you mean "input"/,
  );
  expect(() => network.project('input', 'nobody', allToAll(1))).toThrow(/no population "nobody"/);
  expect(() =>
    network.project('input', 'out', fromList([{ source: 0, target: 2, weight: 1 }])),
  ).toThrow(/0 -> 2 lies outside/);
  expect(() => network.project('input', 'out', allToAll(1.5))).toThrow(/weight .* is 1.5/);
  expect(() => network.addPopulation('out', 2, lif())).toThrow(/used twice/);
});

test('a network that does not fit names what is missing', () => {
  const network = new Network();
  network.addPopulation('out', 1, lif());
  network.addSources('many', 300);
  network.project('many', 'out', allToAll(1));
  // Sources that share a neuron cannot share a row.
  expect(() => placeNetwork(network)).toThrow(/300 synapse rows[\s\S]*44 too many/);
});

test('spike trains keep their window and rate', () => {
  const network = new Network();
  const sources = network.addSources('s', 20);
  const window = { from: 0.1, to: 0.2 };
  const poisson = poissonSpikes(
    sources,
    new Float64Array(20).fill(1e4),
    window,
    new Stream(1, 'a'),
  );
  expect(Math.abs(poisson.times.length / 20 / 0.1 / 1e4 - 1)).toBeLessThan(0.03);
  const correlated = correlatedSpikes(
    sources,
    [0, 1, 2],
    { rate: 1e4, share: 0.5, jitter: 1e-6 },
    window,
    new Stream(2, 'b'),
  );
  expect(Math.abs(correlated.times.length / 3 / 0.1 / 1e4 - 1)).toBeLessThan(0.08);
  for (const { times } of [poisson, correlated])
    expect(Array.from(times).every((t) => t >= 0.1 && t < 0.2)).toBe(true);
  expect(regularSpikes(sources, 3, 10e-6, { from: 0, to: 200e-6 }).times.length).toBe(20);
});
