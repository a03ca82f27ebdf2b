/**
 * One neuron, seen by the fast converter: at rest, with its leak above the threshold, and stimulated.
 * Look for: a flat line that follows `v_leak`; a sawtooth with plateaus at the reset potential and regular spikes, which
 * stops when the leak is lowered; potentials of both signs that grow with the weight.
 */
import {
  allToAll,
  defineExperiment,
  drawCurves,
  drawMembranes,
  hxNeuron,
  lif,
  spikeSourceRegular,
} from 'plastic';
import type { Lab, NeuronSettings, RecordedSignal } from 'plastic';

/** Records a neuron for 0.2 ms and gives its membrane in converter codes, and its spikes. */
async function watch(
  lab: Lab,
  neuron: NeuronSettings,
): Promise<{ v: RecordedSignal; spikes: Float64Array }> {
  const sim = lab.setup();
  const population = sim.population(1, neuron);
  population.record('v');
  await sim.run(0.2e-3);
  const { signals, spikes } = population.getData();
  if (!signals.v) throw new Error('the converter gave nothing');
  return { v: signals.v, spikes: spikes.times };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

export default defineExperiment({
  name: 'single-neuron',
  title: 'One neuron: silent, over its threshold, stimulated',
  settings: { steps: 5, weights: 4 },
  quick: { steps: 3, weights: 2 },
  async run(lab) {
    const { results } = lab;

    // Silent: leak codes 400 to 1000, threshold comparator off.
    const codes = Array.from(
      { length: lab.settings.steps },
      (_, i) => 400 + (600 * i) / (lab.settings.steps - 1),
    );
    const rest: number[] = [];
    for (const v_leak of codes) {
      const { v } = await watch(lab, hxNeuron({ v_leak: Math.round(v_leak), i_bias_leak: 1022 }));
      rest.push(mean(v.codes));
    }
    results.addArray('records', 'silent_v_leak', Float64Array.from(codes), 'code of v_leak');
    results.addArray('records', 'silent_mean', Float64Array.from(rest), 'mean converter code');
    results.addPicture(
      'silent',
      'At rest',
      'Mean of the recorded membrane for leak codes.',
      drawCurves({
        title: 'Resting membrane',
        xLabel: 'v_leak (code)',
        yLabel: 'converter code',
        curves: [{ name: 'mean', x: codes, y: rest }],
      }),
    );

    // Leak over threshold, and the same neuron with a low leak.
    const raw = {
      i_bias_leak: 150,
      v_threshold: 300,
      v_reset: 400,
      mem_cap_size: 63,
      refractory_time: 255,
      en_thresh_comp: 1,
      i_bias_reset: 1022,
      en_reset_mul: 1,
    };
    const over = await watch(lab, hxNeuron({ ...raw, v_leak: 1000 }));
    const under = await watch(lab, hxNeuron({ ...raw, v_leak: 500 }));
    results.addValue('spikes, leak over threshold', over.spikes.length);
    results.addValue('spikes, leak under threshold', under.spikes.length);
    results.addSpikes(
      'over',
      { times: over.spikes, indices: new Uint16Array(over.spikes.length) },
      'neuron',
    );
    results.addArray('records', 'over_code', over.v.codes, 'converter code');
    results.addPicture(
      'sawtooth',
      'Leak over threshold',
      'Rise to the threshold, reset, and a plateau as long as the refractory period.',
      drawMembranes({
        title: 'Leak over threshold',
        quantity: 'converter code',
        traces: [
          { name: 'v', times: over.v.times, values: over.v.codes, spikes: Array.from(over.spikes) },
        ],
        levels: [],
      }),
    );

    // Stimulated: one input every 50 us, of either sign.
    const curves: { name: string; x: number[]; y: number[] }[] = [];
    for (const receptor of ['excitatory', 'inhibitory'] as const) {
      const heights: number[] = [];
      const weights = Array.from({ length: lab.settings.weights }, (_, i) =>
        Math.round((63 * (i + 1)) / lab.settings.weights),
      );
      for (const weight of weights) {
        const sim = lab.setup();
        const input = sim.sources(1, spikeSourceRegular({ interval: 50e-6, start: 100e-6 }));
        const neuron = sim.population(1, lif({ v_thresh: 0.95 }));
        sim.projection(input, neuron, allToAll(weight), { receptor });
        neuron.record('v');
        await sim.run(0.6e-3);
        const v = neuron.getData().signals.v?.values ?? [];
        const base = mean(v.slice(0, 50));
        const ends = [Math.max(...v) - base, Math.min(...v) - base];
        heights.push(1000 * (receptor === 'excitatory' ? (ends[0] ?? 0) : (ends[1] ?? 0)));
      }
      curves.push({ name: receptor, x: weights, y: heights });
      results.addArray(
        'records',
        `psp_${receptor}`,
        Float64Array.from(heights),
        'mV, largest deflection',
      );
    }
    results.addPicture(
      'psp',
      'Stimulated',
      'Largest deflection of the membrane against the weight.',
      drawCurves({
        title: 'Postsynaptic potentials',
        xLabel: 'weight',
        yLabel: 'deflection (mV)',
        curves,
      }),
    );
  },
});
