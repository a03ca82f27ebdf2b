/** From mnemonics and operands to words; also the checks that say why a value does not fit. */
import type { Instruction, Operand } from './instruction.js';
import { findExtended, toBaseOperands } from './table/extended.js';
import { findInstruction } from './table/index.js';

/** Why an instruction cannot be encoded. */
export type EncodeProblem =
  | { readonly kind: 'unknown-mnemonic' }
  | { readonly kind: 'operand-count'; readonly expected: string; readonly got: number }
  | {
      readonly kind: 'operand-range';
      /** Position in written order, from 0, and name of the operand. */
      readonly position: number;
      readonly operand: string;
      readonly value: number;
      /** What is allowed, in words: `-32768 to 32767`, `one of 1, 2, 4`. */
      readonly allowed: string;
    };

/** The operands do not fit the instruction. Carries the facts; the message is one line. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';

  constructor(
    readonly mnemonic: string,
    readonly problem: EncodeProblem,
  ) {
    super(describe(mnemonic, problem));
  }
}

function describe(mnemonic: string, problem: EncodeProblem): string {
  switch (problem.kind) {
    case 'unknown-mnemonic':
      return `there is no instruction '${mnemonic}'`;
    case 'operand-count':
      return `${mnemonic} takes ${problem.expected}, got ${problem.got}`;
    case 'operand-range':
      return (
        `${mnemonic}: operand ${problem.position + 1} (${problem.operand}) is ${problem.value}, ` +
        `allowed: ${problem.allowed}`
      );
    default:
      return problem satisfies never;
  }
}

/** Operands of a base or extended mnemonic in written order; undefined if there is no such mnemonic. */
export function operandsOf(mnemonic: string): readonly Operand[] | undefined {
  return (findInstruction(mnemonic) ?? findExtended(mnemonic))?.operands;
}

/** Operands as the manual writes them, for example `rt, d(ra0)`; undefined if there is no such mnemonic. */
export function syntaxOf(mnemonic: string): string | undefined {
  return (findInstruction(mnemonic) ?? findExtended(mnemonic))?.syntax;
}

/**
 * The word (int32) of an instruction. Registers, fields and condition bits are given as numbers; `d(ra)` is two
 * operands; branch operands are byte distances, or byte addresses for absolute forms. An optional operand may be
 * left out. Throws EncodeError.
 */
export function encode(mnemonic: string, operands: readonly number[]): number {
  const base = findInstruction(mnemonic);
  if (base !== undefined) {
    const values = complete(mnemonic, base.operands, operands);
    checkRanges(mnemonic, base.operands, values);
    const problem = findCombinationProblem(base, values);
    if (problem !== undefined) throw new EncodeError(mnemonic, problem);
    return packOperands(base, values);
  }
  const form = findExtended(mnemonic);
  if (form === undefined) throw new EncodeError(mnemonic, { kind: 'unknown-mnemonic' });
  const values = complete(mnemonic, form.operands, operands);
  checkRanges(mnemonic, form.operands, values);
  const baseValues = toBaseOperands(form, values);
  for (const [k, operand] of form.base.operands.entries()) {
    if (isAllowed(operand, baseValues[k]!)) continue;
    // Each operand is in range alone: name the one written last that takes part.
    const culprit = form.sums[k]!.parts.at(-1)?.operand ?? 0;
    throw new EncodeError(mnemonic, {
      kind: 'operand-range',
      position: culprit,
      operand: form.operands[culprit]?.name ?? operand.name,
      value: values[culprit] ?? baseValues[k]!,
      allowed: `what keeps ${operand.name} of ${form.base.mnemonic} (here ${baseValues[k]}) at ${allowedValues(operand)}`,
    });
  }
  return packOperands(form.base, baseValues);
}

/** Fills in an operand that was left out. */
function complete(
  mnemonic: string,
  kinds: readonly Operand[],
  given: readonly number[],
): readonly number[] {
  if (given.length === kinds.length) return given;
  if (given.length === kinds.length - 1) {
    if (kinds[0]?.optional === true) return [0, ...given];
    if (kinds.at(-1)?.optional === true) return [...given, 0];
  }
  const count = kinds.length;
  const optional = kinds.some((kind) => kind.optional) ? `${count - 1} or ${count}` : `${count}`;
  throw new EncodeError(mnemonic, {
    kind: 'operand-count',
    expected: `${optional} operand${optional === '1' ? '' : 's'}${count > 0 ? ` (${syntaxOf(mnemonic)})` : ''}`,
    got: given.length,
  });
}

