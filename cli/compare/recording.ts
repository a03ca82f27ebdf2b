/**
 * What a block sees in one session of a comparison: start weights, parameters, inputs, and the sensors, counters and
 * membranes of each execution. Drawn at random or read from a JSON file.
 */
import type { Compiled } from '../../compiler/compile.js';
import { elementsOf } from '../../compiler/trace.js';

/** Columns of a block in a comparison. */
export const columns = 256;

/** What the hardware shows during one execution; sensors have rows * 256 raw codes, the others 256. */
export interface Scene {
  readonly causal: Uint8Array;
  readonly acausal: Uint8Array;
  /** Spikes per neuron, not saturated. */
  readonly rate: Uint16Array;
  readonly v: Uint8Array;
  /** Signals that arrive before it. */
  readonly signals: readonly string[];
}

export interface Recording {
  readonly rows: number;
  /** Where the random bytes of the hardware start. */
  readonly seed: number;
  /** rows * 256 each. Weights and labels 0..63, baselines are codes. */
  readonly weights: Uint8Array;
  readonly labels: Uint8Array;
  readonly baselineCausal: Uint8Array;
  readonly baselineAcausal: Uint8Array;
  /** Parameters and inputs by name, one number per element; absent ones keep their defaults. */
  readonly values: ReadonlyMap<string, Float64Array>;
  readonly scenes: readonly Scene[];
}

/** A small generator of its own, so that a failing case can be repeated. Numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed + 1, 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x100000000;
  };
}

export interface RandomOptions {
  readonly rows: number;
  readonly seed: number;
  readonly executions: number;
  /** Draw parameters and inputs from their whole ranges; else they keep their defaults. */
  readonly drawValues: boolean;
  /** Parameters that stay at a value. */
  readonly fixed: ReadonlyMap<string, number>;
}

/** A random session for a compiled rule. */
export function randomRecording(compiled: Compiled, options: RandomOptions): Recording {
  const random = randomNumbers(options.seed);
  const { rows, fixed } = options;
  const size = rows * columns;
  const bytes = (count: number, from = 0, below = 256): Uint8Array =>
    Uint8Array.from({ length: count }, () => from + Math.floor(random() * (below - from)));
  const values = new Map<string, Float64Array>();
  const { layout } = compiled;
  for (const [name, value] of fixed) values.set(name, Float64Array.of(value));
  if (layout && options.drawValues) {
    for (const { name, count, lower, upper } of [...layout.parameters, ...layout.inputs])
      if (!fixed.has(name))
        values.set(
          name,
          Float64Array.from({ length: count }, () => within(lower, upper)),
        );
    for (const { name, count, domain, lower, upper } of layout.laneInputs) {
      const length = elementsOf(domain, { rows, columns }) * count;
      values.set(
        name,
        Float64Array.from({ length }, () => within(lower, upper)),
      );
    }
  }
  function within(lower: number, upper: number): number {
    return lower + random() * (upper - lower);
  }
  return {
    rows,
    seed: options.seed,
    weights: bytes(size, 0, 64),
    labels: bytes(size, 0, 64),
    baselineCausal: bytes(size, 100, 228),
    baselineAcausal: bytes(size, 100, 228),
    values,
    scenes: Array.from({ length: options.executions }, () => ({
      causal: bytes(size),
      acausal: bytes(size),
      // Some counters beyond 255, where they saturate.
      rate: Uint16Array.from(bytes(columns), (count) => count + (random() < 0.1 ? 256 : 0)),
      v: bytes(columns),
      signals: (layout?.signals ?? []).map(({ name }) => name).filter(() => random() < 0.7),
    })),
  };
}

/** A recorded input is wrong: where in the file and what was expected. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  constructor(
    readonly where: string,
    expected: string,
  ) {
    super(`${where}: expected ${expected}`);
  }
}

type Json = { readonly [key: string]: unknown };

/**
 * Reads a recorded input (docs/tools.md has the format). Numbers spread over what they are for: one number for all,
 * one list for every row alike, or a list of lists. An execution without an entry sees what the last one saw.
 */
