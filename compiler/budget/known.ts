/** Registers and memory of which some contents are known: just enough to follow loops and addresses. */
import { Machine, type Port } from '../../isa/machine.js';

const memoryWords = 4096;

/** What can be said of the address in a register whose content is not known. */
export const region = { sram: 0, external: 1, omnibus: 2 } as const;

/** What is known at one point of a way through the code. */
export class KnownState {
  readonly gpr = new Int32Array(32);
  cr = 0;
  xer = 0;
  lr = 0;
  ctr = 0;
  /** A flag for each score-board slot (0..43). */
  readonly known = new Uint8Array(44);
  xerKnown = false;
  /** Region of the address in a register that is not known. */
  readonly regions = new Uint8Array(32);
  /** SRAM and a flag per word; shared with other states until something is stored. */
  words: Int32Array;
  wordKnown: Uint8Array;
  isShared: boolean;

  constructor(memory?: KnownState) {
    this.words = memory?.words ?? new Int32Array(memoryWords);
    this.wordKnown = memory?.wordKnown ?? new Uint8Array(memoryWords);
    this.isShared = memory !== undefined;
  }

  clone(): KnownState {
    this.isShared = true;
    const other = new KnownState(this);
    other.gpr.set(this.gpr);
    other.cr = this.cr;
    other.xer = this.xer;
    other.lr = this.lr;
    other.ctr = this.ctr;
    other.known.set(this.known);
    other.xerKnown = this.xerKnown;
    other.regions.set(this.regions);
    return other;
  }

  /** Makes the memory the state's own, before a change. */
  own(): void {
    if (!this.isShared) return;
    this.words = this.words.slice();
    this.wordKnown = this.wordKnown.slice();
    this.isShared = false;
  }

  setWord(address: number, value: number): void {
    this.own();
    this.words[address >> 2] = value;
    this.wordKnown[address >> 2] = 1;
  }

  forgetWord(address: number): void {
    this.own();
    this.wordKnown[address >> 2] = 0;
  }

  /** Keeps only what is the same in both. */
  meet(other: KnownState): void {
    for (let r = 0; r < 32; r++) {
      if (this.known[r] === 1 && other.known[r] === 1 && this.gpr[r] === other.gpr[r]) continue;
      const mine = this.known[r] === 1 ? regionOf(this.gpr[r]!) : this.regions[r]!;
      const theirs = other.known[r] === 1 ? regionOf(other.gpr[r]!) : other.regions[r]!;
      this.known[r] = 0;
      // The external memory is the slowest of all.
      this.regions[r] = mine === theirs ? mine : region.external;
    }
    for (let field = 0; field < 8; field++) {
      const differs = ((this.cr ^ other.cr) >>> (28 - 4 * field)) & 15;
      if (differs !== 0 || other.known[32 + field] === 0) this.known[32 + field] = 0;
    }
    if (this.ctr !== other.ctr || other.known[40] === 0) this.known[40] = 0;
    if (this.lr !== other.lr || other.known[41] === 0) this.known[41] = 0;
    this.known[42] = this.known[43] = 0;
    this.xerKnown &&= other.xerKnown && this.xer === other.xer;
    if (this.words === other.words && this.wordKnown === other.wordKnown) return;
    this.own();
    for (let i = 0; i < memoryWords; i++)
      if (other.wordKnown[i] === 0 || this.words[i] !== other.words[i]) this.wordKnown[i] = 0;
  }
}

/** A machine that works on one state at a time. */
export class KnownMachine implements Port {
  readonly machine: Machine = new Machine(this);
  private state: KnownState = new KnownState();
  /** The last instruction met something unknown in memory or a special register. */
  missed = false;
  /** What is stored is not known. */
  vague = false;

  /** Registers go back to the state worked on before, those of `state` come in. */
  use(state: KnownState): void {
    if (state === this.state) return;
    this.save();
    const { machine } = this;
    machine.gpr.set(state.gpr);
    machine.cr = state.cr;
    machine.xer = state.xer;
    machine.lr = state.lr;
    machine.ctr = state.ctr;
    this.state = state;
  }

  /** Writes the registers to their state. */
  save(): void {
    const { machine, state } = this;
    state.gpr.set(machine.gpr);
    state.cr = machine.cr;
    state.xer = machine.xer;
    state.lr = machine.lr;
    state.ctr = machine.ctr;
  }

  private index(address: number): number {
    const a = address >>> 0;
    return a < 4 * memoryWords ? a >>> 2 : -1;
  }

  private load(address: number): number {
    const i = this.index(address);
    if (i >= 0 && this.state.wordKnown[i] === 1) return this.state.words[i]!;
    this.missed = true;
    return 0;
  }

  private store(address: number, value: number, mask: number): void {
    const i = this.index(address);
    if (i < 0) return;
    const { state } = this;
    if (this.vague && state.wordKnown[i] === 0) return;
    state.own();
    state.words[i] = (state.words[i]! & ~mask) | (value & mask);
    if (this.vague) state.wordKnown[i] = 0;
    else if (mask === -1) state.wordKnown[i] = 1;
  }

  load8(address: number): number {
    return (this.load(address) >>> (24 - 8 * (address & 3))) & 0xff;
  }
  load16(address: number): number {
    return (this.load(address) >>> (16 - 8 * (address & 2))) & 0xffff;
  }
  load32(address: number): number {
    return this.load(address);
  }
  store8(address: number, value: number): void {
    const shift = 24 - 8 * (address & 3);
    this.store(address, value << shift, 0xff << shift);
  }
  store16(address: number, value: number): void {
    const shift = 16 - 8 * (address & 2);
    this.store(address, value << shift, 0xffff << shift);
  }
  store32(address: number, value: number): void {
    this.store(address, value, -1);
  }
  /** Vectors are never followed: the words they leave are unknown. */
  storeVector(address: number): void {
    const first = this.index(address);
    if (first < 0) return;
    const last = Math.min(memoryWords, first + 32);
    if (!this.state.wordKnown.subarray(first, last).includes(1)) return;
    this.state.own();
    this.state.wordKnown.fill(0, first, last);
  }
  loadVector(): void {}
  busIn(): void {}
  busOut(): void {}
  ioRead(): number {
    return 0;
  }
  ioWrite(): void {}
  readSpr(): number {
    this.missed = true;
    return 0;
  }
  writeSpr(): void {}
  trap(): void {}
  misaligned(): void {}
  wait(): void {}
  sync(): void {}
}

/** The region that an address lies in; small numbers of either sign belong to SRAM addresses or to none. */
export function regionOf(address: number): number {
  const a = address >>> 0;
  if (a >= 0xffff_0000 || a < 0x4000_0000) return region.sram;
  return a < 0x8000_0000 ? region.external : region.omnibus;
}
