/** Addresses and words of the register map by container and field name. */

import { containers, type ContainerRow, type StrideRow } from './map.js';

export type ContainerName = keyof typeof containers;

type WordsOf<C extends ContainerName> = (typeof containers)[C]['words'][number];
type FieldsOfWord<W> = W extends { readonly fields: infer F } ? keyof F & string : never;

/** Names of all fields of a container. */
export type FieldName<C extends ContainerName> = FieldsOfWord<WordsOf<C>>;

/** One index for each stride of the container, major to minor (the order of the map). */
export type Indices<C extends ContainerName> = OneIndexEach<(typeof containers)[C]['strides']>;

type OneIndexEach<S extends readonly StrideRow[]> = { readonly [K in keyof S]: number };

/** A register was named or filled in a way that the map does not allow. */
export class RegisterError extends Error {
  constructor(
    readonly container: string,
    /** Index or field at fault. */
    readonly member: string,
    readonly value: number,
    /** Largest value that fits. */
    readonly limit: number,
  ) {
    super(`${container}.${member} is ${value}; it must be a whole number from 0 to ${limit}`);
    this.name = 'RegisterError';
  }
}

const rowOf = (name: ContainerName): ContainerRow => containers[name];

/** All names of the map in its order. */
export const containerNames: readonly ContainerName[] = Object.keys(containers) as ContainerName[];

/** The row of the map behind a name. */
export function containerRow(name: ContainerName): ContainerRow {
  return rowOf(name);
}

/** How many instances of a container exist. */
export function instanceCount(name: ContainerName): number {
  return rowOf(name).strides.reduce((count, stride) => count * stride.count, 1);
}

/** Bits of word `word` that are defined. */
export function fieldMask(name: ContainerName, word: number): number {
  const row = rowOf(name).words[word];
  if (row === undefined) throw new RegisterError(name, 'word', word, rowOf(name).words.length - 1);
  let mask = 0;
  for (const [msb, lsb] of Object.values(row.fields)) mask |= bits(msb - lsb + 1) << lsb;
  return mask >>> 0;
}

/**
 * Omnibus word address of a word of one instance.
 * @param indices one index per stride, major to minor
 * @param word position in the container's list of words (not an address offset)
 * @throws RegisterError if an index or the word is out of range
 */
export function addressOf<C extends ContainerName>(name: C, indices: Indices<C>, word = 0): number {
  const row = rowOf(name);
  const list = indices as readonly number[];
  let address = row.base;
  row.strides.forEach((stride: StrideRow, position) => {
    const index = list[position] ?? 0;
    if (!Number.isInteger(index) || index < 0 || index >= stride.count)
      throw new RegisterError(name, stride.index, index, stride.count - 1);
    address += index * stride.stride;
  });
  const found = row.words[word];
  if (found === undefined) throw new RegisterError(name, 'word', word, row.words.length - 1);
  return (address + found.offset) >>> 0;
}

/** Addresses of all words of one instance, in the container's order of words. */
export function addressesOf<C extends ContainerName>(name: C, indices: Indices<C>): number[] {
  return rowOf(name).words.map((_, word) => addressOf(name, indices, word));
}

/**
 * Words of a container from field values; fields that are not named are 0.
 * @throws RegisterError if a value does not fit its field
 */
export function encodeContainer<C extends ContainerName>(
  name: C,
  values: { readonly [F in FieldName<C>]?: number },
): number[] {
  const given: Readonly<Record<string, number | undefined>> = values;
  return rowOf(name).words.map((word) => {
    let value = 0;
    for (const [field, [msb, lsb]] of Object.entries(word.fields)) {
      const part = given[field];
      if (part === undefined) continue;
      const limit = bits(msb - lsb + 1);
      if (!Number.isInteger(part) || part < 0 || part > limit)
        throw new RegisterError(name, field, part, limit);
      value |= part << lsb;
    }
    return value >>> 0;
  });
}

/** Field values from the words of a container; missing words count as 0. */
export function decodeContainer<C extends ContainerName>(
  name: C,
  words: ArrayLike<number>,
): { [F in FieldName<C>]: number } {
  const values: Record<string, number> = {};
  rowOf(name).words.forEach((word, position) => {
    const value = words[position] ?? 0;
    for (const [field, [msb, lsb]] of Object.entries(word.fields))
      values[field] = ((value >>> lsb) & bits(msb - lsb + 1)) >>> 0;
  });
  return values as { [F in FieldName<C>]: number };
}

/** Words that the host's library writes for a default-constructed container (zeros where it has none). */
export function hostDefault(name: ContainerName): number[] {
  const row = rowOf(name);
  return row.words.map((_, word) => row.hostDefault?.[word] ?? 0);
}

function bits(width: number): number {
  return width >= 32 ? 0xffffffff : (1 << width) - 1;
}
