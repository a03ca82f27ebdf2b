/** What the kernels need of each neuron, worked out from its parameters: propagators of one step in floats. */
import type { AnalogConstants } from '../constants.js';
import { NEURONS } from '../core.js';
import { decay } from '../decay.js';
import type { Parameters } from '../parameters.js';
import { response } from '../response.js';
import * as at from './layout.js';
import { arrayOffset, BLOCKS, NEURON_ARRAYS, STEP, SWITCHED, type NeuronArray } from './layout.js';
import type { Kernels, Machine } from './machine.js';
import { fall, NEVER, SplitCoefficients } from './split-coefficients.js';

/** Membrane of a neuron that another engine serves: below its threshold. */
export const RETIRED = -1;

/** A line of which less is left has forgotten where it was. */
const FORGOTTEN = 1e-5;

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
  private readonly calm: Uint8Array;
  readonly split: SplitCoefficients;
  /** Neurons whose event tables are out of date. */
  private readonly stale = new Uint8Array(NEURONS);
  private readonly staleList: number[] = [];

  constructor(
    machine: Machine,
    private readonly p: Parameters,
    private readonly constants: AnalogConstants,
    private readonly saturates: boolean,
    /** Comparators differ from the references: by noise. */
    private readonly thresholdsVary: boolean,
  ) {
    this.arrays = Object.fromEntries(
      NEURON_ARRAYS.map((name) => [name, machine.floats(arrayOffset[name], NEURONS)]),
    ) as Record<NeuronArray, Float32Array>;
    this.kernels = machine.kernels;
    this.calm = machine.bytes(at.CALM, BLOCKS);
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
    this.split = new SplitCoefficients(machine, p, this.arrays, saturates);
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
    if (kind > 0) this.split.terms(n, reference);
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

  /** A neuron that another engine serves stands still here, at RETIRED. */
  retire(n: number): void {
    for (const array of this.switchedArrays) array[n] = 0;
    this.arrays.lowest[n] = RETIRED;
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
      this.calm[n >> 4] = 1;
    }
    for (let n = 0; n < NEURONS; n++) if (!this.isCalm(n)) this.calm[n >> 4] = 0;
    this.staleList.length = 0;
  }

  /** Excitation and leak alone never take the membrane of a neuron to its lower clamp, and its threshold is not below 0. */
  private isCalm(n: number): boolean {
    const { lowest, highest } = this.arrays;
    const law = (n * at.LAW_BYTES) / 4;
    const low = lowest[n]!;
    return (
      !this.thresholdsVary &&
      highest[n]! >= 0 &&
      this.laws[law]! >= low &&
      this.laws[law + 4]! >= low
    );
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
    const law = inert
      ? [0, 0, 0, 0, 0]
      : [p.rest[n]! - reference, k, de, -di, p.resetRest[n]! - reference];
    this.laws.set(law, n * (at.LAW_BYTES / 4));
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
    if (kind > 0) this.split.switched(n, kind, resetting, reference, s, base);
  }
}
