/** Kernels of the trial noise: draws as sums of the four bytes of a mixed word; the membrane noise of `membrane-noise.ts`. */
import { COUNTER_STEP, NOISE_BLOCK, NOISE_LIMIT } from '../membrane-noise.js';
import * as at from './layout.js';
import { arrayOffset } from './layout.js';
import { all, allBits, lanes } from './pool.js';
import {
  f32,
  f32x4,
  flow,
  i16x8,
  i32,
  i32x4,
  v128,
  type Code,
  type FunctionWriter,
  type Local,
  type ModuleWriter,
} from './wasm.js';

const { add, mul, pmin, pmax } = f32x4;

const xorShift = (x: Local, distance: number): Code =>
  x.set(v128.xor(x.get, i32x4.shrU(x.get, i32.const(distance))));

/** The integer mixer of the trial noise (deviate.ts), four words at once. */
function mix(x: Local): Code {
  return [
    xorShift(x, 16),
    x.set(i32x4.mul(x.get, allBits(0x21f0aaad))),
    xorShift(x, 15),
    x.set(i32x4.mul(x.get, allBits(0x735a2d97))),
    xorShift(x, 15),
  ];
}

/** The same for one word. */
function mixWord(x: Local): Code {
  const shifted = (distance: number): Code =>
    x.set(i32.xor(x.get, i32.shrU(x.get, i32.const(distance))));
  return [
    shifted(16),
    x.set(i32.mul(x.get, i32.const(0x21f0aaad))),
    shifted(15),
    x.set(i32.mul(x.get, i32.const(0x735a2d97))),
    shifted(15),
  ];
}

/** Word (a, b, 0) of a source whose key stands at `key`, as `mixedWord` makes it. */
function mixedWord(x: Local, key: number, a: Code, b: Code): Code {
  return [
    x.set(a),
    mixWord(x),
    x.set(i32.xor(x.get, i32.load(i32.const(0), key))),
    mixWord(x),
    x.set(i32.add(x.get, b)),
    mixWord(x),
    mixWord(x),
  ];
}

/** Four draws as floats, of mean 0, from four counters times COUNTER_STEP in `word`, which is used up. */
export function draw4(word: Local, key: Code): Code {
  return [
    word.set(v128.xor(word.get, key)),
    mix(word),
    // Sums of two bytes in 16-bit halves, then of the halves.
    word.set(i32x4.addPairs(i16x8.addPairsOfBytes(word.get))),
    f32x4.sub(f32x4.fromI32(word.get), all(510)),
  ];
}

/** Four counters `step` apart, times COUNTER_STEP. */
export const counters = (first: number, step: number): Code =>
  lanes([0, 1, 2, 3].map((i) => Math.imul(first + i * step, COUNTER_STEP)));

const clipped = (value: Code): Code => pmax(pmin(value, all(NOISE_LIMIT)), all(-NOISE_LIMIT));

