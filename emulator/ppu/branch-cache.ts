/**
 * Branch prediction as the fetch stage does it: 16 fully associative entries, looked up one period before an
 * address is fetched. The issue loop goes instruction by instruction; this model reaches back the few periods by
 * which a pipelined fetch is ahead of issue.
 *
 * Instructions are counted as they pass the issue stage ("position"). Position k is on the instruction memory's
 * address until the period before the last part of position k-2 enters the issue stage; its entry was looked up
 * one period before that.
 */
import { branchCacheEntries } from '../../isa/timing.js';

const ENTRIES = branchCacheEntries;
/** No address: an unused entry, no prediction. */
export const NO_TARGET = -1;
const PENDING = 8;
const LATER = 0x7fff_ffff;
const HINTS = 4096;

export class BranchCache {
  /** Last period in which position k+2 was on the memory's address, for the last 16 positions k. */
  readonly advanced = new Int32Array(16);
  /** Byte addresses of the last 16 positions. */
  readonly passed = new Int32Array(16);

  private readonly address = new Int32Array(ENTRIES).fill(NO_TARGET);
  private readonly counter = new Int32Array(ENTRIES);
  private readonly target = new Int32Array(ENTRIES);
  /** Entry + 1 by the low bits of the word address; wrong ones are told by their address. */
  private readonly hint = new Uint8Array(HINTS);
  /** Entries with addresses that share their hints with others. */
  private far = 0;
  private used = 0;
  /** Period in which an unused entry was taken last. */
  private placedAt = -100;
  /** Position of the first instruction after a redirect; it is never predicted. */
  private streamStart = 0;

  // Updates that look-ups may not see yet, oldest first.
  private readonly updatePeriod = new Int32Array(PENDING);
  private readonly updateAddress = new Int32Array(PENDING);
  private readonly updateTarget = new Int32Array(PENDING);
  private readonly updatePosition = new Int32Array(PENDING);
  private readonly updateState = new Uint8Array(PENDING);
  private head = 0;
  private count = 0;
  /** Pending updates whose target is still to be found. */
  strays = 0;

  reset(): void {
    this.address.fill(NO_TARGET);
    this.hint.fill(0);
    this.strays = this.far = 0;
    this.used = 0;
    this.placedAt = -100;
    this.streamStart = 0;
    this.advanced.fill(-2);
    this.head = this.count = 0;
  }

  /** Renumbers periods by `-by`, a multiple of 16. */
  rebase(by: number): void {
    for (let i = 0; i < 16; i++) this.advanced[i] = Math.max(-100, this.advanced[i]! - by);
    for (let i = 0; i < PENDING; i++)
      this.updatePeriod[i] = Math.max(-100, this.updatePeriod[i]! - by);
    this.placedAt -= by;
  }

  /** Clears what nobody will look at any more; `position` is that of the next instruction. */
  forgetPast(position: number): void {
    let stray = position;
    for (let i = 0; i < this.count; i++) {
      const at = (this.head + i) & (PENDING - 1);
      if (this.updateState[at] === STRAY) stray = Math.min(stray, this.updatePosition[at]! + 1);
    }
    for (let k = position - 16; k < position; k++) {
      if (k < position - 2 && k < stray) this.advanced[k & 15] = -2;
      if (k < stray) this.passed[k & 15] = 0;
    }
  }

  /** Whether a redirect has to know what the stream that it ends held. */
  get needsStream(): boolean {
    return this.strays > 0;
  }

  /**
   * The instruction at `position` has passed, and its places in `advanced` and `passed` are written; to be called
   * while there are strays.
   */
  follow(position: number): void {
    for (let i = 0; i < this.count; i++) {
      const at = (this.head + i) & (PENDING - 1);
      if (this.updateState[at] !== STRAY || position < this.updatePosition[at]! + 3) continue;
      if (this.advanced[(position - 2) & 15]! > this.updatePeriod[at]!) this.found(at);
    }
  }

  private found(update: number): void {
    this.updateTarget[update] = this.strayTarget(update);
    this.updateState[update] = SETTLED;
    this.strays--;
  }

  /** Look-up in the table as it stands in period `q`; periods never go back. */
  private lookUp(address: number, q: number): number {
    while (this.count > 0 && this.updatePeriod[this.head]! < q) this.apply();
    const entry = this.find(address);
    return entry >= 0 && this.counter[entry]! >= 2 ? this.target[entry]! : -1;
  }

  /** The entry of an address, or -1. */
  private find(address: number): number {
    const hint = this.hint[(address >>> 2) & (HINTS - 1)]! - 1;
    if (hint < 0) return -1;
    return this.address[hint] === address ? hint : this.address.indexOf(address);
  }

