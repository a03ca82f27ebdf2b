/** Finds out when the instructions of a block issue, with the issue stage itself but without executing anything. */
import type { Block } from './block.js';
import { BareBus } from './bus.js';
import type { TimingState } from './issue-state.js';
import { PpuMemory } from './memory.js';
import { Operation } from './operation.js';
import type { PpuOptions } from './options.js';
import { Pipeline } from './pipeline.js';

/** Period in which a rehearsed block enters the issue stage; what came before it stays above 0. */
const START = 1 << 20;
const FOREVER = 0x7fff_ffff;

/** An issue stage of its own. See `run`. */
export class Rehearsal extends Pipeline {
  /** @param options of the core whose code is rehearsed */
  constructor(options: PpuOptions) {
    const memory = new PpuMemory(128);
    // Branches are executed as if they did nothing; what becomes of them is up to the caller.
    super(memory, memory, new BareBus(1), {
      ...options,
      branchCache: 0,
      accounting: 'exact',
    });
    this.epochShift = 1;
  }

  /** Periods since the rehearsed block entered the issue stage, and issues of the block so far. */
  get elapsed(): number {
    return this.enter - START;
  }

  /**
   * Lets the first `count` instructions of a block issue from `state` on; `advanced` receives for each of them the
   * last period, relative to that in which the block enters, before it did.
   */
  run(state: TimingState, block: Block, count: number, advanced?: Int32Array): void {
    this.enter = START;
    this.pc = this.position = this.issued = 0;
    this.nopsAfterIssue = -1;
    this.loadTiming(state);
    const silent = (block.silent ??= block.operations.map(({ word }) => new Operation(word, true)));
    for (let k = 0; k < this.operations.length; k++) {
      this.operations[k] = k < count ? silent[k] : undefined;
    }
    while (this.position < count) {
      this.issue(FOREVER);
      if (this.position < count) this.queue.postpone(this.candidate);
    }
    for (let k = 0; advanced !== undefined && k < count; k++) {
      advanced[k] = this.fetch.advanced[k & 15]! - START;
    }
  }

  /** The state as it is now, if the next instruction enters `delay` periods later than it might. */
  timing(delay: number): TimingState {
    this.enter += delay;
    return this.saveTiming();
  }

  /** Whether an operation would be held in the issue stage after period r, relative to the block's entry. */
  holds(op: Operation, r: number): boolean {
    this.queue.resolveUpTo(START + r + 1);
    return this.board.readyAt(op, START + r) > START + r;
  }

  /** Nothing is behind the instructions that are rehearsed. */
  protected override fetchSlowly(): undefined {
    this.fetchLeave = 'look';
    return undefined;
  }

  // What cannot happen to the instructions of a block.

  override readSpr(): number {
    return 0;
  }

  override writeSpr(): void {}

  protected override get isCareful(): boolean {
    return false;
  }

  protected override beforeIssue(): 'go' {
    return 'go';
  }

  protected override refused(): 'look' {
    return 'look';
  }

  protected override exception(): void {}

  protected override planInterrupt(): void {}
}
