/**
 * What every assumed constant does to the Iris example: each is halved and doubled on one drawn chip (as calibration
 * leaves it), analog and digital ones, and accuracy, answers and learned weights are compared with the unchanged run.
 * Constants of circuits that the example does not use are first changed all at once: if the run stays equal in every
 * bit, none of them matters. Constants that are 0 are changed by a step of their own. Runs of another base (the
 * engine has changed) are thrown away.
 *
 * `npx tsx scripts/constants-study.ts [MINUTES]` goes on with docs/constants-study.json where it stands, for at most
 * MINUTES (default 60), and writes docs/constants-study.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import * as plastic from '../index.js';
import { InProcessBoard } from '../board/index.js';
import { CONSTANT_TABLE, type ConstantName } from '../emulator/analog/constants.js';
import { DIGITAL_TABLE, type DigitalConstants } from '../emulator/chip/constants.js';
import { Chip, type ChipOptions } from '../emulator/index.js';
import { compileRule } from '../experiment/compile-rule.js';
import { openLab, streamNames, type Seeds } from '../experiment/experiment.js';
import { loadExperiment, readBeside, settle } from '../experiment/load.js';
import { Results } from '../experiment/results.js';

const root = process.env['PLASTIC_ROOT'] ?? fileURLToPath(new URL('..', import.meta.url));
const dataFile = `${root}/docs/constants-study.json`;
const pageFile = `${root}/docs/constants-study.md`;
const chipSeed = 1;
const epochs = 1;
const seeds = Object.fromEntries(streamNames.map((name) => [name, 1])) as Seeds;

interface Outcome {
  readonly accuracy: number;
  readonly ties: number;
  /** Median spikes of the winning neuron. */
  readonly winner: number;
  /** Learned weights, as text of base64. */
  readonly weights: string;
}

interface Data {
  chip: string;
  epochs: number;
  base?: Outcome;
  /** All constants of unused circuits changed at once: equal to the base in every bit. */
  unused: string[];
  runs: Record<string, Outcome | { readonly failed: string }>;
}

const assumed = (Object.keys(CONSTANT_TABLE) as ConstantName[]).filter(
  (name) => CONSTANT_TABLE[name].tag === 'A',
);

/** Circuits and levels that the example does not use on a calibrated chip. */
const likelyUnused = assumed.filter(
  (name) =>
    /^(crosstalk|cellOffsetSd|blockGainSd|refresh|settling|ripple|temperature.|adaptationReadout|exponential|slope|adaptation|highResistance|largeCapacitance|bypass|compartment|stpOffset|stpRamp|stpUtil|stpRec|conductanceDivision|madc|line(Rest|Drop|Minimum)|.*Quadrant$|.*Instance$|neighbour|dead|chipPower|.*Energy|other|offsetCurrent|driftTime)/.test(
      name,
    ) && !/^capacitance(Quadrant|Instance)$/.test(name),
);

/** Steps down and up of constants that are 0. */
const stepsOfZero: Partial<Record<ConstantName, readonly [number, number]>> = {
  membraneMinimum: [100, 200],
  sensorMemory: [0.05, 0.1],
  temperature: [-10, 10],
};

/** A way of changing one constant: its name in the table, and the values on both sides. */
interface Variation {
  readonly name: string;
  readonly value: string;
  readonly options: readonly [ChipOptions, ChipOptions];
  /** What the values are, where they are not the half and the double. */
  readonly note: string;
}

function analogVariation(name: ConstantName): Variation {
  const { value, unit } = CONSTANT_TABLE[name];
  const [low, high] = stepsOfZero[name] ?? [0.5 * value, 2 * value];
  const note = name in stepsOfZero ? `${low} and ${high}` : '';
  const options = [low, high].map((x) => ({ constants: { [name]: x } }));
  return { name, value: `${value} ${unit}`, options: options as [ChipOptions, ChipOptions], note };
}

