/**
 * Trains of the sources that act by themselves, drawn window by window: cutting a run in two changes nothing. What
 * `set` has changed holds from the window on that is drawn next.
 */
import type { Stream } from '../../isa/numeric/random.js';
import { isNested } from './source-values.js';
import type { ArraySource, PoissonSource, RegularSource } from './sources.js';
import type { SpikeSources } from './spike-sources.js';
import type { Stimulus } from './stimuli.js';

/** Hands out the random stream of one source. */
export type StreamOf = (path: string) => Stream;

/** Makes the spikes of one group of sources. */
export interface Trains {
  /** Spikes in [from, to), s of experiment time; windows must follow each other. */
  next(from: number, to: number): Stimulus;
}

/** @returns undefined for sources that the host does not drive by themselves */
export function trainsOf(sources: SpikeSources, streamOf: StreamOf): Trains | undefined {
  const kind = sources.cell?.kind;
  if (kind === undefined || kind === 'background') return undefined;
  const poisson = new PoissonTrains(sources, streamOf);
  return {
    next: (from, to) => {
      const { cell } = sources;
      switch (cell?.kind) {
        case 'array':
          return arrayTrains(sources, cell, from, to);
        case 'poisson':
          return poisson.next(cell, from, to);
        case 'regular':
          return regularTrains(sources, cell, from, to);
        default:
          return { sources, times: [], indices: [] };
      }
    },
  };
}

function arrayTrains(
  sources: SpikeSources,
  { spikeTimes }: ArraySource,
  from: number,
  to: number,
): Stimulus {
  const times: number[] = [];
  const indices: number[] = [];
  for (let index = 0; index < sources.size; index++)
    for (const time of isNested(spikeTimes) ? (spikeTimes[index] ?? []) : spikeTimes)
      if (time >= from && time < to) {
        times.push(time);
        indices.push(index);
      }
  return { sources, times, indices };
}

function regularTrains(
  sources: SpikeSources,
  { interval, start = 0, duration = Infinity }: RegularSource,
  from: number,
  to: number,
): Stimulus {
  const times: number[] = [];
  const indices: number[] = [];
  const limit = Math.min(to, start + duration);
  const first = Math.max(0, Math.ceil((from - start) / interval - 1e-9));
  for (let k = first; start + k * interval < limit; k++)
    for (let i = 0; i < sources.size; i++) {
      times.push(start + k * interval);
      indices.push(i);
    }
  return { sources, times, indices };
}

/** A source's next spike, drawn already, at the rate that held then. */
interface Waiting {
  readonly stream: Stream;
  rate: number;
  time: number;
}

class PoissonTrains {
  private start = NaN;
  private readonly waiting: Waiting[];

  constructor(
    private readonly sources: SpikeSources,
    streamOf: StreamOf,
  ) {
    this.waiting = Array.from({ length: sources.size }, (_, i) => ({
      stream: streamOf(`${sources.name}/${i}`),
      rate: 0,
      time: Infinity,
    }));
  }

  next(
    { rate, start = 0, duration = Infinity }: PoissonSource,
    from: number,
    to: number,
  ): Stimulus {
    const times: number[] = [];
    const indices: number[] = [];
    const limit = Math.min(to, start + duration);
    const begin = Math.max(from, start);
    this.waiting.forEach((source, i) => {
      const wanted = typeof rate === 'number' ? rate : (rate[i] ?? 0);
      this.settle(source, wanted, start, begin);
      for (; source.time < limit; source.time += source.stream.exponential() / wanted) {
        times.push(source.time);
        indices.push(i);
      }
    });
    this.start = start;
    return { sources: this.sources, times, indices };
  }

  /** What is left to wait at another rate: of a Poisson process the waited time does not matter, only its scale changes. */
  private settle(source: Waiting, rate: number, start: number, begin: number): void {
    const isDrawn = source.rate > 0 && start === this.start;
    if (isDrawn && source.rate === rate) return;
    if (rate > 0)
      source.time = isDrawn
        ? begin + ((Math.max(source.time, begin) - begin) * source.rate) / rate
        : begin + source.stream.exponential() / rate;
    else source.time = Infinity;
    source.rate = rate;
  }
}
