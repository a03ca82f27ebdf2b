/**
 * The laws of the step kernels for one neuron and any part of a step, in float64, forwards and backwards. Spikes and the ends of
 * reset phases fall inside steps; there the state is taken back from the end of the step, changed, and brought forward again.
 */
import { log, tanh } from '../../../isa/numeric/elementary.js';
import type { AnalogConstants } from '../constants.js';
import { MICROSECONDS_PER_CYCLE } from '../core.js';
import { decay } from '../decay.js';
import type { Parameters } from '../parameters.js';
import { response } from '../response.js';
import { fallingMean } from './split-coefficients.js';

export const LEAKY = 0;
export const EXPONENTIAL = 1;
export const CONDUCTANCE = 2;

/** A propagator smaller than this has forgotten where it started: going back gives the state itself. */
const FORGOTTEN = 1e-5;
/** Argument from which the exponential term has run away within the step. */
const RUNAWAY = 0.9999;

/** e^x, no more than e^80. */
function power(x: number): number {
  return x <= 0 ? decay(-x) : 1 / decay(x > 80 ? 80 : x);
}

/** -ln(1 - y), by its series where that is as good as the logarithm. */
function fallen(y: number): number {
  return y < 1e-4 && y > -1e-4 ? y * (1 + y * (1 / 2 + y / 3)) : -log(1 - y);
}

/** Mean of -ln(1 - y x) over x in (0, 1): the mean height of an upswing of which y is the end. */
function meanRise(y: number): number {
  return y < 0.01 ? (y / 2) * (1 + y / 3) : 1 + ((1 - y) * log(1 - y)) / y;
}

/** Membrane in mV, lines in events, adaptation in nA: in and out of `forward` and `backward`. */
export class Dynamics {
  v = 0;
  excitatory = 0;
  inhibitory = 0;
  w = 0;

  private readonly saturation: number;
  /** Linear part of the present neuron over half an interval: v -> rest + (v - rest) left + drive of the half. */
  private rest = 0;
  private left = 0;
  private drive = 0;
  private stepW = 0;

  constructor(
    private readonly p: Parameters,
    private readonly constants: AnalogConstants,
    ideal: boolean,
  ) {
    this.saturation = ideal ? Infinity : constants.saturation;
  }

  /** The state `dt` cycles later. */
  forward(n: number, kind: number, resetting: boolean, dt: number): void {
    if (dt <= 0) return;
    const p = this.p;
    const le = decay(p.excitatoryRate[n]! * dt);
    const li = decay(p.inhibitoryRate[n]! * dt);
    if (kind === LEAKY) {
      this.v = this.leakyAfter(n, resetting, this.v, this.excitatory, this.inhibitory, le, li, dt);
    } else this.forwardSplit(n, kind, resetting, dt);
    this.excitatory *= le;
    this.inhibitory *= li;
  }

  /** The state `dt` cycles earlier. */
  backward(n: number, kind: number, resetting: boolean, dt: number): void {
    if (dt <= 0) return;
    const p = this.p;
    const le = decay(p.excitatoryRate[n]! * dt);
    const li = decay(p.inhibitoryRate[n]! * dt);
    if (le > FORGOTTEN) this.excitatory /= le;
    if (li > FORGOTTEN) this.inhibitory /= li;
    if (kind === LEAKY) {
      this.v = this.leakyBefore(n, resetting, this.v, this.excitatory, this.inhibitory, le, li, dt);
    } else if (!this.isClamped(this.v)) this.backwardSplit(n, kind, resetting, dt);
  }

  /** A line `dt` cycles before it is in `state`. */
  lineBefore(state: number, rate: number, dt: number): number {
    if (state === 0) return 0;
    const left = decay(rate * dt);
    return left > FORGOTTEN ? state / left : state;
  }

