/**
 * One period of the vector unit: the queue, results, the register port, the sequencers of the five units.
 *
 * Values: an instruction computes when it leaves the idle step of its unit's sequencer. By then all older writers
 * of its sources have written and no younger one can have, because the queue holds writers back while reads are
 * outstanding; so the architectural registers may be updated at once, and only periods are tracked afterwards.
 */
import { portMaskOrder, stationCapacity, unitDepth } from '../../isa/timing.js';
import { Unit, type Operation } from './operation.js';
import { VectorPorts } from './vector-unit-ports.js';
import { NEVER, QUEUE, STATION } from './vector-unit-state.js';

// Numbers of other modules as constants of this one; imported ones would be loaded in every period.
const MADD = Unit.madd;
const COMPARE = Unit.compare;
const PERMUTE = Unit.permute;
const MEMORY = Unit.memory;
const BUS = Unit.bus;
const capacity = stationCapacity;
const depth = unitDepth;
const UNKNOWN = NEVER;
const RING = STATION;
const WRAP = STATION - 1;

const LAST_ROTATION = portMaskOrder.length;
const MADD_BIT = 1 << Unit.madd;
const BUS_BIT = 1 << Unit.bus;
const MEMORY_BIT = 1 << Unit.memory;
/** The units with a fixed pipeline can always take something. */
const ALWAYS_READY = 7;

/** The port's mask by the number of bits cleared, one more with every period in which anyone asks. */
const masks = [0, 1, 2, 3, 4, 5].map((cleared) =>
  portMaskOrder.slice(cleared).reduce((mask, unit) => mask | (1 << unit), 0),
);

export abstract class VectorSteps extends VectorPorts {
  /** Simulates period p. Returns whether anything happened in it. */
  protected period(p: number): boolean {
    let happened = false;
    // The queue sees the state of the period's beginning.
    if (this.mayPop(p)) happened = this.pop(p);
    if (this.transfer >= 0) this.transferUpTo(p);
    let writers = 0;
    if (p >= this.nextDue) {
      writers = this.results(p);
      happened = true;
    }
    const ready = this.readyUnits(p);
    // One step a period: what comes to these steps now goes on in the next one.
    const { idle, starting } = this;
    let stalled = writers;
    const requests = writers | ((this.readingB | (this.readingA & ready)) & ~writers);
    if (requests !== 0) {
      happened = true;
      const granted = this.arbitrate(requests);
      if ((granted & writers) !== 0) {
        stalled &= ~granted;
        this.writeResult(granted, p);
      } else if (granted !== 0) {
        // A unit that uses the port for its result does not read in the same period.
        this.read(granted, p);
      }
      if (stalled !== 0) this.delay(stalled);
    }
    if (this.busLatched >= 0 || this.busRequest >= 0) {
      if (this.advanceBus((stalled & BUS_BIT) !== 0, p)) happened = true;
    }
    const free = ready & ~stalled;
    if ((starting & free) !== 0) {
      this.start(starting & free, p);
      happened = true;
    }
    if ((idle & free) !== 0 && this.leaveIdle(idle & free, p)) happened = true;
    return happened;
  }

  /** Whether nothing but multiply-add instructions has left the queue. */
  protected get isMaddOnly(): boolean {
    return this.population === this.queueCount + this.count[MADD]!;
  }

  /**
   * The same while only the multiply-add unit has work: it gets the port whenever it asks, whatever the mask, so its
   * results are never held up. Returns whether anything happened.
   */
  protected maddPeriod(p: number): boolean {
    let happened = false;
    if (this.mayPop(p)) happened = this.pop(p);
    let writes = false;
    if (p >= this.nextDue) {
      const place = this.head[MADD]!;
      writes = this.held[place]!.vectorTarget >= 0;
      if (writes) {
        this.writeResult(MADD_BIT, p);
        this.rotate();
      } else {
        this.retire(MADD, place, p);
      }
      happened = true;
    }
    if (((this.readingA | this.readingB) & MADD_BIT) !== 0) {
      if (!writes) {
        this.read(MADD_BIT, p);
        this.rotate();
      }
      return true;
    }
    if ((this.starting & MADD_BIT) !== 0) {
      this.start(MADD_BIT, p);
      return true;
    }
    return ((this.idle & MADD_BIT) !== 0 && this.leaveIdle(MADD_BIT, p)) || happened;
  }

  // ---------------------------------------------------------------- queue

