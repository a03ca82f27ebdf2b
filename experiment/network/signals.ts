/** Samples and spikes as they come, and as the data that populations, sources and projections hand out. */
import type { Piece } from '../piece.js';
import { neuronsOf } from './groups.js';
import { cadc } from './neuron.js';
import type { Hemisphere } from './neuron-places.js';
import type { PlacedProjection } from './placement.js';
import type { Population } from './population.js';
import type { Projection } from './projection.js';
import type { AnalogVariable, RecordedSignal, RecordedSpikes } from './recorded.js';
import type { SampleRequest } from './sampling.js';
import type { SpikeSources } from './spike-sources.js';
import type { Stimulus } from './stimuli.js';

/** A recording of neurons on one half. */
export interface NeuronSampling extends SampleRequest {
  readonly population: Population;
  readonly variable: AnalogVariable;
  readonly neurons: readonly number[];
  readonly compartments: readonly string[];
  readonly times: number[];
  readonly codes: Uint16Array[];
}

/** Spikes so far. */
export interface Spikes {
  readonly times: number[];
  readonly neurons: number[];
}

/** Calls `note` with the spikes of the sources that are recorded, in order of time: what the host has sent, and what generators have sent back. */
export function sourceSpikes(
  piece: Piece,
  stimuli: readonly Stimulus[],
  note: (sources: SpikeSources, time: number, index: number) => void,
): void {
  const add = (
    sources: SpikeSources,
    times: ArrayLike<number>,
    indices: ArrayLike<number>,
  ): void => {
    if (!sources.isRecorded) return;
    const order = Array.from(times, (_, i) => i).sort(
      (a, b) => (times[a] ?? 0) - (times[b] ?? 0) || (indices[a] ?? 0) - (indices[b] ?? 0),
    );
    for (const i of order) note(sources, times[i] ?? 0, indices[i] ?? 0);
  };
  for (const { sources, times, indices } of stimuli) add(sources, times, indices);
  for (const [sources, { times, neurons }] of piece.background) add(sources, times, neurons);
}

/** Spikes as data. */
export function recordedSpikes(spikes: Spikes | undefined): RecordedSpikes {
  return {
    times: Float64Array.from(spikes?.times ?? []),
    neurons: Uint16Array.from(spikes?.neurons ?? []),
  };
}

/** The interval that a projection or the neurons it ends on ask for. */
export function correlationInterval({
  correlationInterval: own,
  target,
}: Projection): number | undefined {
  return (
    own ??
    neuronsOf(target).find(({ population }) => population.correlationInterval !== undefined)
      ?.population.correlationInterval
  );
}

/** Connections whose first synapse lies on a half. */
export function connectionsOn(placed: PlacedProjection, hemisphere: Hemisphere): number[] {
  return placed.synapsesOf.flatMap((own, connection) =>
    placed.synapses[own[0] ?? -1]?.hemisphere === hemisphere ? [connection] : [],
  );
}

/** Samplings of one population and value as one signal: neurons of both halves beside each other. */
export function joinSignals(samplings: readonly NeuronSampling[]): RecordedSignal {
  const times = Float64Array.from(samplings[0]?.times ?? []);
  const neurons = samplings.flatMap((sampling) => sampling.neurons);
  const parts = samplings.map((sampling) => ({
    width: sampling.neurons.length,
    codes: sampling.codes.flatMap((codes) => Array.from(codes)),
  }));
  const codes = new Uint16Array(times.length * neurons.length);
  let first = 0;
  for (const { width, codes: own } of parts) {
    for (let sample = 0; sample < times.length; sample++)
      for (let i = 0; i < width; i++)
        codes[sample * neurons.length + first + i] = own[sample * width + i] ?? 0;
    first += width;
  }
  const compartments = samplings.flatMap((sampling) => sampling.compartments);
  return { times, neurons, compartments, codes, values: Float64Array.from(codes, cadc) };
}