  /**
   * A leaky membrane `dt` cycles before it is at `v`, with the lines in state (e, i) then and (e le, i li) at `v`: the same as
   * `backward` for a caller who knows what is left of the lines.
   */
  leakyBefore(
    n: number,
    resetting: boolean,
    v: number,
    e: number,
    i: number,
    le: number,
    li: number,
    dt: number,
  ): number {
    const p = this.p;
    if (this.isClamped(v)) return v;
    const k = resetting ? p.resetRate[n]! : p.rate[n]!;
    const rest = resetting ? p.resetRest[n]! : p.rest[n]!;
    const ek = decay(k * dt);
    if (ek < FORGOTTEN) return v;
    return this.clamp(rest + (v - rest - this.driven(n, resetting, e, i, k, dt, ek, le, li)) / ek);
  }

  /** Likewise `dt` cycles after it was at `v` with lines (e, i). */
  leakyAfter(
    n: number,
    resetting: boolean,
    v: number,
    e: number,
    i: number,
    le: number,
    li: number,
    dt: number,
  ): number {
    const p = this.p;
    const k = resetting ? p.resetRate[n]! : p.rate[n]!;
    const rest = resetting ? p.resetRest[n]! : p.rest[n]!;
    const ek = decay(k * dt);
    return this.clamp(rest + (v - rest) * ek + this.driven(n, resetting, e, i, k, dt, ek, le, li));
  }

  /** S tanh(s/S), by its series far below S. */
  passed(s: number): number {
    if (this.saturation === Infinity) return s;
    const x = s / this.saturation;
    const xx = x * x;
    return x < 0.05 ? s * (1 - xx * (1 / 3 - (xx * 2) / 15)) : this.saturation * tanh(x);
  }

  private isClamped(v: number): boolean {
    const c = this.constants;
    return v >= c.membraneMaximum - 1e-3 || v <= c.membraneMinimum + 1e-3;
  }

  private clamp(v: number): number {
    const c = this.constants;
    return v > c.membraneMaximum
      ? c.membraneMaximum
      : v < c.membraneMinimum
        ? c.membraneMinimum
        : v;
  }

  /** Rise of a leaky membrane by both lines; a saturating line acts with its state in the middle of the interval. */
  private driven(
    n: number,
    resetting: boolean,
    e: number,
    i: number,
    k: number,
    dt: number,
    ek: number,
    le: number,
    li: number,
  ): number {
    const p = this.p;
    if (resetting && p.pausesInReset[n] === 1) return 0;
    let rise = 0;
    if (e !== 0) {
      const half = Math.sqrt(le);
      const state = this.saturation === Infinity ? e : this.passed(e * half) / half;
      rise += p.excitatoryDrive[n]! * state * response(k, p.excitatoryRate[n]!, dt, ek, le);
    }
    if (i !== 0) {
      const half = Math.sqrt(li);
      const state = this.saturation === Infinity ? i : this.passed(i * half) / half;
      rise -= p.inhibitoryDrive[n]! * state * response(k, p.inhibitoryRate[n]!, dt, ek, li);
    }
    return rise;
  }

  /** Works out the linear part for half of `dt` from line states at the beginning. */
  private prepare(n: number, kind: number, resetting: boolean, dt: number, w: number): void {
    const p = this.p;
    const half = dt / 2;
    const gated = resetting && p.pausesInReset[n] === 1;
    const he = decay(p.excitatoryRate[n]! * half);
    const hi = decay(p.inhibitoryRate[n]! * half);
    const e = gated ? 0 : this.passed(this.excitatory * he);
    const i = gated ? 0 : this.passed(this.inhibitory * hi);
    const k = resetting ? p.resetRate[n]! : p.rate[n]!;
    const rest = resetting ? p.resetRest[n]! : p.rest[n]!;
    const drag = (w * MICROSECONDS_PER_CYCLE) / p.capacitance[n]!;
    if (kind === CONDUCTANCE) {
      const es = p.excitatorySlope[n]!;
      const is = p.inhibitorySlope[n]!;
      const de = p.excitatoryDrive[n]! * e;
      const di = -p.inhibitoryDrive[n]! * i;
      const total = k + de * es + di * is;
      const current =
        k * rest -
        drag +
        (es === 0 ? de : de * es * p.excitatoryReversal[n]!) +
        (is === 0 ? di : di * is * p.inhibitoryReversal[n]!);
      this.rest = current / total;
      this.left = decay(total * half);
      this.drive = 0;
      return;
    }
    const ek = decay(k * half);
    this.rest = rest - drag / k;
    this.left = ek;
    const re = p.excitatoryDrive[n]! * e * response(k, p.excitatoryRate[n]!, half, ek, he);
    const ri = p.inhibitoryDrive[n]! * i * response(k, p.inhibitoryRate[n]!, half, ek, hi);
    // The mean of both halves acts in each, as in the kernels.
    this.drive = 0.5 * (re * (1 + 1 / he) - ri * (1 + 1 / hi));
  }

