/**
 * The fixed-point form of a rule: integer codes only, every operation with one exact meaning. The exact evaluator
 * interprets it and the code generator translates it; neither knows the other.
 *
 * Spaces of values: 'scalar' is a 32-bit two's complement number of the scalar core; 'byte' and 'half' are one signed
 * 8- or 16-bit code per column; 'mask' is 0 or 1 per column. No operation on bytes and halves wraps unless its name
 * says so: the lowering proves that `lo..hi` fits.
 */
import type { Span } from '../syntax/ast.js';
import type { Domain, ResetTarget, StorageSymbol } from '../check/typed.js';
import type { ValueFormat } from '../../isa/runtime-layout.js';

export type Space = 'scalar' | 'byte' | 'half' | 'mask';

/**
 * What a value is. `args` and `numbers` of `Value` are the operands.
 * Scalars
 *  const [n]; load (slot; args: index?); get (variable); row; rows; columns (used ones); time: as named
 *  lookup (table; args: index)
 *  add sub mul: 32 bits, wrapping; neg; xor; div, mod: Euclidean
 *  mulshift [s]: floor((a*b + 2^(s-1)) / 2^s) with a 64-bit product, s = 0: a*b
 *  shift [s]: a * 2^s for s >= 0, else floor((a + 2^(-s-1)) / 2^-s)
 *  floorshift [s]: floor(a / 2^s)
 *  mulhigh: floor(a * b / 2^32); leading: zero bits above the highest one of a positive number
 *  shift-up, shift-down: a * 2^b, floor(a / 2^b) for b in 0..31
 *  ratio [s]: floor(a * 2^s / b), b > 0
 *  min max; compare (relation): 0 or 1; not and or; choose (c, a, b)
 *  random [bits]: one scalar draw; rate-at, v-at, lane-at (args: column index): one column's value
 *  reduce (relation names the operation; args: lane value): over the used columns
 * Bytes
 *  weight, label: of the visited row; causal, acausal: min(127, max(-128, baseline - code - 64)) = correlation - 64
 *  causal-code, acausal-code: code - 128; rate, v: count - 128; random-byte: k - 128
 *  load-lanes (slot): the state's stored byte; of an array as for halves
 *  flip: a - 128 taken modulo 256 as signed (a changed to unsigned - 128)
 * Halves
 *  load-lanes (slot; numbers: element of an array, or args: its index); splat (scalar); neuron: column index relative to the block
 *  widen-high (byte): a * 256; widen-low (byte): a + 128 if the byte stands for unsigned - 128, see `unsigned` below
 *  widen-unsigned (byte): a modulo 256; widen-signed
 *  add sub mul neg; mul-wrap: the product modulo 2^16, signed; shl [s]: a * 2^s; asr [s]: floor(a / 2^s)
 *  dot [round, shift]: floor((sum of terms[i].a * terms[i].b + addend + round) / 2^shift); the sum fits 32 bits
 *  dot-low: the lower 16 bits, signed, of a dot's sum; with the upper half of the sum + 2^15 they are the whole sum
 *  min max clamp [lo, hi]; choose (mask, a, b); partner (a): value of column ^ 1
 *  lookup (table; args: scalar or half index)
 * Masks
 *  compare (relation; args a, b); not and or; from-scalar (0 or 1)
 */
export type Operation =
  | 'const'
  | 'load'
  | 'get'
  | 'row'
  | 'rows'
  | 'columns'
  | 'time'
  | 'add'
  | 'sub'
  | 'mul'
  | 'neg'
  | 'xor'
  | 'div'
  | 'mod'
  | 'mulshift'
  | 'shift'
  | 'floorshift'
  | 'mulhigh'
  | 'leading'
  | 'shift-up'
  | 'shift-down'
  | 'ratio'
  | 'min'
  | 'max'
  | 'compare'
  | 'not'
  | 'and'
  | 'or'
  | 'choose'
  | 'random'
  | 'lane-at'
  | 'reduce'
  | 'weight'
  | 'label'
  | 'causal'
  | 'acausal'
  | 'causal-code'
  | 'acausal-code'
  | 'rate'
  | 'v'
  | 'random-byte'
  | 'load-lanes'
  | 'splat'
  | 'neuron'
  | 'widen-high'
  | 'widen-unsigned'
  | 'widen-signed'
  | 'flip'
  | 'mul-wrap'
  | 'shl'
  | 'asr'
  | 'dot'
  | 'dot-low'
  | 'clamp'
  | 'partner'
  | 'lookup';

export type Relation = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Reduction = 'sum' | 'min' | 'max' | 'argmax';

export interface DotTerm {
  readonly a: Value;
  /** A half, or a number that every lane shares. */
  readonly b: Value | number;
}

/** One value; codes lie in lo..hi. */
export interface Value {
  readonly id: number;
  readonly space: Space;
  readonly operation: Operation;
  readonly args: readonly Value[];
  readonly lo: number;
  readonly hi: number;
  /** True if the value may differ from row to row (it lies in a row loop). */
  readonly depth: number;
  readonly numbers: readonly number[];
  readonly relation?: Relation | Reduction;
  readonly slot?: Slot;
  readonly variable?: Variable;
  readonly terms?: readonly DotTerm[];
  /** Of a dot: a scalar added to every lane's sum. */
  readonly addend?: Value;
  readonly table?: TableData;
  readonly population?: string;
}