/** The value an operand really stands for: absolute branch targets at the top of memory are negative. */
function canonical(operand: Operand, value: number): number {
  return operand.class === 'branch' && value > 0x7fff_ffff ? value - 0x1_0000_0000 : value;
}

/** Whether the operand may have this value, by itself. */
export function isAllowed(operand: Operand, written: number): boolean {
  const value = canonical(operand, written);
  if (!Number.isInteger(value) || value < operand.min || value > operand.max) return false;
  if (operand.class === 'branch' && (value & 3) !== 0) return false;
  return operand.values === undefined || operand.values.includes(value);
}

function allowedValues(operand: Operand): string {
  if (operand.values !== undefined) return `one of ${operand.values.join(', ')}`;
  const range = operand.min === operand.max ? `${operand.min}` : `${operand.min} to ${operand.max}`;
  return operand.class === 'branch' ? `multiples of 4, ${range}` : range;
}

function checkRanges(mnemonic: string, kinds: readonly Operand[], values: readonly number[]): void {
  for (const [position, operand] of kinds.entries()) {
    const value = values[position]!;
    if (isAllowed(operand, value)) continue;
    const allowed = allowedValues(operand);
    throw new EncodeError(mnemonic, {
      kind: 'operand-range',
      position,
      operand: operand.name,
      value,
      allowed,
    });
  }
}

/** Registers that an update form or a load multiple must not name together. */
function findCombinationProblem(
  instruction: Instruction,
  values: readonly number[],
): EncodeProblem | undefined {
  for (const [position, operand] of instruction.operands.entries()) {
    const value = values[position]!;
    const rt = values[0]!;
    const allowed =
      (operand.name === 'ral' &&
        (value === 0 || value === rt) &&
        'a register other than 0 and rt') ||
      (operand.name === 'ras' && value === 0 && 'a register other than 0') ||
      (operand.name === 'ram' && value >= rt && value !== 0 && 'a register below rt') ||
      (operand.name === 'ram' &&
        rt === 0 &&
        'no register: a load multiple from r0 overwrites its base');
    if (typeof allowed === 'string') {
      return { kind: 'operand-range', position, operand: 'ra', value, allowed };
    }
  }
  return undefined;
}

/** Bit 20, which turns mtcrf into mtocrf. */
const ONE_FIELD = 1 << 20;

/** Puts checked values into their fields. */
function packOperands(instruction: Instruction, values: readonly number[]): number {
  let word = instruction.match;
  for (const [k, operand] of instruction.operands.entries()) {
    word |= packOperand(operand, values[k]!);
  }
  // The original assembler emits a move to a single field in its one-field form.
  if (instruction.mnemonic === 'mtcrf') {
    const fxm = values[0]!;
    if (fxm !== 0 && (fxm & (fxm - 1)) === 0) word |= ONE_FIELD;
  }
  return word;
}

function packOperand(operand: Operand, value: number): number {
  if (operand.class === 'branch') return value & (operand.name === 'li' ? 0x03ff_fffc : 0xfffc);
  // The two halves of a special register's number are exchanged.
  if (operand.class === 'spr') return ((value & 31) << 16) | ((value >> 5) << 11);
  return (value & ((1 << operand.width) - 1)) << operand.lsb;
}

/** The value of one operand in a word. */
export function unpackOperand(operand: Operand, word: number): number {
  if (operand.name === 'li') return ((word & 0x03ff_fffc) << 6) >> 6;
  if (operand.name === 'bd') return ((word & 0xfffc) << 16) >> 16;
  if (operand.class === 'spr') return ((word >>> 16) & 31) | (((word >>> 11) & 31) << 5);
  const value = (word >>> operand.lsb) & ((1 << operand.width) - 1);
  const isNegative = operand.signed && value >> (operand.width - 1) !== 0;
  return isNegative ? value - (1 << operand.width) : value;
}

/** The values of all operands of an instruction in a word, in written order. */
export function unpackOperands(instruction: Instruction, word: number): number[] {
  return instruction.operands.map((operand) => unpackOperand(operand, word));
}

/**
 * Whether the word is exactly what `encode` gives for this instruction: no unused bit is set and every operand
 * is valid. The core runs other words too, but no assembler makes them.
 */
export function isCanonical(instruction: Instruction, word: number): boolean {
  const values = unpackOperands(instruction, word);
  return (
    instruction.operands.every((operand, k) => isAllowed(operand, values[k]!)) &&
    findCombinationProblem(instruction, values) === undefined &&
    packOperands(instruction, values) === (word | 0)
  );
}
