/**
 * Fire lines: which circuits fire together with one whose comparator has fired. A master drives the line of its circuit;
 * lines of a column's two rows can be joined, and a line can be passed on to the next column or taken from it, within one
 * half of the back end. A slave that the pulse reaches fires in the same cycle, if it is not refractory.
 */
import { NEURONS } from './core.js';
import type { Settings } from './settings.js';

/** Back-end settings that make lines. */
export const FIRE_FIELDS = [
  'en_neuron_master',
  'en_neuron_slave',
  'connect_fire_bottom',
  'connect_fire_to_right',
  'connect_fire_from_right',
] as const;

/** Slaves of each neuron, ascending; undefined for a neuron that has none. */
export function fireTargets(settings: Settings): readonly (Int32Array | undefined)[] {
  return Array.from({ length: NEURONS }, (_, n) => {
    const config = settings.backends[n];
    if (config === undefined || config.en_neuron_master === 0) return undefined;
    const slaves = lineOf(settings, n).filter(
      (m) => m !== n && settings.backends[m]?.en_neuron_slave !== 0,
    );
    return slaves.length === 0 ? undefined : Int32Array.from(slaves.sort((a, b) => a - b));
  });
}

/** Circuits that a pulse on the line of `n` reaches, itself included. */
function lineOf(settings: Settings, n: number): number[] {
  const reached = new Set([n]);
  // A set visits what is added while it is walked.
  for (const m of reached) for (const next of onward(settings, m)) reached.add(next);
  return [...reached];
}

function onward(settings: Settings, n: number): number[] {
  const { backends } = settings;
  const own = backends[n];
  const column = n & 255;
  const next: number[] = [];
  if (own?.connect_fire_bottom || backends[n ^ 256]?.connect_fire_bottom) next.push(n ^ 256);
  if (own?.connect_fire_to_right && (column & 127) !== 127) next.push(n + 1);
  if ((column & 127) !== 0 && backends[n - 1]?.connect_fire_from_right) next.push(n - 1);
  return next;
}
