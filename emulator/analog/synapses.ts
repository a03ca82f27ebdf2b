/** Storage of the synapse array and, derived from it, what an event meets: non-zero weights and their true strength. */
import { COLUMNS, ROWS, SYNAPSES } from './core.js';
import type { FixedPattern } from './die.js';

/** Words of a bit mask over the 256 columns. */
export const MASK_WORDS = 8;

export class Synapses {
  readonly weights = new Uint8Array(SYNAPSES);
  readonly labels = new Uint8Array(SYNAPSES);
  readonly timeTrims = new Uint8Array(SYNAPSES);
  readonly amplitudeTrims = new Uint8Array(SYNAPSES);
  /** Columns with a weight above 0, by (hemisphere * 256 + row) * 8 + word. */
  readonly occupied = new Int32Array(2 * ROWS * MASK_WORDS);
  /** Columns that pass current to a neuron, by hemisphere * 8 + word. */
  readonly connected = new Int32Array(2 * MASK_WORDS);
  /** Strength of a synapse (1: ideal full weight); NaN: not worked out since its weight was written. */
  private readonly strengths: Float64Array;

  constructor(private readonly pattern: FixedPattern) {
    this.strengths = pattern.ideal ? new Float64Array(0) : new Float64Array(SYNAPSES).fill(NaN);
  }

  setWeight(synapse: number, value: number): void {
    const old = this.weights[synapse]!;
    if (old === value) return;
    this.weights[synapse] = value;
    if (!this.pattern.ideal) this.strengths[synapse] = NaN;
    if (old === 0 || value === 0) {
      const word = (synapse >> 8) * MASK_WORDS + ((synapse & 255) >> 5);
      const bit = 1 << (synapse & 31);
      this.occupied[word] = value === 0 ? this.occupied[word]! & ~bit : this.occupied[word]! | bit;
    }
  }

  setLabel(synapse: number, value: number): void {
    this.labels[synapse] = value;
  }

  setConnected(hemisphere: number, column: number, excitatory: boolean, inhibitory: boolean): void {
    const on = excitatory || inhibitory;
    const word = hemisphere * MASK_WORDS + (column >> 5);
    const bit = 1 << (column & 31);
    this.connected[word] = on ? this.connected[word]! | bit : this.connected[word]! & ~bit;
  }

  /** Strength of a synapse at its present weight, its fixed pattern included. */
  strength(synapse: number): number {
    if (this.pattern.ideal) return this.weights[synapse]! / 63;
    let value = this.strengths[synapse]!;
    if (value !== value) {
      value = this.pattern.effectiveWeight(synapse, this.weights[synapse]!) / 63;
      this.strengths[synapse] = value;
    }
    return value;
  }

  /** What a snapshot copies; `strengths` follow from it. */
  stateArrays(): Record<string, Uint8Array | Int32Array> {
    return {
      weights: this.weights,
      labels: this.labels,
      timeTrims: this.timeTrims,
      amplitudeTrims: this.amplitudeTrims,
      occupied: this.occupied,
      connected: this.connected,
    };
  }

  restored(): void {
    this.strengths.fill(NaN);
  }

  powerUp(): void {
    this.weights.fill(0);
    this.labels.fill(0);
    this.timeTrims.fill(0);
    this.amplitudeTrims.fill(0);
    this.occupied.fill(0);
    this.connected.fill(0);
    this.strengths.fill(NaN);
  }
}

/** Number of the synapse at a place. */
export function synapseAt(hemisphere: number, row: number, column: number): number {
  return (hemisphere * ROWS + row) * COLUMNS + column;
}
