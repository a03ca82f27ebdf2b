/**
 * Row loops that read the next row while they compute the present one: which loops can, and the scalar registers that
 * lead to both rows.
 */
import { descriptor } from '../../isa/runtime-layout.js';
import type { Block, Item, Value } from '../ir/ir.js';
import type { CodeList, Kernel } from './code.js';
import { readsTarget } from './inspect.js';
import { type TriggerPlace, loopRegisters } from './place.js';
import { type Scalars, scalarPool, scratch } from './scalars.js';
import { isStraight } from './straight.js';

/** More draws than this in a visit are made where they are used: their bytes would take too many registers. */
export const drawsAhead = 2;

/** Reads of the hardware and of states that a visit can make before anything else happens. */
const reads: ReadonlySet<string> = new Set([
  'weight',
  'label',
  'causal',
  'acausal',
  'causal-code',
  'acausal-code',
  'load-lanes',
  'random-byte',
]);
/** Operations that call the run-time, or read what cannot be read a row early. */
const excluded: ReadonlyMap<string, string> = new Map([
  ['lookup', 'it looks up a table'],
  ['rate', 'counters are read in each row'],
  ['v', 'membranes are read in each row'],
]);
/** Statements that branch or call. */
const kinds: {
  readonly [K in Exclude<Item['kind'], 'value' | 'store' | 'reset' | 'log-branch'>]: string;
} = {
  if: 'it branches',
  for: 'it has a loop',
  rows: 'it has a loop',
  record: 'it records',
  emit: 'it emits events',
};

/**
 * The reads of a visit that the loop can make a row ahead, or why it cannot overlap rows: code that branches or calls,
 * scalars that differ from row to row, and reads of what the visit has written stay in their order.
 */
export function readsAhead(body: Block): Value[] | string {
  const found: Value[] = [];
  const stores: Item[] = [];
  for (const item of body.items) {
    if (item.kind === 'value') {
      const { value } = item;
      if (value.space === 'scalar') {
        if (!isStraight(value)) return `a scalar of each row branches (${value.operation})`;
        continue;
      }
      const call = excluded.get(value.operation);
      if (call !== undefined) return call;
      if (!reads.has(value.operation)) continue;
      const { slot } = value;
      if (slot !== undefined && slot.symbol.domain !== 'synapse')
        return `${slot.symbol.name} is read in each row`;
      // An index that is not known lies in a register that the loop takes.
      if (slot !== undefined && value.args.length > 0)
        return `an element of ${slot.symbol.name} is chosen while it runs`;
      const isLate = stores.some(
        (each) => each.kind === 'store' && readsTarget(value, each.target),
      );
      // What the visit has written is read where it stands.
      if (!isLate) found.push(value);
    } else if (item.kind === 'store') {
      const { target } = item;
      const isOfLanes = target.kind === 'slot' && item.value.space !== 'scalar';
      if (isOfLanes && target.index && target.index.operation !== 'const')
        return `an element of ${target.slot.symbol.name} is chosen while it runs`;
      stores.push(item);
    } else if (item.kind === 'reset') {
      const isSensors = item.targets.every((each) => each === 'causal' || each === 'acausal');
      if (!item.visit || !isSensors) return 'it resets more than sensors';
    } else if (item.kind !== 'log-branch') return kinds[item.kind];
  }
  const hasLanes = body.items.some(
    (item) => item.kind === 'value' && item.value.space !== 'scalar',
  );
  if (!hasLanes) return 'it computes scalars only';
  const draws = found.filter(({ operation }) => operation === 'random-byte').length;
  return draws > drawsAhead ? found.filter(({ operation }) => operation !== 'random-byte') : found;
}

/** How much a row loop reads a row ahead: everything it can, what takes long to come, or nothing. */
export type Overlap = 'all' | 'slow' | 'none';

const slow: ReadonlySet<string> = new Set(['causal', 'acausal', 'causal-code', 'acausal-code']);

/** Whether the answer to a read takes longer than some instructions. */
export const isSlow = (value: Value): boolean =>
  slow.has(value.operation) || value.slot?.symbol.external === true;

/** A loop needs more scalar registers for addresses than there are. */
export class TooManyScalars extends Error {
  override readonly name = 'TooManyScalars';
  constructor(readonly loop: number) {
    super(`row loop ${loop}`);
  }
}

/** Registers of the row loop that are set before it begins. */
export interface RowRegisters {
  readonly row: number;
  readonly rows: number;
  readonly busIndex: number;
  readonly baseline: number;
  readonly rowBytes: number;
}

interface Moving {
  readonly register: number;
  readonly base: number;
  readonly offset: number;
  readonly step: number;
  readonly ahead: boolean;
}

/** Scalar registers of one overlapping loop, given out as its code asks for them. */
export class KernelRegisters {
  private readonly moving = new Map<string, Moving>();
  private readonly constants = new Map<string, { register: number; value: number }>();
  private readonly redirected: number[] = [];
  private readonly externals = new Set<Moving>();

