/** Golden playback messages: bytes of single messages, packing of streams, frames of both links. */
import {
  decodeHostArqFrame,
  encodeHostArqFrame,
  hostArqReset,
  type HostArqFrame,
} from '../../board/framing/hostarq-frame.js';
import { parseReceived } from '../../board/framing/received-message.js';
import {
  decodeUartFrame,
  encodeUartFrame,
  rawUartFrame,
  type UartFrame,
} from '../../board/framing/uart-frame.js';
import {
  decodeFromFpga,
  decodeToFpga,
  encodeFromFpga,
  encodeMessage,
  encodeToFpga,
  type Direction,
  type FromFpgaMessage,
  type ToFpgaMessage,
} from '../../isa/playback/index.js';
import {
  failed,
  hex,
  isRecord,
  numbers,
  property,
  text,
  verdict,
  type Case,
  type Kind,
} from './kind.js';

interface Message {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const lists = ['messages', 'streams', 'decode_streams', 'hostarq_frames'] as const;

function entries(whole: unknown, list: string): readonly unknown[] {
  const found = property(whole, list);
  return Array.isArray(found) ? found : [];
}

/** A message of the file; wide numbers stand there as strings like "0x2a". */
function messageOf(entry: unknown): Message {
  const fields = property(entry, 'fields');
  return {
    name: text(entry, 'name'),
    fields: Object.fromEntries(
      Object.entries(isRecord(fields) ? fields : {}).map(([name, value]) => [
        name,
        typeof value === 'string' && value.startsWith('0x') ? Number(value) : value,
      ]),
    ),
  };
}

function directionOf(entry: unknown): Direction {
  return property(entry, 'direction') === 'to_fpga' ? 'to_fpga' : 'from_fpga';
}

function encodeStream(direction: Direction, messages: readonly Message[]): Uint32Array {
  return direction === 'to_fpga'
    ? encodeToFpga(messages as unknown as ToFpgaMessage[])
    : encodeFromFpga(messages as unknown as FromFpgaMessage[]);
}

function digitsOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from(numbers(digits, 2));
}

function wordsOf(value: unknown): Uint32Array {
  const list = Array.isArray(value) ? value.map(String) : [];
  return Uint32Array.from(list.flatMap((digits) => numbers(digits, 8, 2)));
}

function expectEqual(what: string, expected: string, got: string): string[] {
  return expected === got ? [] : [`${what}: expected ${expected}, got ${got}`];
}

function expectMessages(what: string, expected: readonly Message[], got: unknown): string[] {
  return expectEqual(what, canonical(expected), canonical(got));
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

function runMessage(entry: unknown): string[] {
  const message = messageOf(entry);
  const direction = directionOf(entry);
  const expected = text(entry, 'hex');
  const pieces = encodeMessage(direction, message);
  const got = pieces.map((piece) => piece.toString(16).padStart(4, '0')).join('');
  const words = encodeStream(direction, [message]);
  const back = direction === 'to_fpga' ? decodeToFpga(words) : decodeFromFpga(words);
  const found = [
    ...expectEqual('encoded', expected, got),
    ...expectMessages('decoded again', [message], back),
  ];
  if (direction === 'from_fpga') {
    const parsed = parseReceived(bytesOf(expected));
    found.push(...expectMessages('parsed from bytes', [message], [parsed]));
  }
  return found;
}

function runStream(entry: unknown, canEncode: boolean): string[] {
  const messages = entries(entry, 'messages').map(messageOf);
  const words = wordsOf(property(entry, 'words'));
  const direction = canEncode ? directionOf(entry) : 'from_fpga';
  const back = direction === 'to_fpga' ? decodeToFpga(words) : decodeFromFpga(words);
  const found = expectMessages('decoded', messages, back);
  if (!canEncode) return found;
  const print = (list: Uint32Array): string => [...list].map(hex).join('');
  return [
    ...found,
    ...expectEqual('encoded', print(words), print(encodeStream(direction, messages))),
  ];
}

function runHostArq(entry: unknown): string[] {
  const expected = text(entry, 'udp_payload_hex');
  const ack = property(entry, 'ack');
  const seq = property(entry, 'seq');
  if (typeof ack !== 'number' && typeof seq !== 'number' && expected.length === 8) {
    const given = bytesOf(expected);
    const reset = digitsOf(hostArqReset);
    if (expected === reset) return [];
    const again = decodeHostArqFrame(given);
    return again === undefined
      ? ['decoded: expected an acknowledgement']
      : expectEqual('encoded', expected, digitsOf(encodeHostArqFrame(again)));
  }
  const frame: HostArqFrame =
    typeof seq === 'number'
      ? {
          ack: Number(ack),
          seq,
          type: Number(property(entry, 'ptype')),
          words: wordsOf(property(entry, 'payload_words')),
        }
      : { ack: Number(ack) };
  const back = decodeHostArqFrame(bytesOf(expected));
  return [
    ...expectEqual('encoded', expected, digitsOf(encodeHostArqFrame(frame))),
    ...expectEqual(
      'decoded and encoded',
      expected,
      back === undefined ? 'nothing' : digitsOf(encodeHostArqFrame(back)),
    ),
  ];
}

function runUart(entry: unknown): string[] {
  const frame: UartFrame = {
    type: Number(property(entry, 'type')),
    seq: Number(property(entry, 'seq')),
    ack: Number(property(entry, 'ack')),
    credit: Number(property(entry, 'credit')),
    payload: bytesOf(text(entry, 'payload_hex')),
  };
  const wire = bytesOf(text(entry, 'wire_hex'));
  const back = decodeUartFrame(wire.subarray(0, wire.length - 1));
  return [
    ...expectEqual('raw', text(entry, 'raw_hex'), digitsOf(rawUartFrame(frame))),
    ...expectEqual('wire', text(entry, 'wire_hex'), digitsOf(encodeUartFrame(frame))),
    ...expectEqual(
      'decoded and encoded',
      text(entry, 'wire_hex'),
      back === undefined ? 'nothing' : digitsOf(encodeUartFrame(back)),
    ),
  ];
}

function caseOf(list: string, entry: unknown, run: () => string[]): Case {
  const id = String(property(entry, 'id'));
  return {
    name: `${list}: ${id}`,
    keys: [list, id],
    run: () => {
      try {
        return verdict(run());
      } catch (error) {
        return failed(String(error));
      }
    },
  };
}

export const messages: Kind = {
  name: 'messages',
  recognises: ({ whole }) =>
    Array.isArray(property(whole, 'messages')) &&
    lists.some((list) => list !== 'messages' && Array.isArray(property(whole, list))),
  *cases({ whole }): Iterable<Case> {
    for (const entry of entries(whole, 'messages'))
      yield caseOf('messages', entry, () => runMessage(entry));
    for (const entry of entries(whole, 'streams'))
      yield caseOf('streams', entry, () => runStream(entry, true));
    for (const entry of entries(whole, 'decode_streams'))
      yield caseOf('decode_streams', entry, () => runStream(entry, false));
    for (const entry of entries(whole, 'hostarq_frames'))
      yield caseOf('hostarq_frames', entry, () => runHostArq(entry));
    for (const entry of entries(property(whole, 'uart_frames'), 'frames'))
      yield caseOf('uart_frames', entry, () => runUart(entry));
  },
};
