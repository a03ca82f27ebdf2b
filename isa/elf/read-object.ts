/** Reads relocatable object files, of this assembler or of a cross compiler, for the linker. */
import { linesWithin } from '../dwarf/lines.js';
import { readLineRows, type LineRow } from '../dwarf/read.js';
import type { ObjectFile, ObjectLine, ObjectSymbol, Relocation } from '../program.js';
import { applyRelocation, relocationShapes, relocationTypeOf } from '../relocation.js';
import { ByteReader, ElfError } from '../bytes.js';
import { relocationBytes, sectionType, specialIndex } from './format.js';
import { readRawElf, type RawElf, type RawSection } from './read.js';

/**
 * The object file in a relocatable ELF file. Debug sections other than the line table are dropped.
 * @throws ElfError naming offset, field and what was expected
 */
export function readObject(bytes: Uint8Array, name: string): ObjectFile {
  const raw = readRawElf(bytes);
  if (raw.type !== 'relocatable') {
    throw new ElfError(16, 'e_type', 'an executable', 'a relocatable object file (1)');
  }
  const rows = objectRows(raw);
  const indexOf = new Map<number, number>();
  raw.sections.forEach((section, index) => {
    if (section.flags.allocated) indexOf.set(index, indexOf.size);
  });
  const sections = [...indexOf.keys()].map((index) => {
    const section = raw.sections[index]!;
    return {
      name: section.name,
      flags: section.flags,
      alignment: section.alignment,
      bytes: section.bytes,
      relocations: relocationsOf(raw, index),
      lines: section.flags.executable
        ? linesWithin(rows.get(index) ?? [], 0, section.bytes.length)
        : ([] as ObjectLine[]),
    };
  });
  const symbols = raw.symbols.map((symbol): ObjectSymbol => {
    const { value, size, kind, binding, sectionIndex } = symbol;
    const home = indexOf.get(sectionIndex);
    const section =
      sectionIndex === specialIndex.absolute || (kind === 'section' && home === undefined)
        ? 'absolute'
        : (home ?? 'undefined');
    return { name: symbol.name, value, size, kind, binding, section };
  });
  return { name, sections, symbols };
}

/** Relocations for section `target`, checked. */
function relocationsOf(raw: RawElf, target: number): Relocation[] {
  const list: Relocation[] = [];
  for (const table of raw.sections) {
    if (table.info !== target) continue;
    if (table.type === sectionType.rel) {
      const found = 'relocations without addends';
      throw new ElfError(table.offset, `section '${table.name}' sh_type`, found, 'RELA (4)');
    }
    if (table.type === sectionType.rela) readTable(raw, table, target, list);
  }
  return list.sort((a, b) => a.offset - b.offset);
}

function readTable(raw: RawElf, table: RawSection, target: number, list: Relocation[]): void {
  const size = raw.sections[target]?.bytes.length ?? 0;
  if (table.bytes.length % relocationBytes !== 0) {
    const found = String(table.bytes.length);
    throw new ElfError(
      table.offset,
      `section '${table.name}' sh_size`,
      found,
      `a multiple of ${relocationBytes}`,
    );
  }
  const reader = new ByteReader(table.bytes);
  for (let at = 0; at < table.bytes.length; at += relocationBytes) {
    const offset = reader.u32(at, 'r_offset');
    const info = reader.u32(at + 4, 'r_info');
    const addend = reader.u32(at + 8, 'r_addend') | 0;
    const code = info & 0xff;
    const symbol = info >>> 8;
    if (code === 0) continue;
    const type = relocationTypeOf(code);
    const field = `section '${table.name}' entry ${at / relocationBytes}`;
    if (type === undefined) {
      throw new ElfError(
        table.offset + at + 4,
        `${field} r_info`,
        `type ${code}`,
        'a type of the instruction manual',
      );
    }
    if (symbol >= raw.symbols.length) {
      const expected = `a symbol number below ${raw.symbols.length}`;
      throw new ElfError(table.offset + at + 4, `${field} r_info`, `symbol ${symbol}`, expected);
    }
    if (offset + relocationShapes[type].width > size) {
      throw new ElfError(
        table.offset + at,
        `${field} r_offset`,
        String(offset),
        `a place inside ${size} bytes`,
      );
    }
    list.push({ offset, type, symbol: symbol === 0 ? undefined : symbol, addend });
  }
}

/** Rows of the line table by section number: in an object file its addresses are relocations. */
function objectRows(raw: RawElf): ReadonlyMap<number, LineRow[]> {
  const rows = new Map<number, LineRow[]>();
  const index = raw.sections.findIndex((section) => section.name === '.debug_line');
  const table = raw.sections[index];
  if (table === undefined) return rows;
  const bytes = table.bytes.slice();
  const homeAt = new Map<number, number>();
  for (const { offset, type, symbol, addend } of relocationsOf(raw, index)) {
    const target = symbol === undefined ? undefined : raw.symbols[symbol];
    if (target !== undefined) homeAt.set(offset, target.sectionIndex);
    applyRelocation(bytes, offset, type, (target?.value ?? 0) + addend, 0);
  }
  const find = (name: string): Uint8Array | undefined =>
    raw.sections.find((section) => section.name === name)?.bytes;
  const strings = { lineStrings: find('.debug_line_str'), strings: find('.debug_str') };
  for (const row of readLineRows(bytes, strings)) {
    const home = homeAt.get(row.setAt);
    if (home === undefined) continue;
    const list = rows.get(home);
    if (list === undefined) rows.set(home, [row]);
    else list.push(row);
  }
  return rows;
}
