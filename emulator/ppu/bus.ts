/**
 * What lies outside a processor's own SRAM, as the core sees it: the scalar data window (external memory, FPGA
 * registers, Omnibus), the parallel bus of the vector unit and instruction fetch from external memory.
 *
 * Addresses are the core's own byte addresses (scalar and fetch) or unscaled parallel-bus addresses (vector).
 * Every method leaves in `latency` the cycles from the acceptance of the request to its answer.
 */
export interface PpuBus {
  /**
   * True if `PpuCore.run` must return before each access, so that the owner can bring the rest of the chip up to
   * that cycle first. False for a bus whose content depends on nothing else (a bare core).
   */
  readonly synchronised: boolean;

  /** Cycles from acceptance to answer of the access that was made last; an integer of at least 1. */
  readonly latency: number;

  /** True if something answers at this scalar data address; asked in strict mode only. */
  isMapped(address: number): boolean;

  /** The big-endian word at a byte address that is a multiple of 4, as a signed or unsigned 32-bit number. */
  readWord(address: number, cycle: number): number;

  /** Writes the bytes of `value` whose enable is set: bit 3 of `enables` is the most significant byte. */
  writeWord(address: number, value: number, enables: number, cycle: number): void;

  /** Reads 128 bytes, byte element 0 first. `enables` holds 128 bytes of 0 or 1 (1 = asked for). */
  readVector(address: number, out: Uint8Array, enables: Uint8Array, cycle: number): void;

  /** Writes the bytes of `bytes` (128, byte element 0 first) whose enable (0 or 1) is 1. */
  writeVector(address: number, bytes: Uint8Array, enables: Uint8Array, cycle: number): void;

  /** The instruction word at a byte address outside the instruction memory; undefined if nothing is there. */
  fetchWord(address: number, cycle: number): number | undefined;
}

/** A bus whose content can be saved as plain data and put back, for debuggers that run time backwards. */
export interface SavableBus extends PpuBus {
  /** Everything that decides about later accesses. Equal content may be the same object. */
  save(): unknown;
  /** Takes only what `save` of the same kind of bus returned. */
  load(saved: unknown): void;
}

/**
 * The bus of a bare core: a sparse, zeroed store of 128 bytes per address on the parallel bus, and nothing in
 * the scalar windows (reads give 0, writes are lost).
 */
export class BareBus implements SavableBus {
  readonly synchronised: boolean = false;
  latency: number;
  /** Parallel-bus locations that were written or preset, by unsigned address. */
  readonly store = new Map<number, Uint8Array>();

  /** @param latency cycles from request to answer on the parallel bus, at least 1 */
  constructor(latency = 1) {
    this.latency = latency;
  }

  isMapped(_address: number): boolean {
    return false;
  }

  readWord(_address: number, _cycle: number): number {
    return 0;
  }

  writeWord(_address: number, _value: number, _enables: number, _cycle: number): void {}

  readVector(address: number, out: Uint8Array, _enables: Uint8Array, _cycle: number): void {
    const found = this.store.get(address >>> 0);
    if (found === undefined) out.fill(0);
    else out.set(found);
  }

  writeVector(address: number, bytes: Uint8Array, enables: Uint8Array, _cycle: number): void {
    let location = this.store.get(address >>> 0);
    if (location === undefined) {
      location = new Uint8Array(128);
      this.store.set(address >>> 0, location);
    }
    for (let i = 0; i < 128; i++) if (enables[i] !== 0) location[i] = bytes[i]!;
  }

  fetchWord(_address: number, _cycle: number): number | undefined {
    return undefined;
  }

  save(): unknown {
    return new Map([...this.store].map(([address, bytes]) => [address, bytes.slice()]));
  }

  load(saved: unknown): void {
    this.store.clear();
    for (const [address, bytes] of saved as ReadonlyMap<number, Uint8Array>) {
      this.store.set(address, bytes.slice());
    }
  }
}
