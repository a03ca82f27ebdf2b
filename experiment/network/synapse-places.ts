/** Which synapses of the array the connections of a network take. */
import { ExperimentError } from '../failure.js';
import type { Network } from './network.js';
import type { Hemisphere, PlacedNeuron } from './neuron-places.js';
import type { PlacedProjection, PlacedSynapse, PlasticBlock } from './placement.js';
import { membersOf, neuronsOf } from './groups.js';
import type { Population } from './population.js';
import type { SpikeSources } from './spike-sources.js';
import type { Projection } from './projection.js';
import { sourceKey } from './routes.js';
import type { Routed, SourceKey } from './routes.js';
import { rowCount } from './row-plan.js';
import type { Reach, RowMode, RowPlan } from './row-plan.js';
import { ShortRows } from './short-rows.js';
import { rowsForWeight, weightShare } from './weights.js';

/** Places all projections; those with rules first, then those whose sources lie on the chip. */
export function placeSynapses(
  network: Network,
  neurons: ReadonlyMap<Population, readonly PlacedNeuron[]>,
  routed: Routed,
): { projections: PlacedProjection[]; events: Map<SpikeSources, number[][]> } {
  const places = new SynapsePlaces(neurons, routed);
  const rank = (projection: Projection): number =>
    projection.rule ? 0 : membersOf(projection.source).some(isOnChip) ? 1 : 2;
  const ordered = [...network.projections].sort((a, b) => rank(a) - rank(b));
  const projections = ordered.map((projection) =>
    projection.rule ? places.placePlastic(projection) : places.placeStatic(projection),
  );
  places.short.check();
  return { projections, events: places.events(network) };
}

function isOnChip({ group }: { readonly group: SpikeSources | Population }): boolean {
  return group.kind === 'population' || group.cell?.kind === 'background';
}

/** What one projection gets while it is placed. */
interface Draft {
  readonly projection: Projection;
  readonly keys: readonly SourceKey[];
  readonly targets: readonly PlacedNeuron[];
  readonly rowsOfSource: number[][];
  readonly synapses: PlacedSynapse[];
  readonly synapsesOf: number[][];
  readonly blocks: PlasticBlock[];
}

/** The synapses of one source that lie on one row: for each connection, by index, its column. */
interface Bundle {
  readonly source: number;
  readonly layer: number;
  readonly members: readonly { readonly connection: number; readonly columns: readonly number[] }[];
}

class SynapsePlaces {
  readonly short: ShortRows;
  private readonly rowsHeard = new Map<string, Set<number>>();

  constructor(
    private readonly neurons: ReadonlyMap<Population, readonly PlacedNeuron[]>,
    private readonly routed: Routed,
  ) {
    this.short = new ShortRows(routed.plans);
  }

  /** One row (or driver) per source, in order: what a rule's block looks like. */
  placePlastic(projection: Projection): PlacedProjection {
    const draft = this.draft(projection);
    const signed = projection.receptor === 'signed';
    const heavy = projection.connections.find(({ weight }) => Math.abs(weight) > 63);
    if (heavy)
      throw new ExperimentError(
        `the weight ${heavy.weight} of synapse ${heavy.source} -> ${heavy.target} is above 63`,
        `projection "${projection.name}"`,
        'A plastic synapse is one synapse: choose start weights 0..63.',
      );
    for (const half of [0, 1] as const) {
      const own = new Map<number, number[]>();
      projection.connections.forEach(({ source, target }, k) => {
        if (draft.targets[target]?.hemisphere !== half) return;
        const list = own.get(source);
        if (list) list.push(k);
        else own.set(source, [k]);
      });
      if (own.size > 0) this.placeBlock(draft, half, own, signed);
    }
    return finish(draft);
  }

