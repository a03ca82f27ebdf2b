/** Reads ELF32 big-endian PowerPC files. Nothing in the file is believed before it has been checked. */
import { linesWithin } from '../dwarf/lines.js';
import { readLineRows } from '../dwarf/read.js';
import type {
  Program,
  ProgramLine,
  ProgramSection,
  ProgramSymbol,
  SectionFlags,
  SymbolBinding,
  SymbolKind,
} from '../program.js';
import { ByteReader, ElfError } from '../bytes.js';
import {
  elfMagic,
  elfType,
  headerBytes,
  machinePowerPc,
  sectionFlag,
  sectionHeaderBytes,
  sectionType,
  specialIndex,
  symbolBytes,
} from './format.js';

/** Largest sum of zero-filled memory that is taken from a file: more is a damaged file, not a program. */
const mostZeroFilled = 64 * 1024 * 1024;

const kinds: readonly SymbolKind[] = ['none', 'object', 'function', 'section', 'file'];
const bindings: readonly SymbolBinding[] = ['local', 'global', 'weak'];

/** A checked section header with its content. */
export interface RawSection {
  readonly name: string;
  readonly type: number;
  readonly flags: SectionFlags;
  readonly address: number;
  /** Place of the content in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
}

export interface RawSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly kind: SymbolKind;
  readonly binding: SymbolBinding;
  readonly sectionIndex: number;
}

/** A file with its structure checked: what executables and object files have in common. */
export interface RawElf {
  readonly type: 'executable' | 'relocatable';
  readonly entry: number;
  /** Entry 0 is the null section. */
  readonly sections: readonly RawSection[];
  /** Entry 0 is the null symbol. */
  readonly symbols: readonly RawSymbol[];
}

/**
 * The program in an executable ELF file; its sections are views of `bytes`.
 * @throws ElfError naming offset, field and what was expected
 */
export function readElf(bytes: Uint8Array): Program {
  const raw = readRawElf(bytes);
  if (raw.type !== 'executable') {
    throw new ElfError(
      16,
      'e_type',
      'a relocatable object file',
      'an executable (2); link it first',
    );
  }
  const sections: ProgramSection[] = [];
  for (const { name, address, bytes: content, flags } of raw.sections) {
    if (flags.allocated && content.length > 0)
      sections.push({ name, address, bytes: content, flags });
  }
  sections.sort((a, b) => a.address - b.address);
  const symbols: ProgramSymbol[] = [];
  for (const symbol of raw.symbols.slice(1)) {
    const { name, value, size, kind, binding, sectionIndex } = symbol;
    if (kind === 'section' || kind === 'file' || sectionIndex === specialIndex.undefined) continue;
    const home = raw.sections[sectionIndex];
    if (home !== undefined && !home.flags.allocated) continue;
    symbols.push({ name, address: value, size, kind, binding, section: home?.name });
  }
  return { sections, symbols, lines: programLines(raw, sections), entry: raw.entry };
}

function programLines(raw: RawElf, sections: readonly ProgramSection[]): ProgramLine[] {
  const find = (name: string): Uint8Array | undefined =>
    raw.sections.find((section) => section.name === name)?.bytes;
  const table = find('.debug_line');
  if (table === undefined) return [];
  const strings = { lineStrings: find('.debug_line_str'), strings: find('.debug_str') };
  const rows = readLineRows(table, strings);
  return sections
    .filter((section) => section.flags.executable)
    .flatMap(({ address, bytes }) =>
      linesWithin(rows, address, address + bytes.length).map(({ offset, ...place }) => ({
        address: address + offset,
        ...place,
      })),
    );
}

/** Checks header, section headers, names and symbols. */
export function readRawElf(bytes: Uint8Array): RawElf {
  const reader = new ByteReader(bytes);
  const expect = (
    offset: number,
    field: string,
    found: number,
    wanted: number,
    what: string,
  ): void => {
    if (found !== wanted) throw new ElfError(offset, field, `0x${found.toString(16)}`, what);
  };
  reader.need(0, headerBytes, 'ELF header');
  expect(0, 'e_ident', reader.u32(0, 'e_ident'), elfMagic, 'the ELF mark 0x7f454c46');
  expect(4, 'EI_CLASS', reader.u8(4, 'EI_CLASS'), 1, '1 (32 bit)');
  expect(5, 'EI_DATA', reader.u8(5, 'EI_DATA'), 2, '2 (big-endian)');
  expect(6, 'EI_VERSION', reader.u8(6, 'EI_VERSION'), 1, '1');
  const type = reader.u16(16, 'e_type');
  if (type !== elfType.executable && type !== elfType.relocatable) {
    throw new ElfError(16, 'e_type', String(type), '1 (object file) or 2 (executable)');
  }
  expect(18, 'e_machine', reader.u16(18, 'e_machine'), machinePowerPc, '0x14 (PowerPC)');
  const entry = reader.u32(24, 'e_entry');
  const sections = readSections(reader);
  return {
    type: type === elfType.executable ? 'executable' : 'relocatable',
    entry,
    sections,
    symbols: readSymbols(sections),
  };
}

function readSections(reader: ByteReader): RawSection[] {
  const tableAt = reader.u32(32, 'e_shoff');
  const entryBytes = reader.u16(46, 'e_shentsize');
  const count = reader.u16(48, 'e_shnum');
  const namesIndex = reader.u16(50, 'e_shstrndx');
  if (count === 0) throw new ElfError(48, 'e_shnum', '0', 'at least one section');
  if (entryBytes !== sectionHeaderBytes) {
    throw new ElfError(46, 'e_shentsize', String(entryBytes), String(sectionHeaderBytes));
  }
  reader.need(tableAt, count * sectionHeaderBytes, 'e_shoff, e_shnum');
  if (namesIndex >= count) {
    throw new ElfError(50, 'e_shstrndx', String(namesIndex), `a section number below ${count}`);
  }
  const field = (index: number, at: number, name: string): number =>
    reader.u32(tableAt + index * sectionHeaderBytes + at, `section ${index} ${name}`);
  const namesAt = field(namesIndex, 16, 'sh_offset');
  const namesEnd = namesAt + field(namesIndex, 20, 'sh_size');
  reader.need(namesAt, namesEnd - namesAt, `section ${namesIndex} sh_offset, sh_size`);
  let zeroFilled = 0;
  const sections: RawSection[] = [];
  for (let index = 0; index < count; index++) {
    const type = field(index, 4, 'sh_type');
    const flagBits = field(index, 8, 'sh_flags');
    const address = field(index, 12, 'sh_addr');
    const offset = field(index, 16, 'sh_offset');
    const size = field(index, 20, 'sh_size');
    const headerAt = tableAt + index * sectionHeaderBytes;
    const alignment = field(index, 32, 'sh_addralign');
    if ((alignment & (alignment - 1)) !== 0) {
      throw new ElfError(
        headerAt + 32,
        `section ${index} sh_addralign`,
        String(alignment),
        'a power of two',
      );
    }
    const isEmpty = type === sectionType.null;
    const isZeroFilled = type === sectionType.nobits;
    if (isZeroFilled) {
      zeroFilled += size;
      if (zeroFilled > mostZeroFilled) {
        const expected = `at most ${mostZeroFilled} zero-filled bytes`;
        throw new ElfError(headerAt + 20, `section ${index} sh_size`, String(size), expected);
      }
    } else if (!isEmpty) {
      reader.need(offset, size, `section ${index} sh_offset, sh_size`);
    }
    const isAllocated = (flagBits & sectionFlag.alloc) !== 0;
    if (isAllocated && address + size > 0x100000000) {
      const found = `0x${address.toString(16)} + ${size}`;
      throw new ElfError(
        headerAt + 12,
        `section ${index} sh_addr`,
        found,
        'an end within 32-bit addresses',
      );
    }
    sections.push({
      name: isEmpty
        ? ''
        : sectionName(reader, namesAt, namesEnd, field(index, 0, 'sh_name'), index),
      type,
      flags: {
        allocated: isAllocated,
        writable: (flagBits & sectionFlag.write) !== 0,
        executable: (flagBits & sectionFlag.execute) !== 0,
        zeroFilled: isZeroFilled,
      },
      address,
      offset,
      bytes: isEmpty
        ? new Uint8Array(0)
        : isZeroFilled
          ? new Uint8Array(size)
          : reader.bytes.subarray(offset, offset + size),
      link: field(index, 24, 'sh_link'),
      info: field(index, 28, 'sh_info'),
      alignment: Math.max(1, alignment >>> 0),
    });
  }
  return sections;
}

function sectionName(
  reader: ByteReader,
  namesAt: number,
  namesEnd: number,
  offset: number,
  index: number,
): string {
  if (namesAt + offset >= namesEnd) {
    throw new ElfError(
      namesAt,
      `section ${index} sh_name`,
      String(offset),
      'a place inside the section names',
    );
  }
  return reader.text(namesAt + offset, namesEnd, `section ${index} sh_name`);
}

function readSymbols(sections: readonly RawSection[]): RawSymbol[] {
  const table = sections.find((section) => section.type === sectionType.symbols);
  if (table === undefined) return [];
  const strings = sections[table.link];
  if (strings?.type !== sectionType.strings) {
    throw new ElfError(
      table.offset,
      'symbol table sh_link',
      String(table.link),
      'the number of a string table',
    );
  }
  if (table.bytes.length % symbolBytes !== 0) {
    const found = String(table.bytes.length);
    throw new ElfError(table.offset, 'symbol table sh_size', found, `a multiple of ${symbolBytes}`);
  }
  const reader = new ByteReader(table.bytes);
  const names = new ByteReader(strings.bytes);
  const symbols: RawSymbol[] = [];
  for (let at = 0; at < table.bytes.length; at += symbolBytes) {
    const index = at / symbolBytes;
    const nameAt = reader.u32(at, 'st_name');
    const info = reader.u8(at + 12, 'st_info');
    const sectionIndex = reader.u16(at + 14, 'st_shndx');
    const fail = (field: string, found: number, expected: string): never => {
      throw new ElfError(table.offset + at, `symbol ${index} ${field}`, String(found), expected);
    };
    if (sectionIndex === specialIndex.common) {
      fail('st_shndx', sectionIndex, 'a section; common symbols need -fno-common when compiling');
    }
    if (sectionIndex >= sections.length && sectionIndex !== specialIndex.absolute) {
      fail('st_shndx', sectionIndex, `a section number below ${sections.length}`);
    }
    if (nameAt >= strings.bytes.length && nameAt !== 0) {
      fail('st_name', nameAt, `a place inside the ${strings.bytes.length} bytes of names`);
    }
    const kind = kinds[info & 15] ?? 'none';
    symbols.push({
      name:
        kind === 'section'
          ? (sections[sectionIndex]?.name ?? '')
          : nameAt === 0
            ? ''
            : names.text(nameAt, strings.bytes.length, `symbol ${index} st_name`),
      value: reader.u32(at + 4, 'st_value'),
      size: reader.u32(at + 8, 'st_size'),
      kind,
      binding: bindings[info >> 4] ?? 'global',
      sectionIndex,
    });
  }
  return symbols;
}
