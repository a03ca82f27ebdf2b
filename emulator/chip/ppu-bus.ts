/** What one PPU reaches outside its SRAM: the parallel bus of its hemisphere, the Omnibus, the FPGA's memory. */

import type { PpuBus } from '../ppu/bus.js';
import type { DigitalConstants } from './constants.js';
import type { Omnibus } from './omnibus.js';

const vectorWords = 32;

/** See `PpuBus`. */
export class ChipBus implements PpuBus {
  readonly synchronised = true;
  latency = 1;

  private omnibus: Omnibus | undefined = undefined;

  constructor(
    private readonly hemisphere: number,
    private readonly constants: DigitalConstants,
  ) {}

  /** Connects the bus to the chip, which is made after the processors. */
  connect(omnibus: Omnibus): void {
    this.omnibus = omnibus;
  }

  isMapped(address: number): boolean {
    const word = dataWord(address >>> 0);
    return word >= 0 && this.chip.isMapped(word);
  }

  readWord(address: number, cycle: number): number {
    const word = dataWord(address >>> 0);
    this.latency = this.latencyOf(word);
    if (word < 0) {
      this.chip.unmapped++;
      return 0;
    }
    const value = this.chip.read(word, cycle);
    this.latency += this.chip.extra;
    return value;
  }

  writeWord(address: number, value: number, enables: number, cycle: number): void {
    const word = dataWord(address >>> 0);
    this.latency = this.latencyOf(word);
    if (word < 0) this.chip.unmapped++;
    else this.chip.write(word, value, enables, cycle);
  }

  readVector(address: number, out: Uint8Array, _enables: Uint8Array, cycle: number): void {
    const a = address >>> 0;
    if (a >= 0x80000000) {
      this.latency = this.constants.ppuExternal + vectorWords * this.constants.ppuExternalWord;
      this.chip.memory.readVector(this.external(a), out);
      return;
    }
    this.latency =
      this.constants.ppuParallelBus + this.chip.arrays[this.hemisphere]!.readVector(a, out, cycle);
  }

  writeVector(address: number, bytes: Uint8Array, enables: Uint8Array, _cycle: number): void {
    const a = address >>> 0;
    if (a >= 0x80000000) {
      this.latency = this.constants.ppuExternal + vectorWords * this.constants.ppuExternalWord;
      this.chip.memory.writeVector(this.external(a), bytes, enables);
      return;
    }
    this.latency = this.constants.ppuParallelBus;
    this.chip.arrays[this.hemisphere]!.writeVector(a, bytes, enables);
  }

  fetchWord(address: number, _cycle: number): number | undefined {
    this.latency = this.constants.ppuExternal;
    const a = address >>> 0;
    if (a < 0x80000000) return undefined;
    const word =
      a < 0x90000000
        ? 0x80000000 + ((a & 0x0fffffff) >>> 2)
        : 0x84000000 + ((a & 0x0fffffff) >>> 2);
    return this.chip.memory.isMapped(word) ? this.chip.memory.read(word) : undefined;
  }

  private get chip(): Omnibus {
    if (this.omnibus === undefined) throw new Error('the bus of a PPU is not connected to a chip');
    return this.omnibus;
  }

  /** First word in external memory of a vector; one that does not lie in it is counted. */
  private external(address: number): number {
    const { memory } = this.chip;
    const word = externalWord(address);
    if (!memory.isMapped(word) || !memory.isMapped(word + vectorWords - 1))
      this.chip.noteUnmapped(word);
    return word;
  }

  private latencyOf(word: number): number {
    return word >= 0x80000000 ? this.constants.ppuExternal : this.constants.ppuOmnibus;
  }
}

/** Omnibus word address of a scalar data address, or -1 where nothing can be. */
function dataWord(address: number): number {
  if (address >= 0x80000000) {
    const word = (address & 0x7fffffff) >>> 2;
    return word < 0x08000000 ? word : -1;
  }
  if (address >= 0x40000000) return 0x80000000 + ((address & 0x3fffffff) >>> 2);
  return -1;
}

/** First word in external memory of a vector address (units of 16 bytes). */
function externalWord(address: number): number {
  return address < 0x81000000
    ? 0x80000000 + (address & 0xffffff) * 4
    : 0x84000000 + (address & 0xffffff) * 4;
}