/** `membrane/border`(neuron, block): value at the beginning of the block. */
function addBorder(module: ModuleWriter): void {
  module.add('membrane/border', ['i32', 'i32'], 'f32', (f) => {
    const neuron = f.param(0);
    const block = f.param(1);
    const law = f.local('i32');
    const left = f.local('i32');
    const word = f.local('i32');
    const key = f.local('v128');
    const counter = f.local('v128');
    const draw = f.local('v128');
    const power = f.local('v128');
    const fourth = f.local('v128');
    const sum = f.local('v128');
    return [
      law.set(i32.mul(neuron.get, i32.const(at.NOISE_LAW_BYTES))),
      mixedWord(word, at.BORDER_KEY, neuron.get, i32.const(0)),
      key.set(i32x4.splat(word.get)),
      counter.set(
        i32x4.sub(i32x4.splat(i32.mul(block.get, i32.const(COUNTER_STEP))), counters(0, 1)),
      ),
      power.set(v128.load(law.get, at.NOISE_LAW)),
      fourth.set(v128.loadSplat32(law.get, at.NOISE_LAW + 16)),
      left.set(i32.load(law.get, at.NOISE_LAW + 24)),
      flow.loop(
        draw.set(counter.get),
        sum.set(add(sum.get, mul(power.get, draw4(draw, key.get)))),
        power.set(mul(power.get, fourth.get)),
        counter.set(i32x4.sub(counter.get, allBits(Math.imul(4, COUNTER_STEP)))),
        flow.brIf(0, i32.gtS(left.tee(i32.sub(left.get, i32.const(4))), i32.const(0))),
      ),
      f32x4.lane(
        clipped(
          mul(
            f32x4.splat(
              f32.add(
                f32.add(f32x4.lane(sum.get, 0), f32x4.lane(sum.get, 1)),
                f32.add(f32x4.lane(sum.get, 2), f32x4.lane(sum.get, 3)),
              ),
            ),
            v128.loadSplat32(law.get, at.NOISE_LAW + 20),
          ),
        ),
        0,
      ),
    ];
  });
}

/** `membrane/fill`(neuron, block): the 65 values of the block, if they are not there. */
function addFill(module: ModuleWriter): void {
  module.add('membrane/fill', ['i32', 'i32'], undefined, (f) => {
    const neuron = f.param(0);
    const block = f.param(1);
    const n4 = f.local('i32');
    const row = f.local('i32');
    const law = f.local('i32');
    const word = f.local('i32');
    const end = f.local('v128');
    const key = f.local('v128');
    const halve = halving(f, row, law, key, end);
    const value = (index: number): number => at.NOISE_VALUES + 4 * index;
    const isFilled = i32.load(n4.get, at.NOISE_VALID);
    const isBlock = (b: Code): Code => i32.eq(i32.load(n4.get, at.NOISE_FILLED), b);
    return flow.block(
      n4.set(i32.shl(neuron.get, i32.const(2))),
      flow.brIf(0, i32.and(isFilled, isBlock(block.get))),
      row.set(i32.mul(neuron.get, i32.const(at.NOISE_ROW_BYTES))),
      law.set(i32.mul(neuron.get, i32.const(at.NOISE_LAW_BYTES))),
      flow.if(
        i32.and(isFilled, isBlock(i32.sub(block.get, i32.const(1)))),
        f32.store(row.get, value(0), f32.load(row.get, value(NOISE_BLOCK))),
        f32.store(row.get, value(0), module.call('membrane/border', neuron.get, block.get)),
      ),
      end.set(
        f32x4.splat(module.call('membrane/border', neuron.get, i32.add(block.get, i32.const(1)))),
      ),
      f32.store(row.get, value(1), f32x4.lane(end.get, 0)),
      mixedWord(word, at.BRIDGE_KEY, block.get, neuron.get),
      key.set(i32x4.splat(word.get)),
      [0, 1, 2, 3, 4, 5].map(halve),
      i32.store(n4.get, at.NOISE_FILLED, block.get),
      i32.store(n4.get, at.NOISE_VALID, i32.const(1)),
    );
  });
}

