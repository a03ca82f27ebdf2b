/** One run of a sweep: the experiment on a chip of its own, and the numbers of its summary. */
import * as plastic from '../../index.js';
import { InProcessBoard } from '../../board/index.js';
import { compileRule } from '../../experiment/compile-rule.js';
import { openLab, streamNames } from '../../experiment/experiment.js';
import type { Seeds } from '../../experiment/experiment.js';
import { loadExperiment, readBeside, settle } from '../../experiment/load.js';
import { sha256 } from '../../experiment/output/folder.js';
import { encodeNpz } from '../../experiment/output/npy.js';
import { Results } from '../../experiment/results.js';
import { chooseChip, makeChip } from '../run/chip.js';
import type { EngineName } from '../run/chip.js';
import { watchBoard } from '../run/watch.js';
import type { SweepJob } from './plan.js';

/** What a worker is asked for. */
export interface JobRequest {
  readonly experiment: string;
  readonly quick: boolean;
  readonly engine: EngineName;
  readonly job: SweepJob;
}

/** What it gives: everything in it depends on the request only. */
export interface JobResult {
  readonly job: SweepJob;
  readonly values: Readonly<Record<string, number | string>>;
  readonly warnings: readonly string[];
  readonly chipSeconds: number;
  /** SHA-256 of the arrays. */
  readonly arrays: Readonly<Record<string, string>>;
  /** The reason when it failed. */
  readonly failure?: string;
}

/**
 * Runs it in this thread. Failures of the experiment are results.
 * @param signal aborting ends the run at its next piece; what it gives then is no result
 */
export async function runJob(
  { experiment, quick, engine, job }: JobRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<JobResult> {
  const results = new Results();
  let chipSeconds = 0;
  let failure: string | undefined;
  try {
    const { definition, folder } = await loadExperiment(experiment, plastic);
    const choice = chooseChip(job.chip);
    const watched = watchBoard(InProcessBoard.of(makeChip(choice, { engine })));
    const lab = openLab({
      settings: settle(definition, quick, job.set),
      seeds: Object.fromEntries(streamNames.map((name) => [name, job.seed])) as Seeds,
      board: watched.board,
      results,
      signal,
      readText: (file) => readBeside(folder, experiment, file),
      compile: compileRule,
      calibration: choice.file?.chip,
      progress: () => {},
      log: () => {},
    });
    await definition.run(lab);
    lab.finish();
    watched.tell(results);
    ({ chipSeconds } = lab.used());
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return {
    job,
    values: Object.fromEntries(results.summary.map(({ name, value }) => [name, value])),
    warnings: results.warnings,
    chipSeconds,
    arrays: Object.fromEntries(
      (['spikes', 'weights', 'records'] as const).map((file) => [
        file,
        sha256(encodeNpz(results.arrays(file))),
      ]),
    ),
    ...(failure === undefined ? {} : { failure }),
  };
}
