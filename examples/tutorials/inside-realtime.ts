/**
 * Host code that acts while the network runs: a picture is written column by column as a row of weights, each at its own
 * absolute time. 64 Poisson sources reach 64 bypassed neurons one to one, so the raster shows the picture.
 * Look for: spikes where the picture is bright, and switches within microseconds of the planned times.
 */
import {
  bypassNeuron,
  defineExperiment,
  oneToOne,
  spikeSourcePoisson,
  weightAddress,
} from 'plastic';
import { correlation, isBright, size } from './picture.js';

export default defineExperiment({
  name: 'inside-realtime',
  title: 'A picture written by hooks at absolute times',
  settings: { rate: 4e3, column: 10e-3 },
  quick: { rate: 50e3, column: 0.15e-3 },
  async run(lab) {
    const { rate, column } = lab.settings;
    const sim = lab.setup();
    const input = sim.sources(size, spikeSourcePoisson({ rate }), 'light');
    const neurons = sim.population(size, bypassNeuron(), 'pixels');
    sim.projection(input, neurons, oneToOne(0), { name: 'gate' });

    // A hook writes the words of the synapse array itself: one word holds four synapses.
    const synapses = sim.placement.projections[0]?.synapses ?? [];
    for (let c = 0; c < size; c++)
      void sim.at(c * column, (writer) => {
        const words = new Map<number, number>();
        synapses.forEach(({ hemisphere, row, column: place }, pixel) => {
          const { address, shift } = weightAddress(hemisphere, row, place);
          words.set(address, (words.get(address) ?? 0) | ((isBright(pixel, c) ? 63 : 0) << shift));
        });
        for (const [address, word] of words) writer.write(address, word >>> 0);
      });
    await sim.run(size * column);

    const { times, neurons: rows } = neurons.getData().spikes;
    const counts = new Array<number>(size * size).fill(0);
    let wrong = 0;
    times.forEach((time, i) => {
      const at = Math.min(size - 1, Math.floor(time / column));
      const pixel = rows[i] ?? 0;
      counts[pixel * size + at] = (counts[pixel * size + at] ?? 0) + 1;
      // A dark pixel fires only if its spike was under way when its weight changed: 2 us at most.
      if (!isBright(pixel, at) && time - at * column > 2e-6) wrong++;
    });
    const image = counts.map((_, i) => Number(isBright(Math.floor(i / size), i % size)));
    lab.results.addValue('spikes', times.length);
    lab.results.addValue('spikes of dark pixels', wrong);
    lab.results.addValue('correlation with the picture', correlation(counts, image));
    sim.writeData();
  },
});
