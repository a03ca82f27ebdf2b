/** Laws of the checker: what each construct means in types, units, domains and intervals. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../../../compiler/check/check.js';
import type { Assign, Expression, Let, TypedRule } from '../../../compiler/check/typed.js';
import { statementsOf } from '../../../compiler/check/warnings.js';
import { parse } from '../../../compiler/syntax/parse.js';

function codesOf(text: string): string[] {
  const parsed = parse(text);
  const found = parsed.tree ? check(parsed.tree).diagnostics : parsed.diagnostics;
  return found
    .filter((diagnostic) => diagnostic.severity !== 'note')
    .map((diagnostic) => diagnostic.code);
}

function typed(text: string): TypedRule {
  const parsed = parse(text);
  const checked = parsed.tree && check(parsed.tree);
  const [rule] = checked?.rules ?? [];
  if (!rule) throw new Error(JSON.stringify(checked?.diagnostics ?? parsed.diagnostics));
  return rule;
}

/** Codes of a rule with these declarations and these statements at trigger level, except "unused". */
function statements(body: string, declarations = ''): string[] {
  return codesOf(`rule r {\n${declarations}\nevery 1 ms {\n${body}\n}\n}`).filter(
    (code) => code !== 'W0104',
  );
}

/** The typed value of `let it = text`, at trigger level or inside `each`. */
function valueOf(text: string, declarations = '', each = ''): Expression {
  const inner = `let it in [-1e9, 1e9] = ${text} record it`;
  const rule = typed(
    `rule r { ${declarations} every 200 us { ${each ? `each ${each} { ${inner} }` : inner} } }`,
  );
  const found = statementsOf(rule).find((statement): statement is Let => statement.kind === 'let');
  if (!found) throw new Error('no let');
  return found.value;
}

describe('the rules that come with the compiler', () => {
  const folder = 'ppu-programs/rules';
  test.each(readdirSync(folder).filter((file) => file.endsWith('.plast')))(
    '%s is clean',
    (file) => {
      expect(codesOf(readFileSync(`${folder}/${file}`, 'utf8'))).toEqual([]);
    },
  );
});

describe('precedence', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['2 - 3 - 4', -5],
    ['12 / 4 / 3', 1],
    ['-3 % 5', 2],
    ['6 ^ 3 + 1', 2],
    ['(6 ^ 3) + 1', 6],
    ['1/64', 0.015625],
    ['if 1 < 2 and not 3 < 2 { 5 } else { 6 }', 5],
    ['if 1 == 2 or 2 == 2 { 5 } else { 6 }', 5],
    ['if not 1 == 2 { 5 } else { 6 }', 5],
    ['-2 * -3', 6],
    ['min(3, 1, 2) + max(3, 4) + clamp(9, 0, 5) + abs(-2)', 12],
    ['round(-2.5) + floor(-0.5) + ceil(0.5)', -2],
  ])('%s is %d', (text, value) => {
    expect(valueOf(text)).toMatchObject({ kind: 'constant', value });
  });
});

describe('int and real', () => {
  const n = 'state n : int';
  test.each([
    ['n + 1', 'int'],
    ['n / 2', 'int'],
    ['n / 2.0', 'real'],
    ['n * 0.5', 'real'],
    ['1 / 2', 'real'],
    ['min(n, 3)', 'int'],
    ['min(n, 0.5)', 'real'],
    ['floor(rate[0])', 'int'],
    ['rate[0]', 'real'],
    ['if n == 0 { 0 } else { 1 }', 'int'],
    ['argmax(rate)', 'int'],
    ['sum(rate)', 'real'],
    ['sqrt(4)', 'real'],
  ])('%s is %s', (text, type) => {
    expect(valueOf(text, n).type).toBe(type);
  });

  test('integer division and remainder are Euclidean', () => {
    const rule = typed(
      'const five : int = 5 rule r { on start { let a : int = -five / 2 let b : int = -five % 3 record a, b } }',
    );
    const lets = statementsOf(rule).filter(
      (statement): statement is Let => statement.kind === 'let',
    );
    expect(lets.map(({ value }) => (value.kind === 'constant' ? value.value : value.kind))).toEqual(
      [-3, 1],
    );
  });

  test('an int goes into a real freely, a real into an int only through rounding', () => {
    expect(statements('x = n', 'state n : int state x in [0, 1] = 0')).toEqual([]);
    expect(statements('n = rate[0]', 'state n : int')).toEqual(['E0203']);
    expect(statements('n = round(rate[0])', 'state n : int')).toEqual([]);
  });
});

