/** What has to be written where to load a program. */

import { memoryImage, type Program, type ProgramSection } from '../../isa/program.js';
import { findSymbol } from '../../isa/program.js';
import {
  descriptor,
  descriptorAddress,
  externalBytes,
  externalData,
  limits,
  metadata,
  timelineEntry,
} from '../../isa/runtime-layout.js';
import { sramAddress } from '../access.js';

const sramBytes = 16_384;
/** Words that are compared and written together. */
export const blockWords = 64;

/** Words that lie together. */
export interface FlashBlock {
  /** Omnibus address of the first word. */
  readonly address: number;
  readonly words: Uint32Array;
  /** Where it lies if it lies in SRAM: processor and first word. */
  readonly sram?: { readonly hemisphere: number; readonly word: number };
  /** For people: "top SRAM 0x0400", "external memory 0x1000". */
  readonly place: string;
}

/** What a program needs of one board. */
export interface FlashPlan {
  /** Processors that get the image: 0 top, 1 bottom. */
  readonly targets: readonly number[];
  readonly blocks: readonly FlashBlock[];
  readonly words: number;
  /** Sections as they are laid out, for the plan that is printed. */
  readonly sections: readonly {
    readonly name: string;
    readonly address: number;
    readonly bytes: number;
  }[];
  /** Words that were changed in the image: name, processor, value. */
  readonly patches: readonly {
    readonly name: string;
    readonly hemisphere: number;
    readonly value: number;
  }[];
  /** How to see that the program has come up. */
  readonly idle:
    { readonly name: string; readonly byteAddress: number; readonly value: number } | undefined;
}

/** A program that cannot be loaded. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
  constructor(
    readonly problem: 'outside' | 'no such symbol' | 'empty',
    readonly detail: string,
  ) {
    super(detail);
  }
}

type Patch = readonly [name: string, byteAddress: number, value: number];

const hemisphereNames = ['top', 'bottom'];

/**
 * Lays a program out for one or both processors.
 * @param patches words to change, by symbol or by SRAM address ("0x3000")
 * @throws PlanError
 */
export function planFlash(
  program: Program,
  targets: readonly number[],
  patches: ReadonlyMap<string, number> = new Map(),
): FlashPlan {
  const sections = program.sections.filter(
    ({ flags, bytes }) => flags.allocated && bytes.length > 0,
  );
  if (sections.length === 0) throw new PlanError('empty', 'the program has nothing to load');
  const inside = sections.filter(({ address }) => address < sramBytes);
  const outside = sections.filter(({ address }) => address >= sramBytes);
  const applied: { name: string; hemisphere: number; value: number }[] = [];
  const blocks: FlashBlock[] = [];
  for (const hemisphere of targets) {
    const image = wordsOf(inside, program);
    const patch = (name: string, byteAddress: number, value: number): void => {
      image.set(byteAddress >>> 2, value >>> 0);
      applied.push({ name, hemisphere, value: value >>> 0 });
    };
    const ppu = findSymbol(program, 'ppu');
    if (ppu !== undefined && ppu.address < sramBytes) patch('ppu', ppu.address, hemisphere);
    for (const [name, byteAddress, value] of placeRule(program, hemisphere, targets.length > 1))
      patch(name, byteAddress, value);
    for (const [name, value] of patches) patch(name, byteAddressOf(program, name), value);
    blocks.push(
      ...blocksOf(
        image,
        (word) => sramAddress(hemisphere, word),
        `${hemisphereNames[hemisphere]} SRAM`,
        hemisphere,
      ),
    );
  }
  for (const section of outside)
    for (const place of placesOf(section, program, targets)) blocks.push(...externalBlocks(place));
  return {
    targets,
    blocks,
    words: blocks.reduce((sum, { words }) => sum + words.length, 0),
    sections: sections.map(({ name, address, bytes }) => ({ name, address, bytes: bytes.length })),
    patches: applied,
    idle: idleOf(program),
  };
}

