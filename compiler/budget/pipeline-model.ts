/**
 * When instructions issue: score board, write port, memory queues, branch prediction and the vector unit, as the
 * manual of the core describes them. What depends on history that is not known is taken at its worst.
 */
import {
  branchCacheEntries as branchEntries,
  divisionPeriods as divisionCost,
  memoryQueueCrowded as crowded,
  redirectPeriods as redirectCost,
} from '../../isa/timing.js';
import { VectorModel } from '../timing/vector-model.js';
import { type Step, slots } from './step.js';

const portSize = 128;
const queueSize = 32;
/** Ready period of a register whose load has no known end yet. */
const pending = 0x3fff_ffff;
/** A prediction sees an update of its own branch only if that is so many periods old. */
const updateDelay = 6;

export class PipelineModel {
  /** Period in which the next instruction enters the issue stage. */
  enter: number;
  /** Issue period of the last instruction. */
  last = 0;
  private floor = 0;
  private readonly ready = new Int32Array(slots.count);
  private readonly port = new Int32Array(portSize).fill(-1);
  private lastCr = -1;
  private lastScheduled = -1;
  /** Shared with copies until an instruction needs it. */
  private vector: VectorModel;
  private isVectorShared: boolean;
  // Memory queue: register (-1: store), issue, answer; running numbers [head, tail), those below `settled` have left.
  private readonly register = new Int32Array(queueSize);
  private readonly issued = new Int32Array(queueSize);
  private readonly answer = new Int32Array(queueSize);
  private readonly leave = new Int32Array(queueSize);
  private settled = 0;
  private tail = 0;
  private lastRequest = -1;
  private lastAnswer = -1;
  private lastLeave = -1;
  private lastAccess = -100;
  // Branch cache: address, counter, target, what counter and target were before, and when they changed.
  private readonly branches = new Int32Array(branchEntries * 6).fill(-2);
  private afterRedirect = false;

  constructor(enter: number, vector: VectorModel) {
    this.enter = enter;
    this.vector = vector;
    this.isVectorShared = true;
  }

  private ownVector(): VectorModel {
    if (this.isVectorShared) this.vector = this.vector.clone();
    this.isVectorShared = false;
    return this.vector;
  }

  clone(): PipelineModel {
    this.isVectorShared = true;
    const other = new PipelineModel(this.enter, this.vector);
    other.last = this.last;
    other.floor = this.floor;
    other.lastCr = this.lastCr;
    other.lastScheduled = this.lastScheduled;
    other.settled = this.settled;
    other.tail = this.tail;
    other.lastRequest = this.lastRequest;
    other.lastAnswer = this.lastAnswer;
    other.lastLeave = this.lastLeave;
    other.lastAccess = this.lastAccess;
    other.afterRedirect = this.afterRedirect;
    other.ready.set(this.ready);
    other.port.set(this.port);
    other.register.set(this.register);
    other.issued.set(this.issued);
    other.answer.set(this.answer);
    other.leave.set(this.leave);
    other.branches.set(this.branches);
    return other;
  }

  /** Takes the later of everything from another state at the same place. */
  meet(other: PipelineModel): void {
    while (this.settled < this.tail) this.settleOne();
    while (other.settled < other.tail) other.settleOne();
    const max = Math.max;
    this.enter = max(this.enter, other.enter);
    this.floor = max(this.floor, other.floor);
    this.lastCr = max(this.lastCr, other.lastCr);
    this.lastScheduled = max(this.lastScheduled, other.lastScheduled);
    this.lastRequest = max(this.lastRequest, other.lastRequest);
    this.lastAnswer = max(this.lastAnswer, other.lastAnswer);
    this.lastLeave = max(this.lastLeave, other.lastLeave);
    this.lastAccess = max(this.lastAccess, other.lastAccess);
    for (let i = 0; i < slots.count; i++) this.ready[i] = max(this.ready[i]!, other.ready[i]!);
    for (let i = 0; i < portSize; i++) this.port[i] = max(this.port[i]!, other.port[i]!);
    // Predictions that only one of both would make are not counted on.
    const mine = this.branches;
    const theirs = other.branches;
    for (let i = 0; i < branchEntries * 6; i += 6) {
      if (mine[i] !== theirs[i]) mine.fill(-2, i, i + 6);
      else if (mine[i + 1] !== theirs[i + 1] || mine[i + 2] !== theirs[i + 2])
        mine[i + 2] = mine[i + 4] = -1;
    }
    if (this.vector !== other.vector && this.vector.isBehind(other.vector)) {
      this.vector = other.vector;
      this.isVectorShared = other.isVectorShared;
    }
  }

