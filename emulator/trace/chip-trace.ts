/**
 * What one processor of a chip does while the chip runs, whoever runs it: events in order of time, with cycles that no
 * reset of the chip sets back. Only reads, so that a traced run gives the same bytes.
 */
import type { Chip } from '../chip.js';
import type { TraceEvent } from './event.js';
import { TraceRecorder } from './recorder.js';

/** Records what the two processors of a chip do while it runs. */
export class ChipTrace {
  private readonly recorder: TraceRecorder;

  /**
   * @param processor 0: top, 1: bottom
   * @param take gets the events, many at once
   */
  constructor(
    private readonly chip: Chip,
    private readonly processor: 0 | 1,
    private readonly take: (events: readonly TraceEvent[]) => void,
  ) {
    const core = chip.cores[processor];
    const zero = (): number => chip.cyclesRun - chip.cycle;
    this.recorder = new TraceRecorder(core, zero, () => this.pass(false));
    core.watch(this.recorder);
  }

  /** Ends watching and hands over what is left. Returns the cycle of the end. */
  end(): number {
    this.chip.cores[this.processor].watch(null);
    this.pass(true);
    return this.chip.cyclesRun;
  }

  private pass(all: boolean): void {
    const events = this.recorder.drain(all);
    if (events.length > 0) this.take(events);
  }
}
