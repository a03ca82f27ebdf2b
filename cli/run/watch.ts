/** What an emulated chip knows of a run beyond its answers: counted over all programs, told once at the end. */
import { InProcessBoard } from '../../board/index.js';
import type { Board } from '../../board/index.js';
import type { Chip } from '../../emulator/index.js';
import type { Results } from '../../experiment/results.js';
import { RunError } from '../failure.js';

/** Things that a chip counts from one reset to the next. */
const counted = [
  'unmapped',
  'protocolErrors',
  'crossbarOverflows',
  'lateEvents',
  'serialOverflows',
] as const;
type Counted = (typeof counted)[number];

/** Most addresses that a message lists. */
const listed = 4;

/** A board whose chip is watched. */
export interface WatchedBoard {
  readonly board: Board;
  /** Notes what went wrong without stopping anything, each thing once with its number. */
  tell(results: Results): void;
}

/**
 * Watches the chip of a board in this process; other boards are passed through.
 * A chip in strict mode that refuses something ends the run: `run` then throws a RunError that names it.
 */
export function watchBoard(inner: Board): WatchedBoard {
  if (!(inner instanceof InProcessBoard)) return { board: inner, tell: () => {} };
  const { chip } = inner;
  const counts = new Counts(chip);
  const board: Board = {
    info: inner.info,
    close: () => inner.close(),
    run: async (program, options) => {
      const answers = await inner.run(program, options).finally(() => counts.add());
      refuse(chip);
      return answers;
    },
  };
  return { board, tell: (results) => counts.tell(results) };
}

const hex = (address: number): string => `0x${address.toString(16).padStart(8, '0')}`;

/** @throws RunError for what strict mode has stopped */
function refuse(chip: Chip): void {
  const { refusal, stoppedProcessors } = chip.warnings();
  if (refusal)
    throw new RunError(
      `strict: message ${refusal.instruction} of a playback program ${refusal.isRead ? 'reads' : 'writes'} ${hex(refusal.address)}, where nothing is (${(refusal.cycle * 4e-9).toPrecision(6)} s after the chip's reset)\n  Correct the address, or leave --strict out: the access then does nothing and is counted.`,
    );
  if (stoppedProcessors.length > 0)
    throw new RunError(
      `strict: a processor was stopped: ${stoppedProcessors.join('; ')}\n  \`plastic debug\` shows the place.`,
    );
}

/** Sums over resets, which clear what the chip has counted. */
class Counts {
  private readonly sums: Record<Counted, number> = zeros();
  private before: Record<Counted, number> = zeros();
  private readonly addresses = new Set<number>();
  private resets = NaN;

  constructor(private readonly chip: Chip) {}

  /** After each program. */
  add(): void {
    const now = this.chip.warnings();
    // The cycles before the last reset grow with every reset.
    const resets = this.chip.cyclesRun - this.chip.cycle;
    if (resets !== this.resets) this.before = zeros();
    this.resets = resets;
    for (const name of counted) {
      this.sums[name] += now[name] - this.before[name];
      this.before[name] = now[name];
    }
    for (const address of now.unmappedAddresses) this.addresses.add(address);
  }

  tell(results: Results): void {
    const { sums } = this;
    if (sums.unmapped > 0) {
      const first = [...this.addresses].slice(0, listed).map(hex).join(', ');
      const more = this.addresses.size > listed ? ', ..' : '';
      results.warn(
        `${sums.unmapped} register accesses hit an address where nothing is (${first}${more}): reads gave 0, writes did nothing; --strict stops at the first`,
      );
    }
    if (sums.crossbarOverflows > 0)
      results.warn(
        `${sums.crossbarOverflows} events were lost at a full crossbar output: too many neurons fired at once; recorded spikes are incomplete`,
      );
    if (sums.lateEvents > 0)
      results.warn(
        `${sums.lateEvents} events came too late to the host for their time stamps and are missing: too many at once`,
      );
    if (sums.protocolErrors > 0)
      results.warn(`${sums.protocolErrors} playback messages were out of place and did nothing`);
    if (sums.serialOverflows > 0)
      results.warn(`${sums.serialOverflows} events found the queue of the serial spike line full`);
  }
}

function zeros(): Record<Counted, number> {
  return {
    unmapped: 0,
    protocolErrors: 0,
    crossbarOverflows: 0,
    lateEvents: 0,
    serialOverflows: 0,
  };
}
