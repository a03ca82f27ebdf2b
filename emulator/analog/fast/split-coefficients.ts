/**
 * Coefficients of neurons with exponential term, adaptation or conductance-based inputs, and what the kernels keep of their
 * adaptation: at the middle of the step, less a constant, as the drag it exerts on the membrane.
 */
import { log } from '../../../isa/numeric/elementary.js';
import { MICROSECONDS_PER_CYCLE, NEURONS } from '../core.js';
import { decay } from '../decay.js';
import type { Parameters } from '../parameters.js';
import { response } from '../response.js';
import * as at from './layout.js';
import { LEAKY_SWITCHED, STEP, SWITCHED, type NeuronArray } from './layout.js';
import type { Machine } from './machine.js';

/** A potential at which no exponential term ever acts. */
export const NEVER = 1e6;
const HALF = STEP / 2;
const EXPONENTIAL_BLOCK = 1;

/** 1 - e^-x without loss of digits. */
export function fall(x: number): number {
  return x < 1e-3 ? x * (1 - x * (0.5 - x * (1 / 6 - x / 24))) : 1 - decay(x);
}

/**
 * Mean of a decay over (0, x) in units of the mean of its ends: what the rule of the trapezoid must be multiplied by for a membrane
 * that is being reset.
 */
export function fallingMean(x: number): number {
  return x < 1e-3 ? 1 - (x * x) / 12 : (2 * fall(x)) / (x * (1 + decay(x)));
}

export class SplitCoefficients {
  /** Laws of one neuron in one phase, 16 floats at 2 n + resetting, in the order of LAW in `split-law.ts`. */
  private readonly laws: Float32Array;
  /**
   * How adaptation is kept, likewise: mV per nA of the drag, constant that is left out (nA), pull of the membrane in half a
   * step, what half a step leaves.
   */
  private readonly keeping: Float32Array;
  /** What half a step leaves of the adaptation. */
  private readonly halfLeft = new Float64Array(NEURONS);

  constructor(
    machine: Machine,
    private readonly p: Parameters,
    private readonly arrays: Readonly<Record<NeuronArray, Float32Array>>,
    private readonly saturates: boolean,
  ) {
    this.laws = machine.floats(at.SPLIT_LAWS, (2 * NEURONS * at.SPLIT_LAW_BYTES) / 4);
    this.keeping = machine.floats(at.SPLIT_KEEPING, 2 * NEURONS * 4);
  }

  /** What does not depend on the phase. */
  terms(n: number, reference: number): void {
    const { p, arrays: a } = this;
    const d = p.slopeFactor[n]!;
    const left = p.adapts[n] === 1 ? 1 - fall(p.adaptationRate[n]! * HALF) : 1;
    this.halfLeft[n] = left;
    a.adaptationLeft[n] = p.adapts[n] === 1 ? left * left : 0;
    a.inverseSlopeFactor[n] = d > 0 ? 1.4426950408889634 / d : 1;
    a.excitatoryReversal[n] = p.excitatoryReversal[n]! - reference;
    a.inhibitoryReversal[n] = p.inhibitoryReversal[n]! - reference;
  }

  /** The switched coefficients of a phase, behind those of the leaky kernel at `base`, for a block of this kind. */
  switched(
    n: number,
    kind: number,
    resetting: boolean,
    reference: number,
    into: Float32Array,
    base: number,
  ): void {
    const p = this.p;
    const gated = resetting && p.pausesInReset[n] === 1;
    const k = resetting ? p.resetRate[n]! : p.rate[n]!;
    const rest = (resetting ? p.resetRest[n]! : p.rest[n]!) - reference;
    const drop = fall(k * HALF);
    const d = p.slopeFactor[n]!;
    const unit = MICROSECONDS_PER_CYCLE / p.capacitance[n]!;
    const scale = kind === EXPONENTIAL_BLOCK ? (unit * drop) / k : unit;
    const { pull, centre } = this.adaptation(n, resetting, k, rest, reference, scale);
    const excitatory = this.line(gated ? 0 : p.excitatoryDrive[n]!, p.excitatoryRate[n]!, k);
    const inhibitory = this.line(gated ? 0 : -p.inhibitoryDrive[n]!, p.inhibitoryRate[n]!, k);
    const es = p.excitatorySlope[n]!;
    const is = p.inhibitorySlope[n]!;
    this.laws.set(
      [
        k,
        p.excitatoryRate[n]!,
        p.inhibitoryRate[n]!,
        p.adapts[n] === 1 ? p.adaptationRate[n]! : 0,
        rest,
        gated ? 0 : p.excitatoryDrive[n]!,
        gated ? 0 : -p.inhibitoryDrive[n]!,
        unit / k,
        gated ? 0 : d,
        d > 0 ? 1.4426950408889634 / d : 0,
        p.exponential[n]! - reference,
        p.leak[n]! * unit,
        p.adapts[n] === 1 ? p.adaptationConductance[n]! : 0,
        p.adaptationPotential[n]! - reference,
        p.adapts[n] === 1 ? p.adaptationStep[n]! : 0,
        resetting ? 1 : 0,
      ],
      (2 * n + (resetting ? 1 : 0)) * (at.SPLIT_LAW_BYTES / 4),
    );
    const values: Readonly<Record<(typeof SPLIT_SWITCHED)[number], number>> = {
      constantHalf: rest * drop - scale * centre,
      slopeHalf: -drop,
      excitatoryHalfGain: excitatory.gain,
      inhibitoryHalfGain: inhibitory.gain,
      exponential:
        d > 0 && !gated ? p.exponential[n]! - reference - d * log(STEP * p.leak[n]! * unit) : NEVER,
      // The second half of the step leaves this much of what the exponential term adds; the other kernel sees to it itself.
      slopeFactor: kind === EXPONENTIAL_BLOCK ? d * (1 - drop) : d,
      rate: k,
      rateRest: k * rest - scale * centre,
      excitatoryCurrent: es === 0 ? excitatory.drive : 0,
      inhibitoryCurrent: is === 0 ? inhibitory.drive : 0,
      excitatoryRate: excitatory.drive * es,
      inhibitoryRate: inhibitory.drive * is,
      adaptationPull: pull,
    };
    SPLIT_SWITCHED.forEach((name, j) => {
      into[base + LEAKY_SWITCHED + j] = values[name];
    });
  }

