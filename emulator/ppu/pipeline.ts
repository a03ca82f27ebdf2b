/**
 * The issue stage: in order, one instruction a period, each issued in the first period in which its registers,
 * the write port and the queues allow it. Nothing is simulated period by period here; what happens later than
 * issue (writes, answers, redirects) is known when an instruction issues, or worked out when someone asks.
 */
import { Machine, MSR_EE } from '../../isa/machine.js';
import { BranchCache, NO_TARGET } from './branch-cache.js';
import type { PpuBus } from './bus.js';
import { DataPort, Report, WINDOW, type SpecialRegisters } from './data-port.js';
import { ExternalCode } from './external-code.js';
import { MemoryQueue, NO_REGISTER } from './memory-queue.js';
import type { PpuMemory } from './memory.js';
import { Kind, Operation, Slot } from './operation.js';
import type { PpuOptions } from './options.js';
import type { Recorder } from './recorder.js';
import { parts, PENDING, Scoreboard } from './scoreboard.js';
import { NEVER, Timers } from './timers.js';
import { CatchUp, VectorUnit } from './vector-unit.js';

// Numbers of other modules that the issue loop compares with, as constants of this one.
const PLAIN = Kind.plain;
const COMPARE = Kind.compare;
const LOAD = Kind.load;
const STORE = Kind.store;
const BRANCH = Kind.branch;
const UNKNOWN = PENDING;
const UNPREDICTED = NO_TARGET;
const SILENT = Report.none;

/** Period in which the first instruction reaches the issue stage. */
const FIRST = 3;
/** Periods of a division, during which nothing issues. */
const DIVISION = 32;
/** The divider's counter runs once after reset. */
const DIVIDER_READY = 31;

/**
 * Why the issue loop ended: `look` - something outside it has to be looked at (drain, interrupt, end of time) and
 * then it may go on; the others are reasons for the core to stop.
 */
export type Leave = 'look' | 'access' | 'strict' | 'breakpoint' | 'late';

export abstract class Pipeline implements SpecialRegisters {
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
  protected readonly operations: (Operation | undefined)[];
  protected recorder: Recorder | null = null;

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
  private earlierR0 = 0;

