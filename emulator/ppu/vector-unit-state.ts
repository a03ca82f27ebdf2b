/**
 * What the vector unit is made of: the queue, the reservation stations, where each unit's sequencer stands, and
 * since when registers are written and read. How it moves is in `vector-unit-steps.ts`.
 */
import type { Machine } from '../../isa/machine.js';
import {
  transferWords,
  vectorQueueDelay,
  vectorQueueRoom,
  vectorUnitCount,
} from '../../isa/timing.js';
import type { PpuBus } from './bus.js';
import type { PpuMemory } from './memory.js';
import { Unit, type Operation } from './operation.js';
import type { PpuOptions } from './options.js';
import type { VectorRecorder } from './recorder.js';

/** Units, and places in the ring of a unit's reservation station. */
export const UNITS = vectorUnitCount;
export const STATION = 16;
/** Places of the queue's ring: two that count as room, and instructions on their way to it. */
export const QUEUE = 8;
/** A period later than any that occurs. */
export const NEVER = 0x7fff_ffff;
/** A period before any that occurs, and far enough back that no rule reaches it. */
export const LONG_AGO = -100;
/** Words of a vector, and of a transfer over the data memory port. */
export const WORDS = transferWords;
/** Stations of the two units that keep a vector: serial transfers and parallel bus. */
const KEEPING = 2;

// Units as constants of this module; imported ones would be loaded in every period.
const MEMORY = Unit.memory;
const BUS = Unit.bus;

/** All fields are numbers, flags, or arrays that `savePart` copies: a snapshot of the unit is a copy of them. */
export class VectorState {
  /** Next period to simulate; everything before has happened. */
  next = 0;
  /** A parallel-bus access in exactly this period may be made without asking first. */
  permitted = -1;
  /** Cycle of period 0, for the bus. */
  epoch = 0;
  /** fxvlax and fxvstax anywhere in the unit: scalar accesses must keep in step with it. */
  memoryOperations = 0;
  /** Who wants to know what happens; null: nobody. */
  protected watcher: VectorRecorder | null = null;
  /** Instructions anywhere in the unit. */
  protected population = 0;

  // The queue, with what is on its way to it.
  protected readonly queued: (Operation | null)[] = new Array<Operation | null>(QUEUE).fill(null);
  protected readonly queuedScalar = new Int32Array(QUEUE);
  protected readonly visible = new Int32Array(QUEUE);
  protected queueHead = 0;
  protected queueCount = 0;
  /** The reservation station that the head of the queue goes to was full, and nothing has retired since. */
  protected isHeldBack = false;
  /** Visible and pop periods of the last eight instructions, for counts at a past period. */
  protected readonly recentVisible = new Int32Array(QUEUE).fill(LONG_AGO);
  protected readonly recentPopped = new Int32Array(QUEUE).fill(LONG_AGO);
  /** Place of the next one issued, and of the next one popped, among those. */
  protected issued = 0;
  protected poppedCount = 0;
  protected lastIssue = LONG_AGO;
  protected lastRetire = LONG_AGO;

  // The reservation stations: ring of unit u from u * STATION on. The first `started` instructions of each are in
  // the unit, the next is the one that its sequencer works on.
  protected readonly held: (Operation | null)[] = new Array<Operation | null>(UNITS * STATION).fill(
    null,
  );
  protected readonly scalar = new Int32Array(UNITS * STATION);
  protected readonly popped = new Int32Array(UNITS * STATION);
  /** Result period of what has started; NEVER as long as it is not known. */
  protected readonly due = new Int32Array(UNITS * STATION).fill(NEVER);
  protected readonly head = new Int32Array(UNITS);
  protected readonly count = new Int32Array(UNITS);
  protected readonly started = new Int32Array(UNITS);
  /** Not after the first result period of any instruction that has started. */
  protected nextDue = NEVER;

  /** Set of units, a bit each, in which something has started. */
  protected busy = 0;
  // Sets of units by the step of their sequencers; those without anything to start are in none.
  protected idle = 0;
  protected readingA = 0;
  protected readingB = 0;
  protected starting = 0;
  /** Periods with requests of the register port, modulo 6: that many bits of its mask are cleared. */
  protected rotation = 0;

  // Registers: period of the last write (NEVER: still to come), reads to come, period of the last one.
  protected readonly written = new Int32Array(32).fill(LONG_AGO);
  protected readonly unread = new Int32Array(32);
  protected readonly lastRead = new Int32Array(32).fill(LONG_AGO);
  // The condition register: the same, with instructions that wait for it and have not started.
  protected conditionWritten = LONG_AGO;
  protected conditionReaders = 0;

  // Serial load/store unit: place of the transfer under way, its first period, words done.
  protected transfer = -1;
  protected memoryFirst = 0;
  protected memoryWords = 0;
  /** Not ready from `memoryFirst` to before this period. */
  protected memoryReady = 0;
  // Parallel bus unit: places in its input and output register, requests without a result.
  protected busLatched = -1;
  protected busRequest = -1;
  protected busOpen = 0;
  protected busLastDone = LONG_AGO;
  /** Period in which the answer to a request is on the bus. */
  protected readonly answered = new Int32Array(STATION);
  /** Vectors to store or put on the bus, two halfwords a word as in the register file. */
  protected readonly payload = new Int32Array(KEEPING * STATION * WORDS);
  /** Byte enables of requests, one byte each. */
  protected readonly enables: Uint8Array[] = [];

