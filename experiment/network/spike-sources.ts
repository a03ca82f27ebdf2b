/** Groups of spike trains, from the host or from the chip's generators, with PyNN's verbs. */
import type { Stream } from '../../isa/numeric/random.js';
import { ExperimentError } from '../failure.js';
import { countSpikes, dataOf } from './recorded.js';
import type { PopulationData, Recordable, RecordOptions } from './recorded.js';
import { changedCell, checkCell, parameterOf } from './source-values.js';
import type { SourceValues } from './source-values.js';
import type { SourceCell } from './sources.js';
import { checkIndices, indicesOf } from './values.js';
import { sampleIndices } from './views.js';

/** A group of spike trains. */
export class SpikeSources {
  readonly kind = 'sources';
  /** What they do by themselves; without it they send what `run` is given. */
  cell: SourceCell | undefined;
  /** Spikes are kept. */
  isRecorded = false;
  /** Where recorded spikes come from, once there is something that runs the network. */
  provider: ((sources: SpikeSources) => PopulationData) | undefined;

  /** @throws ExperimentError for lists of another length than the group */
  constructor(
    readonly name: string,
    readonly size: number,
    cell?: SourceCell,
  ) {
    if (cell) checkCell(cell, size, this.place);
    this.cell = cell;
  }

  /**
   * Changes what the sources do from the next piece on: `rate` (Hz), `interval`, `start`, `duration` (s), `spikeTimes`.
   * @throws ExperimentError for a name that these sources do not have, or a value that does not exist
   */
  set(values: SourceValues): void {
    this.change(values)();
  }

  /** What `set` does, checked but not done yet. */
  change(values: SourceValues): () => void {
    return this.changeFor(undefined, values);
  }

  /** As `change`, for some of the sources: rates and spike times can differ from source to source. */
  changeFor(members: readonly number[] | undefined, values: SourceValues): () => void {
    const cell = changedCell(this.cell, values, this.size, members, this.place);
    return () => {
      this.cell = cell;
    };
  }

  /** Values of a parameter, one per source. */
  get(name: string): Float64Array {
    return parameterOf(this.cell, name, this.size, this.place);
  }

  /** Keeps the spikes that are sent, or, of generators of the chip, those that come back. */
  record(
    variables: Recordable | readonly Recordable[] = 'spikes',
    _interval?: number | RecordOptions,
  ): void {
    const other = [variables].flat().find((variable) => variable !== 'spikes');
    if (other !== undefined)
      throw new ExperimentError(
        `"${other}" cannot be recorded`,
        this.place,
        'Spike sources have spikes and nothing else.',
      );
    this.isRecorded = true;
    if (this.cell?.kind === 'background') this.cell = { ...this.cell, record: true };
  }

  /** Sources by index; `view([0, 2])` or `view(0, 3)` for a range without its end. */
  view(first: number | readonly number[], end?: number): SourceView {
    return new SourceView(this, indicesOf(first, end));
  }

  /** `count` sources drawn at random. */
  sample(count: number, stream: Stream): SourceView {
    return this.view(sampleIndices(this.size, count, stream, this.name));
  }

  /** Spikes since the last reset, if `record` was called. @throws ExperimentError before anything has run */
  getData(): PopulationData {
    if (!this.isRecorded || !this.provider)
      throw new ExperimentError(
        this.isRecorded ? 'nothing has run yet' : 'the spikes of these sources are not recorded',
        this.place,
        this.isRecorded ? 'Data are there after `run`.' : 'Call `record` before `run`.',
      );
    return this.provider(this);
  }

  /** Spikes of each source since the last reset. */
  getSpikeCounts(): number[] {
    return countSpikes(this.getData().spikes, this.size);
  }

  private get place(): string {
    return `sources "${this.name}"`;
  }
}

/** Some spike trains of a group, in a given order. */
export class SourceView {
  readonly kind = 'source view';
  readonly name: string;

  constructor(
    readonly parent: SpikeSources,
    readonly indices: readonly number[],
  ) {
    this.name = `${parent.name}[${indices.length}]`;
    checkIndices(indices, parent.size, 'source', `sources "${parent.name}"`);
  }

  get size(): number {
    return this.indices.length;
  }

  /** See `SpikeSources.set`. */
  set(values: SourceValues): void {
    this.change(values)();
  }

  /** See `SpikeSources.change`. */
  change(values: SourceValues): () => void {
    return this.parent.changeFor(this.indices, values);
  }

  /** See `SpikeSources.get`. */
  get(name: string): Float64Array {
    const all = this.parent.get(name);
    return Float64Array.from(this.indices, (i) => all[i] ?? NaN);
  }

  /** Records the whole group. */
  record(variables?: Recordable | readonly Recordable[], _interval?: number | RecordOptions): void {
    this.parent.record(variables);
  }

  /** Sources of this view, counted as in it. */
  view(first: number | readonly number[], end?: number): SourceView {
    const places = indicesOf(first, end);
    checkIndices(places, this.size, 'source', `view of sources "${this.parent.name}"`);
    return new SourceView(
      this.parent,
      places.map((place) => this.indices[place] ?? 0),
    );
  }

  /** See `SpikeSources.sample`. */
  sample(count: number, stream: Stream): SourceView {
    return this.view(sampleIndices(this.size, count, stream, this.name));
  }

  /** Spikes of these sources, counted as in the view. */
  getData(): PopulationData {
    return dataOf(this.parent.getData(), this.indices);
  }

  /** See `SpikeSources.getSpikeCounts`. */
  getSpikeCounts(): number[] {
    return countSpikes(this.getData().spikes, this.size);
  }
}