/** Times of the FPGA are whole ticks, so even numbers of cycles. */
function digitalVariation(name: keyof DigitalConstants): Variation {
  const { value, unit } = DIGITAL_TABLE[name];
  const low = name === 'messageCycles' ? 2 : Math.max(1, Math.ceil(value / 2));
  const note = 2 * low === value ? '' : `${low} and ${2 * value}`;
  const options = [low, 2 * value].map((x) => ({ digital: { [name]: x } }));
  return { name, value: `${value} ${unit}`, options: options as [ChipOptions, ChipOptions], note };
}

/** Measured first, should the time not suffice. */
const important = new Set<string>([
  'lineCurrent',
  'sensorAmplitude',
  'sensorTime',
  'sensorLimit',
  'sensorBaseline',
  'sensorBaselineSd',
  'saturation',
  'synapseGain',
  'membraneNoise',
  'thresholdNoise',
  'eventNoise',
  'cadcNoise',
  'capacitanceFloor',
  'potentialResidual',
  'conductanceResidual',
  'synapticTimeResidual',
  'lineGainResidual',
  'shiftResidual',
  'shiftCurrent',
  'driverResidual',
  'sensorAmplitudeSynapse',
  'sensorAmplitudeBranch',
]);

const variations: readonly Variation[] = [
  ...assumed.map(analogVariation),
  ...(Object.keys(DIGITAL_TABLE) as (keyof DigitalConstants)[]).map(digitalVariation),
];

async function runIris(options: ChipOptions): Promise<Outcome> {
  const folder = `${root}/examples/iris`;
  const loaded = await loadExperiment(folder, plastic);
  const settings = settle(loaded.definition, true, [`epochs=${epochs}`]);
  const results = new Results();
  const board = InProcessBoard.of(Chip.fromSeed(chipSeed, { ...options, engine: 'fast' }));
  const lab = openLab({
    settings,
    seeds,
    board,
    results,
    signal: new AbortController().signal,
    readText: (file) => readBeside(loaded.folder, folder, file),
    compile: cachedCompile,
    progress: () => {},
    log: () => {},
  });
  await loaded.definition.run(lab);
  await board.close();
  const value = (name: string): number =>
    Number(results.summary.find((entry) => entry.name === name)?.value ?? NaN);
  const learned = results.arrays('weights')['learned'];
  const data = learned ? Array.from(learned.values, Number) : [];
  return {
    accuracy: value('test accuracy'),
    ties: value('ties'),
    winner: value('median spikes of the winner'),
    weights: Buffer.from(data.slice(-data.length / (epochs + 1))).toString('base64'),
  };
}

type Compile = typeof compileRule;
const images = new Map<string, ReturnType<Compile>>();
const cachedCompile: Compile = (...args) => {
  const key = JSON.stringify(args);
  const image = images.get(key) ?? compileRule(...args);
  images.set(key, image);
  return image;
};

function readData(): Data {
  try {
    return JSON.parse(readFileSync(dataFile, 'utf8')) as Data;
  } catch {
    return { chip: `seed ${chipSeed}, residual`, epochs, unused: [], runs: {} };
  }
}

/** Root mean square difference of two weight matrices, LSB. */
function weightDifference(a: string, b: string): number {
  const [x, y] = [Buffer.from(a, 'base64'), Buffer.from(b, 'base64')];
  let sum = 0;
  x.forEach((value, i) => (sum += (value - (y[i] ?? 0)) * (value - (y[i] ?? 0))));
  return Math.sqrt(sum / Math.max(1, x.length));
}

