/** What has to be written where to load a program. */

import { memoryImage, type Program, type ProgramSection } from '../../isa/program.js';
import { findSymbol } from '../../isa/program.js';
import { descriptor, descriptorAddress, limits, metadata } from '../../isa/runtime-layout.js';
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
    if (hemisphere === 1)
      for (const rule of rulesOf(program))
        patch(`hemisphere of rule ${rule}`, descriptorAddress(rule) + descriptor.hemisphere, 1);
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
  for (const section of outside) blocks.push(...externalBlocks(section));
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

/** Numbers of the rules of a compiled image: every one has a block descriptor. */
function rulesOf(program: Program): number[] {
  if (!isCompiledRule(program)) return [];
  const config = findSymbol(program, 'plastic_config');
  const section = program.sections.find(
    ({ address, bytes }) =>
      config !== undefined && config.address >= address && config.address < address + bytes.length,
  );
  if (config === undefined || section === undefined) return [];
  const view = new DataView(section.bytes.buffer, section.bytes.byteOffset);
  // Byte 36 of the configuration: number of rules.
  const count = view.getUint32(config.address - section.address + 36);
  return Array.from({ length: Math.min(count, limits.rules) }, (_, rule) => rule);
}

function idleOf(program: Program): FlashPlan['idle'] {
  if (isCompiledRule(program)) return { name: 'ready', byteAddress: 0x3000, value: 1 };
  const status = findSymbol(program, 'status');
  if (status !== undefined && status.address < sramBytes)
    return { name: 'status', byteAddress: status.address, value: 1 };
  return undefined;
}
