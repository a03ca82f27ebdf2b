/** Small programs for the processor's tests, written in assembly with absolute places. */
import { BareBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import type { PpuOptions } from '../../../emulator/ppu/options.js';
import { encode } from '../../../isa/encode.js';

/** One instruction: mnemonic and operands as `encode` takes them. */
export type Line = readonly [string, ...number[]];

/** Words of a piece of code. */
export function words(lines: readonly Line[]): number[] {
  return lines.map(([mnemonic, ...operands]) => encode(mnemonic, operands));
}

export interface Setup {
  /** Code by byte address. */
  readonly code: Readonly<Record<number, readonly Line[]>>;
  readonly options?: Partial<PpuOptions>;
  readonly bus?: BareBus;
}

/** A core with one memory of 16 KiB that holds the code; everything else is `wait`. */
export function load({ code, options, bus = new BareBus(4) }: Setup): PpuCore {
  const memory = new PpuMemory(16384);
  memory.words.fill(encode('wait', []));
  for (const [address, lines] of Object.entries(code)) {
    memory.words.set(words(lines), Number(address) / 4);
  }
  memory.words.fill(0, 0x2000 / 4);
  return new PpuCore({
    instructionMemory: memory,
    dataMemory: memory,
    bus,
    ...(options === undefined ? {} : { options }),
  });
}