export function parseRecording(text: string, rowsAsked?: number): Recording {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    throw new RecordingError('the file', `JSON (${error instanceof Error ? error.message : ''})`);
  }
  const file = objectAt(whole, 'the file');
  const rows = rowsAsked ?? file['rows'] ?? 1;
  if (typeof rows !== 'number' || !Number.isInteger(rows) || rows < 1 || rows > 256)
    throw new RecordingError('rows', 'a whole number from 1 to 256');
  const size = rows * columns;
  const spread = (value: unknown, where: string, otherwise: number, most = 255): number[] =>
    spreadOver(value ?? otherwise, where, rows, most);
  const values = new Map<string, Float64Array>();
  for (const part of ['params', 'inputs'])
    for (const [name, value] of Object.entries(objectAt(file[part] ?? {}, part)))
      values.set(name, Float64Array.from(flat(value, `${part}.${name}`)));
  const list = file['executions'];
  if (!Array.isArray(list) || list.length === 0)
    throw new RecordingError('executions', 'a list of at least one object');
  const scenes: Scene[] = [];
  list.forEach((entry: unknown, i) => {
    const where = `executions[${i}]`;
    const scene = objectAt(entry, where);
    const before = scenes[i - 1];
    const block = (key: 'causal' | 'acausal'): Uint8Array =>
      before && scene[key] === undefined
        ? before[key]
        : Uint8Array.from(spread(scene[key], `${where}.${key}`, 205));
    const lanes = (key: 'rate' | 'v', most: number): readonly number[] =>
      before && scene[key] === undefined
        ? [...before[key]]
        : spreadOver(scene[key] ?? 0, `${where}.${key}`, 1, most);
    const signals = scene['signals'] ?? [];
    if (!Array.isArray(signals)) throw new RecordingError(`${where}.signals`, 'a list of names');
    scenes.push({
      causal: block('causal'),
      acausal: block('acausal'),
      rate: Uint16Array.from(lanes('rate', 65535)),
      v: Uint8Array.from(lanes('v', 255)),
      signals: signals.map(String),
    });
  });
  const seed = file['seed'] ?? 1;
  if (typeof seed !== 'number') throw new RecordingError('seed', 'a number');
  const baselines = objectAt(file['baselines'] ?? {}, 'baselines');
  return {
    rows,
    seed,
    weights: Uint8Array.from(spread(file['weights'], 'weights', 0, 63)).slice(0, size),
    labels: Uint8Array.from(spread(file['labels'], 'labels', 0, 63)),
    baselineCausal: Uint8Array.from(spread(baselines['causal'], 'baselines.causal', 205)),
    baselineAcausal: Uint8Array.from(spread(baselines['acausal'], 'baselines.acausal', 205)),
    values,
    scenes,
  };
}

function objectAt(value: unknown, where: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RecordingError(where, 'an object');
  return value as Json;
}

function flat(value: unknown, where: string): number[] {
  const numbers = Array.isArray(value) ? (value as unknown[]).flat(2) : [value];
  return numbers.map((number) => {
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw new RecordingError(where, 'a number, or a list of numbers');
    return number;
  });
}

/** Numbers 0..most for `rows` rows of 256 columns; what a list does not reach is 0. */
function spreadOver(value: unknown, where: string, rows: number, most: number): number[] {
  for (const number of flat(value, where))
    if (!Number.isInteger(number) || number < 0 || number > most)
      throw new RecordingError(where, `whole numbers from 0 to ${most}, found ${number}`);
  const perRow = (row: number): readonly unknown[] | unknown => {
    if (!Array.isArray(value)) return value;
    return value.some(Array.isArray) ? (value[row] ?? []) : value;
  };
  return Array.from({ length: rows }, (_, row) => {
    const numbers = perRow(row);
    return Array.from({ length: columns }, (_unused, column) =>
      Array.isArray(numbers) ? Number(numbers[column] ?? 0) : Number(numbers),
    );
  }).flat();
}

/** The file that `parseRecording` reads. */
export function recordingAsJson(recording: Recording): string {
  const { rows, seed, values, scenes } = recording;
  const block = (numbers: ArrayLike<number>): number[][] =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_unused, column) => numbers[row * columns + column] ?? 0),
    );
  return JSON.stringify({
    rows,
    seed,
    weights: block(recording.weights),
    labels: block(recording.labels),
    baselines: {
      causal: block(recording.baselineCausal),
      acausal: block(recording.baselineAcausal),
    },
    params: Object.fromEntries([...values].map(([name, numbers]) => [name, [...numbers]])),
    executions: scenes.map(({ causal, acausal, rate, v, signals }) => ({
      causal: block(causal),
      acausal: block(acausal),
      rate: [...rate],
      v: [...v],
      signals,
    })),
  });
}
