/** Time of a set of triggers against their periods: what fits, what blocks whom. */
import type { Image, TriggerTiming } from '../link/image.js';
import { type TriggerCycles, analyseTriggers } from './analyse.js';
import type { LatencyProfile } from './profile.js';

export interface TriggerBudget {
  readonly rule: number;
  readonly trigger: number;
  readonly timing: TriggerTiming;
  readonly cycles: TriggerCycles;
  /** From begin to end at `Budget.rows` rows; and with what the scheduler does around it. */
  readonly execution: number;
  readonly worst: number;
  /** Share of the period; 0 for what does not repeat. */
  readonly share: number;
  /** Rows at which one execution still fits its period; Infinity without a period or without rows. */
  readonly rowsThatFit: number;
  /** Longest time that another trigger, just begun, can keep it waiting. */
  readonly blocking: number;
}

export interface Budget {
  readonly profile: string;
  readonly rows: number;
  readonly triggers: readonly TriggerBudget[];
  /** Sum of the shares. */
  readonly load: number;
  /** Rows up to which every trigger fits its period and all together fit the processor. */
  readonly rowsThatFit: number;
  /** Rows up to which no trigger can miss its deadline, blocking included. */
  readonly rowsThatNeverMiss: number;
  /** False: some loop has no bound. */
  readonly isBounded: boolean;
}

interface Cost {
  readonly rule: number;
  readonly trigger: number;
  readonly timing: TriggerTiming;
  readonly cycles: TriggerCycles;
}

/** Rows to look at: a block has no more. */
const mostRows = 256;
/** Deadlines looked at when asking whether one can be missed. */
const mostDeadlines = 4000;

const executionAt = ({ cycles }: Cost, rows: number): number => cycles.fixed + rows * cycles.perRow;
const worstAt = (cost: Cost, rows: number): number => executionAt(cost, rows) + cost.cycles.around;

/** The times of an image's triggers; ask it for budgets at several numbers of rows. */
export class TimeAnalysis {
  private readonly costs: readonly Cost[];
  private readonly repeating: readonly Cost[];
  private readonly rowsThatFit: number;
  private readonly rowsThatNeverMiss: number;

  constructor(
    image: Image,
    timing: readonly (readonly TriggerTiming[])[],
    private readonly profile: LatencyProfile,
  ) {
    this.costs = analyseTriggers(image, profile).flatMap((triggers, rule) =>
      triggers.map((cycles, trigger) => ({
        rule,
        trigger,
        timing: timing[rule]?.[trigger] ?? {
          kind: 'start',
          period: 0,
          shortest: 0,
          first: 0,
          count: 1,
        },
        cycles,
      })),
    );
    this.repeating = this.costs.filter(({ timing: { period } }) => period > 0);
    this.rowsThatFit = largest((n) => this.fits(n));
    this.rowsThatNeverMiss = Math.min(
      this.rowsThatFit,
      largest((n) => this.neverMisses(n)),
    );
  }

  /** The budget at `rows` rows. */
  at(rows: number): Budget {
    const triggers = this.costs.map((cost) => this.budgetOf(cost, rows));
    return {
      profile: this.profile.name,
      rows,
      triggers,
      load: triggers.reduce((sum, { share }) => sum + share, 0),
      rowsThatFit: this.rowsThatFit,
      rowsThatNeverMiss: this.rowsThatNeverMiss,
      isBounded: this.costs.every(({ cycles }) => cycles.isBounded),
    };
  }

  private budgetOf(cost: Cost, rows: number): TriggerBudget {
    const { period } = cost.timing;
    const worst = worstAt(cost, rows);
    const left = period - cost.cycles.fixed - cost.cycles.around;
    const fitting =
      cost.cycles.perRow > 0 ? Math.floor(left / cost.cycles.perRow) : left < 0 ? 0 : Infinity;
    return {
      ...cost,
      execution: executionAt(cost, rows),
      worst,
      share: period > 0 ? worst / period : 0,
      rowsThatFit: period > 0 ? Math.max(0, fitting) : Infinity,
      blocking: this.costs
        .filter((other) => other !== cost && other.timing.kind !== 'start')
        .reduce((most, other) => Math.max(most, worstAt(other, rows)), 0),
    };
  }

  private fits(rows: number): boolean {
    const { repeating } = this;
    return (
      repeating.every((cost) => worstAt(cost, rows) <= cost.timing.period) &&
      repeating.reduce((sum, cost) => sum + worstAt(cost, rows) / cost.timing.period, 0) <= 1
    );
  }

  /**
   * Earliest deadline first without preemption: whatever is due within an interval fits into it, together with the
   * longest execution of a later deadline that may just have begun, and one of each signal.
   */
  private neverMisses(rows: number): boolean {
    const { repeating, costs } = this;
    const once = costs
      .filter(({ timing }) => timing.kind === 'signal')
      .reduce((sum, cost) => sum + worstAt(cost, rows), 0);
    const single = costs.filter(({ timing }) => timing.kind === 'timer' && timing.period === 0);
    const longest = Math.max(0, ...repeating.map(({ timing }) => timing.period));
    const deadlines = new Set<number>();
    for (const { timing } of repeating)
      for (
        let t = timing.period;
        t <= longest && deadlines.size < mostDeadlines;
        t += timing.period
      )
        deadlines.add(t);
    for (const deadline of deadlines) {
      let demand = once;
      for (const cost of repeating)
        demand += Math.floor(deadline / cost.timing.period) * worstAt(cost, rows);
      const blocking = [...single, ...repeating.filter(({ timing }) => timing.period > deadline)];
      demand += Math.max(0, ...blocking.map((cost) => worstAt(cost, rows)));
      if (demand > deadline) return false;
    }
    return true;
  }
}

/** The largest number of rows up to which something holds. */
function largest(holds: (rows: number) => boolean): number {
  if (holds(mostRows)) return mostRows;
  let low = 0;
  let high = mostRows;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
