/** Parameters of spike sources: checked, read, and changed member by member. */
import { ExperimentError, unknownName } from '../failure.js';
import type { ArraySource, SourceCell } from './sources.js';
import { spreadValue } from './values.js';
import type { GroupValue } from './values.js';

/** New values by name; `spikeTimes` takes a list for all sources or a list of lists. */
export type SourceValues = Readonly<Record<string, GroupValue | ArraySource['spikeTimes']>>;

const namesOf = {
  array: ['spikeTimes'],
  poisson: ['rate', 'start', 'duration'],
  regular: ['interval', 'start', 'duration'],
  background: ['rate', 'start', 'duration'],
} as const satisfies Record<SourceCell['kind'], readonly string[]>;

/** True for one list of times for each source. */
export function isNested(list: ArraySource['spikeTimes']): list is readonly (readonly number[])[] {
  return typeof list[0] === 'object';
}

/** @throws ExperimentError for lists of another length than the group, and for values that do not exist */
export function checkCell(cell: SourceCell, size: number, place: string): void {
  const refuse = (problem: string, repair: string): never => {
    throw new ExperimentError(problem, place, repair);
  };
  if (cell.kind === 'array') {
    const { spikeTimes } = cell;
    if (!Array.isArray(spikeTimes))
      refuse(
        'spikeTimes is no list',
        'Give times in s: [10e-6, 20e-6], or a list for each source.',
      );
    if (isNested(spikeTimes) && spikeTimes.length !== size)
      refuse(
        `spikeTimes has ${spikeTimes.length} lists for ${size} sources`,
        'Give one list for all, or one for each.',
      );
    const bad = (isNested(spikeTimes) ? spikeTimes.flat() : spikeTimes).find((t) => !(t >= 0));
    if (bad !== undefined)
      refuse(`a spike is to come at ${bad} s`, 'Times are in s of hardware time, from 0 on.');
    return;
  }
  if (cell.kind === 'poisson' && typeof cell.rate !== 'number' && cell.rate.length !== size)
    refuse(
      `rate has ${cell.rate.length} values for ${size} sources`,
      'Give one value for all, or one for each.',
    );
  const values = {
    ...(cell.kind === 'regular' ? { interval: cell.interval } : { rate: cell.rate }),
    start: cell.start,
    duration: cell.duration,
  };
  for (const [name, value] of Object.entries(values))
    for (const each of typeof value === 'object' ? value : [value ?? 0]) {
      const least = name === 'interval' ? 8e-9 : 0;
      if (!(each >= least) || (each === Infinity && name !== 'duration'))
        refuse(
          `${name} is ${each}`,
          'Rates are in Hz and times in s of hardware time, from 0 on; an interval is at least 8 ns.',
        );
    }
}

/** One value for each source. @throws ExperimentError for a name that these sources do not have */
export function parameterOf(
  cell: SourceCell | undefined,
  name: string,
  size: number,
  place: string,
): Float64Array {
  const known: readonly string[] = cell ? namesOf[cell.kind] : [];
  if (!cell || !known.includes(name) || cell.kind === 'array')
    throw unknownName(
      'number',
      name,
      known.filter((each) => each !== 'spikeTimes'),
      place,
    );
  const value =
    name === 'start'
      ? (cell.start ?? 0)
      : name === 'duration'
        ? (cell.duration ?? Infinity)
        : cell.kind === 'regular'
          ? cell.interval
          : cell.rate;
  return Float64Array.from(spreadValue(name, value, size, place));
}

/**
 * A cell with other values.
 * @param members sources that are changed; all if absent
 * @throws ExperimentError for a name that these sources do not have, or a value that does not exist
 */
export function changedCell(
  cell: SourceCell | undefined,
  values: SourceValues,
  size: number,
  members: readonly number[] | undefined,
  place: string,
): SourceCell {
  if (!cell)
    throw new ExperimentError(
      'these sources send what `run` is given',
      place,
      'Make them with a cell, for example spikeSourcePoisson({ rate: 1e4 }), to have parameters.',
    );
  const known: readonly string[] = namesOf[cell.kind];
  let changed = cell;
  for (const [name, value] of Object.entries(values)) {
    if (!known.includes(name)) throw unknownName('parameter', name, known, place);
    if (changed.kind === 'array')
      changed = { ...changed, spikeTimes: newTimes(changed, value, size, members, place) };
    else if (name === 'rate' && changed.kind === 'poisson')
      changed = { ...changed, rate: newRates(changed.rate, value, size, members, place) };
    else if (typeof value !== 'number' || members)
      throw new ExperimentError(
        `${name} is one number for all of these sources`,
        place,
        'Set it on the whole group, or use several groups.',
      );
    else changed = { ...changed, [name]: value };
  }
  checkCell(changed, size, place);
  return changed;
}

function newRates(
  old: number | readonly number[],
  value: SourceValues[string],
  size: number,
  members: readonly number[] | undefined,
  place: string,
): number | readonly number[] {
  if (typeof value === 'object' && isNested(value))
    throw new ExperimentError('rate is a list of lists', place, 'A source has one rate.');
  const wanted = value as GroupValue;
  if (!members && typeof wanted === 'number') return wanted;
  const own = spreadValue('rate', wanted, members?.length ?? size, place);
  if (!members) return own;
  const rates = typeof old === 'number' ? new Array<number>(size).fill(old) : [...old];
  members.forEach((member, k) => (rates[member] = own[k] ?? NaN));
  return rates;
}

function newTimes(
  { spikeTimes }: ArraySource,
  value: SourceValues[string],
  size: number,
  members: readonly number[] | undefined,
  place: string,
): ArraySource['spikeTimes'] {
  if (typeof value !== 'object')
    throw new ExperimentError('spikeTimes is no list', place, 'Give times in s: [10e-6, 20e-6].');
  if (!members) return value;
  const lists = isNested(spikeTimes)
    ? [...spikeTimes]
    : Array.from({ length: size }, () => spikeTimes);
  if (isNested(value) && value.length !== members.length)
    throw new ExperimentError(
      `spikeTimes has ${value.length} lists for ${members.length} sources`,
      place,
      'Give one list for all, or one for each.',
    );
  members.forEach((member, k) => {
    lists[member] = isNested(value) ? (value[k] ?? []) : value;
  });
  return lists;
}
