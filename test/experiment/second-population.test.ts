import { expect, test } from 'vitest';
import {
  ExperimentError,
  Network,
  allToAll,
  bypassNeuron,
  lif,
  oneToOne,
  placeNetwork,
  spikeSourceArray,
} from '../../experiment/index.js';
import { makeLab } from './lab.js';

const rule = `rule follow {
  neurons inh
  every 300 us {
    each neuron {
      each synapse { w = min(63, 5 * inh.rate[neuron]) }
    }
    reset rate
  }
}`;
const neuron = lif();

test('a rule sees the counters of the population bound to its second name, neuron by neuron', async () => {
  const { lab } = makeLab({ 'follow.plast': rule });
  const sim = lab.setup();
  const times = [4, 8, 2, 6].map((count) =>
    Array.from({ length: count }, (_, i) => 20e-6 + 30e-6 * i),
  );
  const led = sim.population(4, neuron, 'led');
  const inh = sim.population(4, bypassNeuron(), 'inh');
  const driving = sim.sources(4, spikeSourceArray({ spikeTimes: times }), 'driving');
  const plastic = sim.projection(
    sim.sources(2, spikeSourceArray({ spikeTimes: [] }), 'in'),
    led,
    allToAll(),
    {
      weight: 20,
      rule: lab.rule('follow.plast', { neurons: { inh } }),
    },
  );
  sim.projection(driving, inh, oneToOne(), { weight: 63 });
  await sim.run(350e-6);
  expect(plastic.get('weight', 'array')).toEqual([
    [20, 40, 10, 30],
    [20, 40, 10, 30],
  ]);
});

test('a bound population stands at one distance from the neurons it belongs to, whatever circuits are unusable', () => {
  const { lab } = makeLab({ 'follow.plast': rule });
  const network = new Network();
  const led = network.addPopulation('led', 20, neuron);
  const inh = network.addPopulation('inh', 20, neuron);
  network.addSources('input', 2);
  network.project('input', 'led', allToAll(20), {
    rule: lab.rule('follow.plast', { neurons: { inh } }),
  });
  const { columns } = placeNetwork(network, { unusable: new Set([4, 41, 60]) });
  const own = columns.get(led) ?? [];
  const shifts = (columns.get(inh) ?? []).map((column, i) => column - (own[i] ?? 0));
  expect(shifts).toHaveLength(20);
  expect(new Set(shifts).size).toBe(1);
});

test('a missing or needless second population is an error that says what to bind', async () => {
  const plain = 'rule plain { every 100 us { each synapse { w += causal / 8 } } }';
  const { lab } = makeLab({ 'follow.plast': rule, 'plain.plast': plain });
  const start = async (file: string, bind: boolean): Promise<unknown> => {
    const network = new Network();
    network.addPopulation('led', 2, neuron);
    const inh = network.addPopulation('inh', 2, neuron);
    network.addSources('input', 2);
    network.project('input', 'led', allToAll(20), {
      rule: lab.rule(file, bind ? { neurons: { inh } } : {}),
    });
    return lab.start(network).catch((error: unknown) => error);
  };
  const missing = await start('follow.plast', false);
  expect(missing).toBeInstanceOf(ExperimentError);
  expect(String(missing)).toMatch(/second population "inh"/);
  expect(String(await start('plain.plast', true))).toMatch(/no second population/);
});
