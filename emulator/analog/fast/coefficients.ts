/** What the kernels need of each neuron, worked out from its parameters: propagators of one step in floats. */
import { log } from '../../../isa/numeric/elementary.js';
import type { AnalogConstants } from '../constants.js';
import { MICROSECONDS_PER_CYCLE, NEURONS } from '../core.js';
import { decay } from '../decay.js';
import type { Parameters } from '../parameters.js';
import { response } from '../response.js';
import * as at from './layout.js';
import { arrayOffset, NEURON_ARRAYS, STEP, SWITCHED, type NeuronArray } from './layout.js';
import type { Kernels, Machine } from './machine.js';

/** A potential at which no exponential term ever acts. */
const NEVER = 1e6;

/** A line of which less is left has forgotten where it was. */
const FORGOTTEN = 1e-5;

/** 1 - e^-x without loss of digits. */
function fall(x: number): number {
  return x < 1e-3 ? x * (1 - x * (0.5 - x * (1 / 6 - x / 24))) : 1 - decay(x);
}

/**
 * Mean of a decay over (0, x) in units of the mean of its ends: what the rule of the trapezoid must be multiplied by for a membrane
 * that is being reset.
 */
export function fallingMean(x: number): number {
  return x < 1e-3 ? 1 - (x * x) / 12 : (2 * fall(x)) / (x * (1 + decay(x)));
}

export class Coefficients {
  readonly arrays: Readonly<Record<NeuronArray, Float32Array>>;
  /** Potential (mV) that a neuron's floats are relative to. */
  readonly reference: Float64Array;
  /** Both sets of switched coefficients: (2 n + resetting) * length. */
  private readonly switched: Float32Array;
  private readonly switchedArrays: readonly Float32Array[];
  private readonly excitatoryLeft: Float32Array;
  private readonly excitatoryRise: Float32Array;
  private readonly inhibitoryLeft: Float32Array;
  private readonly inhibitoryRise: Float32Array;
  private readonly ways: Float32Array;
  private readonly laws: Float32Array;
  private readonly kernels: Kernels;
  /** Neurons whose event tables are out of date. */
  private readonly stale = new Uint8Array(NEURONS);
  private readonly staleList: number[] = [];

  constructor(
    machine: Machine,
    private readonly p: Parameters,
    private readonly constants: AnalogConstants,
    private readonly saturates: boolean,
  ) {
    this.arrays = Object.fromEntries(
      NEURON_ARRAYS.map((name) => [name, machine.floats(arrayOffset[name], NEURONS)]),
    ) as Record<NeuronArray, Float32Array>;
    this.kernels = machine.kernels;
    this.reference = machine.doubles(at.REFERENCE, NEURONS);
    this.switched = machine.floats(at.SWITCHED_SETS, 2 * NEURONS * SWITCHED.length);
    this.ways = machine.floats(at.WAYS, ((STEP + 1) * NEURONS * at.WAY_BYTES) / 4);
    this.laws = machine.floats(at.LAWS, (NEURONS * at.LAW_BYTES) / 4);
    this.switchedArrays = SWITCHED.map((name) => this.arrays[name]);
    const table = (offset: number): Float32Array => machine.floats(offset, (STEP + 1) * NEURONS);
    this.excitatoryLeft = table(at.EXCITATORY_LEFT);
    this.excitatoryRise = table(at.EXCITATORY_RISE);
    this.inhibitoryLeft = table(at.INHIBITORY_LEFT);
    this.inhibitoryRise = table(at.INHIBITORY_RISE);
    this.arrays.threshold.fill(Infinity);
  }

