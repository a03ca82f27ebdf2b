/** Synapses from one group to another, with weights that can be read and changed. */
import { ExperimentError, checkNames, unknownName } from '../failure.js';
import type { Connection, Weight } from './connectors.js';
import type { SourceGroup, TargetGroup } from './groups.js';
import type { Population } from './population.js';
import type { SpikeSources } from './spike-sources.js';

/**
 * A parameter or an input of a rule: one number for all; one for each element, target neuron, source (`per row`) or synapse
 * (in the order of `connections`, or as an array with a row per source); lists of lists for arrays `per` something; or
 * a function of the index and the element, for synapses of source and target.
 */
export type RuleValue =
  | number
  | readonly number[]
  | readonly (readonly number[])[]
  | ((first: number, second: number) => number);

/** A plasticity rule attached to a projection. */
export interface RuleAttachment {
  /** Name of the file, for messages. */
  readonly file: string;
  /** The rule's text. */
  readonly text: string;
  /** Values of its parameters and inputs by name; the file's defaults hold otherwise. */
  readonly parameters: Readonly<Record<string, RuleValue>>;
  readonly baseline: 'synapse' | 'column' | 'none';
  /** The population behind the rule's `neurons NAME`, by that name. */
  readonly neurons?: Readonly<Record<string, Population>> | undefined;
}

/** Which line of its neurons a projection drives; `signed` puts each source on both rows of a driver. */
export type Receptor = 'excitatory' | 'inhibitory' | 'signed';

/** What a projection may say besides its ends and connector. */
export interface ProjectionOptions {
  readonly name?: string;
  /** `excitatory` unless said. */
  readonly receptor?: Receptor;
  readonly rule?: RuleAttachment;
  /** Rows that each source keeps for weights that will be set later: 63 each; as many as the first weights need if absent. */
  readonly rows?: number;
  /** Compartment of the targets; the first if absent. */
  readonly compartment?: string;
  /** A weight for connectors that give none, or for each pair. */
  readonly weight?: Weight;
}

/** Values of the sensors of a projection's synapses over time. */
export interface RecordedCorrelation {
  readonly times: Float64Array;
  /** Sample x synapse, counts: baseline code minus code; in the order of `connections`. */
  readonly causal: Float64Array;
  readonly acausal: Float64Array;
}

/** Values of synapses: one for all, one per synapse in order, an array with a row per source, or a function. */
export type SynapseValues = Weight | readonly number[] | readonly (readonly number[])[];

const optionNames = ['name', 'receptor', 'rule', 'rows', 'compartment', 'weight'];
const receptors: readonly string[] = ['excitatory', 'inhibitory', 'signed'];

/** See the module's first sentence. */
export class Projection<S extends SourceGroup = SourceGroup, T extends TargetGroup = TargetGroup> {
  /** The synapses with their present weights: those last set, or last read from the chip. */
  connections: readonly Connection[];
  readonly receptor: Receptor;
  readonly rule: RuleAttachment | undefined;
  /** Present values of the rule's parameters and inputs that were given, by name. */
  readonly ruleValues: Map<string, RuleValue>;
  /** s between samples of the correlation sensors. */
  correlationInterval: number | undefined;
  /** Where `getData` gets its samples; set by the session that records them. */
  provider: ((projection: Projection) => RecordedCorrelation | undefined) | undefined;

  constructor(
    readonly name: string,
    readonly source: S,
    readonly target: T,
    connections: readonly Connection[],
    readonly options: ProjectionOptions = {},
  ) {
    const place = `projection "${name}"`;
    if ('delay' in options)
      throw new ExperimentError(
        'a delay is asked for',
        place,
        'Delays do not exist on the chip: leave it out, or shift the spike times of the sources.',
      );
    checkNames('option', options, optionNames, place);
    this.receptor = options.receptor ?? 'excitatory';
    if (!receptors.includes(this.receptor))
      throw unknownName('receptor', this.receptor, receptors, place);
    this.rule = options.rule;
    this.ruleValues = new Map(Object.entries(options.rule?.parameters ?? {}));
    this.connections = checkConnections(this, connections);
  }

  get size(): number {
    return this.connections.length;
  }

