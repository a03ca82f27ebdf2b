/** The chip that `--chip` names: ideal, a die by its seed, or a die with its calibration file. */
import { existsSync, readFileSync } from 'node:fs';
import { Chip } from '../../emulator/index.js';
import type { ChipOptions } from '../../emulator/index.js';
import {
  CalibrationError,
  chipCalibration,
  parseCalibration,
} from '../../experiment/calibration/index.js';
import type { Calibration } from '../../experiment/calibration/index.js';
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
  return readChipFile(text);
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
