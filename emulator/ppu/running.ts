/** From cycle to cycle: running to a limit, to an access outside, to an empty pipeline, to whatever stops the core. */
import type { PpuBus } from './bus.js';
import { Halts } from './halts.js';
import { Interruptible } from './interrupts.js';
import type { PpuMemory } from './memory.js';
import type { Operation } from './operation.js';
import type { PpuOptions } from './options.js';
import type { Leave } from './pipeline.js';
import { StrictChecks } from './strict.js';
import { NEVER } from './timers.js';
import { CatchUp, Wait } from './vector-unit.js';

/**
 * Why `run` returned.
 * - `time`: local time has reached the limit.
 * - `sleep`: the core sleeps and nothing inside it wakes it before the limit; local time is the limit.
 *   `wakeCycle` says when a timer would wake it (Infinity: never without doorbell or pin).
 * - `access`: an access through the bus is due at `accessCycle` and has not been made; the next `run` makes it.
 * - `strict`: strict mode met something undefined; `fault` says what. The core stays there.
 * - `breakpoint`: the next instruction to execute is at a breakpoint; the next `run` executes it.
 */
export type PpuStop = 'time' | 'sleep' | 'access' | 'strict' | 'breakpoint';

/** What strict mode found: the instruction's byte address, its word and the reason in one clause. */
export interface PpuFault {
  readonly address: number;
  readonly word: number;
  readonly reason: string;
}

/** Periods are renumbered when they reach this, to stay within int32. A multiple of 16. */
const REBASE = 0x1000_0000;

/** What a core does when it is told to run. Its public face is `PpuCore`. */
export abstract class Running extends Interruptible {
  /** What strict mode found, after `run` returned `strict`. */
  fault: PpuFault | undefined = undefined;
  /** Where a debugger wants the core to stop; `run` then returns `breakpoint` and `halts.reached` says why. */
  readonly halts = new Halts();

  protected readonly strict: StrictChecks | null;
  /** Local time as reported, a period. */
  protected now = 0;

  constructor(
    instructionMemory: PpuMemory,
    dataMemory: PpuMemory,
    bus: PpuBus,
    options: PpuOptions,
  ) {
    super(instructionMemory, dataMemory, bus, options);
    this.strict = options.strict ? new StrictChecks() : null;
  }

  /** Local time: everything that happens before this cycle has happened. */
  get cycle(): number {
    return this.epoch + this.now;
  }

  /** Cycle of period 0, in which a recorder's periods count; changes now and then in long runs. */
  get periodZero(): number {
    return this.epoch;
  }

  /** True while the core sleeps in `wait` (the status bit that the host sees). */
  get sleeping(): boolean {
    return this.asleep && this.sleepAt <= this.now;
  }

  /** First cycle of the present sleep, as the golden files count `cycles`; undefined when awake. */
  get sleepCycle(): number | undefined {
    return this.asleep ? this.epoch + this.sleepAt : undefined;
  }

  /** Cycles spent asleep since the start. */
  get sleptCycles(): number {
    return this.slept + (this.sleeping ? this.now - this.sleepAt : 0);
  }

  /** While asleep: the cycle at which a timer, doorbell or pin that is due wakes the core; Infinity if none will. */
  get wakeCycle(): number {
    const at = this.asleep ? this.wakeRequest() : NEVER;
    return at === NEVER ? Infinity : this.epoch + Math.max(at, this.sleepAt + 1) + 1;
  }

  /** Runs until local time reaches cycle `until` (may be Infinity) or something stops it; see `PpuStop`. */
  run(until: number): PpuStop {
    for (;;) {
      if (this.now >= 2 * REBASE) this.rebase();
      const limit = Math.min(until - this.epoch, this.now + REBASE);
      if (limit <= this.now && this.granted < 0) return this.sleeping ? 'sleep' : 'time';
      const stop = this.runTo(Math.max(limit, this.now));
      if (this.cycle >= until || (stop !== 'time' && stop !== 'sleep')) return stop;
      if (stop === 'sleep' && this.wakeRequest() === NEVER) {
        if (until !== Infinity) this.skipTo(until);
        return 'sleep';
      }
    }
  }

  /** Asleep for good as far as the core itself is concerned: local time may jump. */
  private skipTo(until: number): void {
    while (this.cycle < until) {
      if (this.now >= 2 * REBASE) this.rebase();
      this.now = Math.min(until - this.epoch, this.now + REBASE);
    }
  }

  private rebase(): void {
    const by = REBASE;
    this.rebasePipeline(by);
    this.now -= by;
    this.sleepAt -= by;
    this.epoch += by;
    this.vector.epoch = this.epoch;
    this.epochShift++;
  }

