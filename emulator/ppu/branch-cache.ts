/**
 * Branch prediction as the fetch stage does it: 16 fully associative entries, looked up one period before an
 * address is fetched. The issue loop goes instruction by instruction; this model reaches back the few periods by
 * which a pipelined fetch is ahead of issue.
 *
 * Instructions are counted as they pass the issue stage ("position"). Position k is on the instruction memory's
 * address until the period before the last part of position k-2 enters the issue stage; its entry was looked up
 * one period before that.
 */

const ENTRIES = 16;
/** No address: an unused entry, no prediction. */
export const NO_TARGET = -1;
const PENDING = 8;
const LATER = 0x7fff_ffff;

export class BranchCache {
  /** Last period in which position k+2 was on the memory's address, for the last 16 positions k. */
  readonly advanced = new Int32Array(16);
  /** Byte addresses of the last 16 positions. */
  readonly passed = new Int32Array(16);

  private readonly address = new Int32Array(ENTRIES).fill(NO_TARGET);
  private readonly counter = new Int32Array(ENTRIES);
  private readonly target = new Int32Array(ENTRIES);
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

  reset(): void {
    this.address.fill(NO_TARGET);
    this.used = 0;
    this.placedAt = -100;
    this.streamStart = 0;
    this.advanced.fill(-2);
    this.head = this.count = 0;
  }

  /** Renumbers periods by `-by`, a multiple of 16. */
  rebase(by: number): void {
    for (let i = 0; i < 16; i++) this.advanced[i] = this.advanced[i]! - by;
    for (let i = 0; i < PENDING; i++) this.updatePeriod[i] = this.updatePeriod[i]! - by;
    this.placedAt -= by;
  }

  /** Whether a redirect has to know what the stream that it ends held. */
  get needsStream(): boolean {
    return this.count > 0;
  }

  /** Predicted target of the branch at `position`, or `NO_TARGET`. */
  predict(position: number, address: number): number {
    if (position === this.streamStart) return NO_TARGET;
    return this.lookUp(address, this.advanced[(position - 2) & 15]! - 1);
  }

  /** Look-up in the table as it stands in period `q`; periods never go back. */
  private lookUp(address: number, q: number): number {
    while (this.count > 0 && this.updatePeriod[this.head]! < q) this.apply();
    const entry = this.address.indexOf(address);
    return entry >= 0 && this.counter[entry]! >= 2 ? this.target[entry]! : NO_TARGET;
  }

  /** The branch at `position`, issued in period `t`, resolves in t+1; the table follows. */
  resolve(position: number, t: number, address: number, taken: boolean, target: number): void {
    if (this.count === PENDING) this.apply();
    const i = (this.head + this.count++) & (PENDING - 1);
    this.updatePeriod[i] = t + 1;
    this.updateAddress[i] = address;
    this.updateTarget[i] = target;
    this.updatePosition[i] = position;
    this.updateState[i] = taken ? State.taken : State.stray;
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
    if (this.count > 0) this.settle(position, r, following, held, multiPart);
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
    let oldestStray = -1;
    for (let i = 0; i < this.count; i++) {
      const at = (this.head + i) & (PENDING - 1);
      if (this.updateState[at] === State.stray) oldestStray = at;
    }
    if (oldestStray < 0) return;
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
      if (this.updateState[at] !== State.stray) continue;
      this.updateTarget[at] = this.strayTarget(at);
      this.updateState[at] = State.settled;
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
    const period = this.updatePeriod[update]!;
    const address = this.updateAddress[update]!;
    const taken = this.updateState[update] === State.taken;
    let entry = this.address.indexOf(address);
    if (entry >= 0) {
      const counter = this.counter[entry]!;
      this.counter[entry] = taken ? Math.min(counter + 1, 3) : Math.max(counter - 1, 0);
    } else {
      entry = this.place(period);
      this.address[entry] = address;
      this.counter[entry] = taken ? 3 : 2;
    }
    this.target[entry] =
      this.updateState[update] === State.stray && this.counter[entry]! >= 2
        ? this.strayTarget(update)
        : this.updateTarget[update]!;
    this.head = (this.head + 1) & (PENDING - 1);
    this.count--;
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

/** What the target of a pending update is: real; still to be found; found. */
const State = { taken: 0, stray: 1, settled: 2 } as const;
