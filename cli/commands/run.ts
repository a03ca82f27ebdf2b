/** `plastic run`: runs an experiment on an emulated chip or a board and writes a result folder. */
import { relative } from 'node:path';
import process from 'node:process';
import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import * as plastic from '../../index.js';
import { BoardError } from '../../board/index.js';
import type { Board } from '../../board/index.js';
import type { ChipOptions } from '../../emulator/index.js';
import { compileRule } from '../../experiment/compile-rule.js';
import { openLab, streamNames } from '../../experiment/experiment.js';
import type { Seeds } from '../../experiment/experiment.js';
import { ExperimentError, RunFailure } from '../../experiment/failure.js';
import { loadExperiment, readBeside, settle } from '../../experiment/load.js';
import {
  checkNewFolder,
  nextFolder,
  sha256,
  writeResultFolder,
} from '../../experiment/output/folder.js';
import { Results } from '../../experiment/results.js';
import { noiseNames, readConstants, readNoise } from '../constants-file.js';
import { InputError, RunError, UsageError, exitCode } from '../failure.js';
import { announceTransfers, openBoardWithChip, sayTransfer } from '../run/board.js';
import { chooseChip, engineNames, isFolder } from '../run/chip.js';
import type { ChipChoice, EngineName } from '../run/chip.js';
import { printReport } from '../run/report.js';
import { watchBoard } from '../run/watch.js';

import { version } from '../installation.js';
import { progressBar } from '../progress.js';

export { openChip } from '../run/chip.js';

interface Arguments {
  experiment: string;
  chip: string | undefined;
  engine: EngineName | undefined;
  'noise-off': string[];
  'noise-on': string[];
  settling: 'instant' | 'exponential' | undefined;
  constants: string | undefined;
  board: string | undefined;
  baud: number | undefined;
  capture: string | undefined;
  seed: string[];
  strict: boolean;
  quick: boolean;
  out: string | undefined;
  set: string[];
  json: boolean;
  quiet: boolean;
  verbose: boolean;
}

/** The seeds that `--seed N` and `--seed name=N` texts give; N holds for every stream that is not named. */
export function readSeeds(texts: readonly string[]): Seeds {
  let common = 0;
  const named: Record<string, number> = {};
  for (const text of texts) {
    const [, name, digits = ''] = /^(?:([a-z]+)=)?(\d+)$/.exec(text) ?? [];
    const seed = Number(digits);
    if (digits === '' || !Number.isSafeInteger(seed))
      throw new UsageError(`--seed ${text}: a seed is a whole number from 0 on, or NAME=NUMBER`);
    if (name === undefined) common = seed;
    else if ((streamNames as readonly string[]).includes(name)) named[name] = seed;
    else
      throw new UsageError(
        `--seed ${text}: there is no stream "${name}"; streams are ${streamNames.join(', ')}`,
      );
  }
  return Object.fromEntries(streamNames.map((name) => [name, named[name] ?? common])) as Seeds;
}

/** A bar on standard error when it is a terminal. */
function openBar(shown: boolean): { update(share: number, what: string): void; stop(): void } {
  if (!shown) return { update: () => {}, stop: () => {} };
  const bar = progressBar('{what}');
  bar.start(1000, 0, { what: 'starting' });
  return {
    update: (share, what) => bar.update(Math.round(1000 * share), { what }),
    stop: () => bar.stop(),
  };
}

async function run(args: ArgumentsCamelCase<Arguments>): Promise<void> {
  const seeds = readSeeds(args.seed);
  const loaded = await loadExperiment(args.experiment, plastic);
  const settings = settle(loaded.definition, args.quick, args.set);
  const chip = args.chip ?? 'ideal';
  // What the command line says wrong is said before anything is opened.
  if (!isFolder(chip) || args.board === undefined) chooseChip(chip);
  const folder = args.out ?? nextFolder('results', loaded.definition.name);
  checkNewFolder(folder);

  const results = new Results();
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  const { board: opened, choice } = await open(args, chip);
  const bar = openBar(process.stderr.isTTY === true && !args.quiet && !args.json);
  const watched = watchBoard(opened);
  const board =
    args.quiet || args.json ? watched.board : announceTransfers(watched.board, sayTransfer);
  const begin = performance.now();
  const lab = openLab({
    settings,
    seeds,
    board,
    results,
    signal: abort.signal,
    readText: (file) => readBeside(loaded.folder, args.experiment, file),
    compile: compileRule,
    calibration: choice.file?.chip,
    progress: bar.update,
    log: (text) => {
      if (args.verbose) process.stderr.write(`${text}\n`);
    },
  });
  let interrupted = false;
  try {
    await loaded.definition.run(lab);
    lab.finish();
  } catch (error) {
    if (!(abort.signal.aborted && error instanceof BoardError))
      throw runError(error, args.experiment);
    interrupted = true;
  } finally {
    bar.stop();
    process.removeListener('SIGINT', interrupt);
    await board.close();
  }
  watched.tell(results);
  const used = lab.used();
  const wallSeconds = (performance.now() - begin) / 1000;
  const written = writeResultFolder(folder, results, {
    plastic: version(),
    experiment: {
      title: loaded.definition.title,
      file: relative('.', loaded.file),
      sha256: sha256(loaded.source),
    },
    command: commandLine(),
    seeds,
    settings,
    board: board.info,
    chip: chipOf(board.info, args, choice),
    calibration: calibrationOf(board.info, choice),
    interrupted,
    wallSeconds,
    chipSeconds: used.chipSeconds,
    playbackWords: used.words,
  });
  printReport(args, loaded.definition, results, {
    folder: relative('.', written) || written,
    interrupted,
    wallSeconds,
    chipSeconds: used.chipSeconds,
  });
  if (interrupted) process.exitCode = exitCode.interrupted;
}

