/** Times of triggers that depend on parameters: worked out on the processor whenever the host has set new ones. */
import type { Expression, Trigger, TypedRule } from '../check/typed.js';
import type { RuleProgram, TriggerTimes, Value, Variable } from '../ir/ir.js';
import type { Context } from './context.js';
import { lowerInt, lowerScalar } from './scalar.js';

const cyclesPerMicrosecond = 250;
const longest = 0x7fffffff;

/** The block that leaves times in variables; undefined if all are known when compiling. */
export function lowerTimes(context: Context, rule: TypedRule): RuleProgram['times'] {
  context.bindings.clear();
  context.cache = new Map();
  const triggers: TriggerTimes[] = [];
  const block = context.builder.within('trigger', () => {
    rule.triggers.forEach((trigger, index) => {
      const times = timesOf(context, trigger, index);
      if (times) triggers.push(times);
    });
  });
  return triggers.length === 0 ? undefined : { block, triggers };
}

const isOpen = (time: Expression | undefined): time is Expression =>
  time !== undefined && time.kind !== 'constant';

function timesOf(context: Context, { event }: Trigger, trigger: number): TriggerTimes | undefined {
  if (event.kind === 'at') {
    if (!isOpen(event.time)) return undefined;
    return { trigger, first: cycles(context, event.time, 0) };
  }
  if (event.kind !== 'every') return undefined;
  const { period, from, times } = event;
  if (![period, from, times].some(isOpen)) return undefined;
  return {
    trigger,
    ...(isOpen(period) && { period: cycles(context, period, 1) }),
    ...(isOpen(from) && { first: cycles(context, from, 0) }),
    ...(isOpen(times) && { count: executions(context, times) }),
  };
}

/** A duration in whole cycles, at least `least` of them. */
function cycles(context: Context, time: Expression, least: number): Variable {
  const { math } = context;
  const exact = math.scale(lowerScalar(context, time), cyclesPerMicrosecond);
  return stored(context, math.saturated(exact, 0, least, longest).value);
}

function executions(context: Context, times: Expression): NonNullable<TriggerTimes['count']> {
  const { builder, math } = context;
  const code = { value: lowerInt(context, times), frac: 0, error: 0 };
  const { value } = math.clampCodes(code, 0, longest);
  const zero = builder.constant(0);
  const none = builder.value('scalar', 'compare', [value, zero], 0, 1, { relation: '==' });
  const never = builder.value('scalar', 'neg', [none], -1, 0);
  return { executions: stored(context, value), never: stored(context, never) };
}

function stored(context: Context, value: Value): Variable {
  const { lo, hi } = value;
  const id = context.nextVariable++;
  const variable: Variable = { id, name: 'time', space: 'scalar', frac: 0, lo, hi };
  context.builder.push({ kind: 'store', target: { kind: 'variable', variable }, value });
  return variable;
}
