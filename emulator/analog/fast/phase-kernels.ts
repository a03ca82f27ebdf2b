/**
 * Spikes of leaky neurons, and the ends of their reset and hold-off. There the state is taken back from the end of the step,
 * changed, and brought forward again, `d` cycles each way.
 */
import { FREE, HOLD_OFF, IN_RESET } from '../neuron-state.js';
import { atZero, eight, four } from './calendar.js';
import * as at from './layout.js';
import { arrayOffset } from './layout.js';
import { own, timeOf } from './leaky-kernels.js';
import { f32, f64, flow, i32, type Code, type Local, type ModuleWriter } from './wasm.js';

/** `phase/use`(neuron, resetting): the coefficients of a phase become those of the step kernels. */
function addUse(module: ModuleWriter): void {
  module.add('phase/use', ['i32', 'i32'], undefined, (f) => {
    const n = f.param(0);
    const set = f.local('i32');
    const copy = (from: number, to: number): Code =>
      at.SWITCHED.slice(from, to).map((name, k) =>
        f32.store(four(n), arrayOffset[name], f32.load(set.get, at.SWITCHED_SETS + 4 * (from + k))),
      );
    return [
      set.set(
        i32.mul(
          i32.add(i32.shl(n.get, i32.const(1)), f.param(1).get),
          i32.const(at.SWITCHED_BYTES),
        ),
      ),
      copy(0, at.LEAKY_SWITCHED),
      flow.if(
        i32.load8(i32.shrU(n.get, i32.const(4)), at.KIND),
        copy(at.LEAKY_SWITCHED, at.SWITCHED.length),
      ),
    ];
  });
}

/** Adds to the number of reasons that keep the block of a neuron awake. */
const pin = (n: Local, reasons: number): Code => {
  const block = i32.shrU(n.get, i32.const(4));
  return i32.store8(block, at.PINNED, i32.add(i32.load8(block, at.PINNED), i32.const(reasons)));
};

const appointPhaseEnd = (module: ModuleWriter, n: Local): Code => [
  i32.store8(n.get, at.PURPOSE, i32.const(at.IS_PHASE_END)),
  module.call('calendar/put', n.get, f64.load(eight(n), at.PHASE_END)),
];

/**
 * A neuron without phase and appointment begins its reset, or its hold-off where there is no reset: `begin` brings its state to the
 * end of the step, `finish` comes after either.
 */
export function enterPhase(
  module: ModuleWriter,
  n: Local,
  d: Local,
  begin: (resetting: 0 | 1) => Code,
  finish: Code,
): Code {
  const reset = f64.load(eight(n), at.RESET_CYCLES);
  const become = (phase: number, until: Code, resetting: 0 | 1): Code => [
    i32.store8(n.get, at.PHASE, i32.const(phase)),
    f64.store(eight(n), at.PHASE_END, until),
    begin(resetting),
  ];
  return [
    f64.store(
      eight(n),
      at.HOLD_OFF_END,
      f64.add(timeOf(d), f64.load(eight(n), at.REFRACTORY_CYCLES)),
    ),
    pin(n, 1),
    flow.if(
      f64.gt(reset, f64.const(0)),
      become(IN_RESET, f64.add(timeOf(d), reset), 1),
      become(HOLD_OFF, f64.load(eight(n), at.HOLD_OFF_END), 0),
    ),
    finish,
    module.call('phase/deafen', n.get),
    appointPhaseEnd(module, n),
  ];
}

/**
 * The present phase of a neuron without appointment ends: `leaveReset` changes its state where that was the reset, and `look`
 * asks whether it fires when it is free.
 */
export function endPhase(
  module: ModuleWriter,
  n: Local,
  d: Local,
  leaveReset: Code,
  look: string,
): Code {
  const holdOffEnd = f64.load(eight(n), at.HOLD_OFF_END);
  return [
    flow.if(i32.eq(i32.load8(n.get, at.PHASE), i32.const(IN_RESET)), [
      leaveReset,
      flow.if(f64.gt(holdOffEnd, timeOf(d)), [
        i32.store8(n.get, at.PHASE, i32.const(HOLD_OFF)),
        f64.store(eight(n), at.PHASE_END, holdOffEnd),
        appointPhaseEnd(module, n),
        flow.return(),
      ]),
    ]),
    pin(n, -1),
    i32.store8(n.get, at.PHASE, i32.const(FREE)),
    f64.store(eight(n), at.PHASE_END, f64.const(Infinity)),
    module.call('phase/compare', n.get),
    module.call(look, n.get, d.get, i32.const(1)),
  ];
}

