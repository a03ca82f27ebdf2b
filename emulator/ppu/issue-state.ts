/**
 * What the issue stage is made of: the parts of the core around it, the position in the stream, the ways out to
 * fetch and to accesses outside. The loops that use it are in `pipeline.ts`.
 */
import { Machine, MSR_EE } from '../../isa/machine.js';
import { BlockRunner } from './block-runner.js';
import { BranchCache } from './branch-cache.js';
import type { PpuBus } from './bus.js';
import { CodeCache } from './code-cache.js';
import { DataPort, Report, WINDOW, type SpecialRegisters } from './data-port.js';
import { ExternalCode } from './external-code.js';
import { MemoryQueue } from './memory-queue.js';
import type { PpuMemory } from './memory.js';
import { Kind, Operation } from './operation.js';
import type { PpuOptions } from './options.js';
import type { Recorder } from './recorder.js';
import { parts, Scoreboard } from './scoreboard.js';
import { NEVER, Timers } from './timers.js';
import { CatchUp, VectorUnit } from './vector-unit.js';

/** Period in which the first instruction reaches the issue stage. */
const FIRST = 3;

/**
 * Why the issue loop ended: `look` - something outside it has to be looked at (drain, interrupt, end of time) and
 * then it may go on; `hot` - a block begins that is worth being fast-forwarded; the others are reasons for the core
 * to stop.
 */
export type Leave = 'look' | 'hot' | 'access' | 'strict' | 'breakpoint' | 'late';

/**
 * What decides about the timing of the instructions from some point on, in numbers that do not depend on the period:
 * how long XER or a division holds up the next one, the score board, the memory queue.
 */
export type TimingState = readonly number[];

export abstract class IssueState implements SpecialRegisters {
  /** Registers. Reading is free; writing is for loaders and debuggers while the core is stopped. */
  readonly machine: Machine;
  readonly vector: VectorUnit;
  readonly timers = new Timers();
  /** Instructions handed to functional units so far (once per part), as the golden files count them. */
  issued = 0;
  /** Fetch redirects so far. */
  redirects = 0;

  protected readonly data: DataPort;
  protected readonly board = new Scoreboard();
  protected readonly queue: MemoryQueue;
  protected readonly fetch = new BranchCache();
  protected readonly external: ExternalCode;
  protected readonly code: CodeCache;
  protected readonly operations: (Operation | undefined)[];
  protected readonly blocks: BlockRunner;
  protected recorder: Recorder | null = null;
  /** By word of code: branches to it until it is fast-forwarded; null if nothing is. */
  protected heat: Uint8Array | null = null;

  /** Cycle of period 0. */
  protected epoch = 0;
  /** Period in which the next instruction enters the issue stage, and the earliest in which it may issue. */
  protected enter = FIRST;
  protected floor = 0;
  protected pc = 0;
  /** Position of the next instruction in the stream. */
  protected position = 0;
  /** Issue period of the instruction that could not issue before the loop's stop. */
  protected candidate = 0;
  /** First period with an asynchronous interrupt, if it is not blocked there. */
  protected interruptAt = NEVER;
  /** Periods in which the sequencer takes no asynchronous interrupt. */
  protected blockFrom = 0;
  protected blockTo = -1;
  /** If >= 0: nothing issues before the period after the first empty one from here on. */
  protected drainFrom = -1;
  /** The drain ends in sleep. */
  protected waiting = false;
  /** The wait instruction was held in the issue stage and will be executed again when the core wakes. */
  protected waitHeld = false;
  /** The sequencer sees nothing before this period: it was waiting for an empty pipeline. */
  protected sequencerFrom = 0;
  /** No-operations since the last issue are executed again after an interrupt: the first, and the issue count. */
  protected nopsFrom = 0;
  protected nopsAfterIssue = -1;
  protected branchRedirectAt = -100;
  /** Cycle of the access that has to be announced. */
  accessCycle = 0;
  /** Period of the access that may be made now. */
  protected granted = -1;
  /** Period in which the present instruction issues, for reads and writes of special registers. */
  protected issuePeriod = 0;
  /** r0 before the last load or multiplication into it: what a splat of r0 sees that does not wait. */
  protected earlierR0 = 0;