  protected readonly memoryLatency: number;
  protected readonly busOutstanding: number;

  constructor(
    protected readonly machine: Machine,
    protected readonly memory: PpuMemory,
    protected readonly bus: PpuBus,
    options: PpuOptions,
    protected readonly onMemoryWrite: (word: number) => void,
  ) {
    this.memoryLatency = options.vectorDataLatency;
    this.busOutstanding = options.busOutstanding;
    for (let i = 0; i < STATION; i++) this.enables.push(new Uint8Array(4 * WORDS));
  }

  reset(): void {
    this.next = this.population = this.memoryOperations = this.rotation = 0;
    this.permitted = this.transfer = this.busLatched = this.busRequest = -1;
    this.queued.fill(null);
    this.queueHead = this.queueCount = this.issued = this.poppedCount = 0;
    this.isHeldBack = false;
    this.recentVisible.fill(LONG_AGO);
    this.recentPopped.fill(LONG_AGO);
    this.lastIssue = this.lastRetire = this.busLastDone = this.conditionWritten = LONG_AGO;
    this.held.fill(null);
    this.due.fill(NEVER);
    this.head.fill(0);
    this.count.fill(0);
    this.started.fill(0);
    this.nextDue = NEVER;
    this.busy = this.idle = this.readingA = this.readingB = this.starting = 0;
    this.written.fill(LONG_AGO);
    this.unread.fill(0);
    this.lastRead.fill(LONG_AGO);
    this.conditionReaders = this.memoryReady = this.memoryFirst = this.memoryWords = 0;
    this.busOpen = 0;
  }

  /** Renumbers periods by `-by`. */
  rebase(by: number): void {
    const { visible, popped, due, recentVisible, recentPopped, written, lastRead, answered } = this;
    const columns = [visible, popped, due, recentVisible, recentPopped, written, lastRead];
    for (const column of [...columns, answered]) {
      for (let i = 0; i < column.length; i++) column[i] = earlier(column[i]!, by);
    }
    this.next -= by;
    this.lastIssue = earlier(this.lastIssue, by);
    this.lastRetire = earlier(this.lastRetire, by);
    this.busLastDone = earlier(this.busLastDone, by);
    this.conditionWritten = earlier(this.conditionWritten, by);
    this.memoryFirst = earlier(this.memoryFirst, by);
    this.memoryReady = earlier(this.memoryReady, by);
    this.nextDue = earlier(this.nextDue, by);
    if (this.permitted >= 0) this.permitted -= by;
  }

  /** Nothing inside. */
  get isEmpty(): boolean {
    return this.population === 0;
  }

  /** Takes an instruction in period `t` with its scalar operands. */
  issue(operation: Operation, t: number): void {
    if (this.population === 0 && this.next < t) this.next = t;
    const { fields, unit } = operation;
    const { gpr } = this.machine;
    const at = (this.queueHead + this.queueCount) & (QUEUE - 1);
    this.queued[at] = operation;
    this.visible[at] = t + vectorQueueDelay;
    const base = fields.ra === 0 ? 0 : gpr[fields.ra]!;
    if (operation.direction !== 0) this.queuedScalar[at] = (base + gpr[fields.rb]!) | 0;
    else this.queuedScalar[at] = operation.vectorA < 0 ? gpr[fields.ra]! : 0;
    this.queueCount++;
    this.recentVisible[this.issued] = t + vectorQueueDelay;
    this.recentPopped[this.issued] = NEVER;
    this.issued = (this.issued + 1) & (QUEUE - 1);
    this.lastIssue = t;
    this.population++;
    if (unit === MEMORY) this.memoryOperations++;
  }

  /** Replaces the scalar operand of the instruction issued last (a splat that overtook a write of r0). */
  overrideScalar(value: number): void {
    this.queuedScalar[(this.queueHead + this.queueCount - 1) & (QUEUE - 1)] = value;
  }

  /** Whether an instruction that is handed over in period `t` finds a place; all periods before are simulated. */
  protected hasRoom(t: number): boolean {
    if (this.queueCount < vectorQueueRoom && this.next <= t) return true;
    if (this.next === t)
      return this.visible[(this.queueHead + vectorQueueRoom - 1) & (QUEUE - 1)]! > t;
    let count = 0;
    for (let i = 0; i < QUEUE; i++) {
      if (this.recentVisible[i]! <= t && this.recentPopped[i]! >= t) count++;
    }
    return count < vectorQueueRoom;
  }

  /** Where the vector that an instruction of the serial or bus unit keeps is in `payload`. */
  protected payloadOf(place: number): number {
    return (place - MEMORY * STATION) * WORDS;
  }

  /** The byte enables of a place in the bus unit's station. */
  protected enablesOf(place: number): Uint8Array {
    return this.enables[place - BUS * STATION]!;
  }
}

function earlier(period: number, by: number): number {
  return period === NEVER ? NEVER : Math.max(period - by, LONG_AGO);
}
