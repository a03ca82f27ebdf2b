import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  asciiBytes,
  asciiText,
  parseDescription,
  writeDescription,
} from '../../board/link/self-description.js';
import {
  endOfProgram,
  HaltCounter,
  outlineProgram,
  splitAtBarriers,
} from '../../board/framing/message-scan.js';
import { encodeFromFpga, PlaybackWriter, ResponseReader } from '../../isa/playback/index.js';
import { InProcessBoard } from '../../board/index.js';
import { Chip } from '../../emulator/index.js';

test('what a board says of itself survives the wire', () => {
  const value = fc.oneof(
    fc.boolean(),
    fc.integer(),
    fc.stringMatching(/^[ -!#-~]{1,20}$/).filter((text) => text.trim() === text),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z][a-z_.]{0,9}$/), value), (said) => {
      const text = asciiText(asciiBytes(`${writeDescription(said)}\0rest`));
      expect(parseDescription(text)).toEqual({ ...said });
    }),
  );
});

test('lines that are not understood are skipped', () => {
  const text =
    '# board\nversion: 1 # first\nlist:\n  - 3\nname: "a # b"\r\nratio: 0.5\n:\nflag: true\n';
  expect(parseDescription(text)).toEqual({ version: 1, name: 'a # b', ratio: 0.5, flag: true });
});

test('halts are found in answers however they are cut', async () => {
  const writer = new PlaybackWriter().write(0x88000005, 1).systimeInit().barrier(4);
  for (let i = 0; i < 40; i++) writer.waitUntil(50 * i).spikes([1, 2, 3].slice(i % 3));
  writer.readBlock(0x02800000, 9);
  const answers = await InProcessBoard.of(Chip.ideal()).run(writer.tick().barrier().halt().words());
  const twice = new Uint32Array([...answers, ...answers]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }), (steps) => {
      const counter = new HaltCounter();
      let at = 0;
      for (const step of steps) counter.push(twice.subarray(at, (at += 2 * step)));
      counter.push(twice.subarray(at));
      expect(counter).toMatchObject({ halts: 2, unknownHeader: undefined });
    }),
  );
  expect(new ResponseReader().push(twice).halts.length).toBe(2);
  const packed = encodeFromFpga([
    {
      name: 'spike_pack_3',
      fields: {
        spikes: [
          { label: 0x200, timestamp: 2 },
          { label: 0x200, timestamp: 2 },
          { label: 0, timestamp: 2 },
        ],
      },
    },
    { name: 'loopback', fields: { kind: 'tick' } },
    { name: 'loopback', fields: { kind: 'halt' } },
  ]);
  const counter = new HaltCounter();
  counter.push(packed);
  expect(counter.halts).toBe(1);
});

test('a header that no message has is told', () => {
  const counter = new HaltCounter();
  counter.push(Uint32Array.of(0x30000000, 0));
  expect(counter.unknownHeader).toBe(0x30);
});

test('a program is looked over before it is sent', () => {
  const writer = new PlaybackWriter().waitUntil(100).timerSetup().waitUntil(1000).waitUntil(500);
  writer.readBlock(0, 3);
  const words = writer.waitUntil(2000).halt().words();
  expect(outlineProgram(words, 40)).toMatchObject({
    halts: 1,
    reads: 3,
    endsWithHalt: true,
    chipSeconds: 2060 * 8e-9,
    timer: 2000,
  });
  expect(endOfProgram(words, 0)).toBe(words.length / 2);
  expect(endOfProgram(words, words.length / 2)).toBe(-1);
});

test('parts cut at barriers are the program, and each ends in a halt', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 40, max: 200 }),
      (pieces, limit) => {
        const writer = new PlaybackWriter();
        for (const piece of pieces) {
          for (let i = 0; i < piece; i++) writer.read(i);
          writer.barrier();
        }
        const words = writer.halt().words();
        const parts = splitAtBarriers(words, limit);
        expect(parts).toBeDefined();
        const halt = 0x0a000000;
        const joined = (parts ?? []).flatMap((part, i) => {
          expect(part.length / 2).toBeLessThanOrEqual(limit);
          expect(part[part.length - 2]).toBe(halt);
          return [...(i + 1 < (parts?.length ?? 0) ? part.subarray(0, -2) : part)];
        });
        expect(joined).toEqual([...words]);
      },
    ),
  );
  const closed = new PlaybackWriter();
  for (let i = 0; i < 50; i++) closed.read(i);
  expect(splitAtBarriers(closed.halt().words(), 20)).toBeUndefined();
});
