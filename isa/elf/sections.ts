/** Lays out an ELF file from finished sections: header, program headers, contents, names, section headers. */
import type { SectionFlags } from '../program.js';
import { ByteWriter } from '../bytes.js';
import {
  elfMagic,
  headerBytes,
  machinePowerPc,
  programHeaderBytes,
  sectionFlag,
  sectionHeaderBytes,
  sectionType,
} from './format.js';

/** A section as it stands in the file. */
export interface FileSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly link?: number;
  readonly info?: number;
  readonly alignment: number;
  readonly entryBytes?: number;
}

export interface FileSegment {
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly flags: number;
}

/** ELF type and flags of a section with these properties. */
export function sectionHeaderKind(flags: SectionFlags): { type: number; flags: number } {
  return {
    type: flags.zeroFilled ? sectionType.nobits : sectionType.progbits,
    flags:
      (flags.writable ? sectionFlag.write : 0) |
      (flags.allocated ? sectionFlag.alloc : 0) |
      (flags.executable ? sectionFlag.execute : 0),
  };
}

/** Offsets of strings in a table; equal strings share a place. */
export class StringTable {
  private readonly writer = new ByteWriter().u8(0);
  private readonly offsets = new Map<string, number>([['', 0]]);

  offsetOf(text: string): number {
    let offset = this.offsets.get(text);
    if (offset === undefined) {
      offset = this.writer.length;
      this.offsets.set(text, offset);
      this.writer.zeroTerminated(text);
    }
    return offset;
  }

  bytes(): Uint8Array {
    return this.writer.bytes();
  }
}

/** A complete ELF file; `sections` excludes the null section and the section names, which are added here. */
export function writeFile(
  type: number,
  entry: number,
  sections: readonly FileSection[],
): Uint8Array {
  const names = new StringTable();
  for (const section of sections) names.offsetOf(section.name);
  names.offsetOf('.shstrtab');
  const all: FileSection[] = [
    {
      name: '',
      type: sectionType.null,
      flags: 0,
      address: 0,
      bytes: new Uint8Array(0),
      alignment: 0,
    },
    ...sections,
    {
      name: '.shstrtab',
      type: sectionType.strings,
      flags: 0,
      address: 0,
      bytes: names.bytes(),
      alignment: 1,
    },
  ];
  const loaded =
    type === 2 ? all.filter((section) => (section.flags & sectionFlag.alloc) !== 0) : [];
  const out = new ByteWriter();
  out.u32(elfMagic).u8(1).u8(2).u8(1).u8(0).u32(0).u32(0);
  out.u16(type).u16(machinePowerPc).u32(1).u32(entry);
  out.u32(loaded.length > 0 ? headerBytes : 0);
  const sectionTableField = out.length;
  out.u32(0).u32(0).u16(headerBytes);
  out.u16(loaded.length > 0 ? programHeaderBytes : 0).u16(loaded.length);
  out
    .u16(sectionHeaderBytes)
    .u16(all.length)
    .u16(all.length - 1);

  const segmentsAt = out.length;
  out.append(new Uint8Array(loaded.length * programHeaderBytes));
  const offsets = all.map((section) => {
    out.align(Math.max(1, section.alignment));
    const offset = section.type === sectionType.null ? 0 : out.length;
    if (section.type !== sectionType.nobits) out.append(section.bytes);
    return offset;
  });
  loaded.forEach((section, index) => {
    const offset = offsets[all.indexOf(section)] ?? 0;
    const readable = 4;
    const flags =
      readable |
      ((section.flags & sectionFlag.write) !== 0 ? 2 : 0) |
      ((section.flags & sectionFlag.execute) !== 0 ? 1 : 0);
    const size = section.bytes.length;
    const fields = [
      1,
      offset,
      section.address,
      section.address,
      section.type === sectionType.nobits ? 0 : size,
      size,
      flags,
      Math.max(1, section.alignment),
    ];
    fields.forEach((value, field) => {
      out.patchU32(segmentsAt + index * programHeaderBytes + 4 * field, value);
    });
  });

  out.align(4);
  out.patchU32(sectionTableField, out.length);
  all.forEach((section, index) => {
    out.u32(names.offsetOf(section.name)).u32(section.type).u32(section.flags);
    out
      .u32(section.address)
      .u32(offsets[index] ?? 0)
      .u32(section.bytes.length);
    out.u32(section.link ?? 0).u32(section.info ?? 0);
    out.u32(section.alignment).u32(section.entryBytes ?? 0);
  });
  return out.bytes();
}
