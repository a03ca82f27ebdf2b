/**
 * A learning experiment with nothing but the parts of Plastic that need no Node, for Node and for browsers alike.
 *
 * @param {(path: string) => Promise<any>} load imports a module of the built package by its path
 * @returns {Promise<Record<string, unknown>>} numbers to compare: everything the experiment computed
 */
export async function learn(load) {
  const { compileRule } = await load('experiment/compile-rule.js');
  const { openLab } = await load('experiment/experiment.js');
  const { Results } = await load('experiment/results.js');
  const { Network } = await load('experiment/network/network.js');
  const { allToAll } = await load('experiment/network/connectors.js');
  const { lif, operatingPoints } = await load('experiment/network/neuron.js');
  const { poissonSpikes } = await load('experiment/network/stimuli.js');
  const { Chip } = await load('emulator/index.js');
  const { InProcessBoard } = await load('board/in-process.js');

  const rule = `rule stdp {
  param eta in [0, 1] = 0.25
  every 200 us {
    each synapse {
      w += eta * causal - eta * acausal
      reset causal, acausal
    }
  }
}
`;
  const answers = {};
  for (const engine of ['fast', 'precise']) {
    const lab = openLab({
      settings: {},
      seeds: { noise: 1, stimulus: 2, split: 3, init: 4, rule: 5 },
      board: InProcessBoard.of(Chip.fromSeed(7, { engine })),
      results: new Results(),
      signal: new globalThis.AbortController().signal,
      readText: () => rule,
      compile: compileRule,
      progress: () => {},
      log: () => {},
    });
    const network = new Network();
    const inputs = network.addSources('inputs', 12);
    const neurons = network.addPopulation('neurons', 4, lif(operatingPoints.A));
    const learned = network.project(inputs, neurons, allToAll(35), {
      rule: lab.rule('stdp.plast'),
    });
    const simulation = await lab.start(network);
    const window = { from: 0, to: 0.002 };
    const rates = new Array(12).fill(20_000);
    const piece = await simulation.run(0.002, {
      stimuli: [poissonSpikes(inputs, rates, window, lab.stream('stimulus'))],
      weights: [learned],
    });
    await simulation.stopRule();
    const spikes = piece.spikes.get(neurons);
    answers[engine] = {
      times: Array.from(spikes?.times ?? []),
      neurons: Array.from(spikes?.neurons ?? []),
      weights: Array.from(piece.weights.get(learned) ?? []),
      code: Array.from(
        lab.compile(network).program.sections.flatMap(({ bytes }) => Array.from(bytes)),
      ),
    };
  }
  return answers;
}
