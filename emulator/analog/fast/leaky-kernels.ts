/** Leaky membranes within a step: `d` cycles back from its end, forward to it, and where they reach their threshold. */
import { atZero, clock, eight, four } from './calendar.js';
import * as at from './layout.js';
import { arrayOffset, STEP, type NeuronArray } from './layout.js';
import { lanes } from './pool.js';
import { VectorSaturation } from './vector-math.js';
import {
  f32,
  f32x4,
  f64,
  flow,
  i32,
  v128,
  type Code,
  type FunctionWriter,
  type Local,
  type ModuleWriter,
} from './wasm.js';

/** A propagator smaller than this has forgotten where it started: going back gives the state itself. */
export const FORGOTTEN = 1e-5;
/** A membrane this near its clamps (mV) has been clamped. */
const CLAMPED = 1e-3;

const { add, sub, mul } = f32;

export const own = (n: Local, name: NeuronArray): Code => f32.load(four(n), arrayOffset[name]);
const law = (n: Local, index: number): Code =>
  f32.load(i32.shl(n.get, i32.const(5)), at.LAWS + 4 * index);
export const wayOf = (n: Local, d: Local): Code =>
  i32.shl(i32.add(i32.mul(n.get, i32.const(STEP + 1)), d.get), i32.const(5));
/** Entry of a way that begins at `way`; those of reset come second. */
export const entry = (way: Code, index: number): Code => f32.load(way, at.WAYS + 4 * index);
export const timeOf = (d: Local): Code => f64.sub(clock, f64.fromI32(d.get));
/** Keeps a membrane within its clamps. */
export const limited = (n: Local, value: Local): Code => [
  flow.if(f32.gt(value.get, own(n, 'highest')), value.set(own(n, 'highest'))),
  flow.if(f32.lt(value.get, own(n, 'lowest')), value.set(own(n, 'lowest'))),
];
/** A membrane stands at one of its clamps. */
export const isClamped = (n: Local, v: Local): Code =>
  i32.or(
    f32.ge(v.get, sub(own(n, 'highest'), f32.const(CLAMPED))),
    f32.le(v.get, add(own(n, 'lowest'), f32.const(CLAMPED))),
  );
/** Part of the step that has passed `m` cycles after the moment `d` before its end. */
export const partAt = (d: Local, m: Code): Code =>
  f32.div(f32.fromI32(i32.add(i32.sub(i32.const(STEP), d.get), m)), f32.const(STEP));
export const isSaturating = f32.gt(f32.load(atZero, at.INVERSE_SATURATION), f32.const(0));

/** Two lines, or twice two lines, through the saturation. */
export function saturation(f: FunctionWriter): (values: readonly Code[]) => Code {
  const vector = new VectorSaturation(
    f,
    v128.loadSplat32(atZero, at.SATURATION),
    v128.loadSplat32(atZero, at.INVERSE_SATURATION),
  );
  const join = (a: Code, b: Code, mask: readonly number[]): Code =>
    v128.bitselect(a, b, lanes(mask));
  return (values) => {
    const [a = 0, b = 0, c, d] = values.map((value) => f32x4.splat(value));
    const two = join(a, b, [-1, 0, 0, 0]);
    return vector.of(
      c === undefined || d === undefined
        ? two
        : join(two, join(c, d, [0, 0, -1, 0]), [-1, -1, 0, 0]),
    );
  };
}

/**
 * `leaky/driven`(neuron, way, where in it: 0 free, 16 in reset) -> what both lines lift the membrane by on the way. A saturating
 * line acts with its state in the middle.
 */
function addDriven(module: ModuleWriter): void {
  module.add('leaky/driven', ['i32', 'i32', 'i32'], 'f32', (f) => {
    const n = f.param(0);
    const way = f.param(1);
    const from = i32.add(way.get, f.param(2).get);
    const halfE = f.local('f32');
    const halfI = f.local('f32');
    const both = f.local('v128');
    const e = own(n, 'excitatory');
    const i = own(n, 'inhibitory');
    return [
      flow.if(isSaturating, [
        halfE.set(f32.sqrt(entry(way.get, 3))),
        halfI.set(f32.sqrt(entry(way.get, 7))),
        both.set(saturation(f)([mul(e, halfE.get), mul(i, halfI.get)])),
        flow.return(
          add(
            f32.div(mul(entry(from, 1), f32x4.lane(both.get, 0)), halfE.get),
            f32.div(mul(entry(from, 2), f32x4.lane(both.get, 1)), halfI.get),
          ),
        ),
      ]),
      add(mul(entry(from, 1), e), mul(entry(from, 2), i)),
    ];
  });
}

