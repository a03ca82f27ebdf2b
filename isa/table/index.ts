/** The instruction set: every instruction of the processor, scalar and vector, once. */
import type { Instruction } from '../instruction.js';
import { arithmetic } from './arithmetic.js';
import { branch } from './branch.js';
import { compare, trap } from './compare.js';
import { logical } from './logical.js';
import { load, store } from './memory.js';
import { rotate } from './rotate.js';
import { condition, system } from './system.js';
import { vectorAccumulator } from './vector-accumulator.js';
import { vectorArithmetic } from './vector-arithmetic.js';
import { vectorMemory } from './vector-memory.js';
import { vectorPermute } from './vector-permute.js';

/** All 236 base instructions; `instructions[i].index === i`. */
export const instructions: readonly Instruction[] = [
  ...arithmetic,
  ...compare,
  ...trap,
  ...logical,
  ...rotate,
  ...load,
  ...store,
  ...branch,
  ...condition,
  ...system,
  ...vectorArithmetic,
  ...vectorAccumulator,
  ...vectorPermute,
  ...vectorMemory,
].map((instruction, index) => ({ ...instruction, index }));

const byMnemonic = new Map(instructions.map((instruction) => [instruction.mnemonic, instruction]));

/** The base instruction of that name, or undefined (extended mnemonics are in `extended.ts`). */
export function findInstruction(mnemonic: string): Instruction | undefined {
  return byMnemonic.get(mnemonic);
}
