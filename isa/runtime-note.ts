/**
 * What a tool needs to read the records of a compiled rule on a board, kept beside the program in its ELF file: a section
 * that is not loaded, with JSON in ASCII.
 */
import { readRawElf } from './elf/read.js';
import { sectionKinds, type Program } from './program.js';
import type { ImageLayout } from './runtime-layout.js';

/** The part of a layout that the note keeps. */
export type RecordLayout = Pick<ImageLayout, 'records'>;

const sectionName = '.plastic.records';

/** The program with the note. */
export function withRecordNote(program: Program, { records }: RecordLayout): Program {
  const text = JSON.stringify({ records }).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const note = { name: sectionName, address: 0, bytes, flags: sectionKinds.note };
  return { ...program, sections: [...program.sections, note] };
}

/**
 * The note of an ELF file; undefined if it has none.
 * @throws ElfError for a file that is no ELF file
 */
export function readRecordNote(elf: Uint8Array): RecordLayout | undefined {
  const note = readRawElf(elf).sections.find(({ name }) => name === sectionName);
  if (note === undefined) return undefined;
  let text = '';
  for (const code of note.bytes) text += String.fromCharCode(code);
  try {
    return JSON.parse(text) as RecordLayout;
  } catch {
    return undefined;
  }
}
