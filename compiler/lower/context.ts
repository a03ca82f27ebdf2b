/** What the lowering of one rule knows while it walks: builder, arithmetic, names, and the values cached in registers. */
import type { Span } from '../syntax/ast.js';
import type { Accept } from '../diagnostics/diagnostic.js';
import type { TypedRule } from '../check/typed.js';
import { Builder } from '../ir/builder.js';
import type { AssignmentNote, RecordItem, Slot, TableData, Value, Variable } from '../ir/ir.js';
import { Accumulator } from '../numeric/accumulate.js';
import { slotFor } from '../numeric/formats.js';
import type { Atom, Linear } from '../numeric/linear.js';
import { type Scalar, ScalarMath } from '../numeric/scalar.js';

/** A construct that is understood but has no machine code yet. */
export class NotGenerated extends Error {
  override readonly name = 'NotGenerated';
  constructor(
    readonly span: Span,
    readonly construct: string,
    readonly instead?: string,
  ) {
    super(`not generated yet: ${construct}`);
  }
}

/** What is refused of arrays that exist once per neuron or synapse, and the way out. */
export const laneArray = [
  'an array with a value for each neuron or synapse',
  'give each element a name of its own (`trace_0`, `trace_1`): they take the same memory and time',
] as const;

/** What a name stands for while it is in scope. */
export type Binding =
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'linear'; readonly linear: Linear }
  | { readonly kind: 'condition'; readonly value: Value }
  | { readonly kind: 'variable'; readonly variable: Variable };

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
    trigger: 0,
    precise,
  };
}

export function slotOf(context: Context, id: number): Slot {
  const slot = context.slots.get(id);
  if (slot === undefined) throw new Error(`no slot for symbol ${id}`);
  return slot;
}
