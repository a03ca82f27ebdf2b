/**
 * Neurons of kind `exponential` within a step: where a membrane reaches its threshold, its spike, and the ends of its phases.
 * The state is taken back from the end of the step, changed, and brought forward again, `d` cycles each way.
 */
import { FREE } from '../neuron-state.js';
import { atZero, eight } from './calendar.js';
import * as at from './layout.js';
import { STEP } from './layout.js';
import {
  goalOf,
  noiseInStep,
  own,
  partAt,
  timeOf,
  wayOf,
  type NoiseInStep,
} from './leaky-kernels.js';
import { countSpike, endPhase, enterPhase } from './phase-kernels.js';
import { field, lawOf, scalar, setV, setW, stateV, stateW } from './split-law.js';
import { lineAt } from './split-ways.js';
import { VectorFall, VectorLog, VectorPower } from './vector-math.js';
import {
  f32,
  f64,
  flow,
  i32,
  type Code,
  type FunctionWriter,
  type Local,
  type ModuleWriter,
} from './wasm.js';

const { add, sub, mul, div } = f32;
const one = f32.const(1);
/** A rise of this many D within a step leaves 2 % of e^(-v/D); one that runs away leaves less. */
const FEW_SLOPES = 4;

/** Appoints a spike `m` cycles after the moment `d` cycles before the end, in the state that is worked on. */
const appointSpike = (module: ModuleWriter, n: Local, d: Local, m: Code): Code => [
  f64.store(eight(n), at.CROSSING, f64.add(f64.fromF32(stateV), f64.load(eight(n), at.REFERENCE))),
  f64.store(eight(n), at.CROSSING_W, f64.fromF32(stateW)),
  i32.store8(n.get, at.PURPOSE, i32.const(at.IS_SPIKE)),
  module.call('calendar/put', n.get, f64.add(timeOf(d), f64.fromI32(m))),
];

/** What the search of a crossing works with. */
interface Search {
  readonly n: Local;
  readonly d: Local;
  readonly law: Local;
  readonly noise: NoiseInStep;
  /** Goal and membrane at the beginning of the span, rise of the membrane in it. */
  readonly goal: Local;
  readonly v0: Local;
  readonly height: Local;
  /** The crossing lies after `before`, at `after` or before it. */
  readonly before: Local;
  readonly after: Local;
  readonly middle: Local;
}

const whileOpen = (s: Search, body: Code): Code =>
  flow.block(
    flow.loop(
      flow.brIf(1, i32.leS(i32.sub(s.after.get, s.before.get), i32.const(1))),
      body,
      flow.br(0),
    ),
  );
const halve = (s: Search): Code =>
  s.middle.set(i32.shrU(i32.add(s.before.get, s.after.get), i32.const(1)));
const isNoisy = i32.load(atZero, at.NOISE_SD);

/**
 * A membrane that rises by a few D at most: e^(-v/D) falls linearly where the exponential term rules, and a straight line is
 * as good elsewhere. Leaves the state at the crossing; adaptation feels the mean of the membrane.
 */
function smooth(f: FunctionWriter, s: Search): Code {
  const [fallen, needed, missing, x, rise, mean] = f.locals('f32', 6);
  const vectorFall = new VectorFall(f);
  const log = new VectorLog(f);
  const d = field(s.law, 'slopeFactor');
  const isCurved = f32.gt(fallen.get, f32.const(0));
  // The part of the fall, or of the rise, after which the goal is reached.
  const need: Code = [
    missing.set(sub(sub(s.goal.get, s.v0.get), s.noise.at(partAt(s.d, s.middle.get)))),
    needed.set(missing.get),
    flow.if(
      i32.and(isCurved, f32.gt(missing.get, f32.const(0))),
      needed.set(scalar(vectorFall, div(missing.get, d))),
    ),
  ];
  const span = f32.fromI32(s.d.get);
  const whole = flow.select(fallen.get, s.height.get, isCurved);
  return [
    flow.if(
      i32.and(f32.gt(s.height.get, f32.const(0)), f32.gt(d, f32.const(0))),
      fallen.set(scalar(vectorFall, div(s.height.get, d))),
    ),
    need,
    whileOpen(s, [
      halve(s),
      flow.if(isNoisy, need),
      flow.if(
        f32.ge(mul(div(f32.fromI32(s.middle.get), span), whole), needed.get),
        s.after.set(s.middle.get),
        s.before.set(s.middle.get),
      ),
    ]),
    x.set(div(f32.fromI32(s.after.get), span)),
    flow.if(
      isCurved,
      [
        x.set(mul(x.get, fallen.get)),
        rise.set(scalar(log, x.get)),
        mean.set(
          mul(
            d,
            flow.select(
              mul(
                x.get,
                add(
                  f32.const(0.5),
                  mul(x.get, add(f32.const(1 / 6), mul(x.get, f32.const(1 / 12)))),
                ),
              ),
              sub(one, div(mul(sub(one, x.get), rise.get), x.get)),
              f32.lt(x.get, f32.const(0.05)),
            ),
          ),
        ),
        rise.set(mul(d, rise.get)),
      ],
      [rise.set(mul(x.get, s.height.get)), mean.set(mul(f32.const(0.5), rise.get))],
    ),
    setV(add(s.v0.get, rise.get)),
    setW(
      add(
        stateW,
        mul(
          scalar(vectorFall, mul(field(s.law, 'adaptationRate'), f32.fromI32(s.after.get))),
          sub(
            mul(
              field(s.law, 'conductance'),
              sub(add(s.v0.get, mean.get), field(s.law, 'potential')),
            ),
            stateW,
          ),
        ),
      ),
    ),
  ];
}

