/** A virtual HICANN-X with its FPGA: takes playback words, answers with words, and is nothing but its seed. */

/** What can be chosen about a chip beyond its seed. */
export interface ChipOptions {
  /** Seed of trial noise (the host can set it too, FPGA registers 0x8800f001 and 2); default 0. */
  readonly noiseSeed?: number;
}

/** Facts for a manifest. */
export interface ChipDescription {
  /** "ideal" or "seed N". */
  readonly chip: string;
  readonly engines: Readonly<Record<string, string>>;
  /** Values that nobody outside the makers knows, with the values assumed here. */
  readonly assumed: Readonly<Record<string, number | string>>;
}

export class Chip {
  /** The perfect chip: no fixed pattern, no noise. */
  static ideal(_options: ChipOptions = {}): Chip {
    return new Chip();
  }

  /** The chip drawn from a seed. */
  static fromSeed(_seed: number, _options: ChipOptions = {}): Chip {
    return new Chip();
  }

  /** Cycles (4 ns) since power-up or the last reset message. */
  get cycle(): number {
    return 0;
  }

  /** Cycles run since this object was made; never set back. */
  get cyclesRun(): number {
    return 0;
  }

  /** Words fed and not yet consumed. */
  get wordsWaiting(): number {
    return 0;
  }

  /** True if the last message executed was a halt. */
  get halted(): boolean {
    return false;
  }

  /** Facts for a manifest. */
  describe(): ChipDescription {
    return { chip: 'ideal', engines: {}, assumed: {} };
  }

  /** Hands over playback words (two entries each); they are consumed by `run`. */
  feed(_words: Uint32Array): void {}

  /**
   * Executes words for at most `maxCycles` cycles.
   * @returns true if no word is left; time then stands still until more are fed
   */
  run(_maxCycles = Infinity): boolean {
    return true;
  }

  /** Answers since the last call: whole words after a halt, otherwise the complete ones. */
  takeOutput(): Uint32Array {
    return new Uint32Array(0);
  }

  /** Feeds, runs and takes: for short programs and tests. */
  execute(words: Uint32Array): Uint32Array {
    this.feed(words);
    this.run();
    return this.takeOutput();
  }

  /** A lost or new connection: forgets words and answers in flight; chip state stays. */
  disconnect(): void {}
}
