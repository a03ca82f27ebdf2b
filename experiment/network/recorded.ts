/** What a group of neurons has recorded, and how the data of a part or of several groups follow from it. */

/** What can be recorded from a neuron. */
export const recordable = ['spikes', 'v', 'w', 'exc', 'inh', 'correlation'] as const;
/** One of `recordable`. */
export type Recordable = (typeof recordable)[number];
/** What converters show of a neuron: membrane, adaptation, excitatory and inhibitory synaptic line. */
export type AnalogVariable = Exclude<Recordable, 'spikes' | 'correlation'>;

/** How analog values are recorded. */
export interface RecordOptions {
  /** s between samples of the parallel converter. */
  readonly interval?: number;
  /** `cadc` samples many neurons at the interval, `madc` one neuron as fast as it can; `cadc` if an interval is given. */
  readonly device?: 'cadc' | 'madc';
  /** Compartment of neurons that have several; the firing one if absent. */
  readonly compartment?: string;
}

/** One request to record. */
export interface Recording extends RecordOptions {
  readonly variable: Exclude<Recordable, 'correlation'>;
  /** Neurons of the population, ascending. */
  readonly neurons: readonly number[];
}

/** Spikes of a group: times in s of hardware time, ascending. */
export interface RecordedSpikes {
  readonly times: Float64Array;
  readonly neurons: Uint16Array;
}

/** Samples of one analog value. */
export interface RecordedSignal {
  /** s of hardware time. */
  readonly times: Float64Array;
  /** Neurons in the order of the columns of `values`. */
  readonly neurons: readonly number[];
  /** Compartment of each column. */
  readonly compartments: readonly string[];
  /** Sample-major; volts of the nominal converter. */
  readonly values: Float64Array;
  /** What the converter gave. */
  readonly codes: Uint16Array;
}

/** What a population has recorded since the last reset. */
export interface PopulationData {
  readonly spikes: RecordedSpikes;
  /** Samples by what they show; of a value that both converters have recorded those of the parallel one. */
  readonly signals: Partial<Record<AnalogVariable, RecordedSignal>>;
  /** What the fast converter gave, if it was one of these neurons. */
  readonly madc?: RecordedSignal & { readonly variable: AnalogVariable };
}

/** Spikes of each of `size` neurons. */
export function countSpikes({ neurons }: RecordedSpikes, size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const neuron of neurons) counts[neuron] = (counts[neuron] ?? 0) + 1;
  return counts;
}

/** The columns of a signal that belong to some neurons, with the numbers that these have there. */
function signalOf(signal: RecordedSignal, place: ReadonlyMap<number, number>): RecordedSignal {
  const columns = Array.from(signal.neurons.keys()).filter((k) =>
    place.has(signal.neurons[k] ?? -1),
  );
  const width = signal.neurons.length;
  const pick = (from: ArrayLike<number>): number[] =>
    Array.from(signal.times).flatMap((_, t) => columns.map((k) => from[t * width + k] ?? NaN));
  return {
    times: signal.times,
    neurons: columns.map((k) => place.get(signal.neurons[k] ?? 0) ?? 0),
    compartments: columns.map((k) => signal.compartments[k] ?? ''),
    values: Float64Array.from(pick(signal.values)),
    codes: Uint16Array.from(pick(signal.codes)),
  };
}

/** The data of some neurons of a group, which are counted as in the list. */
export function dataOf(
  { spikes, signals, madc }: PopulationData,
  indices: readonly number[],
): PopulationData {
  const place = new Map(indices.map((neuron, k) => [neuron, k]));
  const kept = Array.from(spikes.neurons.keys()).filter((i) => place.has(spikes.neurons[i] ?? -1));
  return {
    spikes: {
      times: Float64Array.from(kept, (i) => spikes.times[i] ?? 0),
      neurons: Uint16Array.from(kept, (i) => place.get(spikes.neurons[i] ?? 0) ?? 0),
    },
    signals: Object.fromEntries(
      Object.entries(signals).map(([name, signal]) => [name, signalOf(signal, place)]),
    ),
    ...(madc?.neurons.some((neuron) => place.has(neuron))
      ? { madc: { ...signalOf(madc, place), variable: madc.variable } }
      : {}),
  };
}

/** Spikes of several groups as those of one, in the order of their times. */
export function joinSpikes(
  groups: readonly { readonly size: number; readonly spikes: RecordedSpikes }[],
): RecordedSpikes {
  let first = 0;
  const all = groups.flatMap(({ size, spikes: { times, neurons } }) => {
    const own = Array.from(times, (time, i) => ({ time, neuron: first + (neurons[i] ?? 0) }));
    first += size;
    return own;
  });
  all.sort((a, b) => a.time - b.time || a.neuron - b.neuron);
  return {
    times: Float64Array.from(all, ({ time }) => time),
    neurons: Uint16Array.from(all, ({ neuron }) => neuron),
  };
}
