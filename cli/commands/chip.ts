/** `plastic chip`: what a virtual chip is like, against the distributions it is drawn from. */
import { join } from 'node:path';
import process from 'node:process';
import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { constantsWith, type AnalogConstants } from '../../emulator/analog/constants.js';
import type { NoiseSwitches } from '../../emulator/analog/core.js';
import { noiseSwitches } from '../../emulator/analog/noise.js';
import { chipPage, parameterHeadings, parameterRows, type Figure } from '../chip/page.js';
import {
  drawDistributions,
  drawLevels,
  drawMaps,
  drawSensorMap,
  drawSensors,
  drawTrials,
} from '../chip/pictures.js';
import { sensorMap, type DrawnParameter } from '../chip/parameters.js';
import { dies, reportChip } from '../chip/report.js';
import { drawCorrelations } from '../chip/correlation-picture.js';
import { runTrials, type Trials } from '../chip/trials.js';
import { noiseNames, readConstants, readNoise } from '../constants-file.js';
import { UsageError } from '../failure.js';
import { writeFileAtomic } from '../files.js';

interface Arguments {
  seed: number;
  compare: number | undefined;
  law: 'uncalibrated' | 'residual';
  trials: number;
  constants: string | undefined;
  'noise-off': string[];
  'noise-on': string[];
  out: string | undefined;
  json: boolean;
  quiet: boolean;
}

function checkSeed(name: string, seed: number | undefined): void {
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0))
    throw new UsageError(`--${name} ${seed}: a seed is a whole number from 0 on`);
}

/** Pictures of one chip alone. */
function chipFigures(
  seed: number,
  drawn: readonly DrawnParameter[],
  law: Arguments['law'],
  constants: AnalogConstants,
  suffix: string,
): Figure[] {
  return [
    {
      name: `maps${suffix}`,
      caption: `Deviations over the array of chip ${seed}.`,
      svg: drawMaps(seed, drawn),
    },
    {
      name: `sensor-map${suffix}`,
      caption: 'The correlation sensors have gradients of their own.',
      svg: drawSensorMap(seed, sensorMap({ seed, law }, constants)),
    },
    {
      name: `sensors${suffix}`,
      caption: 'A sample of synapses.',
      svg: drawSensors(seed, drawn, constants),
    },
  ];
}

function sourcesOn(noise: Partial<NoiseSwitches>): string {
  const switches = noiseSwitches(false, noise);
  const on = noiseNames.filter((name) => switches[name]);
  return on.length === 0 ? 'no source of noise is on' : `noise sources on: ${on.join(', ')}`;
}

async function run(args: ArgumentsCamelCase<Arguments>): Promise<void> {
  checkSeed('seed', args.seed);
  checkSeed('compare', args.compare);
  if (!(Number.isInteger(args.trials) && args.trials >= 2 && args.trials <= 10_000))
    throw new UsageError(`--trials ${args.trials}: expected 2..10000`);
  const changed = readConstants(args.constants);
  const noise = readNoise(args['noise-off'], args['noise-on']);
  const constants = constantsWith(changed);
  const { report, drawn, other } = reportChip({
    seed: args.seed,
    law: args.law,
    constants,
    ...(args.compare === undefined ? {} : { compare: args.compare }),
  });
  const trials = await runTrials(args.seed, args.trials, { constants: changed, noise });
  const figures: Figure[] = [
    {
      name: 'distributions',
      caption:
        'Bars: this chip; line: its law around the means of the four quadrants; dashed: the law of all chips. D: distance inside quadrants.',
      svg: drawDistributions(report, drawn, other),
    },
    { name: 'correlations', caption: 'Law and chip.', svg: drawCorrelations(report) },
    ...chipFigures(args.seed, drawn, args.law, constants, ''),
    ...(other && args.compare !== undefined
      ? chipFigures(args.compare, other, args.law, constants, `-${args.compare}`)
      : []),
    { name: 'levels', caption: 'Where the variance lies.', svg: drawLevels(report, dies) },
    {
      name: 'trials',
      caption: `One neuron, calibrated; ${sourcesOn(noise)}.`,
      svg: drawTrials(trials, args.seed),
    },
  ];
  if (args.out !== undefined) {
    for (const { name, svg } of figures) writeFileAtomic(join(args.out, `${name}.svg`), svg);
    writeFileAtomic(join(args.out, 'index.html'), chipPage(report, trials, figures));
    writeFileAtomic(
      join(args.out, 'chip.json'),
      `${JSON.stringify({ ...report, trials }, null, 1)}\n`,
    );
  }
  if (args.json) process.stdout.write(`${JSON.stringify({ ...report, trials })}\n`);
  else print(args, report, trials);
}

function print(
  args: Arguments,
  report: ReturnType<typeof reportChip>['report'],
  trials: Trials,
): void {
  if (!args.quiet) {
    process.stdout.write(
      `virtual chip ${report.seed}, fixed pattern ${report.law}, constants version ${report.tableVersion}\n\n`,
    );
    const lines = [parameterHeadings(report), ...parameterRows(report)];
    const widths =
      lines[0]?.map((_, i) => Math.max(...lines.map((l) => (l[i] ?? '').length))) ?? [];
    for (const line of lines)
      process.stdout.write(
        `${line.map((text, i) => (i < 3 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ')}\n`,
      );
    process.stdout.write(
      `\ndistance: Kolmogorov-Smirnov, inside quadrants, from the law; "!" beyond the limit of chance (1 %)\n` +
        `correlations inside quadrants differ by ${report.correlations.distance.toFixed(3)} rms from the law (by chance ${report.correlations.byChance.toFixed(3)})\n` +
        `${trials.trials} trials of one input: first spike ${(trials.mean * 1e6).toFixed(3)} us, SD ${(trials.sd * 1e9).toFixed(0)} ns = ${((100 * trials.sd) / trials.tau).toFixed(2)} % of tau_syn, missing ${trials.missing}\n\nworst neurons\n`,
    );
    for (const w of report.worst)
      process.stdout.write(
        `  ${String(w.neuron).padStart(3)}  score ${w.score.toFixed(2)}  ${w.parameter} ${w.deviation >= 0 ? '+' : ''}${w.deviation.toFixed(1)} SD\n`,
      );
  }
  if (args.out !== undefined) process.stdout.write(`page: ${join(args.out, 'index.html')}\n`);
}

export const chipCommand: CommandModule<object, Arguments> = {
  command: 'chip',
  describe: 'print and draw what a virtual chip is like',
  builder: (parser) =>
    parser
      .option('seed', { type: 'number', demandOption: true, describe: 'the chip' })
      .option('compare', { type: 'number', describe: 'another chip beside it' })
      .option('law', {
        choices: ['uncalibrated', 'residual'] as const,
        default: 'uncalibrated' as const,
        describe: 'the raw die, or what calibration leaves',
      })
      .option('trials', { type: 'number', default: 200, describe: 'repetitions of one input' })
      .option('constants', {
        type: 'string',
        describe: 'JSON file with constants that differ from the table',
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
        describe: 'source to switch on: ripple, which is off unless asked for; repeat',
      })
      .option('out', { type: 'string', describe: 'folder for page, pictures and data' })
      .option('json', { type: 'boolean', default: false, describe: 'print one line of JSON' })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'print little' })
      .example('$0 chip --seed 7 --out chip7', 'a page about chip 7')
      .example('$0 chip --seed 7 --compare 8', 'two chips side by side'),
  handler: run,
};
