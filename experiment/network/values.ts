/** Values for the members of a group: one for all, one each, or a function of the member's index. */
import { ExperimentError } from '../failure.js';

/** One value for all members, a list with one each, or a function of the index (0, 1, .. in the group that is set). */
export type GroupValue = number | readonly number[] | ((index: number) => number);

/** Values by the names of parameters. */
export type ParameterValues = Readonly<Record<string, GroupValue>>;

/**
 * The values of `size` members.
 * @param name parameter, @param place group: for messages
 * @throws ExperimentError for a list of another length
 */
export function spreadValue(
  name: string,
  value: GroupValue,
  size: number,
  place: string,
): number[] {
  if (typeof value === 'number') return new Array<number>(size).fill(value);
  if (typeof value === 'function') return Array.from({ length: size }, (_, i) => value(i));
  if (value.length !== size)
    throw new ExperimentError(
      `${name} has ${value.length} values for ${size} neurons`,
      place,
      'Give one value for all, or one for each.',
    );
  return [...value];
}

/** The part of some values that belongs to `size` members from `first` on, when `total` members share them. */
export function partOfValues(
  values: ParameterValues,
  first: number,
  size: number,
  total: number,
  place: string,
): ParameterValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, GroupValue] => [
      name,
      typeof value === 'number'
        ? value
        : spreadValue(name, value, total, place).slice(first, first + size),
    ]),
  );
}

/** Indices of a range or a list, as views take them. */
export function indicesOf(first: number | readonly number[], end?: number): readonly number[] {
  return typeof first === 'number'
    ? Array.from({ length: Math.max(0, (end ?? first + 1) - first) }, (_, i) => first + i)
    : first;
}

/**
 * Checks the indices of a view.
 * @throws ExperimentError for one that does not exist, one that is named twice, or none
 */
export function checkIndices(
  indices: readonly number[],
  size: number,
  what: 'neuron' | 'source' | 'member',
  place: string,
): void {
  const outside = indices.find((i) => !(Number.isInteger(i) && i >= 0 && i < size));
  const problem =
    outside !== undefined
      ? `there is no ${what} ${outside}`
      : indices.length === 0
        ? 'a view is empty'
        : new Set(indices).size !== indices.length
          ? `a view names a ${what} twice`
          : undefined;
  if (problem !== undefined)
    throw new ExperimentError(problem, place, `It has ${what}s 0..${size - 1}.`);
}