/**
 * A membrane that runs away within the step: by the law of the step for parts of it, tried first where the exponential term
 * alone would cross. Leaves the state at the crossing.
 */
function steep(module: ModuleWriter, f: FunctionWriter, s: Search): Code {
  const [w0, excitatory, inhibitory] = f.locals('f32', 3);
  const [way, tries, tried] = f.locals('i32', 3);
  const vectorFall = new VectorFall(f);
  const power = new VectorPower(f);
  const go = (m: Local): Code => [
    setV(s.v0.get),
    setW(w0.get),
    module.call(
      'split/forward',
      s.n.get,
      s.law.get,
      f32.fromI32(m.get),
      excitatory.get,
      inhibitory.get,
    ),
  ];
  const d = field(s.law, 'slopeFactor');
  const guess = div(
    scalar(vectorFall, div(f32.max(sub(s.goal.get, s.v0.get), f32.const(0)), d)),
    mul(
      field(s.law, 'exponentialRate'),
      scalar(
        power,
        mul(sub(s.v0.get, field(s.law, 'exponential')), field(s.law, 'inverseSlopeFactor')),
      ),
    ),
  );
  return [
    w0.set(stateW),
    way.set(wayOf(s.n, s.d)),
    excitatory.set(lineAt(s.n, way.get, 'excitatory')),
    inhibitory.set(lineAt(s.n, way.get, 'inhibitory')),
    s.middle.set(i32.fromF32(f32.min(guess, f32.fromI32(s.d.get)))),
    whileOpen(s, [
      // The guess, its neighbour, then halves.
      flow.if(i32.geS(tries.get, i32.const(2)), halve(s)),
      flow.if(
        i32.leS(s.middle.get, s.before.get),
        s.middle.set(i32.add(s.before.get, i32.const(1))),
      ),
      flow.if(i32.geS(s.middle.get, s.after.get), s.middle.set(i32.sub(s.after.get, i32.const(1)))),
      tries.set(i32.add(tries.get, i32.const(1))),
      go(s.middle),
      tried.set(s.middle.get),
      flow.if(
        f32.ge(add(stateV, s.noise.at(partAt(s.d, s.middle.get))), s.goal.get),
        [s.after.set(s.middle.get), s.middle.set(i32.sub(s.middle.get, i32.const(1)))],
        [s.before.set(s.middle.get), s.middle.set(i32.add(s.middle.get, i32.const(1)))],
      ),
    ]),
    flow.if(i32.ne(tried.get, s.after.get), go(s.after)),
  ];
}

/** `split/reach`(neuron, d): it may be above its threshold at the end of the step; appoints the spike in the last `d` cycles. */
function addReach(module: ModuleWriter): void {
  module.add('split/reach', ['i32', 'i32'], undefined, (f) => {
    const [n, d] = [f.param(0), f.param(1)];
    const [law, before, after, middle] = f.locals('i32', 4);
    const [goal, v0, height] = f.locals('f32', 3);
    const noise = noiseInStep(module, f, n);
    const search = { n, d, law, noise, goal, v0, height, before, after, middle };
    const slope = field(law, 'slopeFactor');
    return [
      flow.if(f64.lt(f64.load(eight(n), at.APPOINTMENT), f64.const(Infinity)), flow.return()),
      noise.prepare,
      goal.set(goalOf(n)),
      flow.if(f32.lt(add(own(n, 'v'), noise.end), goal.get), flow.return()),
      flow.if(
        i32.eq(d.get, i32.const(STEP)),
        module.call('split/begin', n.get),
        module.call('split/take', n.get, d.get, atZero),
      ),
      law.set(lawOf(n, atZero)),
      v0.set(stateV),
      height.set(sub(own(n, 'v'), v0.get)),
      after.set(d.get),
      flow.if(
        i32.or(f32.le(slope, f32.const(0)), f32.lt(height.get, mul(f32.const(FEW_SLOPES), slope))),
        smooth(f, search),
        steep(module, f, search),
      ),
      appointSpike(module, n, d, after.get),
    ];
  });
}

