/** Where a network lies on the chip: neurons on columns, sources on synapse rows, events on buses. */
import {
  busOfDriver,
  driverOfRow,
  neuronLabel,
  rowSelectOfDriver,
} from '../../isa/registers/coordinates.js';
import { ExperimentError } from '../failure.js';
import type { Connection, Network, Population, Projection, SpikeSources } from './network.js';

/** One synapse of the array with what is stored in it at the start. */
export interface PlacedSynapse {
  readonly row: number;
  readonly column: number;
  readonly weight: number;
  readonly label: number;
}

/** Where a projection lies: `rows[k]` of source k (more than one when weights exceed 63). */
export interface PlacedProjection {
  readonly projection: Projection;
  /** First row of the block and its height. */
  readonly firstRow: number;
  readonly rowCount: number;
  readonly rowsOfSource: readonly (readonly number[])[];
  readonly synapses: readonly PlacedSynapse[];
}

/** A placed network; all of it in one hemisphere. */
export interface Placement {
  readonly network: Network;
  readonly hemisphere: 0 | 1;
  /** Column of each neuron of a population. */
  readonly columns: ReadonlyMap<Population, readonly number[]>;
  readonly projections: readonly PlacedProjection[];
  /** What each synapse row drives: 0 nothing, 1 the excitatory, 2 the inhibitory line. */
  readonly rowModes: Uint8Array;
  /** 16-bit labels that a spike of source k consists of; at most one per bus leaves at a time. */
  readonly events: ReadonlyMap<SpikeSources, readonly (readonly number[])[]>;
  /** Map of used resources, for messages and the manifest. */
  readonly used: { readonly neurons: number; readonly rows: number; readonly labels: number };
}

const rowLimit = 256;
const columnLimit = 256;

/**
 * Places a network on one hemisphere: plastic projections first, one row per source, so that a rule works on a compact
 * block; then the others, whose sources share rows by label where they do not share a neuron.
 * @throws ExperimentError when rows, columns or labels do not suffice, naming how many are missing
 */
export function placeNetwork(network: Network, hemisphere: 0 | 1 = 0): Placement {
  const columns = placeColumns(network);
  const rows = new RowPlan();
  const projections: PlacedProjection[] = [];
  const ordered = [...network.projections].sort(
    (a, b) => Number(Boolean(b.rule)) - Number(Boolean(a.rule)),
  );
  const sourceRows = new Map<SpikeSources, Set<number>[]>();
  for (const projection of ordered) {
    const groups = projection.rule ? ownRows(projection) : sharedRows(projection);
    const firstRow = rows.take(groups.length, projection);
    const rowsOfSource: number[][] = Array.from({ length: projection.source.size }, () => []);
    const rowSets = sourceRows.get(projection.source) ?? rowsOfSource.map(() => new Set<number>());
    sourceRows.set(projection.source, rowSets);
    groups.forEach((group, g) => {
      rows.modes[firstRow + g] = projection.receptor === 'excitatory' ? 1 : 2;
      for (const { source } of group)
        if (!rowsOfSource[source]?.includes(firstRow + g)) {
          rowsOfSource[source]?.push(firstRow + g);
          rowSets[source]?.add(firstRow + g);
        }
    });
    const synapses = groups.flatMap((group, g) =>
      group.map(({ source, target, weight }) => ({
        row: firstRow + g,
        column: columns.get(projection.target)?.[target] ?? 0,
        weight,
        label: rows.label(driverOfRow(firstRow + g), projection.source, source),
      })),
    );
    projections.push({ projection, firstRow, rowCount: groups.length, rowsOfSource, synapses });
  }
  const events = new Map<SpikeSources, readonly (readonly number[])[]>();
  for (const [sources, sets] of sourceRows)
    events.set(
      sources,
      sets.map((set, source) => {
        const drivers = [...new Set([...set].map(driverOfRow))].sort((a, b) => a - b);
        return drivers.map((driver) =>
          spikeLabel(hemisphere, driver, rows.label(driver, sources, source)),
        );
      }),
    );
  return {
    network,
    hemisphere,
    columns,
    projections,
    rowModes: rows.modes,
    events,
    used: {
      neurons: network.populations.reduce((sum, population) => sum + population.size, 0),
      rows: rows.used,
      labels: rows.labelCount,
    },
  };
}

