/** Correlated inputs win over independent ones under spike-timing-dependent plasticity. */
import {
  Network,
  addRuleLog,
  allToAll,
  cadcCounts,
  correlatedSpikes,
  defineExperiment,
  drawCurves,
  drawDrive,
  drawMembranes,
  drawRaster,
  drawWeightChange,
  drawWeightHistory,
  driveBudget,
  judgeActivity,
  lif,
  madcVolts,
  operatingPoints,
} from 'plastic';
import type { MembraneSamples } from 'plastic';

export default defineExperiment({
  name: 'stdp',
  title: 'Correlated inputs win',
  settings: {
    /** Seconds of chip time. */
    duration: 0.06,
    /** Inputs of each of the two groups, and neurons. */
    inputs: 16,
    neurons: 2,
    /** Rate of every input, Hz; share of common events in the first group. */
    rate: 15000,
    correlation: 0.5,
    weight: 24,
  },
  quick: { duration: 0.03 },
  async run(lab) {
    const { duration, inputs, neurons: size, rate, correlation, weight } = lab.settings;
    const network = new Network();
    const sources = network.addSources('inputs', 2 * inputs);
    const neurons = network.addPopulation('neurons', size, lif(operatingPoints.A));
    const init = lab.stream('init');
    const start = Uint8Array.from({ length: 2 * inputs * size }, () =>
      Math.min(63, Math.max(0, Math.round(weight + 3 * init.normal()))),
    );
    const learned = network.project(
      sources,
      neurons,
      allToAll((source, target) => start[source * size + target] ?? 0),
      { name: 'learned', rule: lab.rule('stdp.plast') },
    );
    const simulation = await lab.start(network, { record: { population: neurons, neuron: 0 } });

    // The run goes in pieces, so that the weights can be followed; the chip does not notice.
    const pieces = 20;
    const groups = [0, 1].map((group) =>
      Array.from({ length: inputs }, (_, i) => group * inputs + i),
    );
    const stimulus = lab.stream('stimulus');
    const snapshots: Uint8Array[] = [start];
    const times = [0];
    const sent = { times: [] as number[], indices: [] as number[] };
    const fired = { times: [] as number[], indices: [] as number[] };
    let membrane: MembraneSamples = { times: new Float64Array(0), codes: new Uint16Array(0) };
    for (let k = 0; k < pieces; k++) {
      const window = { from: simulation.now, to: simulation.now + duration / pieces };
      const stimuli = groups.map((members, group) =>
        correlatedSpikes(
          sources,
          members,
          { rate, share: group === 0 ? correlation : 0, jitter: 1e-6 },
          window,
          stimulus,
        ),
      );
      const piece = await simulation.run(duration / pieces, {
        stimuli,
        weights: [learned],
        membrane: k === pieces - 1,
      });
      snapshots.push(piece.weights.get(learned) ?? start);
      times.push(piece.to);
      for (const { times: t, indices } of stimuli) {
        sent.times.push(...Array.from(t));
        sent.indices.push(...Array.from(indices));
      }
      const spikes = piece.spikes.get(neurons);
      fired.times.push(...(spikes?.times ?? []));
      fired.indices.push(...(spikes?.neurons ?? []));
      membrane = piece.membrane ?? membrane;
      lab.progress((k + 1) / pieces, 'learning');
    }
    await simulation.stopRule();
    const log = await simulation.readRuleLog();

    const { results } = lab;
    results.warn(
      judgeActivity(
        neurons,
        { times: Float64Array.from(fired.times), neurons: Uint16Array.from(fired.indices) },
        duration,
      ).warning,
    );
    const end = snapshots[snapshots.length - 1] ?? start;
    const meanOf = (weights: Uint8Array, group: number): number =>
      weights.reduce(
        (sum, w, i) => (Math.floor(i / (inputs * size)) === group ? sum + w : sum),
        0,
      ) /
      (inputs * size);
    results.addValue('mean weight, correlated inputs', meanOf(end, 0));
    results.addValue('mean weight, independent inputs', meanOf(end, 1));
    results.addValue('output rate', fired.times.length / size / duration / 1000, 'kHz');
    addRuleLog(results, log);
    results.addSpikes('input', sent);
    results.addSpikes('output', fired, 'neuron');
    const all = new Uint8Array(snapshots.length * start.length);
    snapshots.forEach((weights, k) => all.set(weights, k * start.length));
    results.addArray('weights', 'learned', all, '6-bit weight; snapshot x input x neuron', [
      snapshots.length,
      2 * inputs,
      size,
    ]);
    results.addArray('weights', 'learned_times', Float64Array.from(times), 's of experiment time');
    results.addArray('records', 'membrane_times', membrane.times, 's of experiment time');
    results.addArray('records', 'membrane_code', membrane.codes, 'MADC code of neuron 0');
    results.addTable('weights', 'Mean weight of the groups over time', {
      columns: ['time_s', 'correlated', 'independent'],
      rows: snapshots.map((weights, k) => [times[k] ?? 0, meanOf(weights, 0), meanOf(weights, 1)]),
    });

    results.addPicture(
      'groups',
      'Who wins',
      'Mean weight of the inputs that share half of their spikes with their group, and of the independent ones with the same rate.',
      drawCurves({
        title: 'Mean weight of each group',
        xLabel: 'time (ms)',
        yLabel: 'weight',
        curves: [0, 1].map((group) => ({
          name: group === 0 ? 'correlated' : 'independent',
          x: times.map((t) => t * 1000),
          y: snapshots.map((weights) => meanOf(weights, group)),
        })),
        yDomain: [0, 63],
      }),
    );
    const shape = { rows: 2 * inputs, columns: size };
    results.addPicture(
      'weights',
      'Weights before and after',
      `Inputs 0 to ${inputs - 1} are correlated.`,
      drawWeightChange('Weights', { ...shape, values: start }, { ...shape, values: end }),
    );
    results.addPicture(
      'weight-history',
      'Weights over time',
      'Distribution of all weights.',
      drawWeightHistory('Distribution of weights', { times, snapshots }),
    );
    const shown = { from: 0, to: 1e-3 };
    results.addPicture(
      'raster',
      'Spikes and rates',
      'The first millisecond: inputs (the correlated group below) and neurons.',
      drawRaster({
        title: 'Input and output spikes',
        ...shown,
        groups: [
          { name: 'correlated', size: inputs, ...rowsOf(sent, (i) => i < inputs, 0) },
          { name: 'independent', size: inputs, ...rowsOf(sent, (i) => i >= inputs, inputs) },
          { name: 'neurons', size, times: fired.times, rows: fired.indices },
        ],
      }),
    );
    const last = (times[times.length - 2] ?? 0) + 1e-3;
    const keep = Array.from(membrane.times.keys()).filter(
      (i) => (membrane.times[i] ?? 0) > last && (membrane.times[i] ?? 0) < last + 1e-3,
    );
    results.addPicture(
      'membrane',
      'Membrane of neuron 0',
      'One millisecond near the end, recorded by the fast converter. Ticks on top: its spikes.',
      drawMembranes({
        title: 'Membrane',
        quantity: 'membrane (CADC counts)',
        traces: [
          {
            name: 'neuron 0',
            times: keep.map((i) => (membrane.times[i] ?? 0) - last),
            values: keep.map((i) => cadcCounts(madcVolts(membrane.codes[i] ?? 0))),
            spikes: fired.times
              .filter((t, i) => fired.indices[i] === 0 && t > last && t < last + 1e-3)
              .map((t) => t - last),
          },
        ],
        levels: [
          { name: 'leak', value: 80 },
          { name: 'reset', value: 70 },
          { name: 'threshold', value: 125 },
        ],
      }),
    );
    const rates = new Float64Array(2 * inputs).fill(rate);
    const budgets = [start, end].flatMap((weights, k) =>
      driveBudget(neurons, [
        {
          projection: {
            ...learned,
            connections: allToAll((i, n) => weights[i * size + n] ?? 0)(2 * inputs, size),
          },
          rates,
        },
      ]).map(({ neuron, mean, sd }) => ({
        name: `${neuron} ${k === 0 ? 'start' : 'end'}`,
        mean,
        sd,
      })),
    );
    results.addTable('drive', 'Drive budget in CADC counts: leak 80, threshold 125', {
      columns: ['neuron', 'mean', 'sd'],
      rows: budgets.map(({ name, mean, sd }) => [name, mean, sd]),
    });
    results.addPicture(
      'drive',
      'Drive budget',
      'Expected membrane without threshold, mean and SD, if all inputs were independent.',
      drawDrive({
        title: 'Drive at start and end',
        drives: budgets,
        leak: 80,
        threshold: 125,
      }),
    );
  },
});

/** The spikes whose source passes, with rows counted from `first`. */
function rowsOf(
  spikes: { readonly times: readonly number[]; readonly indices: readonly number[] },
  passes: (source: number) => boolean,
  first: number,
): { times: number[]; rows: number[] } {
  const keep = spikes.indices.map((_, i) => i).filter((i) => passes(spikes.indices[i] ?? 0));
  return {
    times: keep.map((i) => spikes.times[i] ?? 0),
    rows: keep.map((i) => (spikes.indices[i] ?? 0) - first),
  };
}
