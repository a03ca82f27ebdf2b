/**
 * The splitting step for one neuron of kind `exponential` and any part of a step, forwards and backwards, in floats: what spikes and
 * the ends of phases need. The state that is worked on (membrane relative to the reference, adaptation in nA) is at SPLIT_V
 * and SPLIT_W.
 */
import { atZero, four } from './calendar.js';
import * as at from './layout.js';
import { arrayOffset, STEP } from './layout.js';
import {
  entry,
  FORGOTTEN,
  isClamped,
  isSaturating,
  limited,
  own,
  saturation,
  wayOf,
} from './leaky-kernels.js';
import { lanes } from './pool.js';
import { field, keeping, lawOf, scalar, setV, setW, stateV, stateW } from './split-law.js';
import { VectorFall, VectorLog, VectorPower } from './vector-math.js';
import {
  f32,
  f32x4,
  flow,
  i32,
  v128,
  type Code,
  type FunctionWriter,
  type Local,
  type ModuleWriter,
} from './wasm.js';

const { add, sub, mul, div } = f32;
const one = f32.const(1);
/** Argument from which the exponential term has run away within the interval, and -ln(1 - x) of it. */
const RUNAWAY = 0.9999;
const RUNAWAY_RISE = 9.2103404;

/** What both directions need of half an interval. */
interface Half {
  /** Shares that half the interval takes of membrane and adaptation. */
  readonly fall: Local;
  readonly fallW: Local;
  /** Works out the shares, and what lifts the membrane beside adaptation, from the lines at the beginning. */
  readonly prepare: Code;
  /** Rise of the membrane in half the interval but for its own fall. */
  base(w: Code): Code;
  /** What adaptation tends to while the membrane is at `v` at an end of the interval. */
  target(v: Code): Code;
}

function makeHalf(
  f: FunctionWriter,
  law: Local,
  dt: Local,
  excitatory: Local,
  inhibitory: Local,
): Half {
  const falls = f.local('v128');
  const lines = f.local('v128');
  const [fall, fallW, left, lift, mean] = f.locals('f32', 5);
  const vector = new VectorFall(f);
  const rates = v128.load(law.get, at.SPLIT_LAWS);
  const half = mul(dt.get, f32.const(0.5));
  // Mean of both halves: the line at the middle acts with the response of a membrane to a decaying drive.
  const driven = (index: number, drive: Code): Code => [
    left.set(sub(one, f32x4.lane(falls.get, index))),
    mean.set(mul(sub(f32x4.lane(rates, 0), f32x4.lane(rates, index)), half)),
    lift.set(
      add(
        lift.get,
        mul(
          mul(drive, mul(half, f32x4.lane(lines.get, index))),
          mul(
            mul(
              f32.sqrt(mul(sub(one, fall.get), left.get)),
              add(one, mul(mul(mean.get, mean.get), f32.const(1 / 24))),
            ),
            mul(f32.const(0.5), add(one, div(one, left.get))),
          ),
        ),
      ),
    ),
  ];
  const both = saturation(f);
  return {
    fall,
    fallW,
    prepare: [
      falls.set(vector.of(f32x4.mul(rates, f32x4.splat(half)))),
      fall.set(f32x4.lane(falls.get, 0)),
      fallW.set(f32x4.lane(falls.get, 3)),
      lift.set(mul(field(law, 'rest'), fall.get)),
      flow.if(
        isSaturating,
        lines.set(
          both([
            f32.const(0),
            mul(excitatory.get, sub(one, f32x4.lane(falls.get, 1))),
            mul(inhibitory.get, sub(one, f32x4.lane(falls.get, 2))),
            f32.const(0),
          ]),
        ),
        lines.set(
          f32x4.mul(
            f32x4.sub(f32x4.splat(one), falls.get),
            v128.bitselect(
              f32x4.splat(excitatory.get),
              f32x4.splat(inhibitory.get),
              lanes([0, -1, 0, 0]),
            ),
          ),
        ),
      ),
      driven(1, field(law, 'excitatoryDrive')),
      driven(2, field(law, 'inhibitoryDrive')),
      mean.set(f32.const(0)),
      // Of a membrane that is being reset, adaptation feels the mean and not that of the ends: so much nearer to rest.
      flow.if(f32.gt(field(law, 'resets'), f32.const(0)), [
        left.set(sub(one, fall.get)),
        mean.set(
          sub(
            one,
            div(
              mul(mul(f32.const(2), fall.get), add(one, left.get)),
              mul(mul(f32x4.lane(rates, 0), dt.get), add(one, mul(left.get, left.get))),
            ),
          ),
        ),
      ]),
    ],
    base: (w) => sub(lift.get, mul(mul(field(law, 'drag'), fall.get), w)),
    target: (v) =>
      mul(
        field(law, 'conductance'),
        sub(add(v, mul(mean.get, sub(field(law, 'rest'), v))), field(law, 'potential')),
      ),
  };
}

