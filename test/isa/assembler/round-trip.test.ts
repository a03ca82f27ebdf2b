import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assembleObject } from '../../../isa/assembler/index.js';
import { disassemble } from '../../../isa/disassemble.js';
import { anyWord, encodable } from '../arbitrary.js';

/** The words of a source of one instruction a line. */
function words(lines: readonly string[]): number[] {
  const [section] = assembleObject({ name: 'words.s', text: lines.join('\n') }).sections;
  const view = new DataView(section!.bytes.buffer);
  return Array.from({ length: section!.bytes.length / 4 }, (_, k) => view.getInt32(4 * k));
}

describe('assemble(disassemble(w)) = w', () => {
  test('for every word that an instruction encodes to', () => {
    fc.assert(
      fc.property(fc.array(encodable, { minLength: 50, maxLength: 200 }), (list) => {
        const wanted = list.map(({ word }) => word);
        expect(words(wanted.map((word) => disassemble(word)))).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  test('for every word at all', () => {
    fc.assert(
      fc.property(fc.array(anyWord, { minLength: 50, maxLength: 200 }), (wanted) => {
        expect(words(wanted.map((word) => disassemble(word)))).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });
});
