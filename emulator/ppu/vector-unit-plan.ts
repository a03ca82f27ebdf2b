/**
 * The vector unit while it holds nothing but multiply-add instructions. Nobody competes for the register port then and
 * nothing that comes later changes what is under way, so all periods of an instruction are known when it is handed
 * over. As soon as another kind of instruction comes, or someone wants to watch, the state of that period is worked out
 * and the stepping of `vector-unit-steps.ts` goes on from it.
 */
import { stationCapacity, unitDepth, vectorQueueDelay } from '../../isa/timing.js';
import { Unit, type Operation } from './operation.js';
import { LONG_AGO, NEVER, QUEUE, STATION } from './vector-unit-state.js';
import { VectorSteps } from './vector-unit-steps.js';

const MADD = Unit.madd;
const CAPACITY = stationCapacity[MADD]!;
const DEPTH = unitDepth[MADD]!;
const DELAY = vectorQueueDelay;
/** Places of the plan's ring, more than the queue and the reservation station hold together. */
const RING = 16;
const WRAP = RING - 1;
/** Periods for which uses of the port for results are remembered; results are known 7 periods ahead. */
const PORT = 64;

export abstract class VectorPlan extends VectorSteps {
  /** Planned instructions that had not retired before `next`; 0: the unit is empty or steps through periods. */
  protected planned = 0;
  /** How many of them have left the idle step, and so been executed. */
  private executed = 0;
  private oldest = 0;
  private readonly plan: (Operation | null)[] = new Array<Operation | null>(RING).fill(null);
  private readonly planVisible = new Int32Array(RING);
  private readonly planPop = new Int32Array(RING);
  private readonly planLeave = new Int32Array(RING);
  private readonly planReadA = new Int32Array(RING);
  /** Period of the last read, which is that of A if there is no B. */
  private readonly planRead = new Int32Array(RING);
  private readonly planDone = new Int32Array(RING);
  /** `resultAt[p & 63] === p` if a result uses the port in period p. */
  private readonly resultAt = new Int32Array(PORT).fill(-1);

  override reset(): void {
    super.reset();
    this.forgetPlan();
  }

  override rebase(by: number): void {
    this.settle();
    super.rebase(by);
    this.forgetPlan();
  }

  override issue(operation: Operation, t: number): void {
    if (this.planned > 0) this.follow(t);
    const isFree = this.population === this.planned && this.watcher === null;
    if (isFree && operation.unit === MADD) {
      this.add(operation, t);
      return;
    }
    this.settle();
    super.issue(operation, t);
  }

  /** Works out the instruction's periods; the rules are those of `pop`, `leaveIdle`, `read` and `start`. */
  private add(operation: Operation, t: number): void {
    const { written, lastRead, resultAt, planPop, planRead, planDone } = this;
    const { vectorA, vectorB, vectorTarget } = operation;
    const at = (this.oldest + this.planned) & WRAP;
    const before = (at - 1) & WRAP;
    let pop = t + DELAY;
    let leave = 0;
    if (this.planned > 0) {
      if (planPop[before]! >= pop) pop = planPop[before]! + 1;
      // The sequencer is idle again two periods after the last read, one after the start.
      leave = planRead[before]! + 2;
      const full = planDone[(at - CAPACITY) & WRAP]!;
      if (this.planned >= CAPACITY && full >= pop) pop = full + 1;
    }
    if (vectorTarget >= 0) {
      if (written[vectorTarget]! >= pop) pop = written[vectorTarget]! + 1;
      if (lastRead[vectorTarget]! + 2 > pop) pop = lastRead[vectorTarget]! + 2;
    }
    if (pop >= leave) leave = pop + 1;
    if (vectorA !== vectorTarget && written[vectorA]! >= leave) leave = written[vectorA]! + 1;
    if (vectorB >= 0 && vectorB !== vectorTarget && written[vectorB]! >= leave)
      leave = written[vectorB]! + 1;
    if (operation.conditional && this.conditionWritten >= leave) leave = this.conditionWritten + 1;
    let read = leave + 1;
    while (resultAt[read & (PORT - 1)] === read) read++;
    this.planReadA[at] = read;
    lastRead[vectorA] = read;
    if (vectorB >= 0) {
      read++;
      while (resultAt[read & (PORT - 1)] === read) read++;
      lastRead[vectorB] = read;
    }
    const done = read + 1 + DEPTH;
    if (vectorTarget >= 0) {
      resultAt[done & (PORT - 1)] = done;
      written[vectorTarget] = done;
    }
    this.plan[at] = operation;
    this.planVisible[at] = this.recentVisible[this.issued] = t + DELAY;
    planPop[at] = this.recentPopped[this.issued] = pop;
    this.planLeave[at] = leave;
    planRead[at] = read;
    planDone[at] = done;
    if (this.population === 0 && this.next < t) this.next = t;
    this.issued = this.poppedCount = (this.issued + 1) & (QUEUE - 1);
    this.lastIssue = t;
    this.planned++;
    this.population++;
  }

