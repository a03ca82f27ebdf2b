/** A file with analog constants that differ from the table: `{ "membraneNoise": 0.5, .. }`. */
import { CONSTANT_TABLE, type AnalogConstants } from '../emulator/analog/constants.js';
import type { NoiseSwitches } from '../emulator/analog/core.js';
import { ALL_NOISE } from '../emulator/analog/noise.js';
import { nearestName } from '../experiment/failure.js';
import { InputError, UsageError } from './failure.js';
import { readText } from './files.js';

/** @throws InputError for an unknown name or a value that is no number */
export function readConstants(path: string | undefined): Partial<AnalogConstants> {
  if (path === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: it is not JSON\n  Expected { "NAME": NUMBER, .. }.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError(`${path}: expected { "NAME": NUMBER, .. }`);
  for (const [name, number] of Object.entries(value)) {
    if (!(name in CONSTANT_TABLE)) {
      const near = nearestName(name, Object.keys(CONSTANT_TABLE));
      throw new InputError(
        `${path}: there is no constant "${name}"\n  ${near ? `Did you mean "${near}"?` : 'The table stands in docs/analog.md.'}`,
      );
    }
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw new InputError(`${path}: ${name} is ${JSON.stringify(number)}, expected a number`);
  }
  return value as Partial<AnalogConstants>;
}

/** Names of the sources of trial noise. */
export const noiseNames = Object.keys(ALL_NOISE) as readonly (keyof NoiseSwitches)[];

/**
 * Switches for the sources of trial noise that are named.
 * @throws UsageError for an unknown name, and for one that is to be both off and on
 */
export function readNoise(
  off: readonly string[],
  on: readonly string[] = [],
): Partial<NoiseSwitches> {
  const switches: Partial<Record<keyof NoiseSwitches, boolean>> = {};
  for (const [option, names] of [
    ['--noise-off', off],
    ['--noise-on', on],
  ] as const)
    for (const text of names.flatMap((list) => list.split(','))) {
      const name = noiseNames.find((known) => known === text.trim());
      if (name === undefined)
        throw new UsageError(
          `${option} ${text}: there is no such source; sources are ${noiseNames.join(', ')}`,
        );
      const isOn = option === '--noise-on';
      if (switches[name] === !isOn)
        throw new UsageError(`--noise-off and --noise-on both name ${name}`);
      switches[name] = isOn;
    }
  return switches;
}