/** `leaky/after`(neuron, d, v, where: 0 or 16) -> the membrane at the end of the step from `v`, `d` cycles before. */
function addAfter(module: ModuleWriter): void {
  module.add('leaky/after', ['i32', 'i32', 'f32', 'i32'], 'f32', (f) => {
    const n = f.param(0);
    const v = f.param(2);
    const where = f.param(3);
    const way = f.local('i32');
    const rest = f32.load(i32.add(i32.shl(n.get, i32.const(5)), where.get), at.LAWS);
    return [
      way.set(wayOf(n, f.param(1))),
      v.set(
        add(
          v.get,
          add(
            mul(entry(i32.add(way.get, where.get), 0), sub(rest, v.get)),
            module.call('leaky/driven', n.get, way.get, where.get),
          ),
        ),
      ),
      limited(n, v),
      v.get,
    ];
  });
}

/** `leaky/before`(neuron, d, where) -> the membrane `d` cycles before the end of the step. */
function addBefore(module: ModuleWriter): void {
  module.add('leaky/before', ['i32', 'i32', 'i32'], 'f32', (f) => {
    const n = f.param(0);
    const where = f.param(2);
    const way = f.local('i32');
    const v = f.local('f32');
    const fall = f.local('f32');
    const left = f.local('f32');
    const rest = f32.load(i32.add(i32.shl(n.get, i32.const(5)), where.get), at.LAWS);
    return [
      way.set(wayOf(n, f.param(1))),
      v.set(own(n, 'v')),
      fall.set(entry(i32.add(way.get, where.get), 0)),
      left.set(sub(f32.const(1), fall.get)),
      flow.if(i32.or(f32.lt(left.get, f32.const(FORGOTTEN)), isClamped(n, v)), flow.return(v.get)),
      v.set(
        add(
          v.get,
          f32.div(
            sub(
              mul(fall.get, sub(v.get, rest)),
              module.call('leaky/driven', n.get, way.get, where.get),
            ),
            left.get,
          ),
        ),
      ),
      limited(n, v),
      v.get,
    ];
  });
}

/** Slopes (mV per cycle) of a free membrane at two moments; `of` holds what the lines pass on there. */
interface Slopes {
  /** Finds what the lines pass on at the end of the step and `d` cycles before. */
  prepare(way: Local): Code;
  at(v: Code, moment: 'end' | 'before'): Code;
}

function slopes(f: FunctionWriter, n: Local): Slopes {
  const passed = f.locals('f32', 4);
  const [e1, i1, e0, i0] = passed;
  const limit = f.local('v128');
  return {
    prepare: (way) => [
      e1.set(own(n, 'excitatory')),
      i1.set(own(n, 'inhibitory')),
      e0.set(mul(e1.get, entry(way.get, 3))),
      i0.set(mul(i1.get, entry(way.get, 7))),
      flow.if(isSaturating, [
        limit.set(saturation(f)(passed.map((line) => line.get))),
        passed.map((line, k) => line.set(f32x4.lane(limit.get, k))),
      ]),
    ],
    at: (v, moment) => {
      const [e, i] = moment === 'end' ? [e1, i1] : [e0, i0];
      return add(
        mul(law(n, 1), sub(law(n, 0), v)),
        add(mul(law(n, 2), e.get), mul(law(n, 3), i.get)),
      );
    },
  };
}

/** Noise (mV) of a membrane `part` of the present step after its beginning; straight between grid points. */
export interface NoiseInStep {
  prepare: Code;
  at(part: Code): Code;
  readonly end: Code;
}

export function noiseInStep(module: ModuleWriter, f: FunctionWriter, n: Local): NoiseInStep {
  const begin = f.local('f32');
  const end = f.local('f32');
  const row = f.local('i32');
  const sd = f32.load(atZero, at.NOISE_SD);
  return {
    prepare: flow.if(i32.load(atZero, at.NOISE_SD), [
      module.call('membrane/fill', n.get, i32.load(atZero, at.NOISE_BLOCK_NOW)),
      row.set(
        i32.add(
          i32.mul(n.get, i32.const(at.NOISE_ROW_BYTES)),
          i32.load(atZero, at.NOISE_PLACE_NOW),
        ),
      ),
      begin.set(mul(sd, f32.load(row.get, at.NOISE_VALUES))),
      end.set(mul(sd, f32.load(row.get, at.NOISE_VALUES + 4))),
    ]),
    at: (part) => add(begin.get, mul(part, sub(end.get, begin.get))),
    end: end.get,
  };
}

export const goalOf = (n: Local): Code =>
  add(own(n, 'threshold'), f32.load(atZero, at.NOISE_REACH));

/** Appoints a spike `m` cycles after the moment `d` cycles before the end, with the membrane at `v` then. */
const appointSpike = (module: ModuleWriter, n: Local, d: Local, m: Code, v: Code): Code => [
  f64.store(eight(n), at.CROSSING, f64.add(f64.fromF32(v), f64.load(eight(n), at.REFERENCE))),
  module.call('calendar/remove', n.get),
  i32.store8(n.get, at.PURPOSE, i32.const(at.IS_SPIKE)),
  module.call('calendar/put', n.get, f64.add(timeOf(d), f64.fromI32(m))),
];