  private mayPop(p: number): boolean {
    return !this.isHeldBack && this.queueCount > 0 && this.visible[this.queueHead]! <= p;
  }

  /** Dispatches the head of the queue to its unit's reservation station, unless something holds it in the queue. */
  private pop(p: number): boolean {
    const at = this.queueHead;
    const operation = this.queued[at]!;
    const { unit, vectorA, vectorB, vectorTarget } = operation;
    const { unread, written } = this;
    const waiting = this.count[unit]!;
    if (waiting >= capacity[unit]!) {
      this.isHeldBack = true;
      return false;
    }
    if (vectorTarget >= 0) {
      if (p <= written[vectorTarget]! || unread[vectorTarget]! > 0) return false;
      if (p < this.lastRead[vectorTarget]! + 2) return false;
    }
    if (unit === COMPARE && (p <= this.conditionWritten || this.conditionReaders > 0)) return false;
    this.queueHead = (at + 1) & (QUEUE - 1);
    this.queueCount--;
    this.recentPopped[this.poppedCount] = p;
    this.poppedCount = (this.poppedCount + 1) & (QUEUE - 1);
    if (this.watcher !== null) this.watcher.pop(p);
    if (vectorA >= 0) unread[vectorA]!++;
    if (vectorB >= 0) unread[vectorB]!++;
    if (vectorTarget >= 0) written[vectorTarget] = UNKNOWN;
    if (operation.conditional) this.conditionReaders++;
    if (unit === COMPARE) this.conditionWritten = UNKNOWN;
    const place = unit * RING + ((this.head[unit]! + waiting) & WRAP);
    this.held[place] = operation;
    this.queued[at] = null;
    this.scalar[place] = this.queuedScalar[at]!;
    this.popped[place] = p;
    this.count[unit] = waiting + 1;
    // The sequencer is in its idle step unless it works on one before.
    if (waiting === this.started[unit]!) this.idle |= 1 << unit;
    return true;
  }

  // ---------------------------------------------------------------- results

  /** Results of period p: those that need no port retire; the set of units whose result asks for it. */
  private results(p: number): number {
    let writers = 0;
    for (let left = this.busy; left !== 0; left &= left - 1) {
      const unit = 31 - Math.clz32(left & -left);
      const place = unit * RING + this.head[unit]!;
      if (this.due[place]! > p) continue;
      if (this.held[place]!.vectorTarget >= 0) writers |= 1 << unit;
      else this.retire(unit, place, p);
    }
    return writers;
  }

  private writeResult(bit: number, p: number): void {
    const unit = 31 - Math.clz32(bit);
    const place = unit * RING + this.head[unit]!;
    const target = this.held[place]!.vectorTarget;
    this.written[target] = p;
    if (this.watcher !== null) this.watcher.write(p, target);
    this.retire(unit, place, p);
  }

  private retire(unit: number, place: number, p: number): void {
    this.lastRetire = p;
    if (this.watcher !== null) {
      this.watcher.retire(p, unit);
      if (unit === COMPARE) this.watcher.condition(p);
    }
    if (unit === COMPARE) this.conditionWritten = p;
    else if (unit === MEMORY) {
      this.memoryReady = p + 1;
      this.memoryOperations--;
    } else if (unit === BUS) {
      this.busOpen--;
      this.busLastDone = p;
      this.scheduleBusResult();
    }
    this.isHeldBack = false;
    this.held[place] = null;
    this.due[place] = UNKNOWN;
    this.head[unit] = (this.head[unit]! + 1) & WRAP;
    this.count[unit]!--;
    if (--this.started[unit]! === 0) this.busy &= ~(1 << unit);
    this.population--;
    let soonest = UNKNOWN;
    for (let left = this.busy; left !== 0; left &= left - 1) {
      const other = 31 - Math.clz32(left & -left);
      const due = this.due[other * RING + this.head[other]!]!;
      if (due < soonest) soonest = due;
    }
    this.nextDue = soonest;
  }

  /** Results of these units were not granted the port: everything behind them in a pipeline is one period later. */
  private delay(units: number): void {
    for (let unit: number = MADD; unit <= PERMUTE; unit += PERMUTE) {
      if ((units & (1 << unit)) === 0) continue;
      for (let i = 1; i < this.started[unit]!; i++) {
        this.due[unit * RING + ((this.head[unit]! + i) & WRAP)]!++;
      }
    }
  }

