/** The result of a calibration as a file: what it holds, how it is read and written. */
import { neuronCapmemRows, sharedCapmemCells } from '../../isa/registers/capmem.js';
import type { NeuronParameter, SharedParameter } from '../../isa/registers/capmem.js';
import { termQuantities } from './quantities.js';
import type { ByQuantity, Quantity, TermQuantity } from './quantities.js';
import { termTargets, type CalibrationTargets } from './targets.js';

export const calibrationFormat = 'plastic calibration';
/** 2: conductance-based inputs, adaptation, exponential term and compartment conductances. 3: constant current. */
export const calibrationVersion = 3;
/** The oldest version that is still read. */
const oldestVersion = 2;

/** The die that was measured. */
export interface DieIdentity {
  /** Device DNA of the board: low and high word. */
  readonly dna: readonly [number, number];
  /** Emulated dies: seed, law of the fixed pattern, version of the table of constants. */
  readonly seed?: number;
  readonly law?: string;
  readonly tableVersion?: number;
  /** Constants of an emulated die that differ from the table. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** A list by neuron 0..511; null where a neuron was not calibrated. */
export type ByNeuron = readonly (number | null)[];

/** How well one quantity came out. Spreads of times and gains are relative, those of potentials in counts, of shifts in codes. */
export interface Residual {
  readonly unit: string;
  readonly target: number | null;
  readonly before: { readonly mean: number; readonly sd: number };
  readonly after: { readonly mean: number; readonly sd: number };
  /** sd after / sd before, and the most that a good calibration leaves. */
  readonly ratio: number;
  readonly ratioLimit: number | null;
  /** What the model of a calibrated chip leaves: sd of the same unit. */
  readonly assumed: number | null;
  /** Standard deviation of one neuron from run to run. */
  readonly betweenRuns?: number;
  /** Neurons that count: the usable ones. */
  readonly neurons: number;
  /** Share of all neurons within so many counts of the median, and the least that the makers' tests ask for. */
  readonly near?: { readonly counts: number; readonly least: number; readonly share: number };
}

/** How far converter channels differ that read the same voltage, counts. */
export interface ConverterSpread {
  readonly sd: number;
  /** Means of the quadrants; null where no neuron was calibrated. */
  readonly quadrants: readonly (number | null)[];
}

/** The content of a calibration file: whose it is, and what every stage found. */
export interface Calibration {
  readonly format: typeof calibrationFormat;
  readonly version: number;
  readonly die: DieIdentity;
  /** False while stages are missing. */
  readonly complete: boolean;
  /** Stages that are done, in order. */
  readonly stages: readonly string[];
  readonly targets: CalibrationTargets;
  /** Neurons that were to be calibrated. */
  readonly neurons: readonly number[];
  readonly conditions: {
    readonly board: string;
    readonly effort: 'full' | 'quick';
    readonly noiseSeed: number | null;
    readonly chipSeconds: number;
    readonly playbackWords: number;
    readonly converterNoise: number;
  };
  readonly codes: Readonly<Partial<Record<NeuronParameter, ByNeuron>>>;
  /** By block (quadrant) 0..3. */
  readonly shared: Readonly<Partial<Record<SharedParameter, readonly number[]>>>;
  /** Stored offsets (128: none) by hemisphere * 512 + branch * 256 + column. */
  readonly cadcOffsets: readonly number[];
  /** By hemisphere * 128 + driver. */
  readonly driverOffsets: readonly number[];
  /** Channels before and after their offsets were stored; absent in files of version 2. */
  readonly converter?: { readonly before: ConverterSpread; readonly after: ConverterSpread };
  readonly drivers?: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly sensors?: {
    /** Medians of the quadrants: counts per pair at zero delay, s. */
    readonly amplitude: readonly (number | null)[];
    readonly tau: readonly (number | null)[];
    /** Quantiles (30 and 70 %) of the single sensors by quadrant. */
    readonly amplitudeInner?: readonly (readonly [number | null, number | null])[];
    readonly tauInner?: readonly (readonly [number | null, number | null])[];
    /** Trims of all synapses: the shared biases alone are searched. */
    readonly timeTrim: number;
    readonly amplitudeTrim: number;
    /** Base64 of one byte per sensor after a reset: hemisphere, branch, row, column; 0 where not measured. */
    readonly baselines: string;
  };
  /** Median response to an event against that of the nominal circuit, by line. */
  readonly gain?: { readonly E: number; readonly I: number };
  readonly unusable: readonly { readonly neuron: number; readonly reason: string }[];
  /** Neurons that miss the target of a single term; only networks that use it leave them out. */
  readonly limited: readonly { readonly neuron: number; readonly quantity: TermQuantity }[];
  /** What was measured so far. */
  readonly before: ByQuantity<ByNeuron>;
  readonly after: ByQuantity<ByNeuron>;
  readonly residuals: ByQuantity<Residual>;
}

/** A file is not a calibration that can be used. */
export class CalibrationError extends Error {
  override readonly name = 'CalibrationError';
  constructor(
    readonly problem: string,
    readonly place: string,
    readonly repair: string,
  ) {
    super(`${place}: ${problem}\n  ${repair}`);
  }
}

/** A calibration belongs to another chip than the one at hand; nothing of it was applied. */
export class CalibrationMismatch extends Error {
  override readonly name = 'CalibrationMismatch';
  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(
      `the calibration is that of ${expected}, the board has ${found}\n  Nothing was changed. Take this chip's own calibration; \`plastic calibrate -o FILE\` makes one.`,
    );
  }
}

