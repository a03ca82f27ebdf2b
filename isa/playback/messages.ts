/**
 * The messages between host and FPGA, declared once. Encoder, decoder, bulk paths, the binary-parser
 * structures of `board/` and the tables of the manual are derived from these rows.
 *
 * A message is 8 header bits (comma bit 0, then its index), a gap of zeros and the payload, right-aligned.
 * To the FPGA every message is one 64-bit word; from it 64 bits, or 80 for the packs of three.
 */

/** A field of the payload: its lowest bit counted from the right end of the message, and its width in bits. */
export interface FieldRow {
  readonly name: string;
  readonly lsb: number;
  readonly width: number;
  /** How the value shows in objects: a number, a boolean, or the word "halt" (0) or "tick" (1). */
  readonly as?: 'flag' | 'mark';
}

/** Equal items side by side; the first item is the most significant. Items without fields are plain numbers. */
export interface PackRow {
  readonly name: string;
  readonly count: number;
  readonly stride: number;
  readonly fields: readonly FieldRow[];
}

export interface MessageRow {
  readonly name: string;
  /** Index in the dictionary of its direction, which is the header byte. */
  readonly index: number;
  /** Payload bits. */
  readonly width: number;
  readonly fields: readonly FieldRow[];
  readonly pack?: PackRow;
}

const label = { name: 'label', lsb: 0, width: 16 } as const;
const timestamp = { name: 'timestamp', lsb: 16, width: 8 } as const;
const spike = [label, timestamp] as const;
const sample = [
  { name: 'value', lsb: 0, width: 10 },
  { name: 'channel', lsb: 10, width: 1 },
  timestamp,
] as const;

/** Messages from host to FPGA. */
export const toFpga = [
  { name: 'jtag_init', index: 0, width: 0, fields: [] },
  { name: 'jtag_scaler', index: 1, width: 8, fields: [{ name: 'value', lsb: 0, width: 8 }] },
  { name: 'jtag_ins', index: 2, width: 7, fields: [{ name: 'instruction', lsb: 0, width: 7 }] },
  {
    name: 'jtag_data',
    index: 3,
    width: 56,
    fields: [
      { name: 'keep_response', lsb: 48, width: 1, as: 'flag' },
      { name: 'num_bits', lsb: 40, width: 8 },
      { name: 'payload', lsb: 0, width: 33 },
    ],
  },
  { name: 'timer_setup', index: 4, width: 0, fields: [] },
  { name: 'wait_until', index: 5, width: 32, fields: [{ name: 'value', lsb: 0, width: 32 }] },
  {
    name: 'systime_init',
    index: 6,
    width: 1,
    fields: [{ name: 'value', lsb: 0, width: 1, as: 'flag' }],
  },
  { name: 'barrier', index: 7, width: 5, fields: [{ name: 'mask', lsb: 0, width: 5 }] },
  {
    name: 'polling_omnibus_block',
    index: 8,
    width: 1,
    fields: [{ name: 'value', lsb: 0, width: 1, as: 'flag' }],
  },
  { name: 'reset', index: 9, width: 1, fields: [{ name: 'value', lsb: 0, width: 1, as: 'flag' }] },
  {
    name: 'loopback',
    index: 10,
    width: 1,
    fields: [{ name: 'kind', lsb: 0, width: 1, as: 'mark' }],
  },
  {
    name: 'omnibus_address',
    index: 11,
    width: 37,
    fields: [
      { name: 'address', lsb: 0, width: 32 },
      { name: 'byte_enables', lsb: 32, width: 4 },
      { name: 'is_read', lsb: 36, width: 1, as: 'flag' },
    ],
  },
  { name: 'omnibus_data', index: 12, width: 32, fields: [{ name: 'value', lsb: 0, width: 32 }] },
  {
    name: 'spike_pack_1',
    index: 13,
    width: 16,
    fields: [],
    pack: { name: 'labels', count: 1, stride: 16, fields: [] },
  },
  {
    name: 'spike_pack_2',
    index: 14,
    width: 32,
    fields: [],
    pack: { name: 'labels', count: 2, stride: 16, fields: [] },
  },
  {
    name: 'spike_pack_3',
    index: 15,
    width: 48,
    fields: [],
    pack: { name: 'labels', count: 3, stride: 16, fields: [] },
  },
] as const satisfies readonly MessageRow[];

