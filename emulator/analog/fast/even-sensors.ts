/**
 * Hemispheres in which the sensors of each half share one time constant and one amplitude: those of an ideal die without
 * trims. There, traces are kept undone of their decay since a reference cycle of the hemisphere, which moves on before
 * they grow out of the floats.
 */
import { MICROSECONDS_PER_CYCLE, SYNAPSES } from '../core.js';
import { sensorAmplitude, sensorTime, type SensorSource } from '../sensor-laws.js';
import * as at from './layout.js';
import type { Kernels, Machine } from './machine.js';

/** Traces grow by at most 2^40 after the reference cycle, and what is left of them then stays above 2^-100. */
const MOST_HALVINGS = 40;

export class EvenSensors {
  /** Reference cycle by hemisphere; -Infinity: the next pulse is it. What follows belongs to a snapshot. */
  readonly bases = new Float64Array(2).fill(-Infinity);
  /** Pulses before this cycle find everything ready; -Infinity: rates and traces are to be worked out. */
  private readonly readyUntil = new Float64Array(2).fill(-Infinity);
  /** Synapses with a trim: the sensors of their hemisphere are not alike. */
  private readonly isTrimmed = new Uint8Array(SYNAPSES);
  private readonly trims = new Int32Array(2);
  private readonly kernels: Kernels;
  private readonly base: readonly Int32Array[];
  private readonly rates: readonly Float32Array[];
  private readonly factors: readonly Float32Array[];

  constructor(
    machine: Machine,
    private readonly source: SensorSource,
  ) {
    this.kernels = machine.kernels;
    const each = [0, at.EVEN_BYTES];
    this.base = each.map((offset) => machine.integers(at.EVEN + offset, 1));
    this.rates = each.map((offset) => machine.floats(at.EVEN_RATES + offset, 4));
    this.factors = each.map((offset) => machine.floats(at.EVEN_FACTORS + offset, 4));
  }

  /** All sensors of a half of the hemisphere are alike, and their traces decay to nothing. */
  isPossible(hemisphere: number): boolean {
    const { pattern, constants } = this.source;
    return pattern.ideal && this.trims[hemisphere] === 0 && constants.sensorMemory === 0;
  }

  /** The kernels of even hemispheres may be used for a pulse at cycle `t`. */
  isReady(hemisphere: number, t: number): boolean {
    if (t < this.readyUntil[hemisphere]!) return true;
    if (!this.isPossible(hemisphere)) return false;
    this.makeReady(hemisphere, t);
    return true;
  }

  /** A pulse has not left its trace for those kernels: they find it from its cycle. */
  unready(hemisphere: number): void {
    this.readyUntil[hemisphere] = -Infinity;
  }

  private makeReady(hemisphere: number, t: number): void {
    const rates = [0, 1].map((half) => {
      const synapse = (hemisphere << 16) | (half << 7);
      this.factors[hemisphere]!.set([sensorAmplitude(this.source, synapse, 0)], half);
      return (-MICROSECONDS_PER_CYCLE * 1.4426950408889634) / sensorTime(this.source, synapse, 0);
    });
    const [west = 0, east = 0] = rates;
    this.rates[hemisphere]!.set([west, east, -west, -east]);
    this.factors[hemisphere]!.set([1, 1], 2);
    const span = Math.floor(MOST_HALVINGS / -Math.min(west, east));
    if (!(t < this.bases[hemisphere]! + span)) this.bases[hemisphere] = t;
    const base = this.bases[hemisphere]!;
    this.readyUntil[hemisphere] = base + span;
    this.base[hemisphere]![0] = base | 0;
    this.kernels.traces(hemisphere);
  }

  /** A trim of a synapse was written. */
  trimmed(synapse: number): void {
    const { timeTrims, amplitudeTrims } = this.source.synapses;
    const now = timeTrims[synapse] !== 0 || amplitudeTrims[synapse] !== 0 ? 1 : 0;
    const change = now - this.isTrimmed[synapse]!;
    if (change === 0) return;
    const hemisphere = synapse >> 16;
    this.isTrimmed[synapse] = now;
    this.trims[hemisphere] = this.trims[hemisphere]! + change;
    this.unready(hemisphere);
  }

  /** A bias of the hemisphere was written. */
  biased(hemisphere: number): void {
    this.bases[hemisphere] = -Infinity;
    this.unready(hemisphere);
  }

  /** Trims, biases and reference cycles were written. */
  restored(): void {
    this.readyUntil.fill(-Infinity);
    this.trims.fill(0);
    this.isTrimmed.fill(0);
    for (let synapse = 0; synapse < SYNAPSES; synapse++) this.trimmed(synapse);
  }

  powerUp(): void {
    this.bases.fill(-Infinity);
  }
}
