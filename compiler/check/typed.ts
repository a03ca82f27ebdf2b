/**
 * The typed tree: every name resolved to a symbol, every expression with type, dimension, domain and interval,
 * constants folded, functions inlined, compound assignments spelled out. It is what both evaluators and the
 * code generator work on; nothing in it needs the source text again except for messages.
 */
import type { Span } from '../syntax/ast.js';

import type {
  Dimension,
  Domain,
  Interval,
  LetSymbol,
  LoopSymbol,
  ObservableName,
  SignalSymbol,
  StorageSymbol,
  TableArgumentSymbol,
  TableSymbol,
  ValueType,
} from './symbols.js';

export type {
  Dimension,
  Domain,
  Interval,
  LetSymbol,
  LoopSymbol,
  ObservableName,
  SignalSymbol,
  StorageSymbol,
  TableArgumentSymbol,
  TableGrid,
  TableSymbol,
  ValueRange,
  ValueType,
} from './symbols.js';
export { axesOf, hasLanes, joinDomains } from './symbols.js';

// ------------------------------------------------------------------------------------------ expressions

interface ExpressionBase {
  readonly span: Span;
  readonly type: ValueType;
  readonly dimension: Dimension;
  readonly domain: Domain;
  /** Simple interval of the value over all declared ranges (bool: 0..1). Ints that may wrap have all 32 bits. */
  readonly interval: Interval;
}

export type Expression =
  | Constant
  | Read
  | Observe
  | Negate
  | Not
  | Arithmetic
  | Compare
  | Logic
  | Choose
  | Call
  | Reduce
  | Draw
  | Stochastic
  | Lookup
  | Inline;

/** Everything known when the rule is compiled ends up here (bool: 0 or 1). */
export interface Constant extends ExpressionBase {
  readonly kind: 'constant';
  readonly domain: 'once';
  readonly value: number;
  /** An integer literal or a const made of them: int among ints, real among reals. */
  readonly literal: boolean;
}

/** A name; `indices` fit `sizes` of an array, else empty. */
export interface Read extends ExpressionBase {
  readonly kind: 'read';
  readonly symbol: StorageSymbol | LetSymbol | LoopSymbol | TableArgumentSymbol;
  readonly indices: readonly Expression[];
  /** Column of a per-neuron value: the lane's own (absent), the partner's, or the one a once value names. */
  readonly column?: ColumnIndex;
}

export type ColumnIndex = 'partner' | { readonly at: Expression };

/** What the hardware shows. `population` is set for `NAME.rate[neuron]` of a second population. */
export interface Observe extends ExpressionBase {
  readonly kind: 'observe';
  readonly observable: ObservableName;
  readonly population?: string;
  readonly column?: ColumnIndex;
}

export interface Negate extends ExpressionBase {
  readonly kind: 'negate';
  readonly operand: Expression;
}

export interface Not extends ExpressionBase {
  readonly kind: 'not';
  readonly operand: Expression;
}

/** If `type` is int both operands are int and `/`, `%` are Euclidean; else it is real arithmetic. */
export interface Arithmetic extends ExpressionBase {
  readonly kind: 'arithmetic';
  readonly operator: '+' | '-' | '*' | '/' | '%' | '^';
  readonly left: Expression;
  readonly right: Expression;
}

export interface Compare extends ExpressionBase {
  readonly kind: 'compare';
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=';
  readonly left: Expression;
  readonly right: Expression;
}

/** Both sides are evaluated (draws included) if the domain has lanes, left to right. */
export interface Logic extends ExpressionBase {
  readonly kind: 'logic';
  readonly operator: 'and' | 'or';
  readonly left: Expression;
  readonly right: Expression;
}

