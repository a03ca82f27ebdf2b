/** References to symbols as operands and data words, and which relocation each becomes. */
import type { RelocationType } from './program.js';

/** Which 16 bits of an address an operand takes: the assembler's @l, @h, @ha. */
export type AddressPart = 'low' | 'high' | 'highAdjusted';

/** The address of a symbol (or of the start of a section, by its name) as an operand or data word. */
export interface SymbolReference {
  readonly symbol: string;
  readonly addend: number;
  readonly part?: AddressPart;
  /** Distance from the place where it is stored, instead of the address. Branches are relative without this. */
  readonly relative?: boolean;
}

/** An operand in the order of the assembler's syntax; `d(ra)` is two operands, d then ra. */
export type Operand = number | SymbolReference;

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

/** The relocation that puts an address into an operand of this kind; undefined: only numbers go there. */
export function operandRelocation(
  mnemonic: string,
  operand: string,
  part: AddressPart | undefined,
): RelocationType | undefined {
  switch (operand) {
    case 'li':
      return part === undefined ? (/a[+-]?$/.test(mnemonic) ? 'ADDR24' : 'REL24') : undefined;
    case 'bd':
      return part === undefined ? (/a[+-]?$/.test(mnemonic) ? 'ADDR14' : 'REL14') : undefined;
    case 'si':
    case 'ui':
    case 'd':
      return halfRelocation(part);
    default:
      return undefined;
  }
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
