/**
 * Relocations: how the value of a symbol gets into bytes, with the range each of them can hold.
 * Source: PowerPC processor supplement of the System V ABI, 32 bit.
 */
import type { RelocationType } from './program.js';

interface RelocationShape {
  /** ELF number. */
  readonly code: number;
  /** Relative to the address of the changed bytes. */
  readonly relative: boolean;
  /** Bytes that are read and written. */
  readonly width: 1 | 2 | 4;
  /** Which bits of those bytes belong to the value. */
  readonly mask: number;
  /** What part of the value goes there: all of it, or a half of 32 bits. */
  readonly part: 'all' | 'low' | 'high' | 'highAdjusted';
  /** Smallest and largest value that fits; absent where every 32-bit value does. */
  readonly range?: readonly [number, number];
  /** Power of two that the value must be a multiple of. */
  readonly step?: number;
}

const word = { width: 4, mask: 0xffffffff, part: 'all' } as const;
const half = { width: 2, mask: 0xffff } as const;
const farBranch = {
  width: 4,
  mask: 0x03fffffc,
  part: 'all',
  range: [-0x2000000, 0x1fffffc],
  step: 4,
} as const;
const nearBranch = {
  width: 4,
  mask: 0xfffc,
  part: 'all',
  range: [-0x8000, 0x7ffc],
  step: 4,
} as const;

/** All relocations that reader, writer and linker know. */
export const relocationShapes: Readonly<Record<RelocationType, RelocationShape>> = {
  ADDR32: { code: 1, relative: false, ...word },
  ADDR24: { code: 2, relative: false, ...farBranch },
  ADDR16: { code: 3, relative: false, ...half, part: 'all', range: [-0x8000, 0xffff] },
  ADDR16_LO: { code: 4, relative: false, ...half, part: 'low' },
  ADDR16_HI: { code: 5, relative: false, ...half, part: 'high' },
  ADDR16_HA: { code: 6, relative: false, ...half, part: 'highAdjusted' },
  ADDR14: { code: 7, relative: false, ...nearBranch },
  REL24: { code: 10, relative: true, ...farBranch },
  REL14: { code: 11, relative: true, ...nearBranch },
  UADDR32: { code: 24, relative: false, ...word },
  UADDR16: { code: 25, relative: false, ...half, part: 'all', range: [-0x8000, 0xffff] },
  REL32: { code: 26, relative: true, ...word },
  REL16_LO: { code: 250, relative: true, ...half, part: 'low' },
  REL16_HI: { code: 251, relative: true, ...half, part: 'high' },
  REL16_HA: { code: 252, relative: true, ...half, part: 'highAdjusted' },
  // The supplement has no 8-bit type; this number is ours and never leaves a linked program.
  ADDR8: { code: 200, relative: false, width: 1, mask: 0xff, part: 'all', range: [-0x80, 0xff] },
};

const byCode = new Map<number, RelocationType>();
for (const [type, shape] of Object.entries(relocationShapes)) {
  byCode.set(shape.code, type as RelocationType);
}

/** The relocation with ELF number `code`, if it is known here. */
export function relocationTypeOf(code: number): RelocationType | undefined {
  return byCode.get(code);
}

/** Why a value does not fit, in numbers. */
export interface RelocationMisfit {
  readonly value: number;
  readonly smallest: number;
  readonly largest: number;
  /** The value must be a multiple of this. */
  readonly step: number;
}

/** The bits of a 32-bit value that the assembler operators @l, @h, @ha select, unsigned. */
export function partOf(value: number, part: 'low' | 'high' | 'highAdjusted'): number {
  switch (part) {
    case 'low':
      return value & 0xffff;
    case 'high':
      return (value >>> 16) & 0xffff;
    case 'highAdjusted':
      return ((value + 0x8000) >>> 16) & 0xffff;
  }
}

/** Interprets an unsigned 32-bit address so that both 0xfffffffc and -4 are -4. */
function asSigned(value: number): number {
  return value | 0;
}

/**
 * Puts `target` (symbol + addend) into `bytes` at `offset`, which lies at address `place`. Returns undefined when
 * done, or why the value does not fit; then the bytes are unchanged. The caller has checked that the bytes are there.
 */
export function applyRelocation(
  bytes: Uint8Array,
  offset: number,
  type: RelocationType,
  target: number,
  place: number,
): RelocationMisfit | undefined {
  const shape = relocationShapes[type];
  let value = shape.relative ? target - place : target;
  if (shape.part === 'all') {
    const step = shape.step ?? 1;
    if (shape.range !== undefined) {
      const [smallest, largest] = shape.range;
      const fits = (v: number): boolean => v >= smallest && v <= largest && v % step === 0;
      if (!fits(value)) {
        if (!fits(asSigned(value))) return { value, smallest, largest, step };
        value = asSigned(value);
      }
    }
  } else {
    value = partOf(value, shape.part);
  }
  const old = readBigEndian(bytes, offset, shape.width);
  writeBigEndian(bytes, offset, shape.width, (old & ~shape.mask) | (value & shape.mask));
  return undefined;
}

function readBigEndian(bytes: Uint8Array, offset: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) value = (value << 8) | bytes[offset + i]!;
  return value;
}

function writeBigEndian(bytes: Uint8Array, offset: number, width: number, value: number): void {
  for (let i = 0; i < width; i++) bytes[offset + i] = value >>> (8 * (width - 1 - i));
}