/** What the exponential term would take of e^(-V/D) in the interval from `v`. */
const argument = (power: VectorPower, law: Local, dt: Local, v: Code): Code =>
  mul(
    mul(dt.get, field(law, 'exponentialRate')),
    scalar(power, mul(sub(v, field(law, 'exponential')), field(law, 'inverseSlopeFactor'))),
  );

/** `split/forward`(neuron, law, dt, excitatory, inhibitory): the state `dt` cycles later; lines at the beginning. */
function addForward(module: ModuleWriter): void {
  module.add('split/forward', ['i32', 'i32', 'f32', 'f32', 'f32'], undefined, (f) => {
    const [n, law, dt] = [f.param(0), f.param(1), f.param(2)];
    const half = makeHalf(f, law, dt, f.param(3), f.param(4));
    const [v, w, base, y, rise, excess] = f.locals('f32', 6);
    const power = new VectorPower(f);
    const log = new VectorLog(f);
    const adapt = (potential: Code): Code =>
      w.set(add(w.get, mul(half.fallW.get, sub(half.target(potential), w.get))));
    const linear = v.set(add(v.get, sub(base.get, mul(half.fall.get, v.get))));
    const d = field(law, 'slopeFactor');
    return [
      half.prepare,
      v.set(stateV),
      w.set(stateW),
      adapt(v.get),
      base.set(half.base(w.get)),
      linear,
      // By how much the end of an upswing is above what adaptation feels of it.
      excess.set(f32.const(0)),
      flow.if(f32.gt(d, f32.const(0)), [
        y.set(argument(power, law, dt, v.get)),
        rise.set(scalar(log, y.get)),
        excess.set(v.get),
        v.set(add(v.get, mul(d, rise.get))),
        limited(n, v),
        flow.if(f32.ge(y.get, f32.const(RUNAWAY)), [
          y.set(f32.const(RUNAWAY)),
          rise.set(f32.const(RUNAWAY_RISE)),
        ]),
        excess.set(sub(v.get, excess.get)),
        // Twice the mean height of the upswing.
        flow.if(
          f32.lt(y.get, f32.const(0.05)),
          rise.set(
            mul(y.get, add(one, mul(y.get, add(f32.const(1 / 3), mul(y.get, f32.const(1 / 6)))))),
          ),
          rise.set(mul(f32.const(2), sub(one, div(mul(sub(one, y.get), rise.get), y.get)))),
        ),
        excess.set(sub(excess.get, mul(d, rise.get))),
      ]),
      linear,
      limited(n, v),
      adapt(sub(v.get, excess.get)),
      setV(v.get),
      setW(w.get),
    ];
  });
}

/** `split/backward`(neuron, law, dt, excitatory, inhibitory): the state `dt` cycles earlier; lines at the beginning. */
function addBackward(module: ModuleWriter): void {
  module.add('split/backward', ['i32', 'i32', 'f32', 'f32', 'f32'], undefined, (f) => {
    const [n, law, dt] = [f.param(0), f.param(1), f.param(2)];
    const half = makeHalf(f, law, dt, f.param(3), f.param(4));
    const [v, w, base, left] = f.locals('f32', 4);
    const power = new VectorPower(f);
    const log = new VectorLog(f);
    const adapt = w.set(
      div(sub(w.get, mul(half.fallW.get, half.target(v.get))), sub(one, half.fallW.get)),
    );
    const linear = v.set(div(sub(v.get, base.get), left.get));
    return [
      v.set(stateV),
      flow.if(isClamped(n, v), flow.return()),
      half.prepare,
      w.set(stateW),
      adapt,
      base.set(half.base(w.get)),
      left.set(sub(one, half.fall.get)),
      // A reset that has done its work in half the time holds the membrane where it is.
      flow.if(f32.ge(left.get, f32.const(FORGOTTEN)), [
        linear,
        flow.if(
          f32.gt(field(law, 'slopeFactor'), f32.const(0)),
          v.set(
            add(
              v.get,
              mul(
                field(law, 'slopeFactor'),
                scalar(log, mul(f32.const(-1), argument(power, law, dt, v.get))),
              ),
            ),
          ),
        ),
        linear,
        limited(n, v),
      ]),
      adapt,
      setV(v.get),
      setW(w.get),
    ];
  });
}

