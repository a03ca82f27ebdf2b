/**
 * Scalar loads and stores on their way: requests in order, answers in order, loaded values written when the
 * register file's port is free of scheduled results.
 */
import { memoryQueueCrowded } from '../../isa/timing.js';
import type { Operation } from './operation.js';
import type { Recorder } from './recorder.js';
import { PENDING, type Scoreboard } from './scoreboard.js';

const SIZE = 64;
/** From this many entries on nothing more is issued. */
const CROWDED = memoryQueueCrowded;
/** Periods after which the writes of waiting loads must be worked out, for the port's memory is 64 periods. */
const HORIZON = 40;
/** Up to this latency an access that waits for nothing leaves before 13 more can follow. */
const QUICK = 7;
/** As many open requests as there are places: no limit. */
const PLENTY = 16;
const NEVER = 0x7fff_ffff;
/** Register of an entry that writes none. */
export const NO_REGISTER = -1;

export class MemoryQueue {
  recorder: Recorder | null = null;
  /** General registers, for the recorder. */
  gpr: Int32Array = new Int32Array(32);
  /** Period in which `resolveUpTo` has to be called at the latest. */
  resolveAt = NEVER;

  private readonly register = new Int32Array(SIZE);
  private readonly visible = new Int32Array(SIZE);
  private readonly answer = new Int32Array(SIZE);
  /** Last period in the queue; valid below `resolved`. */
  private readonly leave = new Int32Array(SIZE);
  /** Last period in the queue of the entry before; likewise. */
  private readonly leftBefore = new Int32Array(SIZE);
  /** Running numbers of entries: [head, resolved) have their last period, [resolved, tail) do not. */
  private head = 0;
  private resolved = 0;
  private tail = 0;
  private lastRequest = -1;
  private lastAnswer = -1;
  private lastLeave = -1;
  private lastIssue = -100;

  constructor(
    private readonly board: Scoreboard,
    private readonly outstanding: number,
  ) {}

  reset(): void {
    this.head = this.resolved = this.tail = 0;
    this.lastRequest = this.lastAnswer = this.lastLeave = -1;
    this.lastIssue = -100;
    this.resolveAt = NEVER;
  }

  rebase(by: number): void {
    for (let i = 0; i < SIZE; i++) {
      this.visible[i] = Math.max(-1, this.visible[i]! - by);
      this.answer[i] = Math.max(-1, this.answer[i]! - by);
      this.leave[i] = Math.max(-1, this.leave[i]! - by);
      this.leftBefore[i] = Math.max(-1, this.leftBefore[i]! - by);
    }
    this.lastRequest -= by;
    this.lastAnswer -= by;
    this.lastLeave -= by;
    this.lastIssue -= by;
    if (this.resolveAt !== NEVER) this.resolveAt -= by;
  }

  /** Period in which the request of an access issued in `s` is accepted. */
  requestAt(s: number): number {
    let q = s + 3;
    if (q <= this.lastRequest) q = this.lastRequest + 1;
    if (this.outstanding < PLENTY && this.tail >= this.outstanding) {
      const freed = this.answer[(this.tail - this.outstanding) & (SIZE - 1)]!;
      if (freed > q) q = freed;
    }
    return q;
  }

  /** First period from `s` on in which an access may issue as far as places go. */
  roomAt(s: number): number {
    if (this.tail - this.head < CROWDED) return s;
    // The head itself moves only when something issues: the same question may be asked again for an earlier period.
    for (let first = this.head; ;) {
      this.resolveUpTo(s + 1);
      while (first < this.resolved && this.leave[first & (SIZE - 1)]! < s) first++;
      let count = 0;
      for (let i = first; i < this.tail; i++) if (this.visible[i & (SIZE - 1)]! <= s) count++;
      if (count < CROWDED) return s;
      s++;
    }
  }

  /** Enters an access issued in `s`, accepted in `q`, answered `latency` later, loading `register`. */
  push(register: number, s: number, q: number, latency: number): void {
    const i = this.tail++ & (SIZE - 1);
    let answer = q + latency;
    if (answer < this.lastAnswer) answer = this.lastAnswer;
    this.register[i] = register;
    this.visible[i] = s + 3;
    this.answer[i] = answer;
    this.lastRequest = q;
    this.lastAnswer = answer;
    this.lastIssue = s;
    if (register >= 0) this.board.ready[register] = PENDING;
    this.resolveAt = s + HORIZON;
    if (this.tail - this.head >= 16) this.trim(s);
    else if (this.tail - this.resolved > 4) this.resolveUpTo(s + 1);
  }

  private trim(s: number): void {
    this.resolveUpTo(s + 1);
    while (this.head < this.resolved && this.leave[this.head & (SIZE - 1)]! < s) this.head++;
  }

  /**
   * Enters a store issued in `s` if that takes no place worth counting: nothing waits before it, and what passes
   * so quickly can never crowd the queue. False if it must be entered by `push`.
   */
  pushStore(s: number, latency: number): boolean {
    if (latency > QUICK || this.outstanding < PLENTY) return false;
    if (this.resolved !== this.tail) this.resolveUpTo(s + 1);
    if (this.resolved !== this.tail) return false;
    const q = this.lastRequest < s + 3 ? s + 3 : this.lastRequest + 1;
    let leave = q + latency + 1;
    if (leave <= this.lastLeave) leave = this.lastLeave + 1;
    this.lastRequest = q;
    this.lastAnswer = leave - 1;
    this.lastLeave = leave;
    this.lastIssue = s;
    return true;
  }

