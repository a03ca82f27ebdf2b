/**
 * An independent vector unit for comparison: objects instead of columns, and every period simulated after the other as
 * the manual of the core describes it. It is slow and stays as it is; `vector-unit.test.ts` holds the emulator's
 * against it.
 */
import { LANES, type Machine } from '../../../isa/machine.js';
import type { PpuBus } from '../../../emulator/ppu/bus.js';
import { spreadEnables } from '../../../emulator/ppu/data-port.js';
import type { PpuMemory } from '../../../emulator/ppu/memory.js';
import { Unit, type Operation } from '../../../emulator/ppu/operation.js';
import type { PpuOptions } from '../../../emulator/ppu/options.js';
import type { VectorRecorder } from '../../../emulator/ppu/recorder.js';
import { CatchUp, Wait } from '../../../emulator/ppu/vector-unit.js';

const capacity = [4, 2, 2, 2, 16];
const depth = [7, 2, 3];
const maskOrder: number[] = [Unit.madd, Unit.compare, Unit.memory, Unit.bus, Unit.permute];

/** One instruction on its way through the unit. */
class Entry {
  popped = Infinity;
  /** Older instructions whose results it needs. */
  readonly after: Entry[] = [];
  /** Registers still to read. */
  reads: number[] = [];
  hasLeftIdle = false;
  started = Infinity;
  /** Result period; Infinity while it is not known. */
  due = Infinity;
  /** Bus: period in which the answer is there. */
  answered = Infinity;
  done = Infinity;
  payload = new Int16Array(0);
  readonly enables = new Uint8Array(2 * LANES);

  constructor(
    readonly op: Operation,
    readonly visible: number,
    readonly scalar: number,
  ) {
    this.reads = [op.vectorA, op.vectorB].filter((register) => register >= 0);
  }

  get canStart(): boolean {
    return this.hasLeftIdle && this.reads.length === 0;
  }
}

export class SteppedVectorUnit {
  next = 0;
  permitted = -1;
  epoch = 0;
  recorder: VectorRecorder | null = null;
  private readonly queue: Entry[] = [];
  private readonly issuedRecently: Entry[] = [];
  private readonly stations: Entry[][] = [[], [], [], [], []];
  private readonly writers = new Map<number, Entry>();
  private conditionWriter: Entry | undefined = undefined;
  private readonly readers: Entry[] = [];
  private readonly lastRead = new Map<number, number>();
  private lastIssue = -100;
  private lastRetire = -100;
  private mask = new Set(maskOrder);
  private transfer: Entry | undefined = undefined;
  private transferred = 0;
  private transferBusy = { from: Infinity, to: Infinity };
  private latched: Entry | undefined = undefined;
  private request: Entry | undefined = undefined;
  private busOpen = 0;
  private busLastDone = -100;

  constructor(
    private readonly machine: Machine,
    private readonly memory: PpuMemory,
    private readonly bus: PpuBus,
    private readonly options: PpuOptions,
  ) {}

  private get inside(): Entry[] {
    return [...this.queue, ...this.stations.flat()];
  }

  get isEmpty(): boolean {
    return this.inside.length === 0;
  }

  get memoryOperations(): number {
    return this.inside.filter(({ op }) => op.unit === Unit.memory).length;
  }

  issue(op: Operation, t: number): void {
    if (this.isEmpty && this.next < t) this.next = t;
    const { ra, rb } = op.fields;
    const { gpr } = this.machine;
    const address = ((ra === 0 ? 0 : gpr[ra]!) + gpr[rb]!) | 0;
    const entry = new Entry(op, t + 3, op.direction === 0 ? gpr[ra]! : address);
    this.queue.push(entry);
    this.issuedRecently.push(entry);
    if (this.issuedRecently.length > 8) this.issuedRecently.shift();
    this.lastIssue = t;
  }

  overrideScalar(value: number): void {
    Object.assign(this.queue.at(-1)!, { scalar: value });
  }

  roomAt(s: number, limit: number): number {
    for (; s < limit; s++) {
      if (this.catchUp(s) === CatchUp.access) return Wait.access;
      const waiting = this.issuedRecently.filter(
        ({ visible, popped }) => visible <= s && popped >= s,
      );
      if (waiting.length < 2) return s;
    }
    return Wait.late;
  }

  drainedFrom(p: number, limit: number): number {
    for (; p < limit; p++) {
      if (this.catchUp(p) === CatchUp.access) return Wait.access;
      if (this.isDrained(p)) return p;
    }
    return Wait.late;
  }

