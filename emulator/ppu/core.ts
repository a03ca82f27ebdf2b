/** One plasticity processor: scalar core, vector unit, timers and interrupts, exact in every bit and cycle. */
import { MSR_MASK } from '../../isa/machine.js';
import { GOE, GOUT, ICCR } from '../../isa/special-registers.js';
import type { PpuBus } from './bus.js';
import { Halts } from './halts.js';
import type { PpuMemory } from './memory.js';
import type { Operation } from './operation.js';
import { defaultPpuOptions, type PpuOptions } from './options.js';
import { Interruptible } from './interrupts.js';
import type { Leave } from './pipeline.js';
import type { Recorder } from './recorder.js';
import {
  restorePart,
  savePart,
  SnapshotError,
  type PpuSnapshot,
  type SavedPart,
} from './snapshot.js';
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

export interface PpuParts {
  readonly instructionMemory: PpuMemory;
  /** May be the same object as `instructionMemory`. */
  readonly dataMemory: PpuMemory;
  readonly bus: PpuBus;
  readonly options?: Partial<PpuOptions>;
}

/** Periods are renumbered when they reach this, to stay within int32. A multiple of 16. */
const REBASE = 0x1000_0000;

/** Fields that mean nothing between two instructions, or that are found anew. */
const SCRATCH = ['operations', 'heat', 'keptRegisters', 'candidate', 'issuePeriod'];

/** See `PpuParts`. Times are integer cycles of the owner's clock; `start` places the core's period 0 on it. */
export class PpuCore extends Interruptible {
  /** What strict mode found, after `run` returned `strict`. */
  fault: PpuFault | undefined = undefined;
  /** Where a debugger wants the core to stop; `run` then returns `breakpoint` and `halts.reached` says why. */
  readonly halts = new Halts();

  private readonly strict: StrictChecks | null;
  /** Local time as reported, a period. */
  private now = 0;