  /**
   * The branch at `position`, issued in period `t`, resolves in t+1; the table follows. Returns what had been predicted
   * for it: a target, or `NO_TARGET`.
   */
  branch(position: number, t: number, address: number, taken: boolean, target: number): number {
    let predicted = NO_TARGET;
    if (position !== this.streamStart) {
      const q = this.advanced[(position - 2) & 15]! - 1;
      while (this.count > 0 && this.updatePeriod[this.head]! < q) this.apply();
    }
    let entry = this.find(address);
    if (entry >= 0 && this.counter[entry]! >= 2 && position !== this.streamStart) {
      predicted = this.target[entry]!;
    }
    if (this.count === 0) {
      // A branch that goes on as it always did leaves the table as it is.
      if (entry >= 0) {
        const counter = this.counter[entry]!;
        if (taken ? counter === 3 && this.target[entry] === target : counter === 0)
          return predicted;
      }
    } else if (this.count === PENDING) {
      this.apply();
      entry = this.find(address);
    }
    const i = (this.head + this.count++) & (PENDING - 1);
    this.updatePeriod[i] = t + 1;
    this.updateAddress[i] = address;
    this.updateTarget[i] = target;
    this.updatePosition[i] = position;
    if (taken) {
      this.updateState[i] = TAKEN;
    } else if (this.needsNoTarget(entry, address, i)) {
      this.updateState[i] = SETTLED;
    } else {
      this.updateState[i] = STRAY;
      this.strays++;
    }
    return predicted;
  }

  /** A branch that is not taken and will not be predicted next time: whatever target it gets is not used. */
  private needsNoTarget(entry: number, address: number, update: number): boolean {
    if (entry < 0 || this.counter[entry]! > 2) return false;
    for (let i = this.head; i !== update; i = (i + 1) & (PENDING - 1)) {
      if (this.updateAddress[i] === address) return false;
    }
    return true;
  }

  /**
   * A redirect is driven in period `r`; `position` is that of the first instruction of the new stream.
   * `following` is the address that was fetched in its place, `held` whether the issue stage held it in `r`,
   * `multiPart` whether it issues more than once.
   */
  redirect(
    position: number,
    r: number,
    following: number,
    held: boolean,
    multiPart: boolean,
  ): void {
    if (this.strays > 0) this.settle(position, r, following, held, multiPart);
    this.streamStart = position;
    this.advanced[(position - 2) & 15] = r + 1;
    this.advanced[(position - 1) & 15] = r + 2;
  }

  /** Finds the stray targets that depend on the stream which a redirect ends. */
  private settle(
    position: number,
    r: number,
    following: number,
    held: boolean,
    multiPart: boolean,
  ): void {
    const { advanced, passed } = this;
    // What was fetched behind the last instruction that passed: three more addresses than it would take to issue.
    advanced[position & 15] = multiPart ? LATER : r - 1;
    advanced[(position + 1) & 15] = held ? LATER : r;
    let address = following;
    for (let k = position; k < position + 5; k++) {
      passed[k & 15] = address;
      const q = Math.min(advanced[(k - 2) & 15]!, r) - 1;
      const next = this.lookUp(address, q);
      address = next === NO_TARGET ? address + 4 : next;
    }
    for (let i = 0; i < this.count; i++) {
      const at = (this.head + i) & (PENDING - 1);
      if (this.updateState[at] === STRAY) this.found(at);
    }
  }

  /**
   * A branch that was not taken leaves in its entry the address behind the one that is looked up while it
   * resolves. That means nothing, but the next prediction may use it.
   */
  private strayTarget(update: number): number {
    const period = this.updatePeriod[update]!;
    let position = this.updatePosition[update]! + 3;
    while (this.advanced[(position - 2) & 15]! < period) position++;
    if (this.advanced[(position - 2) & 15] === period) position++;
    return this.passed[position & 15]! + 4;
  }

  private apply(): void {
    const update = this.head;
    const address = this.updateAddress[update]!;
    const state = this.updateState[update]!;
    let entry = this.find(address);
    let counter: number;
    if (entry < 0) {
      entry = this.place(this.updatePeriod[update]!);
      this.enter(entry, address);
      counter = state === TAKEN ? 3 : 2;
    } else {
      counter = this.counter[entry]!;
      if (state === TAKEN) counter = counter === 3 ? 3 : counter + 1;
      else counter = counter === 0 ? 0 : counter - 1;
    }
    this.counter[entry] = counter;
    let target = this.updateTarget[update]!;
    if (state === STRAY) {
      this.strays--;
      target = this.strayTarget(update);
    }
    this.target[entry] = target;
    this.head = (update + 1) & (PENDING - 1);
    this.count--;
  }

  /** Puts an address into an entry and keeps the hints right. */
  private enter(entry: number, address: number): void {
    const old = this.address[entry]!;
    this.address[entry] = address;
    if (address >>> 2 >= HINTS) this.far++;
    if (old >>> 2 >= HINTS && old !== NO_TARGET) this.far--;
    if (old !== NO_TARGET) this.renewHint(old);
    this.hint[(address >>> 2) & (HINTS - 1)] = entry + 1;
  }

  private renewHint(address: number): void {
    const at = (address >>> 2) & (HINTS - 1);
    this.hint[at] = 0;
    if (this.far === 0) return;
    for (let i = 0; i < ENTRIES; i++) {
      if (this.address[i] !== NO_TARGET && ((this.address[i]! >>> 2) & (HINTS - 1)) === at)
        this.hint[at] = i + 1;
    }
  }

  /**
   * The lowest unused entry or, if none, one by the period; decided on the table as it stood one period earlier,
   * so that of two new branches in consecutive periods the second takes the place of the first.
   */
  private place(period: number): number {
    if (this.placedAt === period - 1) return this.used - 1;
    if (this.used === ENTRIES) return period & (ENTRIES - 1);
    this.placedAt = period;
    return this.used++;
  }
}

// What the target of a pending update is: real; still to be found; found or of no use.
const TAKEN = 0;
const STRAY = 1;
const SETTLED = 2;