  /** Works out a neuron for the kernel of its block; `refer` also sets its reference anew. */
  workOut(n: number, kind: number, refer: boolean): void {
    const { p, arrays: a, constants } = this;
    if (refer) this.reference[n] = p.threshold[n]!;
    const reference = this.reference[n]!;
    const le = p.excitatoryRate[n]!;
    const li = p.inhibitoryRate[n]!;
    a.lowest[n] = constants.membraneMinimum - reference;
    a.highest[n] = constants.membraneMaximum - reference;
    a.excitatoryDecay[n] = decay(le * STEP);
    a.inhibitoryDecay[n] = decay(li * STEP);
    a.excitatoryHalf[n] = decay((le * STEP) / 2);
    a.inhibitoryHalf[n] = decay((li * STEP) / 2);
    if (kind > 0) this.workOutTerms(n, reference);
    for (const resetting of [false, true]) this.workOutSwitched(n, kind, resetting, reference);
    if (this.stale[n] === 0) {
      this.stale[n] = 1;
      this.staleList.push(n);
    }
  }

  /** Makes the coefficients of a phase those of the kernels. */
  use(n: number, resetting: boolean): void {
    this.kernels['phase/use'](n, resetting ? 1 : 0);
  }

  /** A neuron that another engine serves stands still at 0 here. */
  retire(n: number): void {
    for (const array of this.switchedArrays) array[n] = 0;
    this.arrays.lowest[n] = -1;
    this.arrays.highest[n] = 1;
    this.arrays.rate[n] = 1;
    this.arrays.exponential[n] = NEVER;
    if (this.stale[n] === 0) {
      this.stale[n] = 1;
      this.staleList.push(n);
    }
  }

  /**
   * Brings the tables of what an event does within a step up to date; before a row is pulsed.
   * @param inert neurons that another engine serves: events pass them by
   */
  freshenTables(inert: Uint8Array): void {
    if (this.staleList.length === 0) return;
    for (const n of this.staleList) {
      this.stale[n] = 0;
      this.fillTables(n, inert[n] === 1);
    }
    this.staleList.length = 0;
  }

  private fillTables(n: number, inert: boolean): void {
    const p = this.p;
    const k = p.rate[n]!;
    const kr = p.resetRate[n]!;
    const le = p.excitatoryRate[n]!;
    const li = p.inhibitoryRate[n]!;
    const de = inert ? 0 : p.excitatoryDrive[n]!;
    const di = inert ? 0 : p.inhibitoryDrive[n]!;
    const paused = p.pausesInReset[n] === 1 ? 0 : 1;
    const [stepK, stepR, stepE, stepI] = [decay(k), decay(kr), decay(le), decay(li)];
    let [ek, er, ee, ei] = [1, 1, 1, 1];
    for (let d = 0; d <= STEP; d++) {
      const place = d * NEURONS + n;
      const riseE = de * response(k, le, d, ek, ee);
      const riseI = -di * response(k, li, d, ek, ei);
      this.excitatoryLeft[place] = inert ? 0 : ee;
      this.inhibitoryLeft[place] = inert ? 0 : ei;
      this.excitatoryRise[place] = riseE;
      this.inhibitoryRise[place] = riseI;
      const growthE = ee < FORGOTTEN ? 1 : 1 / ee;
      const growthI = ei < FORGOTTEN ? 1 : 1 / ei;
      const way = (n * (STEP + 1) + d) * (at.WAY_BYTES / 4);
      this.ways[way] = 1 - ek;
      this.ways[way + 1] = riseE * growthE;
      this.ways[way + 2] = riseI * growthI;
      this.ways[way + 3] = growthE;
      this.ways[way + 4] = 1 - er;
      this.ways[way + 5] = paused * de * response(kr, le, d, er, ee) * growthE;
      this.ways[way + 6] = -paused * di * response(kr, li, d, er, ei) * growthI;
      this.ways[way + 7] = growthI;
      ek *= stepK;
      er *= stepR;
      ee *= stepE;
      ei *= stepI;
    }
    const reference = this.reference[n]!;
    this.laws.set(
      [p.rest[n]! - reference, k, de, -di, p.resetRest[n]! - reference],
      n * (at.LAW_BYTES / 4),
    );
  }

