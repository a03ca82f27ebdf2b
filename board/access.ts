/** Small programs on any board: register reads and writes with limits, for tools. */

import { PlaybackWriter, ResponseReader } from '../isa/playback/index.js';
import { addressOf } from '../isa/registers/index.js';
import { BoardError, type Board } from './board.js';

/** A register access on the board did not come back: an address that nobody answers hangs the bus. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
  constructor(
    readonly problem: 'time-out' | 'missing answers',
    readonly facts: Readonly<Record<string, string | number>>,
  ) {
    super(
      `${problem}: ${Object.entries(facts)
        .map(([key, value]) => `${key} ${value}`)
        .join(', ')}`,
    );
  }
}

/** Address of word `word` of a processor's SRAM. */
export function sramAddress(hemisphere: number, word: number): number {
  return addressOf('PPUMemoryWord', [hemisphere, word]);
}

/** Address of a processor's control register. */
export function controlAddress(hemisphere: number): number {
  return addressOf('PPUControlRegister', [hemisphere]);
}

/** How long an instruction may block, FPGA cycles: the register, and its value after power-up (10 ms). */
export const timeoutRegister = addressOf('InstructionTimeoutConfig', []);
export const usualTimeout = 1_250_000;

/** Longest program of a tool, words: progress is shown and interruptions are heard in between. */
export const partWords = 1024;

/** Register accesses of a tool. */
export class Access {
  /** Playback words sent. */
  words = 0;

  constructor(
    readonly board: Board,
    private readonly signal?: AbortSignal,
  ) {}

  /**
   * Runs what `write` says, ended by a barrier and a halt.
   * @param chipSeconds chip time that the program may need beyond transfers
   * @throws BoardError, AccessError when the board times out or leaves reads unanswered
   */
  async run(write: (program: PlaybackWriter) => void, chipSeconds = 1): Promise<ResponseReader> {
    if (this.signal?.aborted === true) throw new BoardError('aborted');
    const writer = new PlaybackWriter();
    write(writer);
    writer.barrier().halt();
    this.words += writer.length;
    const rate = this.board.info.wordsPerSecond ?? 10_000;
    // The answer to a read is a little longer than the read; an emulated chip needs time of its own, and so does
    // whatever else its machine is doing.
    const [least, slow] = this.board.info.emulator === undefined ? [5, 2] : [60, 1000];
    const words = await this.board.run(writer.words(), {
      wallSecondsLimit: least + (6 * writer.length) / rate + slow * chipSeconds,
      ...(this.signal === undefined ? {} : { signal: this.signal }),
    });
    const answers = new ResponseReader().push(words);
    const timeout = answers.timeouts[0];
    if (timeout !== undefined)
      throw new AccessError('time-out', {
        instruction: timeout.instruction,
        'reads in flight': timeout.readsInFlight,
      });
    if (answers.reads.length !== writer.readCount)
      throw new AccessError('missing answers', {
        reads: writer.readCount,
        answers: answers.reads.length,
      });
    return answers;
  }

  /** Values of registers, in order. */
  async read(addresses: readonly number[]): Promise<Uint32Array> {
    const values = new Uint32Array(addresses.length);
    for (let from = 0; from < addresses.length; from += partWords) {
      const part = addresses.slice(from, from + partWords);
      const answers = await this.run((program) => {
        for (const address of part) program.read(address);
      });
      values.set(answers.reads.values(), from);
    }
    return values;
  }

  /** Values of consecutive words. */
  readBlock(address: number, count: number): Promise<Uint32Array> {
    return this.read(Array.from({ length: count }, (_, i) => address + i));
  }

  /** JTAG identification of the chip. */
  async idcode(): Promise<number> {
    const answers = await this.run((program) =>
      program.jtagScaler(6).jtagInit().jtagInstruction(1).jtagData(32, 0, true).barrier(2),
    );
    const value = answers.jtag.at(0);
    if (value === undefined) throw new AccessError('missing answers', { reads: 1, answers: 0 });
    return value;
  }

  /** Device DNA of the FPGA, 57 bits as 15 hexadecimal digits. */
  async dna(): Promise<string> {
    const base = addressOf('FPGADeviceDNA', []);
    const [low = 0, high = 0] = await this.read([base, base + 1]);
    return (high & 0x1ffffff).toString(16).padStart(7, '0') + low.toString(16).padStart(8, '0');
  }
}