  // ---------------------------------------------------------------- register port

  /** Which of the requesting units gets the port (sets, 0: nobody): in fixed order among those whose mask bit is set. */
  private arbitrate(requests: number): number {
    const unmasked = requests & masks[this.rotation]!;
    this.rotate();
    return unmasked === 0 ? requests & MADD_BIT : unmasked & -unmasked;
  }

  private rotate(): void {
    this.rotation = this.rotation === LAST_ROTATION ? 0 : this.rotation + 1;
  }

  /** Counts up to five periods with requests at once. */
  protected usePort(periods: number): void {
    this.rotation += periods;
    if (this.rotation > LAST_ROTATION) this.rotation -= LAST_ROTATION + 1;
  }

  private read(bit: number, p: number): void {
    const unit = 31 - Math.clz32(bit);
    const operation = this.held[unit * RING + ((this.head[unit]! + this.started[unit]!) & WRAP)]!;
    let register = operation.vectorB;
    if ((this.readingB & bit) !== 0) {
      this.readingB &= ~bit;
      this.starting |= bit;
    } else {
      this.readingA &= ~bit;
      if (register >= 0) this.readingB |= bit;
      else this.starting |= bit;
      register = operation.vectorA;
    }
    this.unread[register]!--;
    this.lastRead[register] = p;
    if (this.watcher !== null) this.watcher.read(p, register);
  }

  // ---------------------------------------------------------------- sequencers

  private readyUnits(p: number): number {
    let ready = ALWAYS_READY;
    if (p < this.memoryFirst || p >= this.memoryReady) ready |= MEMORY_BIT;
    if (this.busRequest < 0 || this.busAccepts()) ready |= BUS_BIT;
    return ready;
  }

  /** Sequencers that leave the idle step, because all operands have been written. Whether any did. */
  private leaveIdle(units: number, p: number): boolean {
    let any = false;
    for (let left = units; left !== 0; left &= left - 1) {
      const bit = left & -left;
      const unit = 31 - Math.clz32(bit);
      const place = unit * RING + ((this.head[unit]! + this.started[unit]!) & WRAP);
      const operation = this.held[place]!;
      if (this.popped[place]! >= p || !this.isValid(operation, p)) continue;
      this.idle &= ~bit;
      if (operation.vectorA >= 0) this.readingA |= bit;
      else this.starting |= bit;
      this.execute(place, operation);
      any = true;
    }
    return any;
  }

  /**
   * Whether all operands were written before period p. No younger writer of an operand can have left the queue, so
   * what is still to come is what the instruction waits for; except its own result, which it only left the queue for
   * when the register had been written.
   */
  private isValid({ vectorA, vectorB, vectorTarget, conditional }: Operation, p: number): boolean {
    const { written } = this;
    if (vectorA >= 0 && vectorA !== vectorTarget && p <= written[vectorA]!) return false;
    if (vectorB >= 0 && vectorB !== vectorTarget && p <= written[vectorB]!) return false;
    return !conditional || p > this.conditionWritten;
  }

  /** Computes, or captures what the unit needs later. */
  private execute(place: number, operation: Operation): void {
    const m = this.machine;
    const { fields } = operation;
    if (operation.direction !== 0) {
      this.keep(place, operation);
    } else if (operation.vectorA >= 0) {
      operation.run(m, fields);
    } else {
      // A splat uses the general register as it was at issue.
      const saved = m.gpr[fields.ra]!;
      m.gpr[fields.ra] = this.scalar[place]!;
      operation.run(m, fields);
      m.gpr[fields.ra] = saved;
    }
  }

  /** Sequencers that hand their instruction to the unit. */
  private start(units: number, p: number): void {
    for (let left = units; left !== 0; left &= left - 1) {
      const bit = left & -left;
      const unit = 31 - Math.clz32(bit);
      const place = unit * RING + ((this.head[unit]! + this.started[unit]!) & WRAP);
      const operation = this.held[place]!;
      if (operation.conditional) this.conditionReaders--;
      this.starting &= ~bit;
      this.busy |= bit;
      if (++this.started[unit]! < this.count[unit]!) this.idle |= bit;
      if (unit === BUS) {
        this.busLatched = place;
        continue;
      }
      const due = unit === MEMORY ? this.beginTransfer(place, operation, p) : p + depth[unit]!;
      this.due[place] = due;
      if (due < this.nextDue) this.nextDue = due;
    }
  }
}
