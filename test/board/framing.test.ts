import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOfWords, wordsOfBytes } from '../../board/framing/bytes.js';
import { cobsDecode, cobsEncode } from '../../board/framing/cobs.js';
import { crc32 } from '../../board/framing/crc32.js';
import { parseReceived, receivedLength } from '../../board/framing/received-message.js';
import { decodeUartFrame, encodeUartFrame } from '../../board/framing/uart-frame.js';
import { decodeFromFpga, encodeFromFpga, fromFpga, lengthOf } from '../../isa/playback/index.js';

const bytes = (max: number) => fc.uint8Array({ maxLength: max });

describe('stuffing', () => {
  test('decode undoes encode, and no zero is left', () => {
    fc.assert(
      fc.property(fc.oneof(bytes(20), bytes(800)), (data) => {
        const stuffed = cobsEncode(data);
        expect(stuffed.includes(0)).toBe(false);
        expect(stuffed.length).toBeLessThanOrEqual(data.length + Math.floor(data.length / 254) + 1);
        expect(cobsDecode(stuffed)).toEqual(data);
      }),
    );
  });

  test.each([253, 254, 255, 508, 509])('a run of %i bytes without zeros survives', (length) => {
    const data = new Uint8Array(length).fill(7);
    expect(cobsDecode(cobsEncode(data))).toEqual(data);
  });

  test('the checksum is that of IEEE 802.3', () => {
    expect(crc32(Uint8Array.from('123456789', (c) => c.charCodeAt(0)))).toBe(0xcbf43926);
  });
});

describe('serial frames', () => {
  const frame = fc.record({
    type: fc.integer({ min: 0, max: 255 }),
    seq: fc.integer({ min: 0, max: 255 }),
    ack: fc.integer({ min: 0, max: 255 }),
    credit: fc.integer({ min: 0, max: 0xffff }),
    payload: bytes(256),
  });

  test('survive the wire', () => {
    fc.assert(
      fc.property(frame, (sent) => {
        const wire = encodeUartFrame(sent);
        expect(decodeUartFrame(wire.subarray(0, -1))).toEqual(sent);
      }),
    );
  });

  test('a flipped bit is never delivered', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.integer({ min: 0, max: 7 }), (sent, place, bit) => {
        const wire = encodeUartFrame(sent).subarray(0, -1).slice();
        const at = place % wire.length;
        wire[at] = (wire[at] ?? 0) ^ (1 << bit);
        expect(decodeUartFrame(wire)).toBeUndefined();
      }),
    );
  });
});

test('words and bytes are the same thing in big-endian order', () => {
  expect([...bytesOfWords(Uint32Array.of(0x0a000000, 1))]).toEqual([10, 0, 0, 0, 0, 0, 0, 1]);
  fc.assert(
    fc.property(fc.uint32Array({ maxLength: 40 }), (list) => {
      const even = list.slice(0, list.length & ~1);
      expect(wordsOfBytes(bytesOfWords(even))).toEqual(even);
    }),
  );
});

test('binary-parser reads every message as the codec does', () => {
  for (const row of fromFpga) {
    const length = lengthOf(row, 'from_fpga') / 8;
    expect(receivedLength(row.index)).toBe(length);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: length, maxLength: length }), (noise) => {
        noise[0] = row.index;
        const padded = new Uint8Array(16);
        padded.set(noise);
        padded[length] = 0x80;
        const [message] = decodeFromFpga(wordsOfBytes(padded.slice(0, length > 8 ? 16 : 8)));
        expect(parseReceived(noise)).toEqual(message);
        if (message !== undefined)
          expect(decodeFromFpga(encodeFromFpga([message]))).toEqual([message]);
      }),
      { numRuns: 50 },
    );
  }
});
