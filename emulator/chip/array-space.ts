/**
 * The address space of one hemisphere's array, over the Omnibus by quads and over the parallel bus by rows: synapses and
 * switches, both branches of the CADC, resets of correlation and neurons, random generators.
 */

import { columnOf } from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';
import { Cadc } from './cadc.js';
import type { DigitalConstants } from './constants.js';
import { RandomGenerators } from './random.js';
import type { RegisterFile } from './register-file.js';
import { SynapseArray, View } from './synapse-array.js';

/** Spaces of the array by bits 19..16 of a word offset or vector address. */
const enum Space {
  Weights = 0,
  Time = 1,
  Amplitude = 2,
  Labels = 4,
  Causal = 8,
  Reset = 9,
  Acausal = 12,
  ResetAcausal = 13,
  Random = 14,
  Raw = 15,
}

/** Conversions are not repeated in this part of the space. */
const buffered = 0x200000;
/** Rows of the spaces: 256 of synapses and two of switches, 256 of converters, and those of resets and generators. */
const rowsOf: Readonly<Record<number, number>> = {
  [Space.Weights]: 258,
  [Space.Time]: 258,
  [Space.Amplitude]: 258,
  [Space.Labels]: 258,
  [Space.Causal]: 256,
  [Space.Reset]: 257,
  [Space.Acausal]: 256,
  [Space.ResetAcausal]: 256,
  [Space.Random]: 1,
  [Space.Raw]: 258,
};
const hasRow = (space: number, row: number): boolean => row < (rowsOf[space] ?? 0);
const viewOf: Readonly<Record<number, View>> = {
  [Space.Weights]: View.Weight,
  [Space.Time]: View.Time,
  [Space.Amplitude]: View.Amplitude,
  [Space.Labels]: View.Label,
};

/** See the module's first sentence. */
export class ArraySpace {
  readonly synapses: SynapseArray;
  readonly cadc: Cadc;
  readonly random = new RandomGenerators();
  /** Cycles that the last read took beyond its way. */
  extra = 0;

  /** Codes of reset voltages on their way out. */
  private readonly resets = new Uint8Array(256);

  constructor(
    private readonly hemisphere: number,
    private readonly analog: AnalogCore,
    registers: RegisterFile,
    constants: DigitalConstants,
    private readonly noteUnmapped: (address: number) => void,
  ) {
    this.synapses = new SynapseArray(hemisphere, analog);
    this.cadc = new Cadc(hemisphere, analog, registers, constants.cadcConversion);
  }

  /** True if something answers at a word offset. */
  isMapped(offset: number): boolean {
    const space = (offset >> 16) & 15;
    const part = offset & ~0xfffff;
    const isConverter = space === Space.Causal || space === Space.Acausal;
    if (part !== 0 && !(part === buffered && isConverter)) return false;
    return hasRow(space, (offset & 0xffff) >> (space === Space.Raw ? 7 : 6));
  }

  /** A quad by its word offset. */
  read(offset: number, cycle: number): number {
    const space = (offset >> 16) & 15;
    this.extra = 0;
    if (!this.isMapped(offset)) {
      this.noteUnmapped(this.base + offset);
      return 0;
    }
    const codes = this.codes(space, offset, (offset & 0xffff) >> 6, cycle);
    let word = 0;
    for (let entry = 0; entry < 4; entry++) {
      const column = columnOf(offset & 63, entry);
      const byte =
        codes !== undefined
          ? codes[column]!
          : space === Space.Random
            ? this.random.drawOne(column)
            : this.synapses.readEntry(offset & 0xfffff, entry);
      word = (word << 8) | byte;
    }
    return word >>> 0;
  }

  /** Writes the enabled entries of a quad. */
  write(offset: number, value: number, enables: number): void {
    const space = (offset >> 16) & 15;
    const row = (offset & 0xffff) >> 6;
    if (!this.isMapped(offset)) {
      this.noteUnmapped(this.base + offset);
      return;
    }
    for (let entry = 0; entry < 4; entry++) {
      if (((enables >> (3 - entry)) & 1) === 0) continue;
      const byte = (value >>> (24 - 8 * entry)) & 0xff;
      const column = columnOf(offset & 63, entry);
      if (space === Space.Random) {
        if (row === 0) this.random.seed(column, byte);
      } else if (!this.resetAt(space, row, column, byte))
        this.synapses.writeEntry(offset & 0xfffff, entry, byte);
    }
  }