  constructor(parts: PpuParts) {
    const options = { ...defaultPpuOptions, ...parts.options };
    super(parts.instructionMemory, parts.dataMemory, parts.bus, options);
    this.strict = options.strict ? new StrictChecks() : null;
    this.fastForwards = true;
    this.start(0);
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

  /** While asleep: the cycle at which a timer, doorbell or pin that is due wakes the core; Infinity if none will. */
  get wakeCycle(): number {
    const at = this.asleep ? this.wakeRequest() : NEVER;
    return at === NEVER ? Infinity : this.epoch + Math.max(at, this.sleepAt + 1) + 1;
  }

  /** Address of the next instruction to execute (of the `wait` itself while asleep). */
  get nextAddress(): number {
    return this.pc;
  }

  /** Byte addresses in front of which `run` stops. */
  get breakpoints(): Set<number> {
    return this.halts.breakpoints;
  }

  /** Number of instructions that went through the issue stage: the next one's place in the stream. */
  get streamPosition(): number {
    return this.position;
  }

  /**
   * Executes the next instruction and stops in front of the one that follows it (that of a handler, if an interrupt
   * comes first). Breakpoint and watchpoints at the first instruction are ignored. Returns `breakpoint` with
   * `halts.reached.kind` `step` when that worked; `until` limits the time, for instructions that sleep.
   */
  stepInstruction(until = Infinity): PpuStop {
    this.halts.pass(this.position, this.pc);
    this.halts.endAfter(this.position, this.pc);
    const stop = this.run(until);
    this.halts.endNever();
    return stop;
  }

  /** Lets execution continue elsewhere, for debuggers; the pipeline's timing is not disturbed. */
  set nextAddress(address: number) {
    this.pc = address & ~3;
    this.asleep = this.waiting = false;
  }

  /** Watches what happens inside; null ends it. */
  watch(recorder: Recorder | null): void {
    this.recorder = recorder;
    this.queue.recorder = recorder;
    this.vector.recorder = recorder;
  }

  /** Power-up state of registers and pipeline (memories are left alone) with period 0 at `cycle`. */
  start(cycle = 0): void {
    this.epoch = this.vector.epoch = cycle;
    this.epochShift = 0;
    this.machine.reset();
    this.timers.reset();
    this.resetPipeline();
    this.strict?.reset();
    this.lostResults?.reset();
    this.now = this.sleepAt = 0;
    this.asleep = false;
    this.halts.forgetPassed();
    this.fault = undefined;
    this.data.mayAccess = !this.bus.synchronised;
  }

  /** Drives the doorbell input high in the present cycle. */
  doorbell(): void {
    this.timers.ring(this.now, this.interruptsEnabled);
    this.planInterrupt();
  }

  /** Drives the general input pins (32 bits) from the present cycle on. */
  setPins(value: number): void {
    this.timers.drivePins(value, this.now, this.interruptsEnabled);
    this.planInterrupt();
  }

  /** The general output pins: GOUT and GOE as the program wrote them, unsigned. */
  get pinsOut(): { readonly value: number; readonly enable: number } {
    return {
      value: this.machine.spr[GOUT]! >>> 0,
      enable: this.machine.spr[GOE]! >>> 0,
    };
  }

  /**
   * A write by another master (host, other processor) into the data memory, now: `run` to the cycle of the write
   * first. Bit 3 of `enables` is the most significant byte.
   */
  writeSramWord(index: number, value: number, enables = 15): void {
    const { words } = this.dataMemory;
    const at = index & (words.length - 1);
    const mask = byteMask(enables);
    words[at] = (words[at]! & ~mask) | (value & mask);
    if (this.instructionMemory === this.dataMemory) this.code.forget(at);
  }

  /** The word at `index` of the data memory as another master reads it, unsigned. */
  readSramWord(index: number): number {
    return this.dataMemory.words[index & (this.dataMemory.words.length - 1)]! >>> 0;
  }

  /** To be called after code was changed from outside other than by `writeSramWord`. */
  forgetCode(): void {
    this.code.forgetAll();
    this.external.reset();
  }

  /** Everything that decides about the future of the core, its memories included (not its bus). */
  snapshot(): PpuSnapshot {
    // A recorder has been told of periods to come: what was worked out for it has to stay.
    const watched = this.recorder === null ? null : [savePart(this.board), savePart(this.queue)];
    this.forgetPast();
    const parts: Record<string, SavedPart> = {};
    for (const [name, part] of Object.entries(this.parts)) parts[name] = savePart(part, SCRATCH);
    if (watched !== null) {
      restorePart(this.board, watched[0]!);
      restorePart(this.queue, watched[1]!);
    }
    const { instructionMemory, dataMemory } = this;
    return {
      version: 1,
      options: JSON.stringify(this.options),
      parts,
      instructionWords: instructionMemory.words.slice(),
      dataWords: dataMemory === instructionMemory ? undefined : dataMemory.words.slice(),
    };
  }

  /** Continues from a snapshot of a core with the same options and memory sizes; throws SnapshotError. */
  restore(snapshot: PpuSnapshot): void {
    const { instructionMemory, dataMemory } = this;
    if (snapshot.version !== 1)
      throw new SnapshotError(`snapshot of version ${snapshot.version}, not 1`);
    if (snapshot.options !== JSON.stringify(this.options)) {
      throw new SnapshotError('the snapshot was taken with other options');
    }
    const hasData = snapshot.dataWords !== undefined;
    const sizes = [snapshot.instructionWords.length, snapshot.dataWords?.length ?? 0];
    const own = [instructionMemory.words.length, hasData ? dataMemory.words.length : 0];
    if (sizes.join() !== own.join() || hasData !== (dataMemory !== instructionMemory)) {
      throw new SnapshotError('the snapshot was taken with other memories');
    }
    for (const [name, part] of Object.entries(this.parts)) {
      const saved = snapshot.parts[name];
      if (saved !== undefined) restorePart(part, saved);
    }
    instructionMemory.words.set(snapshot.instructionWords);
    if (snapshot.dataWords !== undefined) dataMemory.words.set(snapshot.dataWords);
    this.code.forgetAll();
    this.fault = undefined;
  }

  private get parts(): Readonly<Record<string, object>> {
    const { machine, vector, timers, board, queue, fetch, external, data, strict } = this;
    const always = {
      core: this,
      machine,
      vector,
      timers,
      board,
      queue,
      fetch,
      external,
      data,
    };
    return strict === null ? always : { ...always, strict };
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

  // ---------------------------------------------------------------- special registers

  /**
   * Content of a special register for inspection (0 for those that cannot be read): now, or while asleep at an
   * earlier `cycle` since the sleep began.
   */
  inspectSpr(number: number, cycle = this.cycle): number {
    const kept = this.issuePeriod;
    this.issuePeriod = cycle - this.epoch - 1;
    const value = number === ICCR ? this.timers.iccr : this.readSpr(number);
    this.issuePeriod = kept;
    return value;
  }

  /** Sets a special register (not XER, LR, CTR) now, for debuggers; read-only ones stay. */
  changeSpr(number: number, value: number): void {
    const kept = this.issuePeriod;
    this.issuePeriod = this.now - 3;
    this.writeSpr(number, value | 0);
    this.issuePeriod = kept;
  }

  /** Sets the machine state register now, for debuggers. */
  changeMsr(value: number): void {
    this.machine.msr = value & MSR_MASK;
    this.changedEnable(this.now);
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

function byteMask(enables: number): number {
  return (
    ((enables & 8) !== 0 ? 0xff00_0000 : 0) |
    ((enables & 4) !== 0 ? 0x00ff_0000 : 0) |
    ((enables & 2) !== 0 ? 0x0000_ff00 : 0) |
    ((enables & 1) !== 0 ? 0x0000_00ff : 0)
  );
}
