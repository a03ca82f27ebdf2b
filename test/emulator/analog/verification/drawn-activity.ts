/** What drawn chips make of whole behaviours, with noise: firing patterns (V7), activation under background (V22). */
import type { EngineName } from '../../../../emulator/analog/index.js';
import { CONFIG_A, pointA, writeCodes } from '../operating-point.js';
import { adexMember } from '../spike-times.js';
import { logistic } from './activation.js';
import { median, onChips, residual, worst, type Case } from './case.js';

/** Published parameter sets (see `adexMember`), all eight. */
export const PATTERNS: readonly (readonly [name: string, ...parameters: number[]])[] = [
  ['tonic', 200, 10, -70, -50, 2, 2, 30, 0, -58, 500],
  ['adaptation', 200, 12, -70, -50, 2, 2, 300, 60, -58, 500],
  ['initial burst', 130, 18, -58, -50, 2, 4, 150, 120, -50, 400],
  ['regular bursting', 200, 10, -58, -50, 2, 2, 120, 100, -46, 210],
  ['delayed accelerating', 200, 12, -70, -50, 2, -10, 300, 0, -58, 300],
  ['delayed regular bursting', 100, 10, -65, -50, 2, -10, 90, 30, -47, 110],
  ['transient', 100, 10, -65, -50, 2, 10, 90, 100, -47, 180],
  ['irregular', 100, 12, -60, -50, 2, -11, 130, 30, -48, 160],
];

/** Clock periods of 16 ns: 0.64 us, of which the reset takes five of its time constants. */
const REFRACTORY = 40;
const DURATION = 600;

/** Growth of an interval to the next that counts as none. */
const SLACK = 1.05;

/** Published names of firing patterns, by what a reader of a raster goes by; times in us (ms of biology). */
export function patternName(spikes: readonly number[]): string {
  const gaps = spikes.slice(1).map((t, i) => t - (spikes[i] ?? 0));
  const ratios = gaps.slice(1).map((gap, i) => gap / (gaps[i] ?? gap));
  const first = spikes[0] ?? 0;
  if (spikes.length === 0) return 'silent';
  if ((spikes.at(-1) ?? 0) < DURATION / 3) return 'transient';
  const trend = (gaps.at(-1) ?? 0) / (gaps[0] ?? 1);
  if (ratios.every((r) => r < SLACK) && trend < 0.9 && first > 1.2 * (gaps[0] ?? 0))
    return 'delayed accelerating';
  const longest = Math.max(...gaps);
  const pause = gaps.findIndex((gap) => gap > longest / 2);
  if (gaps.slice(pause).some((gap) => gap < longest / 2)) return burstName(first, gaps);
  if (trend < 1.5) return 'tonic';
  // A burst ends at once: one interval several times the one before.
  return Math.max(...ratios) > 3 ? 'initial burst' : 'adaptation';
}

/** Short intervals return after long ones. Are the long ones equal, and the runs of short ones between them? */
function burstName(first: number, gaps: readonly number[]): string {
  const late = gaps.slice(Math.floor(gaps.length / 3));
  const limit = (Math.min(...late) + Math.max(...late)) / 2;
  const pauses = late.filter((gap) => gap > limit);
  const runs = runLengths(late.map((gap) => gap > limit));
  if (Math.max(...pauses) / Math.min(...pauses) > 1.25) return 'irregular';
  if (Math.max(...runs) > Math.min(...runs) + 1) return 'irregular';
  return first > 40 ? 'delayed regular bursting' : 'regular bursting';
}

/** Lengths of whole runs of short intervals between long ones. */
function runLengths(long: readonly boolean[]): number[] {
  const at = long.flatMap((is, i) => (is ? [i] : []));
  return at.length < 2 ? [0] : at.slice(1).map((i, k) => i - (at[k] ?? 0) - 1);
}

/** Spikes of neurons that are given a pattern's parameters as codes, after a current step. */
export function patternSpikes(
  engine: EngineName,
  die: 'ideal' | number,
  neurons: readonly number[],
  parameters: readonly number[],
): number[][] {
  const s = pointA({ engine, ...(die === 'ideal' ? {} : { die: residual(die) }) }, []);
  const member = adexMember(parameters, 0);
  for (const n of neurons) {
    writeCodes(s.core, n, { ...member.codes, i_bias_reset: 1015 });
    s.core.setNeuron(n, { ...CONFIG_A, ...member.config, en_mem_off: 0, en_thresh_comp: 0 });
    s.core.setBackend(n, { refractory_time: REFRACTORY, reset_holdoff: 15 });
  }
  const start = 1500;
  s.to(start);
  for (const n of neurons) s.core.setNeuron(n, { en_mem_off: 1, en_thresh_comp: 1 });
  s.to(start + DURATION);
  return neurons.map((n) =>
    s.spikes.filter((x) => x.neuron === n).map((x) => x.cycle / 250 - start),
  );
}

/** Patterns of eight that a neuron shows, the median over neurons of three chips. */
function rightPatterns(engine: EngineName): number {
  const neurons = [5, 130, 261, 402];
  const right = onChips((seed) => {
    const shown = PATTERNS.map(([name, ...parameters]) =>
      patternSpikes(engine, seed, neurons, parameters).map((x) => patternName(x) === name),
    );
    return neurons.map((_, i) => shown.filter((line) => line[i]).length);
  });
  return median(right);
}

export const DRAWN_ACTIVITY_CASES: readonly Case[] = [
  {
    id: 'V7',
    on: 'chip',
    what: 'patterns of eight that 12 neurons show, median',
    tolerance: 8,
    least: 6,
    unit: 'patterns',
    only: 'fast',
    measure: rightPatterns,
  },
  {
    id: 'V22',
    on: 'chip',
    what: 'activation under background is logistic, worst of three chips with noise',
    tolerance: 0.02,
    unit: '1 - R^2',
    only: 'fast',
    measure: (engine) => worst(onChips((seed) => logistic(engine, residual(seed), [64 * seed]))),
  },
];