  /**
   * 128 elements from the parallel bus.
   * @returns cycles beyond the bus's own latency
   */
  readVector(address: number, out: Uint8Array, cycle: number): number {
    const space = (address >>> 16) & 15;
    const index = address & 0xffff;
    const parity = index & 1;
    const view = viewOf[space];
    this.extra = 0;
    if (!hasRow(space, index >> (space === Space.Raw ? 2 : 1))) {
      this.noteUnmapped(this.base + (address & 0xfffff));
      out.fill(0);
      return 0;
    }
    const codes = this.codes(space, address, index >> 1, cycle);
    if (codes !== undefined) for (let j = 0; j < 128; j++) out[j] = codes[2 * j + parity]!;
    else if (view !== undefined) this.synapses.readRow(view, index >> 1, parity, out);
    else if (space === Space.Random) this.random.draw(parity, out);
    else
      for (let j = 0; j < 128; j++)
        out[j] = this.synapses.getRaw((index >> 1) & 1, index >> 2, 2 * j + parity);
    return this.extra;
  }

  /** Writes the enabled ones of 128 elements over the parallel bus. */
  writeVector(address: number, bytes: Uint8Array, enables: Uint8Array): void {
    const space = (address >>> 16) & 15;
    const index = address & 0xffff;
    const parity = index & 1;
    const view = viewOf[space];
    if (!hasRow(space, index >> (space === Space.Raw ? 2 : 1))) {
      this.noteUnmapped(this.base + (address & 0xfffff));
      return;
    }
    if (view !== undefined) {
      this.synapses.writeRow(view, index >> 1, parity, bytes, enables);
      return;
    }
    for (let j = 0; j < 128; j++) {
      if (enables[j] === 0) continue;
      const column = 2 * j + parity;
      const byte = bytes[j]!;
      if (space === Space.Random) this.random.seed(column, byte);
      else if (space === Space.Raw)
        this.synapses.setRaw((index >> 1) & 1, index >> 2, column, byte);
      else this.resetAt(space, index >> 1, column, byte);
    }
  }

  clear(): void {
    this.synapses.clear();
    this.cadc.clear();
    this.random.clear();
    this.extra = 0;
  }

  /** Omnibus address of the array. */
  private get base(): number {
    return 0x02c00000 + 0x01000000 * this.hemisphere;
  }

  /**
   * Codes of all columns in a space that converts, undefined in another one; `extra` then says how long it takes.
   * The buffered part of the CADC's space gives the latch and converts nothing.
   */
  private codes(
    space: number,
    address: number,
    row: number,
    cycle: number,
  ): Uint8Array | undefined {
    const { cadc } = this;
    switch (space) {
      case Space.Causal:
      case Space.Acausal:
        this.extra = (address & buffered) !== 0 ? cadc.waitFrom(cycle) : cadc.convert(row, cycle);
        return space === Space.Causal ? cadc.causal : cadc.acausal;
      case Space.Reset:
      case Space.ResetAcausal:
        this.extra = cadc.convertReset(row, space === Space.Reset ? 0 : 1, cycle, this.resets);
        return this.resets;
      default:
        return undefined;
    }
  }

  /** A write to a reset space, or of 3 to a converter's space. @returns false if the space is another one */
  private resetAt(space: number, row: number, column: number, byte: number): boolean {
    const isReset = space === Space.Reset || space === Space.ResetAcausal;
    if (!isReset && space !== Space.Causal && space !== Space.Acausal) return false;
    if (row === 256 && space === Space.Reset)
      this.analog.resetNeuron(this.hemisphere * 256 + column);
    else if (row < 256 && (isReset || (byte & 3) === 3))
      this.analog.resetCorrelation(this.hemisphere * 65536 + row * 256 + column);
    return true;
  }
}
