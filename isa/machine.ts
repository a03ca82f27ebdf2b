/**
 * The state of a plasticity processor that instructions work on, and the ports through which they reach
 * memory, buses and the parts that live outside the register files.
 */

/** Halfword elements of a vector register. */
export const LANES = 64;

/** MSR bits that exist; all others read 0. */
export const MSR_MASK = 0x0002_9230;

/** Interrupt enable in the MSR. */
export const MSR_EE = 0x8000;

/**
 * What a machine is connected to. Addresses are int32 (0x80000000 and above are negative); 32-bit values are
 * int32; narrower loads return 0..255 and 0..65535. Alignment is checked before a port is called.
 * Vector data are 64 halfwords in native number form, element 0 first; a halfword's upper byte is the byte at
 * the lower address.
 */
export interface Port {
  load8(address: number): number;
  load16(address: number): number;
  load32(address: number): number;
  store8(address: number, value: number): void;
  store16(address: number, value: number): void;
  store32(address: number, value: number): void;
  /** fxvlax: 32 words from `address` (already a multiple of 4) into `target[offset..offset+63]`. */
  loadVector(address: number, target: Int16Array, offset: number): void;
  /** fxvstax. */
  storeVector(address: number, source: Int16Array, offset: number): void;
  /** fxvinx: one location of the parallel bus. `enables[i]` masks the selected bytes of halfword i. */
  busIn(address: number, target: Int16Array, offset: number, enables: Uint16Array): void;
  /** fxvoutx: bits of halfword i where `enables[i]` is 0 stay. */
  busOut(address: number, source: Int16Array, offset: number, enables: Uint16Array): void;
  /** eciwx and ecowx. */
  ioRead(address: number): number;
  ioWrite(address: number, value: number): void;
  /** Special registers other than XER, LR and CTR, by number. */
  readSpr(number: number): number;
  writeSpr(number: number, value: number): void;
  /** tw, twi: the condition holds. The instruction is complete; the core takes the program interrupt. */
  trap(): void;
  /** A load or store at an address it cannot use. Nothing was accessed and no register written. */
  misaligned(address: number): void;
  /** wait with WC = 0. */
  wait(): void;
  /** sync of any kind. */
  sync(): void;
}

/** How far the core's deviations from the Power architecture are followed. */
export interface MachineOptions {
  /** `core` (default): as the core does. `power`: as the architecture book says. */
  readonly quirks?: 'core' | 'power';
  /** lha and lhau zero-extend their displacement, as in the core's source. Default false. */
  readonly lhaZeroExtends?: boolean;
}

/**
 * Registers of one processor. All scalar registers hold int32 numbers. A snapshot is a copy of these fields.
 */
export class Machine {
  readonly gpr = new Int32Array(32);
  /** CR0 in the top four bits; in a field LT 8, GT 4, EQ 2, SO 1. */
  cr = 0;
  /** XER, one 0/1 number each. */
  so = 0;
  ov = 0;
  ca = 0;
  lr = 0;
  ctr = 0;
  msr = 0;
  /** Address of the instruction that runs. */
  pc = 0;
  /** Address of the next one; set to pc + 4 before an instruction runs, changed by branches. */
  nextPc = 4;
  /** Storage of special registers by number; XER, LR, CTR, and what the port answers itself, live elsewhere. */
  readonly spr = new Int32Array(1024);
  /** Vector registers: halfword element j of register n is vr[64 n + j]; its upper byte is byte element 2j. */
  readonly vr = new Int16Array(32 * LANES);
  readonly #vrPairs = new Int32Array(this.vr.buffer);
  /** One 32-bit accumulator per halfword element; for byte instructions two of 16 bits, the even byte's on top. */
  readonly acc = new Int32Array(LANES);
  /**
   * The vector condition register by condition code: 0 always (constant), 1 greater, 2 less, 3 equal; one mask
   * per halfword element. The hardware keeps a bit per nibble, but compares set them in pairs or fours, so each
   * byte of a mask is 00 or ff.
   */
  readonly vcr: readonly [Uint16Array, Uint16Array, Uint16Array, Uint16Array] = [
    new Uint16Array(LANES).fill(0xffff),
    new Uint16Array(LANES),
    new Uint16Array(LANES),
    new Uint16Array(LANES),
  ];
  readonly #vcrPairs = this.vcr.map((masks) => new Int32Array(masks.buffer));
  /** Bits of XER that exist only in Power (quirks `power`). */
  xerRest = 0;
  readonly power: boolean;
  readonly lhaZeroExtends: boolean;

  constructor(
    readonly port: Port,
    options: MachineOptions = {},
  ) {
    this.power = options.quirks === 'power';
    this.lhaZeroExtends = options.lhaZeroExtends ?? false;
  }

  /**
   * The vector registers two halfwords at a time, for speed: element pair k of register n is vrPairs[32 n + k], the
   * first of the two in its lower half (JavaScript engines in use are little-endian).
   */
  get vrPairs(): Int32Array {
    return this.#vrPairs;
  }

  /** The masks of the condition register by condition code in the same form. */
  get vcrPairs(): readonly Int32Array[] {
    return this.#vcrPairs;
  }

  /** XER as a word: SO 0x80000000, OV 0x40000000, CA 0x20000000. */
  get xer(): number {
    return (this.so << 31) | (this.ov << 30) | (this.ca << 29) | this.xerRest;
  }

  set xer(value: number) {
    this.so = value >>> 31;
    this.ov = (value >>> 30) & 1;
    this.ca = (value >>> 29) & 1;
    // Bits 18 and 19 belong to later versions of the architecture.
    this.xerRest = this.power ? value & 0x1ff3_ffff : 0;
  }

  /** Everything to the state after reset; vector and general registers, undefined there, become 0. */
  reset(): void {
    this.gpr.fill(0);
    this.cr = 0;
    this.xer = 0;
    this.lr = 0;
    this.ctr = 0;
    this.msr = 0;
    this.pc = 0;
    this.nextPc = 4;
    this.spr.fill(0);
    this.vr.fill(0);
    this.acc.fill(0);
    this.vcr[1].fill(0);
    this.vcr[2].fill(0);
    this.vcr[3].fill(0);
  }

  /** Copies the 128 bytes of vector register n to `target`, byte element 0 first. */
  readVector(n: number, target: Uint8Array): void {
    for (let j = 0; j < LANES; j++) {
      const x = this.vr[LANES * n + j]!;
      target[2 * j] = x >> 8;
      target[2 * j + 1] = x;
    }
  }

  /** Sets vector register n from 128 bytes, byte element 0 first. */
  writeVector(n: number, source: Uint8Array): void {
    for (let j = 0; j < LANES; j++) {
      this.vr[LANES * n + j] = (source[2 * j]! << 8) | source[2 * j + 1]!;
    }
  }
}