/** The 16-bit label by which the host reaches one driver: SPL1 address = bus, bit 13 the hemisphere. */
export function spikeLabel(hemisphere: number, driver: number, label: number): number {
  return (
    (busOfDriver(driver) << 14) | (hemisphere << 13) | neuronLabel(rowSelectOfDriver(driver), label)
  );
}

/** Columns 0, 2, 4, .. first: a rule that finds only even columns used works on one half of each vector pair. */
function placeColumns(network: Network): Map<Population, readonly number[]> {
  const free = Array.from({ length: columnLimit }, (_, i) => (i < 128 ? 2 * i : 2 * (i - 128) + 1));
  const columns = new Map<Population, readonly number[]>();
  let next = 0;
  for (const population of network.populations) {
    if (next + population.size > columnLimit)
      throw new ExperimentError(
        `the network has ${network.populations.reduce((sum, p) => sum + p.size, 0)} neurons`,
        `population "${population.name}"`,
        `One hemisphere has ${columnLimit} columns: take ${next + population.size - columnLimit} neurons away.`,
      );
    columns.set(population, free.slice(next, next + population.size));
    next += population.size;
  }
  return columns;
}

/** One row per source, in order: what a rule's block looks like. */
function ownRows(projection: Projection): Connection[][] {
  const heavy = projection.connections.find(({ weight }) => weight > 63);
  if (heavy)
    throw new ExperimentError(
      `the weight ${heavy.weight} of synapse ${heavy.source} -> ${heavy.target} is above 63`,
      `projection "${projection.name}"`,
      'A plastic synapse is one synapse: choose start weights 0..63.',
    );
  return Array.from({ length: projection.source.size }, (_, source) =>
    projection.connections.filter((connection) => connection.source === source),
  );
}

/** Rows that sources share when they have no neuron in common; weights above 63 go to further rows. */
function sharedRows(projection: Projection): Connection[][] {
  const layers: Connection[][] = [];
  for (const { source, target, weight } of projection.connections)
    for (let layer = 0, left = weight; left > 0; layer++, left -= 63)
      (layers[layer] ??= []).push({ source, target, weight: Math.min(63, left) });
  return layers.flatMap((layer) => {
    const rows: { columns: Set<number>; synapses: Connection[] }[] = [];
    for (let source = 0; source < projection.source.size; source++) {
      const own = layer.filter((connection) => connection.source === source);
      if (own.length === 0) continue;
      let row = rows.find(({ columns }) => own.every(({ target }) => !columns.has(target)));
      if (!row) rows.push((row = { columns: new Set(), synapses: [] }));
      for (const connection of own) {
        row.columns.add(connection.target);
        row.synapses.push(connection);
      }
    }
    return rows.map(({ synapses }) => synapses);
  });
}

/** Hands out rows in order, and to each source its own label on a driver. */
class RowPlan {
  readonly modes = new Uint8Array(rowLimit);
  used = 0;
  labelCount = 0;
  private readonly labels = new Map<string, number>();
  private readonly nextLabel = new Uint8Array(rowLimit / 2).fill(1);

  take(count: number, projection: Projection): number {
    const first = this.used;
    this.used += count;
    if (this.used > rowLimit)
      throw new ExperimentError(
        `${this.used} synapse rows are needed so far`,
        `projection "${projection.name}"`,
        `One hemisphere has ${rowLimit} rows: ${this.used - rowLimit} too many. Use fewer sources or smaller weights.`,
      );
    return first;
  }

  /** Label 1..63 of a source on a driver; 0 is nobody's, since unused synapses hold it. */
  label(driver: number, sources: SpikeSources, source: number): number {
    const key = `${driver} ${source} ${sources.name}`;
    const known = this.labels.get(key);
    if (known !== undefined) return known;
    const label = this.nextLabel[driver] ?? 1;
    if (label > 63)
      throw new ExperimentError(
        `driver ${driver} would carry more than 63 sources`,
        `sources "${sources.name}"`,
        'Split the projection, so that its sources lie on more rows.',
      );
    this.nextLabel[driver] = label + 1;
    this.labels.set(key, label);
    this.labelCount++;
    return label;
  }
}
