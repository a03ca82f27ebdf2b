/** `plastic sweep`: an experiment over settings, chips and seeds, on all cores, into one table. */
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import * as plastic from '../../index.js';
import { loadExperiment, settle } from '../../experiment/load.js';
import { sha256 } from '../../experiment/output/folder.js';
import { RunError, UsageError, exitCode } from '../failure.js';
import { version } from '../installation.js';
import { chooseChip, engineNames } from '../run/chip.js';
import type { EngineName } from '../run/chip.js';
import { planSweep } from '../sweep/plan.js';
import { runJobs } from '../sweep/pool.js';
import type { JobResult } from '../sweep/job.js';
import { findResult, openStore, storeResult, storeTable, sweepTable } from '../sweep/store.js';

interface Arguments {
  experiment: string;
  set: string[];
  chip: string;
  repeat: number;
  seed: number;
  workers: number | undefined;
  engine: EngineName | undefined;
  quick: boolean;
  out: string | undefined;
  json: boolean;
  quiet: boolean;
}

async function sweep(args: ArgumentsCamelCase<Arguments>): Promise<void> {
  const workers = args.workers ?? availableParallelism();
  if (!Number.isInteger(workers) || workers < 1 || workers > 256)
    throw new UsageError(`--workers ${workers}: write a whole number from 1 to 256`);
  const engine = args.engine ?? engineNames[0];
  const loaded = await loadExperiment(args.experiment, plastic);
  const identity = [version(), sha256(loaded.source), engine, String(args.quick)].join(' ');
  const jobs = planSweep(args, identity);
  // What is wrong with the command line is said before anything runs.
  for (const job of jobs) settle(loaded.definition, args.quick, job.set);
  for (const chip of new Set(jobs.map((job) => job.chip))) chooseChip(chip);

  const folder = args.out ?? join('results', `${loaded.definition.name}-sweep`);
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  openStore(folder);
  const results: JobResult[] = jobs.flatMap((job) => findResult(folder, job) ?? []);
  const done = new Set(results.map(({ job }) => job.index));
  const open = jobs.filter(({ index }) => !done.has(index));
  const say = (text: string): void => {
    if (!args.quiet) process.stderr.write(`${text}\n`);
  };
  say(
    `${jobs.length} runs${done.size > 0 ? `, ${done.size} of them done before` : ''}, ${Math.min(workers, Math.max(1, open.length))} at a time`,
  );
  const write = (): void =>
    storeTable(folder, sweepTable(jobs, results), {
      plastic: version(),
      experiment: relative('.', loaded.file),
      sha256: sha256(loaded.source),
      engine,
      quick: args.quick,
      axes: { set: args.set, chip: args.chip, repeat: args.repeat, seed: args.seed },
      runs: jobs.length,
      finished: results.length,
    });
  try {
    await runJobs(
      open.map((job) => ({ experiment: loaded.file, quick: args.quick, engine, job })),
      workers,
      abort.signal,
      (result) => {
        storeResult(folder, result);
        results.push(result);
        const { set, chip, seed } = result.job;
        say(
          `${results.length}/${jobs.length}  ${[...set, `chip=${chip}`, `seed=${seed}`].join(' ')}${result.failure === undefined ? '' : `  failed: ${result.failure.split('\n')[0]}`}`,
        );
      },
    );
  } finally {
    process.removeListener('SIGINT', interrupt);
    write();
  }
  const table = join(folder, 'sweep.csv');
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  if (args.json)
    process.stdout.write(
      `${JSON.stringify({ table, runs: jobs.length, finished: results.length, failed })}\n`,
    );
  else
    process.stdout.write(`${abort.signal.aborted ? 'interrupted; so far' : 'table'}: ${table}\n`);
  if (abort.signal.aborted) process.exitCode = exitCode.interrupted;
  else if (failed > 0)
    throw new RunError(
      `${failed} of ${jobs.length} runs failed; the column "failure" says why, the same command tries them again`,
    );
}

export const sweepCommand: CommandModule<object, Arguments> = {
  command: 'sweep <experiment>',
  describe: 'run an experiment over settings, chips and seeds, into one table',
  builder: (parser) =>
    parser
      .positional('experiment', {
        type: 'string',
        demandOption: true,
        describe: 'experiment file, or a folder with experiment.ts',
      })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'NAME=1,2,3 or NAME=1..5; repeat for more axes',
      })
      .option('chip', {
        type: 'string',
        default: 'ideal',
        describe: '1..5, or ideal,1,2, or calibration files',
      })
      .option('repeat', { type: 'number', default: 1, describe: 'seeds of each combination' })
      .option('seed', { type: 'number', default: 0, describe: 'seed of the first repeat' })
      .option('workers', { type: 'number', describe: 'threads; as many as there are cores' })
      .option('engine', {
        choices: engineNames,
        describe: 'analog emulation: fast (default), precise',
      })
      .option('quick', {
        type: 'boolean',
        default: false,
        describe: "the experiment's short version",
      })
      .option('out', { type: 'string', describe: 'folder; an unfinished sweep in it goes on' })
      .option('json', { type: 'boolean', default: false, describe: 'print one line of JSON' })
      .option('quiet', {
        alias: 'q',
        type: 'boolean',
        default: false,
        describe: 'print the table only',
      })
      .example(
        '$0 sweep examples/stdp --set correlation=0,0.5,1 --chip 1..5 --repeat 5',
        '75 runs; the same command goes on where it was interrupted',
      ),
  handler: sweep,
};
