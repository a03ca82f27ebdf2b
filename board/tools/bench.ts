/** How fast and how well a link carries words. */

import { PlaybackWriter } from '../../isa/playback/index.js';
import { sramAddress } from '../access.js';
import type { LinkStatistics } from '../link/statistics.js';
import type { WireBoard } from '../wire-board.js';

export interface BenchReport {
  /** Milliseconds of test frames. */
  readonly roundTrip: { readonly median: number; readonly longest: number; readonly count: number };
  /** Milliseconds from the first word of a shortest program to its halt. */
  readonly program: number;
  /** Words per second to the board (register writes) and from it (answers to reads). */
  readonly down: number;
  readonly up: number;
  /** What the line can carry at its baud rate, words per second; undefined where nothing is known. */
  readonly limit: number | undefined;
  /** Share of frames that arrived damaged here, and of frames that had to be sent again. */
  readonly damaged: number;
  readonly resent: number;
  readonly statistics: LinkStatistics | undefined;
}

const usualWords = 4000;

/**
 * Measures a board: round trips of the link and of a program, and words per second in both directions. Writes go to the
 * polling mask of the FPGA, which disturbs nobody.
 * @param options.words playback words of each throughput run
 */
export async function benchBoard(
  board: WireBoard,
  options: {
    readonly words?: number;
    readonly probes?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<BenchReport> {
  const { words = usualWords, probes = 20 } = options;
  const run = options.signal === undefined ? {} : { signal: options.signal };
  const times: number[] = [];
  for (let i = 0; i < probes; i++) times.push(await board.probe());
  times.sort((a, b) => a - b);
  const before = performance.now();
  await board.run(new PlaybackWriter().halt().words(), run);
  const program = performance.now() - before;
  const writes = new PlaybackWriter();
  for (let i = 0; i < words / 2; i++) writes.write(0x88000007, i);
  const down = await rate(board, writes.barrier().halt(), run);
  const reads = new PlaybackWriter();
  for (let i = 0; i < words; i++) reads.read(sramAddress(0, i % 4096));
  const up = await rate(board, reads.barrier().halt(), run);
  const { statistics } = board;
  return {
    roundTrip: {
      median: times[times.length >> 1] ?? 0,
      longest: times.at(-1) ?? 0,
      count: times.length,
    },
    program,
    down,
    up,
    limit: board.info.wordsPerSecond,
    damaged: share(statistics?.damaged, statistics?.framesReceived),
    resent: share(statistics?.resent, statistics?.framesSent),
    statistics,
  };
}

async function rate(
  board: WireBoard,
  writer: PlaybackWriter,
  run: { readonly signal?: AbortSignal },
): Promise<number> {
  const begin = performance.now();
  await board.run(writer.words(), run);
  return writer.length / ((performance.now() - begin) / 1000);
}

function share(part: number | undefined, whole: number | undefined): number {
  return part === undefined || whole === undefined || part + whole === 0
    ? 0
    : part / (part + whole);
}
