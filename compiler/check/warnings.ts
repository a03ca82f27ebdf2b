/** Warnings about rules that are well formed but hardly meant: see "severities" of the language. */
import type { Accept } from '../diagnostics/diagnostic.js';
import { showNumber } from './describe.js';
import type { RuleFacts } from './place.js';
import { sensitivity } from './sensitivity.js';
import type { Assign, Let, ObservableName, Reset, Statement, TypedRule } from './typed.js';

/** The hardware knows one reset for both accumulators: naming one while the other is read is suspicious. */
export function warnAboutSensors(rule: TypedRule, facts: RuleFacts, accept: Accept): void {
  for (const reset of statementsOf(rule).filter((s): s is Reset => s.kind === 'reset')) {
    for (const [named, other] of [
      ['causal', 'acausal'],
      ['acausal', 'causal'],
    ] as const) {
      if (!reset.targets.includes(named) || reset.targets.includes(other)) continue;
      const read = facts.firstReads.get(other) ?? facts.firstReads.get(`${other}_code`);
      if (!read) continue;
      accept(
        'W0309',
        reset.span,
        { named, other },
        {
          secondary: [{ span: read, text: `${other} is read here` }],
          repair: { span: { ...reset.span, start: reset.span.end }, text: `, ${other}` },
        },
      );
    }
  }
}

const noisy: readonly ObservableName[] = ['causal', 'acausal', 'causal_code', 'acausal_code', 'v'];

/** Updates too small to change a weight, and updates that pass on the noise of a single read. */
export function warnAboutWeights(rule: TypedRule, accept: Accept): void {
  const all = statementsOf(rule);
  const lets = new Map(
    all.filter((s): s is Let => s.kind === 'let').map((s) => [s.symbol.id, s.value]),
  );
  for (const update of all.filter((s): s is Assign => s.kind === 'assign')) {
    const { delta, target } = update;
    if (target.kind !== 'weight' || !delta) continue;
    const random = delta.kind === 'stochastic';
    const { lo, hi } = random ? delta.argument.interval : delta.interval;
    const half = random ? 1 / 512 : 0.5;
    if (lo >= -half && hi < half) {
      const largest = Math.max(Math.abs(lo), Math.abs(hi));
      accept('W0601', delta.span, { largest: showNumber(largest), random: random ? 1 : 0 });
      continue;
    }
    for (const observable of noisy) {
      const slope = sensitivity(delta, observable, lets);
      if (slope === undefined || slope <= 0.5) continue;
      accept('W0602', update.span, { observable, slope: showNumber(slope) });
      break;
    }
  }
}

/** Every statement of a rule, also those inside others. */
export function statementsOf(rule: TypedRule): Statement[] {
  const all: Statement[] = [];
  const visit = (statements: readonly Statement[]): void => {
    for (const statement of statements) {
      all.push(statement);
      if (statement.kind === 'if') {
        visit(statement.then);
        visit(statement.otherwise);
      } else if (statement.kind === 'for' || statement.kind === 'each') {
        visit(statement.body);
      }
    }
  };
  for (const trigger of rule.triggers) visit(trigger.body);
  return all;
}
