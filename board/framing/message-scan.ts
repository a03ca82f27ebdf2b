/** Finds what matters to a link in streams of words without decoding them: halts, waits, places to cut. */

import { fromFpga, headerOf, lengthOf } from '../../isa/playback/index.js';

const pieces = new Uint8Array(256);
for (const row of fromFpga) pieces[row.index] = lengthOf(row, 'from_fpga') / 16;
const answerLoopback = headerOf('from_fpga', 'loopback');

/** Pieces of 16 bits that a message from the FPGA with this header has; 0 if there is none. */
export function answerPieces(header: number): number {
  return pieces[header] ?? 0;
}

/** Follows a stream from the FPGA and counts its halts; words may come in any portions. */
export class HaltCounter {
  halts = 0;
  /** Header that no message has: the stream can no longer be read. */
  unknownHeader: number | undefined = undefined;
  /** Pieces of 16 bits that the present message still has. */
  private left = 0;
  private isLoopback = false;

  push(words: Uint32Array): void {
    for (let i = 0; i + 1 < words.length; i += 2) {
      for (let piece = 0; piece < 4; piece++) {
        const entry = words[i + (piece >> 1)]!;
        const value = piece & 1 ? entry & 0xffff : entry >>> 16;
        if (this.left > 0) {
          if (--this.left === 0 && this.isLoopback && (value & 1) === 0) this.halts++;
          continue;
        }
        if (value >= 0x8000) break;
        const header = value >> 8;
        const length = pieces[header]!;
        if (length === 0) {
          this.unknownHeader ??= header;
          return;
        }
        this.left = length - 1;
        this.isLoopback = header === answerLoopback;
      }
    }
  }
}

const to = {
  timerSetup: headerOf('to_fpga', 'timer_setup'),
  waitUntil: headerOf('to_fpga', 'wait_until'),
  barrier: headerOf('to_fpga', 'barrier'),
  loopback: headerOf('to_fpga', 'loopback'),
  address: headerOf('to_fpga', 'omnibus_address'),
} as const;

/** Index of the first word after the next halt of a program from word `from` on; -1 if there is none. */
export function endOfProgram(program: Uint32Array, from: number): number {
  for (let word = from; 2 * word + 1 < program.length; word++)
    if (program[2 * word]! >>> 24 === to.loopback && (program[2 * word + 1]! & 1) === 0)
      return word + 1;
  return -1;
}

/** What can be said of a program before it runs. */
export interface ProgramOutline {
  readonly words: number;
  readonly halts: number;
  readonly endsWithHalt: boolean;
  /** Register reads, each of which is answered by one word or a little more. */
  readonly reads: number;
  /** Chip time that its waits ask for, seconds. */
  readonly chipSeconds: number;
  /** Timer value (FPGA cycles) at its end. */
  readonly timer: number;
}

/** Looks a program over. @param timer timer value at its beginning, FPGA cycles */
export function outlineProgram(program: Uint32Array, timer = 0): ProgramOutline {
  let halts = 0;
  let reads = 0;
  let ticks = 0;
  let now = timer;
  let endsWithHalt = false;
  for (let i = 0; i + 1 < program.length; i += 2) {
    const high = program[i]!;
    const low = program[i + 1]!;
    const header = high >>> 24;
    if (header >= 0x80) continue;
    endsWithHalt = false;
    if (header === to.loopback && (low & 1) === 0) {
      halts++;
      endsWithHalt = true;
    } else if (header === to.timerSetup) now = 0;
    else if (header === to.waitUntil && low > now) {
      ticks += low - now;
      now = low;
    } else if (header === to.address && (high & 0x10) !== 0) reads++;
  }
  return {
    words: program.length / 2,
    halts,
    endsWithHalt,
    reads,
    chipSeconds: ticks * 8e-9,
    timer: now,
  };
}

/**
 * Cuts a program at barriers into parts of at most `limit` words, each ended by a halt.
 * @returns undefined if two barriers lie too far apart
 */
export function splitAtBarriers(program: Uint32Array, limit: number): Uint32Array[] | undefined {
  const parts: Uint32Array[] = [];
  const words = program.length / 2;
  let begin = 0;
  while (words - begin > limit) {
    let cut = -1;
    for (let word = begin; word < begin + limit - 1; word++) {
      const header = program[2 * word]! >>> 24;
      if (header === to.barrier || header === to.loopback) cut = word + 1;
    }
    if (cut < 0) return undefined;
    const isHalt = endOfProgram(program.subarray(0, 2 * cut), cut - 1) === cut;
    const part = new Uint32Array(2 * (cut - begin) + (isHalt ? 0 : 2));
    part.set(program.subarray(2 * begin, 2 * cut));
    if (!isHalt) part[part.length - 2] = to.loopback << 24;
    parts.push(part);
    begin = cut;
  }
  parts.push(program.subarray(2 * begin));
  return parts;
}
