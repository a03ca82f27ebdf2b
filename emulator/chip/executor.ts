/**
 * The playback executor of the FPGA: one message a tick, in order. It decides when a message acts; what the message
 * does to the chip is the owner's business.
 *
 * Times are cycles of 4 ns; the executor acts on even ones. It may be ahead of the chip while it only waits or sends
 * spikes, because those take effect later anyway.
 */

import { toFpgaHeaders as h } from '../../isa/playback/index.js';
import type { DigitalConstants } from './constants.js';
import type { ExecutorSide, Refusal } from './executor-side.js';
import { Jtag } from './jtag.js';
import type { Uplink } from './uplink.js';

const pollAddress = 0x88000006;
const timeoutAddress = 0x88000009;
const timerSpan = 0x100000000;
/** Words with such a header say nothing. */
const idleHeader = 0x80;
const isEven = (cycle: number): number => cycle + (cycle % 2);

/** See the module's first sentence. */
export class Executor {
  /** Cycle of the next step. */
  due = 0;
  /** The last message executed was a halt. */
  halted = false;
  /** Messages that broke the protocol: unknown header, data without address, address without data. */
  errors = 0;

  readonly jtag: Jtag;

  private readonly chunks: Uint32Array[] = [];
  private at = 0;
  private waiting = 0;
  private index = 0;
  private timerStart = 0;
  private writeAddress = -1;
  private writeEnables = 0;
  /** Cycle by which all answers of the Omnibus and of JTAG have come. */
  private answered = 0;
  private systimeDone = 0;
  private readonly openReads: number[] = [];
  /** A step that goes on: polling until equal, until different, halting. */
  private state: 'next' | 'pollEqual' | 'pollDiffer' | 'halting' = 'next';
  private blockedSince = 0;
  /** Strict mode has ended the program: what is left of it, up to its halt, is passed over. */
  private isRefused = false;
  /** Address, whether it was a read (1), message and cycle of what strict mode refused last; empty if it did not. */
  private readonly refused: number[] = [];

  constructor(
    private readonly side: ExecutorSide,
    private readonly uplink: Uplink,
    private readonly constants: DigitalConstants,
    private readonly isStrict: boolean,
  ) {
    this.jtag = new Jtag(
      (address) => side.read(address, this.due),
      (address, value) => side.write(address, value, 0xf, this.due),
    );
  }

  /** What strict mode ended the last program for; undefined if it did not. */
  get refusal(): Refusal | undefined {
    const [address, isRead, instruction, cycle] = this.refused;
    if (address === undefined) return undefined;
    return { address, isRead: isRead === 1, instruction: instruction ?? 0, cycle: cycle ?? 0 };
  }

  /** Words fed and not consumed. */
  get wordsWaiting(): number {
    return this.waiting;
  }

  /** True if there is something to do at `due`. */
  get hasWork(): boolean {
    return this.waiting > 0 || this.state !== 'next';
  }

  feed(words: Uint32Array): void {
    if (words.length < 2) return;
    this.chunks.push(words);
    this.waiting += words.length >> 1;
  }

  /** Playback timer at a cycle: 32 bits of FPGA ticks. */
  timerAt(cycle: number): number {
    return Math.floor((cycle - this.timerStart) / 2) % timerSpan;
  }

  /** Does what is due and sets the next `due`. */
  step(): void {
    if (this.state === 'next') this.execute();
    else if (this.state === 'halting') this.halt();
    else this.poll();
  }

  /**
   * Does what is due up to and including `limit` as long as it is waiting, sending spikes and passing idle words over: most
   * of a long stimulus. Like so many steps.
   */
  stream(limit: number): void {
    if (this.state !== 'next' || this.halted || this.isRefused || this.writeAddress >= 0) return;
    while (this.waiting > 0 && this.due <= limit && this.streamChunk(limit));
  }

