/** Everything that a network has recorded, as arrays and pictures of the results. */
import type { Network } from '../network/network.js';
import type { Population } from '../network/population.js';
import type { AnalogVariable, PopulationData, RecordedSignal } from '../network/recorded.js';
import { drawRaster } from '../pictures/raster.js';
import { drawMembranes } from '../pictures/trace.js';
import type { Results } from '../results.js';

/** Most traces of a picture; the arrays hold all of them. */
const mostTraces = 6;

const meaning: Readonly<Record<AnalogVariable, string>> = {
  v: 'membrane',
  w: 'adaptation as the converter shows it',
  exc: 'excitatory line',
  inh: 'inhibitory line',
};

const plain = (name: string): string => name.replace(/[^A-Za-z0-9_]+/g, '_');

interface Recorded {
  readonly name: string;
  readonly size: number;
  readonly index: 'neuron' | 'index';
  readonly data: PopulationData;
}

/**
 * Adds spikes of all populations and recorded sources, all sampled signals, recorded sensors, and the weights of plastic
 * projections; a raster, and one picture per kind of signal.
 * @param until s: end of the raster
 * @param prefix goes before the names of arrays and pictures: for several runs in one result
 */
export function addRecordings(
  results: Results,
  network: Network,
  until: number,
  prefix: string,
): void {
  const groups: Recorded[] = [
    ...network.sources
      .filter(({ isRecorded }) => isRecorded)
      .map((group) => ({ ...groupOf(group), index: 'index' as const })),
    ...network.populations.map((group) => ({ ...groupOf(group), index: 'neuron' as const })),
  ];
  for (const { name, index, data } of groups) {
    const { times, neurons } = data.spikes;
    results.addSpikes(prefix + plain(name), { times, indices: neurons }, index);
    for (const [variable, signal] of signalsOf(data))
      addSignal(results, `${prefix}${plain(name)}_${variable}`, variable, signal);
  }
  addProjections(results, network, prefix);
  results.addPicture(
    `${prefix}spikes`,
    'Spikes',
    'Every spike of the recorded sources and of all populations, with the rate of each row.',
    drawRaster({
      title: 'Spikes',
      from: 0,
      to: until,
      groups: groups.map(({ name, size, data: { spikes } }) => ({
        name,
        size,
        times: spikes.times,
        rows: spikes.neurons,
      })),
    }),
  );
  addTraces(results, network.populations, prefix);
}

function groupOf(group: {
  readonly name: string;
  readonly size: number;
  getData(): PopulationData;
}): Omit<Recorded, 'index'> {
  return { name: group.name, size: group.size, data: group.getData() };
}

function signalsOf({ signals }: PopulationData): [AnalogVariable, RecordedSignal][] {
  return (['v', 'w', 'exc', 'inh'] as const).flatMap((variable) => {
    const signal = signals[variable];
    return signal ? [[variable, signal] as [AnalogVariable, RecordedSignal]] : [];
  });
}

function addSignal(
  results: Results,
  name: string,
  variable: AnalogVariable,
  { times, neurons, values }: RecordedSignal,
): void {
  results.addArray('records', `${name}_times`, times, 's of experiment time');
  results.addArray('records', name, values, `V, ${meaning[variable]}; sample x neuron`, [
    times.length,
    neurons.length,
  ]);
  results.addArray(
    'records',
    `${name}_neurons`,
    Uint16Array.from(neurons),
    'neuron of each column',
  );
}

function addProjections(results: Results, network: Network, prefix: string): void {
  for (const projection of network.projections) {
    const name = prefix + plain(projection.name);
    if (projection.rule)
      results.addArray(
        'weights',
        name,
        Float64Array.from(projection.get('weight', 'array').flat()),
        'weight, NaN where there is no synapse; source x target',
        [projection.source.size, projection.target.size],
      );
    const sensors = projection.getData();
    if (!sensors) continue;
    results.addArray('records', `${name}_sensors_times`, sensors.times, 's of experiment time');
    for (const branch of ['causal', 'acausal'] as const)
      results.addArray(
        'records',
        `${name}_sensors_${branch}`,
        sensors[branch],
        'counts below the baseline; sample x synapse',
        [sensors.times.length, projection.size],
      );
  }
}

/** One picture for each kind of signal, with the first few traces of it. */
function addTraces(results: Results, populations: readonly Population[], prefix: string): void {
  for (const variable of ['v', 'w', 'exc', 'inh'] as const) {
    const traces = populations.flatMap((population) => {
      const { signals, spikes } = population.getData();
      const signal = signals[variable];
      if (!signal) return [];
      const width = signal.neurons.length;
      const isSplit = new Set(signal.compartments).size > 1;
      return signal.neurons.map((neuron, k) => ({
        name: [population.name, neuron, isSplit ? signal.compartments[k] : undefined]
          .filter((part) => part !== undefined)
          .join(' '),
        times: signal.times,
        values: signal.times.map((_, t) => 1000 * (signal.values[t * width + k] ?? NaN)),
        spikes: Array.from(spikes.times).filter((_, i) => spikes.neurons[i] === neuron),
      }));
    });
    if (traces.length === 0) continue;
    const title = `${meaning[variable].charAt(0).toUpperCase()}${meaning[variable].slice(1)}`;
    results.addPicture(
      `${prefix}${variable}`,
      title,
      traces.length > mostTraces
        ? `The first ${mostTraces} of ${traces.length} traces; the arrays hold all of them.`
        : 'Samples over time, with the spikes of the neuron.',
      drawMembranes({
        title,
        quantity: `${variable} (mV)`,
        traces: traces.slice(0, mostTraces),
        levels: [],
      }),
    );
  }
}
