import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../isa/decode.js';
import { disassemble } from '../../isa/disassemble.js';
import { encode, EncodeError, isAllowed, isCanonical, unpackOperands } from '../../isa/encode.js';
import {
  extendedMnemonics,
  fromBaseOperands,
  printedFormsOf,
  toBaseOperands,
} from '../../isa/table/extended.js';
import { instructions } from '../../isa/table/index.js';
import { anyWord, encodable, operandValues } from './arbitrary.js';

const many = { numRuns: 2000 };

function problemOf(mnemonic: string, operands: readonly number[]): string {
  try {
    encode(mnemonic, operands);
  } catch (error) {
    if (error instanceof EncodeError) return error.message;
    throw error;
  }
  return 'no problem';
}

describe('encoder and decoder', () => {
  test('decode(encode(instruction, operands)) gives both back', () => {
    fc.assert(
      fc.property(encodable, ({ instruction, values, word }) => {
        const decoded = decode(word);
        // The one exception is the original assembler's: a single field moves in the one-field form.
        if (instruction.mnemonic === 'mtcrf' && decoded?.instruction.mnemonic === 'mtocrf') return;
        expect(decoded?.instruction.mnemonic).toBe(instruction.mnemonic);
        const plain = values.map((value, k) =>
          instruction.operands[k]!.name === 'sis' && value > 32767 ? value - 65536 : value,
        );
        expect(unpackOperands(instruction, word)).toEqual(plain);
        expect(isCanonical(decoded!.instruction, word)).toBe(true);
      }),
      many,
    );
  });

  test('encode(decode(w)) = w for every word that is canonical, whatever its bits', () => {
    fc.assert(
      fc.property(fc.constantFrom(...instructions), anyWord, (instruction, bits) => {
        const word = (bits & ~instruction.mask) | instruction.match;
        const decoded = decode(word)!;
        expect(decoded.instruction.index).toBe(instruction.index);
        const values = unpackOperands(instruction, word);
        if (!isCanonical(instruction, word)) {
          expect(disassemble(word)).toMatch(/^\.long 0x[0-9a-f]{8}$/);
        } else {
          expect(encode(instruction.mnemonic, values)).toBe(word);
        }
      }),
      many,
    );
  });

  test('unused fields do not change what the core decodes', () => {
    fc.assert(
      fc.property(encodable, anyWord, ({ word }, noise) => {
        const { instruction } = decode(word)!;
        expect(decode(word ^ (noise & ~instruction.mask))!.instruction).toBe(instruction);
      }),
      many,
    );
  });
});

describe('extended mnemonics', () => {
  const withOperands = fc
    .constantFrom(...extendedMnemonics)
    .chain((form) => operandValues(form.operands).map((values) => ({ form, values })));

  test('are the base instruction with its operands computed', () => {
    fc.assert(
      fc.property(withOperands, ({ form, values }) => {
        const base = toBaseOperands(form, values);
        const fits = form.base.operands.every((operand, k) => isAllowed(operand, base[k]!));
        if (!fits) {
          expect(problemOf(form.mnemonic, values)).toContain(form.mnemonic);
        } else {
          expect(encode(form.mnemonic, values)).toBe(encode(form.base.mnemonic, base));
        }
      }),
      many,
    );
  });

  test('that are printed can be found back from the base operands', () => {
    fc.assert(
      fc.property(withOperands, ({ form, values }) => {
        fc.pre(form.printed);
        const base = toBaseOperands(form, values);
        fc.pre(form.base.operands.every((operand, k) => isAllowed(operand, base[k]!)));
        expect(printedFormsOf(form.base)).toContain(form);
        expect(fromBaseOperands(form, base)).toEqual(values);
      }),
      many,
    );
  });

  test.each([
    ['li', [3, -1], 0x3860ffff],
    ['slwi', [3, 4, 5], 0x54832834],
    ['srwi', [3, 4, 0], 0x5483003e],
    ['blr', [], 0x4e800020],
    ['beq', [0, 8], 0x41820008],
    ['beq', [8], 0x41820008],
    ['bne+', [7, 4], 0x40fe0004],
    ['bne-', [7, 4], 0x40de0004],
    ['bdnz+', [4], 0x43200004],
    ['mtcr', [5], 0x7caff120],
  ])('%s %j', (mnemonic, operands, word) => {
    expect(encode(mnemonic, operands)).toBe(word | 0);
  });
});

describe('what does not fit is named with what would', () => {
  test.each([
    ['addi', [3, 4, 40000], 'addi: operand 3 (si) is 40000, allowed: -32768 to 32767'],
    ['addis', [3, 4, 65536], 'addis: operand 3 (sis) is 65536, allowed: -32768 to 65535'],
    ['add', [32, 1, 2], 'add: operand 1 (rt) is 32, allowed: 0 to 31'],
    ['ori', [1, 2, -1], 'ori: operand 3 (ui) is -1, allowed: 0 to 65535'],
    ['fxvshb', [1, 2, 16], 'fxvshb: operand 3 (imm5) is 16, allowed: -16 to 15'],
    ['fxvaddbm', [1, 2, 3, 4], 'fxvaddbm: operand 4 (cond) is 4, allowed: 0 to 3'],
    ['b', [6], 'b: operand 1 (li) is 6, allowed: multiples of 4, -33554432 to 33554428'],
    ['bc', [12, 2, 32768], 'bc: operand 3 (bd) is 32768, allowed: multiples of 4, -32768 to 32764'],
    [
      'mtocrf',
      [3, 1],
      'mtocrf: operand 1 (fxm1) is 3, allowed: one of 1, 2, 4, 8, 16, 32, 64, 128',
    ],
    ['cmp', [0, 1, 2, 3], 'cmp: operand 2 (l) is 1, allowed: 0'],
    ['lwzu', [3, 4, 3], 'lwzu: operand 3 (ra) is 3, allowed: a register other than 0 and rt'],
    ['stwu', [3, 4, 0], 'stwu: operand 3 (ra) is 0, allowed: a register other than 0'],
    ['lmw', [28, 0, 29], 'lmw: operand 3 (ra) is 29, allowed: a register below rt'],
    ['add', [1, 2], 'add takes 3 operands (rt, ra, rb), got 2'],
    ['blr', [1], 'blr takes 0 operands, got 1'],
    ['beq', [], 'beq takes 1 or 2 operands ([cr, ]bd), got 0'],
    ['lwz', [1, 2.5, 3], 'lwz: operand 2 (d) is 2.5, allowed: -32768 to 32767'],
    ['addx', [], "there is no instruction 'addx'"],
  ])('%s %j', (mnemonic, operands, message) => {
    expect(problemOf(mnemonic, operands)).toBe(message);
  });

  test('an extended form names its own operand and the reason in the base', () => {
    expect(problemOf('clrlslwi', [1, 2, 3, 4])).toBe(
      'clrlslwi: operand 4 (n) is 4, allowed: what keeps mb of rlwinm (here -1) at 0 to 31',
    );
  });
});

describe('disassembler', () => {
  test.each([
    [0x48000008, undefined, 'b .+8'],
    [0x48000008, 0x1000, 'b 0x00001008'],
    [0x4bfffff8, 0x0, 'b 0xfffffff8'],
    [0x4800000b, undefined, 'bla 0x00000008'],
    [0x00000000, undefined, '.long 0x00000000'],
    [0x7c2004ac, undefined, 'lwsync'],
  ])('%i at %s', (word, address, text) => {
    expect(disassemble(word, address)).toBe(text);
  });
});