  constructor(
    readonly instructionMemory: PpuMemory,
    readonly dataMemory: PpuMemory,
    readonly bus: PpuBus,
    readonly options: PpuOptions,
  ) {
    const { quirks, lhaZeroExtends } = options;
    this.code = new CodeCache(instructionMemory.words);
    this.operations = this.code.operations;
    const code = instructionMemory === dataMemory ? this.code : null;
    this.data = new DataPort(dataMemory, bus, this, code);
    this.data.strict = options.strict;
    this.machine = new Machine(this.data, { quirks, lhaZeroExtends });
    this.queue = new MemoryQueue(this.board, options.dataOutstanding);
    this.queue.gpr = this.machine.gpr;
    this.external = new ExternalCode(bus, options);
    this.vector = new VectorUnit(this.machine, dataMemory, bus, options, (word) => {
      code?.forget(word);
    });
    const covered = code?.covered ?? new Uint8Array(dataMemory.words.length);
    this.blocks = new BlockRunner(this.machine, dataMemory, covered);
  }

  /** Whether basic blocks do what these options ask for. */
  protected get allowsBlocks(): boolean {
    const { quirks, lhaZeroExtends, strict } = this.options;
    return quirks === 'core' && !lhaZeroExtends && !strict;
  }

  abstract readSpr(number: number): number;
  abstract writeSpr(number: number, value: number): void;
  /** Called in strict mode and when there are breakpoints, in front of every instruction. */
  protected abstract beforeIssue(op: Operation, pc: number): Leave | 'go';
  protected abstract get isCareful(): boolean;
  /** A refused access, in strict mode. */
  protected abstract refused(op: Operation, pc: number): Leave;
  /** Takes a trap or refused access with the redirect in period r. */
  protected abstract exception(r: number, address: number, trapped: boolean): void;
  /** The interrupt enable may have changed. */
  protected abstract planInterrupt(): void;

  protected resetPipeline(): void {
    this.board.reset();
    this.queue.reset();
    this.fetch.reset();
    this.external.reset();
    this.vector.reset();
    this.code.forgetAll();
    this.enter = FIRST;
    this.floor = this.pc = this.position = this.candidate = 0;
    this.interruptAt = NEVER;
    this.blockFrom = 0;
    this.blockTo = -1;
    this.drainFrom = this.granted = this.nopsAfterIssue = -1;
    this.waiting = this.waitHeld = false;
    this.sequencerFrom = 0;
    this.branchRedirectAt = -100;
    this.issued = this.redirects = 0;
    this.fetch.redirect(0, -1, 0, false, false);
  }

  /** Renumbers periods by `-by`; a multiple of 16. */
  protected rebasePipeline(by: number): void {
    this.board.rebase(by);
    this.queue.rebase(by);
    this.fetch.rebase(by);
    this.vector.rebase(by);
    this.timers.rebase(by);
    this.enter -= by;
    this.floor = Math.max(0, this.floor - by);
    this.blockFrom -= by;
    this.blockTo -= by;
    if (this.drainFrom >= 0) this.drainFrom -= by;
    this.sequencerFrom = Math.max(0, this.sequencerFrom - by);
    this.branchRedirectAt -= by;
    if (this.granted >= 0) this.granted -= by;
  }

  /** The predecoded instruction at an address, without any effect on time; undefined outside all memories. */
  protected operationAt(pc: number): Operation | undefined {
    const index = pc >>> 2;
    if (index < this.operations.length) {
      return this.code.operation(index);
    }
    if (pc >= 0 && pc < WINDOW) return this.operationAt(pc & (this.instructionMemory.size - 1));
    return this.external.peek(pc);
  }

  /** The state of timing in front of the next instruction; only with `queue.isForgetful`. */
  protected saveTiming(): TimingState {
    const out = [Math.max(0, this.floor - this.enter)];
    this.queue.settle(this.enter);
    this.board.save(out, this.enter);
    this.queue.save(out, this.enter);
    return out;
  }

  /** Puts such a state in front of the next instruction, whose `enter` stands. */
  protected loadTiming(state: TimingState): void {
    const held = state[0]!;
    this.floor = held === 0 ? 0 : this.enter + held;
    this.queue.load(state, this.board.load(state, 1, this.enter), this.enter);
  }

