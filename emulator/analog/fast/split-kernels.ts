/**
 * Arithmetic of the step kernels for membranes with exponential term and adaptation, and with conductance-based inputs: a
 * symmetric splitting.
 */
import * as at from './layout.js';
import {
  clamp,
  decayLine,
  lineLaw,
  markMotion,
  TINY_CURRENT,
  withInhibition,
  type Lane,
  type StepFour,
} from './step-parts.js';
import { VectorFall, VectorLog, VectorPower } from './vector-math.js';
import { all } from './pool.js';
import { f32x4, flow, v128, type Code, type FunctionWriter, type Local } from './wasm.js';

const { add, mul, sub, pmin } = f32x4;

/** The linear part of half a step, which comes twice, with the exponential term between (a symmetric splitting). */
export interface LinearHalf {
  /** Once a step, when lines and adaptation stand at its middle. */
  prepare(lane: Lane): Code;
  half(from: Local, lane: Lane): Code;
}
export type MakeHalf = (f: FunctionWriter, e: Local, i: Local, w: Local) => LinearHalf;

/**
 * Membranes with exponential term and adaptation. The exponential term alone is integrated exactly:
 * e^(-V/D) falls linearly with time. `makeHalf` gives the rest.
 */
export function exponential(
  f: FunctionWriter,
  saturates: boolean,
  makeHalf: MakeHalf,
): { setup: Code; step: StepFour } {
  const e = f.local('v128');
  const i = f.local('v128');
  const w = f.local('v128');
  const drivingE = f.local('v128');
  const drivingI = f.local('v128');
  const old = f.local('v128');
  const oldW = f.local('v128');
  const x = f.local('v128');
  const power = new VectorPower(f);
  const log = new VectorLog(f);
  const { setup, law } = lineLaw(f, saturates);
  const linear = makeHalf(f, drivingE, drivingI, w);
  // Half a step of adaptation towards a (v - E_w).
  const adapt = (lane: Lane, v: Code): Code =>
    w.set(
      add(
        mul(w.get, lane.load('adaptationLeft')),
        add(mul(v, lane.load('adaptationPull')), lane.load('adaptationShift')),
      ),
    );
  const step: StepFour = (lane) => [
    e.set(lane.load('excitatory')),
    lane.inhibits ? i.set(lane.load('inhibitory')) : [],
    w.set(lane.load('w')),
    old.set(lane.load('v')),
    oldW.set(w.get),
    lane.store('vBefore', old.get),
    lane.store('wBefore', w.get),
    drivingE.set(law(mul(e.get, lane.load('excitatoryHalf')))),
    lane.inhibits ? drivingI.set(law(mul(i.get, lane.load('inhibitoryHalf')))) : [],
    adapt(lane, old.get),
    linear.prepare(lane),
    lane.v.set(linear.half(old, lane)),
    x.set(mul(sub(lane.v.get, lane.load('exponential')), lane.load('inverseSlopeFactor'))),
    // Far below, the term is less than the last bit of the membrane.
    flow.if(v128.anyTrue(f32x4.gt(x.get, all(-26))), [
      x.set(power.of(x.get)),
      lane.v.set(add(lane.v.get, mul(lane.load('slopeFactor'), log.of(x.get)))),
    ]),
    lane.v.set(pmin(lane.v.get, lane.load('highest'))),
    lane.v.set(clamp(lane, linear.half(lane.v, lane))),
    adapt(lane, lane.v.get),
    lane.checks
      ? [
          w.set(v128.and(w.get, f32x4.gt(f32x4.abs(w.get), all(TINY_CURRENT)))),
          markMotion(lane, w.get, oldW.get),
        ]
      : [],
    lane.store('w', w.get),
    decayLine(lane, 'excitatory', e),
    lane.inhibits ? decayLine(lane, 'inhibitory', i) : [],
    markMotion(lane, lane.v.get, old.get),
  ];
  return { setup, step };
}

/** Linear part with constant conductance: fixed propagators; the lines act with their state at the middle of the step. */
export const fixedHalf: MakeHalf = (f, e, i, w) => {
  const base = f.local('v128');
  return {
    prepare: (lane) =>
      base.set(
        add(
          sub(lane.load('constantHalf'), mul(lane.load('adaptationGain'), w.get)),
          withInhibition(lane, mul(lane.load('excitatoryHalfGain'), e.get), () =>
            mul(lane.load('inhibitoryHalfGain'), i.get),
          ),
        ),
      ),
    half: (from, lane) => add(from.get, add(base.get, mul(lane.load('slopeHalf'), from.get))),
  };
};

/** Linear part with conductance-based inputs: the conductances at the middle of the step hold for all of it. */
export const conductanceHalf: MakeHalf = (f, e, i, w) => {
  const rate = f.local('v128');
  const rest = f.local('v128');
  const fall = f.local('v128');
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
  return {
    prepare: (lane) => [
      rate.set(lane.load('rate')),
      rest.set(sub(lane.load('rateRest'), mul(lane.load('adaptationDrive'), w.get))),
      line(lane, 'excitatory', e),
      lane.inhibits ? line(lane, 'inhibitory', i) : [],
      fall.set(law.of(mul(rate.get, all(at.STEP / 2)))),
      rest.set(f32x4.div(rest.get, rate.get)),
    ],
    half: (from) => add(from.get, mul(fall.get, sub(rest.get, from.get))),
  };
};
