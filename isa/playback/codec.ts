/**
 * Messages as objects to and from 64-bit words, driven by the rows of `messages.ts`.
 *
 * A stream is a Uint32Array with two entries a word, the more significant first. Streams consist of 16-bit
 * pieces (every message is a whole number of them), which is the unit this module works in.
 */

import {
  dictionaryOf,
  lengthOf,
  type Direction,
  type FieldRow,
  type FromFpgaMessage,
  type MessageRow,
  type ToFpgaMessage,
} from './messages.js';

/** A stream or a message that breaks the rules of the link. */
export class PlaybackError extends Error {
  constructor(
    readonly problem: 'unknown header' | 'unknown message' | 'value out of range' | 'cut message',
    /** Where: the 64-bit word of the stream, or the field of the message. */
    readonly place: number | string,
    readonly detail: string,
  ) {
    super(`${problem} at ${typeof place === 'number' ? `word ${place}` : place}: ${detail}`);
    this.name = 'PlaybackError';
  }
}

interface LooseMessage {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Words of messages to the FPGA, one word each. */
export function encodeToFpga(messages: readonly ToFpgaMessage[]): Uint32Array {
  return encodeStream('to_fpga', messages);
}

/** Words of messages from the FPGA, packed back to back; the last word is filled up. */
export function encodeFromFpga(messages: readonly FromFpgaMessage[]): Uint32Array {
  return encodeStream('from_fpga', messages);
}

/** Messages to the FPGA in a stream of words. @throws PlaybackError on an unknown header or a cut message */
export function decodeToFpga(words: Uint32Array): ToFpgaMessage[] {
  return decodeStream('to_fpga', words) as unknown as ToFpgaMessage[];
}

/** Messages from the FPGA in a stream of words. @throws PlaybackError on an unknown header or a cut message */
export function decodeFromFpga(words: Uint32Array): FromFpgaMessage[] {
  return decodeStream('from_fpga', words) as unknown as FromFpgaMessage[];
}

function encodeStream(direction: Direction, messages: readonly LooseMessage[]): Uint32Array {
  const pieces: number[] = [];
  for (const message of messages)
    for (const piece of encodeMessage(direction, message)) pieces.push(piece);
  if (pieces.length % 4 !== 0) pieces.push(0x8000);
  while (pieces.length % 4 !== 0) pieces.push(0);
  const words = new Uint32Array(pieces.length / 2);
  for (let i = 0; i < words.length; i++)
    words[i] = ((pieces[2 * i] ?? 0) << 16) | (pieces[2 * i + 1] ?? 0);
  return words;
}

/** The 16-bit pieces of one message, most significant first. */
export function encodeMessage(direction: Direction, message: LooseMessage): number[] {
  const row = dictionaryOf(direction).find((candidate) => candidate.name === message.name);
  if (row === undefined)
    throw new PlaybackError('unknown message', message.name, `no such message ${direction}`);
  const pieces = new Array<number>(lengthOf(row, direction) / 16).fill(0);
  pieces[0] = row.index << 8;
  for (const field of row.fields) put(pieces, field, 0, message.fields[field.name]);
  if (row.pack !== undefined) {
    const { count, stride, fields, name } = row.pack;
    const given = message.fields[name];
    const items: readonly unknown[] = Array.isArray(given) ? given : [];
    if (items.length !== count)
      throw new PlaybackError('value out of range', name, `${items.length} items, not ${count}`);
    items.forEach((item, position) => {
      const from = (count - 1 - position) * stride;
      if (fields.length === 0) put(pieces, { name, lsb: 0, width: stride }, from, item);
      else for (const field of fields) put(pieces, field, from, member(item, field.name));
    });
  }
  return pieces;
}

function member(item: unknown, name: string): unknown {
  return typeof item === 'object' && item !== null
    ? (item as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function put(pieces: number[], field: FieldRow, from: number, value: unknown): void {
  let rest = numberFor(field, value);
  let bit = from + field.lsb;
  while (rest > 0) {
    const piece = pieces.length - 1 - (bit >> 4);
    const room = 16 - (bit & 15);
    const size = 1 << room;
    pieces[piece] = (pieces[piece] ?? 0) | ((rest % size) << (bit & 15));
    rest = Math.floor(rest / size);
    bit += room;
  }
}

function numberFor(field: FieldRow, value: unknown): number {
  if (field.as === 'flag' && typeof value === 'boolean') return value ? 1 : 0;
  if (field.as === 'mark' && (value === 'halt' || value === 'tick'))
    return value === 'tick' ? 1 : 0;
  const limit = powerOfTwo(field.width);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= limit)
    throw new PlaybackError(
      'value out of range',
      field.name,
      `${String(value)} does not fit ${field.width} bits`,
    );
  return value;
}

function powerOfTwo(exponent: number): number {
  let power = 1;
  for (let i = 0; i < exponent; i++) power *= 2;
  return power;
}

function decodeStream(direction: Direction, words: Uint32Array): LooseMessage[] {
  const dictionary = dictionaryOf(direction);
  const messages: LooseMessage[] = [];
  const end = words.length * 2;
  let at = 0;
  while (at < end) {
    const first = pieceAt(words, at);
    if (first >= 0x8000) {
      at = (at | 3) + 1;
      continue;
    }
    const row = dictionary[first >> 8];
    if (row === undefined)
      throw new PlaybackError('unknown header', at >> 2, `header ${first >> 8} ${direction}`);
    const length = lengthOf(row, direction) / 16;
    if (at + length > end) throw new PlaybackError('cut message', at >> 2, row.name);
    const pieces = Array.from({ length }, (_, i) => pieceAt(words, at + i));
    messages.push({ name: row.name, fields: fieldsFrom(row, pieces) });
    at += length;
  }
  return messages;
}

function pieceAt(words: Uint32Array, at: number): number {
  const word = words[at >> 1] ?? 0;
  return at & 1 ? word & 0xffff : word >>> 16;
}

function fieldsFrom(row: MessageRow, pieces: readonly number[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const field of row.fields) fields[field.name] = take(pieces, field, 0);
  if (row.pack !== undefined) {
    const { count, stride, fields: parts, name } = row.pack;
    fields[name] = Array.from({ length: count }, (_, position) => {
      const from = (count - 1 - position) * stride;
      if (parts.length === 0) return take(pieces, { name, lsb: 0, width: stride }, from);
      return Object.fromEntries(parts.map((part) => [part.name, take(pieces, part, from)]));
    });
  }
  return fields;
}

function take(pieces: readonly number[], field: FieldRow, from: number): unknown {
  let value = 0;
  for (let i = field.width - 1; i >= 0; i--) {
    const bit = from + field.lsb + i;
    value = value * 2 + (((pieces[pieces.length - 1 - (bit >> 4)] ?? 0) >> (bit & 15)) & 1);
  }
  if (field.as === 'flag') return value === 1;
  if (field.as === 'mark') return value === 1 ? 'tick' : 'halt';
  return value;
}
