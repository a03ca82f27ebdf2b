/** Calibration of a chip: stages in order, each of which searches some settings with playback programs only. */
import type { Board } from '../../board/board.js';
import { neuronCount } from '../../isa/registers/coordinates.js';
import { addressOf } from '../../isa/registers/registers.js';
import { PlaybackWriter } from '../../isa/playback/writer.js';
import { ResponseReader } from '../../isa/playback/reader.js';
import { ExperimentError, RunFailure, unknownName } from '../failure.js';
import { gather, restore, startCodes } from './record.js';
import { CalibrationMismatch, describeDie, type Calibration, type DieIdentity } from './result.js';
import { Rig } from './rig.js';
import { measurementsOf, nearby, wholeRange } from './search.js';
import { calibrateAdaptation } from './stages/adaptation.js';
import { calibrateCompartments, compartmentMeasurements } from './stages/compartments.js';
import { calibrateConverter, converterMeasurements } from './stages/converter.js';
import { calibrateCurrent } from './stages/current.js';
import { calibrateDrivers, driverMeasurements } from './stages/drivers.js';
import { calibrateExponential, exponentialMeasurements } from './stages/exponential.js';
import {
  biasMeasurements,
  calibrateBias,
  calibrateGain,
  calibrateShift,
  calibrateTime,
} from './stages/inputs.js';
import {
  calibrateConductance,
  calibrateLeak,
  calibrateReset,
  calibrateThreshold,
  checkRuns,
  refinePotentials,
} from './stages/membrane.js';
import { calibrateReversal } from './stages/reversal.js';
import { calibrateSensors, sensorMeasurements } from './stages/sensors.js';
import { survey, surveyMeasurements } from './stages/survey.js';
import { roundMeasurements } from './stages/terms.js';
import type { StageResults } from './quantities.js';
import { calibrationTargets, checkTargets, type CalibrationTargets } from './targets.js';
import { fullEffort, nominalSettings, quickEffort, type Effort, type Work } from './work.js';

/** How far a calibration has come. */
export interface CalibrationProgress {
  readonly stage: string;
  /** Measurements of this stage done, and expected in all. */
  readonly done: number;
  readonly of: number;
  /** Share of the whole, 0..1. */
  readonly share: number;
}

/** What is calibrated, how thoroughly, and who follows it. */
export interface CalibrationOptions {
  readonly targets?: Partial<CalibrationTargets>;
  /** Neurons 0..511; all unless told otherwise. */
  readonly neurons?: readonly number[];
  /** Names of stages; all unless told otherwise. A stage builds on what the earlier ones found. */
  readonly stages?: readonly string[];
  /** Fewer readings. */
  readonly quick?: boolean;
  /** A result whose finished stages are kept. */
  readonly resume?: Calibration;
  /** Seed of the trial noise of an emulated board. Default 0. */
  readonly noiseSeed?: number;
  readonly signal?: AbortSignal;
  /** Called after every measurement. */
  readonly onProgress?: (progress: CalibrationProgress) => void;
  /** Called with the result so far after every stage. */
  readonly onStage?: (calibration: Calibration) => void;
}

interface Stage {
  readonly name: string;
  readonly measurements: (effort: Effort) => number;
  readonly run: (work: Work, results: StageResults) => Promise<void>;
}

const searched = (): number => measurementsOf(wholeRange);
const stageList: readonly Stage[] = [
  {
    name: 'converter',
    measurements: () => converterMeasurements,
    run: async (work, results) => {
      results.converter = await calibrateConverter(work);
    },
  },
  {
    name: 'survey',
    measurements: ({ runs }) => surveyMeasurements(runs),
    run: async (work, results) => {
      results.before = { ...results.before, ...(await survey(work, checkRuns)).values };
    },
  },
  { name: 'leak', measurements: searched, run: calibrateLeak },
  { name: 'conductance', measurements: searched, run: calibrateConductance },
  {
    name: 'time',
    measurements: () => 2 * searched(),
    run: async (work) => {
      await calibrateTime(work, 'exc');
      await calibrateTime(work, 'inh');
    },
  },
  { name: 'bias', measurements: () => biasMeasurements, run: calibrateBias },
  {
    name: 'gain',
    measurements: () => 2 * searched() + 2,
    run: async (work) => {
      await calibrateGain(work, 'exc');
      await calibrateGain(work, 'inh');
    },
  },
  {
    name: 'shift',
    measurements: () => 2 * searched() + 2,
    run: async (work) => {
      await calibrateShift(work, 'exc');
      await calibrateShift(work, 'inh');
    },
  },
  { name: 'reset', measurements: searched, run: calibrateReset },
  { name: 'threshold', measurements: searched, run: calibrateThreshold },
  {
    name: 'drivers',
    measurements: () => driverMeasurements,
    run: async (work, results) => {
      results.drivers = await calibrateDrivers(work);
    },
  },
  { name: 'sensors', measurements: () => sensorMeasurements, run: calibrateSensors },
  {
    name: 'refine',
    measurements: ({ runs }) => measurementsOf(nearby) + 3 * runs,
    run: refinePotentials,
  },
  { name: 'reversal', measurements: () => roundMeasurements, run: calibrateReversal },
  { name: 'adaptation', measurements: () => roundMeasurements, run: calibrateAdaptation },
  { name: 'exponential', measurements: () => exponentialMeasurements, run: calibrateExponential },
  { name: 'compartments', measurements: () => compartmentMeasurements, run: calibrateCompartments },
  { name: 'current', measurements: () => roundMeasurements, run: calibrateCurrent },
  {
    name: 'check',
    measurements: ({ runs }) => surveyMeasurements(runs),
    run: async (work, results) => {
      const { values, betweenRuns } = await survey(work, checkRuns);
      results.after = { ...results.after, ...values };
      results.betweenRuns = betweenRuns;
    },
  },
];

