/**
 * The vector unit: instruction queue, reservation stations, five units, one register port. Simulated period by
 * period while anything is in it, and not at all otherwise.
 *
 * Values: an instruction computes when it leaves the idle step of its unit's sequencer. By then all older writers
 * of its sources have written and no younger one can have, because the queue holds writers back while reads are
 * outstanding; so the architectural registers may be updated at once, and only periods are tracked afterwards.
 */
import { LANES as ALL_LANES, type Machine } from '../../isa/machine.js';
import type { PpuBus } from './bus.js';
import type { PpuMemory } from './memory.js';
import { Unit, type Operation } from './operation.js';
import { spreadEnables } from './data-port.js';
import type { PpuOptions } from './options.js';
import type { VectorRecorder } from './recorder.js';

const LANES = ALL_LANES;
/** Entries that can exist at once: queue (with instructions on their way) and all reservation stations. */
const POOL = 48;
const STATION = 16;
const UNITS = 5;
/** A period later than any that occurs. */
const NEVER = 0x7fff_ffff;
/** Words of a vector transfer over the data memory port. */
const WORDS = 32;
/** Requests that may be open on the vector's data memory port. */
const MEMORY_OUTSTANDING = 16;

const capacity = [4, 2, 2, 2, 16];
/** Periods from start to result of the units with a fixed pipeline: multiplier 4, adder 1 and 2 more; and so on. */
const depth = [7, 2, 3];

// Steps of a unit's sequencer.
const IDLE = 0;
const READ_A = 1;
const READ_B = 2;
const START = 3;

// Units as constants of this module; imported ones would be loaded in every period.
const COMPARE = Unit.compare;
const PERMUTE = Unit.permute;
const MEMORY = Unit.memory;
const BUS = Unit.bus;
/** The units with a fixed pipeline can always take something. */
const ALWAYS_READY = 7;
/** Set of units that is just the multiply-add unit. */
const ONLY_MADD = 1;

/** Bits of the port's mask in the order in which they are cleared. */
const maskOrder = [Unit.madd, Unit.compare, Unit.memory, Unit.bus, Unit.permute];

/** Reasons why a catch-up ended. */
export const CatchUp = { done: 0, access: 1 } as const;

export class VectorUnit {
  /** Next period to simulate; everything before has happened. */
  next = 0;
  /** A parallel-bus access in exactly this period may be made without asking first. */
  permitted = -1;
  recorder: VectorRecorder | null = null;
  /** Instructions anywhere in the unit. */
  private population = 0;
  /** fxvlax and fxvstax anywhere in the unit: scalar accesses must keep in step with it. */
  memoryOperations = 0;
  /** Periods in a row without any change; see `catchUp`. */
  private quiet = 0;

  // Entries, one column per property.
  private readonly operation: (Operation | null)[] = new Array<Operation | null>(POOL).fill(null);
  private readonly visible = new Int32Array(POOL);
  private readonly popped = new Int32Array(POOL);
  private readonly done = new Int32Array(POOL);
  private readonly due = new Int32Array(POOL);
  private readonly serial = new Int32Array(POOL);
  private readonly scalarA = new Int32Array(POOL);
  /** Entries (and their serials) that must have written before this one may start: A, B, condition. */
  private readonly after = new Int32Array(POOL * 3);
  private readonly afterSerial = new Int32Array(POOL * 3);
  private readonly isFree = new Uint8Array(POOL).fill(1);
  private readonly payload = new Int16Array(POOL * LANES);
  private readonly enables: Uint16Array[] = [];

  private readonly queue = new Int32Array(8);
  private queueHead = 0;
  private queueCount = 0;
  /** Visible and pop periods of the last eight instructions, for counts at a past period. */
  private readonly recentVisible = new Int32Array(8).fill(-100);
  private readonly recentPopped = new Int32Array(8).fill(-100);
  private issued = 0;
  private poppedCount = 0;
  private lastIssue = -100;
  private lastRetire = -100;

  private readonly station = new Int32Array(UNITS * STATION);
  private readonly stationHead = new Int32Array(UNITS);
  private readonly stationCount = new Int32Array(UNITS);
  private readonly started = new Int32Array(UNITS);
  private readonly step = new Int32Array(UNITS);
  private mask = 31;
  /** Units with anything in their reservation station, one bit each. */
  private active = 0;

