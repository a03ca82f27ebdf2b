/** What an experiment collects: arrays with units, tables, pictures, and the few numbers that matter. */
import type { Table } from './output/csv.js';
import type { ArraySet, NdArray, Values } from './output/npy.js';
import { ndarray } from './output/npy.js';

/** The three array files of a result folder. */
export type ArrayFile = 'spikes' | 'weights' | 'records';

/** A picture with what a reader should see in it. */
export interface Picture {
  /** File name without extension. */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly svg: string;
}

/** One number of the summary. */
export interface SummaryValue {
  readonly name: string;
  readonly value: number | string;
  readonly unit?: string;
}

/** Collected while an experiment runs; written by `writeResultFolder`. */
export class Results {
  private readonly files: Record<ArrayFile, Record<string, NdArray>> = {
    spikes: {},
    weights: {},
    records: {},
  };
  /** Unit and meaning of each array, `file/name` to text. */
  readonly units: Record<string, string> = {};
  readonly tables: { readonly name: string; readonly title: string; readonly table: Table }[] = [];
  readonly pictures: Picture[] = [];
  readonly summary: SummaryValue[] = [];
  /** Sentences for the user: what may have gone wrong though the run ended well. */
  readonly warnings: string[] = [];
  /** Facts for the manifest: placement, rule report, counters. */
  readonly facts: Record<string, unknown> = {};

  /** Adds an array. @param unit unit and meaning, for the manifest */
  addArray(
    file: ArrayFile,
    name: string,
    values: Values,
    unit: string,
    shape?: readonly number[],
  ): void {
    this.files[file][name] = ndarray(values, shape);
    this.units[`${file}/${name}`] = unit;
  }

  /** Spikes as two arrays, `name_times` in s and `name_<index>`. */
  addSpikes(
    name: string,
    spikes: { readonly times: ArrayLike<number>; readonly indices: ArrayLike<number> },
    index = 'index',
  ): void {
    this.addArray(
      'spikes',
      `${name}_times`,
      Float64Array.from(spikes.times),
      's of experiment time',
    );
    this.addArray(
      'spikes',
      `${name}_${index}`,
      Uint16Array.from(spikes.indices),
      `${index} of the spike`,
    );
  }

  /** Adds a table to the report and, as `name.csv`, to the folder. */
  addTable(name: string, title: string, table: Table): void {
    this.tables.push({ name, title, table });
  }

  /** Adds a picture to the report and, as `name.svg`, to the folder. */
  addPicture(name: string, title: string, caption: string, svg: string): void {
    this.pictures.push({ name, title, caption, svg });
  }

  /** A number for the summary on the terminal, in the report and in `--json`. */
  addValue(name: string, value: number | string, unit?: string): void {
    this.summary.push(unit === undefined ? { name, value } : { name, value, unit });
  }

  /** Notes a warning; nothing for `undefined`. */
  warn(text: string | undefined): void {
    if (text !== undefined && !this.warnings.includes(text)) this.warnings.push(text);
  }

  /** What was added to one of the array files so far. */
  arrays(file: ArrayFile): ArraySet {
    return this.files[file];
  }
}
