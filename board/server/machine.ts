/** What stands behind the wire when this program is the board: something that runs playback programs. */

import { endOfProgram } from '../framing/message-scan.js';
import type { SelfDescription } from '../link/self-description.js';
import { WordQueue } from '../link/word-queue.js';
import { AnswerGate } from './answer-gate.js';

/** Limits of one program; a program that passes one is given up. */
export interface ServerLimits {
  /** Words of program memory; a host learns them. */
  readonly playbackWords: number;
  /** Bytes of answers of one program. */
  readonly outputBytes: number;
  /** Chip time of one program, seconds. */
  readonly chipSeconds: number;
  /** Real time of one program, seconds; waiting for the wire does not count. */
  readonly wallSeconds: number;
}

export const defaultLimits: ServerLimits = {
  playbackWords: 4_194_304,
  outputBytes: 1 << 30,
  chipSeconds: 120,
  wallSeconds: 3600,
};

/** Which limit ended a program. */
export type LimitName = 'output bytes' | 'chip seconds' | 'wall seconds';

/** Something that executes words: the emulated chip, or a board elsewhere. */
export interface Machine {
  readonly description: SelfDescription;
  /** Hands over a whole program (or, from `isLast` false, a part of one that did not fit). */
  feed(words: Uint32Array): void;
  /**
   * Works for a few milliseconds, and for so much chip time at most.
   * @returns whether there is nothing left to do, or that it has to be asked again later
   */
  work(chipSeconds: number): 'more' | 'idle' | 'waiting';
  /** Answers since the last call. */
  take(): Uint32Array;
  /** Chip time used since the machine was made, seconds. */
  readonly chipSeconds: number;
  /** Gives the running program up, as if an instruction were stuck. */
  abandon(): void;
  /** Forgets program and answers: a new connection. */
  disconnect(): void;
}

/** Words of answers that may wait for the wire; the machine then stands still. */
const mostWaiting = 65_536;
const lookAgain = 10;
/** Words; with less room than this the memory counts as full. */
export const largestFrame = 180;

export interface RunnerEvents {
  /** Answers for the host. */
  answers(words: Uint32Array): void;
  /** Words handed to the link and not yet arrived. */
  backlog(): number;
  /** Program memory has become free. */
  roomGrew(): void;
  programEnded?(words: number, chipSeconds: number, limit: LimitName | undefined): void;
}

/** Collects programs, runs them one at a time, and minds the limits. */
export class ProgramRunner {
  /** A debugger holds the machine: real time does not count. */
  isHeld = false;
  /** Programs finished. */
  programs = 0;

  private readonly memory = new WordQueue();
  /** Words of the memory that have been searched for a halt. */
  private searched = 0;
  private readonly ends: number[] = [];
  private isRunning = false;
  private isStreaming = false;
  /** A program was given up before all of it had come: the rest is dropped as it comes. */
  private isSkipping = false;
  private isScheduled = false;
  private chipBefore = 0;
  private wall = 0;
  private words = 0;
  private gate: AnswerGate;

  constructor(
    readonly machine: Machine,
    private readonly limits: ServerLimits,
    private readonly events: RunnerEvents,
    private readonly clock: () => number,
    private readonly later: (milliseconds: number, run: () => void) => void,
  ) {
    this.gate = new AnswerGate(limits.outputBytes);
  }

  /** Words that can be taken. */
  get room(): number {
    return Math.max(0, this.limits.playbackWords - this.memory.length);
  }

  /** True while a program runs or waits. */
  get isBusy(): boolean {
    return this.isRunning || this.memory.length > 0;
  }

  /** Takes words from the wire. */
  accept(words: Uint32Array): void {
    for (let from = 0; ;) {
      const end = endOfProgram(words, from);
      if (end < 0) break;
      this.ends.push(this.searched + end);
      from = end;
    }
    this.searched += words.length / 2;
    this.memory.push(words);
    if (!this.isRunning) this.begin();
  }