  private readonly writer = new Int32Array(32).fill(-1);
  private readonly writerSerial = new Int32Array(32);
  private readonly unread = new Int32Array(32);
  private readonly lastRead = new Int32Array(32).fill(-100);
  private conditionWriter = -1;
  private conditionSerial = 0;
  private conditionReaders = 0;
  private lastConditionStart = -100;
  private nextSerial = 1;

  // Serial load/store unit.
  private memoryReady = 0;
  private memoryEntry = -1;
  private memoryFirst = 0;
  private memoryWords = 0;
  // Parallel bus unit.
  private busLatched = -1;
  private busRequest = -1;
  private busOpen = 0;
  private busLastDone = -100;

  private readonly busBytes = new Uint8Array(128);
  private readonly busEnables = new Uint8Array(128);
  constructor(
    private readonly machine: Machine,
    private readonly memory: PpuMemory,
    private readonly bus: PpuBus,
    options: PpuOptions,
    private readonly onMemoryWrite: (word: number) => void,
  ) {
    this.memoryLatency = options.vectorDataLatency;
    this.busOutstanding = options.busOutstanding;
    for (let i = 0; i < POOL; i++) this.enables.push(new Uint16Array(LANES));
  }

  private readonly memoryLatency: number;
  private readonly busOutstanding: number;
  /** Cycle of period 0, for the bus. */
  epoch = 0;

  reset(): void {
    this.next = this.population = this.memoryOperations = this.quiet = 0;
    this.permitted = this.memoryEntry = this.busLatched = this.busRequest = -1;
    this.isFree.fill(1);
    this.queueHead = this.queueCount = this.issued = this.poppedCount = 0;
    this.recentVisible.fill(-100);
    this.recentPopped.fill(-100);
    this.lastIssue = this.lastRetire = this.lastConditionStart = this.busLastDone = -100;
    this.stationHead.fill(0);
    this.stationCount.fill(0);
    this.started.fill(0);
    this.step.fill(0);
    this.mask = 31;
    this.active = 0;
    this.writer.fill(-1);
    this.unread.fill(0);
    this.lastRead.fill(-100);
    this.conditionWriter = -1;
    this.conditionReaders = this.memoryReady = this.busOpen = 0;
  }

  /** Renumbers periods by `-by`. */
  rebase(by: number): void {
    const columns = [this.visible, this.popped, this.done, this.due, this.recentVisible];
    for (const column of [...columns, this.recentPopped, this.lastRead]) {
      for (let i = 0; i < column.length; i++) {
        if (column[i] !== NEVER) column[i] = Math.max(column[i]! - by, -100);
      }
    }
    this.next -= by;
    this.lastIssue -= by;
    this.lastRetire -= by;
    this.lastConditionStart -= by;
    this.busLastDone -= by;
    this.memoryFirst -= by;
    if (this.memoryReady !== NEVER) this.memoryReady = Math.max(0, this.memoryReady - by);
    if (this.permitted >= 0) this.permitted -= by;
  }

  /** Nothing inside. */
  get isEmpty(): boolean {
    return this.population === 0;
  }

  /** Whether an instruction that is handed over in period `t` finds a place; `catchUp(t)` must have been done. */
  hasRoom(t: number): boolean {
    if (this.queueCount < 2 && this.next <= t) return true;
    if (this.next === t) return this.visible[this.queue[(this.queueHead + 1) & 7]!]! > t;
    let count = 0;
    for (let i = this.issued - 1; i >= this.issued - 8; i--) {
      if (this.recentVisible[i & 7]! <= t && this.recentPopped[i & 7]! >= t) count++;
    }
    return count < 2;
  }

  /** Whether the unit counts as drained in period `t` (all periods before simulated). */
  isDrained(t: number): boolean {
    if (this.lastIssue === t - 2 || this.lastRetire >= t) return false;
    if (this.population === 0) return true;
    // What was handed over less than three periods ago is not seen in the queue yet.
    return this.population === this.queueCount && this.visible[this.queue[this.queueHead]!]! > t;
  }

