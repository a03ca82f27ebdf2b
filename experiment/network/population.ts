/** Groups of neurons: populations, views of some of their neurons, and assemblies of several. */
import type { Stream } from '../../isa/numeric/random.js';
import { neuronCapmemRows } from '../../isa/registers/capmem.js';
import type { NeuronParameter } from '../../isa/registers/capmem.js';
import { ExperimentError, unknownName } from '../failure.js';
import { parameterNames, rawNames, withParameters } from './cells.js';
import { drawSome } from './connectors.js';
import type { NeuronSettings } from './neuron.js';
import { countSpikes, dataOf, joinSpikes, recordable } from './recorded.js';
import type {
  PopulationData,
  Recordable,
  RecordedSpikes,
  Recording,
  RecordOptions,
} from './recorded.js';
import type { SourceCell } from './sources.js';

export { recordable } from './recorded.js';
export type {
  PopulationData,
  Recordable,
  RecordedSignal,
  RecordedSpikes,
  Recording,
  RecordOptions,
} from './recorded.js';

/** A name that `set` takes: raw names, or a parameter of the nominal neuron where a cell type has given one. */
export type ParameterValues = Readonly<Record<string, number | readonly number[]>>;

const codeNames: ReadonlySet<string> = new Set(neuronCapmemRows);

/** A group of neurons. */
export class Population {
  readonly kind = 'population';
  /** What shall be recorded. */
  readonly recordings: Recording[] = [];
  /** Membrane potentials (V) wanted at the begin of a run, by neuron. */
  readonly initial = new Map<number, number>();
  /** Where recorded data come from, once there is something that runs the network. */
  provider: ((population: Population) => PopulationData) | undefined;
  private readonly own: NeuronSettings[];

  /** @param hemisphere 0 top, 1 bottom; chosen by the placement if absent */
  constructor(
    readonly name: string,
    readonly size: number,
    /** Settings as the population was made; `settingsOf` gives a neuron's present ones. */
    readonly settings: NeuronSettings,
    readonly hemisphere?: 0 | 1,
  ) {
    this.own = Array.from({ length: size }, () => settings);
  }

  /** Present settings of a neuron. */
  settingsOf(neuron: number): NeuronSettings {
    return this.own[neuron] ?? this.settings;
  }

  /**
   * Changes parameters, in SI units by the names of the cell (`tau_m` of a `lif`, `tau_w` of an `adex`) or raw values (codes
   * by the names of the parameter memory, switches, `mem_cap_size`, `refractory_time`): one for all neurons, or a list
   * with one each. What was set raw wins.
   * @throws ExperimentError for an unknown name, a value that does not exist, or a list of another length
   */
  set(values: ParameterValues): void {
    this.setFor(this.all(), values);
  }

  /** Like `set`, for some neurons. */
  setFor(neurons: readonly number[], values: ParameterValues): void {
    for (const [name, value] of Object.entries(values))
      if (typeof value !== 'number' && value.length !== neurons.length)
        throw new ExperimentError(
          `${name} has ${value.length} values for ${neurons.length} neurons`,
          `population "${this.name}"`,
          'Give one value for all, or one for each.',
        );
    const changed = neurons.map((neuron, k) => {
      const raw: Record<string, number> = {};
      for (const [name, value] of Object.entries(values))
        raw[name] = typeof value === 'number' ? value : (value[k] ?? NaN);
      return withParameters(this.settingsOf(neuron), raw);
    });
    // Nothing is changed unless all is right.
    neurons.forEach((neuron, k) => {
      const settings = changed[k];
      if (settings) this.own[neuron] = settings;
    });
  }

  /** Gives all neurons other settings, for example `lif({ tau_m: 20e-6 })`. */
  configure(settings: NeuronSettings): void {
    this.own.fill(settings);
  }

  /** Gives one neuron other settings. */
  configureNeuron(neuron: number, settings: NeuronSettings): void {
    if (neuron >= 0 && neuron < this.size) this.own[neuron] = settings;
  }

  /** Values of a parameter, one per neuron: a raw name, or one in SI units that the cell type stands for. */
  get(name: string): Float64Array {
    return Float64Array.from(this.all(), (neuron) => this.valueOf(neuron, name));
  }

  /** One value of one neuron. */
  valueOf(neuron: number, name: string): number {
    const settings = this.settingsOf(neuron);
    if (codeNames.has(name)) return settings.codes[name as NeuronParameter];
    if (name === 'mem_cap_size') return settings.capacitance;
    if (name === 'refractory_time') return settings.refractory;
    const nominal = settings.cell?.values[name];
    if (nominal !== undefined) return nominal;
    if (!rawNames.includes(name))
      throw unknownName(
        'parameter',
        name,
        [...rawNames, ...parameterNames(settings)],
        `population "${this.name}"`,
      );
    return settings.switches?.[name as keyof NeuronSettings['switches']] ?? 0;
  }

