/** A group of neurons with their parameters, start values and recordings. */
import type { Stream } from '../../isa/numeric/random.js';
import { neuronCapmemRows } from '../../isa/registers/capmem.js';
import type { NeuronParameter } from '../../isa/registers/capmem.js';
import { ExperimentError, checkNames, unknownName } from '../failure.js';
import { parameterNames, rawNames, withParameters } from './cells.js';
import type { NeuronSettings } from './neuron.js';
import { countSpikes, recordable } from './recorded.js';
import type { PopulationData, Recordable, Recording, RecordOptions } from './recorded.js';
import { indicesOf, spreadValue } from './values.js';
import type { GroupValue, ParameterValues } from './values.js';
import { PopulationView, sampleIndices } from './views.js';

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
  /** s between samples of the correlation sensors of all synapses on these neurons. */
  correlationInterval: number | undefined;
  /** A run is under way, for which recordings are settled. */
  isRunning = false;
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
   * by the names of the parameter memory, switches, `mem_cap_size`, `refractory_time`): one for all neurons, a list
   * with one each, or a function of the neuron's index. What was set raw wins.
   * @throws ExperimentError for an unknown name, a value that does not exist, or a list of another length
   */
  set(values: ParameterValues): void {
    this.change(values)();
  }

  /** What `set` does, checked but not done yet: several groups can be changed together or not at all. */
  change(values: ParameterValues): () => void {
    return this.changeFor(this.all(), values);
  }

  /** Like `change`, for some neurons. */
  changeFor(neurons: readonly number[], values: ParameterValues): () => void {
    const lists = Object.entries(values).map(
      ([name, value]) => [name, spreadValue(name, value, neurons.length, this.place)] as const,
    );
    const changed = neurons.map((neuron, k) =>
      withParameters(
        this.settingsOf(neuron),
        Object.fromEntries(lists.map(([name, list]) => [name, list[k] ?? NaN])),
      ),
    );
    return () => {
      neurons.forEach((neuron, k) => {
        const settings = changed[k];
        if (settings) this.own[neuron] = settings;
      });
    };
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

  /** Membrane potentials at the begin of the next run, V: one for all neurons, one each, or a function of the index. */
  initialize(values: { readonly v: GroupValue }): void {
    this.initializeFor(this.all(), values)();
  }

  /** As `initialize`, for some neurons by their index, checked but not done yet. */
  initializeFor(neurons: readonly number[], values: { readonly v: GroupValue }): () => void {
    checkNames('state variable with a start value', values, ['v'], this.place);
    const own = spreadValue('v', values.v, neurons.length, this.place);
    own.forEach((value, k) => {
      if (!(value >= 0 && value <= 1.2))
        throw new ExperimentError(
          `v of neuron ${neurons[k]} is ${value}`,
          this.place,
          'Membranes lie in 0..1.2 V; cadc(80) gives the voltage that reads 80.',
        );
    });
    return () => {
      neurons.forEach((neuron, k) => this.initial.set(neuron, own[k] ?? NaN));
    };
  }

  /**
   * Asks for recordings of all neurons, before the first run. Spikes are always recorded; `correlation` records the sensors of all
   * synapses on these neurons, and the projections have the data.
   * @param interval s between samples of `v`, `w`, `exc`, `inh`, `correlation`; or options
   */
  record(variables: Recordable | readonly Recordable[], interval?: number | RecordOptions): void {
    this.recordFor(this.all(), variables, interval)();
  }

  /** As `record`, for some neurons by their index, checked but not done yet. */
  recordFor(
    neurons: readonly number[],
    variables: Recordable | readonly Recordable[],
    interval?: number | RecordOptions,
  ): () => void {
    const options = typeof interval === 'number' ? { interval } : (interval ?? {});
    checkNames('option', options, ['interval', 'device', 'compartment'], `record of ${this.place}`);
    const device = options.device ?? (options.interval === undefined ? 'madc' : 'cadc');
    const wanted = typeof variables === 'string' ? [variables] : variables;
    for (const variable of wanted) this.checkRecording(variable, { ...options, device }, neurons);
    return () => {
      for (const variable of wanted)
        if (variable === 'correlation') this.correlationInterval = options.interval;
        else this.recordings.push({ ...options, device, variable, neurons });
    };
  }

  private checkRecording(
    variable: Recordable,
    { interval, device }: RecordOptions,
    neurons: readonly number[],
  ): void {
    const { place } = this;
    if (!recordable.includes(variable)) throw unknownName('variable', variable, recordable, place);
    if (variable === 'spikes') return;
    if (this.isRunning)
      throw new ExperimentError(
        `"${variable}" is to be recorded while the network runs`,
        place,
        'Converters are shared out when a network begins to run: call `record` before the first `run`, or after `reset`.',
      );
    if (variable !== 'correlation' && device === 'madc' && neurons.length !== 1)
      throw new ExperimentError(
        `${neurons.length} neurons are to be recorded by the fast converter`,
        place,
        'It follows one neuron: record a view of one, or give an interval to use the parallel converter.',
      );
    if ((variable === 'correlation' || device === 'cadc') && !((interval ?? 0) > 0))
      throw new ExperimentError(
        `the interval is ${interval} s`,
        place,
        'The parallel converter samples at an interval, for example 5e-6 s.',
      );
  }

  /** Neurons by index; `view([0, 2])` or `view(0, 3)` for a range without its end. */
  view(first: number | readonly number[], end?: number): PopulationView {
    return new PopulationView(this, indicesOf(first, end));
  }

  /** `count` neurons drawn at random. @throws ExperimentError when there are not so many */
  sample(count: number, stream: Stream): PopulationView {
    return this.view(sampleIndices(this.size, count, stream, this.name));
  }

  /** What was recorded since the last reset. @throws ExperimentError before anything has run */
  getData(): PopulationData {
    if (!this.provider)
      throw new ExperimentError('nothing has run yet', this.place, 'Data are there after `run`.');
    return this.provider(this);
  }

  /** Spikes of each neuron since the last reset. @throws ExperimentError before anything has run */
  getSpikeCounts(): number[] {
    return countSpikes(this.getData().spikes, this.size);
  }

  private get place(): string {
    return `population "${this.name}"`;
  }

  private all(): number[] {
    return Array.from({ length: this.size }, (_, i) => i);
  }
}