/** One line for a die. */
export function describeDie(die: DieIdentity): string {
  const dna = die.dna.map((word) => (word >>> 0).toString(16).padStart(8, '0'));
  const serial = `device ${dna[1] ?? ''}${dna[0] ?? ''}`;
  if (die.law === undefined) return serial;
  const seed = die.seed === undefined ? 'ideal chip' : `virtual chip ${die.seed}`;
  const changed = Object.entries(die.constants ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    `${seed} (${die.law}, constants version ${die.tableVersion ?? 0}`,
    ...changed,
    `${serial})`,
  ].join(', ');
}

/** The file's text; lists by neuron stand on one line each. */
export function encodeCalibration(calibration: Calibration): string {
  const text = JSON.stringify(
    calibration,
    (_key, value: unknown) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((x) => typeof x !== 'object' || x === null)
        ? `\u0001${JSON.stringify(value)}\u0001`
        : value,
    1,
  );
  return `${text.replace(/"\\u0001(.*?)\\u0001"/g, (_all, list: string) => list.replace(/\\"/g, '"'))}\n`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a calibration file.
 * @param place name of the file, for messages
 * @throws CalibrationError for text that is no calibration of this version
 */
export function parseCalibration(text: string, place = 'calibration'): Calibration {
  const wrong = (problem: string): CalibrationError =>
    new CalibrationError(
      problem,
      place,
      'Make a new one with `plastic calibrate --chip SEED -o FILE`.',
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('it is not JSON');
  }
  if (!isObject(value) || value['format'] !== calibrationFormat)
    throw wrong('it is not a calibration');
  const { version } = value;
  if (version !== calibrationVersion && version !== oldestVersion)
    throw wrong(
      `it has version ${String(version)}, expected version ${oldestVersion} or ${calibrationVersion}`,
    );
  const fail = checkShape(value);
  if (fail !== undefined) throw wrong(fail);
  const calibration = value as unknown as Calibration;
  return version === calibrationVersion ? calibration : withoutCurrent(calibration);
}

/**
 * A file of version 2 as one of today: the constant current has the usual target, and no codes, for those of the file are
 * what measurements left behind. The stage is missing: `--resume` makes it.
 */
function withoutCurrent(calibration: Calibration): Calibration {
  const { i_mem_offset: _leftBehind, ...codes } = calibration.codes;
  const targets = { ...calibration.targets, i_offset: termTargets.i_offset };
  return { ...calibration, version: calibrationVersion, targets, codes };
}

/** What is wrong with the file's members, if anything is. */
function checkShape(value: Record<string, unknown>): string | undefined {
  const list = (
    name: string,
    found: unknown,
    length: number,
    most: number,
    gaps = false,
  ): string | undefined => {
    if (!Array.isArray(found) || found.length !== length)
      return `${name} is not a list of ${length}`;
    const bad = found.findIndex(
      (x: unknown) =>
        !(gaps && x === null) &&
        !(typeof x === 'number' && Number.isInteger(x) && x >= 0 && x <= most),
    );
    return bad < 0 ? undefined : `${name}[${bad}] is ${String(found[bad])}, expected 0..${most}`;
  };
  const { die, codes, shared, neurons, unusable, limited, targets } = value;
  if (!isObject(die)) return 'it does not say which die it belongs to';
  const dna = list('die.dna', die['dna'], 2, 0xffffffff);
  if (dna !== undefined) return dna;
  if (!isObject(targets)) return 'it has no targets';
  if (!isObject(codes) || !isObject(shared)) return 'it has no codes';
  for (const [name, found] of Object.entries(codes)) {
    if (!(neuronCapmemRows as readonly string[]).includes(name))
      return `there is no parameter "${name}"`;
    const problem = list(`codes.${name}`, found, 512, 1022, true);
    if (problem !== undefined) return problem;
  }
  for (const [name, found] of Object.entries(shared)) {
    if (!(name in sharedCapmemCells)) return `there is no shared cell "${name}"`;
    const problem = list(`shared.${name}`, found, 4, 1022);
    if (problem !== undefined) return problem;
  }
  if (!Array.isArray(neurons) || !Array.isArray(unusable) || !Array.isArray(limited))
    return 'it has no list of neurons';
  const odd = limited.find(
    (entry: unknown) =>
      !isObject(entry) || !(termQuantities as readonly unknown[]).includes(entry['quantity']),
  );
  if (odd !== undefined) return `limited has the entry ${JSON.stringify(odd)}`;
  return (
    list('cadcOffsets', value['cadcOffsets'], 1024, 255) ??
    list('driverOffsets', value['driverOffsets'], 256, 15)
  );
}

/** What the model of a calibrated chip assumes to be left (`law: residual`), SD in the unit of the residual. */
export const assumedResiduals: Partial<Readonly<Record<Quantity, number>>> = {
  leak: 1.5,
  reset: 1.5,
  threshold: 1.5,
  tau_m: 0.04,
  tau_syn_E: 0.03,
  tau_syn_I: 0.03,
  gain_E: 0.05,
  gain_I: 0.05,
  shift_E: 10,
  shift_I: 10,
  tau_w: 0.05,
  a: 0.05,
  b: 0.05,
  e_w: 9e-3,
  v_exp: 9e-3,
  delta_T: 0.05,
  tau_icc: 0.05,
  i_offset: 0.05,
};

/** Shares of the neurons that the makers' tests want near the median of the chip. */
export const nearRules: Partial<
  Readonly<Record<Quantity, { readonly counts: number; readonly least: number }>>
> = {
  threshold: { counts: 8, least: 0.95 },
  drive_E: { counts: 7, least: 0.75 },
  drive_I: { counts: 7, least: 0.75 },
};

/** Most that a calibration may leave of the spread, as the makers' tests ask. */
export const ratioLimits: Partial<Readonly<Record<Quantity, number>>> = {
  leak: 0.3,
  reset: 0.2,
  threshold: 0.35,
  tau_m: 0.45,
  tau_syn_E: 0.2,
  tau_syn_I: 0.2,
  tau_icc: 0.5,
};
