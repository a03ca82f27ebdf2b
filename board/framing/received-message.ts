/** Messages from the FPGA as binary-parser structures, made from the rows that declare them. */

import { Parser } from 'binary-parser/dist/esm/binary_parser.mjs';
import {
  fromFpga,
  lengthOf,
  type FieldRow,
  type FromFpgaMessage,
  type MessageRow,
} from '../../isa/playback/index.js';

interface BitSpan {
  /** Undefined for a gap of zeros. */
  readonly field?: FieldRow;
  readonly item?: number;
  readonly from: number;
  readonly width: number;
}

/** binary-parser calls for 1 to 32 bits by name. */
type BitCall = (name: string) => Parser;

const parsers = new Map<number, Parser>();

/**
 * One message, which begins at the first byte.
 * @returns undefined for an unknown header
 */
export function parseReceived(bytes: Uint8Array): FromFpgaMessage | undefined {
  const row: MessageRow | undefined = fromFpga[bytes[0] ?? 255];
  if (row === undefined) return undefined;
  let parser = parsers.get(row.index);
  if (parser === undefined) {
    parser = parserFor(row);
    parsers.set(row.index, parser);
  }
  const flat = parser.parse(bytes) as Readonly<Record<string, number>>;
  return { name: row.name, fields: fieldsOf(row, flat) } as unknown as FromFpgaMessage;
}

/** Bytes of a message by its header; 0 if unknown. */
export function receivedLength(header: number): number {
  const row = fromFpga[header];
  return row === undefined ? 0 : lengthOf(row, 'from_fpga') / 8;
}

/** Every field of a message, packs spread out, from the most significant bit on. */
function spansOf(row: MessageRow): BitSpan[] {
  const spans: BitSpan[] = row.fields.map((field) => ({
    field,
    from: field.lsb,
    width: field.width,
  }));
  if (row.pack !== undefined) {
    const { count, stride, fields } = row.pack;
    for (let item = 0; item < count; item++)
      for (const field of fields)
        spans.push({
          field,
          item,
          from: (count - 1 - item) * stride + field.lsb,
          width: field.width,
        });
  }
  return spans.sort((a, b) => b.from - a.from);
}

function parserFor(row: MessageRow): Parser {
  const parser = new Parser().endianness('big').uint8('header');
  let left = lengthOf(row, 'from_fpga') - 8;
  let gaps = 0;
  let open = 0;
  const read = (name: string, width: number): void => {
    if (width === 8) parser.uint8(name);
    else {
      const calls = parser as unknown as Readonly<Record<string, BitCall | undefined>>;
      calls[`bit${width}`]?.call(parser, name);
    }
    left -= width;
    // The library reads neighbouring bit fields as one number; anything else between them ends it at a byte.
    open = (open + width) % 8;
    if (open === 0) parser.seek(0);
  };
  const skipTo = (bit: number): void => {
    while (left > bit) read(`gap${gaps++}`, Math.min(left - bit, 8 - (open % 8)));
  };
  for (const span of spansOf(row)) {
    skipTo(span.from + span.width);
    const name = keyOf(span);
    // Wide fields come in pieces that end at bytes, so that no run exceeds 32 bits.
    let rest = span.width;
    let piece = 0;
    while (rest > 0) {
      const width = Math.min(rest, 8 - (open % 8));
      read(`${name}_${piece++}_${width}`, width);
      rest -= width;
    }
  }
  skipTo(0);
  return parser;
}

function keyOf(span: BitSpan): string {
  return `${span.field?.name ?? ''}${span.item ?? ''}`;
}

function fieldsOf(
  row: MessageRow,
  flat: Readonly<Record<string, number>>,
): Record<string, unknown> {
  const joined = new Map<string, number>();
  for (const [key, value] of Object.entries(flat)) {
    const match = /^([a-z_]+\d*)_(\d+)_(\d+)$/.exec(key);
    if (match === null) continue;
    const [, name = '', , width = '0'] = match;
    joined.set(name, (joined.get(name) ?? 0) * (1 << Number(width)) + value);
  }
  const valueOf = (field: FieldRow, item?: number): unknown => {
    const value = joined.get(`${field.name}${item ?? ''}`) ?? 0;
    if (field.as === 'flag') return value === 1;
    if (field.as === 'mark') return value === 1 ? 'tick' : 'halt';
    return value;
  };
  const fields: Record<string, unknown> = {};
  for (const field of row.fields) fields[field.name] = valueOf(field);
  if (row.pack !== undefined) {
    const { name, count, fields: parts } = row.pack;
    fields[name] = Array.from({ length: count }, (_, item) =>
      Object.fromEntries(parts.map((part) => [part.name, valueOf(part, item)])),
    );
  }
  return fields;
}
