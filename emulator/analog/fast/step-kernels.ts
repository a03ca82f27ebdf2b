/**
 * Kernels that bring all active neurons of a kind one step further. Each walks over its list of active blocks, notes the
 * neurons that reached their threshold, and drops from the list the blocks in which nothing moves any more.
 */
import { addLeakyStep } from './leaky-steps.js';
import { addSplitKernels } from './split-kernels.js';
import {
  blockLoop,
  clamp,
  decayLine,
  lineLaw,
  markMotion,
  noteHits,
  withInhibition,
  type Lane,
  type StepFour,
} from './step-parts.js';
import {
  f32x4,
  flow,
  v128,
  type Code,
  type FunctionWriter,
  type Local,
  type ModuleWriter,
} from './wasm.js';

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

/** A step of the leaky blocks with the look for rest. */
function addCheckedStep(module: ModuleWriter, name: string, saturates: boolean): void {
  module.add(name, [], undefined, (f) => {
    const loop = blockLoop(f, 0, true);
    const { moved, hit } = loop;
    const note = noteHits(module, f, loop.hits);
    const { setup, step } = leaky(f, saturates);
    const noteAll = flow.if(v128.anyTrue(hit.get), [
      moved.set(hit.get),
      loop.quads.map((lane, q) => note(loop.above(lane), loop.neuron(q))),
    ]);
    return loop.around(setup, [], step, noteAll);
  });
}

/** Steps between two looks for blocks that may sleep. */
export const CHECK_EVERY = 16;

/** Adds the step kernels: `step/KIND[/saturating][/check]`. */
export function addStepKernels(module: ModuleWriter): void {
  for (const saturates of [false, true]) {
    const name = `step/leaky${saturates ? '/saturating' : ''}`;
    addLeakyStep(module, name, saturates);
    addCheckedStep(module, `${name}/check`, saturates);
  }
  addSplitKernels(module);
}
