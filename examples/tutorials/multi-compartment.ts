/**
 * A chain of four compartments. Ten inputs arrive at once at one compartment after another; the membrane of each
 * compartment is recorded in a run of its own, for a weak and a strong coupling.
 * Look for: potentials that fall with the distance from the input and peak later; less loss with the larger conductance.
 */
import {
  allToAll,
  chainCompartments,
  defineExperiment,
  drawMembranes,
  lif,
  spikeSourceArray,
} from 'plastic';

const count = 4;

export default defineExperiment({
  name: 'multi-compartment',
  title: 'A chain of four compartments',
  // S: codes 200 and 800 of the nominal circuit.
  settings: { weak: 0.48e-6, strong: 1.92e-6, weight: 63, settling: 20e-3, apart: 0.2e-3 },
  quick: { settling: 0.2e-3, apart: 0.08e-3 },
  async run(lab) {
    const { weak, strong, weight, settling, apart } = lab.settings;
    const cell = lif({ v_thresh: 0.95 });
    for (const [name, siemens] of [
      ['weak', weak],
      ['strong', strong],
    ] as const) {
      const height: number[] = [];
      const delay: number[] = [];
      const traces: { name: string; times: number[]; values: number[] }[] = [];
      for (let recorded = 0; recorded < count; recorded++) {
        const sim = lab.setup({ settling });
        const neuron = sim.population(1, chainCompartments(cell, count, { siemens }));
        for (let site = 0; site < count; site++) {
          const input = sim.sources(
            10,
            spikeSourceArray({ spikeTimes: [site * apart + 20e-6] }),
            `input ${site}`,
          );
          sim.projection(input, neuron, allToAll(weight), { compartment: String(site) });
        }
        neuron.record('v', { interval: 2.5e-6, compartment: String(recorded) });
        await sim.run(count * apart);
        const { times, values } = neuron.getData().signals.v ?? { times: [], values: [] };
        traces.push({
          name: `compartment ${recorded}`,
          times: Array.from(times),
          values: Array.from(values, (v) => 1000 * v),
        });
        for (let site = 0; site < count; site++) {
          const begin = site * apart + 20e-6;
          const part = Array.from(times.keys()).filter(
            (i) => (times[i] ?? 0) >= begin && (times[i] ?? 0) < begin + 0.7 * apart,
          );
          const base = values[part[0] ?? 0] ?? 0;
          const top = part.reduce(
            (best, i) => ((values[i] ?? 0) > (values[best] ?? 0) ? i : best),
            part[0] ?? 0,
          );
          height[site * count + recorded] = 1000 * ((values[top] ?? 0) - base);
          delay[site * count + recorded] = 1e6 * ((times[top] ?? 0) - begin);
        }
      }
      lab.results.addArray(
        'records',
        `${name}_height`,
        Float64Array.from(height),
        'mV; input site x recorded compartment',
        [count, count],
      );
      lab.results.addArray(
        'records',
        `${name}_peak`,
        Float64Array.from(delay),
        'us after the input; input site x recorded compartment',
        [count, count],
      );
      lab.results.addPicture(
        `${name}-traces`,
        `Membranes, ${name} coupling`,
        'The input goes to compartment 0, 1, 2, 3 in turn.',
        drawMembranes({
          title: `Conductance ${(1e6 * siemens).toFixed(2)} uS`,
          quantity: 'membrane (mV)',
          traces,
          levels: [],
        }),
      );
      lab.results.addTable(`${name}-heights`, 'Height of the potentials', {
        columns: ['input_site', 'recorded', 'height_mv', 'peak_us'],
        rows: height.map((h, i) => [Math.floor(i / count), i % count, h, delay[i] ?? 0]),
      });
    }
  },
});
