/**
 * What instructions see of the world: own SRAM below 0x40000000, everything else through the bus. Accesses to the
 * bus may be put off; the core then repeats the instruction.
 */
import { LANES, type Port } from '../../isa/machine.js';
import type { PpuBus } from './bus.js';
import type { CodeCache } from './code-cache.js';
import type { PpuMemory } from './memory.js';

/** First address outside the own SRAM's window; within it addresses wrap at the SRAM's size. */
export const WINDOW = 0x4000_0000;

/** What an instruction reported while it ran. */
export const Report = {
  none: 0,
  deferred: 1,
  misaligned: 2,
  trapped: 3,
  refused: 4,
} as const;

/** Registers with a mind of their own (timers, pins), answered by the core. */
export interface SpecialRegisters {
  readSpr(number: number): number;
  writeSpr(number: number, value: number): void;
}

export class DataPort implements Port {
  /** See `Report`; the core clears it. */
  report: number = Report.none;
  /** Accesses through the bus are made at once; otherwise they report `deferred`. */
  mayAccess = true;
  /** Cycle of the next access; each word of a multiple access adds one. */
  cycle = 0;
  /** Latency of the last access. */
  latency = 1;
  /** Refuse what is not mapped. */
  strict = false;
  /** Address that was refused. */
  refused = 0;

  constructor(
    private readonly memory: PpuMemory,
    private readonly bus: PpuBus,
    private readonly special: SpecialRegisters,
    /** What has been decoded of the memory if it also holds the code, else null. */
    private readonly code: CodeCache | null,
  ) {}

  private isOutside(address: number): boolean {
    if (address >= 0 && address < WINDOW) {
      if (this.strict && address >= this.memory.size) this.refuse(address);
      return false;
    }
    if (this.strict && !this.bus.isMapped(address >>> 0)) this.refuse(address);
    return true;
  }

  private refuse(address: number): void {
    this.report = Report.refused;
    this.refused = address >>> 0;
  }

  private readOutside(address: number): number {
    if (this.report !== Report.none) return 0;
    if (!this.mayAccess) {
      this.report = Report.deferred;
      return 0;
    }
    const word = this.bus.readWord((address & ~3) >>> 0, this.cycle++) | 0;
    this.latency = this.bus.latency;
    return word;
  }

  private writeOutside(address: number, value: number, enables: number): void {
    if (this.report !== Report.none) return;
    if (!this.mayAccess) {
      this.report = Report.deferred;
      return;
    }
    this.bus.writeWord((address & ~3) >>> 0, value >>> 0, enables, this.cycle++);
    this.latency = this.bus.latency;
  }

  load8(address: number): number {
    if (this.isOutside(address))
      return (this.readOutside(address) >>> (24 - 8 * (address & 3))) & 0xff;
    const { bytes } = this.memory;
    return bytes[(address ^ 3) & (bytes.length - 1)]!;
  }

  load16(address: number): number {
    if (this.isOutside(address))
      return (this.readOutside(address) >>> (16 - 8 * (address & 3))) & 0xffff;
    const { bytes } = this.memory;
    const mask = bytes.length - 1;
    return (bytes[(address ^ 3) & mask]! << 8) | bytes[((address + 1) ^ 3) & mask]!;
  }

  load32(address: number): number {
    if (this.isOutside(address)) return this.readOutside(address);
    const { words } = this.memory;
    return words[(address >>> 2) & (words.length - 1)]!;
  }

  store8(address: number, value: number): void {
    if (this.isOutside(address)) {
      const shift = 24 - 8 * (address & 3);
      this.writeOutside(address, value << shift, 8 >> (address & 3));
      return;
    }
    if (this.report !== Report.none) return;
    const { bytes } = this.memory;
    const at = (address ^ 3) & (bytes.length - 1);
    bytes[at] = value;
    if (this.code !== null) this.code.forget(at >>> 2);
  }

  store16(address: number, value: number): void {
    if (this.isOutside(address)) {
      const shift = 16 - 8 * (address & 3);
      this.writeOutside(address, value << shift, 12 >> (address & 3));
      return;
    }
    if (this.report !== Report.none) return;
    const { bytes } = this.memory;
    const mask = bytes.length - 1;
    bytes[(address ^ 3) & mask] = value >> 8;
    bytes[((address + 1) ^ 3) & mask] = value;
    if (this.code !== null) this.code.forget((address & mask) >>> 2);
  }

  store32(address: number, value: number): void {
    if (this.isOutside(address)) {
      this.writeOutside(address, value, 15);
      return;
    }
    if (this.report !== Report.none) return;
    const { words } = this.memory;
    const at = (address >>> 2) & (words.length - 1);
    words[at] = value;
    if (this.code !== null) this.code.forget(at);
  }

  // The vector unit does its own accesses when cycles are counted; these serve the mode without accounting.

  loadVector(address: number, target: Int16Array, offset: number): void {
    const { words } = this.memory;
    for (let i = 0; i < LANES / 2; i++) {
      const word = words[((address >>> 2) + i) & (words.length - 1)]!;
      target[offset + 2 * i] = word >> 16;
      target[offset + 2 * i + 1] = word;
    }
  }

  storeVector(address: number, source: Int16Array, offset: number): void {
    const { words } = this.memory;
    for (let i = 0; i < LANES / 2; i++) {
      const at = ((address >>> 2) + i) & (words.length - 1);
      words[at] = (source[offset + 2 * i]! << 16) | (source[offset + 2 * i + 1]! & 0xffff);
      if (this.code !== null) this.code.forget(at);
    }
  }

  busIn(address: number, target: Int16Array, offset: number, enables: Uint16Array): void {
    if (!this.mayAccess) {
      this.report = Report.deferred;
      return;
    }
    spreadEnables(enables, this.byteEnables);
    this.bus.readVector(address >>> 0, this.bytes, this.byteEnables, this.cycle);
    for (let i = 0; i < LANES; i++) {
      target[offset + i] = (this.bytes[2 * i]! << 8) | this.bytes[2 * i + 1]!;
    }
  }

  busOut(address: number, source: Int16Array, offset: number, enables: Uint16Array): void {
    if (!this.mayAccess) {
      this.report = Report.deferred;
      return;
    }
    spreadEnables(enables, this.byteEnables);
    for (let i = 0; i < LANES; i++) {
      this.bytes[2 * i] = source[offset + i]! >> 8;
      this.bytes[2 * i + 1] = source[offset + i]!;
    }
    this.bus.writeVector(address >>> 0, this.bytes, this.byteEnables, this.cycle);
  }

  private readonly bytes = new Uint8Array(128);
  private readonly byteEnables = new Uint8Array(128);

  /** The I/O bus is absent in the published configuration. */
  ioRead(): number {
    return 0;
  }

  ioWrite(): void {}

  readSpr(number: number): number {
    return this.special.readSpr(number);
  }

  writeSpr(number: number, value: number): void {
    this.special.writeSpr(number, value);
  }

  trap(): void {
    this.report = Report.trapped;
  }

  misaligned(): void {
    this.report = Report.misaligned;
  }

  wait(): void {}

  sync(): void {}
}

/** Byte enables (0 or 1) from the nibble masks of halfwords: either nibble of a byte enables it. */
export function spreadEnables(masks: Uint16Array, enables: Uint8Array): void {
  for (let i = 0; i < LANES; i++) {
    const mask = masks[i]!;
    enables[2 * i] = (mask & 0xff00) !== 0 ? 1 : 0;
    enables[2 * i + 1] = (mask & 0xff) !== 0 ? 1 : 0;
  }
}
