/**
 * Where the run-time of a compiled rule keeps what the host reads and writes: mailbox words, parameters, inputs, block
 * descriptors, time-line and records. Compiler, run-time and experiment layer take every address from here.
 *
 * All addresses are byte addresses as the processor sees them; words are 32 bit, big-endian. The host reaches SRAM byte
 * address `a` as Omnibus word `0x02800000 + a / 4` (top) or `0x03800000 + a / 4` (bottom), and byte `b` of the external
 * block RAM as word `0x80000000 + b / 4`.
 */

/** First byte of the page that host and run-time share; it ends with the SRAM at 0x4000. */
export const mailboxBase = 0x3000;
export const mailboxEnd = 0x4000;

/** Most rules, triggers and signals in one image. */
export const limits = { rules: 4, triggers: 16, signals: 8 } as const;

/** Addresses of the mailbox words. The host writes those marked (h) and reads the others. */
export const mailbox = {
  /** A value of `readyState`. */
  ready: 0x3000,
  /** (h) 1: begin. Written after `ready` reads 1. */
  go: 0x3004,
  /** (h) 1: end scheduling after the running trigger; `ready` then becomes `stopped`. */
  stop: 0x3008,
  /** (h) Counts up by one after the parameter words were changed; taken at the next trigger's start. */
  parameterCommit: 0x300c,
  /** Equals `parameterCommit` once the words were taken; the host changes them only while both are equal. */
  parameterTaken: 0x3010,
  /** (h) Counts up to have the baselines measured again (seen while waiting for `go` and between triggers). */
  baselineRequest: 0x3014,
  /** Equals `baselineRequest` + 1 after each measurement (so 1 after start-up). */
  baselineDone: 0x3018,
  /** (h) Not 0: the host is writing per-synapse inputs; triggers wait. */
  inputLock: 0x301c,
  /** Time base (high word, low word) when `go` was seen, in cycles since the core's reset. */
  goSeen: 0x3020,
  /** Time base (high, low) from which the times of triggers count. */
  origin: 0x3028,
  /** Time base (high, low) when scheduling ended. */
  stopped: 0x3030,
  /** Releases skipped because the processor was busy, all triggers together. */
  missed: 0x3038,
  /** Finished executions, all triggers together. */
  executions: 0x303c,
  /** Entries in the time-line, and entries dropped because it was full. */
  timelineCount: 0x3040,
  timelineDropped: 0x3044,
  /** Bytes used in the record memory, and records dropped because it was full. */
  recordBytes: 0x3048,
  recordsDropped: 0x304c,
  /** Events emitted, dropped because 64 were pending, and the largest lateness in cycles. */
  emitted: 0x3050,
  emitDropped: 0x3054,
  emitLateness: 0x3058,
  /** (h) Cycles between looks at the mailbox while idle (at start 1250 = 5 us). */
  pollInterval: 0x305c,
  /** (h) Seed of the scalar generator, taken at start-up (0: a fixed one), and its present state. */
  seed: 0x3060,
  randomState: 0x3064,
  /** Per trigger a `triggerCounters` block, in the order of `ImageLayout.triggers`. */
  triggers: 0x3080,
  /** (h) One word per signal, in the order of `ImageLayout.signals`: not 0 = arrived; the run-time clears it. */
  signals: 0x3180,
  /** One word per signal: arrivals that were merged with a pending one. */
  signalsMerged: 0x31a0,
  /** (h) A `populationWords` block per rule: where its second population (`neurons NAME`) lies. */
  populations: 0x31c0,
  /** Block descriptors, one per rule. */
  descriptors: 0x3200,
  /** First byte for parameters and inputs; `ImageLayout` says what lies where. */
  values: 0x3680,
} as const;

/** Values of the word `ready`. */
export const readyState = { starting: 0, ready: 1, running: 2, stopped: 3 } as const;

/** One trigger's counters: offsets in its 16-byte block at `mailbox.triggers + 16 * index`. */
export const triggerCounters = {
  executions: 0,
  missed: 4,
  longest: 8,
  lateness: 12,
  size: 16,
} as const;

