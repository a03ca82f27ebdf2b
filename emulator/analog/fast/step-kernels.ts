/**
 * Kernels that bring all active neurons of a kind one step further. Each walks over its list of active blocks, notes the
 * neurons that reached their threshold, and drops from the list the blocks in which nothing moves any more.
 */
import { addLeakyStep } from './leaky-steps.js';
import { addSplitKernels } from './split-kernels.js';
import {
  addStep,
  clamp,
  decayLine,
  lineLaw,
  markMotion,
  withInhibition,
  type Lane,
  type StepFour,
} from './step-parts.js';
import { f32x4, type Code, type FunctionWriter, type Local, type ModuleWriter } from './wasm.js';

const { add, mul } = f32x4;

/** Leaky membranes with current-based inputs: the exact propagator of a step. */
function leaky(f: FunctionWriter, saturates: boolean): { setup: Code; step: StepFour } {
  const e = f.local('v128');
  const i = f.local('v128');
  const old = f.local('v128');
  const { setup, law } = lineLaw(f, saturates);
  // A saturating line acts with its state at the middle of the step.
  const driving = (lane: Lane, line: 'excitatory' | 'inhibitory', state: Local): Code =>
    saturates ? law(mul(state.get, lane.load(`${line}Half`))) : state.get;
  const step: StepFour = (lane) => [
    e.set(lane.load('excitatory')),
    lane.inhibits ? i.set(lane.load('inhibitory')) : [],
    old.set(lane.load('v')),
    lane.v.set(
      add(
        old.get,
        add(
          add(lane.load('constant'), mul(lane.load('slope'), old.get)),
          withInhibition(
            lane,
            mul(lane.load('excitatoryGain'), driving(lane, 'excitatory', e)),
            () => mul(lane.load('inhibitoryGain'), driving(lane, 'inhibitory', i)),
          ),
        ),
      ),
    ),
    lane.v.set(clamp(lane, lane.v.get)),
    decayLine(lane, 'excitatory', e),
    lane.inhibits ? decayLine(lane, 'inhibitory', i) : [],
    markMotion(lane, lane.v.get, old.get),
  ];
  return { setup, step };
}

/** Steps between two looks for blocks that may sleep. */
export const CHECK_EVERY = 16;

/** Adds the step kernels: `step/KIND[/saturating][/check]`. */
export function addStepKernels(module: ModuleWriter): void {
  for (const saturates of [false, true])
    for (const checks of [false, true]) {
      const suffix = `${saturates ? '/saturating' : ''}${checks ? '/check' : ''}`;
      if (checks) addStep(module, `step/leaky${suffix}`, 0, checks, (f) => leaky(f, saturates));
      else addLeakyStep(module, `step/leaky${suffix}`, saturates);
    }
  addSplitKernels(module);
}
