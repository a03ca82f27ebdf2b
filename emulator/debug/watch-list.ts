/** Break- and watchpoints of a debugger, set in one or several cores at once, and how their stops are told. */
import type { PpuCore } from '../ppu/core.js';
import type { Watchpoint } from '../ppu/halts.js';
import type { TargetStop, WatchKind } from './target.js';

export class WatchList {
  private readonly watched: { readonly kind: WatchKind; readonly watchpoint: Watchpoint }[] = [];

  constructor(private readonly cores: readonly PpuCore[]) {}

  addBreakpoint(address: number): void {
    for (const core of this.cores) core.halts.breakpoints.add(address);
  }

  removeBreakpoint(address: number): void {
    for (const core of this.cores) core.halts.breakpoints.delete(address);
  }

  addWatchpoint(kind: WatchKind, start: number, length: number): void {
    const watchpoint = { start, length, read: kind !== 'write', write: kind !== 'read' };
    this.watched.push({ kind, watchpoint });
    this.set();
  }

  removeWatchpoint(kind: WatchKind, start: number, length: number): void {
    const index = this.watched.findIndex(
      (one) =>
        one.kind === kind && one.watchpoint.start === start && one.watchpoint.length === length,
    );
    if (index >= 0) this.watched.splice(index, 1);
    this.set();
  }

  /** Takes everything out of the cores while `work` runs. */
  suspended(work: () => void): void {
    const [first] = this.cores;
    const breakpoints = first === undefined ? [] : [...first.halts.breakpoints];
    for (const core of this.cores) {
      core.halts.breakpoints.clear();
      core.halts.watchpoints = [];
    }
    work();
    for (const address of breakpoints) this.addBreakpoint(address);
    this.set();
  }

  /** The stop that a core reports in `halts.reached`. */
  stopOf(processor: number): TargetStop {
    const reached = this.cores[processor]?.halts.reached;
    if (reached?.kind === 'watchpoint') {
      const { watchpoint, address } = reached;
      const kind = this.watched.find((one) => one.watchpoint === watchpoint)?.kind ?? 'access';
      return { reason: 'watchpoint', processor, kind, address };
    }
    return { reason: reached?.kind ?? 'breakpoint', processor };
  }

  private set(): void {
    const watchpoints = this.watched.map((one) => one.watchpoint);
    for (const core of this.cores) core.halts.watchpoints = watchpoints;
  }
}

/** The part of a debug target that hands break- and watchpoints to its list: the same for every target. */
export abstract class WatchingTarget {
  protected abstract readonly watches: WatchList;

  addBreakpoint(address: number): void {
    this.watches.addBreakpoint(address);
  }

  removeBreakpoint(address: number): void {
    this.watches.removeBreakpoint(address);
  }

  addWatchpoint(kind: WatchKind, address: number, length: number): boolean {
    this.watches.addWatchpoint(kind, address, length);
    return true;
  }

  removeWatchpoint(kind: WatchKind, address: number, length: number): void {
    this.watches.removeWatchpoint(kind, address, length);
  }
}