  isDrained(t: number): boolean {
    if (this.lastIssue === t - 2 || this.lastRetire >= t) return false;
    return this.stations.flat().length === 0 && this.queue.every(({ visible }) => visible > t);
  }

  catchUp(t: number): number {
    for (; this.next < t; this.next++) {
      if (this.isEmpty) this.next = t - 1;
      else if (this.request !== undefined && this.bus.synchronised && this.permitted !== this.next)
        return CatchUp.access;
      else this.period(this.next);
    }
    return CatchUp.done;
  }

  private period(p: number): void {
    this.pop(p);
    this.transferWord(p);
    const writers = new Set<number>();
    this.stations.forEach((station, unit) => {
      const oldest = station[0];
      if (oldest === undefined || oldest.due > p) return;
      if (oldest.op.vectorTarget >= 0) writers.add(unit);
      else this.retire(unit, p);
    });
    const { from, to } = this.transferBusy;
    const memoryReady = p < from || p >= to;
    const busReady = this.request === undefined || this.busOpen < this.options.busOutstanding;
    const isReady = (unit: number): boolean =>
      unit === Unit.memory ? memoryReady : unit === Unit.bus ? busReady : true;
    const current = this.stations.map((station) => station.find((e) => e.started === Infinity));
    const readers = current.map((entry, unit) => {
      if (entry === undefined || !entry.hasLeftIdle || entry.reads.length === 0) return false;
      const isFirst = entry.reads[0] === entry.op.vectorA && !this.hasRead.has(entry);
      return !writers.has(unit) && (!isFirst || isReady(unit));
    });
    const asks = (unit: number): boolean => writers.has(unit) || readers[unit] === true;
    const anyone = [0, 1, 2, 3, 4].some(asks);
    let granted = [0, 1, 2, 3, 4].find((unit) => asks(unit) && this.mask.has(unit)) ?? -1;
    if (granted < 0 && asks(Unit.madd)) granted = Unit.madd;
    const canStart = current.map((entry) => entry?.canStart === true);
    const isIdle = current.map((entry) => entry !== undefined && !entry.hasLeftIdle);
    const stalled = new Set(writers);
    if (writers.has(granted)) {
      stalled.delete(granted);
      this.recorder?.write(p, this.stations[granted]![0]!.op.vectorTarget);
      this.retire(granted, p);
    }
    for (const unit of stalled) {
      if (unit === Unit.bus) continue;
      for (const entry of this.stations[unit]!.slice(1)) if (entry.started < p) entry.due++;
    }
    this.stepBus(stalled.has(Unit.bus), p);
    current.forEach((entry, unit) => {
      if (entry === undefined) return;
      const isFree = isReady(unit) && !stalled.has(unit);
      if (readers[unit] === true && granted === unit) this.read(entry, p);
      else if (canStart[unit] === true && isFree) this.start(entry, p);
      else if (isIdle[unit] === true && isFree) this.leaveIdle(entry, p);
    });
    if (anyone) this.rotateMask();
  }

  private readonly hasRead = new WeakSet<Entry>();

  private pop(p: number): void {
    const entry = this.queue[0];
    if (entry === undefined || entry.visible > p) return;
    const { unit, vectorTarget, vectorA, vectorB, conditional } = entry.op;
    const station = this.stations[unit]!;
    if (station.length >= capacity[unit]!) return;
    if (vectorTarget >= 0) {
      if ((this.writers.get(vectorTarget)?.done ?? -1) >= p) return;
      const unread = this.readers.some(({ reads }) => reads.includes(vectorTarget));
      if (unread || p < (this.lastRead.get(vectorTarget) ?? -100) + 2) return;
    }
    if (unit === Unit.compare) {
      if ((this.conditionWriter?.done ?? -1) >= p) return;
      if (this.readers.some((e) => e.op.conditional && e.started >= p)) return;
    }
    this.queue.shift();
    entry.popped = p;
    this.recorder?.pop(p);
    for (const register of [vectorA, vectorB]) {
      const writer = this.writers.get(register);
      if (writer !== undefined) entry.after.push(writer);
    }
    if (conditional && this.conditionWriter !== undefined) entry.after.push(this.conditionWriter);
    this.readers.push(entry);
    if (this.readers.length > 64) this.readers.shift();
    if (vectorTarget >= 0) this.writers.set(vectorTarget, entry);
    if (unit === Unit.compare) this.conditionWriter = entry;
    station.push(entry);
  }

