/** References to symbols as operands and data words, and which relocation each becomes. */
import { operandsOf } from './encode.js';
import type { RelocationType } from './program.js';
import { findExtended } from './table/extended.js';
import { findInstruction } from './table/index.js';

/** Which 16 bits of an address an operand takes: the assembler's @l, @h, @ha. */
export type AddressPart = 'low' | 'high' | 'highAdjusted';

/** The address of a symbol (or of the start of a section, by its name) as an operand or data word; no name: 0. */
export interface SymbolReference {
  readonly symbol: string;
  readonly addend: number;
  readonly part?: AddressPart;
  /** Distance from the place where it is stored, instead of the address. Branches are relative without this. */
  readonly relative?: boolean;
}

/** An operand in the order of the assembler's syntax; `d(ra)` is two operands, d then ra. */
export type Operand = number | SymbolReference;

/** A fixed byte address, where a number alone would be a distance (branches). */
export function address(value: number): SymbolReference {
  return { symbol: '', addend: value };
}

/** The address of `name` plus `addend` bytes. */
export function symbol(name: string, addend = 0): SymbolReference {
  return { symbol: name, addend };
}

/** Low 16 bits of an address, for `addi` and displacements (`name@l`). */
export function low(name: string, addend = 0): SymbolReference {
  return { symbol: name, addend, part: 'low' };
}

/** High 16 bits, for `lis` before `ori` (`name@h`). */
export function high(name: string, addend = 0): SymbolReference {
  return { symbol: name, addend, part: 'high' };
}

/** High 16 bits adjusted for a sign-extended low half, for `lis` before `addi` or a load (`name@ha`). */
export function highAdjusted(name: string, addend = 0): SymbolReference {
  return { symbol: name, addend, part: 'highAdjusted' };
}

/**
 * The relocation that puts an address into operand `position` of `count` written ones; undefined: only numbers go
 * there.
 */
export function operandRelocation(
  mnemonic: string,
  position: number,
  count: number,
  { part, relative = false }: SymbolReference,
): RelocationType | undefined {
  const kinds = operandsOf(mnemonic) ?? [];
  const skipped = kinds[0]?.optional === true && count < kinds.length ? 1 : 0;
  const operand = kinds[position + skipped];
  switch (operand?.name) {
    case 'li':
    case 'bd':
      if (part !== undefined || relative) return undefined;
      if (isAbsoluteBranch(mnemonic)) return operand.name === 'li' ? 'ADDR24' : 'ADDR14';
      return operand.name === 'li' ? 'REL24' : 'REL14';
    case 'si':
    case 'sis':
    case 'ui':
    case 'd':
      return halfRelocation(part, relative);
    default:
      return undefined;
  }
}

/** Whether a branch with this name goes to an address instead of a distance. */
export function isAbsoluteBranch(mnemonic: string): boolean {
  return (findInstruction(mnemonic) ?? findExtended(mnemonic)?.base)?.aa === 1;
}

function halfRelocation(
  part: AddressPart | undefined,
  relative = false,
): RelocationType | undefined {
  switch (part) {
    case undefined:
      return relative ? undefined : 'ADDR16';
    case 'low':
      return relative ? 'REL16_LO' : 'ADDR16_LO';
    case 'high':
      return relative ? 'REL16_HI' : 'ADDR16_HI';
    case 'highAdjusted':
      return relative ? 'REL16_HA' : 'ADDR16_HA';
  }
}

/** The relocation that puts an address into a data item of `width` bytes; undefined: there is none. */
export function dataRelocation(
  width: 1 | 2 | 4,
  { part, relative = false }: SymbolReference,
): RelocationType | undefined {
  if (width === 4 && part === undefined) return relative ? 'REL32' : 'ADDR32';
  if (width === 1 && part === undefined && !relative) return 'ADDR8';
  return width === 2 ? halfRelocation(part, relative) : undefined;
}