  /** Takes an instruction in period `t` with its scalar operands. */
  issue(operation: Operation, t: number): void {
    if (this.population === 0 && this.next < t) this.next = t;
    this.quiet = 0;
    const { fields } = operation;
    const gpr = this.machine.gpr;
    // By serial number, so that the place of an instruction does not depend on how far the unit was simulated.
    let entry = this.nextSerial % POOL;
    while (this.isFree[entry] === 0) entry = entry + 1 === POOL ? 0 : entry + 1;
    this.isFree[entry] = 0;
    this.operation[entry] = operation;
    this.visible[entry] = t + 3;
    this.popped[entry] = NEVER;
    this.done[entry] = NEVER;
    this.due[entry] = NEVER;
    this.serial[entry] = this.nextSerial++;
    const base = fields.ra === 0 ? 0 : gpr[fields.ra]!;
    this.scalarA[entry] =
      operation.direction === 0 ? gpr[fields.ra]! : (base + gpr[fields.rb]!) | 0;
    this.queue[(this.queueHead + this.queueCount++) & 7] = entry;
    this.recentVisible[this.issued & 7] = t + 3;
    this.recentPopped[this.issued & 7] = NEVER;
    this.issued++;
    this.lastIssue = t;
    this.population++;
    if (operation.unit === MEMORY) this.memoryOperations++;
  }

  /** Replaces the scalar operand of the instruction issued last (a splat that overtook a write of r0). */
  overrideScalar(value: number): void {
    this.scalarA[this.queue[(this.queueHead + this.queueCount - 1) & 7]!] = value;
  }

  /**
   * Simulates all periods before `t`. Returns `CatchUp.access` in front of a period with a parallel-bus access if
   * the bus asks for that; `next` is then that period.
   */
  catchUp(t: number): number {
    while (this.next < t) {
      if (this.population === 0) {
        this.next = t;
        return CatchUp.done;
      }
      const p = this.next;
      if (this.busRequest >= 0 && this.bus.synchronised && this.permitted !== p)
        return CatchUp.access;
      this.simulate(p);
      this.next = p + 1;
      // Nothing can change within three quiet periods unless a pipeline or the memory delivers: skip to that.
      if (this.quiet > 3) this.skip(t);
    }
    return CatchUp.done;
  }

  private skip(t: number): void {
    let soonest = t;
    for (let unit = 0; unit < UNITS; unit++) {
      for (let i = 0; i < this.started[unit]!; i++) {
        const due = this.due[this.station[unit * STATION + ((this.stationHead[unit]! + i) & 15)]!]!;
        if (due < soonest) soonest = due;
      }
    }
    if (this.queueCount > 0) {
      const visible = this.visible[this.queue[this.queueHead]!]!;
      if (visible >= this.next && visible < soonest) soonest = visible;
    }
    if (soonest > this.next) {
      if (this.memoryEntry >= 0) this.transferUpTo(soonest - 1);
      this.next = soonest;
    }
    this.quiet = 0;
  }

  /** One period. Order: queue (on the state of the period's beginning), results, port, sequencers, bus, mask. */
  private simulate(p: number): void {
    this.quiet++;
    if (this.active === ONLY_MADD && this.memoryEntry < 0) {
      this.simulateMadd(p);
      return;
    }
    if (this.queueCount > 0) this.pop(p);
    if (this.memoryEntry >= 0) this.transferUpTo(p);
    const { started, station, stationHead, due, step } = this;
    // Results that need no port retire at once; the others ask for it.
    let writers = 0;
    for (let left = this.active; left !== 0; left &= left - 1) {
      const unit = 31 - Math.clz32(left & -left);
      if (started[unit] === 0) continue;
      const entry = station[unit * STATION + stationHead[unit]!]!;
      if (due[entry]! > p) continue;
      if (this.operation[entry]!.vectorTarget >= 0) writers |= 1 << unit;
      else this.retire(unit, entry, p);
    }
    let ready = ALWAYS_READY;
    if (p < this.memoryFirst || p >= this.memoryReady) ready |= 1 << MEMORY;
    if (this.busRequest < 0 || this.busAccepts()) ready |= 1 << BUS;
    let requests = writers;
    for (let left = this.active & ~writers; left !== 0; left &= left - 1) {
      const unit = 31 - Math.clz32(left & -left);
      if (step[unit] === READ_B || (step[unit] === READ_A && (ready & (1 << unit)) !== 0)) {
        requests |= 1 << unit;
      }
    }
    const granted = requests === 0 ? -1 : this.arbitrate(requests);
    let stalled = writers;
    if (granted >= 0 && (writers & (1 << granted)) !== 0) {
      const entry = station[granted * STATION + stationHead[granted]!]!;
      this.recorder?.write(p, this.operation[entry]!.vectorTarget);
      stalled &= ~(1 << granted);
      this.retire(granted, entry, p);
    }
    for (let left = stalled; left !== 0; left &= left - 1) {
      this.delayPipeline(31 - Math.clz32(left & -left));
    }
    this.advanceBus((stalled & (1 << BUS)) !== 0, p);
    // A unit that uses the port for its result does not read in the same period.
    const reader = granted >= 0 && (writers & (1 << granted)) === 0 ? granted : -1;
    for (let left = this.active; left !== 0; left &= left - 1) {
      const unit = 31 - Math.clz32(left & -left);
      const bit = 1 << unit;
      this.advance(unit, p, reader === unit, (ready & ~stalled & bit) !== 0);
    }
    if (requests !== 0) {
      this.rotateMask();
      this.quiet = 0;
    }
  }