  /** Brings what lies in the past and means nothing any more to one form, whatever way led here. */
  protected forgetPast(): void {
    const { machine, data } = this;
    machine.pc = this.pc;
    machine.nextPc = (this.pc + 4) | 0;
    data.cycle = 0;
    data.latency = 1;
    if (this.nopsAfterIssue !== this.issued) this.nopsAfterIssue = this.nopsFrom = -1;
    this.fetch.forgetPast(this.position);
    if (this.queue.isForgetful && this.options.accounting === 'exact')
      this.loadTiming(this.saveTiming());
  }

  // ---------------------------------------------------------------- fetch

  protected fetchLeave: Leave = 'look';

  /** The next instruction when it is not predecoded; may take time if it comes from outside. */
  protected fetchSlowly(limit: number): Operation | undefined {
    const { pc } = this;
    if (pc >= 0 && pc < WINDOW) return this.operationAt(pc);
    const external = this.external;
    if (this.bus.synchronised && external.needsBus(pc)) {
      const p = Math.max(this.enter, this.floor);
      if (p >= limit) {
        this.candidate = p;
        this.fetchLeave = 'look';
        return undefined;
      }
      if (this.granted !== p) {
        this.fetchLeave = this.announce(p);
        return undefined;
      }
    }
    const op = external.fetch(pc, this.epoch + this.enter);
    if (op === undefined) {
      const nothing = new Operation(0);
      this.fetchLeave = 'look';
      return nothing;
    }
    this.enter += external.delay;
    return op;
  }

  protected redirect(r: number, position: number, following: number): void {
    this.redirects++;
    if (this.recorder !== null) this.recorder.redirect(r);
    this.branchRedirectAt = r;
    this.blockFrom = r + 1;
    this.blockTo = r + 4;
    let held = false;
    let multiPart = false;
    if (this.fetch.needsStream) {
      const next = this.operationAt(following);
      this.queue.resolveUpTo(r + 1);
      held = this.floor > r || (next !== undefined && this.board.readyAt(next, r) > r);
      multiPart = next !== undefined && parts(next) > 1;
    }
    this.fetch.redirect(position, r, following, held, multiPart);
  }

  // ---------------------------------------------------------------- accesses outside

  /** Everything the vector unit does before period p must have happened. */
  protected keepStep(p: number, limit: number): Leave | 'go' {
    if (p > limit) return 'late';
    if (this.vector.catchUp(p) === CatchUp.done) return 'go';
    this.accessCycle = this.epoch + this.vector.next;
    return 'access';
  }

  protected announce(p: number): Leave {
    this.accessCycle = this.epoch + p;
    return 'access';
  }

  /** A load or store reported something instead of completing; `go` if it has been repeated successfully. */
  protected reported(op: Operation, s: number, q: number, limit: number): Leave | 'go' {
    const { data, machine } = this;
    const report = data.report;
    data.report = Report.none;
    if (report === Report.refused) return this.refused(op, this.pc);
    if (report === Report.misaligned) {
      const address = this.pc;
      this.noteIssue(s, address);
      this.recorder?.cancel?.(s, address);
      this.pass(s);
      if (op.kind === Kind.loadUpdate) {
        this.noteIssue(s + 1, address);
        this.recorder?.cancel?.(s + 1, address);
        this.enter++;
      }
      this.exception(s + 2, address, false);
      return 'look';
    }
    // An access outside: whatever comes before it in time has to happen first.
    if (q >= limit) return 'late';
    const found = this.keepStep(q, limit);
    if (found !== 'go') return found;
    if (this.granted !== q) return this.announce(q);
    data.mayAccess = true;
    data.cycle = this.epoch + q;
    op.run(machine, op.fields);
    data.mayAccess = !this.bus.synchronised;
    return 'go';
  }

  protected noteIssue(period: number, address: number): void {
    this.issued++;
    if (this.recorder !== null) this.recorder.issue(period, address);
  }

  /** The instruction at `pc` has left the issue stage in period s. */
  protected pass(s: number): void {
    const k = this.position & 15;
    this.fetch.advanced[k] = this.enter - 1;
    this.fetch.passed[k] = this.pc;
    if (this.fetch.strays > 0) this.fetch.follow(this.position);
    this.position++;
    this.enter = s + 1;
    this.pc = (this.pc + 4) | 0;
  }

  /** The MSR was written: its new content counts from period p. */
  protected changedEnable(p: number): void {
    if ((this.machine.msr & MSR_EE) !== 0) this.timers.enabled(p);
    else this.timers.disabled();
    this.planInterrupt();
  }
}
