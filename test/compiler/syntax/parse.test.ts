/** Mistakes of syntax: one diagnostic each, at the place where a person would look. */
import { expect, test } from 'vitest';
import { parse } from '../../../compiler/syntax/parse.js';

const inRule = (body: string): string => `rule r { every 1 ms { ${body} } }`;

test.each([
  ['rule', 'E0001', ''],
  ['rule r {', 'E0002', '{'],
  ['rule r { } }', 'E0003', '}'],
  ['param x in [0, 1] = 1', 'E0001', 'param'],
  ['rule r { every 1 ms { each synapse { w = 1 }\n}', 'E0002', '{'],
  ['rule r { param a in [0, 1) = 1 }', 'E0002', '['],
  ['rule r { param a in [0 1] = 1 }', 'E0001', '1'],
  ['rule r { state let in [0, 1] }', 'E0005', 'let'],
  ['rule r { state s : int }', 'E0005', 's'],
  ['rule r { on reward { } }', 'E0001', 'reward'],
  ['rule r { every 5 minutes { } }', 'E0010', 'minutes'],
  ['rule r { every 5 from 1 us, { } }', 'E0001', ','],
  [inRule('while n > 0 { }'), 'E0006', 'while'],
  [inRule('if a > 1 { } elif b { }'), 'E0006', 'elif'],
  [inRule('n++'), 'E0006', '++'],
  [inRule('x = 2 ** 3'), 'E0006', '**'],
  [inRule('if a == 1 || b == 2 { }'), 'E0006', '||'],
  [inRule('if !a { }'), 'E0006', '!'],
  [inRule('if x = 3 { }'), 'E0004', '='],
  [inRule('x = .5'), 'E0007', '.5'],
  [inRule('x = 5.'), 'E0007', '5.'],
  [inRule('x = 3px'), 'E0010', 'px'],
  [inRule('let y = x us'), 'E0008', 'us'],
  [inRule('let y = 5\n us'), 'E0008', 'us'],
  [inRule('let y = if a > 1 { 2 }'), 'E0012', 'if'],
  [inRule('let y = 1 + if a > 1 { 2 } else { 3 }'), 'E0013', 'if'],
  [inRule('record a,'), 'E0001', '}'],
  [inRule('w = 1,5'), 'E0001', ','],
  [inRule('/* no */ x = 1'), 'E0009', '/* no */'],
  [inRule('each synapses { }'), 'E0001', 'synapses'],
])('%s', (text, code, place) => {
  const { tree, diagnostics } = parse(text);
  expect(tree).toBeUndefined();
  expect(
    diagnostics.map((found) => [found.code, text.slice(found.primary.start, found.primary.end)]),
  ).toEqual([[code, place]]);
});

test('the indentation tells which of several braces lost its partner', () => {
  const text = [
    'rule r {',
    '  every 1 ms {',
    '    each synapse {',
    '      w = 1',
    '  }',
    '}',
    '',
  ].join('\n');
  const [found] = parse(text).diagnostics;
  expect(text.slice(0, found?.primary.start).split('\n').length).toBe(3);
});

test.each([
  ['statements need no separators', inRule('let a = 1 let b = 2; w = a w = b')],
  ['a line that begins with an operator goes on', inRule('w = 1\n+ 2\n- 3 reset rate')],
  ['a comma of reset and record goes on', inRule('reset causal,\nacausal record a,\nb w = 1')],
  [
    'contextual keywords are names elsewhere',
    inRule('let from = 1 let times = from let after = times signal = start signed = after'),
  ],
  ['a range of numbers is no number with a point', inRule('for i in 0..8 { } for j in 1 .. 2 { }')],
  [
    'units may be glued or apart',
    'rule r { at 1ms { } at 20 us { } every 3s from 0.5 us for 2 times { } }',
  ],
  [
    'comments may stand anywhere',
    'rule // a\n r { // b\n every // c\n 1 ms { w = // d\n 1 } } // e',
  ],
  [
    'emit takes the words row and label as names too',
    inRule('emit row row label label after 5 us'),
  ],
])('%s', (_, text) => {
  expect(parse(text).diagnostics).toEqual([]);
});

test('semicolons may end declarations, triggers and items of a file as well as statements', () => {
  const text = `const K = 3;
rule r { param a in [0, 1] = 0.5; param b in [0, 1] = 0.25;;
  every 1 ms { each synapse { w += a * b * K * causal; }; reset causal, acausal; };
};
`;
  expect(parse(text, 'semicolons.plast').diagnostics).toEqual([]);
});