  /** The same with words of one chunk. @returns false at a word of another kind */
  private streamChunk(limit: number): boolean {
    const { side, timerStart } = this;
    const { messageCycles } = this.constants;
    const chunk = this.chunks[0]!;
    const end = chunk.length - 1;
    const begin = this.at;
    let { at, due } = this;
    let idle = 0;
    while (at < end && due <= limit) {
      const high = chunk[at]!;
      const low = chunk[at + 1]!;
      const header = high >>> 24;
      if (header === h.waitUntil) {
        // From here on the timer has not wrapped around.
        const elapsed = (due - timerStart) / 2;
        if (elapsed < 0 || elapsed >= timerSpan) break;
        due = Math.max(due + messageCycles, due + 2 * (low - Math.floor(elapsed)));
      } else if (header === h.spikes1 || header === h.spikes2 || header === h.spikes3) {
        if (header === h.spikes3) side.hostSpike(high & 0xffff, due);
        if (header !== h.spikes1) side.hostSpike(low >>> 16, due);
        side.hostSpike(low & 0xffff, due);
        due += messageCycles;
      } else if (header >= idleHeader) idle++;
      else break;
      at += 2;
    }
    this.due = due;
    this.waiting -= (at - begin) / 2;
    this.index += (at - begin) / 2 - idle;
    this.at = at;
    if (at < end) return false;
    this.chunks.shift();
    this.at = 0;
    return true;
  }

  /** Forgets words, answers and blocks, and what was waited for beyond `cycle`: a new connection. */
  disconnect(cycle: number): void {
    this.due = Math.min(this.due, isEven(cycle));
    this.chunks.length = 0;
    this.at = 0;
    this.waiting = 0;
    this.state = 'next';
    this.index = 0;
    this.writeAddress = -1;
    this.halted = false;
    this.isRefused = false;
  }

  /** Ends the program at `cycle` as a stuck instruction would: a time-out notice, then the halt. */
  abandon(cycle: number): void {
    const end = isEven(Math.max(cycle, this.answered, this.jtag.busyUntil));
    this.side.bring(end);
    this.dropAnswered(end);
    this.uplink.timeout(end / 2, Math.max(0, this.index - 1), this.openReads.length);
    this.disconnect(end);
    this.due = end;
    this.halt();
  }

  /** The cycle count starts again; the timer goes on. */
  restartTime(): void {
    this.timerStart -= this.due;
    this.due = 0;
    this.answered = 0;
    this.systimeDone = 0;
    this.openReads.length = 0;
    this.jtag.clear();
  }

  private execute(): void {
    const now = this.due;
    const chunk = this.chunks[0]!;
    const high = chunk[this.at]!;
    const low = chunk[this.at + 1]!;
    this.at += 2;
    this.waiting--;
    if (this.at + 1 >= chunk.length) {
      this.chunks.shift();
      this.at = 0;
    }
    const header = high >>> 24;
    // Idle words keep nobody waiting.
    if (header >= idleHeader) return;
    if (this.isRefused && !(header === h.loopback && (low & 1) === 0)) return;
    if (this.halted) this.refused.length = 0;
    this.halted = false;
    this.due = now + this.constants.messageCycles;
    if (this.writeAddress >= 0 && header !== h.data) {
      this.errors++;
      this.writeAddress = -1;
    }
    this.index++;
    switch (header) {
      case h.waitUntil: {
        const late = this.timerAt(now) - low;
        if (late < 0) this.due = Math.max(this.due, now - 2 * late);
        return;
      }
      case h.spikes3:
        this.side.hostSpike(high & 0xffff, now);
        this.side.hostSpike(low >>> 16, now);
        this.side.hostSpike(low & 0xffff, now);
        return;
      case h.spikes2:
        this.side.hostSpike(low >>> 16, now);
        this.side.hostSpike(low & 0xffff, now);
        return;
      case h.spikes1:
        this.side.hostSpike(low & 0xffff, now);
        return;
      case h.address:
        if ((high & 0x10) === 0) {
          this.writeAddress = low;
          this.writeEnables = high & 15;
        } else this.read(low, now);
        return;
      case h.data:
        this.write(low, now);
        return;
      case h.timerSetup:
        this.timerStart = now;
        return;
      case h.barrier:
        this.barrier(low & 31, now);
        return;
      case h.poll:
        this.side.bring(now);
        if (this.refuses(this.register(pollAddress), true, now)) return;
        this.state = low & 1 ? 'pollEqual' : 'pollDiffer';
        this.blockedSince = now;
        return;
      case h.loopback:
        if (low & 1) {
          this.answered = Math.max(this.answered, now);
          this.uplink.mark(Math.ceil(this.answered / 2));
        } else {
          this.state = 'halting';
          this.due = isEven(Math.max(now, this.answered, this.jtag.busyUntil));
        }
        return;
      case h.systimeInit:
        this.side.bring(now);
        if (low & 1) this.side.synchronise(now);
        else this.uplink.reportTime(now / 2);
        this.systimeDone = now + this.constants.systimeInit;
        return;
      case h.reset:
        if (low & 1) {
          this.side.bring(now);
          this.side.reset();
        }
        return;
      default:
        this.executeJtag(header, high, low, now);
    }
  }