  /** Membrane potentials at the begin of the next run, V: one for all neurons or one each. */
  initialize(values: { readonly v: number | readonly number[] }): void {
    this.initializeFor(this.all(), values);
  }

  /** As `initialize`, for some neurons by their index. */
  initializeFor(
    neurons: readonly number[],
    { v }: { readonly v: number | readonly number[] },
  ): void {
    neurons.forEach((neuron, k) => {
      const value = typeof v === 'number' ? v : v[k];
      if (value === undefined || !(value >= 0 && value <= 1.2))
        throw new ExperimentError(
          `v of neuron ${neuron} is ${value}`,
          `population "${this.name}"`,
          'Membranes lie in 0..1.2 V; cadc(80) gives the voltage that reads 80.',
        );
      this.initial.set(neuron, value);
    });
  }

  /**
   * Asks for recordings of all neurons. Spikes are always recorded.
   * @param interval s between samples of `v`, `w`, `exc`, `inh`; or options
   */
  record(variables: Recordable | readonly Recordable[], interval?: number | RecordOptions): void {
    this.recordFor(this.all(), variables, interval);
  }

  /** As `record`, for some neurons by their index. */
  recordFor(
    neurons: readonly number[],
    variables: Recordable | readonly Recordable[],
    interval?: number | RecordOptions,
  ): void {
    const options = typeof interval === 'number' ? { interval } : (interval ?? {});
    for (const variable of typeof variables === 'string' ? [variables] : variables) {
      if (!recordable.includes(variable))
        throw unknownName('variable', variable, recordable, `population "${this.name}"`);
      const device = options.device ?? (options.interval === undefined ? 'madc' : 'cadc');
      if (variable !== 'spikes' && device === 'madc' && neurons.length !== 1)
        throw new ExperimentError(
          `${neurons.length} neurons are to be recorded by the fast converter`,
          `population "${this.name}"`,
          'It follows one neuron: record a view of one, or give an interval to use the parallel converter.',
        );
      if (variable !== 'spikes' && device === 'cadc' && !((options.interval ?? 0) > 0))
        throw new ExperimentError(
          `the interval is ${options.interval} s`,
          `population "${this.name}"`,
          'The parallel converter samples at an interval, for example 5e-6 s.',
        );
      this.recordings.push({ ...options, device, variable, neurons });
    }
  }

  /** Neurons by index; `view([0, 2])` or `view(0, 3)` for a range without its end. */
  view(first: number | readonly number[], end?: number): PopulationView {
    const indices =
      typeof first === 'number'
        ? Array.from({ length: Math.max(0, (end ?? first + 1) - first) }, (_, i) => first + i)
        : first;
    return new PopulationView(this, indices);
  }

  /** `count` neurons drawn at random. */
  sample(count: number, stream: Stream): PopulationView {
    return sampleOf(this, this.all(), count, stream);
  }

  /** What was recorded since the last reset. @throws ExperimentError before anything has run */
  getData(): PopulationData {
    if (!this.provider)
      throw new ExperimentError(
        'nothing has run yet',
        `population "${this.name}"`,
        'Data are there after `run`.',
      );
    return this.provider(this);
  }

  /** Spikes of each neuron since the last reset. @throws ExperimentError before anything has run */
  getSpikeCounts(): number[] {
    return countSpikes(this.getData().spikes, this.size);
  }

  private all(): number[] {
    return Array.from({ length: this.size }, (_, i) => i);
  }
}

/** Some neurons of a population, in a given order. */
export class PopulationView {
  readonly kind = 'view';
  readonly name: string;

  constructor(
    readonly parent: Population,
    readonly indices: readonly number[],
  ) {
    this.name = `${parent.name}[${indices.length}]`;
    const outside = indices.find((i) => !(Number.isInteger(i) && i >= 0 && i < parent.size));
    if (outside !== undefined || new Set(indices).size !== indices.length || indices.length === 0)
      throw new ExperimentError(
        outside === undefined
          ? indices.length === 0
            ? 'a view is empty'
            : 'a view names a neuron twice'
          : `there is no neuron ${outside}`,
        `population "${parent.name}"`,
        `It has neurons 0..${parent.size - 1}.`,
      );
  }

  get size(): number {
    return this.indices.length;
  }

  /** See `Population.set`. */
  set(values: ParameterValues): void {
    this.parent.setFor(this.indices, values);
  }

  /** See `Population.get`. */
  get(name: string): Float64Array {
    return Float64Array.from(this.indices, (neuron) => this.parent.valueOf(neuron, name));
  }