  private linear(v: number): number {
    return this.rest + (v - this.rest) * this.left + this.drive;
  }

  private linearBack(v: number): number {
    if (this.left < FORGOTTEN) return this.rest + this.drive;
    return this.rest + (v - this.rest - this.drive) / this.left;
  }

  private exponentialOn(n: number, resetting: boolean): boolean {
    return this.p.slopeFactor[n]! > 0 && !(resetting && this.p.pausesInReset[n] === 1);
  }

  /** Half a step of adaptation towards a (v - E_w). */
  private adapt(n: number, v: number, w: number): number {
    const p = this.p;
    return w + this.stepW * (p.adaptationConductance[n]! * (v - p.adaptationPotential[n]!) - w);
  }

  /** Potential at an end of the interval that makes the rule of the trapezoid right for a membrane that is being reset. */
  private felt(n: number, resetting: boolean, v: number, dt: number): number {
    if (!resetting) return v;
    const rest = this.p.resetRest[n]!;
    return rest + (v - rest) * fallingMean(this.p.resetRate[n]! * dt);
  }

  private forwardSplit(n: number, kind: number, resetting: boolean, dt: number): void {
    const p = this.p;
    const adapts = p.adapts[n] === 1;
    this.stepW = adapts ? 1 - decay((p.adaptationRate[n]! * dt) / 2) : 0;
    const w = adapts ? this.adapt(n, this.felt(n, resetting, this.v, dt), this.w) : 0;
    // By how much the end of an upswing is above what adaptation feels of it.
    let excess = 0;
    this.prepare(n, kind, resetting, dt, w);
    let v = this.linear(this.v);
    if (this.exponentialOn(n, resetting)) {
      const d = p.slopeFactor[n]!;
      const argument = (v - p.exponential[n]!) / d;
      const x = p.leak[n]! * (MICROSECONDS_PER_CYCLE / p.capacitance[n]!) * dt;
      const y = x * power(argument);
      const risen = y < RUNAWAY ? this.clamp(v + d * fallen(y)) : this.constants.membraneMaximum;
      excess = risen - v - 2 * d * meanRise(y < RUNAWAY ? y : RUNAWAY);
      v = risen;
    }
    this.v = this.clamp(this.linear(v));
    this.w = adapts ? this.adapt(n, this.felt(n, resetting, this.v - excess, dt), w) : 0;
  }

  private backwardSplit(n: number, kind: number, resetting: boolean, dt: number): void {
    const p = this.p;
    const adapts = p.adapts[n] === 1;
    this.stepW = adapts ? 1 - decay((p.adaptationRate[n]! * dt) / 2) : 0;
    const back = (v: number, w: number): number => {
      if (!adapts) return 0;
      const pull = this.felt(n, resetting, v, dt) - p.adaptationPotential[n]!;
      return (w - this.stepW * p.adaptationConductance[n]! * pull) / (1 - this.stepW);
    };
    const w = back(this.v, this.w);
    this.prepare(n, kind, resetting, dt, w);
    // A reset that has done its work in half the time holds the membrane where it is.
    if (resetting && this.left < FORGOTTEN) {
      this.w = back(this.v, w);
      return;
    }
    let v = this.linearBack(this.v);
    if (this.exponentialOn(n, resetting)) {
      const d = p.slopeFactor[n]!;
      const argument = (v - p.exponential[n]!) / d;
      const x = p.leak[n]! * (MICROSECONDS_PER_CYCLE / p.capacitance[n]!) * dt;
      v += d * fallen(-x * power(argument));
    }
    this.v = this.clamp(this.linearBack(v));
    this.w = back(this.v, w);
  }
}