  /**
   * The same while only the multiply-add unit has work: whatever the mask says, it gets the port when nobody else
   * asks, so it is never stalled.
   */
  private simulateMadd(p: number): void {
    if (this.queueCount > 0) this.pop(p);
    let asks = false;
    if (this.started[0]! > 0) {
      const entry = this.station[this.stationHead[0]!]!;
      if (this.due[entry]! <= p) {
        const target = this.operation[entry]!.vectorTarget;
        if (target >= 0) {
          asks = true;
          this.recorder?.write(p, target);
        }
        this.retire(0, entry, p);
      }
    }
    const reads = !asks && this.isReading(0);
    if (this.stationCount[0]! > 0) this.advance(0, p, reads, true);
    if (asks || reads) this.rotateMask();
  }

  private isReading(unit: number): boolean {
    const step = this.step[unit]!;
    return step === READ_A || step === READ_B;
  }

  private pop(p: number): void {
    const entry = this.queue[this.queueHead]!;
    if (this.visible[entry]! > p) return;
    const operation = this.operation[entry]!;
    const unit = operation.unit;
    if (this.stationCount[unit]! >= capacity[unit]!) return;
    const target = operation.vectorTarget;
    if (target >= 0) {
      if (this.isPending(this.writer[target]!, this.writerSerial[target]!, p)) return;
      if (this.unread[target]! > 0 || p < this.lastRead[target]! + 2) return;
    }
    if (unit === COMPARE) {
      if (this.isPending(this.conditionWriter, this.conditionSerial, p)) return;
      if (this.conditionReaders > 0 || p < this.lastConditionStart + 1) return;
    }
    this.queueHead = (this.queueHead + 1) & 7;
    this.queueCount--;
    this.recentPopped[this.poppedCount & 7] = p;
    this.poppedCount++;
    this.quiet = 0;
    this.recorder?.pop(p);
    this.popped[entry] = p;
    this.waitFor(
      entry,
      0,
      operation.vectorA < 0 ? -1 : this.writer[operation.vectorA]!,
      operation.vectorA,
    );
    this.waitFor(
      entry,
      1,
      operation.vectorB < 0 ? -1 : this.writer[operation.vectorB]!,
      operation.vectorB,
    );
    this.after[entry * 3 + 2] = operation.conditional ? this.conditionWriter : -1;
    this.afterSerial[entry * 3 + 2] = this.conditionSerial;
    if (operation.vectorA >= 0) this.unread[operation.vectorA]!++;
    if (operation.vectorB >= 0) this.unread[operation.vectorB]!++;
    if (operation.conditional) this.conditionReaders++;
    if (target >= 0) {
      this.writer[target] = entry;
      this.writerSerial[target] = this.serial[entry]!;
    }
    if (unit === COMPARE) {
      this.conditionWriter = entry;
      this.conditionSerial = this.serial[entry]!;
    }
    this.station[unit * STATION + ((this.stationHead[unit]! + this.stationCount[unit]!) & 15)] =
      entry;
    this.stationCount[unit]!++;
    this.active |= 1 << unit;
  }

  private waitFor(entry: number, operand: number, writer: number, register: number): void {
    this.after[entry * 3 + operand] = writer;
    this.afterSerial[entry * 3 + operand] = register < 0 ? 0 : this.writerSerial[register]!;
  }

  /** Whether that entry still has to write, seen in period p (a write in p itself is not over yet). */
  private isPending(entry: number, serial: number, p: number): boolean {
    return entry >= 0 && this.serial[entry] === serial && this.done[entry]! >= p;
  }