/** Word of the block RAM or DRAM behind the FPGA at an address as the processor sees it; -1 if it is none. */
function externalWord(address: number): number {
  if (address >= 0x90000000 && address < 0xa0000000)
    return 0x84000000 + ((address - 0x90000000) >>> 2);
  if (address >= 0x80000000 && address < 0x80020000)
    return 0x80000000 + ((address - 0x80000000) >>> 2);
  if (address >= 0x50000000 && address < 0x60000000)
    return 0x84000000 + ((address - 0x50000000) >>> 2);
  if (address >= 0x40000000 && address < 0x40020000)
    return 0x80000000 + ((address - 0x40000000) >>> 2);
  return -1;
}

/** A section behind the FPGA where each processor looks for it. */
function placesOf(
  section: ProgramSection,
  program: Program,
  targets: readonly number[],
): ProgramSection[] {
  const isOwn = isCompiledRule(program) && section.address >>> 28 === externalData >>> 28;
  if (!isOwn) return [section];
  return targets.map((hemisphere) => ({
    ...section,
    address: section.address + hemisphere * (externalBytes / 2),
  }));
}

function externalBlocks(section: ProgramSection): FlashBlock[] {
  const { name, address, bytes } = section;
  if (externalWord(address) < 0 || externalWord(address + bytes.length - 1) < 0)
    throw new PlanError(
      'outside',
      `section ${name} at 0x${address.toString(16)} (${bytes.length} bytes) lies in no memory of the chip`,
    );
  const image = new Map<number, number>();
  bytes.forEach((byte, i) => addByte(image, externalWord(address + i), (address + i) & 3, byte));
  return blocksOf(image, (word) => word, 'external memory');
}

function wordsOf(sections: readonly ProgramSection[], program: Program): Map<number, number> {
  const image = new Map<number, number>();
  for (const { name, address, bytes } of sections) {
    if (address + bytes.length > sramBytes)
      throw new PlanError(
        'outside',
        `section ${name} at 0x${address.toString(16)} (${bytes.length} bytes) does not fit the 16 KiB of SRAM`,
      );
    for (let at = address; at < address + bytes.length; at++) image.set(at >>> 2, 0);
  }
  const whole = memoryImage(program, 0, sramBytes);
  for (const word of image.keys())
    for (let i = 0; i < 4; i++) addByte(image, word, i, whole[4 * word + i] ?? 0);
  return image;
}

function addByte(image: Map<number, number>, word: number, place: number, byte: number): void {
  const shift = 24 - 8 * place;
  image.set(word, (((image.get(word) ?? 0) & ~(0xff << shift)) | (byte << shift)) >>> 0);
}

/** Neighbouring words as blocks that do not cross multiples of the block size. */
function blocksOf(
  image: ReadonlyMap<number, number>,
  addressOfWord: (word: number) => number,
  memory: string,
  hemisphere?: number,
): FlashBlock[] {
  const blocks: FlashBlock[] = [];
  const sorted = [...image.keys()].sort((a, b) => a - b);
  for (let from = 0; from < sorted.length;) {
    const first = sorted[from] ?? 0;
    let to = from + 1;
    while (
      to < sorted.length &&
      sorted[to] === first + to - from &&
      (sorted[to] ?? 0) % blockWords !== 0
    )
      to++;
    const address = addressOfWord(first);
    blocks.push({
      address,
      ...(hemisphere === undefined ? {} : { sram: { hemisphere, word: first } }),
      words: Uint32Array.from(sorted.slice(from, to), (word) => image.get(word) ?? 0),
      place: `${memory} 0x${((4 * first) % 0x10000000).toString(16).padStart(4, '0')}`,
    });
    from = to;
  }
  return blocks;
}

function byteAddressOf(program: Program, name: string): number {
  const address = /^0x[0-9a-fA-F]+$/.test(name) ? Number(name) : findSymbol(program, name)?.address;
  if (address === undefined)
    throw new PlanError('no such symbol', `the program has no symbol "${name}"`);
  if (address >= sramBytes || address % 4 !== 0)
    throw new PlanError('outside', `${name} is no word of the SRAM`);
  return address;
}