  private read(entry: Entry, p: number): void {
    const register = entry.reads.shift()!;
    this.hasRead.add(entry);
    this.lastRead.set(register, p);
    this.recorder?.read(p, register);
  }

  private leaveIdle(entry: Entry, p: number): void {
    if (entry.popped >= p || entry.after.some(({ done }) => done >= p)) return;
    entry.hasLeftIdle = true;
    const { op } = entry;
    const { machine } = this;
    if (op.direction !== 0) {
      if (op.direction === 2)
        entry.payload = machine.vr.slice(LANES * op.vectorA, LANES * (op.vectorA + 1));
      spreadEnables(machine.vcr[op.fields.cond as 0], entry.enables);
      return;
    }
    const saved = machine.gpr[op.fields.ra]!;
    if (op.vectorA < 0) machine.gpr[op.fields.ra] = entry.scalar;
    op.run(machine, op.fields);
    machine.gpr[op.fields.ra] = saved;
  }

  private start(entry: Entry, p: number): void {
    entry.started = p;
    const { unit, direction } = entry.op;
    if (unit === Unit.bus) this.latched = entry;
    else if (unit === Unit.memory) {
      this.transfer = entry;
      this.transferred = 0;
      entry.due = this.acceptedAt(31, p) + this.options.vectorDataLatency + (3 - direction);
      this.transferBusy = { from: p + 2, to: Infinity };
    } else entry.due = p + depth[unit]!;
  }

  private retire(unit: number, p: number): void {
    const entry = this.stations[unit]!.shift()!;
    entry.done = this.lastRetire = p;
    this.recorder?.retire(p, unit);
    if (unit === Unit.compare) this.recorder?.condition(p);
    if (unit === Unit.memory) this.transferBusy.to = p + 1;
    if (unit !== Unit.bus) return;
    this.busOpen--;
    this.busLastDone = p;
    this.scheduleBus();
  }

  /** Period in which word n of a transfer that started in p is accepted; at most 16 are open. */
  private acceptedAt(n: number, p: number): number {
    const late = Math.max(0, this.options.vectorDataLatency - 16);
    return p + 2 + n + (n >= 16 ? late : 0);
  }

  private transferWord(p: number): void {
    const entry = this.transfer;
    if (entry === undefined || this.acceptedAt(this.transferred, entry.started) > p) return;
    const n = this.transferred++;
    const { words } = this.memory;
    const at = ((entry.scalar >>> 2) + n) & (words.length - 1);
    const { direction, vectorTarget } = entry.op;
    const to = LANES * vectorTarget + 2 * n;
    if (direction === 1) this.machine.vr.set([words[at]! >> 16, words[at]!], to);
    else words[at] = (entry.payload[2 * n]! << 16) | (entry.payload[2 * n + 1]! & 0xffff);
    if (this.transferred === 32) this.transfer = undefined;
  }

  private stepBus(stalled: boolean, p: number): void {
    const entry = this.request;
    if (entry !== undefined && this.busOpen < this.options.busOutstanding) {
      this.request = undefined;
      const { op, scalar, enables } = entry;
      const bytes = new Uint8Array(2 * LANES);
      if (op.direction === 1) {
        this.bus.readVector(scalar >>> 0, bytes, enables, this.epoch + p);
        this.machine.writeVector(op.vectorTarget, bytes);
      } else {
        entry.payload.forEach((x, i) => bytes.set([x >> 8, x], 2 * i));
        this.bus.writeVector(scalar >>> 0, bytes, enables, this.epoch + p);
      }
      this.recorder?.request(p, scalar);
      this.busOpen++;
      entry.answered = p + this.bus.latency;
      if (this.busOpen === 1) this.scheduleBus();
    }
    if (this.latched !== undefined && this.request === undefined && !stalled) {
      this.request = this.latched;
      this.latched = undefined;
    }
  }

  /** The oldest answered request has its result a period after the answer, two after the last result. */
  private scheduleBus(): void {
    const oldest = this.stations[Unit.bus]![0];
    if (oldest === undefined || oldest.answered === Infinity || oldest.due !== Infinity) return;
    oldest.due = Math.max(oldest.answered + 1, this.busLastDone + 2);
  }

  private rotateMask(): void {
    if (!this.mask.has(Unit.permute)) this.mask = new Set(maskOrder);
    else this.mask.delete(maskOrder.find((unit) => this.mask.has(unit))!);
  }
}