  private placeBlock(
    draft: Draft,
    half: Hemisphere,
    own: ReadonlyMap<number, readonly number[]>,
    signed: boolean,
  ): void {
    const plan = this.routed.plans[half];
    const { projection, keys } = draft;
    const width = signed ? 2 : 1;
    const reaches = keys.map((key) => this.routed.reachOf(half, key));
    const rows = findBlock(plan, reaches, width);
    if (!rows) {
      this.short.noteBlock(half, projection, keys.length * width);
      return;
    }
    const all = rows.flatMap((row) => (signed ? [row, row + 1] : [row]));
    const firstRow = Math.min(...all);
    const lastRow = Math.max(...all);
    const modeOf = (row: number): RowMode =>
      signed ? ((1 + (row & 1)) as RowMode) : projection.receptor === 'inhibitory' ? 2 : 1;
    for (let row = firstRow; row <= lastRow; row++) plan.reserve(row, modeOf(row));
    draft.blocks.push({
      hemisphere: half,
      firstRow,
      rowCount: (lastRow - firstRow + 1) / width,
      columns: draft.targets.flatMap((n) => (n.hemisphere === half ? [n.column] : [])),
      rowOfSource: rows.map((row) => (row - firstRow) / width),
    });
    rows.forEach((row, source) => {
      const isHeard = own.has(source);
      for (let r = row; r < row + width; r++) this.noteRow(draft, half, source, r, isHeard);
      for (const connection of own.get(source) ?? []) {
        const { weight, target } = projection.connections[connection] ?? { weight: 0, target: 0 };
        const column = draft.targets[target]?.column ?? 0;
        this.addSynapse(draft, connection, half, row, column, Math.max(0, weight), source);
        if (signed)
          this.addSynapse(draft, connection, half, row + 1, column, Math.max(0, -weight), source);
      }
    });
  }

  /** Sources share rows where they have no neuron in common; weights above 63 go to further rows. */
  placeStatic(projection: Projection): PlacedProjection {
    const draft = this.draft(projection);
    for (const half of [0, 1] as const)
      for (const bundle of this.bundles(draft, half))
        if (!this.placeBundle(draft, half, bundle) && bundle.members.length > 1) {
          // No row takes all of it: each synapse may find a place of its own.
          const left = bundle.members.filter(
            (member) => !this.placeBundle(draft, half, { ...bundle, members: [member] }),
          );
          if (left.length > 0) this.noteShort(draft, half, { ...bundle, members: left });
        } else if (bundle.members.length === 1 && !this.isPlaced(draft, bundle))
          this.noteShort(draft, half, bundle);
    return finish(draft);
  }

  /** Labels of host sources, bus by bus; a source on both halves has events for both. */
  events(network: Network): Map<SpikeSources, number[][]> {
    const events = new Map<SpikeSources, number[][]>();
    for (const sources of network.sources) {
      if (sources.cell?.kind === 'background') continue;
      if (
        !network.projections.some((p) => membersOf(p.source).some(({ group }) => group === sources))
      )
        continue;
      events.set(
        sources,
        Array.from({ length: sources.size }, (_, i) => {
          const key = sourceKey(sources, i);
          return ([0, 1] as const).flatMap((half) =>
            this.routed.plans[half]
              .eventsFor(this.rowsHeard.get(`${half} ${key}`) ?? [], key)
              .map(({ bus, label }) => (bus << 14) | (half << 13) | label),
          );
        }),
      );
    }
    return events;
  }

  private draft(projection: Projection): Draft {
    const { source, target, connections } = projection;
    return {
      projection,
      keys: membersOf(source).map(({ group, index }) => sourceKey(group, index)),
      targets: neuronsOf(target).map(({ population, index }) => {
        const placed = this.neurons.get(population)?.[index];
        if (!placed) throw new Error(`population ${population.name} is not placed`);
        return placed;
      }),
      rowsOfSource: Array.from({ length: source.size }, () => []),
      synapses: [],
      synapsesOf: connections.map(() => []),
      blocks: [],
    };
  }

