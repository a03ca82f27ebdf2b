/** Trains of the sources that act by themselves, drawn window by window: cutting a run in two changes nothing. */
import type { Stream } from '../../isa/numeric/random.js';
import type { SpikeSources } from './population.js';
import type { ArraySource, PoissonSource, RegularSource } from './sources.js';
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
  const { cell } = sources;
  switch (cell?.kind) {
    case 'array':
      return arrayTrains(sources, cell);
    case 'poisson':
      return poissonTrains(sources, cell, streamOf);
    case 'regular':
      return regularTrains(sources, cell);
    default:
      return undefined;
  }
}

function arrayTrains(sources: SpikeSources, { spikeTimes }: ArraySource): Trains {
  const isNested = (list: ArraySource['spikeTimes']): list is readonly (readonly number[])[] =>
    typeof list[0] === 'object';
  const lists = isNested(spikeTimes)
    ? spikeTimes
    : Array.from({ length: sources.size }, () => spikeTimes);
  return {
    next: (from, to) => {
      const times: number[] = [];
      const indices: number[] = [];
      lists.forEach((list, index) => {
        for (const time of list)
          if (time >= from && time < to) {
            times.push(time);
            indices.push(index);
          }
      });
      return { sources, times, indices };
    },
  };
}

function poissonTrains(
  sources: SpikeSources,
  { rate, start = 0, duration = Infinity }: PoissonSource,
  streamOf: StreamOf,
): Trains {
  const end = start + duration;
  const rateOf = (i: number): number => (typeof rate === 'number' ? rate : (rate[i] ?? 0));
  const streams = Array.from({ length: sources.size }, (_, i) => streamOf(`${sources.name}/${i}`));
  // Time of each source's next spike, drawn already.
  const next = streams.map((stream, i) =>
    rateOf(i) > 0 ? start + stream.exponential() / rateOf(i) : Infinity,
  );
  return {
    next: (_from, to) => {
      const times: number[] = [];
      const indices: number[] = [];
      const limit = Math.min(to, end);
      streams.forEach((stream, i) => {
        let time = next[i] ?? Infinity;
        for (; time < limit; time += stream.exponential() / rateOf(i)) {
          times.push(time);
          indices.push(i);
        }
        next[i] = time;
      });
      return { sources, times, indices };
    },
  };
}

function regularTrains(
  sources: SpikeSources,
  { interval, start = 0, duration = Infinity }: RegularSource,
): Trains {
  return {
    next: (from, to) => {
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
    },
  };
}
