/** Frames of the laboratory's reliable UDP link: acknowledgement, sequence number, type and 64-bit words. */

import { Parser } from 'binary-parser/dist/esm/binary_parser.mjs';
import { bytesOfWords, wordsOfBytes } from './bytes.js';

/** Packet types. */
export const packetTypes = {
  playback: 0x0010,
  reset: 0x5000,
  flush: 0x8000,
  loopback: 0x8001,
  configuration: 0x8002,
} as const;

/** Most words that a frame carries. */
export const hostArqWords = 180;
/** Payload of the datagram that resets the link, sent to the reset port. */
export const hostArqReset: Uint8Array = Uint8Array.of(0xab, 0xab, 0xab, 0xab);

/** A frame with data, or only an acknowledgement. */
export type HostArqFrame =
  | { readonly ack: number }
  | {
      readonly ack: number;
      readonly seq: number;
      readonly type: number;
      readonly words: Uint32Array;
    };

const header = new Parser()
  .endianness('big')
  .uint32('ack')
  .uint32('seq')
  .uint16('type')
  .uint16('length');
const headerBytes = 12;

/** Datagram of a frame. */
export function encodeHostArqFrame(frame: HostArqFrame): Uint8Array {
  if (!('words' in frame)) {
    const datagram = new Uint8Array(4);
    new DataView(datagram.buffer).setUint32(0, frame.ack);
    return datagram;
  }
  const datagram = new Uint8Array(headerBytes + frame.words.length * 4);
  const view = new DataView(datagram.buffer);
  view.setUint32(0, frame.ack);
  view.setUint32(4, frame.seq);
  view.setUint16(8, frame.type);
  view.setUint16(10, frame.words.length / 2);
  datagram.set(bytesOfWords(frame.words), headerBytes);
  return datagram;
}

/** Frame of a datagram; undefined if its length does not fit. */
export function decodeHostArqFrame(datagram: Uint8Array): HostArqFrame | undefined {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  if (datagram.length === 4) return { ack: view.getUint32(0) };
  if (datagram.length < headerBytes) return undefined;
  const { ack, seq, type, length } = header.parse(datagram) as {
    ack: number;
    seq: number;
    type: number;
    length: number;
  };
  if (length > hostArqWords || datagram.length !== headerBytes + 8 * length) return undefined;
  return { ack, seq, type, words: wordsOfBytes(datagram.subarray(headerBytes)) };
}
