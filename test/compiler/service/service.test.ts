/** What an editor is told about a rule file. The mark `|` in a text is the cursor. */
import { describe, expect, test } from 'vitest';
import {
  analyse,
  type Analysis,
  completionsAt,
  definitionAt,
  hoverAt,
  outlineOf,
  referencesAt,
  renameAt,
} from '../../../compiler/service/index.js';

const rule = `const goal = 20
//! Moves weights towards a goal.
rule homing {
  neurons inh
  param eta in [0, 1] = 0.25    // the pace
  state trace per synapse in [0, 16] step 1/16
  fn half(x) { return x / 2.0 }
  on signal nudge { }
  on signal nudge { }
  every 500 us {
    let pace = eta * 2
    each synapse {
      let gap = goal - w
      trace += causal / 64.0
      w += pace * half(gap) / 8.0 + trace / 16.0
      reset causal, acausal
    }
    for i in 0..2 { record inh.rate[i] }
  }
}
`;

/** The text without its mark, and where the mark was. */
function marked(text: string): { analysis: Analysis; offset: number } {
  const offset = text.indexOf('|');
  return {
    analysis: analyse({ name: 'r.plast', text: text.replace('|', '') }),
    offset,
  };
}

/** A cursor on the `count`-th place of `word` in the rule. */
function on(word: string, count = 1, text = rule): { analysis: Analysis; offset: number } {
  let offset = -1;
  for (let i = 0; i < count; i++) offset = text.indexOf(word, offset + 1);
  return { analysis: analyse({ name: 'r.plast', text }), offset };
}

const textOf = ({ source }: Analysis, span: { start: number; end: number } | undefined): string =>
  span ? source.text.slice(span.start, span.end) : '';

describe('definitions and references', () => {
  test.each([
    ['eta * 2', 'param'],
    ['goal - w', 'const'],
    ['pace * half', 'let'],
    ['half(gap)', 'function'],
    ['gap) / 8', 'let'],
    ['x / 2.0', 'argument'],
    ['i] }', 'loop variable'],
    ['inh.rate', 'population'],
    ['trace / 16', 'state'],
  ])('%s leads to its %s', (place, role) => {
    const { analysis, offset } = on(place);
    expect(definitionAt(analysis, offset)?.role).toBe(role);
  });

  test('a signal is the same in all triggers of a rule', () => {
    const { analysis, offset } = on('nudge', 2);
    expect(referencesAt(analysis, offset)).toHaveLength(2);
  });

  test('an inner name hides an outer one, and its own value still sees the outer one', () => {
    const text = 'rule r { const a = 1 every 1 ms { let a = a + 1 each synapse { w += a } } }';
    const { analysis } = on('a', 1, text);
    const value = definitionAt(analysis, text.indexOf('a + 1'));
    const use = definitionAt(analysis, text.indexOf('a } }'));
    expect([value?.role, use?.role]).toEqual(['const', 'let']);
  });

  test('observables have no definition', () => {
    const { analysis, offset } = on('causal / 64');
    expect(definitionAt(analysis, offset)).toBeUndefined();
  });
});

describe('hover', () => {
  test.each([
    ['eta in', 'param: real, once, in [0, 1]'],
    ['eta in', 'step 1/16384; starts at 0.25'],
    ['trace per', 'bytes per row'],
    ['gap = goal', 'let: real, per synapse, in [-43, 20]'],
    ['causal / 64', 'causal per synapse in [-64, 191]'],
    ['w += pace', 'error at most'],
    ['every 500', 'cycles for'],
    ['reset', 'clears sensors'],
    ['homing', 'Moves weights'],
  ])('%s tells %s', (place, expected) => {
    const text = rule
      .replace('  neurons inh\n', '')
      .replace('record inh.rate[i]', 'record rate[i]');
    const { analysis, offset } = on(
      place,
      1,
      text.replace(/^.*/, (line) => line),
    );
    expect(analysis.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(hoverAt(analysis, offset)?.text).toContain(expected);
  });

  test('nothing is told about comments and numbers', () => {
    expect(hoverAt(on('the pace').analysis, on('the pace').offset)).toBeUndefined();
    expect(hoverAt(on('0.25').analysis, on('0.25').offset)).toBeUndefined();
  });
});

describe('completion', () => {
  const labels = (text: string): string[] => {
    const { analysis, offset } = marked(text);
    return completionsAt(analysis, offset).map(({ label }) => label);
  };
  test.each([
    ['| ', ['rule', 'fn'], ['w', 'every']],
    ['rule r {\n  |\n}', ['param', 'every'], ['w', 'rule']],
    ['rule r { state s per |', ['synapse', 'row'], ['param']],
    ['rule r { every 1 ms { reset | } }', ['causal', 'membrane'], ['w']],
    [
      'rule r {\n neurons inh\n every 1 ms { each neuron {\n record inh.|\n } } }',
      ['rate', 'v'],
      ['w'],
    ],
    ['rule r { every 1 ms { w += 1 // causal| } }', [], ['causal']],
  ])('%s', (text, some, none) => {
    const found = labels(text);
    expect(found).toEqual(expect.arrayContaining(some));
    for (const word of none) expect(found).not.toContain(word);
  });

  test('names in scope are offered while the line is unfinished, others are not', () => {
    const found = labels(
      'rule r {\n param eta in [0, 1] = 1\n every 1 ms {\n  let a = 1\n  each synapse {\n   w += a * |\n  }\n let b = 2 }\n}\n',
    );
    expect(found).toEqual(expect.arrayContaining(['eta', 'a', 'causal', 'clamp']));
    expect(found).not.toContain('b');
  });
});

describe('renaming', () => {
  const renamed = (place: string, to: string): string => {
    const { analysis, offset } = on(place);
    const renaming = renameAt(analysis, offset, to);
    if ('refused' in renaming) return renaming.refused;
    return [...renaming.edits]
      .sort((a, b) => b.span.start - a.span.start)
      .reduce(
        (text, { span, text: word }) => text.slice(0, span.start) + word + text.slice(span.end),
        rule,
      );
  };

  test('changes the declaration and every use, and nothing else', () => {
    expect(renamed('pace * half', 'speed')).toBe(rule.replace(/pace(?!\n)(?= [=*])/g, 'speed'));
  });

  test.each([
    ['eta', 'causal', 'a word of the language'],
    ['eta', '2x', 'is no name'],
    ['gap = goal', 'trace', 'already the name of a state'],
    ['causal / 64', 'x', 'that this file declares'],
  ])('%s to %s: refused', (place, to, reason) => {
    expect(renamed(place, to)).toContain(reason);
  });
});

test('the outline lists rules with their declarations and triggers', () => {
  const { analysis } = on('goal');
  const [goal, homing] = outlineOf(analysis);
  expect(goal).toMatchObject({ name: 'goal', kind: 'const' });
  expect(homing?.children.map(({ name }) => name)).toEqual([
    'inh',
    'eta',
    'trace',
    'half',
    'on signal nudge',
    'on signal nudge',
    'every 500 us',
  ]);
  expect(textOf(analysis, homing?.selection)).toBe('homing');
});

test('no prefix of a file makes the service throw', () => {
  for (let length = 0; length <= rule.length; length += 13) {
    const analysis = analyse({ name: 'r.plast', text: rule.slice(0, length) });
    completionsAt(analysis, length);
    hoverAt(analysis, length);
    outlineOf(analysis);
    renameAt(analysis, length, 'other');
  }
});
