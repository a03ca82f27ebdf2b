/**
 * The real-valued reference evaluator: what a rule means without any format. Together with the exact evaluator it
 * defines the error bounds: it restarts every assignment from the state that the exact one had.
 */
import type { Trigger, TypedRule } from './check/typed.js';
import { Execution } from './real/machine.js';
import { runStatements } from './real/statements.js';
import { scalarOf } from './real/values.js';
import {
  copyState,
  type BlockGeometry,
  type Outcome,
  type RuleState,
  type Step,
  type Trace,
} from './trace.js';

export interface RealInput {
  readonly rule: TypedRule;
  readonly trigger: Trigger;
  readonly geometry: BlockGeometry;
  /** Not changed. */
  readonly state: RuleState;
  readonly trace: Trace;
  /**
   * The log of the exact evaluator on the same state and trace: branches are taken as it took them, and every
   * assignment stores what it stored. Without it the evaluation runs freely.
   */
  readonly follow?: readonly Step[];
  /** `neuron` of column 0. Default 0. */
  readonly neuronOffset?: number;
}

export interface RealResult extends Outcome {
  /** The state after the trigger; free-running states are real, weights and labels rounded. */
  readonly state: RuleState;
}

/**
 * Evaluates one execution of a trigger. `steps` holds, for each assignment, the real value before rounding and
 * saturation (`before`). Throws `TraceError` if trace or log do not belong to this execution.
 */
export function evaluateReal({
  rule,
  trigger,
  geometry,
  state,
  trace,
  follow,
  neuronOffset = 0,
}: RealInput): RealResult {
  const run = new Execution(geometry, copyState(state), trace, rule.signedWeights, follow);
  run.neuronOffset = neuronOffset;
  if (trigger.event.kind === 'every') run.period = scalarOf(trigger.event.period, run);
  runStatements(trigger.body, run);
  return { state: run.state, steps: run.steps, records: run.records, emitted: run.emitted };
}
