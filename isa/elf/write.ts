/** Programs and object files as ELF32 big-endian PowerPC files. */
import { debugSections, type DebugSection, type LineRun } from '../dwarf/write.js';
import type { ObjectFile, Program, ProgramSection, SymbolBinding, SymbolKind } from '../program.js';
import { relocationShapes } from '../relocation.js';
import { ByteWriter } from '../bytes.js';
import {
  elfType,
  relocationBytes,
  sectionFlag,
  sectionType,
  specialIndex,
  symbolBytes,
} from './format.js';
import { sectionHeaderKind, StringTable, writeFile, type FileSection } from './sections.js';

const kindCodes: Readonly<Record<SymbolKind, number>> = {
  none: 0,
  object: 1,
  function: 2,
  section: 3,
  file: 4,
};
const bindingCodes: Readonly<Record<SymbolBinding, number>> = { local: 0, global: 1, weak: 2 };

interface TableSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly kind: SymbolKind;
  readonly binding: SymbolBinding;
  /** Section header index, or a special index. */
  readonly section: number;
}

/** Symbol table with its strings; local symbols come first, as the format demands. `position[i]` is where symbol i went. */
function symbolTable(symbols: readonly TableSymbol[]): {
  table: Uint8Array;
  strings: Uint8Array;
  firstGlobal: number;
  position: readonly number[];
} {
  const strings = new StringTable();
  const out = new ByteWriter().append(new Uint8Array(symbolBytes));
  const position = new Array<number>(symbols.length).fill(0);
  let count = 1;
  let firstGlobal = 1;
  for (const wantLocal of [true, false]) {
    symbols.forEach((symbol, index) => {
      if ((symbol.binding === 'local') !== wantLocal) return;
      position[index] = count;
      count += 1;
      const name = symbol.kind === 'section' ? 0 : strings.offsetOf(symbol.name);
      out.u32(name).u32(symbol.value).u32(symbol.size);
      out
        .u8((bindingCodes[symbol.binding] << 4) | kindCodes[symbol.kind])
        .u8(0)
        .u16(symbol.section);
    });
    if (wantLocal) firstGlobal = count;
  }
  return { table: out.bytes(), strings: strings.bytes(), firstGlobal, position };
}

function symbolSections(table: ReturnType<typeof symbolTable>, index: number): FileSection[] {
  const plain = { flags: 0, address: 0 };
  return [
    {
      ...plain,
      name: '.symtab',
      type: sectionType.symbols,
      bytes: table.table,
      link: index + 1,
      info: table.firstGlobal,
      alignment: 4,
      entryBytes: symbolBytes,
    },
    { ...plain, name: '.strtab', type: sectionType.strings, bytes: table.strings, alignment: 1 },
  ];
}

function debugFileSection(section: DebugSection): FileSection {
  return {
    name: section.name,
    type: sectionType.progbits,
    flags: 0,
    address: 0,
    bytes: section.bytes,
    alignment: 1,
  };
}

function alignmentOf(section: ProgramSection): number {
  for (const boundary of [128, 16, 4]) {
    if (section.address % boundary === 0 && section.bytes.length >= boundary) return boundary;
  }
  return 1;
}

/** The executable ELF file of a linked program, with symbols and line table. The same program gives the same bytes. */
export function writeElf(program: Program): Uint8Array {
  const sections: FileSection[] = program.sections.map((section) => ({
    name: section.name,
    ...sectionHeaderKind(section.flags),
    address: section.address,
    bytes: section.bytes,
    alignment: alignmentOf(section),
  }));
  const runs: LineRun[] = program.sections
    .filter((section) => section.flags.executable)
    .map((section) => {
      const { name, address, bytes } = section;
      const inside = program.lines.filter(
        (line) => line.address >= address && line.address < address + bytes.length,
      );
      const lines = inside.map(({ address: at, ...place }) => ({ offset: at - address, ...place }));
      return { section: name, address, start: 0, end: bytes.length, lines };
    });
  for (const section of debugSections(runs)) sections.push(debugFileSection(section));
  const symbols = program.symbols.map((symbol): TableSymbol => {
    const home = program.sections.findIndex((section) => section.name === symbol.section);
    return {
      name: symbol.name,
      value: symbol.address,
      size: symbol.size,
      kind: symbol.kind,
      binding: symbol.binding,
      section: home < 0 ? specialIndex.absolute : home + 1,
    };
  });
  sections.push(...symbolSections(symbolTable(symbols), sections.length + 1));
  return writeFile(elfType.executable, program.entry, sections);
}

/** The relocatable ELF file of one object file, which this linker and GNU ld take. */
export function writeObject(object: ObjectFile): Uint8Array {
  const sections: FileSection[] = object.sections.map((section) => ({
    name: section.name,
    ...sectionHeaderKind(section.flags),
    address: 0,
    bytes: section.bytes,
    alignment: section.alignment,
  }));
  const runs: LineRun[] = object.sections
    .filter((section) => section.flags.executable)
    .map(({ name, bytes, lines }) => ({
      section: name,
      address: 0,
      start: 0,
      end: bytes.length,
      lines,
    }));
  const debug = debugSections(runs);
  for (const section of debug) sections.push(debugFileSection(section));

  const symbols = object.symbols.map((symbol): TableSymbol => ({
    ...symbol,
    section:
      symbol.section === 'absolute'
        ? specialIndex.absolute
        : symbol.section === 'undefined'
          ? specialIndex.undefined
          : symbol.section + 1,
  }));
  const sectionSymbol = new Map<string, number>();
  sections.forEach(({ name }, index) => {
    let at = symbols.findIndex(
      (symbol) => symbol.kind === 'section' && symbol.section === index + 1,
    );
    if (at < 0) {
      at = symbols.length;
      symbols.push({
        name,
        value: 0,
        size: 0,
        kind: 'section',
        binding: 'local',
        section: index + 1,
      });
    }
    sectionSymbol.set(name, at);
  });
  const table = symbolTable(symbols);
  const tables: { index: number; name: string; bytes: Uint8Array }[] = [];
  object.sections.forEach((section, index) => {
    if (section.relocations.length === 0) return;
    const out = new ByteWriter();
    for (const { offset, type, symbol, addend } of section.relocations) {
      const at = symbol === undefined ? 0 : (table.position[symbol] ?? 0);
      out
        .u32(offset)
        .u32((at << 8) | relocationShapes[type].code)
        .u32(addend);
    }
    tables.push({ index: index + 1, name: section.name, bytes: out.bytes() });
  });
  debug.forEach((section, index) => {
    if (section.fixups.length === 0) return;
    const out = new ByteWriter();
    for (const { offset, target, addend } of section.fixups) {
      const at = table.position[sectionSymbol.get(target) ?? 0] ?? 0;
      out
        .u32(offset)
        .u32((at << 8) | relocationShapes.ADDR32.code)
        .u32(addend);
    }
    tables.push({
      index: object.sections.length + index + 1,
      name: section.name,
      bytes: out.bytes(),
    });
  });
  const symtabIndex = sections.length + tables.length + 1;
  for (const { index, name, bytes } of tables) {
    sections.push({
      name: `.rela${name.startsWith('.') ? '' : '.'}${name}`,
      type: sectionType.rela,
      flags: sectionFlag.infoLink,
      address: 0,
      bytes,
      link: symtabIndex,
      info: index,
      alignment: 4,
      entryBytes: relocationBytes,
    });
  }
  sections.push(...symbolSections(table, symtabIndex));
  return writeFile(elfType.relocatable, 0, sections);
}