  private operandsValid(entry: number, p: number): boolean {
    for (let i = entry * 3; i < entry * 3 + 3; i++) {
      if (this.isPending(this.after[i]!, this.afterSerial[i]!, p)) return false;
    }
    return true;
  }

  private retire(unit: number, entry: number, p: number): void {
    this.done[entry] = p;
    this.lastRetire = p;
    this.recorder?.retire(p, unit);
    if (unit === COMPARE) this.recorder?.condition(p);
    if (unit === MEMORY) {
      this.memoryReady = p + 1;
      this.memoryOperations--;
    }
    if (unit === BUS) {
      this.busOpen--;
      this.busLastDone = p;
      this.scheduleBusResult();
    }
    this.stationHead[unit] = (this.stationHead[unit]! + 1) & 15;
    if (--this.stationCount[unit]! === 0) this.active &= ~(1 << unit);
    this.started[unit]!--;
    this.isFree[entry] = 1;
    this.population--;
    this.quiet = 0;
  }

  /** The result of `unit` was not granted the port: everything behind it in the pipeline is one period later. */
  private delayPipeline(unit: number): void {
    this.quiet = 0;
    if (unit !== Unit.madd && unit !== PERMUTE) return;
    for (let i = 1; i < this.started[unit]!; i++) {
      this.due[this.station[unit * STATION + ((this.stationHead[unit]! + i) & 15)]!]!++;
    }
  }

  /** One step of a unit's sequencer. `free`: the unit is ready and not stalled. */
  private advance(unit: number, p: number, granted: boolean, free: boolean): void {
    const step = this.step[unit]!;
    if (step === IDLE) {
      if (!free || this.started[unit] === this.stationCount[unit]) return;
      const entry = this.waiting(unit);
      if (this.popped[entry]! >= p || !this.operandsValid(entry, p)) return;
      const operation = this.operation[entry]!;
      this.step[unit] = operation.vectorA >= 0 ? READ_A : START;
      this.execute(entry, operation);
      this.quiet = 0;
    } else if (step === START) {
      if (!free) return;
      this.begin(unit, this.waiting(unit), p);
      this.step[unit] = IDLE;
      this.quiet = 0;
    } else if (granted) {
      const operation = this.operation[this.waiting(unit)]!;
      const register = step === READ_A ? operation.vectorA : operation.vectorB;
      this.unread[register]!--;
      this.lastRead[register] = p;
      this.recorder?.read(p, register);
      this.step[unit] = step === READ_A && operation.vectorB >= 0 ? READ_B : START;
      this.quiet = 0;
    }
  }

  /** The entry that the unit's sequencer works on. */
  private waiting(unit: number): number {
    return this.station[unit * STATION + ((this.stationHead[unit]! + this.started[unit]!) & 15)]!;
  }

  private begin(unit: number, entry: number, p: number): void {
    const operation = this.operation[entry]!;
    this.started[unit]!++;
    if (operation.conditional) {
      this.conditionReaders--;
      this.lastConditionStart = p;
    }
    if (unit <= PERMUTE) {
      this.due[entry] = p + depth[unit]!;
    } else if (unit === MEMORY) {
      const m = this.memoryLatency;
      const last = m <= MEMORY_OUTSTANDING ? p + 2 + WORDS - 1 : p + 2 + MEMORY_OUTSTANDING - 1 + m;
      this.due[entry] = last + m + (operation.direction === 1 ? 2 : 1);
      this.memoryEntry = entry;
      this.memoryFirst = p + 2;
      this.memoryWords = 0;
      // Not ready from p + 2 until its result is through.
      this.memoryReady = NEVER;
    } else {
      this.busLatched = entry;
    }
  }

  /** Computes, or captures what the unit needs later. */
  private execute(entry: number, operation: Operation): void {
    const m = this.machine;
    if (operation.direction !== 0) {
      if (operation.direction === 2) {
        const from = operation.vectorA * LANES;
        this.payload.set(m.vr.subarray(from, from + LANES), entry * LANES);
      }
      if (operation.unit === BUS) this.enables[entry]!.set(m.vcr[operation.fields.cond as 0]);
      return;
    }
    const { fields } = operation;
    if (operation.vectorA >= 0) {
      operation.run(m, fields);
      return;
    }
    // A splat uses the general register as it was at issue.
    const saved = m.gpr[fields.ra]!;
    m.gpr[fields.ra] = this.scalarA[entry]!;
    operation.run(m, fields);
    m.gpr[fields.ra] = saved;
  }

