/** The buses of a bare processor core: synapses, sensors, counters and random bytes served from arrays. */
import type { PpuBus } from '../../emulator/ppu/bus.js';

/** Gives one random byte. */
type Source = (kind: 'random' | 'code', index: number) => number;

/** A vector that the processor wrote over the parallel bus. */
export interface VectorStore {
  readonly kind: 'weight' | 'label' | 'external';
  /** Synapse row, or first byte in the external memory. */
  readonly row: number;
  readonly parity: number;
  readonly enables: Uint8Array;
  readonly cycle: number;
}

/** 256 rows of 256 synapses in column order, and everything else that a rule reaches over the buses. */
export class SynapseBus implements PpuBus {
  readonly synchronised = false;
  latency = 4;
  readonly weights = new Uint8Array(65536);
  readonly labels = new Uint8Array(65536);
  /** Codes that a conversion gives, and those after a reset. */
  readonly causal = new Uint8Array(65536).fill(205);
  readonly acausal = new Uint8Array(65536).fill(205);
  readonly baselineCausal = new Uint8Array(65536).fill(205);
  readonly baselineAcausal = new Uint8Array(65536).fill(205);
  readonly counters = new Uint16Array(256);
  /** Half of the chip on which the processor is: 0 top, 1 bottom. */
  hemisphere: 0 | 1 = 0;
  /** Counters of the other hemisphere. */
  readonly otherCounters = new Uint16Array(256);
  readonly membranes = new Uint8Array(256);
  readonly external = new Uint8Array(0x20000);
  /** False while baselines are measured: reads give the baseline codes. */
  live = false;
  conversionCycles = 425;
  private latchedRow = 0;
  /** What was read since `clear`, in order. */
  reads: { kind: string; row: number; parity: number; bytes: Uint8Array; cycle: number }[] = [];
  /** Read-out switches of row 256: membranes instead of sensors. */
  readonly switches = new Uint8Array(256);
  resets: { row: number; parity: number; columns: Uint8Array }[] = [];
  counterResets = 0;
  membraneResets: Uint8Array[] = [];

  constructor(readonly source: Source) {}

  /** What was written since `clear`, in order. */
  stores: VectorStore[] = [];

  /** Words that went neither to memory nor to a counter: events. */
  wordsWritten: { readonly address: number; readonly value: number; readonly cycle: number }[] = [];

  /** Forgets what was read, written and reset. */
  clear(): void {
    this.reads = [];
    this.stores = [];
    this.resets = [];
  }

  isMapped(): boolean {
    return true;
  }

  private word(address: number): {
    kind: 'external' | 'counter' | 'other-counter' | 'other';
    index: number;
  } {
    const a = address >>> 0;
    if (a >= 0x40000000 && a < 0x40020000) return { kind: 'external', index: a - 0x40000000 };
    const word = (a - 0x80000000) >>> 2;
    const half = word >= 0x12a000 ? 1 : 0;
    const offset = word - 0x122000 - half * 0x8000;
    if (offset >= 0x800 && offset < 0x1000) {
      const isOwn = (offset & 0x200 ? 1 : 0) === this.hemisphere;
      const kind = isOwn ? 'counter' : 'other-counter';
      return { kind, index: half * 128 + ((offset >> 2) & 127) };
    }
    return { kind: 'other', index: 0 };
  }

  readWord(address: number, cycle: number): number {
    const { kind, index } = this.word(address);
    this.latency = kind === 'external' ? 250 : 8;
    if (kind === 'counter' || kind === 'other-counter') {
      const count = (kind === 'counter' ? this.counters : this.otherCounters)[index]!;
      const bytes = Uint8Array.of(count > 255 ? 255 : count);
      this.reads.push({ kind, row: index, parity: 0, bytes, cycle });
      return count;
    }
    if (kind === 'other') return 0;
    const e = this.external;
    return (e[index]! << 24) | (e[index + 1]! << 16) | (e[index + 2]! << 8) | e[index + 3]!;
  }

  writeWord(address: number, value: number, enables: number, cycle: number): void {
    const { kind, index } = this.word(address);
    this.latency = kind === 'external' ? 250 : 8;
    if (kind === 'counter') {
      this.counters[index] = 0;
      this.counterResets++;
    }
    if (kind === 'other')
      this.wordsWritten.push({ address: address >>> 0, value: value >>> 0, cycle });
    if (kind === 'external')
      for (let i = 0; i < 4; i++)
        if (enables & (8 >> i)) this.external[index + i] = value >>> (24 - 8 * i);
  }

