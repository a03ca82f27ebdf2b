/** Reads line programs (versions 2 to 5, 32-bit format) as this assembler and ordinary compilers write them. */
import { ByteReader, ElfError } from '../bytes.js';

/** One row: `address` as the line program gives it; `setAt` is the file offset of the address it counts from. */
export interface LineRow {
  readonly address: number;
  readonly setAt: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The row only says where the code of the rows before it ends. */
  readonly isEnd: boolean;
}

/** The bytes that hold strings, by section name; missing ones give the name `?`. */
export interface LineStrings {
  readonly lineStrings: Uint8Array | undefined;
  readonly strings: Uint8Array | undefined;
}

/** More rows than a program of 16 KiB, or an external memory full of code, can have: the file is damaged. */
const mostRows = 4_000_000;

/** Position in the section, with the numbers of the format. */
class Cursor {
  private readonly reader: ByteReader;
  constructor(
    bytes: Uint8Array,
    public at: number,
    /** No read goes beyond this. */
    public end: number,
  ) {
    this.reader = new ByteReader(bytes);
  }

  private take(count: number): number {
    if (this.at + count > this.end) {
      throw new ElfError(
        this.at,
        '.debug_line',
        'a unit that ends too early',
        `${count} more bytes`,
      );
    }
    const at = this.at;
    this.at += count;
    return at;
  }

  u8(): number {
    return this.reader.u8(this.take(1), '.debug_line');
  }

  u16(): number {
    return this.reader.u16(this.take(2), '.debug_line');
  }

  u32(): number {
    return this.reader.u32(this.take(4), '.debug_line');
  }

  skip(count: number): void {
    this.take(count);
  }

  text(): string {
    const text = this.reader.text(this.at, this.end, '.debug_line');
    while (this.u8() !== 0);
    return text;
  }

  /** A number of any length (LEB128); bits beyond 2^53 are lost. */
  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - scale : value;
    }
  }
}

/**
 * All rows of all line programs in the section, in file order. Units of an unknown version are skipped.
 * @throws ElfError where the section contradicts itself
 */
export function readLineRows(bytes: Uint8Array, strings: LineStrings): LineRow[] {
  const rows: LineRow[] = [];
  let start = 0;
  while (start + 4 <= bytes.length) {
    const cursor = new Cursor(bytes, start, bytes.length);
    const length = cursor.u32();
    const end = cursor.at + length;
    if (length >= 0xfffffff0 || end > bytes.length) {
      throw new ElfError(
        start,
        '.debug_line unit_length',
        String(length),
        'a unit inside the section',
      );
    }
    cursor.end = end;
    const version = length >= 2 ? cursor.u16() : 0;
    if (version >= 2 && version <= 5) readUnit(cursor, version, strings, rows);
    start = end;
  }
  return rows;
}

function readUnit(cursor: Cursor, version: number, strings: LineStrings, rows: LineRow[]): void {
  if (version >= 5) cursor.skip(2);
  const headerLength = cursor.u32();
  const programAt = cursor.at + headerLength;
  if (programAt > cursor.end) {
    throw new ElfError(
      cursor.at - 4,
      '.debug_line header_length',
      String(headerLength),
      'a header inside its unit',
    );
  }
  const minimumLength = cursor.u8();
  if (version >= 4) cursor.skip(1);
  cursor.skip(1);
  const lineBase = (cursor.u8() << 24) >> 24;
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  if (lineRange === 0 || opcodeBase === 0) {
    throw new ElfError(cursor.at - 2, '.debug_line line_range, opcode_base', '0', 'at least 1');
  }
  const operandCounts = [0];
  for (let i = 1; i < opcodeBase; i++) operandCounts.push(cursor.u8());
  const files = version >= 5 ? fileTable5(cursor, strings) : fileTable(cursor);
  cursor.at = programAt;

  let address = 0;
  let setAt = cursor.at;
  let file = 1;
  let line = 1;
  let column = 0;
  const row = (isEnd: boolean): void => {
    if (rows.length >= mostRows) {
      throw new ElfError(cursor.at, '.debug_line', 'more rows than memory', `at most ${mostRows}`);
    }
    rows.push({ address: address >>> 0, setAt, file: files[file] ?? '?', line, column, isEnd });
  };
  while (cursor.at < cursor.end) {
    const code = cursor.u8();
    if (code >= opcodeBase) {
      const step = code - opcodeBase;
      address += Math.floor(step / lineRange) * minimumLength;
      line += lineBase + (step % lineRange);
      row(false);
      continue;
    }
    switch (code) {
      case 0: {
        const length = cursor.unsigned();
        const next = cursor.at + length;
        if (length === 0 || next > cursor.end) {
          throw new ElfError(
            cursor.at,
            '.debug_line opcode length',
            String(length),
            'an opcode inside its unit',
          );
        }
        const extended = cursor.u8();
        if (extended === 1) {
          row(true);
          address = 0;
          file = 1;
          line = 1;
          column = 0;
        } else if (extended === 2 && length === 5) {
          setAt = cursor.at;
          address = cursor.u32();
        }
        cursor.at = next;
        break;
      }
      case 1:
        row(false);
        break;
      case 2:
        address += cursor.unsigned() * minimumLength;
        break;
      case 3:
        line += cursor.signed();
        break;
      case 4:
        file = cursor.unsigned();
        break;
      case 5:
        column = cursor.unsigned();
        break;
      case 8:
        address += Math.floor((255 - opcodeBase) / lineRange) * minimumLength;
        break;
      case 9:
        address += cursor.u16();
        break;
      default:
        for (let i = operandCounts[code] ?? 0; i > 0; i--) cursor.unsigned();
    }
  }
}

