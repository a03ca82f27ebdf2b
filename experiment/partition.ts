/** Networks that are larger than the chip: layer by layer, part by part, each part a run of its own. */
import { ExperimentError } from './failure.js';
import { Network } from './network/network.js';
import type { Placement } from './network/placement.js';
import { membersOf, neuronsOf } from './network/groups.js';
import type { Population } from './network/population.js';
import type { RecordedSpikes } from './network/recorded.js';
import type { SpikeSources } from './network/spike-sources.js';
import { trainsOf } from './network/trains.js';
import type { StreamOf } from './network/trains.js';
import type { Lab } from './experiment.js';
import type { SessionOptions } from './session.js';

/** One execution: some neurons of one population. */
export interface Partition {
  readonly population: Population;
  /** First neuron, and the end of the range. */
  readonly first: number;
  readonly end: number;
}

/**
 * Cuts a feed-forward network into parts that fit the chip one after another, in an order in which every part comes after
 * its inputs.
 * @param place tries to place a network; its ExperimentError means that it does not fit
 * @throws ExperimentError for recurrent networks, rules, chip-made sources, and single neurons that do not fit
 */
export function partitionNetwork(
  network: Network,
  place: (network: Network) => Placement,
): Partition[] {
  return orderLayers(network).flatMap((population) => {
    const parts: Partition[] = [];
    for (let first = 0; first < population.size;) {
      const end = largestEnd(network, population, first, place);
      parts.push({ population, first, end });
      first = end;
    }
    return parts;
  });
}

/**
 * Runs a partitioned network for a time: spikes of earlier parts are sent as inputs to later ones.
 * @returns the spikes of every population, as if all had run together
 */
export async function runPartitioned(
  lab: Pick<Lab, 'start' | 'stream' | 'progress'>,
  network: Network,
  duration: number,
  place: (network: Network) => Placement,
  options: Pick<SessionOptions, 'settling'> = {},
): Promise<{ spikes: Map<Population, RecordedSpikes>; parts: readonly Partition[] }> {
  const parts = partitionNetwork(network, place);
  const streamOf: StreamOf = (path) => lab.stream('stimulus', path);
  const sent = new Map<SpikeSources | Population, { times: number[]; indices: number[] }>();
  for (const sources of network.sources) {
    const train = trainsOf(sources, streamOf)?.next(0, duration);
    sent.set(sources, {
      times: Array.from(train?.times ?? []),
      indices: Array.from(train?.indices ?? []),
    });
  }
  for (const population of network.populations) sent.set(population, { times: [], indices: [] });
  for (const [k, part] of parts.entries()) {
    const { own, neurons, sources } = partNetwork(network, part);
    const simulation = await lab.start(own, { ...options, placement: place(own) });
    const piece = await simulation.run(duration, {
      stimuli: [...sources].map(([group, copy]) => ({
        sources: copy,
        ...(sent.get(group) ?? { times: [], indices: [] }),
      })),
    });
    const fired = piece.spikes.get(neurons);
    const list = sent.get(part.population);
    fired?.times.forEach((time, i) => {
      if (time >= duration) return;
      list?.times.push(time);
      list?.indices.push(part.first + (fired.neurons[i] ?? 0));
    });
    lab.progress((k + 1) / parts.length, `part ${k + 1} of ${parts.length}`);
  }
  const spikes = new Map<Population, RecordedSpikes>();
  for (const population of network.populations) {
    const { times, indices } = sent.get(population) ?? { times: [], indices: [] };
    const order = times
      .map((_, i) => i)
      .sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || (indices[a] ?? 0) - (indices[b] ?? 0));
    spikes.set(population, {
      times: Float64Array.from(order, (i) => times[i] ?? 0),
      neurons: Uint16Array.from(order, (i) => indices[i] ?? 0),
    });
  }
  return { spikes, parts };
}

/** Populations such that each comes after those which it hears. */
function orderLayers(network: Network): Population[] {
  const place = 'network in parts';
  for (const { rule, name } of network.projections)
    if (rule)
      throw new ExperimentError(
        'a rule is attached',
        `projection "${name}"`,
        'Rules change weights while a network runs: only networks with fixed weights can run in parts.',
      );
  for (const { cell, name } of network.sources)
    if (cell?.kind === 'background')
      throw new ExperimentError(
        'the chip makes its trains',
        `sources "${name}"`,
        'Every part must hear the same trains: use trains of the host.',
      );
  const inputs = new Map(network.populations.map((p) => [p, new Set<Population>()]));
  for (const { source, target } of network.projections)
    for (const { population } of neuronsOf(target))
      for (const { group } of membersOf(source))
        if (group.kind === 'population') inputs.get(population)?.add(group);
  const ordered: Population[] = [];
  while (ordered.length < network.populations.length) {
    const next = network.populations.find(
      (p) => !ordered.includes(p) && [...(inputs.get(p) ?? [])].every((q) => ordered.includes(q)),
    );
    if (!next)
      throw new ExperimentError(
        'the network is recurrent',
        place,
        'Only layers that do not feed back can run one after another: make the recurrent part small enough for the chip.',
      );
    ordered.push(next);
  }
  return ordered;
}

/** The largest range from `first` on that fits. */
function largestEnd(
  network: Network,
  population: Population,
  first: number,
  place: (network: Network) => Placement,
): number {
  const fits = (end: number): ExperimentError | undefined => {
    try {
      place(partNetwork(network, { population, first, end }).own);
      return undefined;
    } catch (error) {
      if (error instanceof ExperimentError) return error;
      throw error;
    }
  };
  if (!fits(population.size)) return population.size;
  let low = first;
  let high = population.size;
  let reason: ExperimentError | undefined;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const error = fits(middle);
    if (error) {
      high = middle;
      reason = error;
    } else low = middle;
  }
  if (low === first)
    throw (
      fits(first + 1) ??
      reason ??
      new ExperimentError('nothing fits', `population "${population.name}"`, 'Use fewer inputs.')
    );
  return low;
}

/** One part as a network: what it hears are sources. */
function partNetwork(
  network: Network,
  { population, first, end }: Partition,
): {
  own: Network;
  neurons: Population;
  sources: Map<SpikeSources | Population, SpikeSources>;
} {
  const own = new Network();
  const neurons = own.addPopulation(population.name, end - first, population.settings);
  const sources = new Map<SpikeSources | Population, SpikeSources>();
  for (const { name, source, target, connections, receptor, options } of network.projections) {
    const members = membersOf(source);
    const ends = neuronsOf(target);
    const groups = new Map<SpikeSources | Population, { s: number; t: number; w: number }[]>();
    for (const { source: s, target: t, weight } of connections) {
      const to = ends[t];
      const from = members[s];
      if (!from || to?.population !== population || to.index < first || to.index >= end) continue;
      const list = groups.get(from.group) ?? [];
      groups.set(from.group, list);
      list.push({ s: from.index, t: to.index - first, w: weight });
    }
    for (const [group, list] of groups) {
      const copy = sources.get(group) ?? own.addSources(`${group.name} (input)`, group.size);
      sources.set(group, copy);
      own.project(
        copy,
        neurons,
        () => list.map(({ s, t, w }) => ({ source: s, target: t, weight: w })),
        {
          name: groups.size > 1 ? `${name} from ${group.name}` : name,
          receptor,
          ...(options.rows === undefined ? {} : { rows: options.rows }),
          ...(options.compartment === undefined ? {} : { compartment: options.compartment }),
        },
      );
    }
  }
  for (let i = first; i < end; i++) neurons.configureNeuron(i - first, population.settingsOf(i));
  return { own, neurons, sources };
}
