/** A board at the other end of a reliable link, whichever that is. */

import { BoardError, type Board, type BoardInfo, type RunOptions } from './board.js';
import { HaltCounter, outlineProgram, splitAtBarriers } from './framing/message-scan.js';
import { systemClock } from './link/clock.js';
import type { HostLink, HostLinkOwner, LinkProblem } from './link/host-link.js';
import type { SelfDescription } from './link/self-description.js';
import type { LinkStatistics } from './link/statistics.js';
import { GreetingError, LinkDownError, type LinkPhase, type LinkReport } from './link-error.js';
import { joinWords } from './words.js';

/** An open port with a link on it. */
export interface Connection {
  readonly link: HostLink;
  /** Closes the port; nothing is said to the board. */
  close(): Promise<void>;
}

/** How to reach a board: opened anew for every connection. */
export interface Connector {
  readonly url: string;
  readonly kind: 'serial' | 'tcp' | 'udp';
  /** @throws PortError */
  connect(owner: HostLinkOwner): Promise<Connection>;
  /** Words per second that the line carries, if known. */
  readonly wordsPerSecond?: number | undefined;
}

interface Running {
  readonly parts: Uint32Array[];
  readonly counter: HaltCounter;
  readonly halts: number;
  readonly resolve: (words: Uint32Array) => void;
  readonly reject: (error: BoardError) => void;
}

const defaultWords = 4_194_304;
/** Test frames that are sent for one that is to come back, and milliseconds between them. */
const mostProbes = 5;
const probeEvery = 1000;