describe('durations', () => {
  test.each([
    ['1 ms', 1000],
    ['20us', 20],
    ['0.5 us', 0.5],
    ['250 ns', 0.25],
    ['2 s', 2000000],
    ['1 / (10 kHz)', 100],
    ['0.3 ms', 300],
  ])('%s is %d microseconds', (text, value) => {
    const rule = typed(`rule r { at ${text} { each synapse { w = 1 } } }`);
    expect(rule.triggers[0]?.event).toMatchObject({ kind: 'at', time: { value, dimension: 1 } });
  });

  test.each([
    ['let x = time + 5 us record x', []],
    ['let x = time + 5 record x', ['E0201']],
    ['let x = time / 1 ms record x + 1', []],
    ['let x = time * time record x', ['E0201']],
    ['if time > 3 s { record 1 }', []],
    ['if period < 3 { record 1 }', ['E0201']],
    ['emit row 0 label 0 after 5', ['E0202']],
    ['emit row 0 label 0 after 5 us', []],
    ['record exp(time)', ['E0201']],
  ])('%s', (body, expected) => {
    expect(statements(body)).toEqual(expected);
  });

  test('a unit on the next line is not a unit of the number before', () => {
    expect(codesOf('rule r { every 1\n ms { each synapse { w = 1 } } }')).toEqual(['E0008']);
  });
});

describe('domains', () => {
  const all =
    'state e per synapse in [0, 1] step 1/128 state n per neuron in [0, 255] step 1 state r per row in [0, 255] step 1 state total in [0, 255]';
  test.each([
    ['each synapse { e = w / 63 }', []],
    ['each neuron { n = rate }', []],
    ['each row { r = row }', []],
    ['each neuron { n = mean(w) }', []],
    ['each row { r = mean(w) }', []],
    ['total = mean(w) total = mean(rate) total = mean(r) total = n[3] total = v[0]', []],
    ['each neuron { each synapse { e = n / 255 } n = 0 }', []],
    ['each neuron { n = r }', ['E0301']],
    ['each row { r = n }', ['E0301']],
    ['total = w', ['E0302']],
    ['each neuron { n = w }', ['E0302']],
    ['each neuron { n = rate[neuron ^ 1] + v[1 ^ neuron] }', []],
    ['each neuron { n = rate[neuron + 2] }', ['E0303']],
    ['each synapse { n = 1 }', ['E0304']],
    ['each neuron { total = 1 }', ['E0304']],
    ['each neuron { e = 1 }', ['E0305']],
    ['each synapse { reset rate }', ['E0304']],
    ['each neuron { reset rate, membrane }', []],
    ['each synapse { total = sum(w) }', ['E0304', 'E0307']],
    ['record w, rate, total', []],
    ['let x = rate record x', ['E0302']],
    ['for i in 0..4 { total += rate[i] }', []],
    ['each neuron { for i in 0..rate { n = i } }', ['E0203']],
    ['each neuron { for i in 0..floor(rate) { n = i } }', ['E0310']],
  ])('%s', (body, expected) => {
    expect(statements(body, all)).toEqual(expected);
  });

  test('a second population is read by index', () => {
    expect(
      codesOf(
        'rule r { neurons inh every 1 ms { each synapse { w -= stochastic(inh.rate[neuron] / 64) } } }',
      ),
    ).toEqual([]);
    expect(
      codesOf('rule r { neurons inh every 1 ms { each neuron { record inh.causal } } }'),
    ).toEqual(['E0101']);
  });

  test('an uncertain condition in lanes is a mask, one without lanes a branch', () => {
    const rule = typed(
      'rule r { every 1 ms { each synapse { if row == 3 { w = 1 } if w > 3 { w = 1 } } } }',
    );
    const domains = statementsOf(rule).flatMap((s) =>
      s.kind === 'if' ? [s.condition.domain] : [],
    );
    expect(domains).toEqual(['row', 'synapse']);
  });
});

describe('ranges and defaults', () => {
  test('a state starts at 0 or the bound nearest to it', () => {
    const rule = typed(
      'rule r { state a in [1, 2] state b in [-3, -1] state c in [-1, 1] on start { record a + b + c } }',
    );
    expect(rule.states.map((state) => state.initial)).toEqual([1, -1, 0]);
  });

  test('a code that is completely full saturates one step below the upper bound', () => {
    const rule = typed(
      'rule r { state a per synapse in [-1, 1] step 1/128 on start { each synapse { a = 1 } } }',
    );
    expect(rule.states[0]?.range).toEqual({ lo: -1, hi: 1, step: 1 / 128, top: 1 - 1 / 128 });
  });

  test('bounds are constant expressions, consts and functions of them included', () => {
    expect(
      codesOf(
        'const n = 8 fn twice(x) { return 2 * x } rule r { state a[n, twice(n)] : int on start { a[7, 15] = 1 } }',
      ),
    ).toEqual([]);
  });

  test('an expression of ranges has an interval', () => {
    expect(valueOf('(63 - w) / 63 * causal', '', 'synapse').interval).toEqual({ lo: -64, hi: 191 });
  });
});