/** True if the program was made by this compiler. */
export function isCompiledRule(program: Program): boolean {
  const first = program.sections.find(({ address }) => address === 0);
  const at = metadata.address;
  if (first === undefined || first.bytes.length < at + 4) return false;
  const view = new DataView(first.bytes.buffer, first.bytes.byteOffset, first.bytes.byteLength);
  return view.getUint32(at) === metadata.magic;
}

/** Byte offsets of words in the configuration of a compiled image: see compiler/link/tables.ts. */
const config = { timeline: 20, entries: 24, records: 28, recordBytes: 32, rules: 36 } as const;

/** Words that put a compiled rule in its place: name, byte address, value. @throws PlanError */
function placeRule(program: Program, hemisphere: number, isShared: boolean): Patch[] {
  const found = configOf(program);
  if (found === undefined) return [];
  const { address, view } = found;
  const rules = Math.min(view.getUint32(config.rules), limits.rules);
  const patches: Patch[] = [];
  const base = hemisphere * (externalBytes / 2);
  const fits = view.getUint32(config.timeline) <= externalBytes / 2;
  if (!fits && isShared)
    throw new PlanError(
      'outside',
      `the rule needs ${view.getUint32(config.timeline)} bytes behind the FPGA for each processor, and there are ${externalBytes} for both: load one processor (--ppu), or compile with fewer --rows`,
    );
  for (let rule = 0; rule < rules; rule++) {
    const at = descriptorAddress(rule);
    if (hemisphere === 1)
      patches.push([`hemisphere of rule ${rule}`, at + descriptor.hemisphere, 1]);
    if (hemisphere === 1 && fits)
      patches.push([`external memory of rule ${rule}`, at + descriptor.externalBase, base]);
  }
  if (fits) patches.push(...halveRings(address, view));
  return patches;
}

/**
 * Time-line and records in half of the memory behind the FPGA: the other half is the other processor's, now or when it
 * gets a rule. The compiler shares what is left after fixed data in the same way.
 */
function halveRings(address: number, view: DataView): Patch[] {
  const from = view.getUint32(config.timeline);
  const hasRecords = view.getUint32(config.recordBytes) > 0;
  const end = Math.max(
    from + view.getUint32(config.entries) * timelineEntry.size,
    hasRecords ? view.getUint32(config.records) + view.getUint32(config.recordBytes) : 0,
  );
  if (end <= externalBytes / 2) return [];
  const left = externalBytes / 2 - from;
  const entries = Math.floor((hasRecords ? Math.floor(left / 4) : left) / timelineEntry.size);
  const records = from + entries * timelineEntry.size;
  const patches: Patch[] = [['entries of the time-line', address + config.entries, entries]];
  if (hasRecords)
    patches.push(
      ['place of the records', address + config.records, records],
      ['bytes of records', address + config.recordBytes, externalBytes / 2 - records],
    );
  return patches;
}

/** The configuration of a compiled image. */
function configOf(
  program: Program,
): { readonly address: number; readonly view: DataView } | undefined {
  if (!isCompiledRule(program)) return undefined;
  const address = configAddress(program);
  const section = program.sections.find(
    (each) =>
      address !== undefined &&
      address >= each.address &&
      address < each.address + each.bytes.length,
  );
  if (address === undefined || section === undefined) return undefined;
  const { buffer, byteOffset } = section.bytes;
  return { address, view: new DataView(buffer, byteOffset + address - section.address) };
}

/** Byte address of the configuration of a compiled image; its words at `recordPlace` say where its records lie. */
export function configAddress(program: Program): number | undefined {
  return findSymbol(program, 'plastic_config')?.address;
}

/** Byte offset of the word with the place of the records in the configuration. */
export const recordPlace = config.records;

function idleOf(program: Program): FlashPlan['idle'] {
  if (isCompiledRule(program)) return { name: 'ready', byteAddress: 0x3000, value: 1 };
  const status = findSymbol(program, 'status');
  if (status !== undefined && status.address < sramBytes)
    return { name: 'status', byteAddress: status.address, value: 1 };
  return undefined;
}
