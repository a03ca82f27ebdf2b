/** What is placed in an image, and where. */
import type { BaselineMode } from '../../isa/runtime-layout.js';
import type { TypedRule } from '../check/typed.js';
import type { Memory } from '../codegen/memory.js';
import type { RuleProgram, Slot } from '../ir/ir.js';

/** A rule that is ready to be placed. */
export interface RulePart {
  readonly rule: TypedRule;
  readonly program: RuleProgram;
  readonly baseline: BaselineMode;
  /** Periods and first releases in cycles, by trigger. */
  readonly timing: readonly TriggerTiming[];
}

export interface TriggerTiming {
  readonly kind: 'start' | 'timer' | 'signal';
  readonly period: number;
  readonly first: number;
  readonly count: number;
}

export interface PlacedRule {
  readonly part: RulePart;
  readonly index: number;
  readonly memory: Memory;
  readonly branches: readonly ('causal' | 'acausal')[];
  baselineOffset: number;
  /** Number of the rule's first kind of record in the image. */
  readonly firstRecord: number;
}

export interface Rings {
  readonly timeline: { readonly offset: number; readonly entries: number };
  readonly records: { readonly offset: number; readonly bytes: number };
}

export interface PlacedValue {
  readonly rule: number;
  readonly slot: Slot;
  readonly address: number;
}

/** Label of a trigger's code. */
export const triggerLabel = (rule: number, trigger: number): string =>
  `rule${rule}_trigger${trigger}`;
