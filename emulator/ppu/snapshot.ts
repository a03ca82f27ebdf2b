/**
 * Snapshots of a processor: the values of all fields of its parts. Parts are plain records of numbers and typed
 * arrays, so a snapshot is a copy and needs no list of fields that could become incomplete.
 */
import { Operation } from './operation.js';

type Numbers =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float64Array;

/** Value of one field: number, flag, numbers, several of them, predecoded words (null: none), words by address. */
export type SavedField =
  | number
  | boolean
  | Numbers
  | readonly Numbers[]
  | readonly number[]
  | { readonly words: readonly (number | null)[] }
  | { readonly code: readonly (readonly [number, number])[] };

export type SavedPart = Readonly<Record<string, SavedField>>;

/** State of one processor with its memories; survives structuredClone. */
export interface PpuSnapshot {
  readonly version: 1;
  /** The core's options as JSON: a snapshot only fits a core with the same. */
  readonly options: string;
  readonly parts: Readonly<Record<string, SavedPart>>;
  readonly instructionWords: Int32Array;
  /** Undefined if one memory serves both. */
  readonly dataWords: Int32Array | undefined;
}

/** The snapshot belongs to another version or another configuration. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

function isNumbers(value: unknown): value is Numbers {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function saveField(value: unknown): SavedField | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (isNumbers(value)) return value.slice();
  if (value instanceof Map) {
    const code: [number, number][] = [];
    for (const [address, op] of value as Map<unknown, unknown>) {
      if (typeof address === 'number' && op instanceof Operation) code.push([address, op.word]);
    }
    return { code };
  }
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly unknown[];
  if (items.length > 0 && items.every(isNumbers)) return items.map((item) => item.slice());
  if (items.every((item) => typeof item === 'number')) return items.slice();
  if (items.every((item) => item === null || item instanceof Operation)) {
    return { words: items.map((item) => item?.word ?? null) };
  }
  return undefined;
}

/** Copies the fields of a part; references to other parts are left out. `skip` names fields that are rebuilt. */
export function savePart(part: object, skip: readonly string[] = []): SavedPart {
  const saved: Record<string, SavedField> = {};
  for (const [name, value] of Object.entries(part)) {
    const field = skip.includes(name) ? undefined : saveField(value);
    if (field !== undefined) saved[name] = field;
  }
  return saved;
}

/** Puts the fields back, into the same arrays. */
export function restorePart(part: object, saved: SavedPart): void {
  const target = part as Record<string, unknown>;
  for (const [name, field] of Object.entries(saved)) {
    const present = target[name];
    if (isNumbers(field) && isNumbers(present)) present.set(field);
    else if (typeof field === 'object' && 'code' in field && present instanceof Map) {
      const map = present as Map<number, Operation>;
      map.clear();
      for (const [address, word] of field.code) map.set(address, new Operation(word));
    } else if (typeof field === 'object' && 'words' in field && Array.isArray(present)) {
      field.words.forEach((word, i) => {
        present[i] = word === null ? null : new Operation(word);
      });
    } else if (Array.isArray(field) && Array.isArray(present)) {
      restoreList(present as unknown[], field as readonly (Numbers | number)[]);
    } else target[name] = field;
  }
}

function restoreList(present: unknown[], field: readonly (Numbers | number)[]): void {
  present.length = field.length;
  field.forEach((item, i) => {
    const old = present[i];
    if (isNumbers(item) && isNumbers(old)) old.set(item);
    else present[i] = item;
  });
}
