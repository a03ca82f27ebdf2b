/**
 * The synapse rows of one half of the chip: who drives them, which columns of them are taken, and the labels by which
 * their sources are told apart.
 *
 * An event of a PADI bus names one of its 32 drivers by the row select. Events of the host can name any driver; those of
 * a neuron carry its event output there, so they reach the lower 16 drivers of their bus (rows 0..127, neurons of the
 * west half) or the upper 16 (rows 128..255, east half). Such a *zone* is shared: its drivers compare only the highest
 * bit of the row select, and labels are unique among all sources of one bus in it. In other zones each driver compares
 * all bits and has labels of its own. As a last resort both zones of a half are merged: no bit is compared.
 */
import {
  busOfDriver,
  driverOfRow,
  neuronLabel,
  rowSelectOfDriver,
} from '../../isa/registers/coordinates.js';

export const rowCount = 256;
const columnCount = 256;
const labelCount = 64;
const driversPerZone = 16;

/** What a row drives: 0 nothing, 1 the excitatory, 2 the inhibitory line. */
export type RowMode = 0 | 1 | 2;

/** How the drivers of a half choose their events. */
export interface ZonePlan {
  /** Zones whose drivers hear neurons or background sources. */
  readonly shared: readonly [boolean, boolean];
  readonly merged: boolean;
}

/** Where a source's events can arrive: any driver for the host, one bus and zone for what is on the chip. */
export interface Reach {
  readonly bus?: number;
  readonly zone?: number;
}

/** Zone 0 (drivers 0..63, rows 0..127) or 1 of a driver. */
export function zoneOfDriver(driver: number): number {
  return rowSelectOfDriver(driver) >> 4;
}

/** See the module's first sentence. Rows from 256 on stand for rows that are missing. */
export class RowPlan {
  readonly modes: number[] = new Array<number>(rowCount).fill(0);
  /** Rows of plastic blocks, which nobody else uses. */
  private readonly reserved = new Uint8Array(rowCount);
  private readonly occupied: Uint8Array[] = [];
  private readonly labels = new Map<string, number>();
  private readonly takenLabels = new Map<string, Uint8Array>();

  constructor(readonly zones: ZonePlan) {}

  /** Rows in use. */
  get used(): number {
    return this.modes.filter((mode) => mode !== 0).length;
  }

  get labelsUsed(): number {
    return this.labels.size;
  }

  /** Row-select bits that a driver compares, and the row select by which the host names it. */
  selectionOf(driver: number): { readonly mask: number; readonly rowSelect: number } {
    if (this.zones.merged) return { mask: 0, rowSelect: 0 };
    const zone = zoneOfDriver(driver);
    return this.zones.shared[zone]
      ? { mask: driversPerZone, rowSelect: zone * driversPerZone }
      : { mask: 31, rowSelect: rowSelectOfDriver(driver) };
  }

  /** Drivers that hear the same events: the label space of a row. */
  domainOf(row: number): string {
    const driver = driverOfRow(row);
    const bus = busOfDriver(driver);
    if (this.zones.merged) return `bus ${bus}`;
    const zone = zoneOfDriver(driver);
    return this.zones.shared[zone] ? `bus ${bus} zone ${zone}` : `driver ${driver}`;
  }

  /** True if a source's events can reach a row. */
  reaches(reach: Reach, row: number): boolean {
    const driver = driverOfRow(row);
    return (
      (reach.bus === undefined || busOfDriver(driver) === reach.bus) &&
      (reach.zone === undefined || this.zones.merged || zoneOfDriver(driver) === reach.zone)
    );
  }

  /** A row that can serve a source in a mode: it may be used already. */
  isOpen(row: number, mode: RowMode, reach: Reach, source: string): boolean {
    return (
      this.reserved[row] !== 1 &&
      (this.modes[row] === 0 || this.modes[row] === mode) &&
      this.reaches(reach, row) &&
      this.hasLabel(row, source)
    );
  }

  isFree(row: number, column: number): boolean {
    return this.occupied[row]?.[column] !== 1;
  }

  /** Takes a synapse of a row. */
  occupy(row: number, column: number, mode: RowMode): void {
    this.modes[row] = mode;
    (this.occupied[row] ??= new Uint8Array(columnCount))[column] = 1;
  }

  /** Keeps rows for a rule. */
  reserve(row: number, mode: RowMode): void {
    this.modes[row] = mode;
    this.reserved[row] = 1;
  }

  /** True if a row is in nobody's use. */
  isUnused(row: number): boolean {
    return this.modes[row] === 0 && this.reserved[row] !== 1;
  }

  isLabelFree(domain: string, label: number): boolean {
    return this.taken(domain)[label] === 0;
  }

  /** Gives a source a label that the hardware has chosen: a neuron's address, or one of a generator. */
  setLabel(domain: string, source: string, label: number): void {
    this.taken(domain)[label] = 1;
    this.labels.set(`${domain} ${source}`, label);
  }

  /** Label 1..63 of a source in the domain of a row; 0 is nobody's, since unused synapses hold it. */
  label(row: number, source: string): number {
    const domain = this.domainOf(row);
    const key = `${domain} ${source}`;
    const known = this.labels.get(key);
    if (known !== undefined) return known;
    const taken = this.taken(domain);
    const label = taken.indexOf(0, 1);
    if (label < 0) throw new LabelError(domain);
    taken[label] = 1;
    this.labels.set(key, label);
    return label;
  }

  /** First label of `count` (a power of two) neighbours that are free, aligned; undefined if there are none. */
  labelBlock(domain: string, count: number): number | undefined {
    const taken = this.taken(domain);
    for (let first = count; first < labelCount; first += count)
      if (taken.subarray(first, first + count).every((t) => t === 0)) return first;
    return undefined;
  }

  /** Domain of a bus in a zone. */
  domainOfBus(bus: number, zone: number): string {
    return this.domainOf(2 * (4 * driversPerZone * zone + bus));
  }

  /** The events by which a source outside of the chip reaches rows: bus and label with row select, each once. */
  eventsFor(rows: Iterable<number>, source: string): { bus: number; label: number }[] {
    const found = new Map<string, { bus: number; label: number }>();
    for (const row of [...rows].sort((a, b) => a - b)) {
      const driver = driverOfRow(row);
      const domain = this.domainOf(row);
      if (!found.has(domain))
        found.set(domain, {
          bus: busOfDriver(driver),
          label: neuronLabel(this.selectionOf(driver).rowSelect, this.label(row, source)),
        });
    }
    return [...found.values()];
  }

  private hasLabel(row: number, source: string): boolean {
    const domain = this.domainOf(row);
    return this.labels.has(`${domain} ${source}`) || this.taken(domain).indexOf(0, 1) > 0;
  }

  private taken(domain: string): Uint8Array {
    let taken = this.takenLabels.get(domain);
    if (!taken) this.takenLabels.set(domain, (taken = new Uint8Array(labelCount)));
    return taken;
  }
}

/** All labels of a domain are in use. */
export class LabelError extends Error {
  constructor(readonly domain: string) {
    super(`no label is left: ${domain}`);
  }
}