/** Line at the beginning of the last cycles of the step, of which `way` is the table. */
export const lineAt = (n: Local, way: Code, line: 'excitatory' | 'inhibitory'): Code =>
  mul(own(n, line), entry(way, line === 'excitatory' ? 3 : 7));

/** `split/take`(neuron, d, resetting): the state `d` cycles before the end of the step. */
function addTake(module: ModuleWriter): void {
  module.add('split/take', ['i32', 'i32', 'i32'], undefined, (f) => {
    const [n, d, resetting] = [f.param(0), f.param(1), f.param(2)];
    const v = f.local('f32');
    const way = f.local('i32');
    return [
      v.set(own(n, 'v')),
      setV(v.get),
      setW(
        add(
          keeping(n, resetting.get, 1),
          add(
            mul(div(own(n, 'w'), keeping(n, resetting.get, 0)), keeping(n, resetting.get, 3)),
            mul(keeping(n, resetting.get, 2), v.get),
          ),
        ),
      ),
      flow.if(d.get, [
        way.set(wayOf(n, d)),
        module.call(
          'split/backward',
          n.get,
          lawOf(n, resetting.get),
          f32.fromI32(d.get),
          lineAt(n, way.get, 'excitatory'),
          lineAt(n, way.get, 'inhibitory'),
        ),
      ]),
    ];
  });
}

/** `split/begin`(neuron): the state of a free neuron at the beginning of the step. */
function addBegin(module: ModuleWriter): void {
  module.add('split/begin', ['i32'], undefined, (f) => {
    const n = f.param(0);
    const v = f.local('f32');
    return [
      v.set(own(n, 'vBefore')),
      setV(v.get),
      setW(
        add(
          keeping(n, atZero, 1),
          div(
            sub(div(own(n, 'w'), keeping(n, atZero, 0)), mul(keeping(n, atZero, 2), v.get)),
            keeping(n, atZero, 3),
          ),
        ),
      ),
    ];
  });
}

/** `split/bring`(neuron, d, resetting): the state is that `d` cycles before the end of the step; it is brought there and stored. */
function addBring(module: ModuleWriter): void {
  module.add('split/bring', ['i32', 'i32', 'i32'], undefined, (f) => {
    const [n, d, resetting] = [f.param(0), f.param(1), f.param(2)];
    const way = f.local('i32');
    return [
      flow.if(i32.eq(d.get, i32.const(STEP)), f32.store(four(n), arrayOffset.vBefore, stateV)),
      flow.if(d.get, [
        way.set(wayOf(n, d)),
        module.call(
          'split/forward',
          n.get,
          lawOf(n, resetting.get),
          f32.fromI32(d.get),
          lineAt(n, way.get, 'excitatory'),
          lineAt(n, way.get, 'inhibitory'),
        ),
      ]),
      f32.store(four(n), arrayOffset.v, stateV),
      f32.store(
        four(n),
        arrayOffset.w,
        div(
          mul(
            keeping(n, resetting.get, 0),
            sub(
              sub(stateW, keeping(n, resetting.get, 1)),
              mul(keeping(n, resetting.get, 2), stateV),
            ),
          ),
          keeping(n, resetting.get, 3),
        ),
      ),
    ];
  });
}

/** Adds the kernels of this file. */
export function addSplitWays(module: ModuleWriter): void {
  addForward(module);
  addBackward(module);
  addTake(module);
  addBegin(module);
  addBring(module);
}
