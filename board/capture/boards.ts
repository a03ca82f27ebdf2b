/** Boards around captures: one that writes them and one that plays them. */

import { BoardError, type Board, type BoardInfo, type RunOptions } from '../board.js';
import { captureHead, captureRun, type Capture } from './format.js';

/** Passes everything on to a board and writes down what went to and fro. */
export class CapturingBoard implements Board {
  private hasHead = false;

  /** @param append takes the bytes of the capture, in order */
  constructor(
    private readonly board: Board,
    private readonly append: (bytes: Uint8Array) => void,
  ) {}

  get info(): BoardInfo {
    return this.board.info;
  }

  async run(program: Uint32Array, options?: RunOptions): Promise<Uint32Array> {
    const sent = program.slice();
    const answer = await this.board.run(program, options);
    if (!this.hasHead) this.append(captureHead(this.board.info));
    this.hasHead = true;
    this.append(captureRun({ program: sent, answer }));
    return answer;
  }

  /** See `Board`. */
  close(): Promise<void> {
    return this.board.close();
  }
}

/** Answers the programs of a capture, in their order, with what the board answered then. */
export class ReplayBoard implements Board {
  readonly info: BoardInfo;
  private next = 0;
  private isClosed = false;

  constructor(private readonly capture: Capture) {
    this.info = { ...capture.info, link: 'replay', name: `capture of ${capture.info.name}` };
  }

  /** Programs that have not been asked for. */
  get left(): number {
    return this.capture.runs.length - this.next;
  }

  run(program: Uint32Array, options: RunOptions = {}): Promise<Uint32Array> {
    if (this.isClosed) return Promise.reject(new BoardError('closed'));
    if (options.signal?.aborted === true) return Promise.reject(new BoardError('aborted'));
    const run = this.capture.runs[this.next];
    if (run === undefined)
      return Promise.reject(
        new BoardError('not in the capture', { program: this.next + 1, captured: this.next }),
      );
    const difference = firstDifference(run.program, program);
    if (difference >= 0)
      return Promise.reject(
        new BoardError('not in the capture', {
          program: this.next + 1,
          'first different word': difference >> 1,
        }),
      );
    this.next++;
    const words = program.length / 2;
    options.onProgress?.({ wordsDone: words, wordsTotal: words });
    return Promise.resolve(run.answer.slice());
  }

  /** See `Board`. */
  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** Index of the first entry in which two streams differ; -1 if they are equal. */
export function firstDifference(a: Uint32Array, b: Uint32Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return i;
  return a.length === b.length ? -1 : shared;
}
