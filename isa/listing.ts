/** A program as text: code with labels, branch targets by name, and the source lines it comes from. */
import { decode } from './decode.js';
import { disassemble } from './disassemble.js';
import type { Program, ProgramLine, ProgramSection } from './program.js';

/** One word of code. */
export interface ListedWord {
  readonly address: number;
  /** Unsigned. */
  readonly word: number;
  /** Assembly text; branch targets that are labels stand with their names. */
  readonly text: string;
  /** Labels that stand here. */
  readonly labels: readonly string[];
  /** Set where the source line changes. */
  readonly source: ProgramLine | undefined;
}

export interface ListedSection {
  readonly name: string;
  readonly address: number;
  readonly words: readonly ListedWord[];
}

/** Every word of the executable sections; bytes that fill no word are left out. */
export function listProgram(program: Program): ListedSection[] {
  const labels = new Map<number, string[]>();
  for (const { name, address, section, kind } of program.symbols) {
    if (section === undefined || kind === 'section' || kind === 'file' || name === '') continue;
    const list = labels.get(address);
    if (list === undefined) labels.set(address, [name]);
    else list.push(name);
  }
  const lines = new Map(program.lines.map((line) => [line.address, line]));
  return program.sections
    .filter(({ flags }) => flags.executable)
    .map((section) => ({
      name: section.name,
      address: section.address,
      words: listWords(section, labels, lines),
    }));
}

function listWords(
  { address: start, bytes }: ProgramSection,
  labels: ReadonlyMap<number, readonly string[]>,
  lines: ReadonlyMap<number, ProgramLine>,
): ListedWord[] {
  const words: ListedWord[] = [];
  for (let offset = 0; offset + 4 <= bytes.length; offset += 4) {
    const word =
      ((bytes[offset]! << 24) |
        (bytes[offset + 1]! << 16) |
        (bytes[offset + 2]! << 8) |
        bytes[offset + 3]!) >>>
      0;
    const address = start + offset;
    const line = lines.get(address);
    words.push({
      address,
      word,
      text: textOf(word, address, labels),
      labels: labels.get(address) ?? [],
      source: line?.line === 0 ? undefined : line,
    });
  }
  return words;
}

function textOf(
  word: number,
  address: number,
  labels: ReadonlyMap<number, readonly string[]>,
): string {
  const text = disassemble(word, address);
  const form = decode(word)?.instruction.form;
  if (form !== 'I' && form !== 'B') return text;
  return text.replace(/0x[0-9a-f]{8}$/, (target) => labels.get(Number(target))?.[0] ?? target);
}

/** A 32-bit number as eight hexadecimal digits. */
export function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/**
 * The listing as text. `sourceLines` gives the lines of a source file, if they are at hand; otherwise file and line
 * number are named.
 */
export function renderListing(
  sections: readonly ListedSection[],
  sourceLines: (file: string) => readonly string[] | undefined = () => undefined,
): string {
  const out: string[] = [];
  for (const { name, words } of sections) {
    out.push(`section ${name}`);
    for (const { address, word, text, labels, source } of words) {
      for (const label of labels) out.push(`${label}:`);
      if (source !== undefined) {
        const line = sourceLines(source.file)?.[source.line - 1]?.trim();
        out.push(
          `          # ${source.file}:${source.line}${line === undefined ? '' : `  ${line}`}`,
        );
      }
      out.push(`${hex32(address)}  ${hex32(word)}  ${text}`);
    }
    out.push('');
  }
  return out.join('\n');
}
