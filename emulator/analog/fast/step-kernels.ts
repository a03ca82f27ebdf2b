/**
 * Kernels that bring all active neurons of a kind one step further. Each walks over its list of active blocks, notes the
 * neurons that reached their threshold, and drops from the list the blocks in which nothing moves any more.
 */
import * as at from './layout.js';
import { arrayOffset, type NeuronArray } from './layout.js';
import { VectorFall, VectorLog, VectorPower, VectorSaturation } from './vector-math.js';
import { all, allBits } from './pool.js';
import {
  f32x4,
  flow,
  i32,
  i32x4,
  v128,
  type Code,
  type FunctionWriter,
  type Local,
  type ModuleWriter,
} from './wasm.js';

const { add, mul, sub, pmin, pmax } = f32x4;

/** Line states below this are nothing (0.00006 mV); the clamp keeps floats from becoming denormal, which is 50 times slower. */
export const TINY = 1 / 1048576;
/** Adaptation currents below this (nA) are nothing. */
export const TINY_CURRENT = 1 / 16777216;

/**
 * Appends the neurons of a mask (four lanes, `first` is the number of lane 0) to the list of hits; where membranes are
 * noisy, those that have reached the threshold with their noise.
 */
export function noteHits(
  module: ModuleWriter,
  f: FunctionWriter,
  hits: Local,
): (mask: Code, first: Code) => Code {
  const bits = f.local('i32');
  const neuron = f.local('i32');
  const append: Code = [
    i32.store(i32.shl(hits.get, i32.const(2)), at.HIT_LIST, neuron.get),
    hits.set(i32.add(hits.get, i32.const(1))),
  ];
  return (mask, first) => [
    flow.if(bits.tee(i32x4.bitmask(mask)), [
      flow.loop(
        neuron.set(i32.add(first, i32.ctz(bits.get))),
        flow.if(
          i32.load(i32.const(0), at.NOISE_SD),
          flow.if(module.call('membrane/above', neuron.get), append),
          append,
        ),
        bits.set(i32.and(bits.get, i32.sub(bits.get, i32.const(1)))),
        flow.brIf(0, bits.get),
      ),
    ]),
  ];
}

/** Four neurons at their place, and what their step needs beyond: a look at rest is taken only every few steps. */
interface Lane {
  load(name: NeuronArray): Code;
  store(name: NeuronArray, value: Code): Code;
  readonly v: Local;
  readonly moved: Local;
  readonly checks: boolean;
  /** The inhibitory line of a neuron in the block is not at rest. */
  readonly inhibits: boolean;
}
type StepFour = (lane: Lane) => Code;

/** The loop around a kind's arithmetic. */
function addStep(
  module: ModuleWriter,
  name: string,
  kind: number,
  checks: boolean,
  makeBody: (f: FunctionWriter) => { readonly setup: Code; readonly step: StepFour },
): void {
  module.add(name, [], undefined, (f) => {
    const place = f.local('i32');
    const count = f.local('i32');
    const kept = f.local('i32');
    const block = f.local('i32');
    const o = f.local('i32');
    const hits = f.local('i32');
    const v = f.local('v128');
    const moved = f.local('v128');
    const hit = f.local('v128');
    const note = noteHits(module, f, hits);
    const { setup, step } = makeBody(f);
    const list = at.LISTS + kind * at.LIST_BYTES;
    const lanes = (inhibits: boolean): readonly Lane[] =>
      [0, 16, 32, 48].map((q) => ({
        load: (array) => v128.load(o.get, arrayOffset[array] + q),
        store: (array, value) => v128.store(o.get, arrayOffset[array] + q, value),
        v,
        moved,
        checks,
        inhibits,
      }));
    const stepAll = (inhibits: boolean): Code =>
      lanes(inhibits).map((lane) => [
        step(lane),
        lane.store('v', v.get),
        hit.set(v128.or(hit.get, above(lane, v.get))),
      ]);
    const inhibition = lanes(true).map((lane) => lane.load('inhibitory'));
    const above = (lane: Lane, value: Code): Code => f32x4.ge(value, lane.load('threshold'));
    return [
      setup,
      hits.set(i32.load(i32.const(0), at.HITS)),
      count.set(i32.load(i32.const(0), at.COUNTS + 4 * kind)),
      flow.block(
        flow.brIf(0, i32.eqz(count.get)),
        flow.loop(
          block.set(i32.load(i32.shl(place.get, i32.const(2)), list)),
          o.set(i32.shl(block.get, i32.const(6))),
          moved.set(allBits(0)),
          hit.set(allBits(0)),
          flow.if(
            v128.anyTrue(inhibition.reduce((a, b) => v128.or(a, b))),
            stepAll(true),
            stepAll(false),
          ),
          flow.if(v128.anyTrue(hit.get), [
            moved.set(hit.get),
            lanes(true).map((lane, q) =>
              note(
                above(lane, lane.load('v')),
                i32.add(i32.shrU(o.get, i32.const(2)), i32.const(4 * q)),
              ),
            ),
          ]),
          checks
            ? flow.if(
                i32.or(v128.anyTrue(moved.get), i32.load8(block.get, at.PINNED)),
                [
                  i32.store(i32.shl(kept.get, i32.const(2)), list, block.get),
                  kept.set(i32.add(kept.get, i32.const(1))),
                ],
                i32.store8(block.get, at.AWAKE, i32.const(0)),
              )
            : [],
          place.set(i32.add(place.get, i32.const(1))),
          flow.brIf(0, i32.ltS(place.get, count.get)),
        ),
      ),
      checks ? i32.store(i32.const(0), at.COUNTS + 4 * kind, kept.get) : [],
      i32.store(i32.const(0), at.HITS, hits.get),
    ];
  });
}