/** `leaky/enter`(neuron, d, v): a neuron without phase and appointment begins its reset with the membrane at `v`. */
function addEnter(module: ModuleWriter): void {
  module.add('leaky/enter', ['i32', 'i32', 'f32'], undefined, (f) => {
    const [n, d, v] = f.firstParams(3);
    const begin = (resetting: 0 | 1): Code => [
      resetting === 1 ? module.call('phase/use', n.get, i32.const(1)) : [],
      v.set(module.call('leaky/after', n.get, d.get, v.get, i32.const(16 * resetting))),
    ];
    return enterPhase(module, n, d, begin, f32.store(four(n), arrayOffset.v, v.get));
  });
}

/** A neuron fires: its number of spikes, its next threshold, the list of spikes. */
export const countSpike = (n: Local, d: Local, count: Local): Code => [
  i32.store(four(n), at.SPIKES, i32.add(i32.load(four(n), at.SPIKES), i32.const(1))),
  f64.store(eight(n), at.GOAL, f64.load(eight(n), at.NEXT_GOAL)),
  flow.if(
    i32.load(atZero, at.THRESHOLD_NOISE),
    i32.store8(n.get, at.FLAGS, i32.or(i32.load8(n.get, at.FLAGS), i32.const(at.IS_SPENT))),
  ),
  count.set(i32.load(atZero, at.SPIKE_COUNT)),
  i32.store(four(count), at.SPIKE_NEURONS, n.get),
  f64.store(eight(count), at.SPIKE_CYCLES, timeOf(d)),
  i32.store(atZero, at.SPIKE_COUNT, i32.add(count.get, i32.const(1))),
];

/** `leaky/spike`(neuron, d): a neuron without appointment fires at the membrane that was found for it. */
function addSpike(module: ModuleWriter): void {
  module.add('leaky/spike', ['i32', 'i32'], undefined, (f) => {
    const n = f.param(0);
    const d = f.param(1);
    const count = f.local('i32');
    return [
      countSpike(n, d, count),
      module.call(
        'leaky/enter',
        n.get,
        d.get,
        f32.fromF64(f64.sub(f64.load(eight(n), at.CROSSING), f64.load(eight(n), at.REFERENCE))),
      ),
    ];
  });
}

/** Sets comparator and alarm of a neuron. */
const listen = (n: Local, threshold: Local): Code => [
  f32.store(four(n), arrayOffset.threshold, threshold.get),
  f32.store(
    four(n),
    arrayOffset.alarm,
    flow.select(threshold.get, own(n, 'highest'), f32.lt(threshold.get, own(n, 'highest'))),
  ),
];

/** `phase/compare`(neuron): sets the comparator of a free neuron. */
function addCompare(module: ModuleWriter): void {
  module.add('phase/compare', ['i32'], undefined, (f) => {
    const n = f.param(0);
    const threshold = f.local('f32');
    const reach = f64.fromF32(f32.load(atZero, at.NOISE_REACH));
    return [
      threshold.set(f32.const(Infinity)),
      flow.if(
        i32.and(i32.load8(n.get, at.FLAGS), i32.const(at.CAN_FIRE)),
        threshold.set(
          f32.fromF64(
            f64.sub(f64.sub(f64.load(eight(n), at.GOAL), reach), f64.load(eight(n), at.REFERENCE)),
          ),
        ),
      ),
      listen(n, threshold),
    ];
  });
}

/** `phase/deafen`(neuron): it cannot fire. */
function addDeafen(module: ModuleWriter): void {
  module.add('phase/deafen', ['i32'], undefined, (f) => {
    const n = f.param(0);
    const threshold = f.local('f32');
    return [threshold.set(f32.const(Infinity)), listen(n, threshold)];
  });
}

/** `leaky/end`(neuron, d): the present phase of a neuron without appointment ends. */
function addEnd(module: ModuleWriter): void {
  module.add('leaky/end', ['i32', 'i32'], undefined, (f) => {
    const n = f.param(0);
    const d = f.param(1);
    const v = f.local('f32');
    const leaveReset = [
      v.set(module.call('leaky/before', n.get, d.get, i32.const(16))),
      module.call('phase/use', n.get, i32.const(0)),
      f32.store(
        four(n),
        arrayOffset.v,
        module.call('leaky/after', n.get, d.get, v.get, i32.const(0)),
      ),
    ];
    return endPhase(module, n, d, leaveReset, 'leaky/look');
  });
}

/** Adds the kernels of this file; those of leaky membranes must be there. */
export function addPhaseKernels(module: ModuleWriter): void {
  addUse(module);
  addCompare(module);
  addDeafen(module);
  addEnter(module);
  addSpike(module);
  addEnd(module);
}
