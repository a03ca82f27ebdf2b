/** Where the kernels of exponential neurons find a neuron's law, and the state that they work on. */
import { atZero } from './calendar.js';
import * as at from './layout.js';
import { f32, f32x4, i32, type Code, type Local } from './wasm.js';

/** Membrane (relative to the reference) and adaptation (nA) that are worked on. */
export const stateV = f32.load(atZero, at.SPLIT_V);
export const stateW = f32.load(atZero, at.SPLIT_W);
export const setV = (value: Code): Code => f32.store(atZero, at.SPLIT_V, value);
export const setW = (value: Code): Code => f32.store(atZero, at.SPLIT_W, value);

/** Fields of a neuron's law in one phase; `SplitCoefficients` writes them. */
export const LAW = {
  rate: 0,
  adaptationRate: 12,
  rest: 16,
  excitatoryDrive: 20,
  inhibitoryDrive: 24,
  drag: 28,
  slopeFactor: 32,
  inverseSlopeFactor: 36,
  exponential: 40,
  exponentialRate: 44,
  conductance: 48,
  potential: 52,
  step: 56,
  resets: 60,
} as const;
export const lawOf = (n: Local, resetting: Code): Code =>
  i32.shl(i32.add(i32.shl(n.get, i32.const(1)), resetting), i32.const(6));
export const field = (law: Local, name: keyof typeof LAW): Code =>
  f32.load(law.get, at.SPLIT_LAWS + LAW[name]);
/** How adaptation is kept: scale, centre, pull and what is left in half a step. */
export const keeping = (n: Local, resetting: Code, index: number): Code =>
  f32.load(
    i32.shl(i32.add(i32.shl(n.get, i32.const(1)), resetting), i32.const(4)),
    at.SPLIT_KEEPING + 4 * index,
  );

/** A vector function of one number. */
export const scalar = (law: { of(x: Code): Code }, x: Code): Code =>
  f32x4.lane(law.of(f32x4.splat(x)), 0);