  constructor(
    private readonly loop: number,
    /** Registers that nothing else uses in the loop. */
    private readonly free: number[],
    private readonly row: RowRegisters,
    /** Bus indices and bytes of baselines from one row to the next. */
    private readonly indexStep: number,
    private readonly baselineStep: number,
    /** Address of the word that says where this processor's external memory begins. */
    private readonly externalBase: number,
  ) {}

  private take(): number {
    const register = this.free.pop();
    if (register === undefined) throw new TooManyScalars(this.loop);
    return register;
  }

  private follow(base: number, offset: number, step: number, ahead: boolean): number {
    if (!ahead && offset === 0) return base;
    const key = `${base}+${offset}${ahead ? 'a' : ''}`;
    let entry = this.moving.get(key);
    if (entry === undefined)
      this.moving.set(key, (entry = { register: this.take(), base, offset, step, ahead }));
    return entry.register;
  }

  /** Holds `offset` + the row's index on the parallel bus. */
  index(offset: number, ahead: boolean): number {
    return this.follow(this.row.busIndex, offset, this.indexStep, ahead);
  }

  /** Holds the address of a row in the external memory, whose first row lies at byte `start`; in units of 16 bytes. */
  external(start: number, step: number, ahead: boolean): number {
    const key = `external${start}${ahead ? 'a' : ''}`;
    let entry = this.moving.get(key);
    if (entry === undefined)
      this.moving.set(
        key,
        (entry = { register: this.take(), base: start, offset: 0, step, ahead }),
      );
    this.externals.add(entry);
    return entry.register;
  }

  /** Holds 256 times the row. */
  rowBytes(ahead: boolean): number {
    return this.follow(this.row.rowBytes, 0, 256, ahead);
  }

  /** Holds a number; a `redirected` one becomes 0 when there is no row to come. */
  constant(value: number, redirected = false): number {
    const key = `${value}${redirected ? 'r' : ''}`;
    let entry = this.constants.get(key);
    if (entry === undefined) {
      this.constants.set(key, (entry = { register: this.take(), value }));
      if (redirected) this.redirected.push(entry.register);
    }
    return entry.register;
  }

  /** Emits what sets the registers before the loop; they lead to the first row. */
  prepare(code: CodeList, scalars: Scalars): void {
    for (const entry of this.moving.values()) {
      const { register, base, offset } = entry;
      if (this.externals.has(entry)) {
        // The loop begins with row 0.
        scalars.constant(scratch, base);
        code.emit('lwz', register, this.externalBase, 0);
        code.emit('add', register, register, scratch);
        code.emit('rlwinm', register, register, 28, 4, 31);
        code.emit('oris', register, register, 0x8000);
      } else code.emit('addi', register, base, offset);
    }
    for (const { register, value } of this.constants.values()) scalars.constant(register, value);
  }

  /** The loop from its two parts. */
  kernel(
    parts: Pick<Kernel, 'id' | 'ahead' | 'body' | 'labels' | 'polls'>,
    usesBaselines: boolean,
  ): Kernel {
    const { row } = this;
    const moving = [...this.moving.values()].map(({ register, step, ahead }) => ({
      register,
      step,
      ahead,
    }));
    const used = (register: number): boolean =>
      [...parts.ahead, ...parts.body].some(
        (line) => line.kind === 'instruction' && line.operands.includes(register),
      );
    if (used(row.busIndex))
      moving.push({ register: row.busIndex, step: this.indexStep, ahead: false });
    if (used(row.row)) moving.push({ register: row.row, step: 1, ahead: false });
    if (used(row.rowBytes)) moving.push({ register: row.rowBytes, step: 256, ahead: false });
    if (usesBaselines && used(row.baseline))
      moving.push({ register: row.baseline, step: this.baselineStep, ahead: true });
    return { ...parts, moving, redirected: this.redirected, rows: row.rows };
  }
}

/** Scalar registers of an overlapping loop: so many for values of a row, the others for addresses. */
const rowScalars = 7;
/** Polling for events changes registers up to this one. */
const lastOfPolling = 11;

/** Registers for the scalars of a row in an overlapping loop. */
export const valueRegisters: readonly number[] = scalarPool.slice(0, rowScalars);

/** Registers for the addresses of an overlapping loop of a trigger; `hasScalars`: its rows compute scalars. */
export function kernelRegisters(
  place: TriggerPlace,
  loop: number,
  hasScalars: boolean,
): KernelRegisters {
  const free = place.emits
    ? scalarPool.filter((register) => register > lastOfPolling)
    : scalarPool.slice(hasScalars ? rowScalars : 0);
  return new KernelRegisters(
    loop,
    free,
    loopRegisters,
    place.signed ? 4 : 2,
    16 * place.branches.length,
    place.descriptor + descriptor.externalBase,
  );
}