function writePage(data: Data): void {
  const { base, runs, unused } = data;
  if (!base) return;
  const cell = (key: string): string => {
    const run = runs[key];
    if (run === undefined) return ' | |';
    if ('failed' in run) return ` does not run: ${run.failed} | |`;
    return ` ${run.accuracy.toFixed(2)} | ${weightDifference(run.weights, base.weights).toFixed(1)} |`;
  };
  const measured = variations.filter(({ name }) => !unused.includes(name));
  const isDone = ({ name }: Variation): boolean =>
    runs[`${name} x0.5`] !== undefined && runs[`${name} x2`] !== undefined;
  const lines = measured
    .filter(isDone)
    .map(
      ({ name, value, note }) =>
        `| ${name}${note && ` (${note})`} | ${value.replace(/ 1$/, '')} |${cell(`${name} x0.5`)}${cell(`${name} x2`)}`,
    );
  const missing = measured.filter((each) => !isDone(each));
  const page = `# What the assumed constants do

Written by \`npx tsx scripts/constants-study.ts\`. The Iris example (short version, ${epochs === 1 ? 'one epoch' : `${epochs} epochs`}, fast engine) on virtual chip ${chipSeed}
as calibration leaves it, with every assumed constant halved and doubled: those of tag A of the analog core, then those of the digital side
([chip.md](chip.md)); where it cannot be halved, its values stand in brackets. Unchanged: accuracy ${base.accuracy.toFixed(2)} on 50 test
flowers (one flower is 0.02), ${base.ties} ties, median of ${base.winner} spikes of the winner. "Weights" is the root mean square difference of
the learned weights from those of the unchanged run, in steps of 0..63. A constant that changes the size of a random part also gives
another sample of the trial noise, and so does one that moves events or reads in time (the digital ones), so small differences mean nothing: compare the rows \`cadcNoise\`, \`membraneNoise\` and \`eventNoise\`.
An accuracy of 0 means that no neuron answered at all.

Networks are not adapted to the changed chip: no calibration, no other codes. What the table shows is how much of the
result hangs on a guess if nobody noticed that it was wrong.

| constant | value | x0.5: accuracy | weights | x2: accuracy | weights |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

Changed all at once (each doubled) without changing one bit of the result, because the example does not use their circuits or a
calibrated chip does not have them: ${unused.map((name) => `\`${name}\``).join(', ') || 'not measured'}.
${missing.length > 0 ? `\nNot measured yet: ${missing.map(({ name }) => `\`${name}\``).join(', ')}.\n` : ''}`;
  writeFileSync(pageFile, page);
}

async function main(): Promise<void> {
  const end = performance.now() + 60_000 * Number(process.argv[2] ?? 60);
  const data = readData();
  const save = (): void => {
    writeFileSync(dataFile, `${JSON.stringify(data, null, 1)}\n`);
    writePage(data);
  };
  const base = await runIris({});
  // What was measured with another engine says nothing about this one.
  if (JSON.stringify(data.base) !== JSON.stringify(base))
    Object.assign(data, { base, unused: [], runs: {} });
  save();
  if (data.unused.length === 0) {
    const all = Object.fromEntries(
      likelyUnused.map((name) => [name, 2 * CONSTANT_TABLE[name].value]),
    );
    const changed = await runIris({ constants: all });
    if (JSON.stringify(changed) === JSON.stringify(base)) data.unused = [...likelyUnused];
    save();
  }
  process.stdout.write(`${data.unused.length} constants matter to no bit\n`);
  const isFirst = ({ name }: Variation): boolean => important.has(name);
  for (const each of [
    ...variations.filter(isFirst),
    ...variations.filter((other) => !isFirst(other)),
  ]) {
    if (data.unused.includes(each.name)) continue;
    for (const [side, options] of each.options.entries()) {
      const key = `${each.name} x${side === 0 ? 0.5 : 2}`;
      if (data.runs[key] || performance.now() > end) continue;
      try {
        data.runs[key] = await runIris(options);
      } catch (error) {
        data.runs[key] = {
          failed: error instanceof Error ? (error.message.split('\n')[0] ?? '') : '',
        };
      }
      save();
      process.stdout.write(`${key}\n`);
    }
  }
}

await main();
