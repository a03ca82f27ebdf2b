/** A compiled rule on its way to the processor: image, block descriptor, parameters; and what it reports afterwards. */
import type { Program } from '../isa/program.js';
import type { PlaybackWriter } from '../isa/playback/writer.js';
import { addressOf } from '../isa/registers/registers.js';
import {
  descriptor,
  descriptorAddress,
  externalBytes,
  externalData,
  mailbox,
  populationAddress,
  populationWords,
  readyState,
  timelineEntry,
  triggerCounters,
} from '../isa/runtime-layout.js';
import type { ImageLayout } from '../isa/runtime-layout.js';
import { readTimeline } from '../isa/runtime-records.js';
import { ExperimentError } from './failure.js';
import type { PlacedPartner } from './network/partners.js';
import type { PlacedProjection, PlasticBlock } from './network/placement.js';
import type { RuleAttachment } from './network/projection.js';
import { ticks } from './network/configure.js';

/** Machine code of one rule with the addresses of everything the host touches. */
export interface RuleImage {
  readonly program: Program;
  readonly layout: ImageLayout;
  /** What the compiler warns of, rendered. */
  readonly warnings?: readonly string[];
  /** Longest possible execution of each trigger with its scheduling, PPU cycles; NaN when unknown. */
  readonly worstCycles?: readonly number[];
}

const sramBytes = 0x4000;

/** Omnibus word address of a byte address of a processor's own memory. */
export function sramWord(hemisphere: number, byteAddress: number): number {
  return addressOf('PPUMemoryWord', [hemisphere, byteAddress >> 2]);
}

/** Omnibus word address of a byte of the external block RAM. */
export function externalWord(byteOffset: number): number {
  return addressOf('ExternalPPUMemoryQuad', [byteOffset >> 2]);
}

/** The memory that an image fills before start: own SRAM and external block RAM, as 32-bit words (sparse). */
export function imageWords(program: Program): {
  readonly sram: Uint32Array;
  readonly external: Map<number, number>;
} {
  const sram = new Uint8Array(sramBytes);
  const external = new Map<number, number>();
  for (const { address, bytes, flags, name } of program.sections) {
    if (!flags.allocated || flags.zeroFilled) continue;
    if (address + bytes.length <= sramBytes) sram.set(bytes, address);
    else if (address >= externalData && address + bytes.length <= externalData + externalBytes)
      for (let i = 0; i < bytes.length; i++) {
        const at = address - externalData + i;
        const word = at >> 2;
        external.set(
          word,
          ((external.get(word) ?? 0) | ((bytes[i] ?? 0) << (24 - 8 * (at & 3)))) >>> 0,
        );
      }
    else
      throw new ExperimentError(
        `section ${name} of ${bytes.length} bytes at 0x${address.toString(16)} fits neither memory`,
        'compiled rule',
        'The processor has 16 KiB of its own and 128 KiB of external block RAM.',
      );
  }
  const words = new Uint32Array(sramBytes / 4);
  for (let i = 0; i < sramBytes; i++)
    words[i >> 2] = (words[i >> 2] ?? 0) | ((sram[i] ?? 0) << (24 - 8 * (i & 3)));
  return { sram: words, external };
}

/** An image on its way to one processor, with what each of its rules works on. */
export interface LoadedImage {
  readonly hemisphere: 0 | 1;
  readonly image: RuleImage;
  /** In the order of the image's rules. */
  readonly rules: readonly {
    readonly attachment: RuleAttachment;
    readonly block: PlasticBlock;
    readonly placed: PlacedProjection;
    readonly partner?: PlacedPartner;
  }[];
  /** First byte of the external memory that this processor may use. */
  readonly externalBase: number;
}

/** Words of the block descriptor at `base`: byte address and word. */
export function descriptorWords(
  base: number,
  block: PlasticBlock,
  externalBase: number,
): [number, number][] {
  const used = [...block.columns].sort((a, b) => a - b);
  const first = used[0] ?? 0;
  const last = used[used.length - 1] ?? 0;
  const words: [number, number][] = [
    [base + descriptor.firstRow, block.firstRow],
    [base + descriptor.rows, block.rowCount],
    [base + descriptor.firstColumn, first],
    [base + descriptor.columns, last - first + 1],
    [base + descriptor.neuronOffset, -first >>> 0],
    [base + descriptor.hemisphere, block.hemisphere],
    [base + descriptor.externalBase, externalBase],
  ];
  for (const [offset, parity] of [
    [descriptor.evenMask, 0],
    [descriptor.oddMask, 1],
  ] as const)
    for (let word = 0; word < 32; word++) {
      let value = 0;
      for (let i = 0; i < 4; i++)
        if (used.includes(2 * (4 * word + i) + parity)) value |= 1 << (24 - 8 * i);
      words.push([base + offset + 4 * word, value >>> 0]);
    }
  return words;
}

/** Bytes to write: own memory of a processor by byte address, external memory by offset. */
export interface RuleBytes {
  readonly sram: Map<number, number>;
  readonly external: Map<number, number>;
}

