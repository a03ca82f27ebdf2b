/**
 * Several configurations in one run: in a loop the weights are changed and a piece is appended; only the last call
 * executes, so there is no gap between the pieces.
 * Look for: one continuous result in which every piece has the rate that its own weights give.
 */
import { allToAll, defineExperiment, drawCurves, lif, spikeSourcePoisson } from 'plastic';

export default defineExperiment({
  name: 'configurations',
  title: 'Several configurations in one run',
  settings: { piece: 10e-3, inputs: 20, rate: 20e3 },
  quick: { piece: 2e-3 },
  async run(lab) {
    const { piece, inputs, rate } = lab.settings;
    const sim = lab.setup();
    const input = sim.sources(inputs, spikeSourcePoisson({ rate }), 'input');
    const neurons = sim.population(4, lif(), 'neurons');
    const synapses = sim.projection(input, neurons, allToAll(), { weight: 0 });
    const weights = [0, 20, 40, 60, 30, 10];
    for (const [k, weight] of weights.entries()) {
      synapses.set({ weight });
      await sim.run(piece, k === weights.length - 1 ? 'execute' : 'append');
    }
    const { times } = neurons.getData().spikes;
    const rates = weights.map(
      (_, k) =>
        Array.from(times).filter((t) => t >= k * piece && t < (k + 1) * piece).length /
        4 /
        piece /
        1000,
    );
    lab.results.addValue('highest rate', Math.max(...rates), 'kHz');
    sim.writeData();
    lab.results.addArray('records', 'weight', Uint8Array.from(weights), 'weight of each piece');
    lab.results.addArray(
      'records',
      'rate',
      Float64Array.from(rates),
      'kHz, output rate of each piece',
    );
    lab.results.addPicture(
      'rates',
      'Rate of each piece',
      'Weights 0, 20, 40, 60, 30, 10 in turn.',
      drawCurves({
        title: 'Output rate',
        xLabel: 'piece',
        yLabel: 'rate (kHz)',
        curves: [{ name: 'rate', x: weights.map((_, k) => k), y: rates }],
      }),
    );
  },
});
