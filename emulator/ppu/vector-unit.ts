/**
 * The vector unit as the core sees it: it takes instructions and is brought forward to a period when someone has to
 * know. Simulated period by period while something happens in it, from event to event otherwise, and not at all
 * while it is empty.
 */
import type { VectorRecorder } from './recorder.js';
import { VectorPlan } from './vector-unit-plan.js';
import { NEVER } from './vector-unit-state.js';

/** Reasons why a catch-up ended. */
export const CatchUp = { done: 0, access: 1 } as const;

/** Answers of `roomAt` and `drainedFrom` instead of a period. */
export const Wait = {
  /** The period is not before the limit. */
  late: -1,
  /** A bus access is due in period `next` and has to be announced. */
  access: -2,
} as const;

const DONE = CatchUp.done;
const ACCESS = CatchUp.access;

export class VectorUnit extends VectorPlan {
  /** Watches what happens from `next` on; null ends it. */
  set recorder(recorder: VectorRecorder | null) {
    this.settle();
    this.watcher = recorder;
  }

  /**
   * Simulates all periods before `t`. Returns `CatchUp.access` in front of a period with a parallel-bus access if
   * the bus asks for that; `next` is then that period.
   */
  catchUp(t: number): number {
    return this.simulate(t, false);
  }

  /**
   * First period from `s` on, before `limit`, in which an instruction that is handed over finds a place, everything
   * before it simulated; or a `Wait`.
   */
  roomAt(s: number, limit: number): number {
    if (this.planned > 0) {
      const room = this.plannedRoom(s);
      return room < limit ? room : Wait.late;
    }
    if (this.simulate(s, false) !== DONE) return Wait.access;
    while (!this.hasRoom(s)) {
      if (this.next > s) {
        // Simulated ahead already: the past is looked at period by period.
        s++;
      } else {
        // Only a dispatch makes room, and one in period p counts from p + 1 on.
        if (this.simulate(limit, true) !== DONE) return Wait.access;
        s = this.next;
      }
      if (s >= limit) return Wait.late;
    }
    return s;
  }

  /**
   * First period from `p` on, before `limit`, in which the unit counts as drained if nothing is handed over, everything
   * before it simulated; or a `Wait`.
   */
  drainedFrom(p: number, limit: number): number {
    while (p < limit) {
      if (this.simulate(p, false) !== DONE) return Wait.access;
      if (this.isDrained(p)) return p;
      p++;
      if (this.planned > 0 && this.planEnd >= p) p = this.planEnd + 1;
      // Nothing drains before what is in the units has retired.
      if (this.nextDue !== NEVER && this.nextDue >= p) p = this.nextDue + 1;
    }
    return Wait.late;
  }

  /** Whether the unit counts as drained in period `t`; all periods before are simulated. */
  isDrained(t: number): boolean {
    if (this.lastIssue === t - 2 || this.lastRetire >= t) return false;
    if (this.population === 0) return true;
    // What was handed over less than three periods ago is not seen in the queue yet.
    if (this.planned > 0) return this.oldestVisible > t;
    return this.population === this.queueCount && this.visible[this.queueHead]! > t;
  }

  /** Simulates the periods before `t`, or until one with a dispatch is over. */
  private simulate(t: number, untilDispatch: boolean): number {
    if (this.planned > 0) this.follow(t);
    if (this.planned > 0) return DONE;
    let quiet = 0;
    const dispatched = this.poppedCount;
    while (this.next < t) {
      if (this.population === 0) {
        this.next = t;
        break;
      }
      const p = this.next;
      if (this.busRequest >= 0 && this.bus.synchronised && this.permitted !== p) return ACCESS;
      if (this.isMaddOnly ? this.maddPeriod(p) : this.period(p)) {
        quiet = 0;
        this.next = p + 1;
        if (untilDispatch && this.poppedCount !== dispatched) break;
      } else {
        // Whatever an event enables happens within two periods; after that only results and the queue change anything.
        this.next = ++quiet < 2 ? p + 1 : this.nextEvent(p + 1, t);
      }
    }
    return DONE;
  }

  /** The next period, at most `t`, in which the state of the unit changes by itself; transfers go on until there. */
  private nextEvent(from: number, t: number): number {
    let soonest = Math.min(t, this.nextDue);
    if (this.queueCount > 0) {
      const visible = this.visible[this.queueHead]!;
      if (visible >= from && visible < soonest) soonest = visible;
    }
    if (soonest <= from) return from;
    if (this.transfer >= 0) this.transferUpTo(soonest - 1);
    return soonest;
  }
}