/** Puts bytes into the memory that an image fills before it starts. */
export function patchMemory(
  { sram, external }: RuleBytes,
  image: { readonly sram: Uint32Array; readonly external: Map<number, number> },
  externalBase: number,
): void {
  const patched = (word: number, address: number, byte: number): number => {
    const shift = 24 - 8 * (address & 3);
    return ((word & ~(0xff << shift)) | (byte << shift)) >>> 0;
  };
  for (const [address, byte] of sram)
    image.sram[address >> 2] = patched(image.sram[address >> 2] ?? 0, address, byte);
  for (const [offset, byte] of external) {
    const word = (offset - externalBase) >> 2;
    image.external.set(word, patched(image.external.get(word) ?? 0, offset, byte));
  }
}

/**
 * Loads an image with descriptors and values into its processor and waits until it is ready.
 * @param values parameters and inputs that differ from the image's
 */
export function writeRule(
  writer: PlaybackWriter,
  { hemisphere, image, rules, externalBase }: LoadedImage,
  values: RuleBytes,
): void {
  const { sram, external } = imageWords(image.program);
  patchMemory(values, { sram, external }, externalBase);
  rules.forEach(({ block, partner }, index) => {
    if (partner) {
      const at = populationAddress(index);
      sram[(at + populationWords.shift) >> 2] = partner.shift >>> 0;
      sram[(at + populationWords.hemisphere) >> 2] = partner.hemisphere;
    }
    const base = image.layout.rules[index]?.descriptor ?? descriptorAddress(index);
    for (const [address, word] of descriptorWords(base, block, externalBase))
      sram[address >> 2] = word;
  });
  for (const each of [0, 1])
    if (each === hemisphere || externalBase === 0)
      writer.write(addressOf('PPUControlRegister', [each]), 0);
  writer.writeBlock(sramWord(hemisphere, 0), sram);
  for (const [word, value] of external) writer.write(externalWord(4 * word + externalBase), value);
  writer.write(addressOf('InstructionTimeoutConfig', []), ticks(1));
  writer.write(addressOf('PPUControlRegister', [hemisphere]), 1);
  writer.pollFor(sramWord(hemisphere, mailbox.ready), 0xffffffff, readyState.ready);
  writer.write(addressOf('InstructionTimeoutConfig', []), 1_250_000);
}

/** Asks the run-time to end after the running trigger and waits until it has. */
export function writeStop(writer: PlaybackWriter, hemisphere: number): void {
  writer.write(sramWord(hemisphere, mailbox.stop), 1);
  writer.pollFor(sramWord(hemisphere, mailbox.ready), 0xffffffff, readyState.stopped);
}

/** What a rule's run-time counted, and its executions in seconds since the rule started. */
export interface RuleLog {
  /** Triggers by index: name, and period in s (0 for those without). */
  readonly triggers: readonly { readonly name: string; readonly period: number }[];
  readonly executions: number;
  readonly missed: number;
  readonly timeline: readonly Execution[];
  /** Executions that found the time-line full. */
  readonly dropped: number;
  /** Longest execution, s. */
  readonly longest: number;
  /** Longest execution that the compiler found possible, s; NaN when unknown. */
  readonly worst: number;
}

/** One execution of a trigger; times in s since the rule's triggers started to count. */
export interface Execution {
  readonly trigger: number;
  readonly release: number;
  readonly begin: number;
  readonly end: number;
}

const cycle = 4e-9;

/** Reads counters and time-line of a rule that ran. @param read reads register words in order */
export async function readRuleLog(
  read: (addresses: readonly number[]) => Promise<Uint32Array>,
  { image, hemisphere, externalBase }: LoadedImage,
): Promise<RuleLog> {
  const { layout, worstCycles = [] } = image;
  const word = (address: number): number => sramWord(hemisphere, address);
  const counters = layout.triggers.map((_, i) => mailbox.triggers + triggerCounters.size * i);
  const head = await read(
    [
      mailbox.executions,
      mailbox.missed,
      mailbox.timelineCount,
      mailbox.timelineDropped,
      mailbox.origin,
      mailbox.origin + 4,
      ...counters.map((address) => address + triggerCounters.longest),
    ].map(word),
  );
  const [executions = 0, missed = 0, count = 0, dropped = 0, high = 0, low = 0] = head;
  const entries = Math.min(count, layout.timeline.entries);
  const words = await read(
    Array.from({ length: (entries * timelineEntry.size) / 4 }, (_, i) =>
      externalWord(externalBase + layout.timeline.offset + 4 * i),
    ),
  );
  const memory = new Uint8Array(words.length * 4);
  const view = new DataView(memory.buffer);
  words.forEach((value, i) => view.setUint32(4 * i, value));
  const origin = high * 4294967296 + low;
  const seconds = (cycles: number): number => (cycles - origin) * cycle;
  const timeline = readTimeline(memory, entries, origin).map(
    ({ trigger, release, begin, end }): Execution => ({
      trigger,
      release: seconds(release),
      begin: seconds(begin),
      end: seconds(end),
    }),
  );
  const longest = counters.reduce((most, _, i) => Math.max(most, (head[6 + i] ?? 0) * cycle), 0);
  const triggers = layout.triggers.map(({ name, period }) => ({ name, period: period * cycle }));
  const worst = worstCycles.reduce((most, cycles) => Math.max(most, cycles * cycle), 0) || NaN;
  return { triggers, executions, missed, timeline, dropped, longest, worst };
}