  /** Lets the periods before `t` pass. */
  protected follow(t: number): void {
    const { plan, planLeave, planDone } = this;
    while (this.executed < this.planned) {
      const at = (this.oldest + this.executed) & WRAP;
      if (planLeave[at]! >= t) break;
      const operation = plan[at]!;
      operation.run(this.machine, operation.fields);
      this.executed++;
    }
    while (this.planned > 0) {
      const at = this.oldest;
      const done = planDone[at]!;
      if (done >= t) break;
      const { vectorB, vectorTarget } = plan[at]!;
      this.usePort(1 + (vectorB >= 0 ? 1 : 0) + (vectorTarget >= 0 ? 1 : 0));
      this.lastRetire = done;
      plan[at] = null;
      this.oldest = (at + 1) & WRAP;
      this.planned--;
      this.executed--;
      this.population--;
    }
    if (this.next < t) this.next = t;
  }

  /** First period from `s` on in which a further instruction finds a place. */
  protected plannedRoom(s: number): number {
    const { recentVisible, recentPopped } = this;
    for (let t = s; ;) {
      // The youngest that is seen in the queue; no room while the one before it is there, too.
      let k = this.issued - 1;
      while (recentVisible[k & (QUEUE - 1)]! > t) k--;
      if (recentPopped[k & (QUEUE - 1)]! < t) return t;
      const other = recentPopped[(k - 1) & (QUEUE - 1)]!;
      if (other < t) return t;
      t = other + 1;
    }
  }

  /** Period after which nothing is left, if nothing is handed over any more. */
  protected get planEnd(): number {
    return this.planDone[(this.oldest + this.planned - 1) & WRAP]!;
  }

  /** Visible period of the oldest instruction. */
  protected get oldestVisible(): number {
    return this.planVisible[this.oldest]!;
  }

  /** Gives up the plan: the state of the unit at the beginning of period `next`. */
  protected settle(): void {
    const { planned, oldest, next } = this;
    if (planned === 0) return;
    for (let i = 0; i < planned; i++) this.forgetRegisters(this.plan[(oldest + i) & WRAP]!);
    this.isHeldBack = false;
    for (let i = 0; i < planned; i++) {
      const at = (oldest + i) & WRAP;
      if (this.planPop[at]! < next) this.settleHeld(at, i < this.executed);
      else this.settleQueued(at);
    }
    for (let i = 0; i < QUEUE; i++) {
      if (this.recentPopped[i]! >= next) this.recentPopped[i] = NEVER;
    }
    this.plan.fill(null);
    this.planned = this.executed = 0;
  }

  /** Periods to come are planned ones; from here on they are unknown. */
  private forgetRegisters({ vectorA, vectorB, vectorTarget }: Operation): void {
    const { written, lastRead, next } = this;
    if (vectorTarget >= 0 && written[vectorTarget]! >= next) written[vectorTarget] = LONG_AGO;
    if (lastRead[vectorA]! >= next) lastRead[vectorA] = LONG_AGO;
    if (vectorB >= 0 && lastRead[vectorB]! >= next) lastRead[vectorB] = LONG_AGO;
  }

  private settleQueued(at: number): void {
    const to = (this.queueHead + this.queueCount) & (QUEUE - 1);
    this.queued[to] = this.plan[at]!;
    this.queuedScalar[to] = 0;
    this.visible[to] = this.planVisible[at]!;
    this.queueCount++;
    this.poppedCount = (this.poppedCount - 1) & (QUEUE - 1);
  }

  private settleHeld(at: number, hasLeftIdle: boolean): void {
    const { next } = this;
    const operation = this.plan[at]!;
    const { vectorA, vectorB, vectorTarget } = operation;
    const place = MADD * STATION + ((this.head[MADD]! + this.count[MADD]!) & (STATION - 1));
    this.held[place] = operation;
    this.scalar[place] = 0;
    this.popped[place] = this.planPop[at]!;
    this.count[MADD]!++;
    if (vectorTarget >= 0) this.written[vectorTarget] = NEVER;
    const hasReadA = this.planReadA[at]! < next;
    const hasRead = this.planRead[at]! < next;
    if (hasReadA) {
      this.lastRead[vectorA] = this.planReadA[at]!;
      this.usePort(1);
    } else this.unread[vectorA]!++;
    if (vectorB >= 0) {
      if (hasRead) {
        this.lastRead[vectorB] = this.planRead[at]!;
        this.usePort(1);
      } else this.unread[vectorB]!++;
    }
    const bit = 1 << MADD;
    if (this.planRead[at]! + 1 < next) {
      const due = this.planDone[at]!;
      this.due[place] = due;
      if (due < this.nextDue) this.nextDue = due;
      this.started[MADD]!++;
      this.busy |= bit;
      return;
    }
    if (operation.conditional) this.conditionReaders++;
    // The first that has not started is the one that the sequencer works on.
    if (this.count[MADD]! - 1 !== this.started[MADD]!) return;
    if (!hasLeftIdle) this.idle |= bit;
    else if (hasRead) this.starting |= bit;
    else if (hasReadA) this.readingB |= bit;
    else this.readingA |= bit;
  }

  private forgetPlan(): void {
    this.planned = this.executed = this.oldest = 0;
    this.plan.fill(null);
    this.resultAt.fill(-1);
  }
}