function joinPath(directory: string | undefined, name: string): string {
  return directory === undefined || directory === '' || name.startsWith('/')
    ? name
    : `${directory}/${name}`;
}

/** Versions 2 to 4: directories and files are lists of texts; index 0 is the compilation directory. */
function fileTable(cursor: Cursor): string[] {
  const directories: string[] = [''];
  for (let text = cursor.text(); text !== ''; text = cursor.text()) directories.push(text);
  const files: string[] = ['?'];
  for (let name = cursor.text(); name !== ''; name = cursor.text()) {
    const directory = cursor.unsigned();
    cursor.unsigned();
    cursor.unsigned();
    files.push(joinPath(directories[directory], name));
  }
  return files;
}

/** Version 5: both lists describe their own columns. Directory 0 is the compilation directory. */
function fileTable5(cursor: Cursor, strings: LineStrings): string[] {
  const directories = entries(cursor, strings).map(({ path }) => path);
  return entries(cursor, strings).map(({ path, directory }) =>
    joinPath(directory === 0 ? undefined : directories[directory], path),
  );
}

function entries(cursor: Cursor, strings: LineStrings): { path: string; directory: number }[] {
  const columns: [number, number][] = [];
  for (let count = cursor.u8(); count > 0; count--)
    columns.push([cursor.unsigned(), cursor.unsigned()]);
  const list: { path: string; directory: number }[] = [];
  const count = cursor.unsigned();
  if (columns.length === 0) return list;
  for (let i = 0; i < count; i++) {
    let path = '?';
    let directory = 0;
    for (const [content, shape] of columns) {
      const value = fieldValue(cursor, shape, strings);
      if (content === 1 && typeof value === 'string') path = value;
      if (content === 2 && typeof value === 'number') directory = value;
    }
    list.push({ path, directory });
  }
  return list;
}

function fieldValue(cursor: Cursor, shape: number, strings: LineStrings): string | number {
  switch (shape) {
    case 0x08:
      return cursor.text();
    case 0x0e:
      return textAt(strings.strings, cursor.u32());
    case 0x1f:
      return textAt(strings.lineStrings, cursor.u32());
    case 0x0b:
      return cursor.u8();
    case 0x05:
      return cursor.u16();
    case 0x06:
      return cursor.u32();
    case 0x0f:
      return cursor.unsigned();
    case 0x1e:
      cursor.skip(16);
      return 0;
    case 0x09:
      cursor.skip(cursor.unsigned());
      return 0;
    default:
      throw new ElfError(
        cursor.at,
        '.debug_line form',
        `0x${shape.toString(16)}`,
        'a form of a file table',
      );
  }
}

function textAt(bytes: Uint8Array | undefined, offset: number): string {
  if (bytes === undefined) return '?';
  return new ByteReader(bytes).text(offset, bytes.length, 'debug string offset');
}
