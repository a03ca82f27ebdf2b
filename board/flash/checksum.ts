/**
 * Checks what lies in a processor's SRAM without reading it back: a small program on the processor itself computes a
 * CRC-32 of every block. It takes the beginning of the SRAM, where a processor starts, for as long as it is needed.
 */

import { assemble } from '../../isa/assembler/index.js';
import { memoryImage } from '../../isa/program.js';
import {
  type Access,
  AccessError,
  controlAddress,
  sramAddress,
  timeoutRegister,
  usualTimeout,
} from '../access.js';

/** Words at the beginning of the SRAM that the program takes. */
export const checkerWords = 128;

/** A run of words in the SRAM of a processor. */
export interface SramRange {
  readonly hemisphere: number;
  /** First word and number of words. */
  readonly word: number;
  readonly count: number;
}

/** The program did not do its work: it could not be placed, or did not end. */
export class CheckerError extends Error {
  override readonly name = 'CheckerError';
}

/** FPGA cycles (0.5 s of chip time) that the program may take; it needs some 5 ms for all of the SRAM. */
const patience = 62_500_000;

/**
 * Most significant bit first, all ones at the beginning, nothing inverted at the end. The table behind the code has one
 * word per range, first byte << 16 | number of words, which the range's checksum replaces; 0 ends it, and the word
 * behind that becomes 1.
 */
const source = `
_start: li      3, table
        lis     8, 0x04c1
        ori     8, 8, 0x1db7
range:  lwz     4, 0(3)
        cmpwi   4, 0
        beq     done
        srwi    5, 4, 16
        clrlwi  6, 4, 16
        li      7, -1
word:   lwz     9, 0(5)
        addi    5, 5, 4
        xor     7, 7, 9
        li      10, 32
        mtctr   10
bit:    srwi    9, 7, 31
        neg     9, 9
        and     9, 9, 8
        slwi    7, 7, 1
        xor     7, 7, 9
        bdnz    bit
        addi    6, 6, -1
        cmpwi   6, 0
        bne     word
        stw     7, 0(3)
        addi    3, 3, 4
        b       range
done:   li      4, 1
        stw     4, 4(3)
        sync
        wait
        .balign 4
table:
`;

let assembled: readonly number[] | undefined = undefined;

function code(): readonly number[] {
  if (assembled !== undefined) return assembled;
  const program = assemble([{ name: 'checksum.s', text: source }]);
  const length = program.sections.reduce(
    (end, { address, bytes }) => Math.max(end, address + bytes.length),
    0,
  );
  const image = memoryImage(program, 0, length);
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  assembled = Array.from({ length: length >> 2 }, (_, i) => view.getUint32(4 * i));
  return assembled;
}

/** What the program computes of some words. */
export function checksum(words: Uint32Array): number {
  let crc = 0xffffffff;
  for (const word of words) {
    crc ^= word;
    for (let bit = 0; bit < 32; bit++)
      crc = crc < 0 || crc > 0x7fffffff ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/**
 * Checksums of ranges behind the first `checkerWords` words, in their order. The processors concerned must be in reset
 * and are in reset again afterwards; the beginning of their SRAM is overwritten.
 * @param running told when the program begins to run (true) and when the processors are held again (false)
 * @throws BoardError, AccessError, CheckerError
 */
export async function sramChecksums(
  access: Access,
  ranges: readonly SramRange[],
  running: (isRunning: boolean) => void,
): Promise<number[]> {
  const most = checkerWords - code().length - 2;
  const found = new Map<SramRange, number>();
  const left = [0, 1].map((hemisphere) =>
    ranges.filter((range) => range.hemisphere === hemisphere),
  );
  while (left.some((list) => list.length > 0)) {
    const batch = left.map((list) => list.splice(0, most));
    await runOnce(access, batch, found, running);
  }
  return ranges.map((range) => found.get(range) ?? 0);
}

async function runOnce(
  access: Access,
  batch: readonly (readonly SramRange[])[],
  found: Map<SramRange, number>,
  running: (isRunning: boolean) => void,
): Promise<void> {
  const table = code().length;
  const used = [0, 1].filter((hemisphere) => (batch[hemisphere] ?? []).length > 0);
  const images = used.map((hemisphere) => [
    ...code(),
    ...(batch[hemisphere] ?? []).map(({ word, count }) => ((word << 18) | count) >>> 0),
    0,
    0,
  ]);
  const placed = await access.run((program) => {
    used.forEach((hemisphere, i) =>
      program.writeBlock(sramAddress(hemisphere, 0), images[i] ?? []),
    );
    program.barrier();
    used.forEach((hemisphere, i) =>
      program.readBlock(sramAddress(hemisphere, 0), images[i]?.length ?? 0),
    );
  });
  const expected = images.flat();
  if (placed.reads.values().some((word, i) => word !== expected[i]))
    throw new CheckerError('the checksum program reads back wrong');
  running(true);
  const answers = await access
    .run((program) => {
      program.write(timeoutRegister, patience);
      for (const hemisphere of used) program.write(controlAddress(hemisphere), 1);
      used.forEach((hemisphere, i) =>
        program.pollFor(sramAddress(hemisphere, (images[i]?.length ?? 0) - 1), 0xffffffff, 1),
      );
      for (const hemisphere of used) program.write(controlAddress(hemisphere), 0);
      program.write(timeoutRegister, usualTimeout).barrier();
      for (const hemisphere of used)
        program.readBlock(sramAddress(hemisphere, table), batch[hemisphere]?.length ?? 0);
    })
    .catch((error: unknown) => {
      // The time-out skips the poll only: the program has gone on and holds the processors.
      if (error instanceof AccessError && error.problem === 'time-out') {
        running(false);
        throw new CheckerError('the checksum program did not end');
      }
      throw error;
    });
  running(false);
  let at = 0;
  for (const hemisphere of used)
    for (const range of batch[hemisphere] ?? []) found.set(range, answers.reads.at(at++) ?? 0);
}
