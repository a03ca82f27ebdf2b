/** Counts the rows that a network lacks, so that the message can say how many. */
import { ExperimentError } from '../failure.js';
import type { Hemisphere } from './neuron-places.js';
import type { Projection } from './projection.js';
import { rowCount } from './row-plan.js';
import type { Reach, RowPlan } from './row-plan.js';

/** A network does not fit this way; another way of routing may. */
export class RowShortage extends Error {
  constructor(readonly problem: ExperimentError) {
    super(problem.message);
  }
}

/** A row that does not exist: sources that share neurons cannot share it. */
interface MissingRow {
  readonly half: Hemisphere;
  readonly reach: string;
  readonly columns: Set<number>;
}

/** See the module's first sentence. */
export class ShortRows {
  private readonly missing: MissingRow[] = [];
  private first: { readonly projection: Projection; readonly reach: Reach } | undefined;
  private blocks = 0;

  constructor(private readonly plans: readonly [RowPlan, RowPlan]) {}

  /** Notes synapses on these columns that no row can take. */
  note(half: Hemisphere, projection: Projection, reach: Reach, columns: readonly number[]): void {
    this.first ??= { projection, reach };
    const name = `${reach.bus} ${reach.zone}`;
    const open = this.missing.find(
      (row) =>
        row.half === half &&
        row.reach === name &&
        columns.every((column) => !row.columns.has(column)),
    );
    if (open) for (const column of columns) open.columns.add(column);
    else this.missing.push({ half, reach: name, columns: new Set(columns) });
  }

  /** Notes a plastic block of `rows` rows that has no gapless place. */
  noteBlock(_half: Hemisphere, projection: Projection, rows: number): void {
    this.first ??= { projection, reach: {} };
    this.blocks += rows;
  }

  /** @throws RowShortage if anything was noted */
  check(): void {
    const { first } = this;
    if (!first) return;
    const used = this.plans[0].used + this.plans[1].used;
    const place = `projection "${first.projection.name}"`;
    if (this.blocks > 0)
      throw new RowShortage(
        new ExperimentError(
          `a rule needs ${this.blocks} neighbouring synapse rows that only it uses; ${used} rows are in use already`,
          place,
          `One half of the chip has ${rowCount} rows: ${Math.max(1, this.blocks + used - rowCount)} too many. Use fewer sources on plastic projections, or put their targets on different halves.`,
        ),
      );
    const missing = this.missing.length;
    const { bus } = first.reach;
    const where =
      bus === undefined
        ? `One half of the chip has ${rowCount} rows`
        : `Events of these neurons arrive on bus ${bus}, which has ${rowCount / 4} rows on each half`;
    throw new RowShortage(
      new ExperimentError(
        `${used + missing} synapse rows are needed`,
        place,
        `${where}: ${missing} too many. Use fewer sources or smaller weights, put populations on different halves, give neurons more circuits (joinCircuits), or let the network run in parts (runPartitioned).`,
      ),
    );
  }
}
