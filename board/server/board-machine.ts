/** A board elsewhere behind a wire of our own: whoever connects here uses that board. */

import type { Board } from '../board.js';
import type { SelfDescription } from '../link/self-description.js';
import { WordQueue } from '../link/word-queue.js';
import type { Machine } from './machine.js';

/** See the module's first sentence. Whole programs are passed on. */
export class BoardMachine implements Machine {
  private readonly parts: Uint32Array[] = [];
  private readonly output = new WordQueue();
  private abort = new AbortController();
  private pending = 0;
  private chain: Promise<void> = Promise.resolve();

  /** @param failed told when the board behind fails; the session in front then has to end */
  constructor(
    private readonly board: Board,
    private readonly failed: (error: unknown) => void,
  ) {}

  get description(): SelfDescription {
    const { info } = this.board;
    return { version: 1, compatible_until: 4, name: info.name, ...info.says };
  }

  get chipSeconds(): number {
    return 0;
  }

  feed(words: Uint32Array): void {
    this.parts.push(words);
  }

  work(): 'more' | 'idle' | 'waiting' {
    const program = this.parts.shift();
    if (program !== undefined) {
      this.pending++;
      const { signal } = this.abort;
      this.chain = this.chain.then(async () => {
        try {
          const answers = await this.board.run(program, { signal });
          if (!signal.aborted) this.output.push(answers);
        } catch (error) {
          if (!signal.aborted) this.failed(error);
        } finally {
          this.pending--;
        }
      });
    }
    return this.pending > 0 || this.parts.length > 0 ? 'waiting' : 'idle';
  }

  take(): Uint32Array {
    return this.output.take(this.output.length);
  }

  abandon(): void {
    this.disconnect();
  }

  disconnect(): void {
    this.parts.length = 0;
    this.output.clear();
    this.abort.abort();
    this.abort = new AbortController();
  }
}
