/** Time of a set of triggers against their periods: what fits, what blocks whom. */
import type { Image } from '../link/image.js';
import type { TriggerTiming } from '../link/image.js';
import { type LatencyProfile, type TriggerCycles, triggerCycles } from './timing.js';

/** Cycles that the scheduler spends around an execution: look for what is due, time-line, sleep and wake. */
export const schedulingCycles = 380;

export interface TriggerBudget {
  readonly rule: number;
  readonly trigger: number;
  readonly timing: TriggerTiming;
  readonly cycles: TriggerCycles;
  /** At the image's number of rows, scheduling included. */
  readonly worst: number;
  /** Share of the period; 0 for what does not repeat. */
  readonly share: number;
  /** Rows at which one execution still fits its period; Infinity without a period or without rows. */
  readonly rowsThatFit: number;
  /** Longest time that other triggers can keep it waiting. */
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
}

/** Rows to look at: a block has no more. */
const mostRows = 256;

/** The budget of an image at `rows` rows. */
export function budgetOf(
  image: Image,
  timing: readonly (readonly TriggerTiming[])[],
  rows: number,
  profile: LatencyProfile,
): Budget {
  const parameters = image.layout.parameters.length + image.layout.inputs.length;
  const costs = image.code.flatMap((triggers, rule) =>
    triggers.map((generated, trigger) => ({
      rule,
      trigger,
      timing: timing[rule]?.[trigger] ?? { kind: 'start', period: 0, first: 0, count: 1 },
      cycles: triggerCycles(generated.lines, generated.registers, profile, parameters),
    })),
  );
  const worstAt = ({ cycles }: (typeof costs)[number], n: number): number =>
    cycles.fixed + n * cycles.perRow + schedulingCycles;
  const repeating = costs.filter(({ timing: { period } }) => period > 0);
  const fits = (n: number): boolean =>
    repeating.every((cost) => worstAt(cost, n) <= cost.timing.period) &&
    repeating.reduce((sum, cost) => sum + worstAt(cost, n) / cost.timing.period, 0) <= 1;
  // Without preemption a trigger may find the longest other one just begun.
  const neverMisses = (n: number): boolean =>
    fits(n) &&
    repeating.every((cost) => {
      const others = costs.filter((other) => other !== cost && other.timing.kind !== 'start');
      const block = others.reduce((most, other) => Math.max(most, worstAt(other, n)), 0);
      return worstAt(cost, n) + block <= cost.timing.period;
    });
  const largest = (holds: (n: number) => boolean): number => {
    let n = 0;
    while (n < mostRows && holds(n + 1)) n++;
    return n;
  };
  const triggers = costs.map((cost) => {
    const { period } = cost.timing;
    const worst = worstAt(cost, rows);
    const left = period - cost.cycles.fixed - schedulingCycles;
    const others = costs.filter((other) => other !== cost && other.timing.kind !== 'start');
    return {
      ...cost,
      worst,
      share: period > 0 ? worst / period : 0,
      rowsThatFit:
        period > 0 && cost.cycles.perRow > 0
          ? Math.max(0, Math.floor(left / cost.cycles.perRow))
          : period > 0 && left < 0
            ? 0
            : Infinity,
      blocking: others.reduce((most, other) => Math.max(most, worstAt(other, rows)), 0),
    };
  });
  return {
    profile: profile.name,
    rows,
    triggers,
    load: triggers.reduce((sum, { share }) => sum + share, 0),
    rowsThatFit: largest(fits),
    rowsThatNeverMiss: largest(neverMisses),
  };
}
