/** What the lowering of one rule knows while it walks: builder, arithmetic, names, and the values cached in registers. */
import type { Accept } from '../diagnostics/diagnostic.js';
import type { Expression, TypedRule } from '../check/typed.js';
import { Builder } from '../ir/builder.js';
import type { AssignmentNote, RecordItem, Slot, TableData, Value, Variable } from '../ir/ir.js';
import { Accumulator } from '../numeric/accumulate.js';
import { slotFor } from '../numeric/formats.js';
import type { Atom, Linear } from '../numeric/linear.js';
import { type Scalar, ScalarMath } from '../numeric/scalar.js';

/** A name whose definition has been refused: the mistake is there, not where the name is used. */
export class Undefined extends Error {
  override readonly name = 'Undefined';
}

/** What the checker does not let through: a mistake of the compiler. */
export const impossible = (what: string): Error => new Error(`nothing to lower: ${what}`);

/** An int in lanes that 16 bits do not hold where they must. */
export class WideInt extends Error {
  override readonly name = 'WideInt';
  constructor(readonly expression: Expression) {
    super('an int in lanes beyond 16 bits');
  }
}

/** What a name stands for while it is in scope. */
export type Binding =
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'linear'; readonly linear: Linear }
  | { readonly kind: 'condition'; readonly value: Value }
  /** `error`: how far the value may be off that it has before it is assigned again. */
  | { readonly kind: 'variable'; readonly variable: Variable; readonly error: number };

/** Lane values whose newest version is in registers, by what they are. */
export type LaneCache = Map<string, { readonly atom: Atom; readonly offset: number }>;

export interface Context {
  readonly rule: TypedRule;
  readonly builder: Builder;
  readonly math: ScalarMath;
  readonly sums: Accumulator;
  readonly slots: Map<number, Slot>;
  readonly bindings: Map<number, Binding>;
  readonly notes: Map<number, AssignmentNote>;
  readonly records: RecordItem[];
  readonly tables: Map<number, TableData>;
  readonly accept: Accept;
  /** Lane values known in registers. */
  cache: LaneCache;
  /** Mask of the lanes that are active, from enclosing lane conditions. */
  mask: Value | undefined;
  /** Inside a row loop. */
  inVisit: boolean;
  nextVariable: number;
  /** Something has been refused and reported. */
  failed: boolean;
  /** Index of the trigger that is lowered. */
  trigger: number;
  /** Statements (assignments, lets) whose numbers get more places at the cost of instructions. */
  readonly precise: ReadonlySet<number>;
}

export function makeContext(
  rule: TypedRule,
  accept: Accept,
  precise: ReadonlySet<number> = new Set(),
): Context {
  const builder = new Builder();
  const math = new ScalarMath(builder);
  const slots = new Map<number, Slot>();
  for (const symbol of [...rule.params, ...rule.inputs, ...rule.states])
    slots.set(symbol.id, slotFor(symbol));
  return {
    rule,
    builder,
    math,
    sums: new Accumulator(builder, math),
    slots,
    bindings: new Map(),
    notes: new Map(),
    records: [],
    tables: new Map(),
    accept,
    cache: new Map(),
    mask: undefined,
    inVisit: false,
    nextVariable: 0,
    failed: false,
    trigger: 0,
    precise,
  };
}

/**
 * Under which name the cache knows a state of lanes, or the element of an array that `index` says; undefined for one
 * that is known only at run time.
 */
export function slotKey(id: number, index: Value | undefined): string | undefined {
  if (index === undefined) return `slot ${id} `;
  return index.operation === 'const' ? `slot ${id} ${index.numbers[0] ?? 0}` : undefined;
}

/** Whether the cache's `key` is that of a state of lanes, or of one of its elements. */
export const isKeyOf = (key: string, id: number): boolean => key.startsWith(`slot ${id} `);

export function slotOf(context: Context, id: number): Slot {
  const slot = context.slots.get(id);
  if (slot === undefined) throw new Error(`no slot for symbol ${id}`);
  return slot;
}
