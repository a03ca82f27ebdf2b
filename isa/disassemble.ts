/** From words to assembly text, in the spelling of the original disassembler. */
import { lookup } from './decode.js';
import { isAllowed, isCanonical, unpackOperands } from './encode.js';
import type { Operand } from './instruction.js';
import { fromBaseOperands, printedFormsOf } from './table/extended.js';
import { instructions } from './table/index.js';

const conditionBits = ['lt', 'gt', 'eq', 'so'];

/** Instructions that the original disassembler does not know in the processor's own mode. */
const unnamed = new Set(['rfci', 'rfmci']);

/** A word as eight hexadecimal digits. */
function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

function conditionBit(n: number): string {
  const name = conditionBits[n & 3]!;
  return n < 4 ? name : `4*cr${n >> 2}+${name}`;
}

/** A branch operand: the address if it is known, else the distance from the instruction. */
function branchTarget(value: number, absolute: boolean, address: number | undefined): string {
  if (absolute) return `0x${hex(value)}`;
  if (address !== undefined) return `0x${hex(address + value)}`;
  return value < 0 ? `.-${-value}` : `.+${value}`;
}

function operandText(
  operand: Operand,
  value: number,
  absolute: boolean,
  address: number | undefined,
): string {
  switch (operand.class) {
    case 'gpr':
      return `r${value}`;
    case 'gpr-or-zero':
      return value === 0 ? '0' : `r${value}`;
    case 'cr-field':
      return `cr${value}`;
    case 'cr-bit':
      return conditionBit(value);
    case 'branch':
      return branchTarget(value, absolute, address);
    case 'vector':
    case 'number':
    case 'displacement':
    case 'spr':
      return `${value}`;
    default:
      return operand.class satisfies never;
  }
}

/**
 * The text of a word: extended mnemonics where the original disassembler chooses them, `.long 0x...` for a word
 * that no assembler text gives, so that assembling the text always gives the word back.
 *
 * `address`: where the word stands; branch targets are then printed as addresses, else as `.+N` or `.-N`.
 */
export function disassemble(word: number, address?: number): string {
  const instruction = instructions[lookup(word)];
  const known = instruction !== undefined && !unnamed.has(instruction.mnemonic);
  if (!known || !isCanonical(instruction, word)) return `.long 0x${hex(word)}`;
  const absolute = instruction.aa === 1;
  const values = unpackOperands(instruction, word);
  for (const form of printedFormsOf(instruction)) {
    const found = fromBaseOperands(form, values);
    if (found !== undefined && form.operands.every((operand, k) => isAllowed(operand, found[k]!))) {
      return line(form.mnemonic, form.operands, found, absolute, address);
    }
  }
  return line(instruction.mnemonic, instruction.operands, values, absolute, address);
}

function line(
  mnemonic: string,
  operands: readonly Operand[],
  values: readonly number[],
  absolute: boolean,
  address: number | undefined,
): string {
  let text = '';
  for (const [k, operand] of operands.entries()) {
    const value = values[k]!;
    if (operand.optional && value === 0) continue;
    const written = operandText(operand, value, absolute, address);
    text += operand.base ? `(${written})` : text === '' ? written : `,${written}`;
  }
  return text === '' ? mnemonic : `${mnemonic} ${text}`;
}
