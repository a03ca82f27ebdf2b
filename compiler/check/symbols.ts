/** Types, domains, ranges and symbols: what names stand for in the typed tree. */
import type { Span } from '../syntax/ast.js';

/** Numbers are int (32-bit two's complement, wraps) or real; conditions are bool. */
export type ValueType = 'int' | 'real' | 'bool';

/** Power of time: 1 is a duration in microseconds, -1 a frequency in MHz, 0 a plain number. */
export type Dimension = -1 | 0 | 1;

/** Over which axes of a block a value varies; `once` over none, `synapse` over rows and columns. */
export type Domain = 'once' | 'row' | 'neuron' | 'synapse';

/** Closed interval; ends may be infinite only where nothing better is known. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** A declared range `in [lo, hi] step s`. `top` is the largest value there is: hi, or hi - step (language: values). */
export interface ValueRange {
  readonly lo: number;
  readonly hi: number;
  /** Guaranteed resolution if one was written. */
  readonly step?: number;
  readonly top: number;
}

// ---------------------------------------------------------------------------------------------- symbols

interface SymbolBase {
  /** Unique within one `check`; also the order of declaration. */
  readonly id: number;
  readonly name: string;
  readonly span: Span;
  readonly type: ValueType;
  readonly dimension: Dimension;
}

/** A named number that lives longer than a trigger. */
export interface StorageSymbol extends SymbolBase {
  readonly kind: 'param' | 'input' | 'state';
  readonly domain: Domain;
  /** Present for reals; an int has the whole 32-bit range. */
  readonly range?: ValueRange;
  /** Array sizes, none to two; the elements of [n, m] lie row by row. */
  readonly sizes: readonly number[];
  readonly external: boolean;
  /** What it can hold: its range, or for an int state what is ever assigned to it, or all 32 bits. */
  readonly interval: Interval;
  /** Start value of every element, inside the range. */
  readonly initial: number;
}

/** `let` or a function argument (which is a `let` once inlined). Never read outside its block. */
export interface LetSymbol extends SymbolBase {
  readonly kind: 'let';
  readonly domain: Domain;
  readonly range?: ValueRange;
  /** What it can hold: the interval of its value, or of its range. */
  readonly interval: Interval;
  /** Assigned again somewhere: then `range` or type int is given and each assignment saturates or wraps. */
  readonly mutable: boolean;
}

/** The variable of a `for`: int, once. */
export interface LoopSymbol extends SymbolBase {
  readonly kind: 'loop';
  readonly domain: 'once';
  readonly interval: Interval;
}

/** The argument of a table, read only inside `TableSymbol.definition`. */
export interface TableArgumentSymbol extends SymbolBase {
  readonly kind: 'table-argument';
  readonly domain: 'once';
  readonly range: ValueRange;
}

/** A tabulated function: argument -> nearest grid point (ties up), clamped to the grid, -> values. */
export interface TableSymbol extends SymbolBase {
  readonly kind: 'table';
  readonly arguments: readonly TableGrid[];
  readonly range: ValueRange;
  /** Real values at the grid points, clamped to `range`; the last argument varies fastest. */
  readonly values: Float64Array;
}

/** Grid points lo + i * step, i = 0 .. points - 1; `step` is the written one or (hi - lo) / 255. */
export interface TableGrid {
  readonly name: string;
  readonly lo: number;
  readonly hi: number;
  readonly step: number;
  readonly points: number;
}

/** The mailbox word behind `on signal NAME`; several triggers of one rule may share it. */
export interface SignalSymbol {
  readonly kind: 'signal';
  readonly id: number;
  readonly name: string;
  readonly span: Span;
}

export type ObservableName =
  | 'w'
  | 'label'
  | 'causal'
  | 'acausal'
  | 'causal_code'
  | 'acausal_code'
  | 'rate'
  | 'v'
  | 'neuron'
  | 'row'
  | 'time'
  | 'period';

/** The axes of a domain as bits: 1 rows, 2 columns. */
export const axesOf: Readonly<{ [D in Domain]: number }> = {
  once: 0,
  row: 1,
  neuron: 2,
  synapse: 3,
};

const domains: readonly Domain[] = ['once', 'row', 'neuron', 'synapse'];

/** The domain with the axes of both. */
export function joinDomains(a: Domain, b: Domain): Domain {
  return domains[axesOf[a] | axesOf[b]] ?? 'synapse';
}

/** True if values of this domain lie in the lanes of the vector unit. */
export function hasLanes(domain: Domain): boolean {
  return domain === 'neuron' || domain === 'synapse';
}
