/** The real-valued evaluator on cases computed by hand. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../../compiler/check/check.js';
import type { TypedRule } from '../../compiler/check/typed.js';
import { evaluateReal, type RealResult } from '../../compiler/evaluate-real.js';
import { initialState } from '../../compiler/initial-state.js';
import { parse } from '../../compiler/syntax/parse.js';
import type { BlockGeometry, Observation, RuleState, Step } from '../../compiler/trace.js';

function ruleOf(text: string): TypedRule {
  const parsed = parse(text);
  const [rule] = (parsed.tree && check(parsed.tree).rules) ?? [];
  if (!rule)
    throw new Error(
      JSON.stringify(parsed.tree ? check(parsed.tree).diagnostics : parsed.diagnostics),
    );
  return rule;
}

const sample = (name: string): TypedRule =>
  ruleOf(readFileSync(`ppu-programs/rules/${name}.plast`, 'utf8'));

interface Case {
  readonly geometry?: BlockGeometry;
  readonly trigger?: number;
  readonly trace?: readonly Observation[];
  readonly follow?: readonly Step[];
  prepare?(state: RuleState): void;
}

function run(
  rule: TypedRule,
  { geometry = { rows: 1, columns: 2 }, trigger = 0, trace = [], follow, prepare }: Case,
): RealResult {
  const chosen = rule.triggers[trigger];
  if (!chosen) throw new Error('no such trigger');
  const state = initialState(rule, geometry);
  prepare?.(state);
  return evaluateReal({ rule, trigger: chosen, geometry, state, trace, ...(follow && { follow }) });
}

/** A conversion that reads these signed correlations against the baseline 205. */
function correlation(
  row: number,
  causal: readonly number[],
  acausal: readonly number[],
): Observation {
  const codes = (counts: readonly number[]): Uint8Array =>
    Uint8Array.from(counts, (count) => 205 - count);
  return { kind: 'correlation', row, causal: codes(causal), acausal: codes(acausal) };
}

const bytes = (...values: number[]): Observation => ({
  kind: 'lane-bytes',
  bytes: Uint8Array.from(values),
});
const rates = (...counts: number[]): Observation => ({
  kind: 'rate',
  counts: Uint8Array.from(counts),
});

/** The value of a single state after the trigger. */
function valueOf(rule: TypedRule, result: RealResult, name: string): number[] {
  const symbol = rule.states.find((state) => state.name === name);
  return [...((symbol && result.state.values.get(symbol.id)) ?? [])];
}

describe('additive STDP', () => {
  test('adds the weighted difference, rounds to nearest and saturates', () => {
    const result = run(sample('stdp'), {
      geometry: { rows: 2, columns: 2 },
      trace: [correlation(0, [10, 0], [0, 10]), correlation(1, [2, 191], [0, 0])],
      prepare: (state) => state.weights.set([20, 1, 30, 60]),
    });
    // 20 + 2.5 and 1 - 2.5; 30 + 0.5 and 60 + 47.75.
    expect([...result.state.weights]).toEqual([23, 0, 31, 63]);
    expect(result.steps.map((step) => step.kind === 'assign' && [...step.before])).toEqual([
      [22.5, -1.5],
      [30.5, 107.75],
    ]);
  });
});

describe('soft bounds', () => {
  test('scale by the distance to the bound and round by the random byte', () => {
    const result = run(sample('soft_bound_stdp'), {
      trace: [correlation(0, [63, 0], [0, 126]), bytes(0, 255)],
      prepare: (state) => state.weights.set([0, 40]),
    });
    // up = 0.05 * 63 = 3.15 -> 806/256 + 0/256 -> 3; down = 0.05 * 0.5 * 126 * 40 / 63 = 2 -> floor(-2 + 255/256) = -2.
    expect([...result.state.weights]).toEqual([3, 38]);
  });
});

describe('the observables', () => {
  test('rate is read once per trigger and keeps its value after reset', () => {
    const rule = ruleOf(
      'rule r { state a per neuron in [0, 511] step 1 on start { each neuron { a = rate } reset rate each neuron { a += rate } } }',
    );
    const result = run(rule, { trace: [rates(7, 200)] });
    expect(valueOf(rule, result, 'a')).toEqual([14, 400]);
  });

  test('causal saturates at -64 and 191 counts', () => {
    const rule = ruleOf(
      'rule r { state a per synapse in [-128, 191] step 1 on start { each synapse { a = causal } } }',
    );
    const codes = { causal: Uint8Array.of(255, 0), acausal: Uint8Array.of(0, 0) };
    const result = run(rule, {
      trace: [{ kind: 'correlation', row: 0, ...codes }],
      prepare: (state) => state.baselines.causal.set([100, 205]),
    });
    expect(valueOf(rule, result, 'a')).toEqual([-64, 191]);
  });

  test('the partner column is the other of an even and odd pair', () => {
    const rule = ruleOf(
      'rule r { state a per neuron in [0, 255] on start { each neuron { a = rate[neuron ^ 1] + v[0] } } }',
    );
    const membrane: Observation = { kind: 'membrane', codes: Uint8Array.of(10, 20, 30, 40) };
    const result = run(rule, {
      geometry: { rows: 1, columns: 4 },
      trace: [rates(1, 2, 3, 4), membrane],
    });
    expect(valueOf(rule, result, 'a')).toEqual([12, 11, 14, 13]);
  });
});

