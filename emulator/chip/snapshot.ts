/**
 * Snapshots of the digital parts: the values of all fields of each part. Parts keep their state in numbers, texts and
 * typed arrays, so a snapshot needs no list of fields that could become incomplete.
 */

import type { AnalogSnapshot } from '../analog/snapshot.js';
import type { PpuSnapshot } from '../ppu/snapshot.js';
import { pageWords } from './external-memory.js';

type Numbers = Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** Value of one field: a scalar, numbers, or a list of them. */
export type SavedValue =
  number | boolean | string | Numbers | readonly number[] | readonly Numbers[];

export type SavedFields = Readonly<Record<string, SavedValue>>;

/** Raise when a part gets or loses state. */
export const CHIP_SNAPSHOT_VERSION = 2;

/** State of a whole chip; survives structuredClone. */
export interface ChipSnapshot {
  readonly version: typeof CHIP_SNAPSHOT_VERSION;
  /** The chip it was taken from, with all that it was made of: only an equal one can go on from it. */
  readonly chip: string;
  readonly parts: Readonly<Record<string, SavedFields>>;
  /** Words of registers and of external DRAM by page number. */
  readonly registers: readonly (readonly [number, Uint32Array])[];
  readonly memory: readonly (readonly [number, Uint32Array])[];
  readonly processors: readonly {
    readonly running: boolean;
    readonly stopped: 'strict' | 'breakpoint' | null;
    readonly accessAt: number;
    readonly startedAt: number;
    readonly awakeBefore: number;
    readonly core: PpuSnapshot;
  }[];
  readonly analog: AnalogSnapshot;
}

/** The snapshot belongs to another version or another chip. */
export class ChipSnapshotError extends Error {
  constructor(
    readonly found: string,
    readonly expected: string,
  ) {
    super(`the snapshot is of ${found}, this chip is ${expected}`);
    this.name = 'ChipSnapshotError';
  }
}

/**
 * Where two snapshots of equal chips differ in what they are made of: a part, a field, or the kind or size of one.
 * @returns undefined if they do not; queues and lists may have any length
 */
export function shapeDifference(expected: ChipSnapshot, found: ChipSnapshot): string | undefined {
  for (const [name, part] of Object.entries(expected.parts)) {
    const other = found.parts[name];
    if (other === undefined) return `part ${name} is missing`;
    for (const [field, value] of Object.entries(part))
      if (kindOf(other[field]) !== kindOf(value))
        return `${name}.${field} is ${kindOf(other[field])}, not ${kindOf(value)}`;
  }
  const pages = new Map(found.registers);
  for (const [number, values] of expected.registers)
    if (pages.get(number)?.length !== values.length) return `page ${number} of the registers`;
  if (found.memory.some(([, page]) => page.length !== pageWords))
    return 'a page of the external memory';
  if (found.processors.length !== expected.processors.length) return 'the processors';
  for (const [unit, { core }] of expected.processors.entries()) {
    const other = found.processors[unit]?.core;
    const missing = Object.keys(core.parts).find((name) => other?.parts[name] === undefined);
    if (missing !== undefined) return `part ${missing} of processor ${unit} is missing`;
    if (other?.instructionWords.length !== core.instructionWords.length)
      return `the memory of processor ${unit}`;
  }
  return undefined;
}

/** Kind of a saved value: lists may be empty, so that what they hold does not count. */
function kindOf(value: SavedValue | undefined): string {
  return value === undefined
    ? 'missing'
    : isNumbers(value)
      ? value.constructor.name
      : Array.isArray(value)
        ? 'a list'
        : `a ${typeof value}`;
}

/** Copies every field that holds values; references to other parts and functions are left out. */
export function saveFields(part: object): SavedFields {
  const saved: Record<string, SavedValue> = {};
  for (const [name, value] of Object.entries(part)) {
    const copy = copyOf(value);
    if (copy !== undefined) saved[name] = copy;
  }
  return saved;
}

/** Puts fields back: into the same array where it has kept its size, because others may hold it too. */
export function loadFields(part: object, saved: SavedFields): void {
  const target = part as Record<string, unknown>;
  for (const [name, value] of Object.entries(saved)) {
    const present = target[name];
    if (isNumbers(value) && isNumbers(present) && present.length === value.length)
      present.set(value);
    else if (Array.isArray(value) && Array.isArray(present)) {
      present.length = 0;
      for (const item of copyOf(value) as readonly unknown[]) present.push(item);
    } else target[name] = copyOf(value);
  }
}

function copyOf(value: unknown): SavedValue | undefined {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return value;
  if (isNumbers(value)) return value.slice();
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly unknown[];
  // A table of what has been looked up so far follows from other fields.
  if (items.includes(undefined)) return undefined;
  if (items.every((item) => typeof item === 'number')) return items.slice();
  if (items.every(isNumbers)) return items.map((item) => item.slice());
  return undefined;
}

function isNumbers(value: unknown): value is Numbers {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