/** See the module's first sentence. */
export class WireBoard implements Board {
  info: BoardInfo;
  private connection: Connection | undefined = undefined;
  private running: Running | undefined = undefined;
  private opening:
    { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined =
    undefined;
  private phase: LinkPhase = 'opening the port';
  private phaseBegan = performance.now();
  private isClosed = false;
  private isBusy = false;
  private failure: LinkDownError | undefined = undefined;
  private timer = 0;

  private constructor(private readonly connector: Connector) {
    this.info = { link: connector.kind, name: connector.url, playbackWords: 0 };
  }

  /** @throws PortError, GreetingError */
  static async open(connector: Connector): Promise<WireBoard> {
    const board = new WireBoard(connector);
    await board.connect();
    return board;
  }

  /** Address of the board. */
  get url(): string {
    return this.connector.url;
  }

  /** What went over the link since it was last opened. */
  get statistics(): LinkStatistics | undefined {
    return this.connection?.link.statistics;
  }

  /** False after the link has been lost: `reconnect` opens it again. */
  get isConnected(): boolean {
    return this.connection !== undefined && this.failure === undefined;
  }

  async run(program: Uint32Array, options: RunOptions = {}): Promise<Uint32Array> {
    if (this.isClosed) throw new BoardError('closed');
    if (this.isBusy) throw new BoardError('busy');
    if (program.length === 0 || program.length % 2 !== 0)
      throw new BoardError('bad program', { entries: program.length });
    const outline = outlineProgram(program, this.timer);
    if (!outline.endsWithHalt) throw new BoardError('no halt', { words: outline.words });
    if (outline.chipSeconds > (options.chipSecondsLimit ?? 3600))
      throw new BoardError('time limit', { 'chip seconds': outline.chipSeconds });
    if (options.signal?.aborted === true) throw new BoardError('aborted');
    // Hardware on a byte line collects a whole program before it starts, so it must fit.
    const streams = this.connector.kind === 'udp' || this.info.says?.['streams'] === true;
    const limit = streams ? Infinity : this.info.playbackWords;
    const parts = outline.words <= limit ? [program] : splitAtBarriers(program, limit);
    if (parts === undefined)
      throw new BoardError('program too large', { words: outline.words, 'the board takes': limit });
    this.isBusy = true;
    try {
      const answers: Uint32Array[] = [];
      let before = 0;
      for (const part of parts) {
        answers.push(await this.runPart(part, options, before, outline.words));
        before += part.length / 2;
      }
      options.onProgress?.({
        wordsDone: outline.words,
        wordsTotal: outline.words,
        chipSeconds: outline.chipSeconds,
      });
      this.timer = outline.timer;
      return answers.length === 1 ? answers[0]! : joinWords(answers);
    } finally {
      this.isBusy = false;
    }
  }

  /**
   * Opens the link again after it was lost, or anew: executor and buffers of the board are emptied, its chip stays.
   * @throws PortError, GreetingError
   */
  async reconnect(): Promise<void> {
    if (this.isClosed) throw new BoardError('closed');
    await this.disconnect();
    await this.connect();
  }

  /** Round trip of a test frame of so many bytes, milliseconds. @throws LinkDownError */
  probe(bytes = 4): Promise<number> {
    const { connection } = this;
    if (connection === undefined || this.failure !== undefined)
      return Promise.reject(this.failure ?? new BoardError('closed'));
    return new Promise((resolve, reject) => {
      let tries = 0;
      // A test frame that is lost is not sent again by the link.
      const send = (): void => {
        if (++tries <= mostProbes && this.isConnected)
          connection.link.probe((milliseconds) => {
            clearInterval(again);
            resolve(milliseconds);
          }, bytes);
        else {
          clearInterval(again);
          reject(this.isClosed ? new BoardError('closed') : (this.failure ?? this.lost('silent')));
        }
      };
      const again = setInterval(send, probeEvery);
      send();
    });
  }

  /** See `Board`. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.running?.reject(new BoardError('closed'));
    this.running = undefined;
    await this.disconnect();
  }

  private async connect(): Promise<void> {
    this.enter('opening the port');
    this.failure = undefined;
    const connection = await this.connector.connect({
      opened: (description) => this.opened(description),
      words: (words) => this.take(words),
      down: (problem, facts) => this.down(problem, facts),
    });
    this.connection = connection;
    await this.greet(connection);
  }

  /** Opens a session on an open port. */
  private async greet({ link }: Connection): Promise<void> {
    this.enter('greeting');
    // Timers of links do not keep a process alive, so this one does.
    const awake = setInterval(() => {}, 1000);
    try {
      await new Promise<void>((resolve, reject) => {
        this.opening = { resolve, reject };
        link.open();
      });
    } catch (error) {
      await this.disconnect();
      throw error;
    } finally {
      clearInterval(awake);
    }
  }

  private async disconnect(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    connection?.link.close();
    await connection?.close();
  }

  private opened(says: SelfDescription): void {
    const { connector } = this;
    const number = (key: string): number | undefined => {
      const value = says[key];
      return typeof value === 'number' ? value : undefined;
    };
    this.info = {
      link: connector.kind,
      name: typeof says['name'] === 'string' ? says['name'] : `board at ${connector.url}`,
      playbackWords: number('playback_words') ?? defaultWords,
      ...(connector.wordsPerSecond === undefined
        ? {}
        : { wordsPerSecond: connector.wordsPerSecond }),
      ...(says['emulator'] === undefined ? {} : { emulator: emulatorOf(says) }),
      says,
    };
    this.enter('idle');
    this.opening?.resolve();
    this.opening = undefined;
  }

  private async runPart(
    program: Uint32Array,
    options: RunOptions,
    wordsBefore: number,
    wordsTotal: number,
  ): Promise<Uint32Array> {
    const { connection } = this;
    if (connection === undefined || this.failure !== undefined)
      throw this.failure ?? new BoardError('closed');
    const { link } = connection;
    const outline = outlineProgram(program, this.timer);
    this.enter('sending');
    const words = program.length / 2;
    const wall = 1000 * (options.wallSecondsLimit ?? this.patience(words, outline.chipSeconds));
    const begin = performance.now();
    let watch: ReturnType<typeof setInterval> | undefined = undefined;
    let isLate = false;
    const abort = (): void => this.running?.reject(new BoardError('aborted'));
    options.signal?.addEventListener('abort', abort);
    try {
      return await new Promise<Uint32Array>((resolve, reject) => {
        this.running = {
          parts: [],
          counter: new HaltCounter(),
          halts: outline.halts,
          resolve,
          reject,
        };
        watch = setInterval(() => {
          const { unsent } = link;
          if (unsent === 0 && this.phase === 'sending') this.enter('waiting for answers');
          options.onProgress?.({ wordsDone: wordsBefore + words - unsent, wordsTotal });
          const wasLate = isLate;
          isLate = performance.now() - begin > wall;
          // Between two looks everything that has come is read.
          if (isLate && wasLate)
            reject(
              new BoardError('time limit', { 'wall seconds': Math.round(wall / 1000), unsent }),
            );
        }, 100);
        link.send(program);
      });
    } catch (error) {
      this.running = undefined;
      // The board may still be at it: a new session stops it.
      if (!(error instanceof LinkDownError) && !this.isClosed) await this.greet(connection);
      throw error;
    } finally {
      clearInterval(watch);
      options.signal?.removeEventListener('abort', abort);
      this.running = undefined;
      this.enter('idle');
    }
  }

  /** Seconds after which a program that has not ended never will. */
  private patience(words: number, chipSeconds: number): number {
    const rate = this.info.wordsPerSecond ?? 10_000;
    // Hardware keeps pace with its clock; an emulated chip may take thousands of times longer.
    const slow = this.info.emulator === undefined ? 2 : 20_000;
    return 60 + (10 * words) / rate + slow * chipSeconds + (slow > 2 ? 3600 : 0);
  }

  private take(words: Uint32Array): void {
    const { running } = this;
    if (running === undefined) return;
    running.parts.push(words);
    running.counter.push(words);
    if (running.counter.unknownHeader !== undefined)
      running.reject(new BoardError('broken answers', { header: running.counter.unknownHeader }));
    else if (running.counter.halts >= running.halts) {
      this.connection?.link.flush();
      running.resolve(joinWords(running.parts));
    }
  }

  private down(problem: LinkProblem, facts?: Readonly<Record<string, string | number>>): void {
    if (this.opening !== undefined) {
      this.opening.reject(new GreetingError(problem, this.report(), facts));
      this.opening = undefined;
      return;
    }
    if (this.failure !== undefined || this.isClosed) return;
    this.failure = this.lost(problem, facts);
    this.running?.reject(this.failure);
    this.running = undefined;
  }

  private lost(
    problem: LinkProblem,
    facts?: Readonly<Record<string, string | number>>,
  ): LinkDownError {
    return new LinkDownError(problem, this.report(), facts);
  }

  private report(): LinkReport {
    const { statistics } = this;
    const lastGoodAt = statistics?.lastGoodAt;
    return {
      phase: this.phase,
      port: this.connector.url,
      waited: performance.now() - this.phaseBegan,
      ...(statistics === undefined ? {} : { statistics }),
      ...(lastGoodAt === undefined ? {} : { lastGoodAgo: systemClock.now() - lastGoodAt }),
    };
  }

  private enter(phase: LinkPhase): void {
    this.phase = phase;
    this.phaseBegan = performance.now();
  }
}

/** What an emulated board says of its chip, under the names that the chip itself uses. */
function emulatorOf(says: SelfDescription): Record<string, unknown> {
  return {
    chip: says['chip'],
    seed: says['seed'] ?? null,
    calibration: says['calibration'],
    noiseSeed: says['noise_seed'],
    tableVersion: says['table_version'],
    settling: says['settling'],
    engines: { ppu: says['engine_ppu'], analog: says['engine_analog'] },
    noise: withPrefix(says, 'noise.'),
    changedConstants: withPrefix(says, 'constant.'),
  };
}

/** What is said under names that begin so, without that beginning. */
function withPrefix(says: SelfDescription, prefix: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(says)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