  /** Issues a step that is no branch. `latency` is that of its memory or bus access, if it has one. */
  issue(step: Step, latency: number): void {
    switch (step.timing) {
      case 'load':
      case 'store':
      case 'load-update':
      case 'store-update':
      case 'load-multiple':
      case 'store-multiple':
        return this.access(step, latency);
      case 'sync':
      case 'trap':
      case 'move-to-msr':
        return this.drain(step);
      case 'divide':
        return this.divide(step);
      default:
    }
    if (step.unit >= 0) {
      const vector = this.ownVector();
      const s = vector.roomFrom(this.readyAt(step, Math.max(this.enter, this.floor)));
      vector.issue(step, s, latency);
      return this.pass(s);
    }
    if (step.isNop) return this.pass(this.readyAt(step, Math.max(this.enter, this.floor)));
    const s = this.fixedAt(step);
    this.result(step, s);
    this.pass(s);
  }

  /** Issues a branch. `direction` undefined: nobody knows which way, so the redirect is charged. */
  branch(step: Step, address: number, taken: boolean | undefined, target: number): void {
    const s = this.readyAt(step, Math.max(this.enter, this.floor));
    for (const slot of step.targets) this.ready[slot] = s + 2;
    this.lastScheduled = Math.max(this.lastScheduled, s + 2);
    const right = taken === undefined ? false : this.predicts(address, s, taken, target);
    if (taken !== undefined) this.learn(address, s, taken, target);
    this.afterRedirect = !right;
    this.last = s;
    this.enter = right ? s + 1 : s + redirectCost;
  }

  private predicts(address: number, s: number, taken: boolean, target: number): boolean {
    // The first instruction after a redirect is never predicted.
    if (this.afterRedirect) return !taken;
    const entry = this.find(address);
    // What the cache holds from before is not known: it may be wrong.
    if (entry < 0) return false;
    const b = this.branches;
    const isNew = s - b[entry + 5]! >= updateDelay;
    const counter = isNew ? b[entry + 1]! : b[entry + 3]!;
    const predicted = isNew ? b[entry + 2]! : b[entry + 4]!;
    if (counter < 2) return !taken;
    return taken && predicted === target;
  }

  private find(address: number): number {
    for (let i = 0; i < branchEntries; i++) if (this.branches[6 * i] === address) return 6 * i;
    return -1;
  }

  private learn(address: number, s: number, taken: boolean, target: number): void {
    const b = this.branches;
    let entry = this.find(address);
    if (entry < 0) {
      entry = 6 * (s & (branchEntries - 1));
      b.set([address, taken ? 3 : 2, taken ? target : -1, 0, -1, s], entry);
      return;
    }
    const counter = b[entry + 1]!;
    b[entry + 3] = counter;
    b[entry + 4] = b[entry + 2]!;
    b[entry + 1] = taken ? Math.min(3, counter + 1) : Math.max(0, counter - 1);
    b[entry + 2] = taken ? target : -1;
    b[entry + 5] = s;
  }

  private pass(s: number): void {
    this.last = s;
    this.enter = s + 1;
    this.afterRedirect = false;
  }

  /** First period from `s` on in which all slots of a step are free. */
  private readyAt(step: Step, from: number): number {
    let s = from;
    for (const list of [step.sources, step.targets])
      for (const slot of list) {
        while (this.ready[slot]! >= pending) this.settleOne();
        s = Math.max(s, this.ready[slot]!);
      }
    return s;
  }

  private portFree(from: number, distance: number): number {
    let s = from;
    while (this.port[(s + distance) & (portSize - 1)] === s + distance) s++;
    return s;
  }

  private fixedAt(step: Step): number {
    let s = this.readyAt(step, Math.max(this.enter, this.floor));
    if (step.writesCr && s + step.latency + 1 <= this.lastCr) s = this.lastCr - step.latency;
    return step.general < 0 ? s : this.portFree(s, step.latency + 1);
  }