  /** Words of a serial transfer whose requests are accepted in periods up to p. */
  private transferUpTo(p: number): void {
    const entry = this.memoryEntry;
    const operation = this.operation[entry]!;
    const { words } = this.memory;
    const mask = words.length - 1;
    const first = (this.scalarA[entry]! >>> 2) & mask;
    const vr = this.machine.vr;
    const late =
      this.memoryLatency > MEMORY_OUTSTANDING ? this.memoryLatency - MEMORY_OUTSTANDING : 0;
    while (this.memoryWords < WORDS) {
      const n = this.memoryWords;
      if (this.memoryFirst + n + (n >= MEMORY_OUTSTANDING ? late : 0) > p) return;
      const word = (first + n) & mask;
      if (operation.direction === 1) {
        const at = operation.vectorTarget * LANES + 2 * n;
        vr[at] = words[word]! >> 16;
        vr[at + 1] = words[word]!;
      } else {
        const at = entry * LANES + 2 * n;
        words[word] = (this.payload[at]! << 16) | (this.payload[at + 1]! & 0xffff);
        this.onMemoryWrite(word);
      }
      this.memoryWords++;
    }
    this.memoryEntry = -1;
  }

  private busAccepts(): boolean {
    return this.busOpen < this.busOutstanding;
  }

  /** Acceptance of the request, then the input register moves on unless the unit is stalled. */
  private advanceBus(stalled: boolean, p: number): void {
    if (this.busRequest >= 0 && this.busAccepts()) {
      const entry = this.busRequest;
      this.busRequest = -1;
      this.accessBus(entry, p);
      this.quiet = 0;
    }
    if (this.busLatched >= 0 && this.busRequest < 0 && !stalled) {
      this.busRequest = this.busLatched;
      this.busLatched = -1;
      this.quiet = 0;
    }
  }

  private accessBus(entry: number, p: number): void {
    const operation = this.operation[entry]!;
    const address = this.scalarA[entry]!;
    const bytes = this.busBytes;
    const cycle = this.epoch + p;
    spreadEnables(this.enables[entry]!, this.busEnables);
    if (operation.direction === 1) {
      this.bus.readVector(address >>> 0, bytes, this.busEnables, cycle);
      this.machine.writeVector(operation.vectorTarget, bytes);
    } else {
      for (let i = 0; i < LANES; i++) {
        const x = this.payload[entry * LANES + i]!;
        bytes[2 * i] = x >> 8;
        bytes[2 * i + 1] = x;
      }
      this.bus.writeVector(address >>> 0, bytes, this.busEnables, cycle);
    }
    this.recorder?.request(p, address);
    this.busOpen++;
    // The answer is on the bus in this period; when its result is due depends on those before it.
    this.visible[entry] = p + this.bus.latency;
    if (this.busOpen === 1) this.scheduleBusResult();
  }

  /** Sets when the oldest answered request has its result: a period after the answer, two after the last result. */
  private scheduleBusResult(): void {
    if (this.busOpen === 0) return;
    const at = this.due;
    // `retire` calls this before it moves the head: find the oldest accepted entry without a due period.
    for (let i = 0; i < this.started[BUS]!; i++) {
      const entry = this.station[BUS * STATION + ((this.stationHead[BUS]! + i) & 15)]!;
      if (at[entry] !== NEVER) continue;
      if (entry === this.busLatched || entry === this.busRequest) return;
      const answer = this.visible[entry]! + 1;
      const free = this.busLastDone + 2;
      at[entry] = answer > free ? answer : free;
      return;
    }
  }

  /** Fixed order among those whose mask bit is set; else MADD if it asks; else nobody. */
  private arbitrate(requests: number): number {
    const unmasked = requests & this.mask;
    if (unmasked === 0) return (requests & 1) !== 0 ? 0 : -1;
    return 31 - Math.clz32(unmasked & -unmasked);
  }

  private rotateMask(): void {
    if ((this.mask & (1 << PERMUTE)) === 0) {
      this.mask = 31;
      return;
    }
    for (const unit of maskOrder) {
      if ((this.mask & (1 << unit)) !== 0) {
        this.mask &= ~(1 << unit);
        return;
      }
    }
  }
}