  /** What the kernels need of the adaptation in a phase; notes what the conversions need. */
  private adaptation(
    n: number,
    resetting: boolean,
    k: number,
    rest: number,
    reference: number,
    scale: number,
  ): { readonly pull: number; readonly centre: number } {
    const p = this.p;
    const place = 2 * n + (resetting ? 1 : 0);
    const a = p.adapts[n] === 1 ? p.adaptationConductance[n]! : 0;
    // Adaptation tends to a (felt v + rest of it): of a membrane that is being reset it feels the mean over the step.
    const felt = resetting ? fallingMean(k * STEP) : 1;
    const centre = a * ((1 - felt) * rest - (p.adaptationPotential[n]! - reference));
    this.keeping.set(
      [scale, centre, (1 - this.halfLeft[n]!) * a * felt, this.halfLeft[n]!],
      4 * place,
    );
    return { pull: scale * fall(p.adaptationRate[n]! * STEP) * a * felt, centre };
  }

  /** Per unit of the line at the beginning of the step, or at its middle where lines saturate: drive (mV per cycle), rise in half a step. */
  private line(drive: number, rate: number, k: number): { drive: number; gain: number } {
    const left = decay(rate * HALF);
    const lift = response(k, rate, HALF, decay(k * HALF), left);
    const used = this.saturates ? drive : drive * left;
    // The mean of both halves.
    return { drive: used, gain: used * 0.5 * (1 + 1 / left) * lift };
  }

  /** Adaptation (nA) at the end of the step, where the membrane is at `v` (relative to the reference). */
  atEnd(n: number, resetting: boolean, v: number): number {
    if (this.p.adapts[n] === 0) return 0;
    const { keeping } = this;
    const place = 8 * n + (resetting ? 4 : 0);
    const middle = this.arrays.w[n]! / keeping[place]!;
    return keeping[place + 1]! + middle * keeping[place + 3]! + keeping[place + 2]! * v;
  }

  /** The same at the beginning of the step. */
  atBegin(n: number, resetting: boolean, v: number): number {
    if (this.p.adapts[n] === 0) return 0;
    const { keeping } = this;
    const place = 8 * n + (resetting ? 4 : 0);
    const middle = this.arrays.w[n]! / keeping[place]!;
    return keeping[place + 1]! + (middle - keeping[place + 2]! * v) / keeping[place + 3]!;
  }

  /** Keeps adaptation `w` (nA) of the end of the step. */
  keep(n: number, resetting: boolean, v: number, w: number): void {
    const { keeping } = this;
    const place = 8 * n + (resetting ? 4 : 0);
    this.arrays.w[n] =
      this.p.adapts[n] === 0
        ? 0
        : (keeping[place]! * (w - keeping[place + 1]! - keeping[place + 2]! * v)) /
          keeping[place + 3]!;
  }
}

/** The switched coefficients that are worked out here, in their order. */
const SPLIT_SWITCHED = SWITCHED.slice(LEAKY_SWITCHED) as readonly Exclude<
  (typeof SWITCHED)[number],
  'constant' | 'slope' | `${'excitatory' | 'inhibitory'}${'Gain' | 'Plain' | 'Tilt'}`
>[];