  /** See `Population.initialize`. */
  initialize(values: { readonly v: number | readonly number[] }): void {
    this.parent.initializeFor(this.indices, values);
  }

  /** See `Population.record`. */
  record(variables: Recordable | readonly Recordable[], interval?: number | RecordOptions): void {
    this.parent.recordFor(this.indices, variables, interval);
  }

  /** See `Population.sample`. */
  sample(count: number, stream: Stream): PopulationView {
    return sampleOf(this.parent, this.indices, count, stream);
  }

  /** What the neurons of this view have recorded, counted as in the view. @throws ExperimentError before anything has run */
  getData(): PopulationData {
    return dataOf(this.parent.getData(), this.indices);
  }

  /** See `Population.getSpikeCounts`. */
  getSpikeCounts(): number[] {
    return countSpikes(this.getData().spikes, this.size);
  }
}

function sampleOf(
  parent: Population,
  indices: readonly number[],
  count: number,
  stream: Stream,
): PopulationView {
  const places = [...drawSome(indices.length, count, stream)].sort((a, b) => a - b);
  return new PopulationView(
    parent,
    places.map((place) => indices[place] ?? 0),
  );
}

/** Several groups one after another. */
export class Assembly {
  readonly kind = 'assembly';
  readonly parts: readonly (Population | PopulationView)[];

  constructor(
    readonly name: string,
    ...parts: readonly (Population | PopulationView)[]
  ) {
    this.parts = parts;
  }

  get size(): number {
    return this.parts.reduce((sum, part) => sum + part.size, 0);
  }

  /** See `Population.set`. */
  set(values: Readonly<Record<string, number>>): void {
    for (const part of this.parts) part.set(values);
  }

  /** See `Population.get`. */
  get(name: string): Float64Array {
    return Float64Array.from(this.parts.flatMap((part) => Array.from(part.get(name))));
  }

  /** See `Population.initialize`. */
  initialize(values: { readonly v: number }): void {
    for (const part of this.parts) part.initialize(values);
  }

  /** See `Population.record`. */
  record(variables: Recordable | readonly Recordable[], interval?: number | RecordOptions): void {
    for (const part of this.parts) part.record(variables, interval);
  }

  /** Spikes of all members, counted as in the assembly, in the order of their times. */
  getSpikes(): RecordedSpikes {
    return joinSpikes(
      this.parts.map((part) => ({ size: part.size, spikes: part.getData().spikes })),
    );
  }

  /** See `Population.getSpikeCounts`. */
  getSpikeCounts(): number[] {
    return countSpikes(this.getSpikes(), this.size);
  }

  /** See `Population.sample`. */
  sample(count: number, stream: Stream): Assembly {
    const drawn = drawSome(this.size, count, stream);
    let first = 0;
    const parts: PopulationView[] = [];
    for (const part of this.parts) {
      const own = [...drawn].filter((i) => i >= first && i < first + part.size);
      const [parent, indices] =
        part.kind === 'view' ? [part.parent, part.indices] : [part, undefined];
      const offset = first;
      if (own.length > 0)
        parts.push(
          parent.view(
            own
              .sort((a, b) => a - b)
              .map((i) => (indices ? (indices[i - offset] ?? 0) : i - offset)),
          ),
        );
      first += part.size;
    }
    return new Assembly(`${this.name}[${count}]`, ...parts);
  }
}

/** A group of spike trains, from the host or from the chip's generators. */
export interface SpikeSources {
  readonly kind: 'sources';
  readonly name: string;
  readonly size: number;
  /** What they do by themselves; without it they send what `run` is given. */
  cell?: SourceCell;
}

/** What synapses can start from. */
export type SourceGroup = SpikeSources | Population | PopulationView | Assembly;
/** What synapses can end on. */
export type TargetGroup = Population | PopulationView | Assembly;

/** A source by what carries it: a population's neuron or a spike train. */
export interface SourceMember {
  readonly group: SpikeSources | Population;
  readonly index: number;
}

/** Members of a source group in order. */
export function membersOf(group: SourceGroup): SourceMember[] {
  switch (group.kind) {
    case 'sources':
    case 'population':
      return Array.from({ length: group.size }, (_, index) => ({ group, index }));
    case 'view':
      return group.indices.map((index) => ({ group: group.parent, index }));
    case 'assembly':
      return group.parts.flatMap(membersOf);
  }
}

/** Neurons of a target group in order. */
export function neuronsOf(group: TargetGroup): { population: Population; index: number }[] {
  return membersOf(group).flatMap(({ group: population, index }) =>
    population.kind === 'population' ? [{ population, index }] : [],
  );
}
