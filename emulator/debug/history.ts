/** States of the past from which the present can be computed again: few enough to keep, dense enough to be quick. */

/** A moment in the life of a processor: its place in the instruction stream and its cycle. */
export interface Moment {
  readonly position: number;
  readonly cycle: number;
}

export interface Checkpoint<State> extends Moment {
  readonly state: State;
  /** The state was changed by hand here: it cannot be computed from the one before. */
  readonly isEdited: boolean;
}

/** Checkpoints in ascending order of time. When there are too many, every second one goes and the distance doubles. */
export class History<State> {
  private kept: Checkpoint<State>[] = [];

  /**
   * @param distance cycles between checkpoints at first
   * @param capacity checkpoints that are kept at most, apart from those after changes by hand
   */
  constructor(
    private distance: number,
    private readonly capacity = 256,
  ) {}

  get length(): number {
    return this.kept.length;
  }

  /** Cycles that pass between checkpoints. */
  get interval(): number {
    return this.distance;
  }

  /** Whether a checkpoint should be made at this cycle. */
  isDue(cycle: number): boolean {
    const last = this.kept.at(-1);
    return last === undefined || cycle >= last.cycle + this.distance;
  }

  at(index: number): Checkpoint<State> | undefined {
    return this.kept[index];
  }

  /** Adds the present, which is later than everything kept. */
  add(checkpoint: Checkpoint<State>): void {
    this.kept.push(checkpoint);
    if (this.kept.length <= this.capacity) return;
    this.distance *= 2;
    this.kept = this.kept.filter((one, i) => i % 2 === 0 || one.isEdited);
  }

  /** The present was changed: what was computed for later is void, and the same moment begins anew. */
  edit(checkpoint: Checkpoint<State>): void {
    this.kept = this.kept.filter(
      ({ cycle, position, isEdited }) =>
        cycle < checkpoint.cycle ||
        (cycle === checkpoint.cycle && !(isEdited && position === checkpoint.position)),
    );
    this.kept.push(checkpoint);
  }

  /**
   * Time goes on from this cycle without repeating changes that were made by hand later: what was computed from them
   * is void.
   */
  forgetEditsAfter(cycle: number): void {
    const index = this.kept.findIndex((one) => one.isEdited && one.cycle > cycle);
    if (index >= 0) this.kept.length = index;
  }

  /** Index of the last checkpoint with a position before `position`; -1 if there is none. */
  lastBefore(position: number): number {
    let index = this.kept.length - 1;
    while (index >= 0 && this.kept[index]!.position >= position) index--;
    return index;
  }

  /** Index of the last checkpoint that is not later than `cycle`; -1 if there is none. */
  lastUpTo(cycle: number): number {
    let index = this.kept.length - 1;
    while (index >= 0 && this.kept[index]!.cycle > cycle) index--;
    return index;
  }

  clear(): void {
    this.kept = [];
  }
}