/** One halving: 2^level intervals become twice as many, in place, from the last group of four to the first. */
function halving(
  f: FunctionWriter,
  row: Local,
  law: Local,
  key: Local,
  end: Local,
): (level: number) => Code {
  const place = f.local('i32');
  const counter = f.local('v128');
  const word = f.local('v128');
  const old = f.local('v128');
  const fresh = f.local('v128');
  return (level) => {
    const intervals = 1 << level;
    const half = NOISE_BLOCK >> (level + 1);
    const groups = Math.max(1, intervals >> 2);
    const last = 4 * (groups - 1);
    const weight = v128.loadSplat32(law.get, at.NOISE_LAW + 32 + 8 * level);
    const spread = v128.loadSplat32(law.get, at.NOISE_LAW + 36 + 8 * level);
    const target = i32.add(row.get, i32.shl(place.get, i32.const(3)));
    const group: Code = [
      old.set(v128.load(i32.add(row.get, i32.shl(place.get, i32.const(2))), at.NOISE_VALUES)),
      word.set(counter.get),
      fresh.set(
        clipped(
          add(
            mul(
              weight,
              add(
                old.get,
                v128.load(i32.add(row.get, i32.shl(place.get, i32.const(2))), at.NOISE_VALUES + 4),
              ),
            ),
            mul(spread, draw4(word, key.get)),
          ),
        ),
      ),
      v128.store(
        target,
        at.NOISE_VALUES,
        v128.shuffle(old.get, fresh.get, [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23]),
      ),
      v128.store(
        target,
        at.NOISE_VALUES + 16,
        v128.shuffle(
          old.get,
          fresh.get,
          [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31],
        ),
      ),
    ];
    return [
      place.set(i32.const(last)),
      counter.set(counters(half * (2 * last + 1), 2 * half)),
      groups === 1
        ? group
        : flow.loop(
            group,
            counter.set(i32x4.sub(counter.get, allBits(Math.imul(8 * half, COUNTER_STEP)))),
            flow.brIf(0, i32.geS(place.tee(i32.sub(place.get, i32.const(4))), i32.const(0))),
          ),
      f32.store(row.get, at.NOISE_VALUES + 8 * intervals, f32x4.lane(end.get, 0)),
    ];
  };
}

/** `membrane/above`(neuron): 1 if the membrane with its noise has reached the threshold at the end of the step. */
function addAbove(module: ModuleWriter): void {
  module.add('membrane/above', ['i32'], 'i32', (f) => {
    const neuron = f.param(0);
    const n4 = f.local('i32');
    const global = (offset: number): Code => f32.load(i32.const(0), offset);
    return [
      module.call('membrane/fill', neuron.get, i32.load(i32.const(0), at.NOISE_BLOCK_NOW)),
      n4.set(i32.shl(neuron.get, i32.const(2))),
      f32.ge(
        f32.add(
          f32.load(n4.get, arrayOffset.v),
          f32.mul(
            global(at.NOISE_SD),
            f32.load(
              i32.add(
                i32.mul(neuron.get, i32.const(at.NOISE_ROW_BYTES)),
                i32.load(i32.const(0), at.NOISE_PLACE_NOW),
              ),
              at.NOISE_VALUES + 4,
            ),
          ),
        ),
        f32.add(f32.load(n4.get, arrayOffset.threshold), global(at.NOISE_REACH)),
      ),
    ];
  });
}

/**
 * Code that multiplies the strengths of sixteen synapses (from number `synapse` on) by 1 + sd * deviate. At 2 % nobody can tell the deviate from
 * a normal one.
 */
export function amountNoise(
  f: FunctionWriter,
  synapse: Local,
  key: Local,
): (amounts: readonly Local[]) => Code {
  const keys = f.local('v128');
  const word = f.local('v128');
  const counter = f.local('v128');
  const unit = f.local('v128');
  return (amounts) => [
    keys.set(i32x4.splat(key.get)),
    unit.set(v128.loadSplat32(i32.const(0), at.EVENT_NOISE)),
    counter.set(
      i32x4.add(i32x4.splat(i32.mul(synapse.get, i32.const(COUNTER_STEP))), counters(0, 1)),
    ),
    amounts.map((amount, q) => [
      word.set(
        q === 0 ? counter.get : i32x4.add(counter.get, allBits(Math.imul(4 * q, COUNTER_STEP))),
      ),
      amount.set(mul(amount.get, add(all(1), mul(draw4(word, keys.get), unit.get)))),
    ]),
  ];
}

export function addNoiseKernels(module: ModuleWriter): void {
  addBorder(module);
  addFill(module);
  addAbove(module);
}
