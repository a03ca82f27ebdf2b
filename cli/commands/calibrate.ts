/** `plastic calibrate`: measures a virtual or real chip and writes the settings that make its neurons equal. */
import { existsSync } from 'node:fs';
import process from 'node:process';
import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { BoardError, InProcessBoard, openBoard } from '../../board/index.js';
import type { Board } from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import {
  calibrate,
  calibrationStages,
  CalibrationError,
  calibrationTargets,
  CalibrationMismatch,
  describeDie,
  encodeCalibration,
  parseCalibration,
} from '../../experiment/calibration/index.js';
import type {
  Calibration,
  CalibrationProgress,
  CalibrationTargets,
} from '../../experiment/calibration/index.js';
import { RunFailure } from '../../experiment/failure.js';
import { readConstants } from '../constants-file.js';
import { engineNames, type EngineName } from '../run/chip.js';
import { InputError, RunError, UsageError, exitCode } from '../failure.js';
import { readText, writeFileAtomic } from '../files.js';
import { progressBar } from '../progress.js';

interface Arguments {
  chip: string | undefined;
  board: string | undefined;
  out: string;
  point: 'A' | 'B';
  set: string[];
  neurons: string | undefined;
  stages: string | undefined;
  quick: boolean;
  resume: boolean;
  'noise-seed': number;
  engine: EngineName | undefined;
  constants: string | undefined;
  defects: boolean;
  json: boolean;
  quiet: boolean;
}

async function openTarget(args: Arguments): Promise<Board> {
  if ((args.chip === undefined) === (args.board === undefined))
    throw new UsageError('name the chip: --chip SEED for a virtual one, or --board URL');
  if (args.board !== undefined) return openRealBoard(args, args.board);
  const text = args.chip ?? '';
  const constants = readConstants(args.constants);
  const engine = args.engine ?? engineNames[0];
  if (text === 'ideal') return InProcessBoard.of(Chip.ideal({ constants, engine }));
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed))
    throw new UsageError(`--chip ${text}: expected "ideal" or the seed of a virtual chip`);
  return InProcessBoard.of(
    Chip.fromSeed(seed, { law: 'uncalibrated', constants, defects: args.defects, engine }),
  );
}

/** A board at the end of a wire: what describes a virtual chip is said where it is served. */
async function openRealBoard(args: Arguments, url: string): Promise<Board> {
  const given = [
    ['--engine', args.engine !== undefined],
    ['--constants', args.constants !== undefined],
    ['--defects', args.defects],
  ] as const;
  const wrong = given.find(([, isGiven]) => isGiven);
  if (wrong)
    throw new UsageError(`${wrong[0]} describes a virtual chip of this process: leave it out`);
  return openBoard(url);
}

/** "0-15,300" as numbers. */
export function readNeurons(text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').flatMap((part) => {
    const [, from = '', to = from] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (from === '' || Number(to) < Number(from) || Number(to) > 511)
      throw new UsageError(`--neurons ${text}: expected numbers 0..511 and ranges, as in 0-15,300`);
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, k) => Number(from) + k);
  });
}

function readTargets(args: Arguments): CalibrationTargets {
  const targets: Record<string, number> = { ...calibrationTargets[args.point] };
  for (const text of args.set) {
    const [, name = '', value = ''] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (!(name in targets) || !Number.isFinite(Number(value)))
      throw new UsageError(
        `--set ${text}: expected NAME=NUMBER with a name of ${Object.keys(targets).join(', ')}`,
      );
    targets[name] = Number(value);
  }
  return targets as unknown as CalibrationTargets;
}

function readEarlier(args: Arguments): Calibration | undefined {
  if (!existsSync(args.out)) {
    if (args.resume) throw new InputError(`--resume: there is no file ${args.out} yet`);
    return undefined;
  }
  if (!args.resume)
    throw new InputError(
      `${args.out} exists\n  Give --resume to go on with it, or another name with -o.`,
    );
  try {
    return parseCalibration(readText(args.out), args.out);
  } catch (error) {
    if (error instanceof CalibrationError) throw new InputError(error.message);
    throw error;
  }
}

interface Progress {
  update(progress: CalibrationProgress): void;
  stop(): void;
}

/** A bar on a terminal, elsewhere a line for every stage. */
function openProgress(args: Arguments): Progress {
  if (args.quiet || args.json) return { update: () => {}, stop: () => {} };
  if (process.stderr.isTTY !== true) return { update: stageLines(), stop: () => {} };
  const bar = progressBar('{stage} {done}/{of}');
  bar.start(1000, 0, { stage: 'starting', done: 0, of: 0 });
  return {
    update: ({ share, stage, done, of }) =>
      bar.update(Math.round(1000 * share), { stage, done, of }),
    stop: () => bar.stop(),
  };
}

/** Says once which stage has begun, and how far the whole is. */
function stageLines(): (progress: CalibrationProgress) => void {
  let said = '';
  return ({ stage, share }) => {
    if (stage === said) return;
    said = stage;
    process.stderr.write(`${(100 * share).toFixed(0).padStart(3)} % ${stage}\n`);
  };
}