describe('assignments', () => {
  test('x -= e adds -(e)', () => {
    const rule = typed('rule r { every 1 ms { each synapse { w -= 2 } } }');
    const assign = statementsOf(rule).find((s): s is Assign => s.kind === 'assign');
    expect(assign?.delta).toMatchObject({ kind: 'constant', value: -2 });
    expect(assign?.value).toMatchObject({ kind: 'arithmetic', operator: '+' });
  });

  test.each([
    ['let n = rate[0] n = 1', ['E0311']],
    ['let n : int = 0 for k in 0..3 { n += k } record n', []],
    ['let n in [0, 9] = 0 n = 3 record n', []],
    ['p = 1', ['E0311']],
    ['i = 1', ['E0311']],
    ['rate[3] = 1', ['E0306']],
  ])('%s', (body, expected) => {
    expect(statements(body, 'param p in [0, 1] = 0 input i in [0, 1]')).toEqual(expected);
  });
});

describe('functions', () => {
  test('a call is inlined with the types of its arguments', () => {
    const value = valueOf('half(n)', 'state n : int fn half(x) { return x / 2 }');
    expect(value).toMatchObject({ kind: 'inline', type: 'int' });
    expect(valueOf('half(rate[0])', 'fn half(x) { return x / 2 }').type).toBe('real');
  });

  test('branches that return become a choice', () => {
    const value = valueOf(
      'pick(rate[0])',
      'fn pick(x) { if x > 3 { return 1 } let y = 2 * x return y }',
    );
    expect(value).toMatchObject({ kind: 'inline', value: { kind: 'choose' } });
  });

  test('a call of constants is a constant', () => {
    expect(valueOf('f(3)', 'fn f(x) { let y = x * 2 return y + 1 }')).toMatchObject({
      kind: 'constant',
      value: 7,
    });
  });
});

describe('tables', () => {
  test('hold the function at the grid points, clamped to their range', () => {
    const rule = typed(
      'table t(x in [0, 4] step 1) in [0, 9] = x * x rule r { on start { record t(rate[0]) } }',
    );
    expect([...(rule.tables[0]?.values ?? [])]).toEqual([0, 1, 4, 9, 9]);
  });

  test('with two arguments, the last varies fastest', () => {
    const rule = typed(
      'table t(x in [0, 1] step 1, y in [0, 2] step 1) in [0, 12] = 10 * x + y rule r { on start { record t(rate[0], rate[1]) } }',
    );
    expect([...(rule.tables[0]?.values ?? [])]).toEqual([0, 1, 2, 10, 11, 12]);
  });
});

describe('what an int state can hold', () => {
  const intervalOf = (body: string): unknown =>
    typed(`rule r { state n : int every 1 ms { ${body} } }`).states[0]?.interval;

  test.each([
    ['n = (n + 1) % 100', { lo: 0, hi: 99 }],
    ['n = clamp(n - 3, -5, 5)', { lo: -5, hi: 5 }],
    ['if rate[0] > 3 { n = 7 }', { lo: 0, hi: 7 }],
    ['n += 1', { lo: -2147483648, hi: 2147483647 }],
    ['record n', { lo: -2147483648, hi: 2147483647 }],
  ])('%s', (body, interval) => {
    expect(intervalOf(body)).toEqual(interval);
  });
});

describe('one mistake is one message', () => {
  test.each([
    ['each synapse { w += etta * causal + 1 w -= etta }', ['E0101', 'E0101']],
    ['let x = unknown each synapse { w += x w -= x * 2 }', ['E0101']],
    ['total = 1 total = 2 record total', []],
  ])('%s', (body, expected) => {
    expect(statements(body, 'state total in [0, 9 ] = 0')).toEqual(expected);
  });

  test('a broken declaration is not reported again where it is used', () => {
    expect(
      codesOf(
        'rule r { param p in [0, 1] = 4 every 1 ms { each synapse { w += p * causal w -= p } } }',
      ),
    ).toEqual(['E0402']);
  });
});
