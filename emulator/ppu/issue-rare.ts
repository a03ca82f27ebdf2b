/**
 * Issue of the instructions that are not in the loop itself: updates, multiples, divisions, vector instructions,
 * special registers, and those that wait for an empty pipeline.
 */
import { divisionPeriods } from '../../isa/timing.js';
import { Report } from './data-port.js';
import { IssueState, type Leave } from './issue-state.js';
import { NO_REGISTER } from './memory-queue.js';
import { Kind, Slot, type Operation } from './operation.js';
import { PENDING } from './scoreboard.js';
import { Wait } from './vector-unit.js';

/** Periods of a division, during which nothing issues. */
const DIVISION = divisionPeriods;
/** The divider's counter runs once after reset. */
const DIVIDER_READY = 31;

export abstract class RareIssue extends IssueState {
  protected issueOther(op: Operation, s: number, stop: number, limit: number): Leave | 'go' {
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

  protected blocked(s: number): Leave {
    this.candidate = s;
    return 'look';
  }

  protected issueFixed(op: Operation, from: number, stop: number): Leave | 'go' {
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
    if (op.writesSpecial) board.lastSpecial = w;
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

  protected issueDivide(op: Operation, from: number, stop: number): Leave | 'go' {
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

  protected issueUpdate(op: Operation, from: number, stop: number, limit: number): Leave | 'go' {
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

  /** The registers that a load multiple replaces, as long as it may still be refused. */
  private readonly keptRegisters = new Int32Array(32);

  protected issueMultiple(op: Operation, from: number, stop: number, limit: number): Leave | 'go' {
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
    const old = isLoad ? this.keptRegisters : null;
    if (old !== null) for (let r = rt; r < 32; r++) old[r] = gpr[r]!;
    op.run(machine, op.fields);
    if (data.report !== Report.none) {
      if (old !== null) for (let r = rt; r < 32; r++) gpr[r] = old[r]!;
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
  protected partAt(isLoad: boolean, r: number, s: number): number {
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

  protected issueVector(op: Operation, from: number, stop: number, limit: number): Leave | 'go' {
    const { vector } = this;
    if (from >= stop) return this.blocked(from);
    const s = vector.roomAt(from, stop);
    if (s === Wait.access) {
      this.accessCycle = this.epoch + vector.next;
      return 'access';
    }
    if (s === Wait.late) return this.blocked(stop);
    if (limit < s) return 'late';
    vector.issue(op, s);
    if (op.splatsR0 && this.board.ready[0]! > s) vector.overrideScalar(this.earlierR0);
    this.noteIssue(s, this.pc);
    this.pass(s);
    return 'go';
  }

  /** wait takes effect when the sequencer sees it, whether or not it is held in the issue stage. */
  protected issueWait(stop: number): Leave {
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
  protected issueSequencing(op: Operation, from: number, stop: number): Leave | 'go' {
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
}
