/** An experiment on a chip in this process, without results in a folder: for debuggers and traces. */
import * as plastic from '../../index.js';
import { InProcessBoard } from '../../board/index.js';
import type { Chip } from '../../emulator/index.js';
import { compileRule } from '../../experiment/compile-rule.js';
import { openLab, type Seeds } from '../../experiment/experiment.js';
import { loadExperiment, readBeside, settle } from '../../experiment/load.js';
import { Results } from '../../experiment/results.js';
import type { Program } from '../../isa/program.js';
import { chooseChip, makeChip } from '../run/chip.js';

export interface ExperimentChoice {
  /** What `--chip` says. */
  readonly chip: string;
  readonly seeds: Seeds;
  readonly quick: boolean;
  readonly set: readonly string[];
}

export interface PreparedExperiment {
  readonly chip: Chip;
  /** Begins it; settles when it has ended. */
  run(): Promise<unknown>;
}

/**
 * Reads an experiment and makes its chip.
 * @param signal ends it early
 * @param compiled is told of every program that the experiment compiles for a processor
 */
export async function prepareExperiment(
  path: string,
  args: ExperimentChoice,
  signal: AbortSignal,
  compiled: (program: Program) => void = () => {},
): Promise<PreparedExperiment> {
  const loaded = await loadExperiment(path, plastic);
  const settings = settle(loaded.definition, args.quick, [...args.set]);
  const choice = chooseChip(args.chip);
  const chip = makeChip(choice);
  const lab = openLab({
    settings,
    seeds: args.seeds,
    board: InProcessBoard.of(chip),
    results: new Results(),
    signal,
    readText: (file) => readBeside(loaded.folder, path, file),
    compile: (attachments, rows, external) => {
      const image = compileRule(attachments, rows, external);
      compiled(image.program);
      return image;
    },
    calibration: choice.file?.chip,
    progress: () => {},
    log: () => {},
  });
  return { chip, run: () => Promise.resolve(loaded.definition.run(lab)) };
}
