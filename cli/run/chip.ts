/** The chip that `--chip` names: ideal, a die by its seed, or a die with its calibration file. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Chip } from '../../emulator/index.js';
import type { ChipOptions } from '../../emulator/index.js';
import {
  CalibrationError,
  chipCalibration,
  describeDie,
  parseCalibration,
} from '../../experiment/calibration/index.js';
import type { Calibration, DieIdentity } from '../../experiment/calibration/index.js';
import type { ChipCalibration } from '../../experiment/index.js';
import { sha256 } from '../../experiment/output/folder.js';
import { InputError } from '../failure.js';

/** What `--chip` says, before any chip is made. */
export interface ChipChoice {
  /** For messages and the manifest: "ideal", "seed 7". */
  readonly name: string;
  /** What the manifest says of the calibration. */
  readonly calibrationName: string;
  /** Seed of the die; undefined for the ideal chip, and for a calibration that was not made on an emulated die. */
  readonly seed: number | undefined;
  readonly isIdeal: boolean;
  readonly file?: {
    readonly path: string;
    readonly calibration: Calibration;
    readonly chip: ChipCalibration;
  };
}

/** @throws InputError for what is neither `ideal`, nor a seed, nor a readable calibration */
export function chooseChip(text: string): ChipChoice {
  if (text === 'ideal')
    return { name: 'ideal', calibrationName: 'none needed', seed: undefined, isIdeal: true };
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text)))
    return {
      name: `seed ${Number(text)}`,
      calibrationName: 'residual',
      seed: Number(text),
      isIdeal: false,
    };
  if (!existsSync(text))
    throw new InputError(
      `--chip ${text}: neither "ideal", nor a seed, nor a file that exists\n  Try --chip ideal, --chip 1, or a file made by plastic calibrate.`,
    );
  if (isFolder(text))
    throw new InputError(
      `--chip ${text}: this is a folder\n  With --board the calibration of the board's chip is looked for in it; here name a file.`,
    );
  return readChipFile(text);
}

/** True for a folder, in which `chooseForDie` finds a calibration. */
export function isFolder(text: string): boolean {
  return existsSync(text) && statSync(text).isDirectory();
}

/**
 * The calibration of a die among the files `*.json` of a folder.
 * @throws InputError when none or several of them belong to it
 */
export function chooseForDie(folder: string, die: DieIdentity): ChipChoice {
  const wanted = describeDie(die);
  const found: string[] = [];
  const others: string[] = [];
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()) {
    const path = join(folder, name);
    let own: string;
    try {
      own = describeDie(parseCalibration(readFileSync(path, 'utf8'), path).die);
    } catch (error) {
      if (!(error instanceof CalibrationError)) throw error;
      others.push(`${name}: ${error.problem}`);
      continue;
    }
    if (own === wanted) found.push(path);
    else others.push(`${name}: ${own}`);
  }
  const [path] = found;
  if (path !== undefined && found.length === 1) return readChipFile(path);
  throw new InputError(
    path === undefined
      ? [`--chip ${folder}: there is no calibration of ${wanted}`, ...others].join('\n  ')
      : `--chip ${folder}: ${found.join(' and ')} both belong to ${wanted}\n  Name one of them.`,
  );
}

function readChipFile(path: string): ChipChoice {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(`--chip ${path}: ${error instanceof Error ? error.message : ''}`);
  }
  try {
    const calibration = parseCalibration(content, path);
    const name = `${path} (sha256 ${sha256(content).slice(0, 16)})`;
    const { seed } = calibration.die;
    return {
      name: seed === undefined ? 'as calibrated' : `seed ${seed}`,
      calibrationName: name,
      seed,
      isIdeal: false,
      file: { path, calibration, chip: chipCalibration(calibration, name) },
    };
  } catch (error) {
    if (!(error instanceof CalibrationError)) throw error;
    throw new InputError(`--chip ${path}: ${error.message}`);
  }
}

/** Low word of the ideal chip's DNA. */
const idealDna = 0xffffffff;

/** The emulated chip of a choice. @throws InputError for a calibration of a chip that is not emulated */
export function makeChip(choice: ChipChoice, options: ChipOptions = {}): Chip {
  const { file, seed } = choice;
  const isIdeal = choice.isIdeal || file?.calibration.die.dna[0] === idealDna;
  if (isIdeal) return Chip.ideal(options);
  if (seed === undefined)
    throw new InputError(
      `--chip ${file?.path ?? choice.name}: this calibration was not made on an emulated die\n  Name its board: --board URL.`,
    );
  if (!file) return Chip.fromSeed(seed, options);
  const { law, constants } = file.calibration.die;
  return Chip.fromSeed(seed, {
    ...options,
    law: law === 'residual' ? 'residual' : 'uncalibrated',
    ...(constants ? { constants: constants as NonNullable<ChipOptions['constants']> } : {}),
  });
}

/** The chip that `--chip` names, and what the manifest says of its calibration. */
export function openChip(
  text: string,
  options: ChipOptions = {},
): { chip: Chip; name: string; calibration: string } {
  const choice = chooseChip(text);
  return {
    chip: makeChip(choice, options),
    name: choice.name,
    calibration: choice.calibrationName,
  };
}

/** Names of the analog engines; the first is what `run` uses unless it is told otherwise. */
export const engineNames = ['fast', 'precise'] as const;
export type EngineName = (typeof engineNames)[number];
