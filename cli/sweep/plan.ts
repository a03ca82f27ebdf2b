/** Which runs a sweep consists of: every combination of settings, chips and repeats, in one fixed order. */
import { createHash } from 'node:crypto';
import { UsageError } from '../failure.js';

/** One run of a sweep. */
export interface SweepJob {
  /** From 0 on: the order of the table. */
  readonly index: number;
  /** Name of its files: from what it runs, so that a changed plan finds the runs that it still has. */
  readonly key: string;
  /** `name=value` texts. */
  readonly set: readonly string[];
  readonly chip: string;
  readonly seed: number;
}

/** What the command line asks for. */
export interface SweepAxes {
  /** `name=1,2,3` texts. */
  readonly set: readonly string[];
  /** `1..5`, `ideal,1,2`, a file. */
  readonly chip: string;
  readonly repeat: number;
  /** Seed of the first repeat. */
  readonly seed: number;
}

/** All values of one axis. @throws UsageError for an empty one */
function valuesOf(text: string, option: string): string[] {
  const values = text.split(',').flatMap((part) => {
    const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(part) ?? [];
    if (first === undefined || last === undefined) return [part];
    const [low, high] = [Number(first), Number(last)];
    if (high < low || high - low > 9999)
      throw new UsageError(`${option}: ${part} is no range; write 1..5`);
    return Array.from({ length: high - low + 1 }, (_, i) => String(low + i));
  });
  if (values.some((value) => value === ''))
    throw new UsageError(`${option}: a value is empty; write a=1,2,3 or 1..5`);
  return values;
}

/**
 * Every combination; the first axis changes slowest, repeats fastest.
 * @param identity what all runs share (source, version, engine): a run of another identity is another run
 * @throws UsageError for an axis that cannot be read
 */
export function planSweep({ set, chip, repeat, seed }: SweepAxes, identity: string): SweepJob[] {
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > 10_000)
    throw new UsageError(`--repeat ${repeat}: write a whole number from 1 to 10000`);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new UsageError(`--seed ${seed}: a seed is a whole number from 0 on`);
  const axes = set.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--set ${text}: write NAME=VALUE,VALUE,..`);
    const name = text.slice(0, at);
    return valuesOf(text.slice(at + 1), `--set ${text}`).map((value) => `${name}=${value}`);
  });
  const names = axes.map((axis) => axis[0]?.split('=')[0]);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`--set ${twice}: named twice`);
  let combinations: string[][] = [[]];
  for (const axis of axes)
    combinations = combinations.flatMap((before) => axis.map((value) => [...before, value]));
  const jobs = combinations.flatMap((values) =>
    valuesOf(chip, `--chip ${chip}`).flatMap((each) =>
      Array.from({ length: repeat }, (_, k) => ({ set: values, chip: each, seed: seed + k })),
    ),
  );
  return jobs.map((job, index) => ({ index, key: keyOf(job, identity), ...job }));
}

function keyOf(job: Pick<SweepJob, 'set' | 'chip' | 'seed'>, identity: string): string {
  const text = JSON.stringify([job.set, job.chip, job.seed, identity]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