/** `split/look`(neuron, d, from now on: 1 if it may fire at once): a free neuron: does it fire now or within the rest of the step? */
function addLook(module: ModuleWriter): void {
  module.add('split/look', ['i32', 'i32', 'i32'], undefined, (f) => {
    const [n, d] = [f.param(0), f.param(1)];
    const noise = noiseInStep(module, f, n);
    return [
      module.call('calendar/remove', n.get),
      flow.if(i32.eqz(i32.and(i32.load8(n.get, at.FLAGS), i32.const(at.CAN_FIRE))), flow.return()),
      flow.if(f.param(2).get, [
        module.call('split/take', n.get, d.get, atZero),
        noise.prepare,
        flow.if(f32.ge(add(stateV, noise.at(partAt(d, atZero))), goalOf(n)), [
          appointSpike(module, n, d, atZero),
          flow.return(),
        ]),
      ]),
      flow.if(f32.ge(own(n, 'v'), own(n, 'threshold')), module.call('split/reach', n.get, d.get)),
    ];
  });
}

/** `split/reconsider`(neuron, d): a spike expected within the step may not come after an inhibitory event. */
function addReconsider(module: ModuleWriter): void {
  module.add('split/reconsider', ['i32', 'i32'], undefined, (f) => {
    const n = f.param(0);
    const law = f.local('i32');
    const slope = field(law, 'slopeFactor');
    return [
      law.set(lawOf(n, atZero)),
      flow.if(i32.ne(i32.load8(n.get, at.PHASE), i32.const(FREE)), flow.return()),
      // The exponential term has taken the membrane to its clamp within the step: no event can hold that back.
      flow.if(
        i32.and(f32.gt(slope, f32.const(0)), f32.gt(own(n, 'v'), sub(own(n, 'highest'), slope))),
        flow.return(),
      ),
      module.call('split/look', n.get, f.param(1).get, atZero),
    ];
  });
}

/** `split/enter`(neuron, d): a neuron without phase and appointment begins its reset in the state that is worked on. */
function addEnter(module: ModuleWriter): void {
  module.add('split/enter', ['i32', 'i32'], undefined, (f) => {
    const [n, d] = [f.param(0), f.param(1)];
    const begin = (resetting: 0 | 1): Code => [
      resetting === 1 ? module.call('phase/use', n.get, i32.const(1)) : [],
      module.call('split/bring', n.get, d.get, i32.const(resetting)),
    ];
    return enterPhase(module, n, d, begin, []);
  });
}

/** `split/spike`(neuron, d): a neuron without appointment fires in the state that was found for it. */
function addSpike(module: ModuleWriter): void {
  module.add('split/spike', ['i32', 'i32'], undefined, (f) => {
    const [n, d] = [f.param(0), f.param(1)];
    const law = f.local('i32');
    const count = f.local('i32');
    return [
      countSpike(n, d, count),
      law.set(lawOf(n, atZero)),
      setV(f32.fromF64(f64.sub(f64.load(eight(n), at.CROSSING), f64.load(eight(n), at.REFERENCE)))),
      setW(add(f32.fromF64(f64.load(eight(n), at.CROSSING_W)), field(law, 'step'))),
      module.call('split/enter', n.get, d.get),
    ];
  });
}

/** `split/end`(neuron, d): the present phase of a neuron without appointment ends. */
function addEnd(module: ModuleWriter): void {
  module.add('split/end', ['i32', 'i32'], undefined, (f) => {
    const [n, d] = [f.param(0), f.param(1)];
    const leaveReset = [
      module.call('split/take', n.get, d.get, i32.const(1)),
      module.call('phase/use', n.get, atZero),
      module.call('split/bring', n.get, d.get, atZero),
    ];
    return endPhase(module, n, d, leaveReset, 'split/look');
  });
}

/** Adds the kernels of this file; ways, calendar and phases must be there. */
export function addSplitPhases(module: ModuleWriter): void {
  addReach(module);
  addLook(module);
  addReconsider(module);
  addEnter(module);
  addSpike(module);
  addEnd(module);
}