/** A parameter, input or state in memory. */
export interface Slot {
  readonly symbol: StorageSymbol;
  readonly format: ValueFormat;
  /** value = (stored code + bias) * step; stored codes are signed and fit `bytes`. */
  readonly bias: number;
  /** Binary places of the step: step = 2^-frac. */
  readonly frac: number;
  readonly elements: number;
}

/** A `let` that is assigned again, or a loop variable. */
export interface Variable {
  readonly id: number;
  readonly name: string;
  readonly space: 'scalar' | 'half';
  readonly frac: number;
  readonly lo: number;
  readonly hi: number;
}

export interface TableData {
  readonly name: string;
  /** 16-bit codes; value = code * 2^-frac. */
  readonly codes: Int32Array;
  readonly frac: number;
}

/** Where a statement's result goes. */
export type Target =
  | { readonly kind: 'weight' }
  | { readonly kind: 'label' }
  /** `index`: element of an array; in lanes of each lane's own. */
  | { readonly kind: 'slot'; readonly slot: Slot; readonly index?: Value }
  | { readonly kind: 'variable'; readonly variable: Variable };

export interface StoreItem {
  readonly kind: 'store';
  readonly target: Target;
  /** Scalar or half, already saturated; in the target's stored codes. */
  readonly value: Value;
  /** Mask of lanes to write; absent: all. `value` already holds the old value elsewhere. */
  readonly mask?: Value;
  /** For the evaluator's log; absent for internal stores. */
  readonly log?: AssignLog;
}

export interface AssignLog {
  readonly statement: number;
  /** value = (code + bias) * 2^-frac of what was stored. */
  readonly frac: number;
  readonly bias: number;
  /** The value before rounding and saturation: this code (or a dot's sum before its shift) * 2^-frac + offset. */
  readonly before: Value;
  readonly raw: boolean;
  readonly beforeFrac: number;
  readonly beforeOffset: number;
  /** A whole number that is added to it: the old weight, where the change has coarser units. */
  readonly plus?: Value;
}

export type Item =
  | { readonly kind: 'value'; readonly value: Value }
  | StoreItem
  | {
      readonly kind: 'if';
      readonly condition: Value;
      readonly then: Block;
      readonly otherwise: Block;
    }
  | { readonly kind: 'log-branch'; readonly span: Span; readonly condition: Value }
  | {
      readonly kind: 'for';
      readonly variable: Variable;
      readonly from: Value;
      readonly to: Value;
      readonly body: Block;
      readonly turns: number;
    }
  | {
      readonly kind: 'rows';
      readonly body: Block;
      /** Only this row is visited (index relative to the block); `at` is where the condition stands, for the log. */
      readonly only?: { readonly row: Value; readonly at: Span };
      readonly span: Span;
    }
  | {
      readonly kind: 'reset';
      readonly targets: readonly ResetTarget[];
      /** In a visit: the sensors of this row. Else the whole block (or, for counters and membranes, all columns). */
      readonly visit: boolean;
      readonly mask?: Value;
      readonly span: Span;
    }
  | { readonly kind: 'record'; readonly record: RecordItem; readonly span: Span }
  | {
      readonly kind: 'emit';
      readonly row: Value;
      readonly label: Value;
      /** In 1/256 us after the trigger's start. */
      readonly after: Value;
      readonly span: Span;
    };

export interface RecordItem {
  readonly index: number;
  /** Bytes of the record, header included; a multiple of 16. */
  readonly bytes: number;
  readonly trigger: number;
  readonly fields: readonly RecordField[];
}

/** value = code * 2^-frac + origin; lanes as 256 bytes or 512. */
export interface RecordField {
  readonly name: string;
  readonly domain: Domain;
  readonly value: Value;
  readonly frac: number;
  readonly origin: number;
  /** In the record, and bytes taken. */
  readonly offset: number;
  readonly bytes: 4 | 256 | 512;
}

export interface Block {
  readonly items: Item[];
  readonly kind: 'trigger' | 'rows' | 'if' | 'for';
  readonly depth: number;
}

/** What is known about one assignment's numbers. */
export interface AssignmentNote {
  readonly statement: number;
  readonly span: Span;
  readonly target: string;
  /** Stored resolution: 2^-frac. */
  readonly frac: number;
  readonly bytes: number;
  /** Largest |exact - real| before rounding of weights, in units of the target (weight LSB or the state's own unit). */
  readonly bound: number;
  /** The assignment rounds to whole weights, or draws `stochastic`: then both may differ by one unit more. */
  readonly rounds: 'nearest' | 'stochastic' | 'none';
}

export interface TriggerProgram {
  readonly index: number;
  readonly block: Block;
}

/** Times of one trigger that depend on parameters, as scalar variables in cycles. */
export interface TriggerTimes {
  /** Place among the rule's triggers. */
  readonly trigger: number;
  readonly period?: Variable;
  readonly first?: Variable;
  /** Executions, and -1 if there are none, else 0. */
  readonly count?: { readonly executions: Variable; readonly never: Variable };
}

export interface RuleProgram {
  readonly name: string;
  readonly slots: ReadonlyMap<number, Slot>;
  readonly triggers: readonly TriggerProgram[];
  readonly notes: readonly AssignmentNote[];
  readonly records: readonly RecordItem[];
  /** Code that works out times from parameters whenever these change. */
  readonly times?: { readonly block: Block; readonly triggers: readonly TriggerTimes[] };
}
