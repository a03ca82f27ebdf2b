/** What generated code shares with its image: names, addresses, registers of row loops. */
import type { Span } from '../syntax/ast.js';
import type { Memory } from './memory.js';

/** What the code of a trigger needs to know of its image. */
export interface TriggerPlace {
  readonly label: string;
  readonly memory: Memory;
  /** Address of the rule's block descriptor. */
  readonly descriptor: number;
  readonly baseline: 'synapse' | 'column' | 'none';
  /** Sensor branches whose baseline is kept, in order. */
  readonly branches: readonly ('causal' | 'acausal')[];
  /** Byte offset of the baselines in this processor's external memory. */
  readonly baselineOffset: number;
  /** Some rule of the image emits events, which go out between rows too. */
  readonly emits: boolean;
  /** Weights are signed: a logical row is the two rows of a driver, excitatory then inhibitory. */
  readonly signed: boolean;
  /** Address of the words that say where the second population lies. */
  readonly population: number;
  /** Number of the rule's first kind of record in the image. */
  readonly firstRecord: number;
  /** Where statements stand, by id. */
  readonly spans: ReadonlyMap<number, Span>;
}

/** Registers of the row loop. */
export const loopRegisters = {
  /** Row index relative to the block. */
  row: 26,
  rows: 27,
  /** Index on the parallel bus: 2 * (first row + row), with signed weights 2 * (first row + 2 * row). */
  busIndex: 28,
  /** Address of the row's baselines on the parallel bus. */
  baseline: 29,
  /** 256 * row: offset of a byte per column. */
  rowBytes: 30,
} as const;