/** A block descriptor: the rectangle of synapses a rule works on. The host patches it before the core starts. */
export const descriptor = {
  /**
   * First synapse row, 0..255, and number of rows. With signed weights a row of the rule is the two rows of a driver:
   * the even one excitatory, the odd one inhibitory; the first row is even and `rows` counts pairs.
   */
  firstRow: 0,
  rows: 4,
  /** First column and how many columns from there include all used ones (counters are read in this span). */
  firstColumn: 8,
  columns: 12,
  /** `neuron` of column c is c + neuronOffset (signed). */
  neuronOffset: 16,
  /** 0 top, 1 bottom. */
  hemisphere: 20,
  /** First byte of the external memory this processor may use: added to every external offset of the layout. */
  externalBase: 24,
  /** Set by the run-time: 0x800 if any even column is used, 0x400 if any odd one is; used columns << 16. */
  parities: 28,
  /** 128 bytes each: 1 for a used column 2k (even) or 2k + 1 (odd), else 0. */
  evenMask: 32,
  oddMask: 160,
  size: 288,
} as const;

/** Byte address of the descriptor of rule `index`. */
export const descriptorAddress = (index: number): number =>
  mailbox.descriptors + index * descriptor.size;

/**
 * The second population of a rule: offsets in its 16-byte block at `populationAddress`. The host patches it before the
 * core starts. Membranes (`NAME.v`) can be read on the processor's own hemisphere only.
 */
export const populationWords = {
  /** The neuron with the index of the block's column c stands at column c + shift (signed); beyond 0..255 it reads 0. */
  shift: 0,
  /** 0 top, 1 bottom. */
  hemisphere: 4,
  size: 16,
} as const;

/** Byte address of the words for the second population of rule `index`. */
export const populationAddress = (index: number): number =>
  mailbox.populations + index * populationWords.size;

/** External block RAM as data. */
export const externalData = 0x40000000;
/** External block RAM on the parallel bus, in units of 16 bytes. */
export const externalVector = 0x80000000;
/** Bytes of external block RAM. */
export const externalBytes = 0x20000;

/**
 * One entry of the time-line: four words. Times are the low words of the time base; entries are in order of `end`, so
 * a reader unwraps them (they never lie more than 2^31 cycles apart).
 */
export const timelineEntry = {
  /** Bits 31..24: trigger index; 23..0: number of this execution (of all triggers). */
  trigger: 0,
  release: 4,
  begin: 8,
  end: 12,
  size: 16,
} as const;

/**
 * A record: four header words, then its fields. Records of one kind all have `RecordSlot.bytes` bytes, a multiple of
 * 16. A field of lanes is written as vectors, whose 32 words lie in memory in reversed order (`readRecords` knows).
 */
export const recordHeader = {
  /** Bits 31..16: index in `ImageLayout.records.kinds`; 15..0: row of the visit. */
  kind: 0,
  /** Low word of the time base. */
  time: 4,
  /** Number of the execution (of all triggers). */
  execution: 8,
  size: 16,
} as const;

/** How a number is kept: value = origin + code * step. */
export interface ValueFormat {
  readonly origin: number;
  readonly step: number;
  readonly minCode: number;
  readonly maxCode: number;
  readonly bytes: 1 | 2 | 4;
}

/** The code nearest to `value` (ties upwards), saturated to the format's codes. */
export function quantise(format: ValueFormat, value: number): number {
  const code = Math.floor((value - format.origin) / format.step + 0.5);
  return Math.min(format.maxCode, Math.max(format.minCode, code));
}

/** The number that `code` stands for. */
export function valueOf(format: ValueFormat, code: number): number {
  return format.origin + code * format.step;
}

/** A parameter, or a scalar input: one word (signed) per element from `address` on. */
export interface ValueSlot {
  readonly rule: string;
  readonly name: string;
  readonly address: number;
  /** Number of elements, 1 for a scalar. */
  readonly count: number;
  readonly format: ValueFormat;
  /** Declared range; the host refuses values outside. */
  readonly lower: number;
  readonly upper: number;
  /** Codes in the image. */
  readonly initial: readonly number[];
}

/**
 * An input or state that lives per neuron, synapse or row. Per neuron: 256 codes of `format.bytes`, even columns then
 * odd ones (in 16 bit: even columns' left, right, then odd columns' left, right halves; `laneOffset`), for each element
 * of an array one after the other. Per synapse: the same for each row of the block. Per row: one word per element.
 */
export interface LaneSlot {
  readonly rule: string;
  readonly name: string;
  /** Number of elements that each neuron, synapse or row has, 1 if it is no array. */
  readonly count: number;
  readonly domain: 'neuron' | 'synapse' | 'row';
  /** SRAM address, or offset in external memory when `external`. */
  readonly address: number;
  readonly external: boolean;
  readonly rowBytes: number;
  readonly rows: number;
  readonly format: ValueFormat;
  readonly lower: number;
  readonly upper: number;
}