/** Names of the stages, in order. */
export const calibrationStages: readonly string[] = stageList.map(({ name }) => name);

/**
 * Measures a chip and finds its settings.
 * @throws ExperimentError for targets out of reach or an unknown stage, CalibrationMismatch when `resume` is another
 *   die's, BoardError of reason "aborted" when cancelled (what `onStage` was given last is the result so far)
 */
export async function calibrate(
  board: Board,
  options: CalibrationOptions = {},
): Promise<Calibration> {
  const targets = checkTargets({
    ...(options.resume?.targets ?? calibrationTargets.A),
    ...options.targets,
  });
  const neurons = chooseNeurons(options);
  const stages = chooseStages(options);
  const die = await readDie(board, options.signal);
  if (options.resume) checkResume(options.resume, die, targets);
  const effort = options.quick === true ? quickEffort : fullEffort;
  const rig = new Rig(board, neurons, options.signal ? { signal: options.signal } : {});
  const nominal = nominalSettings(targets);
  const total = stages.reduce((sum, stage) => sum + stage.measurements(effort), 0);
  let before = 0;
  let done = 0;
  let now: Stage | undefined;
  const work: Work = {
    rig,
    targets,
    nominal,
    effort,
    converterNoise: 1,
    sensors: undefined,
    baselines: undefined,
    noiseSeed: options.noiseSeed ?? 0,
    unusable: new Map(),
    limited: new Map(),
    measured: () => {
      done++;
      const of = now?.measurements(effort) ?? 1;
      options.onProgress?.({
        stage: now?.name ?? '',
        done,
        of,
        share: Math.min(1, (before + Math.min(done, of)) / total),
      });
    },
  };
  const results: StageResults = { before: {}, after: {}, betweenRuns: {} };
  startCodes(work);
  if (options.resume) restore(work, results, options.resume);
  await rig.begin(work.noiseSeed);
  const finished = new Set(options.resume?.stages ?? []);
  const record = (): Calibration => gather(work, results, die, stageList, finished, options);
  for (const stage of stages) {
    if (finished.has(stage.name) && !options.stages?.includes(stage.name)) continue;
    now = stage;
    done = 0;
    await stage.run(work, results);
    before += stage.measurements(effort);
    finished.add(stage.name);
    options.onStage?.(record());
  }
  return record();
}

function chooseNeurons(options: CalibrationOptions): readonly number[] {
  const all = Array.from({ length: neuronCount }, (_, n) => n);
  const neurons = options.neurons ?? options.resume?.neurons ?? all;
  const bad = neurons.find((n) => !Number.isInteger(n) || n < 0 || n >= neuronCount);
  if (bad !== undefined || neurons.length === 0)
    throw new ExperimentError(
      bad === undefined ? 'there is no neuron to calibrate' : `there is no neuron ${bad}`,
      'calibration',
      `Neurons are 0..${neuronCount - 1}.`,
    );
  return neurons;
}

function chooseStages(options: CalibrationOptions): readonly Stage[] {
  for (const name of options.stages ?? [])
    if (!calibrationStages.includes(name))
      throw unknownName('stage', name, calibrationStages, 'calibration');
  return stageList.filter(
    ({ name }) =>
      (options.stages?.includes(name) ?? true) &&
      !(options.stages === undefined && options.resume?.stages.includes(name)),
  );
}

function checkResume(resume: Calibration, die: DieIdentity, targets: CalibrationTargets): void {
  const expected = describeDie(resume.die);
  const found = describeDie(die);
  if (expected !== found) throw new CalibrationMismatch(expected, found);
  for (const [name, value] of Object.entries(targets))
    if (resume.targets[name as keyof CalibrationTargets] !== value)
      throw new ExperimentError(
        `the earlier part was made for ${name} ${resume.targets[name as keyof CalibrationTargets]}, now ${value} is asked for`,
        'calibration',
        'Resume with the same targets, or begin anew with another file.',
      );
}

/** Which die a board has: its device DNA, and what an emulated board says of its chip. */
export async function readDie(board: Board, signal?: AbortSignal): Promise<DieIdentity> {
  const writer = new PlaybackWriter();
  const address = addressOf('FPGADeviceDNA', []);
  writer.read(address);
  writer.read(address + 1);
  writer.barrier().halt();
  const words = await board.run(writer.words(), signal ? { signal } : {});
  const { reads } = new ResponseReader().push(words);
  const [low, high] = [reads.at(0), reads.at(1)];
  if (low === undefined || high === undefined)
    throw new RunFailure('the board does not answer to a read of its device DNA');
  const { emulator } = board.info;
  if (!emulator) return { dna: [low, high] };
  const { seed, calibration, tableVersion, changedConstants } = emulator;
  return {
    dna: [low, high],
    ...(typeof seed === 'number' ? { seed } : {}),
    law: String(calibration),
    ...(typeof tableVersion === 'number' ? { tableVersion } : {}),
    ...(isNumbers(changedConstants) ? { constants: changedConstants } : {}),
  };
}

function isNumbers(value: unknown): value is Readonly<Record<string, number>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length > 0 &&
    Object.values(value).every((x) => typeof x === 'number')
  );
}