describe('reductions', () => {
  test('run over what is left, and see the current weights', () => {
    const rule = ruleOf(`rule r {
      state total in [0, 1000] state best in [0, 255]
      state column per neuron in [0, 200] step 1 state line per row in [0, 200] step 1
      on start {
        each synapse { w += 1 }
        total = sum(w)
        best = argmax(rate)
        each neuron { column = max(w) }
        each row { line = min(w) }
      }
    }`);
    const result = run(rule, {
      geometry: { rows: 2, columns: 3 },
      trace: [rates(4, 9, 9)],
      prepare: (state) => state.weights.set([1, 2, 3, 10, 20, 30]),
    });
    expect(valueOf(rule, result, 'total')).toEqual([72]);
    expect(valueOf(rule, result, 'best')).toEqual([1]);
    expect(valueOf(rule, result, 'column')).toEqual([11, 21, 31]);
    expect(valueOf(rule, result, 'line')).toEqual([2, 11]);
  });
});

describe('control flow', () => {
  test('a condition in lanes is a mask, and all lanes draw', () => {
    const rule = ruleOf(
      'rule r { on start { each synapse { if w > 5 { w = 10 * uniform() } else { w += 1 } } } }',
    );
    const result = run(rule, {
      trace: [bytes(128, 64)],
      prepare: (state) => state.weights.set([9, 3]),
    });
    expect([...result.state.weights]).toEqual([5, 4]);
    expect(
      result.steps.map((step) =>
        step.kind === 'assign' ? [...(step.mask ?? [])] : [...step.taken],
      ),
    ).toEqual([
      [1, 0],
      [1, 0],
      [0, 1],
    ]);
  });

  test('loops, arrays and functions compute on the scalar core', () => {
    const rule = ruleOf(`rule r {
      state seen[4] : int
      state n : int
      fn square(x: int) -> int { return x * x }
      on start {
        for i in 0..4 { seen[i] += square(i) }
        let total : int = 0
        for i in 0..4 { total += seen[i] }
        n = total % 5 - 7
      }
    }`);
    const result = run(rule, {});
    expect(valueOf(rule, result, 'seen')).toEqual([0, 1, 4, 9]);
    expect(valueOf(rule, result, 'n')).toEqual([-3]);
  });

  test('ints wrap at 32 bits, reals saturate at their range', () => {
    const rule = ruleOf(
      'rule r { state n : int = 2147483647 state x in [0, 1] = 1 on start { n += 1 x += 1 } }',
    );
    const result = run(rule, {});
    expect(valueOf(rule, result, 'n')).toEqual([-2147483648]);
    expect(valueOf(rule, result, 'x')).toEqual([1]);
  });
});

describe('the bandit', () => {
  test('draws a payout, learns from it and sends the next stimulus', () => {
    const rule = sample('bandit');
    const result = run(rule, {
      trace: [
        rates(3, 5),
        { kind: 'scalar-random', value: 1000 },
        correlation(0, [0, 16], [0, 0]),
        bytes(0, 0),
      ],
      prepare: (state) => state.weights.set([10, 10]),
    });
    // Arm 1, paid with probability 0.8: reward 1; w += 2 * (1 - 0.5) * 16 / 16 in column 1 only.
    expect([...result.state.weights]).toEqual([10, 11]);
    expect(valueOf(rule, result, 'wins')).toEqual([1]);
    expect(valueOf(rule, result, 'mean_reward')).toEqual([0.515625]);
    expect(result.records.map(({ name, values }) => [name, ...values])).toEqual([
      ['arm', 1],
      ['reward', 1],
    ]);
    expect(result.emitted.map(({ after }) => after)).toEqual([0, 20, 40, 60, 80, 100, 120, 140]);
  });
});

describe('following another log', () => {
  const rule = ruleOf(
    'rule r { state x in [0, 8] on start { x = x + 1 x = 2 * x if x > 3 { x += 1 } } }',
  );

  test('every assignment restarts from what the log stored, and branches go as it says', () => {
    const free = run(rule, {});
    const follow = free.steps.map((step): Step =>
      step.kind === 'assign'
        ? { ...step, stored: Float64Array.from(step.stored, (value) => value + 0.25) }
        : { ...step, taken: Uint8Array.of(1) },
    );
    const other: Step = {
      kind: 'assign',
      statement: lastStatement(rule),
      row: -1,
      before: Float64Array.of(0),
      stored: Float64Array.of(6),
    };
    const result = run(rule, { follow: [...follow, other] });
    const before = result.steps.flatMap((step) => (step.kind === 'assign' ? [...step.before] : []));
    expect(before).toEqual([1, 2.5, 3.25]);
    expect(valueOf(rule, result, 'x')).toEqual([6]);
  });

  test('a log of another execution is refused', () => {
    expect(() => run(rule, { follow: [] })).toThrow('no assign here');
  });

  test('a trace that is too short is refused', () => {
    expect(() => run(sample('stdp'), {})).toThrow('fewer reads');
  });
});

function lastStatement(rule: TypedRule): number {
  const last = rule.triggers[0]?.body.at(-1);
  if (last?.kind !== 'if') throw new Error('the last statement is an if');
  return last.then[0]?.id ?? -1;
}
