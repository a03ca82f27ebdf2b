/**
 * Frames on a serial line: type, sequence number, acknowledgement, credit, payload and CRC-32, stuffed and ended
 * by a zero byte. Plastic's own framing of the playback words; no public board speaks it yet.
 */

import { Parser } from 'binary-parser/dist/esm/binary_parser.mjs';
import { cobsDecode, cobsEncode } from './cobs.js';
import { crc32 } from './crc32.js';

/** Frame types. */
export const frameTypes = {
  hello: 0x01,
  helloAck: 0x02,
  data: 0x10,
  ack: 0x11,
  nak: 0x12,
  loopback: 0x13,
  bye: 0x1f,
} as const;

export interface UartFrame {
  readonly type: number;
  /** Sequence number 0..255; 0 in unsequenced frames. */
  readonly seq: number;
  /** Last frame received in order, 255 at the beginning. */
  readonly ack: number;
  /** Words that the sender can take beyond those acknowledged. */
  readonly credit: number;
  readonly payload: Uint8Array;
}

const headerBytes = 5;
const overheadBytes = headerBytes + 4;
const header = new Parser()
  .endianness('big')
  .uint8('type')
  .uint8('seq')
  .uint8('ack')
  .uint16('credit');

/** Most bytes between two zeros of a frame with so many payload bytes. */
export function stuffedLimit(payloadBytes: number): number {
  const raw = overheadBytes + payloadBytes;
  return raw + Math.floor(raw / 254) + 1;
}

/** Frame as bytes before stuffing, with its checksum. */
export function rawUartFrame(frame: UartFrame): Uint8Array {
  const raw = new Uint8Array(overheadBytes + frame.payload.length);
  const view = new DataView(raw.buffer);
  raw[0] = frame.type;
  raw[1] = frame.seq;
  raw[2] = frame.ack;
  view.setUint16(3, frame.credit);
  raw.set(frame.payload, headerBytes);
  view.setUint32(raw.length - 4, crc32(raw.subarray(0, raw.length - 4)));
  return raw;
}

/** Bytes on the wire, ending in 0. */
export function encodeUartFrame(frame: UartFrame): Uint8Array {
  const stuffed = cobsEncode(rawUartFrame(frame));
  const wire = new Uint8Array(stuffed.length + 1);
  wire.set(stuffed);
  return wire;
}

/** Decodes what stood before a 0 on the wire; undefined for a damaged frame. */
export function decodeUartFrame(stuffed: Uint8Array): UartFrame | undefined {
  const raw = cobsDecode(stuffed);
  if (raw === undefined || raw.length < overheadBytes) return undefined;
  const end = raw.length - 4;
  const sum = new DataView(raw.buffer, raw.byteOffset, raw.byteLength).getUint32(end);
  if (sum !== crc32(raw.subarray(0, end))) return undefined;
  const { type, seq, ack, credit } = header.parse(raw) as Omit<UartFrame, 'payload'>;
  return { type, seq, ack, credit, payload: raw.slice(headerBytes, end) };
}
