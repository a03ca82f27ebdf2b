/** One execution of a trigger in exact arithmetic: state in codes, observations, log. */
import { hasLanes } from '../check/typed.js';
import type { Block, Item, Slot, StoreItem, Value } from '../ir/ir.js';
import { powerOfTwo } from '../numeric/power.js';
import type { BlockGeometry, Observation, RecordedItem, RuleState, Step, Trace } from '../trace.js';
import { evaluateHalf, evaluateMask, evaluateScalar } from './operations.js';

/** The trace does not hold what the rule reads. */
export class ExactTraceError extends Error {
  override readonly name = 'ExactTraceError';
}

/** A number, or one code per lane. */
export type Codes = number | Int32Array;

type Kind = Observation['kind'];
type Of<K extends Kind> = Extract<Observation, { readonly kind: K }>;

export class ExactRun {
  readonly steps: Step[] = [];
  readonly records: RecordedItem[] = [];
  readonly emitted: { row: number; label: number; after: number }[] = [];
  /** Row of the visit, -1 outside rows. */
  row = -1;
  private readonly values = new Map<number, Codes>();
  private readonly variables = new Map<number, Codes>();
  /** Raw sums of dots, for the log. */
  readonly sums = new Map<number, Float64Array>();
  private readonly queues = new Map<Kind, Observation[]>();
  private visit: Of<'correlation'> | undefined;

  constructor(
    readonly geometry: BlockGeometry,
    readonly state: RuleState,
    readonly codes: ReadonlyMap<number, Int32Array>,
    trace: Trace,
    readonly neuronOffset: number,
  ) {
    for (const observation of trace) {
      const queue = this.queues.get(observation.kind);
      if (queue) queue.push(observation);
      else this.queues.set(observation.kind, [observation]);
    }
  }

  get lanes(): number {
    return this.geometry.columns;
  }

  take<K extends Kind>(kind: K): Of<K> {
    const next = this.queues.get(kind)?.shift();
    if (next === undefined) throw new ExactTraceError(`the trace has no more reads of ${kind}`);
    return next as Of<K>;
  }

  /** The read of one population. */
  takeOf<K extends 'rate' | 'membrane'>(kind: K, population = ''): Of<K> {
    const queue = this.queues.get(kind) ?? [];
    const index = queue.findIndex(
      (read) => read.kind === kind && (read.population ?? '') === population,
    );
    const [found] = index < 0 ? [] : queue.splice(index, 1);
    if (found === undefined) throw new ExactTraceError(`the trace has no read of ${kind}`);
    return found as Of<K>;
  }

  /** The conversion of the visited row. */
  correlation(): Of<'correlation'> {
    if (this.visit?.row !== this.row || this.visit === undefined) {
      this.visit = this.take('correlation');
      if (this.visit.row !== this.row)
        throw new ExactTraceError(`the trace converts row ${this.visit.row}, not ${this.row}`);
    }
    return this.visit;
  }

  block(block: Block): void {
    for (const item of block.items) this.item(item);
  }

  /** What an operand was computed to. */
  get(value: Value): Codes {
    const found = this.values.get(value.id);
    if (found === undefined) throw new Error(`value ${value.id} (${value.operation}) is not known`);
    return found;
  }

  scalar(value: Value): number {
    const found = this.get(value);
    if (typeof found !== 'number') throw new Error('lanes where a scalar stands');
    return found;
  }

  lane(value: Value): Int32Array {
    const found = this.get(value);
    if (typeof found === 'number') throw new Error('a scalar where lanes stand');
    return found;
  }

  variable(id: number): Codes {
    return this.variables.get(id) ?? 0;
  }

