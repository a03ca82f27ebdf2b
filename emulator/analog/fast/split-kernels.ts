/**
 * Step kernels for membranes with exponential term and adaptation, and with conductance-based inputs: a symmetric splitting
 * (half a step of the linear part, the exponential term, the other half), with adaptation held at the middles of the steps.
 *
 * The way through a block has no branches: short polynomials serve all neurons that do not run away. Where one does, which
 * is for a few steps before a spike, its four are computed again by functions for all arguments.
 */
import * as at from './layout.js';
import {
  blockLoop,
  clamp,
  decayLine,
  laneAt,
  lineLaw,
  markMotion,
  noteHits,
  withInhibition,
  type Lane,
} from './step-parts.js';
import { shortRise, VectorFall, VectorLog, VectorPower, VectorTrace } from './vector-math.js';
import { all, allBits } from './pool.js';
import {
  f32x4,
  flow,
  i32,
  v128,
  type Code,
  type FunctionWriter,
  type Local,
  type ModuleWriter,
} from './wasm.js';

const { add, mul, sub, pmax } = f32x4;

/** Adaptation that moves the membrane by less in half a step (mV) is nothing. */
const TINY_DRAG = 1 / 1073741824;

/** The linear part of half a step, which comes twice, with the exponential term between. */
interface LinearHalf {
  /** Once a step, when lines and adaptation stand at its middle; `isShort`: for conductances that are not large. */
  prepare(lane: Lane, isShort: boolean): Code;
  /** The membrane after the first half. */
  first(old: Local, lane: Lane): Code;
  /** After the second half, if the exponential term did nothing between. */
  second(from: Local, lane: Lane): Code;
  /** What `rise` (mV) of the exponential term in the middle is at the end of the step. */
  rest(rise: Code): Code;
}
type MakeHalf = (f: FunctionWriter, e: Local, i: Local, w: Local, worst: Local) => LinearHalf;

/** Linear part with constant conductance: fixed propagators; the lines act with their state at the middle of the step. */
const fixedHalf: MakeHalf = (f, e, i, w) => {
  const base = f.local('v128');
  return {
    prepare: (lane) =>
      base.set(
        sub(
          withInhibition(
            lane,
            add(lane.load('constantHalf'), mul(lane.load('excitatoryHalfGain'), e.get)),
            () => mul(lane.load('inhibitoryHalfGain'), i.get),
          ),
          w.get,
        ),
      ),
    first: (old, lane) => add(add(old.get, mul(lane.load('slopeHalf'), old.get)), base.get),
    second: (from, lane) => add(add(from.get, base.get), mul(lane.load('slopeHalf'), from.get)),
    // The slope factor has this share in it.
    rest: (rise) => rise,
  };
};

/** Linear part with conductance-based inputs: the conductances at the middle of the step hold for all of it. */
const conductanceHalf: MakeHalf = (f, e, i, w, worst) => {
  const rate = f.local('v128');
  const rest = f.local('v128');
  const x = f.local('v128');
  const conductance = f.local('v128');
  const law = new VectorFall(f);
  const line = (lane: Lane, name: 'excitatory' | 'inhibitory', state: Local): Code => [
    conductance.set(mul(lane.load(`${name}Rate`), state.get)),
    rate.set(add(rate.get, conductance.get)),
    rest.set(
      add(
        rest.get,
        add(
          mul(lane.load(`${name}Current`), state.get),
          mul(conductance.get, lane.load(`${name}Reversal`)),
        ),
      ),
    ),
  ];
  // (1 - e^-x) / x times half a step: as a quotient of polynomials, good to 1e-7 up to 0.7.
  const short: Code = f32x4.div(
    mul(all(at.STEP / 2), add(all(120), mul(all(2), mul(x.get, x.get)))),
    add(all(120), mul(x.get, add(all(60), mul(x.get, add(all(12), x.get))))),
  );
  const half = (from: Local): Code =>
    add(from.get, mul(x.get, sub(rest.get, mul(rate.get, from.get))));
  return {
    prepare: (lane, isShort) => [
      rate.set(lane.load('rate')),
      rest.set(sub(lane.load('rateRest'), w.get)),
      line(lane, 'excitatory', e),
      lane.inhibits ? line(lane, 'inhibitory', i) : [],
      x.set(mul(rate.get, all(at.STEP / 2))),
      worst.set(pmax(worst.get, sub(x.get, all(0.7 - STEEP)))),
      x.set(isShort ? short : f32x4.div(law.of(x.get), rate.get)),
    ],
    first: half,
    second: half,
    rest: (rise) => mul(rise, sub(all(1), mul(x.get, rate.get))),
  };
};

/** Binary logarithm of the part of e^(-V/D) that a step may take and the short polynomial still be good: a quarter. */
const STEEP = -2;

/** The step of four neurons. */
interface SplitStep {
  readonly setup: Code;
  /** From the state at the beginning; marks in `worst` what is too steep for it. */
  step(lane: Lane): Code;
  /** Where it was too steep: again for all arguments, after `step` has been there. */
  again(lane: Lane): Code;
}

