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

/** When a trigger runs, in cycles. */
export interface TriggerTiming {
  readonly kind: 'start' | 'timer' | 'signal';
  /** With the default parameters. */
  readonly period: number;
  readonly first: number;
  /** 0: for ever. */
  readonly count: number;
  /** The shortest period that parameters may set. */
  readonly shortest: number;
  /** It never runs: `for 0 times`. */
  readonly never?: boolean;
}

/** Times are compared as signed differences of 32 bits; longer ones are waited for in laps. */
const longest = 0x7fffffff;
const lap = 0x40000000;

/** A time in cycles as the run-time waits for it: so many laps of 2^30 cycles, and the rest. */
export function inLaps(cycles: number): { readonly laps: number; readonly rest: number } {
  if (cycles <= longest) return { laps: 0, rest: cycles };
  const laps = Math.floor((cycles - lap / 2) / lap);
  return { laps, rest: cycles - laps * lap };
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

/** Label of the code that works out times of triggers from parameters, for all rules. */
export const timesLabel = 'plastic_times';

/** Label of the part of it that belongs to one rule. */
export const ruleTimesLabel = (rule: number): string => `rule${rule}_times`;

/** Label of a trigger's code. */
export const triggerLabel = (rule: number, trigger: number): string =>
  `rule${rule}_trigger${trigger}`;
