/** Spike trains of the host: made from named streams, turned into labels on buses. */
import type { Stream } from '../../isa/numeric/random.js';
import { ExperimentError, unknownName } from '../failure.js';
import type { SpikeSources } from './spike-sources.js';
import type { Placement } from './placement.js';

/** Spikes to send: parallel arrays of time (s of experiment time) and index of the source. */
export interface Stimulus {
  readonly sources: SpikeSources;
  readonly times: ArrayLike<number>;
  readonly indices: ArrayLike<number>;
}

/** A spike train per source with its own rate, in a window: Poisson. @param rates Hz, one per source */
export function poissonSpikes(
  sources: SpikeSources,
  rates: ArrayLike<number>,
  window: { readonly from: number; readonly to: number },
  stream: Stream,
): Stimulus {
  const times: number[] = [];
  const indices: number[] = [];
  for (let source = 0; source < sources.size; source++) {
    const rate = rates[source] ?? 0;
    if (!(rate > 0)) continue;
    for (
      let t = window.from + stream.exponential() / rate;
      t < window.to;
      t += stream.exponential() / rate
    ) {
      times.push(t);
      indices.push(source);
    }
  }
  return { sources, times, indices };
}

/** One source firing at a fixed interval in a window, from its beginning on. */
export function regularSpikes(
  sources: SpikeSources,
  source: number,
  interval: number,
  window: { readonly from: number; readonly to: number },
): Stimulus {
  const count = Math.max(0, Math.ceil((window.to - window.from) / interval - 1e-9));
  return {
    sources,
    times: Array.from({ length: count }, (_, i) => window.from + i * interval),
    indices: Array.from({ length: count }, () => source),
  };
}

/** Stimuli of the same sources one after another. */
export function joinStimuli(sources: SpikeSources, parts: readonly Stimulus[]): Stimulus {
  return {
    sources,
    times: parts.flatMap((part) => Array.from(part.times)),
    indices: parts.flatMap((part) => Array.from(part.indices)),
  };
}

/** Spike messages of a piece, ascending in time. */
export interface SpikeEvents {
  /** Playback timer ticks. */
  readonly times: Float64Array;
  readonly labels: Uint16Array;
  /** How many labels leave later than asked because their bus is taken (8 ns apart at least). */
  readonly shifted: number;
}

/**
 * The spike messages of a piece.
 * @param span first and last timer tick of the piece, and the tick of experiment time 0
 * @throws ExperimentError for a spike outside of the piece or sources without synapses
 */
export function spikeEvents(
  placement: Placement,
  stimuli: readonly Stimulus[],
  span: { readonly from: number; readonly to: number; readonly origin: number },
): SpikeEvents {
  const events: { at: number; label: number }[] = [];
  for (const { sources, times, indices } of stimuli) {
    const labels = placement.events.get(sources);
    if (!labels)
      throw unknownName(
        'source with synapses',
        sources.name,
        [...placement.events.keys()].map((s) => s.name),
        'stimulus',
      );
    for (let i = 0; i < times.length; i++) {
      // Whole ticks, downwards but for rounding errors of sums: a spike at the very end of a piece still belongs to it.
      const exact = span.origin + (times[i] ?? 0) * 125e6;
      const nearest = Math.floor(exact + 1e-6);
      const at = nearest === span.to && exact < span.to ? nearest - 1 : nearest;
      if (!(at >= span.from && at < span.to))
        throw new ExperimentError(
          `a spike at ${times[i]} s lies outside of the piece that is run`,
          `sources "${sources.name}"`,
          `This piece covers ${(span.from - span.origin) * 8e-9} s up to ${(span.to - span.origin) * 8e-9} s.`,
        );
      const own = labels[indices[i] ?? -1];
      if (!own)
        throw new ExperimentError(
          `there is no source ${indices[i]}`,
          `sources "${sources.name}"`,
          `It has sources 0..${sources.size - 1}.`,
        );
      for (const label of own) events.push({ at, label });
    }
  }
  events.sort((a, b) => a.at - b.at || a.label - b.label);
  const free = new Float64Array(4);
  let shifted = 0;
  for (const event of events) {
    const bus = event.label >> 14;
    const at = Math.max(event.at, free[bus] ?? 0);
    if (at > event.at) shifted++;
    event.at = at;
    free[bus] = at + 1;
  }
  events.sort((a, b) => a.at - b.at || a.label - b.label);
  return {
    times: Float64Array.from(events, (event) => event.at),
    labels: Uint16Array.from(events, (event) => event.label),
    shifted,
  };
}

/** How correlated trains are made: a share of each train's spikes comes from events that all trains share. */
export interface Correlation {
  /** Rate of every train, Hz. */
  readonly rate: number;
  /** Share 0..1 of a train's spikes that follow shared events; also the chance to take part in one. */
  readonly share: number;
  /** Spikes of one shared event spread evenly over this time, s. */
  readonly jitter: number;
}

/**
 * Poisson trains of the named sources with common events: each takes part in a shared event with probability `share`,
 * and fires independently otherwise, so that all have the same rate.
 */
export function correlatedSpikes(
  sources: SpikeSources,
  members: readonly number[],
  { rate, share, jitter }: Correlation,
  window: { readonly from: number; readonly to: number },
  stream: Stream,
): Stimulus {
  const times: number[] = [];
  const indices: number[] = [];
  const last = window.to - jitter;
  if (share > 0)
    for (
      let t = window.from + stream.exponential() / rate;
      t < last;
      t += stream.exponential() / rate
    )
      for (const source of members)
        if (stream.uniform() < share) {
          times.push(t + jitter * stream.uniform());
          indices.push(source);
        }
  const own = rate * (1 - share);
  for (const source of members)
    for (
      let t = window.from + stream.exponential() / own;
      t < window.to;
      t += stream.exponential() / own
    ) {
      times.push(t);
      indices.push(source);
    }
  return { sources, times, indices };
}
