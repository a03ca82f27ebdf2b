/** Some neurons of a population, and several groups as one. */
import type { Stream } from '../../isa/numeric/random.js';
import { ExperimentError } from '../failure.js';
import { drawSome } from './connectors.js';
import type { Population } from './population.js';
import { countSpikes, dataOf, joinSpikes } from './recorded.js';
import type { PopulationData, Recordable, RecordedSpikes, RecordOptions } from './recorded.js';
import type { SourceView, SpikeSources } from './spike-sources.js';
import { checkIndices, indicesOf, partOfValues } from './values.js';
import type { GroupValue, ParameterValues } from './values.js';

/** Some neurons of a population, in a given order. */
export class PopulationView {
  readonly kind = 'view';
  readonly name: string;

  constructor(
    readonly parent: Population,
    readonly indices: readonly number[],
  ) {
    this.name = `${parent.name}[${indices.length}]`;
    checkIndices(indices, parent.size, 'neuron', `population "${parent.name}"`);
  }

  get size(): number {
    return this.indices.length;
  }

  /** See `Population.set`. */
  set(values: ParameterValues): void {
    this.change(values)();
  }

  /** See `Population.change`. */
  change(values: ParameterValues): () => void {
    return this.parent.changeFor(this.indices, values);
  }

  /** See `Population.get`. */
  get(name: string): Float64Array {
    return Float64Array.from(this.indices, (neuron) => this.parent.valueOf(neuron, name));
  }

  /** See `Population.initialize`. */
  initialize(values: { readonly v: GroupValue }): void {
    this.parent.initializeFor(this.indices, values)();
  }

  /** See `Population.record`. */
  record(variables: Recordable | readonly Recordable[], interval?: number | RecordOptions): void {
    this.parent.recordFor(this.indices, variables, interval)();
  }

  /** Neurons of this view, counted as in it. */
  view(first: number | readonly number[], end?: number): PopulationView {
    const places = indicesOf(first, end);
    checkIndices(places, this.size, 'neuron', `view of population "${this.parent.name}"`);
    return new PopulationView(
      this.parent,
      places.map((place) => this.indices[place] ?? 0),
    );
  }

  /** See `Population.sample`. */
  sample(count: number, stream: Stream): PopulationView {
    return this.view(sampleIndices(this.size, count, stream, this.name));
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

/** `count` different members of `size`, ascending. @throws ExperimentError when there are not so many */
export function sampleIndices(size: number, count: number, stream: Stream, name: string): number[] {
  if (!Number.isInteger(count) || count < 1 || count > size)
    throw new ExperimentError(
      `a sample of ${count} is to be drawn`,
      `group "${name}"`,
      `It has ${size} members: draw 1..${size} of them.`,
    );
  return [...drawSome(size, count, stream)].sort((a, b) => a - b);
}

/** What an assembly can consist of. */
export type AssemblyPart = Population | PopulationView | SpikeSources | SourceView;

/** Several groups one after another; members are counted through. */
export class Assembly {
  readonly kind = 'assembly';
  /** The groups; those of an assembly within take its place. */
  readonly parts: readonly AssemblyPart[];

  constructor(
    readonly name: string,
    ...parts: readonly (AssemblyPart | Assembly)[]
  ) {
    this.parts = parts.flatMap((part) => (part.kind === 'assembly' ? part.parts : [part]));
  }

  get size(): number {
    return this.parts.reduce((sum, part) => sum + part.size, 0);
  }

  /** See `Population.set`; a list has one value for each member of the assembly. Nothing is changed unless all is right. */
  set(values: ParameterValues): void {
    const changes = this.split().map(({ part, first }) =>
      part.change(partOfValues(values, first, part.size, this.size, `assembly "${this.name}"`)),
    );
    for (const change of changes) change();
  }

  /** See `Population.get`. */
  get(name: string): Float64Array {
    return Float64Array.from(this.parts.flatMap((part) => Array.from(part.get(name))));
  }

  /** See `Population.initialize`. @throws ExperimentError for spike sources, which have no membrane */
  initialize({ v }: { readonly v: GroupValue }): void {
    const place = `assembly "${this.name}"`;
    for (const { part, first } of this.split()) {
      const values = partOfValues({ v }, first, part.size, this.size, place);
      if (part.kind === 'sources' || part.kind === 'source view')
        throw new ExperimentError(
          `"${part.name}" are spike sources, which have no membrane`,
          place,
          'Initialize its populations.',
        );
      part.initialize({ v: values['v'] ?? 0 });
    }
  }

  /** See `Population.record`. */
  record(variables: Recordable | readonly Recordable[], interval?: number | RecordOptions): void {
    for (const part of this.parts) part.record(variables, interval);
  }

  /** Members `first` up to `end` (without it), or those of a list, as an assembly. */
  view(first: number | readonly number[], end?: number): Assembly {
    const wanted = indicesOf(first, end);
    checkIndices(wanted, this.size, 'member', `assembly "${this.name}"`);
    const parts = this.split().flatMap(({ part, first: begin }) => {
      const own = wanted.filter((i) => i >= begin && i < begin + part.size).map((i) => i - begin);
      return own.length > 0 ? [part.view(own)] : [];
    });
    return new Assembly(`${this.name}[${wanted.length}]`, ...parts);
  }

  /** Spikes of all members, counted as in the assembly, in the order of their times. */
  getSpikes(): RecordedSpikes {
    return joinSpikes(
      this.parts.map((part) => ({ size: part.size, spikes: part.getData().spikes })),
    );
  }

  /** What each part has recorded, by its name. */
  getData(): ReadonlyMap<string, PopulationData> {
    return new Map(this.parts.map((part) => [part.name, part.getData()]));
  }

  /** See `Population.getSpikeCounts`. */
  getSpikeCounts(): number[] {
    return countSpikes(this.getSpikes(), this.size);
  }

  /** See `Population.sample`. */
  sample(count: number, stream: Stream): Assembly {
    return this.view(sampleIndices(this.size, count, stream, this.name));
  }

  private split(): { readonly part: AssemblyPart; readonly first: number }[] {
    let first = 0;
    return this.parts.map((part) => {
      const begin = first;
      first += part.size;
      return { part, first: begin };
    });
  }
}