  private result(step: Step, s: number): void {
    const w = s + step.latency + 1;
    for (const slot of step.targets) this.ready[slot] = slot < 32 ? w - 1 : w;
    if (step.general >= 0) this.port[w & (portSize - 1)] = w;
    if (step.writesCr) this.lastCr = w;
    if (step.writesXer) this.floor = w + 1;
    this.lastScheduled = Math.max(this.lastScheduled, w);
  }

  private divide(step: Step): void {
    const s = this.fixedAt(step);
    const end = s + divisionCost;
    for (const slot of step.targets) this.ready[slot] = end;
    if (step.writesCr) this.lastCr = end;
    this.lastScheduled = Math.max(this.lastScheduled, end);
    this.pass(s);
    this.floor = end;
  }

  private access(step: Step, latency: number): void {
    const { timing, fields } = step;
    const loads = timing.startsWith('load');
    const multiple = timing.endsWith('multiple');
    const updates = timing.endsWith('update');
    let s = this.readyAt(step, Math.max(this.enter, this.floor));
    const count = multiple ? 32 - fields.rt : 1;
    for (let part = 0; part < count; part++) {
      if (part > 0) s++;
      for (;;) {
        const before = s;
        if (loads) s = this.portFree(s, updates ? 5 : 4);
        else if (updates) s = this.portFree(s, 3);
        s = this.roomFrom(s);
        if (s === before) break;
      }
      this.push(loads ? fields.rt + part : -1, s, latency);
    }
    let second = s;
    if (updates) {
      if (loads) second = this.portFree(s + 1, 3);
      const w = second + 3;
      this.port[w & (portSize - 1)] = w;
      if (!loads || fields.ra !== fields.rt) this.ready[fields.ra] = w - 1;
      this.lastScheduled = Math.max(this.lastScheduled, w);
    }
    this.pass(second);
  }

  private roomFrom(from: number): number {
    let s = from;
    for (;;) {
      let count = 0;
      for (let n = Math.max(0, this.tail - queueSize); n < this.tail; n++) {
        const i = n & (queueSize - 1);
        if (this.issued[i]! + 3 > s) continue;
        if (n >= this.settled || this.leave[i]! >= s) count++;
      }
      if (count < crowded) return s;
      while (this.settled < this.tail && count-- >= crowded) this.settleOne();
      s++;
    }
  }

  private push(register: number, s: number, latency: number): void {
    if (this.tail - this.settled >= queueSize - 2) this.settleOne();
    const i = this.tail++ & (queueSize - 1);
    const request = Math.max(s + 3, this.lastRequest + 1);
    this.register[i] = register;
    this.issued[i] = s;
    this.answer[i] = Math.max(request + latency, this.lastAnswer);
    this.lastRequest = request;
    this.lastAnswer = this.answer[i]!;
    this.lastAccess = s;
    if (register >= 0) this.ready[register] = pending;
    // What is answered before anything new can be scheduled for that period is known.
    while (this.settled < this.tail && this.answer[this.settled & (queueSize - 1)]! < s)
      this.settleOne();
  }

  /** The oldest access leaves the queue; a loaded value is written when the port is free. */
  private settleOne(): void {
    const i = this.settled++ & (queueSize - 1);
    let w = Math.max(this.answer[i]! + 1, this.lastLeave + 1);
    const register = this.register[i]!;
    if (register >= 0) {
      while (this.port[w & (portSize - 1)] === w) w++;
      this.ready[register] = w;
    }
    this.leave[i] = w;
    this.lastLeave = w;
  }

  private emptyFrom(from: number): number {
    while (this.settled < this.tail) this.settleOne();
    return Math.max(
      from,
      this.floor,
      this.lastScheduled + 1,
      this.lastLeave + 1,
      this.lastAccess + 3,
      (this.vector.isEmpty ? this.vector : this.ownVector()).drainedFrom(),
    );
  }

  private drain(step: Step): void {
    const s = this.readyAt(step, Math.max(this.enter, this.floor));
    // One that has to wait for its registers waits for the empty pipeline first.
    const first = s > this.enter ? this.emptyFrom(this.enter + 1) + 1 : s;
    const end = this.emptyFrom(first + 1);
    this.pass(first);
    this.enter = end + 1;
  }
}