/** Branches if the condition has no lanes, else selects lane by lane with both sides evaluated. */
export interface Choose extends ExpressionBase {
  readonly kind: 'choose';
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export type BuiltinName =
  | 'abs'
  | 'min'
  | 'max'
  | 'clamp'
  | 'sign'
  | 'floor'
  | 'ceil'
  | 'round'
  | 'sqrt'
  | 'exp'
  | 'log'
  | 'tanh'
  | 'sin'
  | 'cos';

/** Element-wise function. `min`, `max` take two or more arguments, `clamp(x, lo, hi)` three, the others one. */
export interface Call extends ExpressionBase {
  readonly kind: 'call';
  readonly callee: BuiltinName;
  readonly arguments: readonly Expression[];
}

/** Over which axes a reduction runs: those of its argument that the place of use has not fixed. */
export type ReducedAxes = 'rows' | 'columns' | 'synapses';

export interface Reduce extends ExpressionBase {
  readonly kind: 'reduce';
  readonly operation: 'sum' | 'mean' | 'min' | 'max' | 'argmax';
  readonly over: ReducedAxes;
  readonly argument: Expression;
}

/** `uniform()` or `normal()`, drawn once per element of `domain` (the domain of its place). */
export interface Draw extends ExpressionBase {
  readonly kind: 'draw';
  readonly distribution: 'uniform' | 'normal';
}

/** floor(x' + k/256), x' the argument rounded to 1/256, k one random byte per element of `domain`. */
export interface Stochastic extends ExpressionBase {
  readonly kind: 'stochastic';
  readonly argument: Expression;
}

export interface Lookup extends ExpressionBase {
  readonly kind: 'lookup';
  readonly table: TableSymbol;
  readonly arguments: readonly Expression[];
}

/** A call of an `fn`: its arguments and lets as statements (only let, assign to lets, if, for), then its value. */
export interface Inline extends ExpressionBase {
  readonly kind: 'inline';
  readonly name: string;
  readonly statements: readonly Statement[];
  readonly value: Expression;
}

// ------------------------------------------------------------------------------------------- statements

export type Statement = Let | Assign | If | For | Each | Reset | Record | Emit;

interface StatementBase {
  /** Unique within one `check`, in order of text (an inlined function's statements have new ones per call). */
  readonly id: number;
  readonly span: Span;
}

export interface Let extends StatementBase {
  readonly kind: 'let';
  readonly symbol: LetSymbol;
  readonly value: Expression;
}

/** Where an assignment goes. `w` and `label` are the two observables that can be written. */
export type Place =
  | { readonly kind: 'weight'; readonly span: Span }
  | { readonly kind: 'label'; readonly span: Span }
  | {
      readonly kind: 'symbol';
      readonly symbol: StorageSymbol | LetSymbol;
      readonly indices: readonly Expression[];
      readonly span: Span;
    };

/**
 * target = value, for every element of `domain`. Weights and labels round to nearest (floor(x + 1/2)) and saturate;
 * reals saturate in [lo, top] of the declared range; ints wrap. `value` is the whole new value; for `+=` and `-=`
 * `delta` is the part that is added (already negated for `-=`).
 */
export interface Assign extends StatementBase {
  readonly kind: 'assign';
  readonly target: Place;
  readonly value: Expression;
  readonly delta?: Expression;
  readonly domain: Domain;
}

/** A branch if `condition.domain` is once or row, else a mask. */
export interface If extends StatementBase {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly then: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

/** from <= variable < to; both are evaluated once, before the first turn. */
export interface For extends StatementBase {
  readonly kind: 'for';
  readonly variable: LoopSymbol;
  readonly from: Expression;
  readonly to: Expression;
  readonly body: readonly Statement[];
  /** Largest number of turns that the intervals allow; Infinity if nothing is known. */
  readonly turns: number;
}

/** Runs `body` for each element; `domain` is the domain that statements inside it have. */
export interface Each extends StatementBase {
  readonly kind: 'each';
  readonly axis: 'synapse' | 'neuron' | 'row';
  readonly domain: Domain;
  readonly body: readonly Statement[];
}

export type ResetTarget = 'causal' | 'acausal' | 'rate' | 'membrane';

/** `domain` is that of the place: once means the whole block. Naming causal or acausal clears both accumulators. */
export interface Reset extends StatementBase {
  readonly kind: 'reset';
  readonly targets: readonly ResetTarget[];
  readonly domain: Domain;
}

/** Each value is recorded over its own `domain` joined with that of the place. */
export interface Record extends StatementBase {
  readonly kind: 'record';
  readonly values: readonly RecordedValue[];
  readonly domain: Domain;
}

export interface RecordedValue {
  /** The source text of the expression: the column's name in results. */
  readonly name: string;
  readonly value: Expression;
  readonly domain: Domain;
}

/** A part of a `record` statement that makes one record, or one for each row if it is `swept`. */
export interface RecordGroup {
  readonly swept: boolean;
  readonly values: readonly RecordedValue[];
}

/** The records that a statement makes, in order: neighbours that are recorded row by row share a sweep over the rows. */
export function recordGroups(values: readonly RecordedValue[], inVisit: boolean): RecordGroup[] {
  const groups: { swept: boolean; values: RecordedValue[] }[] = [];
  for (const value of values) {
    const swept = !inVisit && (value.domain === 'row' || value.domain === 'synapse');
    const last = groups.at(-1);
    if (last?.swept === swept) last.values.push(value);
    else groups.push({ swept, values: [value] });
  }
  return groups;
}

export interface Emit extends StatementBase {
  readonly kind: 'emit';
  readonly row: Expression;
  readonly label: Expression;
  /** Microseconds after the trigger's start; 0 if not written. */
  readonly after: Expression;
}

// ------------------------------------------------------------------------------------------------- rule

export type TriggerEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'at'; readonly time: Expression }
  | {
      readonly kind: 'every';
      /** Durations in us, expressions of constants and params. `from` is the period if not written. */
      readonly period: Expression;
      readonly from: Expression;
      /** Number of executions; absent means for ever. */
      readonly times?: Expression;
    }
  | { readonly kind: 'signal'; readonly signal: SignalSymbol };

/** Which hardware a trigger touches, for baselines, warnings and cost. */
export interface Usage {
  /** Observables read. */
  readonly reads: ReadonlySet<ObservableName>;
  readonly resets: ReadonlySet<ResetTarget>;
  readonly writesWeights: boolean;
  readonly writesLabels: boolean;
}

export interface Trigger {
  readonly index: number;
  readonly event: TriggerEvent;
  /** `every 200 us`, as written, on one line: its name in reports. */
  readonly name: string;
  readonly head: Span;
  readonly body: readonly Statement[];
  readonly usage: Usage;
  readonly span: Span;
}

export interface TypedRule {
  readonly name: string;
  readonly file: string;
  readonly span: Span;
  /** Text of the `//!` lines above the rule. */
  readonly documentation: string;
  readonly signedWeights: boolean;
  /** Name of the second population, if the rule binds one. */
  readonly population?: string;
  readonly params: readonly StorageSymbol[];
  readonly inputs: readonly StorageSymbol[];
  readonly states: readonly StorageSymbol[];
  /** Tables that this rule uses. */
  readonly tables: readonly TableSymbol[];
  readonly signals: readonly SignalSymbol[];
  readonly triggers: readonly Trigger[];
  /** Union over all triggers. */
  readonly usage: Usage;
}