/** Messages from FPGA to host. */
export const fromFpga = [
  { name: 'jtag_data', index: 0, width: 33, fields: [{ name: 'value', lsb: 0, width: 33 }] },
  { name: 'omnibus_data', index: 1, width: 32, fields: [{ name: 'value', lsb: 0, width: 32 }] },
  {
    name: 'loopback',
    index: 2,
    width: 1,
    fields: [{ name: 'kind', lsb: 0, width: 1, as: 'mark' }],
  },
  {
    name: 'highspeed_link_notification',
    index: 3,
    width: 8,
    fields: [{ name: 'value', lsb: 0, width: 8 }],
  },
  {
    name: 'timeout_notification',
    index: 4,
    width: 45,
    fields: [
      { name: 'instruction_index', lsb: 0, width: 32 },
      { name: 'trace_stall', lsb: 32, width: 7 },
      { name: 'omnibus_reads_in_flight', lsb: 39, width: 6 },
    ],
  },
  { name: 'systime', index: 5, width: 43, fields: [{ name: 'value', lsb: 0, width: 43 }] },
  { name: 'sysdelta', index: 6, width: 8, fields: [{ name: 'value', lsb: 0, width: 8 }] },
  {
    name: 'madc_pack_1',
    index: 7,
    width: 24,
    fields: [],
    pack: { name: 'samples', count: 1, stride: 24, fields: sample },
  },
  {
    name: 'madc_pack_2',
    index: 8,
    width: 48,
    fields: [],
    pack: { name: 'samples', count: 2, stride: 24, fields: sample },
  },
  {
    name: 'madc_pack_3',
    index: 9,
    width: 72,
    fields: [],
    pack: { name: 'samples', count: 3, stride: 24, fields: sample },
  },
  {
    name: 'spike_pack_1',
    index: 10,
    width: 24,
    fields: [],
    pack: { name: 'spikes', count: 1, stride: 24, fields: spike },
  },
  {
    name: 'spike_pack_2',
    index: 11,
    width: 48,
    fields: [],
    pack: { name: 'spikes', count: 2, stride: 24, fields: spike },
  },
  {
    name: 'spike_pack_3',
    index: 12,
    width: 72,
    fields: [],
    pack: { name: 'spikes', count: 3, stride: 24, fields: spike },
  },
] as const satisfies readonly MessageRow[];

export type ToFpgaRow = (typeof toFpga)[number];
export type FromFpgaRow = (typeof fromFpga)[number];

type ValueOf<F> = F extends { readonly as: 'flag' }
  ? boolean
  : F extends { readonly as: 'mark' }
    ? 'halt' | 'tick'
    : number;
type Values<F extends readonly FieldRow[]> = {
  readonly [R in F[number] as R['name']]: ValueOf<R>;
};
type ItemOf<P> = P extends { readonly fields: readonly [] }
  ? number
  : P extends { readonly fields: infer F extends readonly FieldRow[] }
    ? Values<F>
    : never;
type PackOf<R> = R extends { readonly pack: infer P extends PackRow }
  ? { readonly [K in P['name']]: readonly ItemOf<P>[] }
  : unknown;
type MessageOf<R> = R extends MessageRow
  ? { readonly name: R['name']; readonly fields: Values<R['fields']> & PackOf<R> }
  : never;

/** A message to the FPGA as an object: an edge view, never used in bulk. */
export type ToFpgaMessage = MessageOf<ToFpgaRow>;
/** A message from the FPGA as an object. */
export type FromFpgaMessage = MessageOf<FromFpgaRow>;

/** Which way a message goes. */
export type Direction = 'to_fpga' | 'from_fpga';

/** The dictionary of a direction, ordered by index. */
export function dictionaryOf(direction: Direction): readonly MessageRow[] {
  return direction === 'to_fpga' ? toFpga : fromFpga;
}

/** Bits of a message on the link: one word to the FPGA, whole bytes and at least a word from it. */
export function lengthOf(row: MessageRow, direction: Direction): number {
  const step = direction === 'to_fpga' ? 64 : 8;
  return Math.max(64, Math.ceil((8 + row.width) / step) * step);
}

/** Header byte of a message. */
export function headerOf(direction: 'to_fpga', name: ToFpgaRow['name']): number;
export function headerOf(direction: 'from_fpga', name: FromFpgaRow['name']): number;
export function headerOf(direction: Direction, name: string): number {
  const row = dictionaryOf(direction).find((candidate) => candidate.name === name);
  return row === undefined ? -1 : row.index;
}

/** Bits of the argument of `barrier`. */
export const barriers = {
  omnibus: 1,
  jtag: 2,
  systime: 4,
  multiFpga: 8,
  systimeCorrection: 16,
} as const;

/** JTAG instructions of the chip. */
export const jtagInstructions = {
  extest: 0,
  idcode: 1,
  samplePreload: 2,
  pllTargetRegister: 3,
  shiftPll: 4,
  omnibusAddress: 5,
  omnibusData: 6,
  omnibusRequest: 7,
  bypass: 127,
} as const;

/** JTAG instruction that selects the configuration of one high-speed link of the chip. */
export function phyInstruction(link: number): number {
  return 0x40 | (link << 3) | 4;
}