/** Byte offset of column `column` (0..255) in a lane slot's row of `bytes`-wide codes. */
export function laneOffset(column: number, bytes: 1 | 2 | 4): number {
  const parity = column & 1;
  const k = column >> 1;
  if (bytes === 1) return parity * 128 + k;
  // A vector of bytes widens slice by slice: bytes 0..7 of each 16 go left, 8..15 right.
  const half = (k >> 3) & 1;
  const j = ((k >> 4) << 3) | (k & 7);
  return parity * 256 + half * 128 + 2 * j;
}

/**
 * Byte offset of column `column` in a row of a state in external memory, where the 32 words of each vector lie in
 * reversed order.
 */
export function externalLaneOffset(column: number, bytes: 1 | 2 | 4): number {
  const offset = laneOffset(column, bytes);
  const within = offset & 127;
  return offset - within + 4 * (31 - (within >> 2)) + (within & 3);
}

/** Values of a lane slot are counted domain element first (row by row), then element of the array. */
export interface LaneSlotPlace {
  /** Row of the block, 0 for one value per neuron. */
  readonly row: number;
  /** 0 for a value per row. */
  readonly column: number;
  /** Byte address of the code: SRAM, or offset in external memory. */
  readonly address: number;
}

/** Where value number `index` of a lane slot lies. */
export function laneSlotPlace(slot: LaneSlot, index: number): LaneSlotPlace {
  const { count, format, rowBytes } = slot;
  const element = index % count;
  const place = Math.floor(index / count);
  if (slot.domain === 'row')
    return { row: place, column: 0, address: slot.address + place * rowBytes + 4 * element };
  const row = Math.floor(place / 256);
  const column = place % 256;
  const first = slot.address + row * rowBytes + element * 256 * format.bytes;
  const inside = slot.external
    ? externalLaneOffset(column, format.bytes)
    : laneOffset(column, format.bytes);
  return { row, column, address: first + inside };
}

/** What a trigger is called and how often it runs; times in cycles of 4 ns. */
export interface TriggerSlot {
  readonly rule: string;
  readonly name: string;
  readonly kind: 'start' | 'timer' | 'signal';
  readonly period: number;
  readonly first: number;
  readonly count: number;
}

/** One value of a record statement. */
export interface RecordField {
  readonly name: string;
  readonly domain: 'once' | 'neuron' | 'synapse' | 'row';
  readonly format: ValueFormat;
  /** Byte offset in the record, and bytes taken: 4, or 256 codes of one or two bytes in the order of `laneOffset`. */
  readonly offset: number;
  readonly bytes: number;
}

/** A record statement. */
export interface RecordSlot {
  readonly rule: string;
  readonly name: string;
  readonly trigger: number;
  readonly bytes: number;
  readonly fields: readonly RecordField[];
}

export type BaselineMode = 'synapse' | 'column' | 'none';

/** Where everything lies in one compiled image. */
export interface ImageLayout {
  readonly rules: readonly {
    readonly name: string;
    readonly descriptor: number;
    /** Rows that fit the image's per-synapse storage and baselines. */
    readonly maxRows: number;
    readonly baseline: BaselineMode;
    /** Name of the second population that the rule binds (`neurons NAME`). */
    readonly population?: string | undefined;
  }[];
  readonly parameters: readonly ValueSlot[];
  readonly inputs: readonly ValueSlot[];
  readonly laneInputs: readonly LaneSlot[];
  readonly states: readonly LaneSlot[];
  readonly scalarStates: readonly ValueSlot[];
  readonly triggers: readonly TriggerSlot[];
  readonly signals: readonly { readonly rule: string; readonly name: string }[];
  /** Offsets (before `descriptor.externalBase` is added) and bytes of the rings in the external block RAM. */
  readonly timeline: { readonly offset: number; readonly entries: number };
  readonly records: {
    readonly offset: number;
    readonly bytes: number;
    readonly kinds: readonly RecordSlot[];
  };
  /** Baselines, if kept in external memory: first offset and bytes. */
  readonly baselines: { readonly offset: number; readonly bytes: number };
}

/**
 * The block right after the vectors by which a board is asked what it runs: words magic and version, then the rule
 * names (32 bytes, NUL padded), the hash of the sources, the compiler's version (16 bytes, NUL padded), the hash of
 * the symbol table. Hashes are the first 16 bytes of SHA-256.
 */
export const metadata = {
  address: 0x34,
  magic: 0x504c5354,
  version: 1,
  name: 8,
  nameBytes: 32,
  sourceHash: 40,
  compilerVersion: 56,
  symbolHash: 72,
  size: 88,
} as const;