/** Decay of a line over the step; a check cuts it off where it is nothing and marks motion. */
function decayLine(lane: Lane, line: 'excitatory' | 'inhibitory', state: Local): Code {
  const left = mul(state.get, lane.load(`${line}Decay`));
  if (!lane.checks) return lane.store(line, left);
  return [
    state.set(left),
    state.set(v128.and(state.get, f32x4.gt(state.get, all(TINY)))),
    lane.store(line, state.get),
    lane.moved.set(v128.or(lane.moved.get, state.get)),
  ];
}

/** A sum that has a second part only where something inhibits. */
const withInhibition = (lane: Lane, excitation: Code, inhibition: () => Code): Code =>
  lane.inhibits ? add(excitation, inhibition()) : excitation;

const clamp = (lane: Lane, value: Code): Code =>
  pmax(pmin(value, lane.load('highest')), lane.load('lowest'));

const markMotion = (lane: Lane, now: Code, before: Code): Code =>
  lane.checks ? lane.moved.set(v128.or(lane.moved.get, f32x4.ne(now, before))) : [];

/** What a line passes on: its state, or that less the saturation. */
type Line = (state: Code) => Code;

function lineLaw(f: FunctionWriter, saturates: boolean): { setup: Code; law: Line } {
  if (!saturates) return { setup: [], law: (state) => state };
  const saturation = f.local('v128');
  const inverse = f.local('v128');
  const vector = new VectorSaturation(f, saturation.get, inverse.get);
  return {
    setup: [
      saturation.set(v128.loadSplat32(i32.const(0), at.SATURATION)),
      inverse.set(v128.loadSplat32(i32.const(0), at.INVERSE_SATURATION)),
    ],
    law: (state) => vector.of(state),
  };
}

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

/** The linear part of half a step, which comes twice, with the exponential term between (a symmetric splitting). */
interface LinearHalf {
  /** Once a step, when lines and adaptation stand at its middle. */
  prepare(lane: Lane): Code;
  half(from: Local, lane: Lane): Code;
}
type MakeHalf = (f: FunctionWriter, e: Local, i: Local, w: Local) => LinearHalf;

/**
 * Membranes with exponential term and adaptation. The exponential term alone is integrated exactly:
 * e^(-V/D) falls linearly with time. `makeHalf` gives the rest.
 */
function exponential(
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
const fixedHalf: MakeHalf = (f, e, i, w) => {
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
const conductanceHalf: MakeHalf = (f, e, i, w) => {
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

/** Steps between two looks for blocks that may sleep. */
export const CHECK_EVERY = 16;

/** Adds the step kernels: `step/KIND[/saturating][/check]`. */
export function addStepKernels(module: ModuleWriter): void {
  for (const saturates of [false, true])
    for (const checks of [false, true]) {
      const suffix = `${saturates ? '/saturating' : ''}${checks ? '/check' : ''}`;
      addStep(module, `step/leaky${suffix}`, 0, checks, (f) => leaky(f, saturates));
      addStep(module, `step/exponential${suffix}`, 1, checks, (f) =>
        exponential(f, saturates, fixedHalf),
      );
      addStep(module, `step/conductance${suffix}`, 2, checks, (f) =>
        exponential(f, saturates, conductanceHalf),
      );
    }
}
