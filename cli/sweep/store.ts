/** The folder of a sweep: a file per finished run, and the table made of them. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell, Table } from '../../experiment/output/csv.js';
import { encodeCsv } from '../../experiment/output/csv.js';
import type { JobResult } from './job.js';
import type { SweepJob } from './plan.js';

/** Makes the folder where it does not exist. */
export function openStore(folder: string): void {
  mkdirSync(join(folder, 'runs'), { recursive: true });
}

const fileOf = (folder: string, job: SweepJob): string => join(folder, 'runs', `${job.key}.json`);

/** Written beside its place and renamed: a run that was cut off leaves nothing that looks finished. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

export function storeResult(folder: string, result: JobResult): void {
  writeWhole(fileOf(folder, result.job), `${JSON.stringify(result, null, 2)}\n`);
}

/** The result of a job that has run well before. */
export function findResult(folder: string, job: SweepJob): JobResult | undefined {
  const file = fileOf(folder, job);
  if (!existsSync(file)) return undefined;
  try {
    const result = JSON.parse(readFileSync(file, 'utf8')) as JobResult;
    return result.failure === undefined && typeof result.values === 'object'
      ? { ...result, job }
      : undefined;
  } catch {
    return undefined;
  }
}

/** A row per run in the order of the plan: settings, chip, seed, the values of the summary, and what went wrong. */
export function sweepTable(jobs: readonly SweepJob[], results: readonly JobResult[]): Table {
  const settings = (jobs[0]?.set ?? []).map((text) => text.slice(0, text.indexOf('=')));
  const names = [...new Set(results.flatMap(({ values }) => Object.keys(values)))];
  const taken = new Set([...settings, 'chip', 'seed', 'chip_seconds', 'failure']);
  // A value that is called like a setting keeps both columns apart.
  const valueColumns = names.map((name) => (taken.has(name) ? `result ${name}` : name));
  const byIndex = new Map(results.map((result) => [result.job.index, result]));
  return {
    columns: [...settings, 'chip', 'seed', ...valueColumns, 'chip_seconds', 'failure'],
    rows: jobs.flatMap((job): Cell[][] => {
      const result = byIndex.get(job.index);
      if (!result) return [];
      return [
        [
          ...job.set.map((text) => numberOr(text.slice(text.indexOf('=') + 1))),
          job.chip,
          job.seed,
          ...names.map((name) => result.values[name] ?? null),
          result.chipSeconds,
          result.failure?.split('\n')[0] ?? null,
        ],
      ];
    }),
  };
}

function numberOr(text: string): Cell {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Writes the table and what made it. */
export function storeTable(folder: string, table: Table, facts: object): void {
  writeWhole(join(folder, 'sweep.csv'), encodeCsv(table));
  writeWhole(join(folder, 'sweep.json'), `${JSON.stringify(facts, null, 2)}\n`);
}
