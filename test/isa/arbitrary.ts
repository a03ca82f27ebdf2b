/** Random instructions for property tests. */
import fc from 'fast-check';
import { encode, EncodeError } from '../../isa/encode.js';
import type { Instruction, Operand } from '../../isa/instruction.js';
import { instructions } from '../../isa/table/index.js';

/** A value that the operand takes by itself. */
export function operandValue(operand: Operand): fc.Arbitrary<number> {
  if (operand.values !== undefined) return fc.constantFrom(...operand.values);
  const { min, max } = operand;
  if (operand.class !== 'branch') return fc.integer({ min, max });
  return fc.integer({ min: min / 4, max: max / 4 }).map((words) => 4 * words);
}

export function operandValues(operands: readonly Operand[]): fc.Arbitrary<number[]> {
  return fc.tuple(...operands.map(operandValue));
}

export const anyInstruction: fc.Arbitrary<Instruction> = fc.constantFrom(...instructions);

/** A base instruction with operands that encode; registers that exclude each other are drawn again. */
export const encodable: fc.Arbitrary<{ instruction: Instruction; values: number[]; word: number }> =
  anyInstruction
    .chain((instruction) =>
      operandValues(instruction.operands).map((values) => ({ instruction, values })),
    )
    .map(({ instruction, values }) => {
      try {
        return { instruction, values, word: encode(instruction.mnemonic, values) };
      } catch (error) {
        if (error instanceof EncodeError) return undefined;
        throw error;
      }
    })
    .filter((found) => found !== undefined);

/** Any 32-bit pattern as int32. */
export const anyWord: fc.Arbitrary<number> = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });

/** Words at the edges of 32-bit arithmetic, and any others. */
export const edgyWord: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1, -1, 2, -2, 0x7fff_ffff, -0x8000_0000, -0x7fff_ffff, 0xffff, -0x10000),
  fc.integer({ min: -40, max: 40 }),
  anyWord,
);
