/** What can be chosen about a chip, what it says of itself, and who may watch its host. */

import {
  CONSTANT_TABLE,
  CONSTANTS_VERSION,
  constantsWith,
  noiseSwitches,
  type AnalogConstants,
  type Die,
  type EngineName,
  type NoiseSwitches,
  type Settling,
} from '../analog/index.js';
import { defaultPpuOptions, type PpuOptions } from '../ppu/options.js';
import type { DigitalConstants } from './constants.js';
import type { Refusal } from './executor-side.js';

/** What can be chosen about a chip beyond its seed. */
export interface ChipOptions {
  /** How the neurons are computed; default `precise`. */
  readonly engine?: EngineName;
  /** Seed of trial noise (the host can set it too, FPGA registers 0x8800f001 and 2); default 0. */
  readonly noiseSeed?: number;
  /** Noise sources that differ from the default: all off on the ideal chip, all but ripple on otherwise. */
  readonly noise?: Partial<NoiseSwitches>;
  /** Spread of parameters: `residual` is what calibration leaves (default), `uncalibrated` the raw die. */
  readonly law?: 'residual' | 'uncalibrated';
  /** Dead neurons and sensors exist; default false. */
  readonly defects?: boolean;
  /** A sensor event consumes the trace it reads; default true. */
  readonly consume?: boolean;
  /**
   * How cells of the parameter memory follow their codes: `instant` (default), or `exponential` in refreshes of 1 ms
   * with a time constant of 4 ms, for which a host has to wait.
   */
  readonly settling?: Settling;
  /** Analog constants that differ from the table. */
  readonly constants?: Partial<AnalogConstants>;
  /** Digital constants that differ from the table. */
  readonly digital?: Partial<DigitalConstants>;
  /** Settings of the processor cores. */
  readonly ppu?: Partial<PpuOptions>;
  /**
   * An access of the host to an address where nothing is ends its program with a time-out notice, as on silicon, and
   * processors are strict too; default false: it answers 0, is counted and goes on.
   */
  readonly strict?: boolean;
}

/** Facts for a manifest. */
export interface ChipDescription {
  /** "ideal" or "seed N". */
  readonly chip: string;
  readonly seed: number | null;
  /** "ideal", "residual" or "uncalibrated". */
  readonly calibration: string;
  readonly noiseSeed: number;
  /** Version of the table of constants: part of a virtual chip's identity. */
  readonly tableVersion: number;
  readonly engines: { readonly ppu: string; readonly analog: string };
  /** Which sources of trial noise are on. */
  readonly noise: NoiseSwitches;
  /** How cells of the parameter memory follow their codes. */
  readonly settling: Settling;
  /** Analog constants that were given other values than the table's: part of the chip's identity too. */
  readonly changedConstants: Readonly<Record<string, number>>;
  /** Values that nobody outside the makers knows, with the values assumed here. */
  readonly assumed: Readonly<Record<string, number | string | boolean>>;
}

/** Things worth a warning that happened since power-up. */
export interface ChipWarnings {
  /** Register accesses that hit nothing. */
  readonly unmapped: number;
  /** The first few of their addresses. */
  readonly unmappedAddresses: readonly number[];
  /** What strict mode ended the host's last program for; undefined if it did not. */
  readonly refusal: Refusal | undefined;
  /** Messages that broke the playback protocol. */
  readonly protocolErrors: number;
  /** Events dropped at a full crossbar output. */
  readonly crossbarOverflows: number;
  /** Events that came too late to the host for their time stamps. */
  readonly lateEvents: number;
  /** Events that found the queue of the serial spike line full. */
  readonly serialOverflows: number;
  /** PPUs that strict mode or a breakpoint stopped. */
  readonly stoppedProcessors: readonly string[];
}

/** Someone who has to know what the host does with a chip; a debugger that sets the chip's time back. */
export interface HostWatcher {
  /** Words are about to be fed; `isIdle`: nothing of what was fed before is left to execute. */
  fed(words: Uint32Array, isIdle: boolean): void;
  /** Answers that have become complete; what is returned is what the host gets. */
  taken(answers: Uint32Array): Uint32Array;
  /** The host has given up what it fed, with or without the answers that it has not taken. */
  cut(areAnswersLost: boolean): void;
}

/** What a chip with these options says of itself. */
export function describeChip(
  die: Die,
  options: ChipOptions,
  digital: DigitalConstants,
  noiseSeed: number,
): ChipDescription {
  const constants = constantsWith(options.constants);
  const assumed: Record<string, number | string | boolean> = { ...digital };
  for (const [name, row] of Object.entries(CONSTANT_TABLE))
    if (row.tag === 'A') assumed[name] = constants[name as keyof typeof CONSTANT_TABLE];
  return {
    chip: die === 'ideal' ? 'ideal' : `seed ${die.seed}`,
    seed: die === 'ideal' ? null : die.seed,
    calibration: die === 'ideal' ? 'ideal' : die.law,
    noiseSeed,
    tableVersion: CONSTANTS_VERSION,
    engines: { ppu: 'interpreter', analog: options.engine ?? 'precise' },
    noise: noiseSwitches(die === 'ideal', options.noise),
    settling: options.settling ?? 'instant',
    changedConstants: Object.fromEntries(
      Object.entries(options.constants ?? {}).filter(
        ([name, value]) => value !== CONSTANT_TABLE[name as keyof typeof CONSTANT_TABLE].value,
      ),
    ),
    assumed: {
      ...assumed,
      ...defaultPpuOptions,
      strict: options.strict ?? false,
      ...options.ppu,
    },
  };
}

/** All that decides about a chip but its trial, the same however it was written down: what a snapshot must agree with. */
export function identityOf(description: ChipDescription, options: ChipOptions): string {
  const { consume = true, defects = false } = options;
  const { noiseSeed: _, noise, changedConstants, assumed, ...facts } = description;
  return JSON.stringify([
    facts.chip,
    facts.calibration,
    facts.tableVersion,
    facts.engines,
    facts.settling,
    { consume, defects },
    ...[noise, changedConstants, assumed].map(inOrder),
  ]);
}

/** Names and values, by name. */
function inOrder(values: object): [string, unknown][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
