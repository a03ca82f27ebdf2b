/** Sleep, interrupts, exceptions and the special registers that belong to them. */
import { MSR_EE } from '../../isa/machine.js';
import {
  DEC,
  DECAR,
  ESR,
  GIN,
  ICCR,
  SRR0,
  SRR1,
  TBL,
  TBU,
  TCR,
  TSR,
} from '../../isa/special-registers.js';
import type { PpuBus } from './bus.js';
import { FastForward } from './fast-forward.js';
import { LostResults } from './lost-results.js';
import type { PpuMemory } from './memory.js';
import { Kind } from './operation.js';
import type { PpuOptions } from './options.js';
import { NEVER, vectorOf } from './timers.js';

/** MSR bits that an interrupt leaves: CE, ME, DE. */
const MSR_KEPT = 0x0002_1200;
/** ESR after a trap. */
const ESR_TRAP = 0x0200_0000;

export abstract class Interruptible extends FastForward {
  protected readonly lostResults: LostResults | null;
  protected asleep = false;
  /** First period of the present or last sleep. */
  protected sleepAt = 0;
  /** Periods of all sleeps that have ended. */
  protected slept = 0;

  constructor(
    instructionMemory: PpuMemory,
    dataMemory: PpuMemory,
    bus: PpuBus,
    options: PpuOptions,
  ) {
    super(instructionMemory, dataMemory, bus, options);
    this.lostResults = options.interruptFaults ? new LostResults(this.machine) : null;
  }

  protected get interruptsEnabled(): boolean {
    return (this.machine.msr & MSR_EE) !== 0;
  }

  // ---------------------------------------------------------------- sleep

  /** Period in which the interrupt controller sees a reason to wake the core. */
  protected wakeRequest(): number {
    const { timers } = this;
    return Math.min(timers.nextTimerRequest(0), timers.doorbellAt, timers.pinAt);
  }

  /** Wakes the core if there is a reason before `limit`. */
  protected wake(limit: number): boolean {
    const request = this.wakeRequest();
    if (request === NEVER) return false;
    const seen = Math.max(request, this.sleepAt + 1);
    if (seen + 1 >= limit) return false;
    this.slept += seen + 1 - this.sleepAt;
    this.asleep = false;
    if (this.interruptsEnabled && this.timers.highestRequest(seen + 1) !== 'none') {
      this.interrupt(seen + 1, this.pc);
      return true;
    }
    this.blockFrom = this.sleepAt;
    this.blockTo = seen;
    // What follows has been in the issue stage all the time; or the wait itself, if it was held there.
    if (!this.waitHeld) this.pass(this.enter);
    this.floor = this.sequencerFrom = seen + 2;
    return true;
  }

  // ---------------------------------------------------------------- interrupts

  protected override planInterrupt(): void {
    const { timers } = this;
    this.interruptAt = this.interruptsEnabled
      ? Math.min(timers.nextTimerRequest(0), timers.doorbellAt, timers.pinAt)
      : NEVER;
  }

  /** Asynchronous interrupt with the redirect in period r; execution continues at `resume` afterwards. */
  protected interrupt(r: number, resume: number): void {
    const cause = this.timers.highestRequest(r);
    if (cause === 'none') return;
    this.enterHandler(r, resume, vectorOf[cause]);
  }

  protected enterHandler(r: number, resume: number, vector: number): void {
    const m = this.machine;
    if (r !== this.branchRedirectAt) {
      this.lostResults?.lose(r, this.position, this.lastIssue, this.recorder);
    }
    m.spr[SRR0] = resume;
    m.spr[SRR1] = m.msr;
    m.msr &= MSR_KEPT;
    this.timers.disabled();
    this.recorder?.redirect(r);
    this.recorder?.interrupt?.(r, vector, resume);
    this.redirects++;
    this.fetch.redirect(this.position, r, this.pc, true, false);
    this.pc = vector;
    this.enter = r + 4;
    this.interruptAt = NEVER;
    if (r === this.branchRedirectAt) {
      // Both redirects at once: the sequencer only notices the branch and does not wait.
      this.floor = this.enter;
      return;
    }
    this.floor = r + 6;
    this.drainFrom = r + 5;
  }

