import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeFromFpga,
  decodeToFpga,
  encodeFromFpga,
  encodeMessage,
  encodeToFpga,
  fromFpga,
  PlaybackError,
  PlaybackWriter,
  ResponseReader,
  ResponseWriter,
  toFpga,
  type FromFpgaMessage,
  type MessageRow,
  type ToFpgaMessage,
} from '../../isa/playback/index.js';
import { words as fromHex, wordsToHex } from './words.js';

interface Loose {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
interface Golden {
  readonly messages: readonly (Loose & {
    readonly id: string;
    readonly direction: 'to_fpga' | 'from_fpga';
    readonly hex: string;
  })[];
  readonly streams: readonly {
    readonly id: string;
    readonly direction: 'to_fpga' | 'from_fpga';
    readonly messages: readonly Loose[];
    readonly words: readonly string[];
  }[];
  readonly decode_streams: readonly {
    readonly id: string;
    readonly messages: readonly Loose[];
    readonly words: readonly string[];
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../golden/ut-messages.json', import.meta.url), 'utf8'),
) as Golden;

/** The golden file writes wide numbers as hexadecimal strings. */
const plain = (message: Loose): Loose => ({
  name: message.name,
  fields: Object.fromEntries(
    Object.entries(message.fields).map(([name, value]) => [
      name,
      typeof value === 'string' && value.startsWith('0x') ? Number(value) : value,
    ]),
  ),
});
const to = (list: readonly Loose[]) => list.map(plain) as unknown as ToFpgaMessage[];
const from = (list: readonly Loose[]) => list.map(plain) as unknown as FromFpgaMessage[];

describe('golden messages', () => {
  test.each(golden.messages.map((message) => [message.id, message] as const))(
    '%s has its recorded bytes',
    (_, message) => {
      const pieces = encodeMessage(message.direction, plain(message));
      expect(pieces.map((piece) => piece.toString(16).padStart(4, '0')).join('')).toBe(message.hex);
    },
  );

  test.each(golden.streams.map((stream) => [stream.id, stream] as const))(
    '%s packs into its recorded words and back',
    (_, stream) => {
      const encoded =
        stream.direction === 'to_fpga'
          ? encodeToFpga(to(stream.messages))
          : encodeFromFpga(from(stream.messages));
      expect(wordsToHex(encoded)).toEqual(stream.words);
      const decoded =
        stream.direction === 'to_fpga' ? decodeToFpga(encoded) : decodeFromFpga(encoded);
      expect(decoded).toEqual(stream.messages.map(plain));
    },
  );

  test.each(golden.decode_streams.map((stream) => [stream.id, stream] as const))(
    '%s is read past its idle words',
    (_, stream) => {
      expect(decodeFromFpga(fromHex(stream.words))).toEqual(stream.messages.map(plain));
    },
  );
});

/** Any message of a row. */
function arbitraryMessage(row: MessageRow): fc.Arbitrary<Loose> {
  const value = (field: { width: number; as?: string }): fc.Arbitrary<unknown> =>
    field.as === 'flag'
      ? fc.boolean()
      : field.as === 'mark'
        ? fc.constantFrom('halt', 'tick')
        : fc.bigInt(0n, (1n << BigInt(field.width)) - 1n).map(Number);
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of row.fields) fields[field.name] = value(field);
  if (row.pack !== undefined) {
    const { name, count, stride, fields: parts } = row.pack;
    const item: fc.Arbitrary<unknown> =
      parts.length === 0
        ? fc.integer({ min: 0, max: (1 << stride) - 1 })
        : fc.record(Object.fromEntries(parts.map((part) => [part.name, value(part)])));
    fields[name] = fc.array(item, { minLength: count, maxLength: count });
  }
  return fc.record({ name: fc.constant(row.name), fields: fc.record(fields) });
}
const anyTo = fc.array(fc.oneof(...toFpga.map(arbitraryMessage)), { maxLength: 30 });
const anyFrom = fc.array(fc.oneof(...fromFpga.map(arbitraryMessage)), { maxLength: 30 });

describe('streams', () => {
  test('decode undoes encode in both directions', () => {
    fc.assert(
      fc.property(anyTo, (list) => {
        expect(decodeToFpga(encodeToFpga(to(list)))).toEqual(list);
      }),
    );
    fc.assert(
      fc.property(anyFrom, (list) => {
        expect(decodeFromFpga(encodeFromFpga(from(list)))).toEqual(list);
      }),
    );
  });

  test('the bulk reader agrees with the message objects however the words are portioned', () => {
    fc.assert(
      fc.property(anyFrom, fc.array(fc.integer({ min: 1, max: 5 })), (list, cuts) => {
        const words = encodeFromFpga(from(list));
        const reader = new ResponseReader();
        let at = 0;
        for (const cut of cuts) {
          reader.push(words.slice(at, at + 2 * cut));
          at += 2 * cut;
        }
        reader.push(words.slice(at));
        expect(reader.messages).toBe(list.length);
        const all = from(list);
        expect([...reader.reads.values()]).toEqual(
          all.flatMap((m) => (m.name === 'omnibus_data' ? [m.fields.value] : [])),
        );
        expect([...reader.jtag.values()]).toEqual(
          all.flatMap((m) => (m.name === 'jtag_data' ? [m.fields.value] : [])),
        );
        expect([...reader.spikeLabels.values()]).toEqual(
          all.flatMap((m) => ('spikes' in m.fields ? m.fields.spikes.map((s) => s.label) : [])),
        );
        expect([...reader.madcValues.values()]).toEqual(
          all.flatMap((m) => ('samples' in m.fields ? m.fields.samples.map((s) => s.value) : [])),
        );
        expect([...reader.madcChannels.values()]).toEqual(
          all.flatMap((m) => ('samples' in m.fields ? m.fields.samples.map((s) => s.channel) : [])),
        );
        expect(reader.timeouts.map((t) => [t.instruction, t.traceStall, t.readsInFlight])).toEqual(
          all.flatMap((m) =>
            m.name === 'timeout_notification'
              ? [
                  [
                    m.fields.instruction_index,
                    m.fields.trace_stall,
                    m.fields.omnibus_reads_in_flight,
                  ],
                ]
              : [],
          ),
        );
      }),
    );
  });

  test('times of events survive the way through stamps and time messages', () => {
    const event = fc.record({
      gap: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 1e6 })),
      late: fc.integer({ min: 0, max: 120 }),
      label: fc.integer({ min: 0, max: 0xffff }),
      half: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 2 ** 40 }),
        fc.array(event, { maxLength: 40 }),
        (begin, events) => {
          const writer = new ResponseWriter();
          writer.timed = true;
          const expected: number[] = [];
          let time = begin;
          for (const { gap, late, label, half } of events) {
            time += gap + 1;
            const chip = 2 * (time - late) + half;
            expected.push(chip);
            writer.spikes(time, [label | ((chip % 256) * 0x10000)], 0, 1);
          }
          writer.halt(time + 5);
          const reader = new ResponseReader().push(writer.take(true));
          expect([...reader.spikeTimes.values()]).toEqual(expected);
          expect([...reader.halts.values()]).toEqual([time + 5]);
        },
      ),
    );
  });

  test('two messages in one cycle move apart, later ones keep their times', () => {
    const writer = new ResponseWriter();
    writer.timed = true;
    writer.data(100, 1);
    writer.data(100, 2);
    writer.data(500, 3);
    const reader = new ResponseReader().push(writer.take(true));
    expect([...reader.readTimes.values()]).toEqual([100, 101, 500]);
  });

  test('an unknown header names its word', () => {
    const words = fromHex(['0100000000000007', '7f00000000000000']);
    expect(() => new ResponseReader().push(words)).toThrow(PlaybackError);
    expect(() => decodeFromFpga(words)).toThrow(/word 1/);
  });
});

