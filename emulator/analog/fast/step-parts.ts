/** What the step kernels of all kinds are made of: the loop over the active blocks, lines, clamps and looks for rest. */
import * as at from './layout.js';
import { arrayOffset, type NeuronArray } from './layout.js';
import { VectorSaturation } from './vector-math.js';
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

const { add, mul, pmin, pmax } = f32x4;

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
export interface Lane {
  load(name: NeuronArray): Code;
  store(name: NeuronArray, value: Code): Code;
  readonly v: Local;
  readonly moved: Local;
  readonly checks: boolean;
  /** The inhibitory line of a neuron in the block is not at rest. */
  readonly inhibits: boolean;
}
export type StepFour = (lane: Lane) => Code;

/** The four neurons at byte `o` + `q` of the arrays. */
export const laneAt = (o: Local, q: number, rest: Omit<Lane, 'load' | 'store'>): Lane => ({
  ...rest,
  load: (array) => v128.load(o.get, arrayOffset[array] + q),
  store: (array, value) => v128.store(o.get, arrayOffset[array] + q, value),
});

/** The loop over the active blocks of a kind; a check drops those in which nothing moves. */
export interface BlockLoop {
  readonly hits: Local;
  readonly v: Local;
  /** What has moved, and which lanes of the block have reached their threshold. */
  readonly moved: Local;
  readonly hit: Local;
  /** Byte of the block's first four neurons, and of four of them, in the arrays. */
  readonly o: Local;
  readonly quads: readonly Lane[];
  /** Lanes of four neurons that are above their threshold with their membranes as they are kept, and the number of the first. */
  above(lane: Lane): Code;
  neuron(quad: number): Code;
  /** All of it: `setup` once, `begin` and `end` around the steps of the fours of each block. */
  around(setup: Code, begin: Code, step: StepFour, end: Code): Code;
}

/** Declares the locals of the loop over the blocks of the kind with this number. */
export function blockLoop(f: FunctionWriter, kind: number, checks: boolean): BlockLoop {
  const [place, count, kept, block, o, hits] = f.locals('i32', 6);
  const [v, moved, hit] = f.locals('v128', 3);
  const list = at.LISTS + kind * at.LIST_BYTES;
  const lanes = (inhibits: boolean): readonly Lane[] =>
    [0, 16, 32, 48].map((q) => laneAt(o, q, { v, moved, checks, inhibits }));
  const reaches = (lane: Lane, value: Code): Code => f32x4.ge(value, lane.load('threshold'));
  const quads = lanes(true);
  const inhibition = quads.map((lane) => lane.load('inhibitory'));
  const around = (setup: Code, begin: Code, step: StepFour, end: Code): Code => {
    const stepAll = (inhibits: boolean): Code =>
      lanes(inhibits).map((lane) => [
        step(lane),
        lane.store('v', v.get),
        hit.set(v128.or(hit.get, reaches(lane, v.get))),
      ]);
    const keepOrSleep = flow.if(
      i32.or(v128.anyTrue(moved.get), i32.load8(block.get, at.PINNED)),
      [
        i32.store(i32.shl(kept.get, i32.const(2)), list, block.get),
        kept.set(i32.add(kept.get, i32.const(1))),
      ],
      i32.store8(block.get, at.AWAKE, i32.const(0)),
    );
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
          begin,
          flow.if(
            v128.anyTrue(inhibition.reduce((a, b) => v128.or(a, b))),
            stepAll(true),
            stepAll(false),
          ),
          end,
          checks ? keepOrSleep : [],
          place.set(i32.add(place.get, i32.const(1))),
          flow.brIf(0, i32.ltS(place.get, count.get)),
        ),
      ),
      checks ? i32.store(i32.const(0), at.COUNTS + 4 * kind, kept.get) : [],
      i32.store(i32.const(0), at.HITS, hits.get),
    ];
  };
  return {
    hits,
    v,
    moved,
    hit,
    o,
    quads,
    above: (lane) => reaches(lane, lane.load('v')),
    neuron: (quad) => i32.add(i32.shrU(o.get, i32.const(2)), i32.const(4 * quad)),
    around,
  };
}

/** Decay of a line over the step; a check cuts it off where it is nothing and marks motion. */
export function decayLine(lane: Lane, line: 'excitatory' | 'inhibitory', state: Local): Code {
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
export const withInhibition = (lane: Lane, excitation: Code, inhibition: () => Code): Code =>
  lane.inhibits ? add(excitation, inhibition()) : excitation;

export const clamp = (lane: Lane, value: Code): Code =>
  pmax(pmin(value, lane.load('highest')), lane.load('lowest'));

export const markMotion = (lane: Lane, now: Code, before: Code): Code =>
  lane.checks ? lane.moved.set(v128.or(lane.moved.get, f32x4.ne(now, before))) : [];

/** What a line passes on: its state, or that less the saturation. */
export type Line = (state: Code) => Code;

export function lineLaw(f: FunctionWriter, saturates: boolean): { setup: Code; law: Line } {
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