  constructor(
    readonly instructionMemory: PpuMemory,
    readonly dataMemory: PpuMemory,
    readonly bus: PpuBus,
    readonly options: PpuOptions,
  ) {
    const { quirks, lhaZeroExtends } = options;
    this.operations = new Array<Operation | undefined>(instructionMemory.words.length);
    this.operations.fill(undefined);
    const code = instructionMemory === dataMemory ? this.operations : null;
    this.data = new DataPort(dataMemory, bus, this, code);
    this.data.strict = options.strict;
    this.machine = new Machine(this.data, { quirks, lhaZeroExtends });
    this.queue = new MemoryQueue(this.board, options.dataOutstanding);
    this.queue.gpr = this.machine.gpr;
    this.external = new ExternalCode(bus, options);
    this.vector = new VectorUnit(this.machine, dataMemory, bus, options, (word) => {
      if (code !== null) code[word] = undefined;
    });
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
    this.operations.fill(undefined);
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
      return (this.operations[index] ??= new Operation(this.instructionMemory.words[index]!));
    }
    if (pc >= 0 && pc < WINDOW) return this.operationAt(pc & (this.instructionMemory.size - 1));
    return this.external.peek(pc);
  }

  private save(enter: number, floor: number, pc: number, position: number, issued: number): void {
    this.enter = enter;
    this.floor = floor;
    this.pc = pc;
    this.position = position;
    this.issued = issued;
  }

  /** Issues instructions in periods before `limit`. */
  protected issue(limit: number): Leave {
    const m = this.machine;
    const { gpr } = m;
    const { board, queue, fetch, operations, recorder, data, vector } = this;
    const { ready, port } = board;
    const { advanced, passed } = fetch;
    const predicts = this.options.branchCache !== 0;
    const dataLatency = this.options.dataLatency;
    const careful = this.isCareful;
    const length = operations.length;
    let end = Math.min(limit, this.interruptAt);
    let stop = Math.min(end, queue.resolveAt);
    let { enter, floor, pc, position, issued } = this;
    for (;;) {
      const index = pc >>> 2;
      let op = index < length ? operations[index] : undefined;
      if (op === undefined) {
        this.save(enter, floor, pc, position, issued);
        op = this.fetchSlowly(limit);
        if (op === undefined) return this.fetchLeave;
        ({ enter, floor } = this);
      }
      let s = floor > enter ? floor : enter;
      let at = ready[op.wait0]!;
      if (at > s) s = at;
      at = ready[op.wait1]!;
      if (at > s) s = at;
      at = ready[op.wait2]!;
      if (at > s) s = at;
      if (s >= UNKNOWN || op.waitMore !== null) s = queue.await(op, floor > enter ? floor : enter);
      if (careful && s < stop) {
        this.save(enter, floor, pc, position, issued);
        const found = this.beforeIssue(op, pc);
        if (found !== 'go') return found;
      }

      switch (op.kind) {
        case PLAIN: {
          let w = s + op.latency + 1;
          while (port[w & 63] === w) w++;
          s = w - op.latency - 1;
          if (s >= stop) break;
          port[w & 63] = w;
          ready[op.destination] = w - 1;
          op.run(m, op.fields);
          issued++;
          if (recorder !== null) {
            recorder.issue(s, pc);
            recorder.registerWrite(w, op.destination, gpr[op.destination]!);
          }
          advanced[position & 15] = enter - 1;
          passed[position & 15] = pc;
          position++;
          enter = s + 1;
          pc = (pc + 4) | 0;
          continue;
        }

        case COMPARE: {
          if (s + 2 <= board.lastCr) s = board.lastCr - 1;
          if (s >= stop) break;
          ready[op.crField] = s + 2;
          board.lastCr = board.lastOther = s + 2;
          op.run(m, op.fields);
          issued++;
          if (recorder !== null) recorder.issue(s, pc);
          advanced[position & 15] = enter - 1;
          passed[position & 15] = pc;
          position++;
          enter = s + 1;
          pc = (pc + 4) | 0;
          continue;
        }

        case LOAD:
        case STORE: {
          const isLoad = op.kind === LOAD;
          for (;;) {
            if (isLoad) while (port[(s + 4) & 63] === s + 4) s++;
            const room = queue.roomAt(s);
            if (room === s) break;
            s = room;
          }
          if (s >= stop) break;
          if (vector.memoryOperations > 0) {
            this.save(enter, floor, pc, position, issued);
            const found = this.keepStep(s + 3, limit);
            if (found !== 'go') return found;
          }
          const q = queue.requestAt(s);
          data.latency = dataLatency;
          data.cycle = this.epoch + q;
          const rt = op.fields.rt;
          const before = gpr[rt]!;
          op.run(m, op.fields);
          if (data.report !== SILENT) {
            if (isLoad) gpr[rt] = before;
            this.save(enter, floor, pc, position, issued);
            const found = this.reported(op, s, q, limit);
            if (found !== 'go') return found;
          }
          if (isLoad && rt === 0) this.earlierR0 = before;
          issued++;
          if (recorder !== null) recorder.issue(s, pc);
          if (isLoad) queue.push(rt, s, q, data.latency);
          else if (!queue.pushStore(s, data.latency)) queue.push(-1, s, q, data.latency);
          advanced[position & 15] = enter - 1;
          passed[position & 15] = pc;
          position++;
          enter = s + 1;
          pc = (pc + 4) | 0;
          if (isLoad) stop = queue.resolveAt < end ? queue.resolveAt : end;
          continue;
        }

        case BRANCH: {
          if (s >= stop) break;
          const predicted = predicts ? fetch.predict(position, pc) : UNPREDICTED;
          m.pc = pc;
          m.nextPc = UNPREDICTED;
          this.issuePeriod = s;
          op.run(m, op.fields);
          issued++;
          if (recorder !== null) recorder.issue(s, pc);
          const more = op.writesMore;
          if (more !== null) for (let i = 0; i < more.length; i++) ready[more[i]!] = s + 2;
          if (board.lastOther < s + 2) board.lastOther = s + 2;
          const taken = m.nextPc !== UNPREDICTED;
          const next = (pc + 4) | 0;
          const target = taken ? m.nextPc & ~3 : next;
          advanced[position & 15] = enter - 1;
          passed[position & 15] = pc;
          if (predicts) fetch.resolve(position, s, pc, taken, target);
          position++;
          enter = s + 1;
          if (taken ? predicted !== target : predicted !== UNPREDICTED) {
            this.floor = floor;
            this.redirect(s + 1, position, predicted === UNPREDICTED ? next : predicted);
            enter = s + 5;
          }
          pc = target;
          if (op.isReturn) {
            this.save(enter, floor, pc, position, issued);
            this.changedEnable(s + 2);
            end = Math.min(limit, this.interruptAt);
            stop = Math.min(end, queue.resolveAt);
          }
          continue;
        }

        default: {
          this.save(enter, floor, pc, position, issued);
          this.candidate = s;
          const found = this.issueOther(op, s, stop, limit);
          if (found !== 'go') return found;
          ({ enter, floor, pc, position, issued } = this);
          end = Math.min(limit, this.interruptAt);
          stop = Math.min(end, queue.resolveAt);
          continue;
        }
      }
      this.candidate = s;
      break;
    }
    this.save(enter, floor, pc, position, issued);
    return 'look';
  }

  /**
   * The same without cycles: one instruction a period, every result at once. Interrupts, sleep and accesses outside
   * work as ever.
   */
  protected issueUncounted(limit: number): Leave {
    const m = this.machine;
    const { operations, data } = this;
    const careful = this.isCareful;
    const length = operations.length;
    const stop = Math.min(limit, this.interruptAt);
    let s = Math.max(this.enter, this.floor);
    let pc = this.pc;
    let position = this.position;
    // Periods and issues advance together except for what passes without being issued.
    let unissued = 0;
    const first = s;
    let leave: Leave = 'look';
    while (s < stop) {
      const index = pc >>> 2;
      let op = index < length ? operations[index] : undefined;
      if (op === undefined) {
        this.saveUncounted(s, pc);
        op = this.fetchSlowly(limit);
        if (op === undefined) {
          leave = this.fetchLeave;
          break;
        }
      }
      if (careful) {
        this.saveUncounted(s, pc);
        this.position = position + s - first;
        const found = this.beforeIssue(op, pc);
        if (found !== 'go') {
          leave = found;
          break;
        }
      }
      if (op.isPlain) {
        op.run(m, op.fields);
        pc = (pc + 4) | 0;
        s++;
        continue;
      }
      m.pc = pc;
      m.nextPc = (pc + 4) | 0;
      if (op.kind === BRANCH && !op.isReturn) {
        op.run(m, op.fields);
        pc = m.nextPc & ~3;
        s++;
        continue;
      }
      this.issuePeriod = s;
      data.cycle = this.epoch + s;
      const { kind, fields } = op;
      const oldT = m.gpr[fields.rt]!;
      const oldA = m.gpr[fields.ra]!;
      op.run(m, fields);
      if (data.report !== Report.none) {
        const report = data.report;
        data.report = Report.none;
        if (kind !== Kind.vector && kind !== Kind.trap) {
          m.gpr[fields.rt] = oldT;
          m.gpr[fields.ra] = oldA;
        }
        this.saveUncounted(s, pc);
        if (report === Report.refused) {
          leave = this.refused(op, pc);
          break;
        }
        if (report === Report.deferred) {
          if (this.granted !== s) {
            leave = this.announce(s);
            break;
          }
          data.mayAccess = true;
          op.run(m, fields);
          data.mayAccess = !this.bus.synchronised;
        } else {
          this.issued += s - first - unissued;
          this.enter = s + 1;
          this.exception(s, pc, report === Report.trapped);
          return 'look';
        }
      }
      pc = m.nextPc & ~3;
      s++;
      if (kind === Kind.nop || kind === Kind.sync) unissued++;
      if (kind === Kind.wait) {
        unissued++;
        this.waiting = true;
        this.waitHeld = false;
        pc = m.pc;
        this.drainFrom = s;
        break;
      }
      if (kind === Kind.moveToMsr || op.isReturn || kind === Kind.fixed) {
        // The enable or a timer may have changed.
        this.saveUncounted(s, pc);
        this.changedEnable(s);
        break;
      }
    }
    position += s - first;
    this.position = position;
    this.issued += s - first - unissued;
    this.saveUncounted(s, pc);
    this.candidate = s;
    return leave;
  }

  private saveUncounted(s: number, pc: number): void {
    this.enter = s;
    this.floor = s;
    this.pc = pc;
  }

  // ---------------------------------------------------------------- fetch

  protected fetchLeave: Leave = 'look';

  /** The next instruction when it is not predecoded; may take time if it comes from outside. */
  private fetchSlowly(limit: number): Operation | undefined {
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

  private redirect(r: number, position: number, following: number): void {
    this.redirects++;
    if (this.recorder !== null) this.recorder.redirect(r);
    this.branchRedirectAt = r;
    this.blockFrom = r + 1;
    this.blockTo = r + 4;
    let held = false;
    let multiPart = false;
    if (this.fetch.needsStream) {
      const next = this.operationAt(following);
      held = this.floor > r || (next !== undefined && this.board.readyAt(next, r) > r);
      multiPart = next !== undefined && parts(next) > 1;
    }
    this.fetch.redirect(position, r, following, held, multiPart);
  }

  // ---------------------------------------------------------------- accesses outside

  /** Everything the vector unit does before period p must have happened. */
  private keepStep(p: number, limit: number): Leave | 'go' {
    if (p > limit) return 'late';
    if (this.vector.catchUp(p) === CatchUp.done) return 'go';
    this.accessCycle = this.epoch + this.vector.next;
    return 'access';
  }

  private announce(p: number): Leave {
    this.accessCycle = this.epoch + p;
    return 'access';
  }

  /** A load or store reported something instead of completing; `go` if it has been repeated successfully. */
  private reported(op: Operation, s: number, q: number, limit: number): Leave | 'go' {
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
    this.position++;
    this.enter = s + 1;
    this.pc = (this.pc + 4) | 0;
  }

  // ---------------------------------------------------------------- less frequent instructions

  private issueOther(op: Operation, s: number, stop: number, limit: number): Leave | 'go' {
    switch (op.kind) {
      case Kind.nop:
        s = this.board.readyAt(op, s);
        if (s >= stop) return this.blocked(s);
        if (this.nopsAfterIssue !== this.issued) {
          this.nopsAfterIssue = this.issued;
          this.nopsFrom = this.pc;
        }
        this.recorder?.pass?.(s, this.pc);
        this.pass(s);
        return 'go';
      case Kind.fixed:
        return this.issueFixed(op, s, stop);
      case Kind.vector:
        return this.issueVector(op, s, stop, limit);
      case Kind.loadUpdate:
      case Kind.storeUpdate:
        return this.issueUpdate(op, s, stop, limit);
      case Kind.loadMultiple:
      case Kind.storeMultiple:
        return this.issueMultiple(op, s, stop, limit);
      case Kind.divide:
        return this.issueDivide(op, s, stop);
      case Kind.sync:
      case Kind.trap:
      case Kind.moveToMsr:
        return this.issueSequencing(op, s, stop);
      default:
        return this.issueWait(stop);
    }
  }

  private blocked(s: number): Leave {
    this.candidate = s;
    return 'look';
  }

  private issueFixed(op: Operation, from: number, stop: number): Leave | 'go' {
    const { board, machine } = this;
    const s = board.readyAt(op, from);
    if (s >= stop) return this.blocked(s);
    const w = s + op.latency + 1;
    this.issuePeriod = s;
    const before = machine.gpr[0]!;
    op.run(machine, op.fields);
    if (op.destination !== Slot.none) {
      board.port[w & 63] = w;
      board.ready[op.destination] = w - 1;
      if (op.destination === 0) this.earlierR0 = before;
      if (this.recorder !== null) {
        this.recorder.registerWrite(w, op.destination, machine.gpr[op.destination]!);
      }
    }
    if (op.crField !== Slot.none) {
      board.ready[op.crField] = w;
      board.lastCr = w;
    }
    if (op.writesMore !== null) for (const slot of op.writesMore) board.ready[slot] = w;
    if (op.writesXer) this.floor = w + 1;
    if (
      (op.crField !== Slot.none || op.writesXer || op.writesMore !== null) &&
      w > board.lastOther
    ) {
      board.lastOther = w;
    }
    this.noteIssue(s, this.pc);
    this.pass(s);
    return 'go';
  }

  private issueDivide(op: Operation, from: number, stop: number): Leave | 'go' {
    const { board, machine, recorder } = this;
    const s = board.readyAt(op, Math.max(from, this.epochShift > 0 ? 0 : DIVIDER_READY));
    if (s >= stop) return this.blocked(s);
    const done = s + DIVISION;
    const rt = op.destination;
    const before = machine.gpr[0]!;
    op.run(machine, op.fields);
    if (rt === 0) this.earlierR0 = before;
    // A zero is written first; no instruction can see it.
    board.port[(s + 2) & 63] = s + 2;
    board.quotientAt = done;
    board.ready[rt] = done;
    if (op.crField !== Slot.none) {
      board.ready[op.crField] = done;
      board.lastCr = done;
    }
    this.noteIssue(s, this.pc);
    if (recorder !== null) {
      recorder.registerWrite(s + 2, rt, 0);
      recorder.registerWrite(done, rt, machine.gpr[rt]!);
    }
    this.pass(s);
    this.floor = done;
    return 'go';
  }

  /** Times periods have been renumbered since reset; the divider's start-up matters only before the first. */
  protected epochShift = 0;

  private issueUpdate(op: Operation, from: number, stop: number, limit: number): Leave | 'go' {
    const { board, queue, data, machine } = this;
    const isLoad = op.kind === Kind.loadUpdate;
    let s = from;
    for (;;) {
      s = board.readyAt(op, s);
      const room = queue.roomAt(s);
      if (room === s) break;
      s = room;
    }
    if (s >= stop) return this.blocked(s);
    if (this.vector.memoryOperations > 0) {
      const found = this.keepStep(s + 3, limit);
      if (found !== 'go') return found;
    }
    const { rt, ra } = op.fields;
    const oldT = machine.gpr[rt]!;
    const oldA = machine.gpr[ra]!;
    const q = queue.requestAt(s);
    data.latency = this.options.dataLatency;
    data.cycle = this.epoch + q;
    op.run(machine, op.fields);
    if (data.report !== Report.none) {
      if (isLoad) machine.gpr[rt] = oldT;
      machine.gpr[ra] = oldA;
      const found = this.reported(op, s, q, limit);
      if (found !== 'go') return found;
    }
    if (rt === 0) this.earlierR0 = oldT;
    queue.push(isLoad ? rt : NO_REGISTER, s, q, data.latency);
    this.noteIssue(s, this.pc);
    let second = s;
    if (isLoad) {
      // The second part writes the address back; nothing but the write port can hold it.
      second = s + 1;
      while (board.port[(second + 3) & 63] === second + 3) second++;
      this.noteIssue(second, this.pc);
      this.enter = s + 1;
    }
    const w = second + 3;
    board.port[w & 63] = w;
    board.ready[ra] = Math.max(w - 1, rt === ra && isLoad ? PENDING : 0);
    if (this.recorder !== null) this.recorder.registerWrite(w, ra, machine.gpr[ra]!);
    this.pass(second);
    return 'go';
  }

  private issueMultiple(op: Operation, from: number, stop: number, limit: number): Leave | 'go' {
    const { queue, data, machine } = this;
    const isLoad = op.kind === Kind.loadMultiple;
    const { rt } = op.fields;
    const gpr = machine.gpr;
    let s = this.partAt(isLoad, rt, from);
    if (s >= stop) return this.blocked(s);
    if (this.vector.memoryOperations > 0) {
      const found = this.keepStep(s + 3, limit);
      if (found !== 'go') return found;
    }
    // Values first, all at once: the stores before it are in memory already.
    const q = queue.requestAt(s);
    data.latency = this.options.dataLatency;
    data.cycle = this.epoch + q;
    const old = isLoad ? gpr.slice(rt) : null;
    op.run(machine, op.fields);
    if (data.report !== Report.none) {
      if (old !== null) gpr.set(old, rt);
      const found = this.reported(op, s, q, limit);
      if (found !== 'go') return found;
    }
    if (old !== null && rt === 0) this.earlierR0 = old[0]!;
    const latency = data.latency;
    for (let r = rt; ; r++) {
      queue.push(isLoad ? r : NO_REGISTER, s, queue.requestAt(s), latency);
      this.noteIssue(s, this.pc);
      if (r === 31) break;
      this.enter = s + 1;
      s = this.partAt(isLoad, r + 1, s + 1);
    }
    this.pass(s);
    return 'go';
  }

  /** Issue period, from `s` on, of the part of lmw or stmw that moves register r. */
  private partAt(isLoad: boolean, r: number, s: number): number {
    const { board, queue } = this;
    for (;;) {
      const ready = queue.awaitRegister(r);
      if (ready > s) s = ready;
      if (isLoad) while (board.port[(s + 4) & 63] === s + 4) s++;
      const room = queue.roomAt(s);
      if (room === s) return s;
      s = room;
    }
  }

  private issueVector(op: Operation, from: number, stop: number, limit: number): Leave | 'go' {
    const { vector } = this;
    for (let s = from; ; s++) {
      if (s >= stop) return this.blocked(s);
      if (vector.catchUp(s) === CatchUp.access) {
        this.accessCycle = this.epoch + vector.next;
        return 'access';
      }
      if (!vector.hasRoom(s)) continue;
      if (limit < s) return 'late';
      vector.issue(op, s);
      if (op.splatsR0 && this.board.ready[0]! > s) vector.overrideScalar(this.earlierR0);
      this.noteIssue(s, this.pc);
      this.pass(s);
      return 'go';
    }
  }

  /** wait takes effect when the sequencer sees it, whether or not it is held in the issue stage. */
  private issueWait(stop: number): Leave {
    const seen = Math.max(this.enter, this.sequencerFrom);
    if (seen >= stop) return this.blocked(seen);
    this.recorder?.pass?.(seen, this.pc);
    this.waitHeld = this.floor > seen;
    this.waiting = true;
    this.drainFrom = seen + 1;
    return 'look';
  }

  /**
   * sync, tw, twi, mtmsr: once issued, nothing more issues until the pipeline has been empty. One that cannot issue
   * in the period in which the sequencer sees it waits for the empty pipeline first and then does all this again.
   */
  private issueSequencing(op: Operation, from: number, stop: number): Leave | 'go' {
    const { board, machine, data } = this;
    const seen = Math.max(this.enter, this.sequencerFrom);
    if (seen >= stop) return this.blocked(seen);
    const s = board.readyAt(op, from);
    if (s > seen) {
      this.drainFrom = seen + 1;
      return 'look';
    }
    if (op.kind !== Kind.sync) {
      this.issuePeriod = s;
      machine.pc = this.pc;
      op.run(machine, op.fields);
      this.noteIssue(s, this.pc);
    } else this.recorder?.pass?.(s, this.pc);
    const address = this.pc;
    this.pass(s);
    this.drainFrom = s + 1;
    if (op.kind === Kind.moveToMsr) {
      board.lastOther = Math.max(board.lastOther, s + 2);
      board.ready[Slot.msr] = s + 2;
      this.changedEnable(s + 3);
    } else if (data.report === Report.trapped) {
      data.report = Report.none;
      this.exception(s + 3, address, true);
    }
    return 'look';
  }

  /** The MSR was written: its new content counts from period p. */
  protected changedEnable(p: number): void {
    if ((this.machine.msr & MSR_EE) !== 0) this.timers.enabled(p);
    else this.timers.disabled();
    this.planInterrupt();
  }
}
