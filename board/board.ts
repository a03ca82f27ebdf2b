/** A board: something that takes playback words and answers with words. Nothing above knows which one it has. */

import type { LinkProblem } from './link/host-link.js';
import type { SelfDescription } from './link/self-description.js';

/** What a board says of itself; goes into manifests. */
export interface BoardInfo {
  /** How the board is reached. */
  readonly link: 'in-process' | 'serial' | 'tcp' | 'udp' | 'replay';
  /** One line for people. */
  readonly name: string;
  /** Playback words that fit its memory; longer programs stream through without promise of timing. */
  readonly playbackWords: number;
  /** What an emulated board says of its chip (seed, engines, assumed constants); absent on hardware. */
  readonly emulator?: Readonly<Record<string, unknown>>;
  /** Words per second and direction that the line can carry, where that is known: a serial port at its baud rate. */
  readonly wordsPerSecond?: number;
  /** What a board on a wire says of itself, as it came. */
  readonly says?: SelfDescription;
}

/** How far a program has come. */
export interface RunProgress {
  /** Words consumed and words of the program. */
  readonly wordsDone: number;
  readonly wordsTotal: number;
  /** Emulated time since the program began, in seconds of the chip; undefined where the board cannot tell. */
  readonly chipSeconds?: number;
}

/** Limits of one program and who follows it. */
export interface RunOptions {
  /** Aborting ends the run with a BoardError of reason "aborted"; the board is reset. */
  readonly signal?: AbortSignal;
  /** Called now and then while the program runs. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Limit of chip time in seconds; a program that takes longer ends with a BoardError. Default 3600. */
  readonly chipSecondsLimit?: number;
  /**
   * Limit of real time in seconds, for boards on a wire: the link is alive and the halt does not come. Default: what
   * transfer and chip time need, generously.
   */
  readonly wallSecondsLimit?: number;
}

/** See the module's first sentence. One program at a time. */
export interface Board {
  readonly info: BoardInfo;
  /**
   * Sends one program, which must end with `halt`, and waits for its halt.
   * @returns all words that the FPGA sent, up to and with the halt (for `ResponseReader`)
   * @throws BoardError
   */
  run(program: Uint32Array, options?: RunOptions): Promise<Uint32Array>;
  /** Gives the board free; a closed board refuses programs. */
  close(): Promise<void>;
}

export type BoardProblem =
  | 'aborted'
  | 'busy'
  | 'closed'
  | 'no halt'
  | 'time limit'
  | 'bad program'
  | 'program too large'
  | 'broken answers'
  | 'not in the capture'
  | 'bad capture'
  | PortProblem
  | LinkProblem;

/** Why a port could not be opened. */
export type PortProblem =
  'bad address' | 'no such port' | 'no permission' | 'port busy' | 'port failed';

/** A board could not do what was asked; facts only, the command line finds the words. */
export class BoardError extends Error {
  constructor(
    readonly problem: BoardProblem,
    readonly facts: Readonly<Record<string, string | number>> = {},
    message?: string,
  ) {
    const list = Object.entries(facts).map(([key, value]) => `${key} ${value}`);
    super(message ?? (list.length === 0 ? problem : `${problem}: ${list.join(', ')}`));
    this.name = 'BoardError';
  }
}
