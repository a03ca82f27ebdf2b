/** Names of registers: which of them may stand in which operand. */
import type { OperandClass } from '../instruction.js';
import { specialRegisters } from '../special-registers.js';

/** Bits of a condition field by name. */
const conditionBits: Readonly<Record<string, number>> = { lt: 0, gt: 1, eq: 2, so: 3, un: 3 };

const specialNumbers = new Map(specialRegisters.map(({ name, number }) => [name, number]));

/** What belongs into an operand of a class, in words. */
export const classNames: Readonly<Record<OperandClass, string>> = {
  gpr: 'a general register, r0..r31',
  'gpr-or-zero': 'a general register, r0..r31',
  vector: 'a vector register, v0..v31',
  'cr-field': 'a condition field, cr0..cr7',
  'cr-bit': 'a condition bit, such as 4*cr1+eq',
  number: 'a number',
  displacement: 'a number',
  branch: 'a label',
  spr: 'a special register, by number or name',
};

/** The number that a register name stands for in an operand of this class; undefined: it is no name of that class. */
export function registerNumber(name: string, operandClass: OperandClass): number | undefined {
  switch (operandClass) {
    case 'gpr':
    case 'gpr-or-zero':
      return indexed(name, /^%?r(\d+)$/i, 32);
    case 'vector':
      return indexed(name, /^%?v(\d+)$/i, 32);
    case 'cr-field':
      return indexed(name, /^%?cr(\d)$/i, 8);
    case 'cr-bit':
      return conditionBits[name.replace(/^%/, '')] ?? indexed(name, /^%?cr(\d)$/i, 8);
    case 'spr':
      return specialNumbers.get(name.toLowerCase());
    default:
      return undefined;
  }
}

/** The number of a register name of any of the classes that are told apart by their letter. */
export function anyRegisterNumber(name: string): number | undefined {
  return (
    registerNumber(name, 'gpr') ??
    registerNumber(name, 'vector') ??
    registerNumber(name, 'cr-field')
  );
}

function indexed(name: string, pattern: RegExp, count: number): number | undefined {
  const digits = pattern.exec(name)?.[1];
  const number = digits === undefined ? count : Number(digits);
  return number < count ? number : undefined;
}