  /** A new session: nothing of the old one is left. */
  reset(): void {
    this.memory.clear();
    this.searched = 0;
    this.ends.length = 0;
    this.isRunning = false;
    this.isStreaming = false;
    this.isSkipping = false;
    this.machine.disconnect();
  }

  private begin(): void {
    if (this.isSkipping) this.skip();
    // Room that was made may have brought a program at once.
    if (this.isRunning) return;
    const end = this.ends.shift();
    if (end !== undefined) this.start(end, true);
    // A program that is larger than the memory streams through it; emulated time waits for the wire.
    else if (this.memory.length > 0 && this.room < largestFrame)
      this.start(this.memory.length, false);
  }

  /** Drops what has come of a program that was given up. */
  private skip(): void {
    const end = this.ends.shift();
    this.isSkipping = end === undefined;
    if (this.memory.length === 0) return;
    this.leave(end ?? this.memory.length);
    this.events.roomGrew();
  }

  /** Takes words out of the memory. */
  private leave(words: number): Uint32Array {
    this.searched -= words;
    this.ends.forEach((end, i) => (this.ends[i] = end - words));
    return this.memory.take(words);
  }

  private start(words: number, isWhole: boolean): void {
    const program = this.leave(words);
    if (!this.isStreaming) {
      this.chipBefore = this.machine.chipSeconds;
      this.wall = 0;
      this.words = 0;
      this.gate = new AnswerGate(this.limits.outputBytes);
    }
    this.words += words;
    this.isStreaming = !isWhole;
    this.isRunning = true;
    this.machine.feed(program);
    this.events.roomGrew();
    this.schedule(0);
  }

  private schedule(milliseconds: number): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.later(milliseconds, () => {
      this.isScheduled = false;
      if (this.isRunning) this.step();
    });
  }

  private step(): void {
    if (this.events.backlog() > mostWaiting) {
      this.schedule(lookAgain);
      return;
    }
    const before = this.clock();
    const left = this.limits.chipSeconds - (this.machine.chipSeconds - this.chipBefore);
    const state = this.machine.work(left);
    if (!this.isHeld) this.wall += this.clock() - before;
    const limit = this.passed(state);
    if (limit !== undefined || (state === 'idle' && !this.isStreaming)) this.finish(limit);
    else if (state === 'idle') {
      this.isRunning = false;
      this.begin();
    } else this.schedule(state === 'waiting' ? lookAgain : 0);
  }

  /** Sends the answers, up to a limit: then the notice and the halt that end the program. */
  private passed(state: ReturnType<Machine['work']>): LimitName | undefined {
    const { machine, gate } = this;
    this.send(gate.push(machine.take()));
    const limit = gate.isFull ? 'output bytes' : state === 'idle' ? undefined : this.passedTime();
    if (limit === undefined) return undefined;
    // A program that has ended by itself cannot be given up; that its answers were cut is told all the same.
    if (state !== 'idle' || this.isStreaming) machine.abandon();
    this.send(gate.push(machine.take()));
    if (gate.isFull) this.send(gate.close(this.words - 1));
    return limit;
  }

  private passedTime(): LimitName | undefined {
    const { machine, limits } = this;
    if (machine.chipSeconds - this.chipBefore >= limits.chipSeconds) return 'chip seconds';
    if (this.wall > 1000 * limits.wallSeconds) return 'wall seconds';
    return undefined;
  }

  private send(words: Uint32Array): void {
    if (words.length > 0) this.events.answers(words);
  }

  private finish(limit: LimitName | undefined): void {
    this.isRunning = false;
    this.isSkipping = limit !== undefined && this.isStreaming;
    this.isStreaming = false;
    this.programs++;
    const chipSeconds = this.machine.chipSeconds - this.chipBefore;
    this.events.programEnded?.(this.words, chipSeconds, limit);
    this.begin();
  }
}
