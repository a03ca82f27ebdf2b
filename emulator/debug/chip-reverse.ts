/**
 * A chip whose time a debugger can set back: it goes to a kept state and computes again, without break- and watchpoints
 * or counting the stops they make. Computing again gives the same, because nothing on a chip depends on how its run is
 * portioned.
 */
import type { Chip } from '../chip.js';
import type { PpuCore } from '../ppu/core.js';
import { ChipPast, type ChipState } from './chip-past.js';
import type { TargetStop } from './target.js';
import { WatchingTarget, WatchList } from './watch-list.js';

/** Cycles that are run in one go. */
export const SLICE = 50_000;
/** Cycles before the present in which the instruction before is looked for first; then eight times as many. */
const NEARBY = 500;

/** Where a processor stands: its next instruction, and since when, on the clock that nothing sets back. */
interface Place {
  readonly position: number;
  readonly address: number;
  readonly cycle: number;
}

/**
 * Whether a place comes before another of the same processor. Time alone does not tell: behind an access outside
 * several instructions may stand at the same cycle.
 */
function isBefore(one: Place, other: Place): boolean {
  if (one.cycle !== other.cycle) return one.cycle < other.cycle;
  if (one.position !== other.position) return one.position < other.position;
  return one.address !== other.address;
}

export abstract class ReversibleChip extends WatchingTarget {
  protected readonly side: ReturnType<Chip['debug']>;
  protected readonly cores: readonly PpuCore[];
  protected readonly watches: WatchList;
  protected readonly past: ChipPast;
  /** The processor whose stop was reported last. */
  protected current = 0;

  constructor(protected readonly chip: Chip) {
    super();
    this.side = chip.debug();
    this.cores = this.side.processors.units.map(({ core }) => core);
    this.watches = new WatchList(this.cores);
    this.past = new ChipPast(chip, (words) => this.side.feedAgain(words));
    this.side.watchHost(this.past);
  }

  /** What was looked at is not the present any more. */
  protected abstract forgetView(): void;

  stepBack(processor: number): TargetStop {
    const core = this.cores[processor];
    this.past.begin();
    this.current = processor;
    if (core === undefined || !this.isRunning(core)) return { reason: 'history-start', processor };
    const { history } = this.past;
    const here = this.placeOf(core);
    for (let nearby = NEARBY; ; nearby *= 8) {
      const start = here.cycle - nearby;
      const from = history.at(Math.max(0, history.lastUpTo(start)));
      if (from === undefined) return { reason: 'history-start', processor };
      this.restore(from.state);
      this.undisturbed(() => this.runTo(start));
      const origin = this.past.capture();
      const steps = this.undisturbed(() => {
        let count = 0;
        while (this.stepTowards(core, here)) count++;
        return count;
      });
      const isStart = from.cycle >= start;
      if (steps === 0 && !isStart) continue;
      this.restore(origin);
      this.undisturbed(() => {
        for (let i = 0; i < steps; i++) this.stepTowards(core, here);
      });
      this.pause();
      const { position, address } = this.placeOf(core);
      const isSame = position === here.position && address === here.address;
      return { reason: steps === 0 && isSame ? 'history-start' : 'step', processor };
    }
  }

  resumeBack(): TargetStop {
    this.past.begin();
    const { history } = this.past;
    const { current } = this;
    let here = this.placeOf(this.cores[current]!);
    for (let index = history.lastUpTo(this.past.cycle); index >= 0; index--) {
      const from = history.at(index)!;
      this.restore(from.state);
      let count = 0;
      while (this.runToStop(current, here) !== undefined) count++;
      if (count > 0) {
        this.restore(from.state);
        let stop: TargetStop | undefined;
        for (let i = 0; i < count; i++) stop = this.runToStop(current, here);
        if (stop !== undefined) return this.stoppedBack(stop);
      }
      if (from.cycle < here.cycle) here = { position: 0, address: -1, cycle: from.cycle };
    }
    const first = history.at(0);
    if (first !== undefined) this.restore(first.state);
    return { reason: 'history-start', processor: this.current };
  }

  /** A stop in the past. A watched access has been made, the mirror image of forwards: gdb steps back over it. */
  private stoppedBack(stop: TargetStop): TargetStop {
    const processor = 'processor' in stop ? stop.processor : 0;
    const core = this.cores[processor]!;
    this.current = processor;
    const reached = core.halts.reached;
    if (reached?.kind === 'watchpoint' && reached.isByOther !== true) {
      const beyond = { position: -1, address: -1, cycle: Infinity };
      this.undisturbed(() => this.stepTowards(core, beyond));
    }
    this.pause();
    return stop;
  }

  /** Runs to the next break- or watchpoint before `here`, a place of a processor; undefined if there is none. */
  private runToStop(processor: number, here: Place): TargetStop | undefined {
    this.move();
    while (this.past.cycle <= here.cycle && !this.side.processors.isHeld) {
      if (this.chip.run(here.cycle + 1 - this.past.cycle)) break;
    }
    this.pause();
    const held = this.heldProcessor();
    if (held < 0) return undefined;
    const place = this.placeOf(this.cores[held]!);
    const isEarlier = held === processor ? isBefore(place, here) : place.cycle < here.cycle;
    return isEarlier ? this.watches.stopOf(held) : undefined;
  }

  /**
   * Executes one instruction of a core, if that leads to a place before `here`; otherwise the chip has been run to
   * about that place.
   */
  private stepTowards(core: PpuCore, here: Place): boolean {
    const { halts } = core;
    halts.pass(core.streamPosition, core.nextAddress);
    halts.endAfter(core.streamPosition, core.nextAddress);
    this.move();
    const { processors } = this.side;
    while (!processors.isHeld && this.past.cycle <= here.cycle) {
      if (this.chip.run(Math.min(SLICE, here.cycle + 1 - this.past.cycle))) break;
    }
    halts.endNever();
    this.pause();
    if (!processors.isHeld) return false;
    return isBefore(this.placeOf(core), here);
  }

  private runTo(cycle: number): void {
    this.move();
    while (this.past.cycle < cycle) {
      if (this.chip.run(cycle - this.past.cycle)) break;
    }
    this.pause();
  }

  /** Does something while no break- or watchpoint stops the chip. */
  private undisturbed<T>(work: () => T): T {
    let result: T | undefined;
    this.watches.suspended(() => {
      result = work();
    });
    return result as T;
  }

  private placeOf(core: PpuCore): Place {
    const now = this.past.cycle;
    return {
      position: core.streamPosition,
      address: core.nextAddress,
      cycle: this.isRunning(core) ? now - this.chip.cycle + core.cycle : now,
    };
  }

  private isRunning(core: PpuCore): boolean {
    return this.side.processors.units.some((unit) => unit.core === core && unit.running);
  }

  private restore(state: ChipState): void {
    this.past.restore(state);
    for (const core of this.cores) core.halts.forgetPassed();
    this.pause();
  }

  protected move(): void {
    this.side.processors.release();
    this.side.processors.isPaused = false;
    this.forgetView();
  }

  protected pause(): void {
    this.side.processors.isPaused = true;
    this.forgetView();
  }

  protected heldProcessor(): number {
    return this.side.processors.units.findIndex((unit) => unit.isHeld);
  }
}