describe('writer', () => {
  test('says what the message objects say', () => {
    const writer = new PlaybackWriter();
    writer.reset(true).timerSetup().waitUntil(10).jtagScaler(6).jtagInit();
    writer.jtagInstruction(1).jtagData(32, 0, true).jtagData(33, 0x100000003);
    writer.write(0x00130000, 0xf).systimeInit().barrier(5).spikes([1, 2, 3, 4, 5]);
    const ticket = writer.read(0x02800000);
    writer.poll().tick().halt();
    expect(ticket).toBe(0);
    expect(decodeToFpga(writer.words())).toEqual([
      { name: 'reset', fields: { value: true } },
      { name: 'timer_setup', fields: {} },
      { name: 'wait_until', fields: { value: 10 } },
      { name: 'jtag_scaler', fields: { value: 6 } },
      { name: 'jtag_init', fields: {} },
      { name: 'jtag_ins', fields: { instruction: 1 } },
      { name: 'jtag_data', fields: { keep_response: true, num_bits: 32, payload: 0 } },
      { name: 'jtag_data', fields: { keep_response: false, num_bits: 33, payload: 0x100000003 } },
      { name: 'omnibus_address', fields: { address: 0x130000, byte_enables: 15, is_read: false } },
      { name: 'omnibus_data', fields: { value: 15 } },
      { name: 'systime_init', fields: { value: true } },
      { name: 'barrier', fields: { mask: 5 } },
      { name: 'spike_pack_3', fields: { labels: [1, 2, 3] } },
      { name: 'spike_pack_2', fields: { labels: [4, 5] } },
      { name: 'omnibus_address', fields: { address: 0x2800000, byte_enables: 15, is_read: true } },
      { name: 'polling_omnibus_block', fields: { value: true } },
      { name: 'loopback', fields: { kind: 'tick' } },
      { name: 'loopback', fields: { kind: 'halt' } },
    ]);
  });

  test('packs spikes of one time and waits only when time moves on', () => {
    const writer = new PlaybackWriter();
    writer.timerSetup().spikeTrain([0, 5, 5, 5, 5, 9], [1, 2, 3, 4, 5, 6]);
    expect(decodeToFpga(writer.words()).map((message) => message.name)).toEqual([
      'timer_setup',
      'spike_pack_1',
      'wait_until',
      'spike_pack_3',
      'spike_pack_1',
      'wait_until',
      'spike_pack_1',
    ]);
  });

  test('refuses what does not fit', () => {
    const writer = new PlaybackWriter();
    expect(() => writer.waitUntil(2 ** 32)).toThrow(PlaybackError);
    expect(() => writer.jtagData(2, 0)).toThrow(/num_bits/);
    expect(() => encodeToFpga([{ name: 'wait_until', fields: { value: -1 } }])).toThrow(
      PlaybackError,
    );
  });
});
