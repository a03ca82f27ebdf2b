/** The network as the experimenter thinks of it: populations, spike sources, projections. */
import { ExperimentError, unknownName } from '../failure.js';
import type { NeuronSettings } from './neuron.js';

/** A group of neurons with the same settings. */
export interface Population {
  readonly kind: 'population';
  readonly name: string;
  readonly size: number;
  readonly settings: NeuronSettings;
}

/** A group of spike trains that the host sends. */
export interface SpikeSources {
  readonly kind: 'sources';
  readonly name: string;
  readonly size: number;
}

/** One synapse of a projection; a weight above 63 is spread over several rows. */
export interface Connection {
  readonly source: number;
  readonly target: number;
  readonly weight: number;
}

/** A plasticity rule attached to a projection. */
export interface RuleAttachment {
  /** Name of the file, for messages. */
  readonly file: string;
  /** The rule's text. */
  readonly text: string;
  /** Values of its parameters by name; the file's defaults hold otherwise. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly baseline: 'synapse' | 'column' | 'none';
}

/** Synapses from one group to another. */
export interface Projection {
  readonly name: string;
  readonly source: SpikeSources;
  readonly target: Population;
  readonly receptor: 'excitatory' | 'inhibitory';
  readonly connections: readonly Connection[];
  readonly rule?: RuleAttachment;
}

/** Turns sizes into connections; `weight` may depend on source and target. */
export type Connector = (sources: number, targets: number) => readonly Connection[];

/** A weight, or a weight for each pair. */
export type Weight = number | ((source: number, target: number) => number);

const weightOf = (weight: Weight, source: number, target: number): number =>
  typeof weight === 'number' ? weight : weight(source, target);

/** Every source to every target. */
export function allToAll(weight: Weight): Connector {
  return (sources, targets) =>
    Array.from({ length: sources * targets }, (_, k) => {
      const source = Math.floor(k / targets);
      const target = k % targets;
      return { source, target, weight: weightOf(weight, source, target) };
    });
}

/** Source i to target i. */
export function oneToOne(weight: Weight): Connector {
  return (sources, targets) =>
    Array.from({ length: Math.min(sources, targets) }, (_, i) => ({
      source: i,
      target: i,
      weight: weightOf(weight, i, i),
    }));
}

/** Source i to every target but i: what a teacher needs to silence the others. */
export function allButOne(weight: Weight): Connector {
  return (sources, targets) =>
    allToAll(weight)(sources, targets).filter(({ source, target }) => source !== target);
}

/** Exactly these synapses. */
export function fromList(connections: readonly Connection[]): Connector {
  return () => connections;
}

/** What a projection may say besides its ends and connector. */
export interface ProjectionOptions {
  readonly name?: string;
  /** `excitatory` unless said. */
  readonly receptor?: 'excitatory' | 'inhibitory';
  readonly rule?: RuleAttachment;
}

/** A network under construction. Names are unique. */
export class Network {
  readonly populations: Population[] = [];
  readonly sources: SpikeSources[] = [];
  readonly projections: Projection[] = [];

  /** Adds neurons. @throws ExperimentError for a used name or a size out of 1..512 */
  addPopulation(name: string, size: number, settings: NeuronSettings): Population {
    this.checkNew(name, size, 512);
    const population = { kind: 'population', name, size, settings } as const;
    this.populations.push(population);
    return population;
  }

  /** Adds spike trains that the host sends. @throws ExperimentError for a used name or a size below 1 */
  addSources(name: string, size: number): SpikeSources {
    this.checkNew(name, size, 16384);
    const sources = { kind: 'sources', name, size } as const;
    this.sources.push(sources);
    return sources;
  }

  /**
   * Adds synapses. The ends may be given by name.
   * @throws ExperimentError for an unknown end, a synapse outside of them, or a weight that is not a whole number >= 0
   */
  project(
    from: SpikeSources | string,
    to: Population | string,
    connector: Connector,
    options: ProjectionOptions = {},
  ): Projection {
    const nameOf = (end: string | { readonly name: string }): string =>
      typeof end === 'string' ? end : end.name;
    const name = options.name ?? `${nameOf(from)} -> ${nameOf(to)}`;
    const place = `projection "${name}"`;
    const source = typeof from === 'string' ? this.findSources(from, place) : from;
    const target = typeof to === 'string' ? this.findPopulation(to, place) : to;
    if (!this.sources.includes(source))
      throw unknownName('source', source.name, this.sourceNames(), place);
    if (!this.populations.includes(target))
      throw unknownName('population', target.name, this.populationNames(), place);
    if (this.projections.some((other) => other.name === name))
      throw new ExperimentError(
        'the name is used twice',
        place,
        'Give one of the projections another `name`.',
      );
    const connections = connector(source.size, target.size);
    for (const { source: s, target: t, weight } of connections) {
      if (!(s >= 0 && s < source.size && t >= 0 && t < target.size))
        throw new ExperimentError(
          `synapse ${s} -> ${t} lies outside of ${source.size} sources and ${target.size} neurons`,
          place,
          'Count sources and neurons from 0.',
        );
      if (!Number.isInteger(weight) || weight < 0)
        throw new ExperimentError(
          `the weight of synapse ${s} -> ${t} is ${weight}`,
          place,
          'Weights are whole numbers from 0 on (63 is full; larger ones take several rows).',
        );
    }
    const projection: Projection = {
      name,
      source,
      target,
      receptor: options.receptor ?? 'excitatory',
      connections,
      ...(options.rule ? { rule: options.rule } : {}),
    };
    this.projections.push(projection);
    return projection;
  }

  /** A population by name. @throws ExperimentError */
  findPopulation(name: string, place = 'network'): Population {
    const found = this.populations.find((population) => population.name === name);
    if (!found) throw unknownName('population', name, this.populationNames(), place);
    return found;
  }

  /** Spike sources by name. @throws ExperimentError */
  findSources(name: string, place = 'network'): SpikeSources {
    const found = this.sources.find((sources) => sources.name === name);
    if (!found) throw unknownName('source', name, this.sourceNames(), place);
    return found;
  }

  private populationNames(): string[] {
    return this.populations.map((population) => population.name);
  }

  private sourceNames(): string[] {
    return this.sources.map((sources) => sources.name);
  }

  private checkNew(name: string, size: number, most: number): void {
    if ([...this.populationNames(), ...this.sourceNames()].includes(name))
      throw new ExperimentError(
        `the name "${name}" is used twice`,
        'network',
        'Choose another name.',
      );
    if (!Number.isInteger(size) || size < 1 || size > most)
      throw new ExperimentError(
        `"${name}" has size ${size}`,
        'network',
        `Sizes are whole numbers 1..${most}.`,
      );
  }
}
