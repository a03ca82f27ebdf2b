/** A snapshot of the analog core: plain data, enough to go on with the very same bits on a core of the same die. */
import type { Circuits } from './circuits.js';
import { CONSTANTS_VERSION } from './constants.js';
import type { ActivityCounts } from './core.js';
import type { Drivers } from './drivers.js';
import type { NeuronPart, SensorPart, SynapsePart } from './parts.js';
import type { Settings } from './settings.js';

export const SNAPSHOT_VERSION = 3;

export type StateArray =
  Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

export interface AnalogSnapshot {
  readonly version: number;
  /** Version of the table of constants the state belongs to. */
  readonly constants: number;
  readonly cycle: number;
  readonly noiseSeed: number;
  /** Numbers that are not arrays: order of sensor pulses. */
  readonly order: number;
  /** What happened since power-up. */
  readonly counts: ActivityCounts;
  readonly arrays: Readonly<Record<string, StateArray>>;
  /** Configuration records by kind and index. */
  readonly records: Readonly<Record<string, readonly Readonly<Record<string, number>>[]>>;
}

export class AnalogSnapshotError extends Error {
  constructor(
    readonly found: { readonly version: number; readonly constants: number },
    readonly expected: { readonly version: number; readonly constants: number },
  ) {
    super(
      `a snapshot of version ${found.version} (constants ${found.constants}) cannot be loaded:` +
        ` this core has version ${expected.version} (constants ${expected.constants})`,
    );
  }
}

/** The snapshot lacks something, or something in it has another size than this core has. */
export class DamagedSnapshotError extends Error {
  constructor(readonly place: string) {
    super(`the snapshot is damaged: ${place}`);
    this.name = 'DamagedSnapshotError';
  }
}

/** The stateful parts of a core. */
export interface CoreParts {
  readonly settings: Settings;
  readonly synapses: SynapsePart;
  readonly drivers: Drivers;
  readonly sensors: SensorPart;
  readonly neurons: NeuronPart;
  readonly circuits: Circuits;
}

function liveArrays(parts: CoreParts): Record<string, StateArray> {
  const all: Record<string, StateArray> = {};
  const add = (part: string, arrays: Readonly<Record<string, StateArray>>): void => {
    for (const [name, array] of Object.entries(arrays)) all[`${part}.${name}`] = array;
  };
  add('settings', parts.settings.stateArrays());
  add('synapses', parts.synapses.stateArrays());
  add('drivers', parts.drivers.stateArrays());
  add('sensors', parts.sensors.stateArrays());
  add('neurons', parts.neurons.stateArrays());
  return all;
}

export function takeSnapshot(
  parts: CoreParts,
  cycle: number,
  noiseSeed: number,
  counts: ActivityCounts,
): AnalogSnapshot {
  const arrays: Record<string, StateArray> = {};
  for (const [name, array] of Object.entries(liveArrays(parts))) arrays[name] = array.slice();
  const records: Record<string, Record<string, number>[]> = {};
  for (const [name, list] of Object.entries(parts.settings.stateRecords()))
    records[name] = list.map((record) => ({ ...record }));
  return {
    version: SNAPSHOT_VERSION,
    constants: CONSTANTS_VERSION,
    cycle,
    noiseSeed,
    order: parts.sensors.pulses,
    counts: { spikes: counts.spikes, synapticEvents: counts.synapticEvents },
    arrays,
    records,
  };
}

/**
 * Checks that a snapshot fits the parts, without touching them.
 * @throws AnalogSnapshotError for another version, DamagedSnapshotError
 */
export function checkSnapshot(parts: CoreParts, snapshot: AnalogSnapshot): void {
  if (snapshot.version !== SNAPSHOT_VERSION || snapshot.constants !== CONSTANTS_VERSION)
    throw new AnalogSnapshotError(snapshot, {
      version: SNAPSHOT_VERSION,
      constants: CONSTANTS_VERSION,
    });
  for (const [name, array] of Object.entries(liveArrays(parts))) {
    const saved = snapshot.arrays[name];
    if (saved === undefined) throw new DamagedSnapshotError(`array ${name} is missing`);
    if (saved.constructor.name !== array.constructor.name || saved.length !== array.length)
      throw new DamagedSnapshotError(
        `array ${name} has ${saved.length} elements of ${saved.constructor.name}, not ${array.length} of ${array.constructor.name}`,
      );
  }
  for (const [name, list] of Object.entries(parts.settings.stateRecords()))
    if (snapshot.records[name]?.length !== list.length)
      throw new DamagedSnapshotError(`there are not ${list.length} records of ${name}`);
}

/**
 * Writes a snapshot into the parts; what is derived from them is the caller's to work out again.
 * @throws like `checkSnapshot`, before anything is written
 */
export function restoreSnapshot(parts: CoreParts, snapshot: AnalogSnapshot): void {
  checkSnapshot(parts, snapshot);
  for (const [name, array] of Object.entries(liveArrays(parts))) {
    const saved = snapshot.arrays[name];
    if (saved !== undefined) array.set(saved);
  }
  for (const [name, list] of Object.entries(parts.settings.stateRecords()))
    list.forEach((record, i) => Object.assign(record, snapshot.records[name]?.[i]));
  parts.sensors.pulses = snapshot.order;
  parts.synapses.restored();
  parts.sensors.restored();
  parts.circuits.rewire(parts.settings);
}
