/** What a host gives a rule: one value or many, at the start and between pieces, and signals. */
import { expect, test } from 'vitest';
import { allToAll, fromList, lif, spikeSourceArray } from '../../index.js';
import type { Projection, RuleValue, Session } from '../../index.js';
import { makeLab } from './lab.js';

const rules = {
  'copy.plast': `rule copy {
    input target per synapse in [0, 63] step 1
    every 100 us { each synapse { w = target } }
  }`,
  'parts.plast': `rule parts {
    input base per row in [0, 31] step 1
    input gain[2] per neuron in [0, 15] step 1
    every 100 us { each neuron { each synapse { w = base + gain[0] + 2 * gain[1] } } }
  }`,
  'lists.plast': `rule lists {
    param slope[2] in [0, 8] step 1 = 1
    input level[3] in [0, 7] step 1
    state total in [0, 63] step 1
    on signal now {
      total = slope[0] * level[0] + slope[1] * level[1] + level[2]
      each synapse { w = total }
    }
  }`,
};

function network(file: keyof typeof rules, values: Readonly<Record<string, RuleValue>> = {}) {
  const { lab, results } = makeLab(rules);
  const sim = lab.setup({ settling: 0.1e-3 });
  const input = sim.sources(3, spikeSourceArray({ spikeTimes: [] }));
  const top = sim.population(2, lif(), 'top', { hemisphere: 0 });
  const bottom = sim.population(2, lif(), 'bottom', { hemisphere: 1 });
  const both = sim.assembly('both', top, bottom);
  const projection = sim.projection(input, both, allToAll(1), {
    rule: lab.rule(file, { parameters: values }),
  });
  return { lab, sim, projection, results };
}
const weights = (projection: Projection): number[][] => projection.get('weight', 'array');

test('values per synapse, on both halves, and changed between appended pieces', async () => {
  const target = [
    [1, 2, 3, 4],
    [10, 20, 30, 40],
    [60, 61, 62, 63],
  ];
  const { sim, projection, results } = network('copy.plast', { target });
  await sim.run(0.5e-3);
  expect(weights(projection)).toEqual(target);
  projection.set({ target: (source, neuron) => 5 * source + neuron });
  await sim.run(0.5e-3, 'append');
  projection.set({ target: Array.from({ length: 12 }, (_, k) => 63 - k) });
  await sim.run(0.5e-3);
  expect(projection.get('weight').map(([, , w]) => w)).toEqual(
    Array.from({ length: 12 }, (_, k) => 63 - k),
  );
  projection.set({ target: 7 });
  await sim.run(0.5e-3);
  expect(
    weights(projection)
      .flat()
      .every((w) => w === 7),
  ).toBe(true);
  const { logs } = await sim.end();
  expect(logs.map(({ missed }) => missed)).toEqual([0, 0]);
  expect(results.warnings).toEqual([]);
});

test('values per row and arrays per neuron', async () => {
  const base = [0, 10, 20];
  const gain = [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ];
  const { sim, projection } = network('parts.plast', { base, gain });
  const expected = base.map((b) => gain.map(([g0 = 0, g1 = 0]) => b + g0 + 2 * g1));
  await sim.run(0.3e-3);
  expect(weights(projection)).toEqual(expected);
  projection.set({ base: (row) => 30 - row, gain: 0 });
  await sim.run(0.3e-3);
  expect(weights(projection)).toEqual([30, 29, 28].map((b) => [b, b, b, b]));
});

test('parameters and inputs with elements are taken by the trigger that a signal starts', async () => {
  const { lab } = makeLab(rules);
  const sim: Session = lab.setup({ settling: 0.1e-3 });
  const input = sim.sources(2, spikeSourceArray({ spikeTimes: [] }));
  const projection = sim.projection(input, sim.population(1, lif()), allToAll(1), {
    rule: lab.rule('lists.plast', { parameters: { slope: [2, 3], level: [1, 2, 3] } }),
  });
  const value = (): number => weights(projection)[0]?.[0] ?? NaN;
  await sim.run(0.2e-3);
  expect(value()).toBe(1);
  sim.signal(projection, 'now');
  await sim.run(0.2e-3);
  expect(value()).toBe(2 * 1 + 3 * 2 + 3);
  projection.set({ level: [7, 7, 0], slope: 4 });
  sim.signal(projection, 'now', sim.now + 50e-6);
  await sim.run(0.2e-3);
  expect(value()).toBe(56);
  const { logs } = await sim.end();
  expect(logs[0]?.executions).toBe(2);
});

test('what the rule does not declare, or cannot hold, is refused by name', async () => {
  const refused: [keyof typeof rules, Record<string, RuleValue>, RegExp][] = [
    ['copy.plast', { tagret: 1 }, /Did you mean "target"/],
    ['copy.plast', { target: 64 }, /target is 64[\s\S]*\[0, 63\]/],
    ['copy.plast', { target: [1, 2] }, /target has 2 values[\s\S]*needs 12/],
    [
      'parts.plast',
      { gain: [1, 2, 3] },
      /gain has 3 values[\s\S]*needs 8: 4 \(one per neuron\) x 2/,
    ],
    ['parts.plast', { base: NaN }, /base is NaN/],
    ['parts.plast', { base: [[1, 2]] }, /base has 2 values[\s\S]*3 \(one per row\)/],
  ];
  for (const [file, values, message] of refused)
    await expect(network(file, values).sim.run(0.1e-3)).rejects.toThrow(message);
  const { sim, projection } = network('copy.plast');
  sim.signal(projection, 'now');
  await expect(sim.run(0.1e-3)).rejects.toThrow(/no signal "now"/);
  const plain = makeLab().lab.setup();
  const fixed = plain.projection(
    plain.sources(1, spikeSourceArray({ spikeTimes: [] })),
    plain.population(2, lif()),
    fromList([{ source: 0, target: 1, weight: 3 }]),
  );
  expect(() => fixed.set({ reward: 1 })).toThrow(/no synapse parameter "reward"/);
});
