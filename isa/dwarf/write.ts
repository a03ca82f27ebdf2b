/**
 * Debug sections that tell gdb and objdump which source line each instruction comes from: one compilation unit with
 * address ranges and a line program. Source: DWARF Debugging Information Format, version 4.
 */
import { ByteWriter } from '../bytes.js';
import type { ObjectLine } from '../program.js';

/** Code of one section with its lines; offsets count from `address`. */
export interface LineRun {
  /** Name for fixups. */
  readonly section: string;
  readonly address: number;
  /** Offset of the first byte and of the byte behind the last. */
  readonly start: number;
  readonly end: number;
  readonly lines: readonly ObjectLine[];
}

/** A 32-bit field that an object file must relocate by the start of section `target`. */
export interface DebugFixup {
  readonly offset: number;
  readonly target: string;
  readonly addend: number;
}

export interface DebugSection {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly fixups: readonly DebugFixup[];
}

const tagCompileUnit = 0x11;
const attribute = {
  name: 0x03,
  stmtList: 0x10,
  lowPc: 0x11,
  language: 0x13,
  producer: 0x25,
  ranges: 0x55,
};
const form = { address: 0x01, data2: 0x05, string: 0x08, sectionOffset: 0x17 };
const languageAssembler = 0x8001;
const opcode = { copy: 1, advancePc: 2, advanceLine: 3, setFile: 4, setColumn: 5 };
const extended = { endSequence: 1, setAddress: 2 };
/** Number of operands of the standard opcodes 1..12. */
const standardLengths = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

/** The sections .debug_abbrev, .debug_info, .debug_line and .debug_ranges; none if no line is known. */
export function debugSections(runs: readonly LineRun[]): readonly DebugSection[] {
  const known = runs.flatMap(withSource);
  const first = known[0]?.lines[0];
  if (first === undefined) return [];
  return [abbreviations(), compileUnit(first.file), lineProgram(known), ranges(known)];
}

/** The parts of a run whose source is known: line 0 ends a part. */
function withSource(run: LineRun): LineRun[] {
  const parts: LineRun[] = [];
  run.lines.forEach((line, index) => {
    if (line.line === 0 || (index > 0 && run.lines[index - 1]?.line !== 0)) return;
    const gap = run.lines.findIndex((other, at) => at > index && other.line === 0);
    const end = run.lines[gap]?.offset ?? run.end;
    const lines = run.lines.slice(index, gap < 0 ? undefined : gap);
    parts.push({ ...run, start: line.offset, end, lines });
  });
  return parts;
}

function abbreviations(): DebugSection {
  const out = new ByteWriter();
  out.u8(1).u8(tagCompileUnit).u8(0);
  const attributes: readonly [number, number][] = [
    [attribute.producer, form.string],
    [attribute.language, form.data2],
    [attribute.name, form.string],
    [attribute.stmtList, form.sectionOffset],
    [attribute.lowPc, form.address],
    [attribute.ranges, form.sectionOffset],
    [0, 0],
  ];
  for (const [name, shape] of attributes) out.u8(name).u8(shape);
  out.u8(0);
  return { name: '.debug_abbrev', bytes: out.bytes(), fixups: [] };
}

function compileUnit(file: string): DebugSection {
  const out = new ByteWriter();
  const fixups: DebugFixup[] = [];
  const reference = (target: string): void => {
    fixups.push({ offset: out.length, target, addend: 0 });
    out.u32(0);
  };
  out.u32(0).u16(4);
  reference('.debug_abbrev');
  out.u8(4);
  out.u8(1).zeroTerminated('plastic').u16(languageAssembler).zeroTerminated(file);
  reference('.debug_line');
  out.u32(0);
  reference('.debug_ranges');
  out.patchU32(0, out.length - 4);
  return { name: '.debug_info', bytes: out.bytes(), fixups };
}

function ranges(runs: readonly LineRun[]): DebugSection {
  const out = new ByteWriter();
  const fixups: DebugFixup[] = [];
  for (const run of runs) {
    for (const border of [run.start, run.end]) {
      fixups.push({ offset: out.length, target: run.section, addend: border });
      out.u32(run.address + border);
    }
  }
  out.u32(0).u32(0);
  return { name: '.debug_ranges', bytes: out.bytes(), fixups };
}

function lineProgram(runs: readonly LineRun[]): DebugSection {
  const out = new ByteWriter();
  const fixups: DebugFixup[] = [];
  const files = [...new Set(runs.flatMap((run) => run.lines.map((line) => line.file)))];
  out.u32(0).u16(4);
  const headerLengthAt = out.length;
  out.u32(0);
  // Addresses advance in bytes, one operation an instruction; every row begins a statement; special opcodes unused.
  out.u8(1).u8(1).u8(1).u8(0xfb).u8(14).u8(13);
  for (const count of standardLengths) out.u8(count);
  out.u8(0);
  for (const file of files) out.zeroTerminated(file).u8(0).u8(0).u8(0);
  out.u8(0);
  out.patchU32(headerLengthAt, out.length - headerLengthAt - 4);
  for (const run of runs) {
    out.u8(0).u8(5).u8(extended.setAddress);
    fixups.push({ offset: out.length, target: run.section, addend: run.start });
    out.u32(run.address + run.start);
    writeRows(out, run, files);
  }
  out.patchU32(0, out.length - 4);
  return { name: '.debug_line', bytes: out.bytes(), fixups };
}

function writeRows(out: ByteWriter, run: LineRun, files: readonly string[]): void {
  let offset = run.start;
  let file = 1;
  let line = 1;
  let column = 0;
  for (const row of run.lines) {
    if (row.offset !== offset) unsigned(out.u8(opcode.advancePc), row.offset - offset);
    const rowFile = files.indexOf(row.file) + 1;
    if (rowFile !== file) unsigned(out.u8(opcode.setFile), rowFile);
    if (row.line !== line) signed(out.u8(opcode.advanceLine), row.line - line);
    if ((row.column ?? 0) !== column) unsigned(out.u8(opcode.setColumn), row.column ?? 0);
    out.u8(opcode.copy);
    offset = row.offset;
    file = rowFile;
    line = row.line;
    column = row.column ?? 0;
  }
  if (run.end !== offset) unsigned(out.u8(opcode.advancePc), run.end - offset);
  out.u8(0).u8(1).u8(extended.endSequence);
}

/** Appends a number in the format's variable-length code (LEB128). */
function unsigned(out: ByteWriter, value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.u8((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  out.u8(rest);
}

function signed(out: ByteWriter, value: number): void {
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    out.u8(last ? low : low | 0x80);
    if (last) return;
  }
}
