/** Where a network lies on the chip: neurons on circuits, sources on synapse rows, events on buses. */
import { ExperimentError } from '../failure.js';
import type { Network } from './network.js';
import { placeNeurons } from './neuron-places.js';
import type { HalfPolicy, Hemisphere, PlacedNeuron } from './neuron-places.js';
import type { Population } from './population.js';
import type { SpikeSources } from './spike-sources.js';
import type { Projection } from './projection.js';
import { routeNetwork } from './routes.js';
import type { PlacedGenerator, Routing } from './routes.js';
import { RowShortage } from './short-rows.js';
import { placeSynapses } from './synapse-places.js';

/** One synapse of the array with what is stored in it at the start. */
export interface PlacedSynapse {
  readonly hemisphere: Hemisphere;
  readonly row: number;
  readonly column: number;
  readonly weight: number;
  readonly label: number;
}

/** The rectangle of synapses that a rule works on. */
export interface PlasticBlock {
  readonly hemisphere: Hemisphere;
  readonly firstRow: number;
  readonly rowCount: number;
  /** Columns of the neurons, in their order. */
  readonly columns: readonly number[];
  /** Row of each source, counted from the block's first; with signed weights two rows of the array are one. */
  readonly rowOfSource: readonly number[];
}

/** Where a projection lies: `rowsOfSource[k]` are the rows of source k (more than one when weights exceed 63). */
export interface PlacedProjection {
  readonly projection: Projection;
  /** First row in use, and how many rows are. */
  readonly firstRow: number;
  readonly rowCount: number;
  readonly rowsOfSource: readonly (readonly number[])[];
  readonly synapses: readonly PlacedSynapse[];
  /** For each connection its synapses by index; with signed weights excitatory and inhibitory ones in turn. */
  readonly synapsesOf: readonly (readonly number[])[];
  /** For a projection with a rule: its block on each half. */
  readonly blocks: readonly PlasticBlock[];
}

/** One half of a placed network. */
export interface PlacedHalf {
  readonly hemisphere: Hemisphere;
  /** What each synapse row drives: 0 nothing, 1 the excitatory, 2 the inhibitory line. */
  readonly rowModes: Uint8Array;
  /** Row-select bits that each driver compares. */
  readonly driverMasks: Uint8Array;
}

/** A placed network. */
export interface Placement {
  readonly network: Network;
  /** The half that is used, the top one if both are. */
  readonly hemisphere: Hemisphere;
  /** The halves in use. */
  readonly halves: readonly PlacedHalf[];
  readonly neurons: ReadonlyMap<Population, readonly PlacedNeuron[]>;
  /** Column of each neuron of a population (of the circuit that fires). */
  readonly columns: ReadonlyMap<Population, readonly number[]>;
  /** Low 8 label bits of the events of each neuron, and which event outputs reach which buses. */
  readonly routing: Routing;
  readonly generators: readonly PlacedGenerator[];
  readonly projections: readonly PlacedProjection[];
  /** What each synapse row of `hemisphere` drives. */
  readonly rowModes: Uint8Array;
  /** 16-bit labels that a spike of source k consists of; at most one per bus leaves at a time. */
  readonly events: ReadonlyMap<SpikeSources, readonly (readonly number[])[]>;
  /** Used resources, for messages and the manifest. */
  readonly used: { readonly neurons: number; readonly rows: number; readonly labels: number };
}

/** How a network is placed. */
export interface PlacementOptions {
  /** Atomic neurons 0..511 that must not be used. */
  readonly unusable?: ReadonlySet<number>;
}

/**
 * Places a network: on the top half if it fits there, otherwise on both. Plastic projections first, one row per source, so
 * that a rule works on a compact block; then the others, whose sources share rows by label where they do not share a
 * neuron.
 * @throws ExperimentError when circuits, rows, labels or generators do not suffice, naming how many are missing
 */
export function placeNetwork(
  network: Network,
  options: PlacementOptions | Hemisphere = {},
): Placement {
  const { unusable } = typeof options === 'number' ? { unusable: undefined } : options;
  let first: unknown;
  const policies: readonly HalfPolicy[] =
    network.populations.length > 1 ? ['fill', 'alternate'] : ['fill'];
  for (const policy of policies) {
    let neurons: Map<Population, readonly PlacedNeuron[]>;
    try {
      neurons = placeNeurons(network, policy, unusable);
    } catch (error) {
      throw first ?? error;
    }
    let hasAlternatives = true;
    for (const attempt of [0, 1, 2] as const) {
      try {
        const routed = routeNetwork(network, neurons, attempt);
        if (!routed) break;
        hasAlternatives = routed.hasAlternatives;
        return assemble(network, neurons, routed);
      } catch (error) {
        if (!(error instanceof RowShortage)) throw error;
        first ??= error.problem;
      }
      if (!hasAlternatives) break;
    }
  }
  throw first ?? new ExperimentError('nothing can be placed', 'network', 'Add a population.');
}

function assemble(
  network: Network,
  neurons: ReadonlyMap<Population, readonly PlacedNeuron[]>,
  routed: NonNullable<ReturnType<typeof routeNetwork>>,
): Placement {
  const { routing, generators, plans } = routed;
  const { projections, events } = placeSynapses(network, neurons, routed);
  const used = new Set<Hemisphere>();
  for (const list of neurons.values())
    for (const { circuits } of list) for (const { hemisphere } of circuits) used.add(hemisphere);
  const halves = ([0, 1] as const)
    .filter((hemisphere) => used.has(hemisphere))
    .map((hemisphere): PlacedHalf => {
      const plan = plans[hemisphere];
      return {
        hemisphere,
        rowModes: Uint8Array.from(plan.modes),
        driverMasks: Uint8Array.from({ length: 128 }, (_, d) => plan.selectionOf(d).mask),
      };
    });
  const main = halves[0];
  return {
    network,
    hemisphere: main?.hemisphere ?? 0,
    halves,
    neurons,
    columns: new Map([...neurons].map(([p, list]) => [p, list.map(({ column }) => column)])),
    routing,
    generators,
    projections,
    rowModes: main?.rowModes ?? new Uint8Array(256),
    events,
    used: {
      neurons: network.populations.reduce((sum, population) => sum + population.size, 0),
      rows: plans[0].used + plans[1].used,
      labels: plans[0].labelsUsed + plans[1].labelsUsed,
    },
  };
}
