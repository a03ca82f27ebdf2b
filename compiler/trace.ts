/**
 * State, observation trace and step log: what goes into a reference evaluator and what comes out.
 * Both evaluators map (state before a trigger, observation trace) to (state after).
 */

import type { Domain } from './check/typed.js';

/** The block a rule instance works on, on one hemisphere. Lanes are columns 0 .. columns-1, relative to the block. */
export interface BlockGeometry {
  readonly rows: number;
  /** At most 256. */
  readonly columns: number;
}

/** Where the accumulators' zero lies: 8-bit codes, `rows * columns`, row by row. Constant 205 if no baseline. */
export interface Baselines {
  readonly causal: Uint8Array;
  readonly acausal: Uint8Array;
}

/**
 * Everything that survives a trigger. Values are real numbers (an exact evaluator's codes times their step, which a
 * float64 holds exactly). Array order: domain element first (row by row), then array element:
 * value[(element of domain) * (elements of array) + array index].
 */
export interface RuleState {
  /** rows * columns, 0..63, or -63..63 with signed weights. */
  readonly weights: Int8Array;
  /** rows * columns, 0..63. */
  readonly labels: Uint8Array;
  /** By `StorageSymbol.id`: params (already quantised), inputs and states. */
  readonly values: Map<number, Float64Array>;
  readonly baselines: Baselines;
}

/** One hardware read, in program order. Lane arrays have one element per column of the block. */
export type Observation =
  /** One conversion per visit of a row that reads any of the four correlation observables. */
  | {
      readonly kind: 'correlation';
      readonly row: number;
      readonly causal: Uint8Array;
      readonly acausal: Uint8Array;
    }
  /** Once per trigger and population, at first use. */
  | { readonly kind: 'rate'; readonly population?: string; readonly counts: Uint8Array }
  | { readonly kind: 'membrane'; readonly population?: string; readonly codes: Uint8Array }
  /** One random byte per lane (`uniform`, `stochastic`; `normal` takes twelve). */
  | { readonly kind: 'lane-bytes'; readonly bytes: Uint8Array }
  /** One scalar draw of 16 bits: `uniform`, each of the twelve of `normal`; `stochastic` takes the upper 8. */
  | { readonly kind: 'scalar-random'; readonly value: number }
  /** `time`, in us. */
  | { readonly kind: 'clock'; readonly time: number };

/** The hardware reads of one trigger execution. */
export type Trace = readonly Observation[];

/**
 * What an evaluator did, in program order, so that the two can be compared and the real one restarted.
 * `assign`: one per execution of an `Assign` (row by row inside `each synapse` and `each row`): the value before rounding
 * and saturation and the value stored, one element per lane (once and row: 1; neuron and synapse: columns).
 * Masked lanes hold what they held.
 * `branch`: one per evaluation of the condition of an `If` or a `Choose` that is not a constant: 0 or 1, one element if the condition's domain
 * is once or row, else one per lane (all lanes, whatever the mask). `and` and `or` always evaluate both sides.
 */
export type Step =
  | {
      readonly kind: 'assign';
      /** `Assign.id`. */
      readonly statement: number;
      /** Row of the visit, -1 outside rows. */
      readonly row: number;
      readonly before: Float64Array;
      readonly stored: Float64Array;
      /** Lanes that were written; absent if all were. */
      readonly mask?: Uint8Array;
    }
  | {
      readonly kind: 'branch';
      /** Offset of the condition in the source: tells the branches of one rule apart. */
      readonly at: number;
      readonly taken: Uint8Array;
    };

/** One recorded item: name and values over its domain in this visit. */
export interface RecordedItem {
  readonly name: string;
  readonly row: number;
  readonly values: Float64Array;
}

/** What one execution of a trigger leaves behind besides the state. */
export interface Outcome {
  readonly steps: readonly Step[];
  readonly records: readonly RecordedItem[];
  readonly emitted: readonly {
    readonly row: number;
    readonly label: number;
    readonly after: number;
  }[];
}

/** Number of elements that a value of `domain` has on a block. */
export function elementsOf(domain: Domain, { rows, columns }: BlockGeometry): number {
  return (
    (domain === 'row' || domain === 'synapse' ? rows : 1) *
    (domain === 'neuron' || domain === 'synapse' ? columns : 1)
  );
}

/** A copy that shares nothing. */
export function copyState(state: RuleState): RuleState {
  return {
    weights: state.weights.slice(),
    labels: state.labels.slice(),
    values: new Map([...state.values].map(([id, values]) => [id, values.slice()])),
    baselines: { causal: state.baselines.causal.slice(), acausal: state.baselines.acausal.slice() },
  };
}
