/** The network as the experimenter thinks of it: populations, spike sources, projections. */
import { ExperimentError, unknownName } from '../failure.js';
import type { Connector } from './connectors.js';
import type { NeuronSettings } from './neuron.js';
import { Population } from './population.js';
import { membersOf } from './groups.js';
import type { SourceGroup, TargetGroup } from './groups.js';
import { SpikeSources } from './spike-sources.js';
import { Projection } from './projection.js';
import type { ProjectionOptions } from './projection.js';
import type { SourceCell } from './sources.js';

/** What a population may say besides its name, size and settings. */
export interface PopulationOptions {
  /** 0 top, 1 bottom half of the chip; chosen by the placement if absent. */
  readonly hemisphere?: 0 | 1;
}

/** Most neurons of a network; more than a chip has, since a network may run in parts. */
const mostNeurons = 65536;

/** A network under construction. Names are unique. */
export class Network {
  readonly populations: Population[] = [];
  readonly sources: SpikeSources[] = [];
  readonly projections: Projection[] = [];

  /** Adds neurons. @throws ExperimentError for a used name or a size that is not a whole number from 1 on */
  addPopulation(
    name: string,
    size: number,
    settings: NeuronSettings,
    options: PopulationOptions = {},
  ): Population {
    this.checkNew(name, size, mostNeurons);
    const population = new Population(name, size, settings, options.hemisphere);
    this.populations.push(population);
    return population;
  }

  /**
   * Adds spike trains.
   * @param cell what they do by themselves; without it they send what each `run` is given
   * @throws ExperimentError for a used name or a size below 1
   */
  addSources(name: string, size: number, cell?: SourceCell): SpikeSources {
    this.checkNew(name, size, 16384);
    const sources = new SpikeSources(name, size, cell);
    this.sources.push(sources);
    return sources;
  }

  /**
   * Adds synapses. The ends may be given by name.
   * @throws ExperimentError for an unknown end, a synapse outside of them, or a weight that does not exist
   */
  project<S extends SourceGroup = SpikeSources, T extends TargetGroup = Population>(
    from: S | string,
    to: T | string,
    connector: Connector,
    options: ProjectionOptions = {},
  ): Projection<S, T> {
    const nameOf = (end: string | { readonly name: string }): string =>
      typeof end === 'string' ? end : end.name;
    const name = options.name ?? this.freeName(`${nameOf(from)} -> ${nameOf(to)}`);
    const place = `projection "${name}"`;
    const source = typeof from === 'string' ? this.findSource(from, place) : from;
    const target = typeof to === 'string' ? this.findPopulation(to, place) : to;
    this.checkEnd(source, 'source', place);
    this.checkEnd(target, 'population', place);
    const sourceAtEnd = membersOf(target).find(({ group }) => group.kind === 'sources');
    if (sourceAtEnd)
      throw new ExperimentError(
        `synapses are to end on the spike sources "${sourceAtEnd.group.name}"`,
        place,
        'Only neurons have synapses: take the sources out of the assembly.',
      );
    if (this.projections.some((other) => other.name === name))
      throw new ExperimentError(
        'the name is used twice',
        place,
        'Give one of the projections another `name`.',
      );
    let connections = connector(source.size, target.size);
    const { weight } = options;
    if (weight !== undefined)
      connections = connections.map((connection) => ({
        ...connection,
        weight: typeof weight === 'number' ? weight : weight(connection.source, connection.target),
      }));
    // An end given by name has the type that the caller expects of it.
    const projection = new Projection(name, source as S, target as T, connections, options);
    this.projections.push(projection);
    return projection;
  }

  /** The name itself for the first projection between two ends, with a number for the others. */
  private freeName(name: string): string {
    const taken = new Set(this.projections.map((other) => other.name));
    let free = name;
    for (let k = 2; taken.has(free); k++) free = `${name} (${k})`;
    return free;
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

  private findSource(name: string, place: string): SpikeSources | Population {
    const population = this.populations.find((each) => each.name === name);
    return population ?? this.findSources(name, place);
  }

  private checkEnd(end: SourceGroup, kind: string, place: string): void {
    switch (end.kind) {
      case 'sources':
        if (!this.sources.includes(end))
          throw unknownName(kind, end.name, this.sourceNames(), place);
        return;
      case 'population':
        if (!this.populations.includes(end))
          throw unknownName(kind, end.name, this.populationNames(), place);
        return;
      case 'view':
      case 'source view':
        this.checkEnd(end.parent, kind, place);
        return;
      case 'assembly':
        for (const part of end.parts) this.checkEnd(part, kind, place);
    }
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
