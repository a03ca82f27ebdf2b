/**
 * What every assumed constant does to the Iris example: each is halved and doubled on one drawn chip (as calibration
 * leaves it), and accuracy, answers and learned weights are compared with the unchanged run. Constants of circuits that
 * the example does not use are first changed all at once: if the run stays equal in every bit, none of them matters.
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
import { Chip } from '../emulator/index.js';
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
    /^(crosstalk|cellOffsetSd|blockGainSd|exponential|slope|adaptation|highResistance|largeCapacitance|bypass|compartment|stpOffset|stpRamp|stpUtil|stpRec|conductanceDivision|madc|line(Rest|Drop|Minimum)|.*Quadrant$|.*Instance$|neighbour|dead|chipPower|.*Energy|other|offsetCurrent|driftTime)/.test(
      name,
    ) && !/^capacitance(Quadrant|Instance)$/.test(name),
);

/** Measured first, should the time not suffice. */
const important = new Set<ConstantName>([
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

async function runIris(constants: Partial<Record<ConstantName, number>>): Promise<Outcome> {
  const folder = `${root}/examples/iris`;
  const loaded = await loadExperiment(folder, plastic);
  const settings = settle(loaded.definition, true, [`epochs=${epochs}`]);
  const results = new Results();
  const board = InProcessBoard.of(Chip.fromSeed(chipSeed, { constants, engine: 'fast' }));
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
  const lines = assumed
    .filter((name) => !unused.includes(name) && (runs[`${name} x0.5`] ?? runs[`${name} x2`]))
    .map(
      (name) =>
        `| ${name} | ${`${CONSTANT_TABLE[name].value} ${CONSTANT_TABLE[name].unit}`.replace(/ 1$/, '')} |${cell(`${name} x0.5`)}${cell(`${name} x2`)}`,
    );
  const missing = assumed.filter(
    (name) =>
      !unused.includes(name) &&
      CONSTANT_TABLE[name].value !== 0 &&
      !(runs[`${name} x0.5`] && runs[`${name} x2`]),
  );
  const page = `# What the assumed constants do

Written by \`npx tsx scripts/constants-study.ts\`. The Iris example (short version, ${epochs === 1 ? 'one epoch' : `${epochs} epochs`}, fast engine) on virtual chip ${chipSeed}
as calibration leaves it, with every constant of tag A halved and doubled. Unchanged: accuracy ${base.accuracy.toFixed(2)} on 50 test
flowers (one flower is 0.02), ${base.ties} ties, median of ${base.winner} spikes of the winner. "Weights" is the root mean square difference of
the learned weights from those of the unchanged run, in steps of 0..63. A constant that changes the size of a random part also gives
another sample of the trial noise, so small differences mean nothing: compare the rows \`cadcNoise\`, \`membraneNoise\` and \`eventNoise\`.
An accuracy of 0 means that no neuron answered at all.

Networks are not adapted to the changed chip: no calibration, no other codes. What the table shows is how much of the
result hangs on a guess if nobody noticed that it was wrong.

| constant | value | x0.5: accuracy | weights | x2: accuracy | weights |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

Changed all at once (each doubled) without changing one bit of the result, because the example does not use their circuits or a
calibrated chip does not have them (\`membraneMinimum\` and \`sensorMemory\` are 0 and have no half): ${unused.map((name) => `\`${name}\``).join(', ') || 'not measured'}.
${missing.length > 0 ? `\nNot measured yet: ${missing.map((name) => `\`${name}\``).join(', ')}.\n` : ''}`;
  writeFileSync(pageFile, page);
}

async function main(): Promise<void> {
  const end = performance.now() + 60_000 * Number(process.argv[2] ?? 60);
  const data = readData();
  const save = (): void => {
    writeFileSync(dataFile, `${JSON.stringify(data, null, 1)}\n`);
    writePage(data);
  };
  data.base ??= await runIris({});
  save();
  if (data.unused.length === 0) {
    const all = Object.fromEntries(
      likelyUnused.map((name) => [name, 2 * CONSTANT_TABLE[name].value]),
    );
    const changed = await runIris(all);
    if (JSON.stringify(changed) === JSON.stringify(data.base)) data.unused = [...likelyUnused];
    save();
  }
  process.stdout.write(`${data.unused.length} constants matter to no bit\n`);
  const first = assumed.filter((name) => important.has(name));
  for (const name of [...first, ...assumed.filter((name) => !important.has(name))]) {
    if (data.unused.includes(name) || CONSTANT_TABLE[name].value === 0) continue;
    for (const factor of [0.5, 2]) {
      const key = `${name} x${factor}`;
      if (data.runs[key] || performance.now() > end) continue;
      try {
        data.runs[key] = await runIris({ [name]: factor * CONSTANT_TABLE[name].value });
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
