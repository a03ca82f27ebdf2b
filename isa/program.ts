/** What assembler, compiler and linker make and what emulator, board and tools take: programs and object files. */

/** What a section is for; the letters of the ELF flags, spelled out. */
export interface SectionFlags {
  /** Occupies memory on the chip (false: debug data and comments). */
  readonly allocated: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  /** Takes no room in a file: the memory is filled with zeros when the program is loaded (bss). */
  readonly zeroFilled: boolean;
}

/** Flags of the usual kinds of section. */
export const sectionKinds = {
  text: { allocated: true, writable: false, executable: true, zeroFilled: false },
  data: { allocated: true, writable: true, executable: false, zeroFilled: false },
  readOnly: { allocated: true, writable: false, executable: false, zeroFilled: false },
  bss: { allocated: true, writable: true, executable: false, zeroFilled: true },
  note: { allocated: false, writable: false, executable: false, zeroFilled: false },
} as const satisfies Readonly<Record<string, SectionFlags>>;

/** A piece of memory of a linked program. */
export interface ProgramSection {
  /** `int.*` lies in the processor's own SRAM, `ext.*` and `ext_dram.*` behind the FPGA. */
  readonly name: string;
  /** Byte address as the processor sees it. */
  readonly address: number;
  /** Content, big-endian; zeros when `flags.zeroFilled`. */
  readonly bytes: Uint8Array;
  readonly flags: SectionFlags;
}

export type SymbolKind = 'none' | 'function' | 'object' | 'section' | 'file';
export type SymbolBinding = 'local' | 'global' | 'weak';

/** A named address (or, without a section, a named number) of a linked program. */
export interface ProgramSymbol {
  readonly name: string;
  /** Unsigned 32-bit. */
  readonly address: number;
  /** Bytes; 0 when unknown. */
  readonly size: number;
  readonly kind: SymbolKind;
  readonly binding: SymbolBinding;
  /** Name of the section the symbol lies in; undefined for an absolute number. */
  readonly section: string | undefined;
}

/**
 * A place in a source text; line and column count from 1. Column undefined: not known. In line tables line 0 (with an
 * empty file name) says that from there on no source is known.
 */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** "From this address on, up to the next entry or the end of the section, the code comes from that line." */
export interface ProgramLine extends SourcePlace {
  readonly address: number;
}

/** A linked program: what a chip can load. Sections and lines are in ascending order of address. */
export interface Program {
  readonly sections: readonly ProgramSection[];
  readonly symbols: readonly ProgramSymbol[];
  readonly lines: readonly ProgramLine[];
  /** Address of the first instruction. The processor itself always starts at 0. */
  readonly entry: number;
}

/** How a relocation changes the bytes at its offset; the names are those of the PowerPC ELF supplement. */
export type RelocationType =
  | 'ADDR32'
  | 'ADDR24'
  | 'ADDR16'
  | 'ADDR16_LO'
  | 'ADDR16_HI'
  | 'ADDR16_HA'
  | 'ADDR14'
  | 'UADDR32'
  | 'UADDR16'
  | 'REL24'
  | 'REL14'
  | 'REL32'
  | 'REL16_LO'
  | 'REL16_HI'
  | 'REL16_HA'
  | 'ADDR8';

/** "Put symbol + addend here", to be done by the linker. */
export interface Relocation {
  /** Byte offset in the section; for the 16-bit types that of the halfword itself. */
  readonly offset: number;
  readonly type: RelocationType;
  /** Index into the object file's symbols; undefined: the addend alone (an absolute address). */
  readonly symbol: number | undefined;
  readonly addend: number;
}

/** "From this offset on the code comes from that line." */
export interface ObjectLine extends SourcePlace {
  readonly offset: number;
}

export interface ObjectSection {
  readonly name: string;
  readonly flags: SectionFlags;
  /** Power of two, in bytes. */
  readonly alignment: number;
  readonly bytes: Uint8Array;
  /** Ascending offsets. */
  readonly relocations: readonly Relocation[];
  /** Ascending offsets. */
  readonly lines: readonly ObjectLine[];
}

export interface ObjectSymbol {
  readonly name: string;
  /** Offset in the section, or the number itself when `section` is 'absolute'. */
  readonly value: number;
  readonly size: number;
  readonly kind: SymbolKind;
  readonly binding: SymbolBinding;
  /** Index into the object's sections. */
  readonly section: number | 'absolute' | 'undefined';
  /** Where the symbol is defined or first used, for messages. */
  readonly place?: SourcePlace;
}

/** One translated source: what the linker takes. */
export interface ObjectFile {
  /** Name for messages, usually that of the source file. */
  readonly name: string;
  readonly sections: readonly ObjectSection[];
  readonly symbols: readonly ObjectSymbol[];
}

/** The section that contains `address`, if any. */
export function sectionAt(program: Program, address: number): ProgramSection | undefined {
  return program.sections.find(
    (section) =>
      section.flags.allocated &&
      address >= section.address &&
      address < section.address + section.bytes.length,
  );
}

/** The symbol called `name`; a global one wins over local ones of the same name. */
export function findSymbol(program: Program, name: string): ProgramSymbol | undefined {
  let found: ProgramSymbol | undefined;
  for (const symbol of program.symbols) {
    if (symbol.name !== name || symbol.kind === 'section' || symbol.kind === 'file') continue;
    if (symbol.binding !== 'local') return symbol;
    found ??= symbol;
  }
  return found;
}

/** The nearest symbol at or below `address` in the same section, and how many bytes below it lies. */
export function symbolAt(
  program: Program,
  address: number,
): { readonly symbol: ProgramSymbol; readonly offset: number } | undefined {
  const section = sectionAt(program, address);
  if (section === undefined) return undefined;
  let best: ProgramSymbol | undefined;
  for (const symbol of program.symbols) {
    if (symbol.section !== section.name || symbol.kind === 'section' || symbol.address > address)
      continue;
    if (best === undefined || symbol.address > best.address) best = symbol;
    else if (
      symbol.address === best.address &&
      best.binding === 'local' &&
      symbol.binding !== 'local'
    )
      best = symbol;
  }
  return best && { symbol: best, offset: address - best.address };
}

/** The source line of the instruction at `address`, by binary search; undefined outside all lines. */
export function lineAt(program: Program, address: number): ProgramLine | undefined {
  const { lines } = program;
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = lines[middle];
    if (line !== undefined && line.address <= address) low = middle + 1;
    else high = middle;
  }
  const line = lines[low - 1];
  if (line === undefined || line.line === 0) return undefined;
  const section = sectionAt(program, address);
  return section !== undefined && line.address >= section.address ? line : undefined;
}

/**
 * The memory image from address `start` to the end of the last section below `limit`: holes are zero, bytes are in
 * memory order (big-endian words). Sections that begin outside start..limit are left out.
 */
export function memoryImage(program: Program, start: number, limit: number): Uint8Array {
  const inside = program.sections.filter(
    (section) =>
      section.flags.allocated &&
      section.bytes.length > 0 &&
      section.address >= start &&
      section.address < limit,
  );
  let end = start;
  for (const section of inside) end = Math.max(end, section.address + section.bytes.length);
  const image = new Uint8Array(end - start);
  for (const section of inside) image.set(section.bytes, section.address - start);
  return image;
}
