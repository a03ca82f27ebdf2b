/** The plainest surroundings of a machine: bytes from one address, a bus of vectors, special registers as storage. */
import { LANES, type Port } from './machine.js';

/** What an instruction asked of its surroundings. */
export interface Events {
  trapped: boolean;
  misaligned: boolean;
  waited: boolean;
  synchronised: boolean;
  /** An access outside the memory; it read 0 or was dropped. */
  outside: boolean;
}

/** Serves tests, conformance and benchmarks; knows no time. */
export class FlatMemory implements Port {
  readonly events: Events = {
    trapped: false,
    misaligned: false,
    waited: false,
    synchronised: false,
    outside: false,
  };
  /** Locations of the parallel bus that were written, or set before a run. */
  readonly bus = new Map<number, Int16Array>();
  readonly spr = new Int32Array(1024);

  /** `bytes[0]` is the byte at address `start`. */
  constructor(
    readonly bytes: Uint8Array,
    readonly start = 0,
  ) {}

  private at(address: number, size: number): number {
    const offset = (address >>> 0) - this.start;
    if (offset >= 0 && offset + size <= this.bytes.length) return offset;
    this.events.outside = true;
    return -1;
  }

  load8(address: number): number {
    const i = this.at(address, 1);
    return i < 0 ? 0 : this.bytes[i]!;
  }

  load16(address: number): number {
    const i = this.at(address, 2);
    return i < 0 ? 0 : (this.bytes[i]! << 8) | this.bytes[i + 1]!;
  }

  load32(address: number): number {
    const i = this.at(address, 4);
    if (i < 0) return 0;
    const { bytes } = this;
    return (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
  }

  store8(address: number, value: number): void {
    const i = this.at(address, 1);
    if (i >= 0) this.bytes[i] = value;
  }

  store16(address: number, value: number): void {
    const i = this.at(address, 2);
    if (i < 0) return;
    this.bytes[i] = value >> 8;
    this.bytes[i + 1] = value;
  }

  store32(address: number, value: number): void {
    const i = this.at(address, 4);
    if (i < 0) return;
    this.bytes[i] = value >> 24;
    this.bytes[i + 1] = value >> 16;
    this.bytes[i + 2] = value >> 8;
    this.bytes[i + 3] = value;
  }

  loadVector(address: number, target: Int16Array, offset: number): void {
    for (let i = 0; i < LANES; i++) target[offset + i] = this.load16((address + 2 * i) | 0);
  }

  storeVector(address: number, source: Int16Array, offset: number): void {
    for (let i = 0; i < LANES; i++) this.store16((address + 2 * i) | 0, source[offset + i]!);
  }

  /** A bus that masks reads: unselected bytes are 0. */
  busIn(address: number, target: Int16Array, offset: number, enables: Uint16Array): void {
    const location = this.bus.get(address);
    for (let i = 0; i < LANES; i++) {
      target[offset + i] = location === undefined ? 0 : location[i]! & enables[i]!;
    }
  }

  busOut(address: number, source: Int16Array, offset: number, enables: Uint16Array): void {
    let location = this.bus.get(address);
    if (location === undefined) this.bus.set(address, (location = new Int16Array(LANES)));
    for (let i = 0; i < LANES; i++) {
      location[i] = (location[i]! & ~enables[i]!) | (source[offset + i]! & enables[i]!);
    }
  }

  ioRead(): number {
    this.events.outside = true;
    return 0;
  }

  ioWrite(): void {
    this.events.outside = true;
  }

  readSpr(number: number): number {
    return this.spr[number]!;
  }

  writeSpr(number: number, value: number): void {
    this.spr[number] = value;
  }

  trap(): void {
    this.events.trapped = true;
  }

  misaligned(): void {
    this.events.misaligned = true;
  }

  wait(): void {
    this.events.waited = true;
  }

  sync(): void {
    this.events.synchronised = true;
  }
}