async function run(args: ArgumentsCamelCase<Arguments>): Promise<void> {
  const targets = readTargets(args);
  const neurons = readNeurons(args.neurons);
  const stages = args.stages?.split(',').map((name) => name.trim());
  const earlier = readEarlier(args);
  const board = await openTarget(args);
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  const bar = openProgress(args);
  let kept = earlier;
  try {
    const result = await calibrate(board, {
      targets,
      quick: args.quick,
      noiseSeed: args['noise-seed'],
      signal: abort.signal,
      onProgress: bar.update,
      onStage: (partial) => {
        kept = partial;
        writeFileAtomic(args.out, encodeCalibration(partial));
      },
      ...(neurons ? { neurons } : {}),
      ...(stages ? { stages } : {}),
      ...(earlier ? { resume: earlier } : {}),
    });
    bar.stop();
    report(args, result);
  } catch (error) {
    bar.stop();
    if (abort.signal.aborted && error instanceof BoardError) {
      process.stderr.write(
        kept
          ? `interrupted after ${kept.stages.join(', ') || 'no stage'}; go on with --resume\n`
          : 'interrupted; nothing was written\n',
      );
      process.exitCode = exitCode.interrupted;
      return;
    }
    if (error instanceof BoardError || error instanceof RunFailure)
      throw new RunError(`the calibration failed: ${error.message}`);
    if (error instanceof CalibrationMismatch) throw new RunError(`${args.out}: ${error.message}`);
    throw error;
  } finally {
    process.removeListener('SIGINT', interrupt);
    await board.close();
  }
}

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;

function report(args: Arguments, result: Calibration): void {
  if (args.json) {
    const { residuals, unusable, limited, stages, complete, die, conditions } = result;
    process.stdout.write(
      `${JSON.stringify({ file: args.out, die, complete, stages, conditions, unusable, limited, residuals })}\n`,
    );
    return;
  }
  if (!args.quiet) {
    process.stdout.write(`${describeDie(result.die)}\n`);
    process.stdout.write(
      `${result.neurons.length} neurons, ${result.unusable.length} of them unusable; ${result.conditions.chipSeconds.toFixed(1)} s of chip time, ${result.conditions.playbackWords} words\n`,
    );
    if (Object.keys(result.residuals).length > 0)
      process.stdout.write(`\n${residualTable(result)}\n`);
    for (const { neuron, reason } of result.unusable.slice(0, 12))
      process.stdout.write(`unusable: neuron ${neuron}, ${reason}\n`);
    const limited = new Set(result.limited.map(({ neuron }) => neuron));
    if (limited.size > 0)
      process.stdout.write(
        `limited: ${limited.size} neurons miss a target of adaptation, exponential term, conductance-based inputs, compartments or constant current\n`,
      );
    if (result.unusable.length > 12)
      process.stdout.write(`unusable: ${result.unusable.length - 12} more\n`);
  }
  process.stdout.write(
    `${result.complete ? 'calibration' : 'part of a calibration'}: ${args.out}\n`,
  );
}

/** Spread before and after, as text. */
function residualTable({ residuals }: Calibration): string {
  const lines = [
    `${'SD of'.padEnd(12)}${'before'.padStart(15)}${'after'.padStart(13)}${'ratio'.padStart(8)}${'at most'.padStart(9)}${'run to run'.padStart(13)}`,
  ];
  for (const [name, residual] of Object.entries(residuals)) {
    const scale = (sd: number): string =>
      residual.unit === '1'
        ? percent(sd)
        : residual.unit === 'V'
          ? `${(1000 * sd).toFixed(2)} mV`
          : `${sd.toFixed(2)} ${residual.unit}`;
    const runs = residual.betweenRuns;
    lines.push(
      name.padEnd(12) +
        scale(residual.before.sd).padStart(15) +
        scale(residual.after.sd).padStart(13) +
        residual.ratio.toFixed(3).padStart(8) +
        (residual.ratioLimit?.toFixed(2) ?? '').padStart(9) +
        (runs === undefined || residual.unit === '1' ? '' : scale(runs)).padStart(13),
    );
  }
  for (const [name, { near }] of Object.entries(residuals))
    if (near)
      lines.push(
        `${name}: ${percent(near.share)} of all neurons within ${near.counts} counts of the median, at least ${(100 * near.least).toFixed(0)} % wanted`,
      );
  return `${lines.join('\n')}\n`;
}

export const calibrateCommand: CommandModule<object, Arguments> = {
  command: 'calibrate',
  describe: 'measure a virtual or real chip and write the settings that make its neurons equal',
  builder: (parser) =>
    parser
      .option('chip', { type: 'string', describe: 'seed of a virtual chip, or ideal' })
      .option('board', { type: 'string', describe: 'serial port, tcp://HOST:PORT or udp://HOST' })
      .option('out', {
        alias: 'o',
        type: 'string',
        demandOption: true,
        describe: 'file for the result; also keeps what is done when interrupted',
      })
      .option('point', {
        choices: ['A', 'B'] as const,
        default: 'A' as const,
        describe: 'working point: A in common use (10 us), B that of the published record (6 us)',
      })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'NAME=VALUE of a target (leak, reset, threshold, tau_m, ..), SI units; repeat',
      })
      .option('neurons', { type: 'string', describe: 'only these, as in 0-15,300' })
      .option('stages', {
        type: 'string',
        describe: `only these, separated by commas: ${calibrationStages.join(', ')}`,
      })
      .option('quick', { type: 'boolean', default: false, describe: 'fewer readings' })
      .option('resume', {
        type: 'boolean',
        default: false,
        describe: 'go on with the file: finished stages are kept',
      })
      .option('noise-seed', {
        type: 'number',
        default: 0,
        describe: 'trial noise of a virtual chip',
      })
      .option('engine', {
        choices: engineNames,
        describe: `analog engine of a virtual chip, as for run (${engineNames[0]} unless told otherwise)`,
      })
      .option('constants', {
        type: 'string',
        describe: 'JSON file with constants of the virtual chip that differ from the table',
      })
      .option('defects', {
        type: 'boolean',
        default: false,
        describe: 'the virtual chip has dead neurons and sensors',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print one line of JSON' })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'print the file' })
      .example('$0 calibrate --chip 7 -o chip7.json', 'a virtual chip, some minutes')
      .example('$0 calibrate --board /dev/ttyUSB0 -o mine.json --quick', 'hardware'),
  handler: run,
};