  /** Works out the writes of periods up to `bound`; all that is scheduled for them must be known. */
  resolveUpTo(bound: number): void {
    while (this.resolved < this.tail && this.resolveOne(bound));
    if (this.resolved === this.tail) this.resolveAt = NEVER;
  }

  /**
   * A candidate that could not issue before `resolveAt` is looked at again: nothing issues before it, in period
   * `s`, so what is written before that is known.
   */
  postpone(s: number): void {
    this.resolveUpTo(s);
    if (this.resolved < this.tail) this.resolveAt = s + HORIZON;
  }

  private resolveOne(bound: number): boolean {
    const i = this.resolved & (SIZE - 1);
    let w = this.answer[i]! + 1;
    if (w <= this.lastLeave) w = this.lastLeave + 1;
    const register = this.register[i]!;
    if (register >= 0) {
      const { port, quotientAt } = this.board;
      while (port[w & 63] === w || w === quotientAt) w++;
      if (w > bound) return false;
      this.board.ready[register] = w;
      this.recorder?.registerWrite(w, register, this.gpr[register]!);
    }
    this.leave[i] = w;
    this.leftBefore[i] = this.lastLeave;
    this.lastLeave = w;
    this.resolved++;
    return true;
  }

  /**
   * The issue period of an operation that waits for a load, at least `s`. While it waits nothing else issues, so
   * all scheduled writes are known.
   */
  await(op: Operation, s: number): number {
    const { ready } = this.board;
    for (;;) {
      let at = Math.max(s, ready[op.wait0]!, ready[op.wait1]!, ready[op.wait2]!);
      if (op.waitMore !== null) for (const slot of op.waitMore) at = Math.max(at, ready[slot]!);
      if (at < PENDING) return at;
      this.resolveOne(NEVER);
    }
  }

  /** The ready period of one register, likewise. */
  awaitRegister(register: number): number {
    while (this.board.ready[register]! >= PENDING) this.resolveOne(NEVER);
    return this.board.ready[register]!;
  }

  /** First period in which the queues count as empty, if nothing more issues. */
  emptyFrom(): number {
    this.resolveUpTo(NEVER);
    return Math.max(this.lastLeave + 1, this.lastIssue + 3);
  }

  /** Whether `save` and `load` tell everything: answers of the past play no part. */
  get isForgetful(): boolean {
    return this.outstanding >= PLENTY;
  }

  /**
   * Brings the entries to one form in front of an instruction that enters the issue stage in period `enter`: how far
   * they had been worked out makes no difference.
   */
  settle(enter: number): void {
    // Nothing that issues later writes before enter + 2.
    this.resolveUpTo(enter + 1);
    const { register, leave } = this;
    while (this.head < this.resolved && leave[this.head & (SIZE - 1)]! < enter) this.head++;
    let first = this.head;
    const isKnown = (i: number): boolean => register[i]! < 0 || leave[i]! <= enter + 1;
    while (first < this.resolved && isKnown(first & (SIZE - 1))) first++;
    if (first === this.resolved) return;
    this.lastLeave = this.leftBefore[first & (SIZE - 1)]!;
    for (let n = first; n < this.resolved; n++) {
      const loaded = register[n & (SIZE - 1)]!;
      if (loaded >= 0) this.board.ready[loaded] = PENDING;
    }
    this.resolved = first;
  }

  /**
   * Appends all that still matters to instructions that enter the issue stage in period `enter` or later, as numbers
   * that do not depend on when that is. Everything issued before must have been entered, and `settle` called.
   */
  save(out: number[], enter: number): void {
    out.push(this.tail - this.head, this.resolved - this.head);
    out.push(Math.max(0, this.lastRequest - enter - 2), Math.max(0, this.lastAnswer - enter - 4));
    out.push(Math.max(0, this.lastLeave - enter), Math.max(0, this.lastIssue - enter + 2));
    for (let n = this.head; n < this.tail; n++) {
      const i = n & (SIZE - 1);
      const visible = Math.max(0, this.visible[i]! - enter);
      if (n < this.resolved) out.push(visible, this.leave[i]! - enter);
      else out.push(visible, Math.max(1, this.answer[i]! - enter), this.register[i]! + 1);
    }
  }

  /** Takes what `save` wrote from place `at` on, for another `enter`; the place behind it. */
  load(saved: ArrayLike<number>, at: number, enter: number): number {
    const { register, visible, answer, leave, leftBefore } = this;
    register.fill(NO_REGISTER);
    for (const column of [visible, answer, leave, leftBefore]) column.fill(0);
    this.head = 0;
    this.tail = saved[at]!;
    this.resolved = saved[at + 1]!;
    const [request, last, left, issue] = [
      saved[at + 2]!,
      saved[at + 3]!,
      saved[at + 4]!,
      saved[at + 5]!,
    ];
    this.lastRequest = request === 0 ? -1 : enter + 2 + request;
    this.lastAnswer = last === 0 ? -1 : enter + 4 + last;
    this.lastLeave = left === 0 ? -1 : enter + left;
    this.lastIssue = issue === 0 ? -100 : enter - 2 + issue;
    this.resolveAt = this.resolved === this.tail ? NEVER : enter + HORIZON;
    let next = at + 6;
    for (let i = 0; i < this.tail; i++) {
      visible[i] = enter + saved[next++]!;
      if (i < this.resolved) leave[i] = enter + saved[next++]!;
      else {
        answer[i] = enter + saved[next++]!;
        register[i] = saved[next++]! - 1;
      }
    }
    return next;
  }
}
