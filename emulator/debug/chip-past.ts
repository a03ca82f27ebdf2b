/**
 * The past of a chip while a debugger is there: states to go back to, the words that the host has fed since, and how
 * much of the answers it has been given already. The host itself cannot be set back: what it knows it keeps, and gets
 * no second time. So the past begins with the program that the host had the chip execute last.
 */
import type { Chip } from '../chip.js';
import type { HostWatcher } from '../chip/description.js';
import type { ChipSnapshot } from '../chip/snapshot.js';
import { History } from './history.js';

/** Cycles between states at first, 1 ms: computing that again takes a fraction of a second. */
const DISTANCE = 250_000;
/** States that are kept; one takes some 5 MB. */
const CAPACITY = 32;

export interface ChipState {
  readonly chip: ChipSnapshot;
  /** Portions of words that had been fed, and answer words that had been taken. */
  readonly fed: number;
  readonly taken: number;
}

export class ChipPast implements HostWatcher {
  readonly history = new History<ChipState>(DISTANCE, CAPACITY);
  private fedWords: Uint32Array[] = [];
  /** Answer words taken in the time that is the present one, and given to the host at all. */
  private takenWords = 0;
  private given = 0;
  private isKept = false;

  constructor(
    private readonly chip: Chip,
    private readonly feedAgain: (words: Uint32Array) => void,
  ) {}

  /** From now on states are kept; those of before are forgotten. */
  begin(): void {
    if (this.isKept) return;
    this.isKept = true;
    this.startAnew();
  }

  /** No debugger is there any more. */
  end(): void {
    this.isKept = false;
    this.history.clear();
    this.fedWords = [];
  }

  /** Cycles run in all, which no reset of the chip sets back. */
  get cycle(): number {
    return this.chip.cyclesRun;
  }

  capture(): ChipState {
    return { chip: this.chip.save(), fed: this.fedWords.length, taken: this.takenWords };
  }

  restore(state: ChipState): void {
    this.chip.load(state.chip);
    for (const words of this.fedWords.slice(state.fed)) this.feedAgain(words);
    this.takenWords = state.taken;
  }

  /** Keeps the present if the last state is long ago. */
  rememberIfDue(): void {
    if (this.isKept && this.history.isDue(this.cycle)) this.remember();
  }

  /** Something was changed by hand: the present cannot be computed from the past. */
  edited(): void {
    if (this.isKept)
      this.history.edit({ position: 0, cycle: this.cycle, state: this.capture(), isEdited: true });
  }

  /** Time goes on without repeating changes that were made by hand later. */
  goesOn(): void {
    this.history.forgetEditsAfter(this.cycle);
  }

  fed(words: Uint32Array, isIdle: boolean): void {
    // Answers that the host has had from another round through the same time.
    if (isIdle && this.takenWords < this.given) this.chip.takeOutput();
    if (!this.isKept) return;
    if (isIdle) this.startAnew();
    this.fedWords.push(words.slice());
  }

  taken(answers: Uint32Array): Uint32Array {
    this.takenWords += answers.length;
    const fresh = Math.max(0, this.takenWords - this.given);
    this.given = Math.max(this.given, this.takenWords);
    return fresh >= answers.length ? answers : answers.slice(answers.length - fresh);
  }

  cut(areAnswersLost: boolean): void {
    if (areAnswersLost) this.takenWords = this.given;
    if (this.isKept) this.startAnew();
  }

  private startAnew(): void {
    this.history.clear();
    this.fedWords = [];
    this.remember();
  }

  private remember(): void {
    const { cycle } = this;
    this.history.add({ position: 0, cycle, state: this.capture(), isEdited: false });
  }
}