  private runTo(limit: number): PpuStop {
    if (this.granted >= 0) this.vector.permitted = this.granted;
    this.planInterrupt();
    let stop: PpuStop | 'look' = 'look';
    while (stop === 'look') {
      stop = this.drain(limit);
      if (stop !== 'look') break;
      if (this.asleep) {
        if (this.wake(limit)) continue;
        stop = 'sleep';
        break;
      }
      const leave =
        this.options.accounting === 'exact' ? this.issue(limit) : this.issueUncounted(limit);
      if (leave === 'hot') this.fastForward(limit);
      else if (leave === 'look') stop = this.look(limit);
      else stop = leave === 'late' ? 'time' : leave;
    }
    if (stop === 'access') {
      this.granted = this.accessCycle - this.epoch;
      this.now = Math.max(this.now, this.granted);
      return stop;
    }
    if (stop === 'time' || stop === 'sleep') {
      if (this.vector.catchUp(limit) === CatchUp.access) {
        this.granted = this.vector.next;
        this.accessCycle = this.epoch + this.granted;
        this.now = Math.max(this.now, this.granted);
        return 'access';
      }
      this.now = Math.max(this.now, limit);
    } else {
      // What the vector unit has still to do before that, a bus access perhaps, has not happened.
      const undone = this.vector.isEmpty ? limit : Math.min(limit, this.vector.next);
      this.now = Math.max(this.now, Math.min(Math.max(this.enter, this.floor), undone));
    }
    // The access that was announced has been made, or is still due in its period and may be made then.
    if (this.granted < this.now) this.granted = this.vector.permitted = -1;
    return stop;
  }

  /** Waits for the empty pipeline if someone asked for it. */
  private drain(limit: number): PpuStop | 'look' {
    if (this.drainFrom < 0) return 'look';
    const p = this.firstEmpty(this.drainFrom, limit);
    if (p === Wait.access) return 'access';
    if (p === Wait.late) return 'time';
    this.blockFrom = this.drainFrom;
    this.blockTo = p;
    this.drainFrom = -1;
    if (this.waiting) {
      this.waiting = false;
      this.asleep = true;
      this.sleepAt = p + 1;
    } else {
      if (p + 1 > this.floor) this.floor = p + 1;
      this.sequencerFrom = p + 1;
    }
    return 'look';
  }

  /**
   * First period from `from` on in which nothing is under way, if nothing issues before; `Wait.late` if that is not
   * known before `limit`, `Wait.access` if a bus access has to be announced first.
   */
  private firstEmpty(from: number, limit: number): number {
    const { board, queue, vector } = this;
    const p = Math.max(from, board.lastScheduled() + 1, board.quotientAt, queue.emptyFrom());
    if (vector.isEmpty && vector.isDrained(p)) return p;
    const found = vector.drainedFrom(p, limit);
    if (found === Wait.access) this.accessCycle = this.epoch + vector.next;
    return found;
  }

  /** The candidate could not issue before the loop's stop: finds out why. */
  private look(limit: number): PpuStop | 'look' {
    if (this.drainFrom >= 0) return 'look';
    const { queue } = this;
    const s = this.candidate;
    if (queue.resolveAt <= s) queue.postpone(s);
    if (this.interruptAt <= s) {
      let r = Math.max(this.interruptAt, Math.min(this.enter, s));
      if (this.branchRedirectAt >= this.interruptAt && this.branchRedirectAt === this.enter - 4) {
        r = this.branchRedirectAt;
      }
      if (r >= this.blockFrom && r <= this.blockTo) r = this.blockTo + 1;
      this.interruptAt = r;
      if (r <= s && r < limit) {
        const resume = r === s ? this.pc : this.resumeAddress(this.pc);
        if (r === s) this.cancelled(r);
        this.interrupt(r, resume);
        return 'look';
      }
    }
    return s >= limit ? 'time' : 'look';
  }

  // ---------------------------------------------------------------- strict mode and breakpoints

  protected override get isCareful(): boolean {
    return this.strict !== null || this.lostResults !== null || this.halts.isActive;
  }

  protected override beforeIssue(op: Operation, pc: number): Leave | 'go' {
    if (this.halts.isActive && this.halts.stopsAt(op, pc, this.position, this.machine)) {
      return 'breakpoint';
    }
    this.lostResults?.note(op, this.position, this.lastIssue);
    const reason = this.strict?.check(op);
    if (reason === undefined) return 'go';
    this.fault = { address: pc >>> 0, word: op.word >>> 0, reason };
    return 'strict';
  }

  protected override refused(op: Operation, pc: number): Leave {
    const address = this.data.refused.toString(16).padStart(8, '0');
    this.fault = {
      address: pc >>> 0,
      word: op.word >>> 0,
      reason: `nothing is mapped at address 0x${address}`,
    };
    return 'strict';
  }
}
