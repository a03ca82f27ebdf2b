/** Diagnostics as text, JSON and SARIF. */
import { describe, expect, test } from 'vitest';
import { check } from '../../../compiler/check/check.js';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.js';
import { toJson } from '../../../compiler/diagnostics/json.js';
import {
  countSeverities,
  placeIn,
  render,
  renderAll,
} from '../../../compiler/diagnostics/render.js';
import { toSarif } from '../../../compiler/diagnostics/sarif.js';
import { parse } from '../../../compiler/syntax/parse.js';

function diagnose(text: string, name = 'x.plast'): readonly Diagnostic[] {
  const parsed = parse(text, name);
  return parsed.tree ? check(parsed.tree).diagnostics : parsed.diagnostics;
}

const text = 'rule r {\n  every 1 ms {\n    each synapse { w += causl }\n  }\n}\n';
const sources = [{ name: 'x.plast', text }];

test.each([
  ['', 0, 1, 1],
  ['\n', 0, 1, 1],
  ['\n', 1, 2, 1],
  ['ab\ncd', 4, 2, 2],
  ['ab', 99, 1, 3],
])('%j at offset %i is line %i, column %i', (from, offset, line, column) => {
  expect(placeIn(from, offset)).toMatchObject({ line, column });
});

describe('text', () => {
  test('tabs and carriage returns do not displace the underline', () => {
    const tabbed = 'rule r {\r\n\tevery 1 ms {\r\n\t\teach synapse { w += causl }\r\n\t}\r\n}\r\n';
    const rendered = renderAll(diagnose(tabbed), [{ name: 'x.plast', text: tabbed }]);
    expect(rendered).not.toContain('\r');
    expect(rendered).toContain(
      '3 |         each synapse { w += causl }\n  |                             ^^^^^ unknown',
    );
  });

  test('a place that spans lines is underlined to the end of its first', () => {
    const long = 'rule r { every 1 ms { each synapse { w += 0.75 *\n causal } } }';
    const found = diagnose(long);
    expect(renderAll(found, [{ name: 'x.plast', text: long }])).toContain(
      '^^^^^^^^^^^ more than half a step per count',
    );
  });

  test('places in other files have their own arrow', () => {
    const [first] = diagnose(text);
    if (!first) throw new Error('no diagnostic');
    const other = { span: { file: 'y.plast', start: 3, end: 6 }, text: 'over there' };
    const rendered = render({ ...first, secondary: [other] }, [
      ...sources,
      { name: 'y.plast', text: 'a\n bcd' },
    ]);
    expect(rendered).toContain('--> x.plast:3:25');
    expect(rendered).toContain('--> y.plast:2:2');
  });

  test('colours only surround the same text', () => {
    const found = diagnose(text);
    // eslint-disable-next-line no-control-regex -- that is what colours are made of
    const plain = renderAll(found, sources, { colour: true }).replace(/\u001b\[\d+m/g, '');
    expect(plain).toBe(renderAll(found, sources));
  });

  test('the count names each severity once', () => {
    expect(countSeverities([])).toBe('');
    expect(countSeverities([...diagnose(text), ...diagnose(text)])).toBe('2 errors');
  });
});

test('JSON has one-based lines and columns, and the repair', () => {
  const [first] = diagnose(text);
  expect(first && toJson(first, sources)).toMatchObject({
    code: 'E0101',
    severity: 'error',
    message: 'nothing is called `causl`',
    file: 'x.plast',
    line: 3,
    column: 25,
    endLine: 3,
    endColumn: 30,
    help: 'did you mean `causal`?',
    repair: { text: 'causal', line: 3, column: 25 },
    facts: { name: 'causl' },
  });
});

test('SARIF names each code once and gives places and fixes', () => {
  const twice = 'rule r { every 1 ms { each synapse { w += causl w -= acausl } } }';
  const log = toSarif(diagnose(twice), [{ name: 'x.plast', text: twice }], '1.2.3');
  expect(log).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'plastic', version: '1.2.3', rules: [{ id: 'E0101' }] } },
        results: [
          { ruleId: 'E0101', ruleIndex: 0, level: 'error' },
          {
            ruleId: 'E0101',
            fixes: [
              { artifactChanges: [{ replacements: [{ insertedContent: { text: 'acausal' } }] }] },
            ],
          },
        ],
      },
    ],
  });
});