  private item(item: Item): void {
    switch (item.kind) {
      case 'value':
        return this.compute(item.value);
      case 'store':
        return this.store(item);
      case 'if':
        return this.block(this.scalar(item.condition) === 0 ? item.otherwise : item.then);
      case 'log-branch': {
        const taken = this.get(item.condition);
        this.steps.push({
          kind: 'branch',
          at: item.span.start,
          taken: typeof taken === 'number' ? Uint8Array.of(taken) : Uint8Array.from(taken),
        });
        return;
      }
      case 'for': {
        const to = this.scalar(item.to);
        for (let i = this.scalar(item.from); i < to; i++) {
          this.variables.set(item.variable.id, i);
          this.block(item.body);
        }
        return;
      }
      case 'rows': {
        for (let row = 0; row < this.geometry.rows; row++) {
          if (item.only) {
            const visits = this.scalar(item.only.row) === row;
            const taken = Uint8Array.of(visits ? 1 : 0);
            this.steps.push({ kind: 'branch', at: item.only.at.start, taken });
            if (!visits) continue;
          }
          this.row = row;
          this.visit = undefined;
          this.block(item.body);
        }
        this.row = -1;
        return;
      }
      case 'reset':
        return;
      case 'record':
        for (const field of item.record.fields) {
          const value = this.get(field.value);
          const unit = powerOfTwo(-field.frac);
          const values = typeof value === 'number' ? [value] : [...value];
          this.records.push({
            name: field.name,
            row: this.row,
            values: Float64Array.from(values, (code) => code * unit + field.origin),
          });
        }
        return;
      case 'emit':
        this.emitted.push({
          row: this.scalar(item.row),
          label: this.scalar(item.label),
          after: this.scalar(item.after) / 256,
        });
    }
  }

  private compute(value: Value): void {
    const codes =
      value.space === 'scalar'
        ? evaluateScalar(this, value)
        : value.space === 'mask'
          ? evaluateMask(this, value)
          : evaluateHalf(this, value);
    this.check(value, codes);
    this.values.set(value.id, codes);
  }

  /** The lowering's proof of ranges, checked on every value. */
  private check(value: Value, codes: Codes): void {
    const bad = (code: number): boolean => !(code >= value.lo && code <= value.hi);
    const found = typeof codes === 'number' ? (bad(codes) ? codes : undefined) : codes.find(bad);
    if (found !== undefined)
      throw new RangeError(`${value.operation}: ${found} outside ${value.lo}..${value.hi}`);
  }

  /** Index of a slot's element 0 for the present place. */
  place(slot: Slot): number {
    const { symbol, elements } = slot;
    const row = Math.max(0, this.row);
    if (symbol.domain === 'synapse') return row * this.lanes * elements;
    return symbol.domain === 'row' ? row * elements : 0;
  }

  private store(item: StoreItem): void {
    const { target, log } = item;
    const value = this.get(item.value);
    const mask = item.mask ? this.lane(item.mask) : undefined;
    switch (target.kind) {
      case 'variable':
        this.variables.set(target.variable.id, typeof value === 'number' ? value : value.slice());
        break;
      case 'weight':
      case 'label': {
        const lanes = this.lane(item.value);
        const into = target.kind === 'weight' ? this.state.weights : this.state.labels;
        into.set(lanes, this.row * this.lanes);
        break;
      }
      case 'slot': {
        const codes = this.codes.get(target.slot.symbol.id);
        if (codes === undefined) throw new Error(`no state ${target.slot.symbol.name}`);
        if (typeof value !== 'number') {
          const start = this.place(target.slot) + (target.index ? this.scalar(target.index) : 0);
          value.forEach((code, lane) => {
            codes[start + lane * target.slot.elements] = code;
          });
        } else if (hasLanes(target.slot.symbol.domain)) throw new Error('a scalar in a lane state');
        else codes[target.index ? this.scalar(target.index) : 0] = value;
      }
    }
    if (log === undefined) return;
    const beforeUnit = powerOfTwo(-log.beforeFrac);
    const raw = log.raw ? this.sums.get(log.before.id) : undefined;
    const before = raw ?? this.get(log.before);
    const list = (codes: Codes | Float64Array): number[] =>
      typeof codes === 'number' ? [codes] : [...codes];
    const unit = powerOfTwo(-log.frac);
    const stored = Float64Array.from(list(value), (code) => (code + log.bias) * unit);
    // A number that all lanes share stands for each of them.
    const each =
      typeof before === 'number' ? new Array<number>(stored.length).fill(before) : list(before);
    const plus = log.plus ? list(this.get(log.plus)) : [];
    const unrounded = Float64Array.from(each, (code, lane) =>
      // Lanes that are not written hold what they held.
      mask && mask[lane] === 0
        ? (stored[lane] ?? 0)
        : code * beforeUnit + log.beforeOffset + (plus[lane] ?? 0),
    );
    this.steps.push({
      kind: 'assign',
      statement: log.statement,
      row: this.row,
      before: unrounded,
      stored,
      ...(mask ? { mask: Uint8Array.from(mask) } : {}),
    });
  }
}