  private externalVector(address: number): number {
    return ((address & 0x00ffffff) << 4) >>> 0;
  }

  readVector(address: number, out: Uint8Array, _enables: Uint8Array, cycle: number): void {
    const a = address >>> 0;
    this.latency = 4;
    if (a >= 0x80000000) {
      this.latency = 314;
      const start = this.externalVector(a);
      for (let m = 0; m < 32; m++)
        for (let b = 0; b < 4; b++) out[4 * (31 - m) + b] = this.external[start + 4 * m + b]!;
      return;
    }
    const base = a & ~0x003ff & ~0x00200000;
    const index = a & 0x3ff;
    const row = index >> 1;
    const parity = index & 1;
    const pick = (from: Uint8Array): void => {
      for (let k = 0; k < 128; k++) out[k] = from[256 * row + 2 * k + parity]!;
    };
    switch (base) {
      case 0x00000:
        if (row === 256) {
          for (let k = 0; k < 128; k++) out[k] = this.switches[2 * k + parity]!;
          return;
        }
        pick(this.weights);
        break;
      case 0x40000:
        pick(this.labels);
        break;
      case 0x80000:
      case 0xc0000: {
        if ((a & 0x00200000) === 0) {
          this.latency = this.conversionCycles;
          this.latchedRow = row;
        }
        if (row !== this.latchedRow)
          throw new Error(`row ${row} read, row ${this.latchedRow} latched`);
        const causal = base === 0x80000;
        if (this.switches.some((value) => value !== 0)) {
          for (let k = 0; k < 128; k++) out[k] = this.membranes[2 * k + parity]!;
          this.reads.push({ kind: 'membrane', row: 0, parity, bytes: out.slice(), cycle });
          break;
        }
        const from = this.live
          ? causal
            ? this.causal
            : this.acausal
          : causal
            ? this.baselineCausal
            : this.baselineAcausal;
        pick(from);
        if ((a & 0x00200000) === 0)
          this.reads.push({ kind: 'conversion', row, parity, bytes: out.slice(), cycle });
        this.reads.push({
          kind: causal ? 'causal' : 'acausal',
          row,
          parity,
          bytes: out.slice(),
          cycle,
        });
        break;
      }
      case 0xe0000:
        for (let k = 0; k < 128; k++) out[k] = this.source('random', 2 * k + parity);
        this.reads.push({ kind: 'random', row: -1, parity, bytes: out.slice(), cycle });
        break;
      default:
        throw new Error(`vector read of ${a.toString(16)}`);
    }
  }

  writeVector(address: number, bytes: Uint8Array, enables: Uint8Array, cycle = 0): void {
    const a = address >>> 0;
    this.latency = 4;
    if (a >= 0x80000000) {
      const start = this.externalVector(a);
      this.stores.push({
        kind: 'external',
        row: start,
        parity: 0,
        enables: enables.slice(),
        cycle,
      });
      for (let m = 0; m < 32; m++)
        for (let b = 0; b < 4; b++) this.external[start + 4 * m + b] = bytes[4 * (31 - m) + b]!;
      return;
    }
    const index = a & 0x3ff;
    const row = index >> 1;
    const parity = index & 1;
    if (a === 0x200 || a === 0x201) {
      for (let k = 0; k < 128; k++) if (enables[k]) this.switches[2 * k + parity] = bytes[k]!;
      return;
    }
    if (a >= 0xc90200 && a < 0xc90202) {
      this.membraneResets.push(enables.slice());
      return;
    }
    const base = a & ~0x3ff;
    if (base === 0x80000) {
      this.resets.push({ row, parity, columns: enables.slice() });
      return;
    }
    const into = base === 0 ? this.weights : base === 0x40000 ? this.labels : undefined;
    if (into === undefined) throw new Error(`vector write to ${a.toString(16)}`);
    const kind = base === 0 ? 'weight' : 'label';
    this.stores.push({ kind, row, parity, enables: enables.slice(), cycle });
    for (let k = 0; k < 128; k++) if (enables[k]) into[256 * row + 2 * k + parity] = bytes[k]! & 63;
  }

  fetchWord(): undefined {
    return undefined;
  }
}
