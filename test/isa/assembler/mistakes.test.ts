import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssemblerError, assembleObject, renderProblem } from '../../../isa/assembler/index.js';

function mistakes(text: string): AssemblerError['problems'] {
  try {
    assembleObject({ name: 'x.s', text });
    return [];
  } catch (error) {
    if (error instanceof AssemblerError) return error.problems;
    throw error;
  }
}

describe('a mistake is named with its place, what was expected, and a repair', () => {
  test.each([
    ['unknown-mnemonic', ' adi r3, r3, 1', 2, 3, 'did you mean add'],
    ['unknown-directive', ' .glbl x', 2, 5, 'did you mean .globl?'],
    ['operand-range', ' addi r3, r3, 40000', 15, 5, 'lis'],
    ['operand-range', ' srawi r3, r3, 32', 16, 2, undefined],
    ['operand-count', ' add r3, r3', 6, 6, undefined],
    ['wrong-register', ' addi r3, r4, r5', 15, 2, undefined],
    ['wrong-register', ' add r3, cr4, r5', 10, 3, undefined],
    ['operand-form', ' lwz r3, 8', 10, 1, undefined],
    ['operand-form', ' addi r3, 8(r1), 2', 11, 5, undefined],
    ['syntax', ' .long 1 +', 11, 1, undefined],
    ['syntax', ' .long 1 2', 10, 1, undefined],
    ['range', ' .byte 256', 8, 3, undefined],
    ['duplicate-label', 'a: nop; a: nop', 9, 1, 'numeric label'],
    ['local-label', ' b 3f', 4, 2, 'write 3:'],
    ['not-known-yet', ' .space n\n .set n, 1', 9, 1, undefined],
    ['division-by-zero', ' .long 1/0', 8, 3, undefined],
    ['unmatched', ' .endif', 2, 6, undefined],
    ['open-condition', ' .if 1', 1, 1, undefined],
    ['open-block', ' .macro m', 2, 6, undefined],
    ['error', ' .error "rows must be even"', 2, 6, undefined],
    ['range', ' .space 8\n .org 4', 7, 1, 'move'],
    ['circular', ' .set a, b\n .set b, a\n .long a', 8, 1, undefined],
    ['no-relocation', ' li r3, missing - .', 0, 0, undefined],
    ['no-bytes', ' .bss\n .long 1', 2, 5, undefined],
  ])('%s: %s', (code, text, column, length, repair) => {
    const [first, ...others] = mistakes(text);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ code, file: 'x.s' });
    if (column > 0) expect(first).toMatchObject({ column, length });
    if (repair !== undefined) expect(first?.repair).toContain(repair);
  });

  test('many mistakes are reported in one run, in order of lines', () => {
    const found = mistakes('foo 1\n li r3, big\n bar 2\n addi r3, r3\n .long )\n .set big, 99999');
    expect(found.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
  });

  test('a mistake in a macro names the line in the macro and every call', () => {
    const [problem] = mistakes('.macro inner\n bad\n.endm\n.macro outer\n inner\n.endm\n outer');
    expect(problem).toMatchObject({ line: 2, calledFrom: [{ line: 5 }, { line: 7 }] });
  });

  test('as text: place, line, mark, repair', () => {
    const [problem] = mistakes('\n li r3, 70000');
    expect(renderProblem(problem!)).toBe(
      [
        'x.s:2:9: 70000 does not fit operand si of li; expected -32768 to 32767',
        '  2 |  li r3, 70000',
        '    |         ^^^^^',
        '  take halves of it: lis with @ha and addi with @l, or lis with @h and ori with @l',
      ].join('\n'),
    );
  });

  test('a branch that cannot reach says how far it may', () => {
    const [problem] = mistakes(' beq far\n .space 0x8000\nfar:');
    expect(problem).toMatchObject({ code: 'operand-range', line: 1 });
    expect(problem?.repair).toContain('opposite condition');
  });

  test('macros without end are stopped', () => {
    expect(mistakes('.macro m\n m\n.endm\n m')[0]?.code).toBe('nesting');
  });
});

test('no text makes it fail in another way than with mistakes', () => {
  const word = fc.constantFrom(
    ...[
      '.macro',
      '.endm',
      '.rept 3',
      '.endr',
      '.if',
      '.else',
      '.endif',
      'm',
      'add',
      'b',
      '1:',
      'x:',
      '=',
      '"',
      "'",
    ],
    ...[
      '(',
      ')',
      ',',
      '@ha',
      '\\',
      ';',
      '.byte',
      '.org',
      '.',
      '1f',
      'r3',
      '-',
      '/*',
      '#',
      '.section',
      '.set',
      '\n',
      '\n',
    ],
  );
  const anything = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(anything, (text) => {
      mistakes(text);
    }),
    { numRuns: 1000 },
  );
});
