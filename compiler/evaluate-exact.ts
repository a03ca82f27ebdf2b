/**
 * The exact reference evaluator: what the fixed-point form of a rule means, code by code. It interprets the IR with
 * plain integer arithmetic and knows nothing of instructions; machine code on the same observations must agree with it
 * in every bit.
 */
import type { TypedRule } from './check/typed.js';
import { ExactRun } from './exact/run.js';
import type { RuleProgram, Slot } from './ir/ir.js';
import {
  type BlockGeometry,
  type Outcome,
  type RuleState,
  type Trace,
  copyState,
} from './trace.js';

export interface ExactInput {
  readonly rule: TypedRule;
  readonly program: RuleProgram;
  /** Index of the trigger in the rule. */
  readonly trigger: number;
  readonly geometry: BlockGeometry;
  /** Not changed. Values must be codes times steps; others are quantised to the nearest. */
  readonly state: RuleState;
  readonly trace: Trace;
  /** `neuron` of column 0. Default 0. */
  readonly neuronOffset?: number;
}

export interface ExactResult extends Outcome {
  readonly state: RuleState;
}

/** Evaluates one execution of a trigger. Throws `ExactTraceError` if the trace does not fit. */
export function evaluateExact(input: ExactInput): ExactResult {
  const { program, geometry, trace } = input;
  const state = copyState(input.state);
  const found = program.triggers.find(({ index }) => index === input.trigger);
  if (found === undefined) throw new RangeError(`the rule has no trigger ${input.trigger}`);
  const codes = new Map<number, Int32Array>();
  for (const [id, slot] of program.slots) {
    const values = state.values.get(id);
    if (values)
      codes.set(
        id,
        Int32Array.from(values, (value) => codeOf(slot, value)),
      );
  }
  const run = new ExactRun(geometry, state, codes, trace, input.neuronOffset ?? 0);
  run.block(found.block);
  for (const [id, slot] of program.slots) {
    const stored = codes.get(id);
    const { origin, step } = slot.format;
    if (stored)
      state.values.set(
        id,
        Float64Array.from(stored, (code) => origin + code * step),
      );
  }
  return { state, steps: run.steps, records: run.records, emitted: run.emitted };
}

/** The stored code nearest to a value. */
function codeOf(slot: Slot, value: number): number {
  const { origin, step, minCode, maxCode } = slot.format;
  const code = Math.floor((value - origin) / step + 0.5);
  return Math.min(maxCode, Math.max(minCode, code));
}

/** The state with all values at the codes of the image: what the machine starts from. */
export function quantisedState(rule: TypedRule, program: RuleProgram, state: RuleState): RuleState {
  const result = copyState(state);
  for (const symbol of [...rule.params, ...rule.inputs, ...rule.states]) {
    const slot = program.slots.get(symbol.id);
    const values = result.values.get(symbol.id);
    if (slot === undefined || values === undefined) continue;
    const { origin, step } = slot.format;
    result.values.set(
      symbol.id,
      values.map((value) => origin + codeOf(slot, value) * step),
    );
  }
  return result;
}