  /** A trap or refused access: what would have issued up to period r is started and cancelled. */
  protected override exception(r: number, address: number, trapped: boolean): void {
    if (trapped) {
      const empty = Math.max(this.enter, this.board.lastScheduled() + 1, this.queue.emptyFrom());
      this.floor = Math.max(this.floor, empty + 1);
    }
    if (this.vector.isEmpty || !trapped) this.cancelled(r);
    this.machine.spr[ESR] = trapped ? ESR_TRAP : 0;
    this.enterHandler(r, address, trapped ? vectorOf.program : vectorOf.alignment);
  }

  /** Starts without effect what follows, up to period r: only its places in the pipeline count. */
  protected cancelled(r: number): void {
    let s = Math.max(this.enter, this.floor);
    for (let pc = this.pc; s <= r; pc = (pc + 4) | 0) {
      const op = this.operationAt(pc);
      if (op === undefined) return;
      const at = this.board.readyAt(op, this.queue.await(op, s));
      if (at > r || (op.kind > Kind.branch && op.kind !== Kind.compare)) return;
      if (op.kind !== Kind.nop) {
        this.noteIssue(at, pc);
        this.recorder?.cancel?.(at, pc);
      }
      if (op.kind === Kind.branch) return;
      if (op.kind >= Kind.load && op.kind <= Kind.storeMultiple) {
        this.queue.push(-1, at, this.queue.requestAt(at), this.options.dataLatency);
      } else if (op.kind !== Kind.nop) {
        this.board.reserveCancelled(op, at);
      }
      s = at + 1;
    }
  }

  /** Where an interrupt in front of `pc` resumes: no-operations that passed since the last issue run again. */
  protected resumeAddress(pc: number): number {
    return this.nopsAfterIssue === this.issued ? this.nopsFrom : pc;
  }

  /** Issue period of the instruction before the next one. */
  protected get lastIssue(): number {
    return this.branchRedirectAt === this.enter - 4 ? this.enter - 5 : this.enter - 1;
  }

  // ---------------------------------------------------------------- special registers

  /** Value of a special-purpose register by its number, as `mfspr` reads it now. */
  override readSpr(number: number): number {
    const sampled = this.issuePeriod + 1;
    const { timers } = this;
    switch (number) {
      case DEC:
        return timers.decrementer(sampled);
      case TBL:
        return timers.timeLow(sampled);
      case TBU:
        return timers.timeHigh(sampled);
      case TSR:
        return timers.status(sampled);
      case TCR:
        return timers.tcr;
      case DECAR:
        return timers.decar | 0;
      case GIN:
        return timers.pins;
      case ICCR:
        return 0;
      default:
        return this.machine.spr[number]!;
    }
  }

  /** Writes a special-purpose register by its number, as `mtspr` does. */
  override writeSpr(number: number, value: number): void {
    const written = this.issuePeriod + 3;
    const { timers } = this;
    switch (number) {
      case DEC:
        timers.writeDecrementer(value, written);
        break;
      case TBL:
        timers.writeTimeLow(value, written);
        break;
      case TBU:
        timers.writeTimeHigh(value, written);
        break;
      case TSR:
        timers.clearStatus(value, written);
        break;
      case TCR:
        timers.writeTcr(value, written);
        break;
      case DECAR:
        timers.writeDecar(value, written);
        break;
      case ICCR:
        timers.iccr = value & 0x000f_ff01;
        break;
      case GIN:
        return;
      default:
        if (isStored(number)) this.machine.spr[number] = value;
        return;
    }
    this.planInterrupt();
  }
}

/** Registers that keep what is written and have no other effect. */
const stored = new Set<number>([26, 27, 58, 59, 61, 62, 66, 67, 570, 571]);

function isStored(number: number): boolean {
  return stored.has(number);
}
