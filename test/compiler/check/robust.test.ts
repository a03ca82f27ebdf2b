/** The checker answers with diagnostics, whatever the file says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '../../../compiler/check/check.js';
import { renderAll } from '../../../compiler/diagnostics/render.js';
import { parse } from '../../../compiler/syntax/parse.js';
import { ruleFile } from '../syntax/arbitrary.js';

test('files without sense get diagnostics inside the file, in order of place', () => {
  fc.assert(
    fc.property(ruleFile, (text) => {
      const { tree } = parse(text, 'x');
      if (!tree) throw new Error('the generator makes grammatical files');
      const { rules, diagnostics } = check(tree);
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      expect(rules.length).toBe(errors.length === 0 ? 1 : 0);
      for (const { primary } of diagnostics) {
        expect(primary.start).toBeLessThanOrEqual(primary.end);
        expect(primary.end).toBeLessThanOrEqual(text.length);
      }
      const starts = diagnostics.map(({ primary }) => primary.start);
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
      renderAll(diagnostics, [{ name: 'x', text }]);
    }),
    { numRuns: 150 },
  );
});

test('any text at all gets a tree or a diagnostic', () => {
  const pieces = [
    'rule r {',
    '}',
    'every',
    '1 ms',
    'each synapse {',
    'w +=',
    '3.5',
    '(',
    ')',
    '[',
    ']',
    'if',
    'else {',
    '//',
    '\n',
    '.',
    '=',
    'ä',
    '\u0000',
    '"',
    'in',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })), {
        maxLength: 30,
      }),
      (parts) => {
        const text = parts.join(' ');
        const { tree, diagnostics } = parse(text, 'x');
        expect(tree === undefined).toBe(diagnostics.length > 0);
        if (tree) check(tree);
        renderAll(diagnostics, [{ name: 'x', text }]);
      },
    ),
    { numRuns: 300 },
  );
});
