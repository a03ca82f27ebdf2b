/** The emulated chip in this process as a board. */

import type { Chip } from '../emulator/index.js';
import { BoardError, type Board, type BoardInfo, type RunOptions } from './board.js';
import { joinWords } from './words.js';

/** Chip cycles (4 ns) that run between two looks at the event loop: 0.4 ms of chip time. */
const sliceCycles = 100_000;
const cyclesPerSecond = 250_000_000;

/** See `Board`. Emulated time passes only while a program runs, so results do not depend on who waits for what. */
export class InProcessBoard implements Board {
  readonly info: BoardInfo;
  private busy = false;
  private closed = false;

  private constructor(
    /** What is on the board, for those in this process who want to know more than its answers tell. */
    readonly chip: Chip,
  ) {
    const description = chip.describe();
    this.info = {
      link: 'in-process',
      name: `emulated chip (${description.chip})`,
      playbackWords: 4_194_304,
      emulator: { ...description },
    };
  }

  /** A board with this chip on it. */
  static of(chip: Chip): InProcessBoard {
    return new InProcessBoard(chip);
  }

  async run(program: Uint32Array, options: RunOptions = {}): Promise<Uint32Array> {
    if (this.closed) throw new BoardError('closed');
    if (this.busy) throw new BoardError('busy');
    if (program.length === 0 || program.length % 2 !== 0)
      throw new BoardError('bad program', { entries: program.length });
    this.busy = true;
    try {
      return await this.execute(program, options);
    } finally {
      this.busy = false;
    }
  }

  /** See `Board`. */
  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  private async execute(program: Uint32Array, options: RunOptions): Promise<Uint32Array> {
    const { chip } = this;
    const limit = (options.chipSecondsLimit ?? 3600) * cyclesPerSecond;
    const wordsTotal = program.length / 2;
    let spent = 0;
    const parts: Uint32Array[] = [];
    const isAborted = (): boolean => options.signal?.aborted === true;
    // Many short programs one after another must not keep the user's interrupt out.
    await breathe();
    if (isAborted()) throw new BoardError('aborted', { 'chip seconds': 0 });
    chip.feed(program);
    for (;;) {
      const before = chip.cyclesRun;
      const idle = chip.run(sliceCycles);
      spent += chip.cyclesRun - before;
      parts.push(chip.takeOutput());
      options.onProgress?.({
        wordsDone: wordsTotal - chip.wordsWaiting,
        wordsTotal,
        chipSeconds: spent / cyclesPerSecond,
      });
      if (idle) break;
      if (isAborted()) {
        chip.disconnect();
        throw new BoardError('aborted', { 'chip seconds': spent / cyclesPerSecond });
      }
      if (spent > limit) {
        chip.disconnect();
        throw new BoardError('time limit', { 'chip seconds': spent / cyclesPerSecond });
      }
      await breathe();
    }
    if (!chip.halted) {
      chip.disconnect();
      throw new BoardError('no halt', { words: wordsTotal });
    }
    return joinWords(parts);
  }
}

/** Lets timers and signals of the host program run; browsers, which know no `setImmediate`, delay nested time-outs. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
