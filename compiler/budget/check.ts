/** Diagnostics of time: executions longer than their period, too much work, deadlines that blocking can break. */
import type { Expression, Trigger, TypedRule } from '../check/typed.js';
import type { Accept, SecondaryPlace } from '../diagnostics/diagnostic.js';
import type { Span } from '../diagnostics/source.js';
import type { RuleProgram } from '../ir/ir.js';
import type { Image, TriggerTiming } from '../link/image.js';
import { type Budget, TimeAnalysis, type TriggerBudget } from './budget.js';
import type { LatencyProfile } from './profile.js';

/** PPU cycles per microsecond. */
const cyclesPerMicrosecond = 250;
/** Lines named in a diagnostic. */
const linesNamed = 3;

export interface TimedRule {
  readonly rule: TypedRule;
  readonly program: RuleProgram;
  readonly timing: readonly TriggerTiming[];
}

export interface BudgetOptions {
  /** Rows asked for; absent: it is enough if one fits. */
  readonly rows?: number;
  readonly profile: LatencyProfile;
  /** Line of an offset in a file. */
  readonly lineOf: (file: string, offset: number) => number;
  readonly accept: Accept;
}

/**
 * Compares times with periods at the rows asked for, or at one row if none were. Returns the budget at the rows asked
 * for, or else at as many as fit.
 */
export function checkBudget(
  image: Image,
  rules: readonly TimedRule[],
  options: BudgetOptions,
): Budget {
  const { rows: asked, profile, accept } = options;
  const analysis = new TimeAnalysis(
    image,
    rules.map(({ timing }) => timing.map((each) => ({ ...each, period: each.shortest }))),
    profile,
  );
  const budget = analysis.at(asked ?? 1);
  let fitsAlone = true;
  for (const each of budget.triggers) {
    const part = rules[each.rule];
    const trigger = part?.rule.triggers[each.trigger];
    if (part === undefined || trigger === undefined) continue;
    if (each.timing.period === 0) continue;
    if (each.worst > each.timing.period) {
      tooLong(part, trigger, each, budget, options);
      fitsAlone = false;
    }
  }
  if (fitsAlone) togetherAndBlocking(rules, budget, accept);
  if (asked !== undefined) return budget;
  const most = Math.min(budget.rowsThatFit, image.layout.rules[0]?.maxRows ?? 1);
  return analysis.at(Math.max(1, most));
}

function tooLong(
  part: TimedRule,
  trigger: Trigger,
  each: TriggerBudget,
  budget: Budget,
  { lineOf, accept }: BudgetOptions,
): void {
  const { period } = each.timing;
  const enough = roundUp(Math.ceil(each.worst / cyclesPerMicrosecond));
  const span = periodSpan(trigger);
  accept(
    'E0802',
    trigger.head,
    {
      trigger: trigger.name,
      cycles: each.worst,
      period,
      rows: budget.rows,
      over: each.worst - period,
      profile: budget.profile,
      fits: Number.isFinite(each.rowsThatFit) ? Math.min(256, each.rowsThatFit) : 0,
      enough,
    },
    {
      secondary: costlyLines(part, each, budget.rows, lineOf),
      ...(span === undefined ? {} : { repair: { span, text: `${enough} us` } }),
    },
  );
}

/** A duration that one would write: two significant digits. */
function roundUp(microseconds: number): number {
  let unit = 1;
  while (microseconds / unit > 100) unit *= 10;
  return Math.ceil(microseconds / unit) * unit;
}

function periodSpan({ event }: Trigger): Span | undefined {
  if (event.kind !== 'every') return undefined;
  const { period }: { period: Expression } = event;
  return period.span;
}

/** The statements on the lines that take most of an execution. */
function costlyLines(
  { program }: TimedRule,
  { cycles, execution, trigger }: TriggerBudget,
  rows: number,
  lineOf: (file: string, offset: number) => number,
): SecondaryPlace[] {
  const places: SecondaryPlace[] = [];
  const costs = cycles.lines
    .map(({ file, line, fixed, perRow }) => ({ file, line, cost: fixed + rows * perRow }))
    .sort((a, b) => b.cost - a.cost);
  for (const { file, line, cost } of costs) {
    // Lines are charged from the entry to the return, a little more than the execution.
    const percent = Math.min(100, Math.round((100 * cost) / execution));
    const note = program.notes.find(
      ({ span }) => span.file === file && lineOf(file, span.start) === line,
    );
    if (percent < 1 || note === undefined) continue;
    places.push({ span: note.span, text: `${percent} % of the time` });
    if (places.length === linesNamed) break;
  }
  return program.triggers[trigger] === undefined ? [] : places;
}

function togetherAndBlocking(rules: readonly TimedRule[], budget: Budget, accept: Accept): void {
  const first = rules[0]?.rule;
  if (budget.load > 1 && first) {
    accept('E0803', first.span, {
      percent: Math.round(100 * budget.load),
      rows: budget.rows,
      fits: budget.rowsThatFit,
      profile: budget.profile,
    });
    return;
  }
  for (const each of budget.triggers) {
    const trigger = rules[each.rule]?.rule.triggers[each.trigger];
    const { period } = each.timing;
    if (trigger === undefined || period === 0 || each.worst + each.blocking <= period) continue;
    accept('W0801', trigger.head, {
      trigger: trigger.name,
      cycles: each.worst,
      period,
      rows: budget.rows,
      blocking: each.blocking,
      over: each.worst + each.blocking - period,
      fits: budget.rowsThatNeverMiss,
    });
  }
}