  /**
   * Changes weights: one for all, one per synapse in order, an array with a row per source (as `get` gives it), or a
   * function of source and target; and, of a projection with a rule, the rule's parameters and inputs by their names, which
   * the rule sees from the next piece on.
   * @throws ExperimentError for a weight that does not exist; what the rule does not know is refused when it runs
   */
  set(values: {
    readonly weight?: SynapseValues;
    readonly [name: string]: RuleValue | undefined;
  }): void {
    const { weight, ...others } = values;
    if (!this.rule)
      checkNames('synapse parameter', others, ['weight'], `projection "${this.name}"`);
    if (weight !== undefined) this.setWeights(weight);
    for (const [name, value] of Object.entries(others))
      if (value !== undefined) this.ruleValues.set(name, value);
  }

  private setWeights(weight: SynapseValues): void {
    const value = this.valueOf(weight);
    this.connections = checkConnections(
      this,
      this.connections.map(({ source, target }, k) => ({
        source,
        target,
        weight: value(source, target, k),
      })),
    );
  }

  /** The value that some values have for a synapse. */
  private valueOf(values: SynapseValues): (source: number, target: number, k: number) => number {
    if (typeof values === 'number') return () => values;
    if (typeof values === 'function') return (source, target) => values(source, target);
    const { length } = values;
    const isArray = (list: typeof values): list is readonly (readonly number[])[] =>
      typeof list[0] === 'object';
    if (isArray(values)) {
      const wide = values.find((row) => row.length !== this.target.size);
      if (length !== this.source.size || wide)
        throw new ExperimentError(
          `the array has ${length} x ${wide?.length ?? values[0]?.length ?? 0} entries`,
          `projection "${this.name}"`,
          `It has ${this.source.size} sources and ${this.target.size} targets: one row for each source.`,
        );
      return (source, target) => values[source]?.[target] ?? NaN;
    }
    if (length !== this.connections.length)
      throw new ExperimentError(
        `${length} weights are given for ${this.connections.length} synapses`,
        `projection "${this.name}"`,
        'Give one for all, or one for each.',
      );
    return (_source, _target, k) => values[k] ?? NaN;
  }

  /** Weights as a source x target array with NaN where there is no synapse, or as a list of synapses. */
  get(name: 'weight', format: 'array'): number[][];
  get(name: 'weight', format?: 'list'): [source: number, target: number, weight: number][];
  get(name: 'weight', format: 'array' | 'list' = 'list'): number[][] | [number, number, number][] {
    if (name !== 'weight')
      throw new ExperimentError(
        `there is no synapse parameter "${String(name)}"`,
        `projection "${this.name}"`,
        'Synapses have a weight; delays do not exist on the chip.',
      );
    if (format === 'list')
      return this.connections.map(({ source, target, weight }) => [source, target, weight]);
    const array = Array.from({ length: this.source.size }, () =>
      new Array<number>(this.target.size).fill(NaN),
    );
    for (const { source, target, weight } of this.connections) {
      const row = array[source];
      if (row) row[target] = Number.isNaN(row[target]) ? weight : (row[target] ?? 0) + weight;
    }
    return array;
  }

  /** Asks for the correlation sensors of all synapses at an interval (s), read by the host. */
  record(variable: 'correlation', interval: number): void {
    if (variable !== 'correlation' || !(interval > 0))
      throw new ExperimentError(
        `"${String(variable)}" every ${interval} s cannot be recorded`,
        `projection "${this.name}"`,
        'Record "correlation" at an interval in s; weights are read with `get` after a run.',
      );
    this.correlationInterval = interval;
  }

  /** What `record` gave since the last reset. */
  getData(): RecordedCorrelation | undefined {
    return this.provider?.(this);
  }
}

/** A projection from spike trains to a whole population. */
export type InputProjection = Projection<SpikeSources, Population>;

function checkConnections(
  projection: Projection,
  connections: readonly Connection[],
): readonly Connection[] {
  const { source, target, receptor, name } = projection;
  const place = `projection "${name}"`;
  for (const { source: s, target: t, weight } of connections) {
    if (!(s >= 0 && s < source.size && t >= 0 && t < target.size))
      throw new ExperimentError(
        `synapse ${s} -> ${t} lies outside of ${source.size} sources and ${target.size} neurons`,
        place,
        'Count sources and neurons from 0.',
      );
    if (!Number.isInteger(weight) || (weight < 0 && receptor !== 'signed'))
      throw new ExperimentError(
        `the weight of synapse ${s} -> ${t} is ${weight}`,
        place,
        receptor === 'signed'
          ? 'Weights are whole numbers (63 is full; larger ones take several rows).'
          : "Weights are whole numbers from 0 on (63 is full; larger ones take several rows); negative ones need receptor 'signed'.",
      );
  }
  return connections;
}