/**
 * `leaky/reach`(neuron, d): it may be above its threshold at the end of the step; appoints the spike within the last `d` cycles
 * (cubic between the states and slopes at both ends), or cancels one that does not come.
 */
function addReach(module: ModuleWriter): void {
  module.add('leaky/reach', ['i32', 'i32'], undefined, (f) => {
    const n = f.param(0);
    const d = f.param(1);
    const way = f.local('i32');
    const before = f.local('i32');
    const after = f.local('i32');
    const middle = f.local('i32');
    const [v1, v0, s0, c, q, goal, x, span] = f.locals('f32', 8);
    const slope = slopes(f, n);
    const noise = noiseInStep(module, f, n);
    const way3 = add(v0.get, mul(x.get, add(s0.get, mul(x.get, add(c.get, mul(x.get, q.get))))));
    return [
      noise.prepare,
      v1.set(own(n, 'v')),
      goal.set(goalOf(n)),
      flow.if(f32.lt(add(v1.get, noise.end), goal.get), [
        flow.if(
          i32.eq(i32.load8(n.get, at.PURPOSE), i32.const(at.IS_SPIKE)),
          module.call('calendar/remove', n.get),
        ),
        flow.return(),
      ]),
      way.set(wayOf(n, d)),
      slope.prepare(way),
      span.set(f32.fromI32(d.get)),
      v0.set(module.call('leaky/before', n.get, d.get, i32.const(0))),
      s0.set(mul(span.get, slope.at(v0.get, 'before'))),
      // The slope at the end for a moment, then the cubic's coefficients.
      q.set(mul(span.get, slope.at(v1.get, 'end'))),
      c.set(sub(mul(f32.const(3), sub(v1.get, v0.get)), add(mul(f32.const(2), s0.get), q.get))),
      q.set(sub(add(s0.get, q.get), mul(f32.const(2), sub(v1.get, v0.get)))),
      after.set(d.get),
      flow.block(
        flow.loop(
          flow.brIf(1, i32.leS(i32.sub(after.get, before.get), i32.const(1))),
          middle.set(i32.shrU(i32.add(before.get, after.get), i32.const(1))),
          x.set(f32.div(f32.fromI32(middle.get), span.get)),
          flow.if(
            f32.ge(add(way3, noise.at(partAt(d, middle.get))), goal.get),
            after.set(middle.get),
            before.set(middle.get),
          ),
          flow.br(0),
        ),
      ),
      x.set(f32.div(f32.fromI32(after.get), span.get)),
      appointSpike(module, n, d, after.get, way3),
    ];
  });
}

/**
 * `leaky/look`(neuron, d, from now on: 1 if it may fire at once): a free neuron `d` cycles before the end of the step: does it
 * fire now or within the rest of it?
 */
function addLook(module: ModuleWriter): void {
  module.add('leaky/look', ['i32', 'i32', 'i32'], undefined, (f) => {
    const n = f.param(0);
    const d = f.param(1);
    const way = f.local('i32');
    const v = f.local('f32');
    const slope = slopes(f, n);
    const noise = noiseInStep(module, f, n);
    const isBelow = f32.lt(own(n, 'v'), own(n, 'threshold'));
    const part = f32.div(f32.fromI32(i32.sub(i32.const(STEP), d.get)), f32.const(STEP));
    return [
      module.call('calendar/remove', n.get),
      flow.if(i32.eqz(i32.and(i32.load8(n.get, at.FLAGS), i32.const(at.CAN_FIRE))), flow.return()),
      flow.if(f.param(2).get, [
        way.set(wayOf(n, d)),
        slope.prepare(way),
        // A membrane that rises to the end of the step and is below its threshold there was so all the time.
        flow.if(i32.eqz(i32.and(isBelow, f32.gt(slope.at(own(n, 'v'), 'end'), f32.const(0)))), [
          v.set(module.call('leaky/before', n.get, d.get, i32.const(0))),
          noise.prepare,
          flow.if(f32.ge(add(v.get, noise.at(part)), goalOf(n)), [
            appointSpike(module, n, d, i32.const(0), v.get),
            flow.return(),
          ]),
        ]),
      ]),
      flow.if(isBelow, flow.return()),
      module.call('leaky/reach', n.get, d.get),
    ];
  });
}

/** Adds the kernels of this file; those of the calendar and of the membrane noise must be there. */
export function addLeakyKernels(module: ModuleWriter): void {
  addDriven(module);
  addAfter(module);
  addBefore(module);
  addReach(module);
  addLook(module);
}