  /** Layer by layer, source by source. */
  private bundles(draft: Draft, half: Hemisphere): Bundle[] {
    const { projection, targets } = draft;
    const { compartment, rows } = projection.options;
    const layersOf = projection.connections.map(({ weight }) => rows ?? rowsForWeight(weight));
    const layers = layersOf.reduce((most, n) => Math.max(most, n), 0);
    const heavy = layersOf.findIndex(
      (n, k) => n < rowsForWeight(projection.connections[k]?.weight ?? 0),
    );
    if (heavy >= 0)
      throw new ExperimentError(
        `the weight ${projection.connections[heavy]?.weight} does not fit ${rows} rows`,
        `projection "${projection.name}"`,
        'A row holds weights up to 63: raise `rows`.',
      );
    const bySource: number[][] = Array.from({ length: projection.source.size }, () => []);
    projection.connections.forEach(({ source }, k) => bySource[source]?.push(k));
    const bundles: Bundle[] = [];
    for (let layer = 0; layer < layers; layer++)
      bySource.forEach((connections, source) => {
        const members = connections.flatMap((connection) => {
          const target = targets[projection.connections[connection]?.target ?? 0];
          if ((layersOf[connection] ?? 0) <= layer || !target) return [];
          const circuits = circuitsFor(projection, target, compartment);
          const columns = circuits.filter((c) => c.hemisphere === half).map((c) => c.column);
          // A neuron with circuits on both halves takes its input on the half where it fires.
          return columns.length > 0 && circuits[0]?.hemisphere === half
            ? [{ connection, columns }]
            : [];
        });
        if (members.length > 0) bundles.push({ source, layer, members });
      });
    return bundles;
  }

  private isPlaced(draft: Draft, { layer, members }: Bundle): boolean {
    const width = draft.projection.receptor === 'signed' ? 2 : 1;
    return members.every(
      ({ connection }) => (draft.synapsesOf[connection]?.length ?? 0) > layer * width,
    );
  }

  private noteShort(draft: Draft, half: Hemisphere, bundle: Bundle): void {
    const key = draft.keys[bundle.source] ?? '';
    this.short.note(
      half,
      draft.projection,
      this.routed.reachOf(half, key),
      bundle.members.map(({ columns }) => columns[0] ?? 0),
    );
  }

  /** Puts a bundle on the first row that can take all of it. */
  private placeBundle(draft: Draft, half: Hemisphere, bundle: Bundle): boolean {
    const { projection } = draft;
    const plan = this.routed.plans[half];
    const signed = projection.receptor === 'signed';
    const mode: RowMode = projection.receptor === 'inhibitory' ? 2 : 1;
    const key = draft.keys[bundle.source] ?? '';
    const reach = this.routed.reachOf(half, key);
    // Rows in use first, then fresh ones.
    for (const fresh of [false, true])
      for (let row = 0; row < rowCount; row += signed ? 2 : 1) {
        const other = row + 1;
        if (plan.isUnused(row) !== fresh || !plan.isOpen(row, mode, reach, key)) continue;
        if (signed && !plan.isOpen(other, 2, reach, key)) continue;
        const columns = chooseColumns(
          bundle,
          (column) => plan.isFree(row, column) && (!signed || plan.isFree(other, column)),
        );
        if (!columns) continue;
        this.noteRow(draft, half, bundle.source, row);
        if (signed) this.noteRow(draft, half, bundle.source, other);
        bundle.members.forEach(({ connection }, i) => {
          const weight = projection.connections[connection]?.weight ?? 0;
          const column = columns[i] ?? 0;
          const share = (value: number): number => weightShare(value, bundle.layer);
          plan.occupy(row, column, mode);
          this.addSynapse(draft, connection, half, row, column, share(weight), bundle.source);
          if (!signed) return;
          plan.occupy(other, column, 2);
          this.addSynapse(draft, connection, half, other, column, share(-weight), bundle.source);
        });
        return true;
      }
    return false;
  }