  private executeJtag(header: number, high: number, low: number, now: number): void {
    switch (header) {
      case h.jtagInit:
        this.jtag.reset();
        this.jtag.occupy(8, now);
        return;
      case h.jtagScaler:
        this.jtag.scaler = low & 0xff;
        return;
      case h.jtagIns:
        this.jtag.select(low);
        this.jtag.occupy(13, now);
        return;
      case h.jtagData: {
        this.side.bring(now);
        const bits = (high >>> 8) & 0xff;
        this.due = now;
        const out = this.jtag.shift(bits, low + (high & 1) * 0x100000000);
        this.due = now + this.constants.messageCycles;
        this.jtag.occupy(bits + 6, now);
        if (high & 0x10000) this.uplink.jtagAnswer(Math.ceil(this.jtag.busyUntil / 2), out);
        return;
      }
      default:
        this.errors++;
    }
  }

  /** Strict mode: an access that never answers ends the program at once. */
  private refuses(address: number, isRead: boolean, now: number): boolean {
    if (!this.isStrict || this.side.isMapped(address)) return false;
    this.dropAnswered(now);
    this.uplink.timeout(now / 2, this.index - 1, this.openReads.length);
    this.refused.length = 0;
    this.refused.push(address, isRead ? 1 : 0, this.index - 1, now);
    this.isRefused = true;
    return true;
  }

  private read(address: number, now: number): void {
    this.side.bring(now);
    if (this.refuses(address, true, now)) return;
    const value = this.side.read(address, now);
    this.answered = Math.max(this.answered, now + this.wayTo(address) + this.side.extraCycles());
    this.openReads.push(this.answered);
    if (this.openReads.length > 64) this.dropAnswered(now);
    this.uplink.answer(Math.ceil(this.answered / 2), value);
  }

  private write(value: number, now: number): void {
    const address = this.writeAddress;
    if (address < 0) {
      this.errors++;
      return;
    }
    this.writeAddress = -1;
    this.side.bring(now);
    if (this.refuses(address, false, now)) return;
    this.side.write(address, value, this.writeEnables, now);
    this.answered = Math.max(this.answered, now + this.wayTo(address));
  }

  private wayTo(address: number): number {
    return address >= 0x80000000 ? this.constants.fpgaAccess : this.constants.chipAccess;
  }

  private dropAnswered(now: number): void {
    let open = 0;
    while (open < this.openReads.length && this.openReads[open]! <= now) open++;
    this.openReads.splice(0, open);
  }

  private barrier(mask: number, now: number): void {
    let until = now;
    if (mask & 1) until = Math.max(until, this.answered);
    if (mask & 2) until = Math.max(until, this.jtag.busyUntil);
    if (mask & 4) until = Math.max(until, this.systimeDone);
    const limit = now + this.timeout();
    if (until > limit) {
      this.side.bring(limit);
      this.giveUp(limit);
    } else this.due = Math.max(this.due, isEven(until));
  }

  private poll(): void {
    const now = this.due;
    this.side.bring(now);
    const value = this.side.read(this.register(pollAddress), now);
    const extra = this.side.extraCycles();
    const target = this.register(pollAddress + 2);
    const isEqual = (value & this.register(pollAddress + 1)) >>> 0 === target;
    if (isEqual === (this.state === 'pollEqual')) {
      this.state = 'next';
      this.due = now + this.constants.messageCycles;
      return;
    }
    const again = now + isEven(this.wayTo(this.register(pollAddress)) + extra);
    const limit = this.blockedSince + this.timeout();
    if (again <= limit) this.due = again;
    else {
      this.side.bring(limit);
      this.state = 'next';
      this.giveUp(limit);
    }
  }

  /** One blocking instruction took too long: notice, then on with the next. */
  private giveUp(limit: number): void {
    this.dropAnswered(limit);
    this.uplink.timeout(limit / 2, this.index - 1, this.openReads.length);
    this.due = limit + this.constants.messageCycles;
  }

  private halt(): void {
    const now = this.due;
    this.side.bring(now);
    this.uplink.halt(now / 2);
    this.state = 'next';
    this.isRefused = false;
    this.halted = true;
    this.index = 0;
    this.due = now + this.constants.messageCycles;
  }

  private timeout(): number {
    return 2 * this.register(timeoutAddress);
  }

  private register(address: number): number {
    return this.side.read(address, this.due);
  }
}