  /** Adaptation and exponential term. */
  private workOutTerms(n: number, reference: number): void {
    const { p, arrays: a } = this;
    const adapts = p.adapts[n] === 1;
    const d = p.slopeFactor[n]!;
    const share = adapts ? fall((p.adaptationRate[n]! * STEP) / 2) : 0;
    a.adaptationLeft[n] = adapts ? 1 - share : 0;
    a.adaptationDrive[n] = MICROSECONDS_PER_CYCLE / p.capacitance[n]!;
    a.slopeFactor[n] = d;
    a.inverseSlopeFactor[n] = d > 0 ? 1.4426950408889634 / d : 1;
    a.excitatoryReversal[n] = p.excitatoryReversal[n]! - reference;
    a.inhibitoryReversal[n] = p.inhibitoryReversal[n]! - reference;
  }

  private workOutSwitched(n: number, kind: number, resetting: boolean, reference: number): void {
    const p = this.p;
    const gated = resetting && p.pausesInReset[n] === 1;
    const k = resetting ? p.resetRate[n]! : p.rate[n]!;
    const rest = (resetting ? p.resetRest[n]! : p.rest[n]!) - reference;
    const le = p.excitatoryRate[n]!;
    const li = p.inhibitoryRate[n]!;
    const de = gated ? 0 : p.excitatoryDrive[n]!;
    const di = gated ? 0 : p.inhibitoryDrive[n]!;
    const drop = fall(k * STEP);
    const base = (2 * n + (resetting ? 1 : 0)) * SWITCHED.length;
    const s = this.switched;
    const whole = (rate: number): number =>
      response(k, rate, STEP, decay(k * STEP), decay(rate * STEP)) /
      (this.saturates ? decay((rate * STEP) / 2) : 1);
    s[base] = rest * drop;
    s[base + 1] = -drop;
    s[base + 2] = de * whole(le);
    s[base + 3] = -di * whole(li);
    const es = p.excitatorySlope[n]!;
    const is = p.inhibitorySlope[n]!;
    const h = STEP / 2;
    const lift = (own: number, rate: number): number =>
      response(own, rate, h, decay(own * h), decay(rate * h));
    // The tables of events are those of the free membrane; in reset this share of them acts.
    const share = (rate: number): number =>
      gated ? 0 : resetting ? lift(k, rate) / lift(p.rate[n]!, rate) : 1;
    s[base + 4] = (es === 0 ? 1 : (p.excitatoryReversal[n]! - reference) * es) * share(le);
    s[base + 5] = (is === 0 ? 1 : (p.inhibitoryReversal[n]! - reference) * is) * share(li);
    s[base + 6] = -es * share(le);
    s[base + 7] = -is * share(li);
    if (kind === 0) return;
    const dropHalf = fall(k * h);
    // Per unit of the line at the middle of the step: the mean of both halves.
    const half = (rate: number): number => 0.5 * (1 + 1 / decay(rate * h)) * lift(k, rate);
    s[base + 8] = rest * dropHalf;
    s[base + 9] = -dropHalf;
    const d = p.slopeFactor[n]!;
    const unit = MICROSECONDS_PER_CYCLE / p.capacitance[n]!;
    s[base + 10] = de * half(le);
    s[base + 11] = -di * half(li);
    s[base + 12] = (unit * dropHalf) / k;
    s[base + 13] =
      d > 0 && !gated ? p.exponential[n]! - reference - d * log(STEP * p.leak[n]! * unit) : NEVER;
    s[base + 14] = k;
    s[base + 15] = k * rest;
    s[base + 16] = es === 0 ? de : 0;
    s[base + 17] = is === 0 ? -di : 0;
    s[base + 18] = de * es;
    s[base + 19] = -di * is;
    const pull =
      p.adapts[n] === 1 ? fall((p.adaptationRate[n]! * STEP) / 2) * p.adaptationConductance[n]! : 0;
    const felt = resetting ? fallingMean(k * STEP) : 1;
    s[base + 20] = pull * felt;
    s[base + 21] = pull * ((1 - felt) * rest - (p.adaptationPotential[n]! - reference));
  }
}
