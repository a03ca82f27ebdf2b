/** Synapse storage in the memory of the kernels: bytes as the registers hold them, true strengths as floats, labels also in columns. */
import { NEURONS, SYNAPSES } from '../core.js';
import type { FixedPattern } from '../die.js';
import type { SynapsePart } from '../engine.js';
import type { StateArray } from '../snapshot.js';
import * as at from './layout.js';
import type { Machine } from './machine.js';

const ROWS_OF_ALL = SYNAPSES / 256;

export class FastSynapses implements SynapsePart {
  readonly weights: Uint8Array;
  readonly labels: Uint8Array;
  readonly timeTrims = new Uint8Array(SYNAPSES);
  readonly amplitudeTrims = new Uint8Array(SYNAPSES);
  private readonly strengths: Float32Array;
  private readonly labelsByColumn: Uint8Array;
  private readonly excitatoryColumns: Uint8Array;
  private readonly inhibitoryColumns: Uint8Array;
  /** Rows with strengths that are not worked out since their weights were written; those synapses hold NaN. */
  private readonly stale = new Uint8Array(ROWS_OF_ALL);
  /** How many synapses of a row have a label, and how many of those a weight: row * 64 + label. */
  private readonly labelCounts = new Uint16Array(64 * ROWS_OF_ALL);
  private readonly weightCounts = new Uint16Array(64 * ROWS_OF_ALL);
  /** Which of these are not 0, as 64 bits in two words per row. */
  private readonly present = new Int32Array(2 * ROWS_OF_ALL);
  private readonly weighted = new Int32Array(2 * ROWS_OF_ALL);

  constructor(
    machine: Machine,
    private readonly pattern: FixedPattern,
  ) {
    this.weights = machine.bytes(at.WEIGHTS, SYNAPSES);
    this.labels = machine.bytes(at.LABELS, SYNAPSES);
    this.strengths = machine.floats(at.STRENGTHS, SYNAPSES);
    this.labelsByColumn = machine.bytes(at.LABELS_BY_COLUMN, SYNAPSES);
    this.excitatoryColumns = machine.bytes(at.EXCITATORY_COLUMNS, NEURONS);
    this.inhibitoryColumns = machine.bytes(at.INHIBITORY_COLUMNS, NEURONS);
    this.countAll();
  }

  setWeight(synapse: number, value: number): void {
    const old = this.weights[synapse]!;
    if (old === value) return;
    this.weights[synapse] = value;
    if (old === 0 || value === 0)
      this.count(this.weightCounts, this.weighted, synapse, old === 0 ? 1 : -1);
    this.setStrength(synapse, value);
  }

  private setStrength(synapse: number, weight: number): void {
    if (this.pattern.ideal) this.strengths[synapse] = weight / 63;
    else {
      this.strengths[synapse] = NaN;
      this.stale[synapse >> 8] = 1;
    }
  }

  setLabel(synapse: number, value: number): void {
    this.countBoth(synapse, -1);
    this.labels[synapse] = value;
    this.labelsByColumn[transposed(synapse)] = value;
    this.countBoth(synapse, 1);
  }

  private countBoth(synapse: number, change: 1 | -1): void {
    this.count(this.labelCounts, this.present, synapse, change);
    if (this.weights[synapse] !== 0) this.count(this.weightCounts, this.weighted, synapse, change);
  }

  private count(counts: Uint16Array, bits: Int32Array, synapse: number, change: 1 | -1): void {
    const row = synapse >> 8;
    const label = this.labels[synapse]! & 63;
    const count = counts[64 * row + label]! + change;
    counts[64 * row + label] = count;
    if (count > 1 || (count === 1 && change < 0)) return;
    const word = 2 * row + (label >> 5);
    bits[word] = bits[word]! ^ (1 << (label & 31));
  }

  /** Counts labels and weights of all synapses anew. */
  private countAll(): void {
    for (const array of [this.labelCounts, this.weightCounts, this.present, this.weighted])
      array.fill(0);
    for (let synapse = 0; synapse < SYNAPSES; synapse++) this.countBoth(synapse, 1);
  }

  /** A synapse of row 0..511 has the label; `forward`: all six bits count, else the highest alone. */
  hasLabel(row: number, label: number, forward: boolean): boolean {
    return occurs(this.present, row, label, forward);
  }

  /** Likewise for synapses whose weight is not 0. */
  hasWeight(row: number, label: number, forward: boolean): boolean {
    return occurs(this.weighted, row, label, forward);
  }

  setConnected(hemisphere: number, column: number, excitatory: boolean, inhibitory: boolean): void {
    this.excitatoryColumns[hemisphere * 256 + column] = excitatory ? 255 : 0;
    this.inhibitoryColumns[hemisphere * 256 + column] = inhibitory ? 255 : 0;
  }

  isConnected(n: number, line: 0 | 1): boolean {
    return (line === 0 ? this.excitatoryColumns : this.inhibitoryColumns)[n] !== 0;
  }

  /** Works out the strengths of row 0..511 where weights were written; before the row is pulsed. */
  freshen(row: number): void {
    if (this.stale[row] === 0) return;
    this.stale[row] = 0;
    for (let synapse = row << 8; synapse < (row + 1) << 8; synapse++)
      if (this.strengths[synapse] !== this.strengths[synapse])
        this.strengths[synapse] =
          this.pattern.effectiveWeight(synapse, this.weights[synapse]!) / 63;
  }

  strength(synapse: number): number {
    this.freshen(synapse >> 8);
    return this.strengths[synapse]!;
  }

  stateArrays(): Record<string, StateArray> {
    return {
      weights: this.weights,
      labels: this.labels,
      timeTrims: this.timeTrims,
      amplitudeTrims: this.amplitudeTrims,
      excitatoryColumns: this.excitatoryColumns,
      inhibitoryColumns: this.inhibitoryColumns,
    };
  }

  restored(): void {
    for (let synapse = 0; synapse < SYNAPSES; synapse++) {
      this.setStrength(synapse, this.weights[synapse]!);
      this.labelsByColumn[transposed(synapse)] = this.labels[synapse]!;
    }
    this.countAll();
  }

  powerUp(): void {
    for (const array of [
      this.weights,
      this.labels,
      this.timeTrims,
      this.amplitudeTrims,
      this.strengths,
      this.labelsByColumn,
      this.excitatoryColumns,
      this.inhibitoryColumns,
      this.stale,
    ])
      array.fill(0);
    this.countAll();
  }
}

/** Place of a synapse in an array by columns: (hemisphere * 256 + column) * 256 + row. */
export function transposed(synapse: number): number {
  return (synapse & 0x10000) | ((synapse & 255) << 8) | ((synapse >> 8) & 255);
}

function occurs(bits: Int32Array, row: number, label: number, forward: boolean): boolean {
  const word = bits[2 * row + (label >> 5)]!;
  return forward ? ((word >>> (label & 31)) & 1) !== 0 : word !== 0;
}
