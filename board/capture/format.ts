/**
 * Captured sessions: every program that went to a board and what it answered, in order.
 *
 * A file is a magic number, a record of kind "info" with the JSON of what the board is, and then records of programs and
 * answers in turn. A record is kind u32, length u32 (bytes), the bytes, and their CRC-32; all big endian. A file that was
 * cut short ends before the record that was being written.
 */

import { BoardError, type BoardInfo } from '../board.js';
import { bytesOfWords, wordsOfBytes } from '../framing/bytes.js';
import { crc32 } from '../framing/crc32.js';

/** "PLSTCAP1". */
const magic = Uint8Array.of(0x50, 0x4c, 0x53, 0x54, 0x43, 0x41, 0x50, 0x31);
const kinds = { info: 1, program: 2, answer: 3 } as const;

export interface CapturedRun {
  readonly program: Uint32Array;
  readonly answer: Uint32Array;
}

export interface Capture {
  readonly info: BoardInfo;
  readonly runs: readonly CapturedRun[];
  /** The file was cut short. */
  readonly isCut: boolean;
}

/** True if bytes begin like a capture. */
export function isCapture(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** How a file begins. */
export function captureHead(info: BoardInfo): Uint8Array {
  const record = recordOf(kinds.info, new TextEncoder().encode(JSON.stringify(info)));
  const head = new Uint8Array(magic.length + record.length);
  head.set(magic);
  head.set(record, magic.length);
  return head;
}

/** What one run adds to a file. */
export function captureRun({ program, answer }: CapturedRun): Uint8Array {
  const first = recordOf(kinds.program, bytesOfWords(program));
  const second = recordOf(kinds.answer, bytesOfWords(answer));
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Reads a capture. @throws BoardError of problem "bad capture" */
export function readCapture(bytes: Uint8Array): Capture {
  if (!isCapture(bytes)) throw new BoardError('bad capture', { why: 'it does not begin as one' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const runs: CapturedRun[] = [];
  let info: BoardInfo | undefined = undefined;
  let program: Uint32Array | undefined = undefined;
  let isCut = false;
  let at = magic.length;
  while (at < bytes.length) {
    const length = at + 8 <= bytes.length ? view.getUint32(at + 4) : Infinity;
    if (at + 12 + length > bytes.length) {
      isCut = true;
      break;
    }
    const kind = view.getUint32(at);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (crc32(body) !== view.getUint32(at + 8 + length))
      throw new BoardError('bad capture', { why: 'a record is damaged', byte: at });
    at += 12 + length;
    if (kind === kinds.info) info = infoOf(body);
    else if (body.length % 8 !== 0)
      throw new BoardError('bad capture', { why: 'words are cut', byte: at });
    else if (kind === kinds.program) program = wordsOfBytes(body);
    else if (kind === kinds.answer && program !== undefined) {
      runs.push({ program, answer: wordsOfBytes(body) });
      program = undefined;
    }
  }
  if (info === undefined)
    throw new BoardError('bad capture', { why: 'nothing says what board it was' });
  return { info, runs, isCut: isCut || program !== undefined };
}

function infoOf(body: Uint8Array): BoardInfo {
  try {
    const info: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof info === 'object' && info !== null && 'link' in info) return info as BoardInfo;
  } catch {
    // Falls through to the same answer.
  }
  throw new BoardError('bad capture', { why: 'what it says of its board cannot be read' });
}

function recordOf(kind: number, body: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + body.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, kind);
  view.setUint32(4, body.length);
  record.set(body, 8);
  view.setUint32(8 + body.length, crc32(body));
  return record;
}