  private noteRow(
    draft: Draft,
    half: Hemisphere,
    source: number,
    row: number,
    isHeard = true,
  ): void {
    const rows = draft.rowsOfSource[source];
    if (rows && !rows.includes(row)) rows.push(row);
    if (!isHeard) return;
    const key = `${half} ${draft.keys[source]}`;
    const heard = this.rowsHeard.get(key) ?? new Set<number>();
    this.rowsHeard.set(key, heard);
    heard.add(row);
    this.routed.plans[half].label(row, draft.keys[source] ?? '');
  }

  private addSynapse(
    draft: Draft,
    connection: number,
    hemisphere: Hemisphere,
    row: number,
    column: number,
    weight: number,
    source: number,
  ): void {
    draft.synapsesOf[connection]?.push(draft.synapses.length);
    const label = this.routed.plans[hemisphere].label(row, draft.keys[source] ?? '');
    draft.synapses.push({ hemisphere, row, column, weight, label });
  }
}

/** A column for each synapse of a bundle such that all are free and differ; undefined if there is none. */
function chooseColumns(
  { members }: Bundle,
  isFree: (column: number) => boolean,
): number[] | undefined {
  const taken = new Set<number>();
  const chosen: number[] = [];
  for (const { columns } of members) {
    const column = columns.find((c) => !taken.has(c) && isFree(c));
    if (column === undefined) return undefined;
    taken.add(column);
    chosen.push(column);
  }
  return chosen;
}

/** Circuits that take a projection's input. @throws ExperimentError for a compartment that does not exist */
function circuitsFor(
  projection: Projection,
  { circuits }: PlacedNeuron,
  compartment: string | undefined,
): PlacedNeuron['circuits'] {
  const name = compartment ?? circuits[0]?.compartment;
  const own = circuits.filter((circuit) => circuit.compartment === name);
  if (own.length === 0)
    throw new ExperimentError(
      `there is no compartment "${name}"`,
      `projection "${projection.name}"`,
      `Its neurons have ${[...new Set(circuits.map((c) => c.compartment))].join(', ')}.`,
    );
  return own;
}

/** Rows for the sources of a plastic block: a gapless stretch that nobody uses, as short as it can be. */
function findBlock(plan: RowPlan, reaches: readonly Reach[], width: number): number[] | undefined {
  let best: number[] | undefined;
  let shortest = Infinity;
  for (let first = 0; first + width <= rowCount; first += width) {
    const rows = fillBlock(plan, reaches, width, first, first + shortest - 1);
    if (!rows) continue;
    const length = Math.max(...rows) + width - first;
    if (length < shortest) {
      shortest = length;
      best = rows;
    }
    if (shortest === reaches.length * width) break;
  }
  return best;
}

function fillBlock(
  plan: RowPlan,
  reaches: readonly Reach[],
  width: number,
  first: number,
  limit: number,
): number[] | undefined {
  const waiting = reaches.map((reach, source) => ({ reach, source }));
  const rows = new Array<number>(reaches.length).fill(0);
  for (let row = first; waiting.length > 0; row += width) {
    if (row + width > Math.min(rowCount, limit + 1)) return undefined;
    if (!plan.isUnused(row) || (width === 2 && !plan.isUnused(row + 1))) return undefined;
    // A source that can only be here goes before one that could be anywhere.
    const at = waiting.findIndex(({ reach }) => plan.reaches(reach, row));
    const [next] = at < 0 ? [] : waiting.splice(at, 1);
    if (next) rows[next.source] = row;
  }
  return rows;
}

function finish(draft: Draft): PlacedProjection {
  const { projection, rowsOfSource, synapses, synapsesOf, blocks } = draft;
  const main = Math.min(...synapses.map(({ hemisphere }) => hemisphere));
  const rows = new Set(
    synapses.flatMap(({ hemisphere, row }) => (hemisphere === main ? [row] : [])),
  );
  const [block] = blocks;
  return {
    projection,
    firstRow: block?.firstRow ?? (rows.size > 0 ? Math.min(...rows) : 0),
    rowCount: block?.rowCount ?? rows.size,
    rowsOfSource,
    synapses,
    synapsesOf,
    blocks,
  };
}