function splitStep(
  f: FunctionWriter,
  saturates: boolean,
  makeHalf: MakeHalf,
  worst: Local,
): SplitStep {
  const e = f.local('v128');
  const i = f.local('v128');
  const w = f.local('v128');
  const drivingE = saturates ? f.local('v128') : e;
  const drivingI = saturates ? f.local('v128') : i;
  const old = f.local('v128');
  const before = f.local('v128');
  const middle = f.local('v128');
  const x = f.local('v128');
  const y = f.local('v128');
  const rise = f.local('v128');
  const { setup, law } = lineLaw(f, saturates);
  const linear = makeHalf(f, drivingE, drivingI, w, worst);
  const drive = (lane: Lane): Code =>
    saturates
      ? [
          drivingE.set(law(mul(e.get, lane.load('excitatoryHalf')))),
          lane.inhibits ? drivingI.set(law(mul(i.get, lane.load('inhibitoryHalf')))) : [],
        ]
      : [];
  const exponent = (lane: Lane): Code =>
    mul(sub(middle.get, lane.load('exponential')), lane.load('inverseSlopeFactor'));
  const power = new VectorTrace(f);
  const anyPower = new VectorPower(f);
  const anyRise = new VectorLog(f);
  return {
    setup,
    step: (lane) => [
      e.set(lane.load('excitatory')),
      lane.inhibits ? i.set(lane.load('inhibitory')) : [],
      old.set(lane.load('v')),
      lane.store('vBefore', old.get),
      before.set(lane.load('w')),
      w.set(
        add(
          mul(before.get, lane.load('adaptationLeft')),
          mul(old.get, lane.load('adaptationPull')),
        ),
      ),
      lane.checks
        ? [
            w.set(v128.and(w.get, f32x4.gt(f32x4.abs(w.get), all(TINY_DRAG)))),
            markMotion(lane, w.get, before.get),
          ]
        : [],
      lane.store('w', w.get),
      drive(lane),
      linear.prepare(lane, true),
      middle.set(linear.first(old, lane)),
      x.set(exponent(lane)),
      worst.set(pmax(worst.get, x.get)),
      // The exponential term alone is integrated exactly: e^(-V/D) falls linearly with time, here by y.
      y.set(power.of(x.get)),
      rise.set(linear.rest(mul(lane.load('slopeFactor'), y.get))),
      lane.v.set(
        clamp(
          lane,
          add(
            add(linear.second(middle, lane), rise.get),
            mul(mul(rise.get, y.get), shortRise(y.get, mul(y.get, y.get))),
          ),
        ),
      ),
      decayLine(lane, 'excitatory', e),
      lane.inhibits ? decayLine(lane, 'inhibitory', i) : [],
      markMotion(lane, lane.v.get, old.get),
    ],
    again: (lane) => [
      e.set(f32x4.div(lane.load('excitatory'), lane.load('excitatoryDecay'))),
      lane.inhibits ? i.set(f32x4.div(lane.load('inhibitory'), lane.load('inhibitoryDecay'))) : [],
      old.set(lane.load('vBefore')),
      w.set(lane.load('w')),
      drive(lane),
      linear.prepare(lane, false),
      middle.set(linear.first(old, lane)),
      x.set(exponent(lane)),
      flow.if(v128.anyTrue(f32x4.gt(pmax(worst.get, x.get), all(STEEP))), [
        rise.set(linear.rest(mul(lane.load('slopeFactor'), anyRise.of(anyPower.of(x.get))))),
        lane.store('v', clamp(lane, add(linear.second(middle, lane), rise.get))),
      ]),
    ],
  };
}

/** `again/...`(byte of four neurons): their membranes at the end of the step, for all arguments. */
function addAgain(module: ModuleWriter, name: string, saturates: boolean, make: MakeHalf): void {
  module.add(name, ['i32'], undefined, (f) => {
    const v = f.local('v128');
    const worst = f.local('v128');
    const { setup, again } = splitStep(f, saturates, make, worst);
    const lane = laneAt(f.param(0), 0, { v, moved: v, checks: false, inhibits: true });
    return [setup, worst.set(all(STEEP)), again(lane)];
  });
}

function addSplitStep(
  module: ModuleWriter,
  name: string,
  kind: number,
  checks: boolean,
  saturates: boolean,
  make: MakeHalf,
  again: string,
): void {
  module.add(name, [], undefined, (f) => {
    const loop = blockLoop(f, kind, checks);
    const { moved, hit, o } = loop;
    const worst = f.local('v128');
    const note = noteHits(module, f, loop.hits);
    const { setup, step } = splitStep(f, saturates, make, worst);
    const lookAgain = [
      worst.set(f32x4.gt(worst.get, all(STEEP))),
      flow.if(v128.anyTrue(v128.or(worst.get, hit.get)), [
        moved.set(allBits(-1)),
        loop.quads.map((lane, q) => [
          flow.if(v128.anyTrue(worst.get), module.call(again, i32.add(o.get, i32.const(16 * q)))),
          note(loop.above(lane), loop.neuron(q)),
        ]),
      ]),
    ];
    return loop.around(setup, worst.set(all(STEEP)), step, lookAgain);
  });
}

/** Adds `step/exponential...` and `step/conductance...` and what they call; `suffix` says saturation and checks. */
export function addSplitKernels(module: ModuleWriter): void {
  for (const saturates of [false, true])
    for (const [kind, make] of [
      ['exponential', fixedHalf],
      ['conductance', conductanceHalf],
    ] as const) {
      const suffix = saturates ? '/saturating' : '';
      const again = `again/${kind}${suffix}`;
      addAgain(module, again, saturates, make);
      for (const checks of [false, true])
        addSplitStep(
          module,
          `step/${kind}${suffix}${checks ? '/check' : ''}`,
          at.KINDS.indexOf(kind),
          checks,
          saturates,
          make,
          again,
        );
    }
}