/** Noise sources and constants of the emulated chip that the command line changes. */
function chipOptions(args: Arguments, choice: ChipChoice): ChipOptions {
  const noise = readNoise(args['noise-off'], args['noise-on']);
  const isNoiseNamed = Object.keys(noise).length > 0;
  const constants = readConstants(args.constants);
  const named = [
    ...(isNoiseNamed ? ['--noise-off and --noise-on'] : []),
    ...(args.constants === undefined ? [] : ['--constants']),
    ...(args.settling === undefined ? [] : ['--settling']),
  ];
  if (args.board !== undefined && named.length > 0)
    throw new UsageError(
      `${named.join(' and ')}: this belongs to the emulated chip of this process, not to --board`,
    );
  if (args.board !== undefined && args.strict)
    throw new UsageError('--strict belongs to the emulated chip of this process');
  if (choice.file && args.constants !== undefined)
    throw new UsageError(
      '--constants with a calibration: the file names the constants of its die; calibrate with --constants instead',
    );
  return {
    ...(isNoiseNamed ? { noise } : {}),
    ...(args.settling === undefined ? {} : { settling: args.settling }),
    ...(args.constants === undefined ? {} : { constants }),
    ...(args.strict ? { strict: true } : {}),
  };
}

/** Opens the board. @throws RunError when it does not answer or carries another chip */
async function open(
  args: Arguments,
  chip: string,
): Promise<{ readonly board: Board; readonly choice: ChipChoice }> {
  try {
    return await openBoardWithChip(
      { ...args, isChipNamed: args.chip !== undefined },
      chip,
      (choice) => chipOptions(args, choice),
    );
  } catch (error) {
    if (error instanceof BoardError) throw new RunError(error.message);
    throw error;
  }
}

/** What the manifest calls the chip: what the board says, where it says something. */
function chipOf({ emulator }: Board['info'], args: Arguments, choice: ChipChoice): string {
  if (args.board === undefined) return choice.name;
  const said = emulator?.['chip'];
  return typeof said === 'string' ? said : `board ${args.board}`;
}

function calibrationOf({ emulator, link }: Board['info'], choice: ChipChoice): string {
  if (choice.file || link === 'in-process') return choice.calibrationName;
  const said = emulator?.['calibration'];
  return said === 'ideal' ? 'none needed' : typeof said === 'string' ? said : 'none';
}

function runError(error: unknown, experiment: string): unknown {
  if (error instanceof BoardError || error instanceof RunFailure)
    return new RunError(`the run failed: ${error.message}`);
  if (error instanceof ExperimentError && !error.message.startsWith(experiment))
    return new InputError(`${experiment}: ${error.message}`);
  return error;
}

/** The command line as a user would type it. */
function commandLine(): string {
  const quoted = process.argv
    .slice(2)
    .map((word) => (/^[\w./=:,+-]+$/.test(word) ? word : JSON.stringify(word)));
  return ['plastic', ...quoted].join(' ');
}

export const runCommand: CommandModule<object, Arguments> = {
  command: 'run <experiment>',
  describe: 'run an experiment on an emulated chip or a board and write a result folder',
  builder: (parser) =>
    parser
      .positional('experiment', {
        type: 'string',
        demandOption: true,
        describe: 'experiment file, or a folder with experiment.ts',
      })
      .option('chip', {
        type: 'string',
        describe:
          'ideal (default), the SEED of a die, a calibration FILE, or with --board a FOLDER of them',
      })
      .option('engine', {
        choices: engineNames,
        describe: 'analog emulation: fast (default), or precise, the reference',
      })
      .option('noise-off', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: `source of trial noise to switch off (${noiseNames.join(', ')}); repeat`,
      })
      .option('noise-on', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'source of trial noise to switch on: ripple, or any on the ideal chip; repeat',
      })
      .option('settling', {
        choices: ['instant', 'exponential'] as const,
        describe: 'how cells of the parameter memory follow their codes (default instant)',
      })
      .option('constants', {
        type: 'string',
        describe: 'JSON file with analog constants of the chip that differ from the table',
      })
      .option('board', {
        type: 'string',
        describe: 'run on a board: serial path, tcp://HOST:PORT, udp://HOST[:PORT], capture file',
      })
      .option('baud', {
        type: 'number',
        describe: 'bits per second of a serial board',
      })
      .option('capture', {
        type: 'string',
        describe: 'FILE for all that goes to and from the board',
      })
      .option('seed', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: `N for all streams, or NAME=N (${streamNames.join(', ')}); repeat`,
      })
      .option('strict', {
        type: 'boolean',
        default: false,
        describe:
          'stop at accesses to addresses where nothing is, and at what processors leave open',
      })
      .option('quick', {
        type: 'boolean',
        default: false,
        describe: 'a short version that still means something',
      })
      .option('out', { type: 'string', describe: 'result folder; must not exist' })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'NAME=VALUE of a setting; repeat',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print one line of JSON' })
      .option('quiet', {
        alias: 'q',
        type: 'boolean',
        default: false,
        describe: 'print the folder only',
      })
      .option('verbose', {
        alias: 'v',
        type: 'boolean',
        default: false,
        describe: 'print what the experiment says while it runs',
      })
      .example('$0 run examples/iris --seed 1', 'train and test once')
      .example(
        '$0 run my-study --chip 7 --set epochs=5 --out results/try',
        'a noisy chip, a changed setting',
      ),
  handler: run,
};
