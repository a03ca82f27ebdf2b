/**
 * Calibrates virtual chips with all stages, one after the other, and writes what came out to docs/calibration-study.json.
 * `npx tsx scripts/calibration-study.ts FOLDER [FIRST LAST]` keeps the calibration of every chip FIRST..LAST (21..30) in
 * FOLDER after every stage: called again it goes on where it was interrupted, and makes nothing twice.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { InProcessBoard } from '../board/index.js';
import { Chip } from '../emulator/index.js';
import {
  calibrate,
  calibrationTargets,
  encodeCalibration,
  parseCalibration,
  type Calibration,
} from '../experiment/calibration/index.js';
import { writeStudy } from './calibration-figures.js';

/** Chips 21..30 have never been looked at while the stages were written: those were 7, 11 and 101 to 103. */
const defaults = ['', '21', '30'];

function keep(file: string, calibration: Calibration): void {
  writeFileSync(`${file}.part`, encodeCalibration(calibration));
  renameSync(`${file}.part`, file);
}

async function calibrateChip(seed: number, file: string, signal: AbortSignal): Promise<void> {
  const earlier = existsSync(file) ? parseCalibration(readFileSync(file, 'utf8'), file) : undefined;
  if (earlier?.complete === true) return;
  const began = process.cpuUsage();
  const spent = (): string => `${(process.cpuUsage(began).user / 1e6).toFixed(0)} s`;
  const board = InProcessBoard.of(Chip.fromSeed(seed, { law: 'uncalibrated', engine: 'fast' }));
  const result = await calibrate(board, {
    targets: calibrationTargets.B,
    signal,
    onStage: (partial) => {
      keep(file, partial);
      process.stdout.write(`  ${partial.stages.at(-1)} ${spent()}\n`);
    },
    ...(earlier ? { resume: earlier } : {}),
  });
  process.stdout.write(
    `chip ${seed}: ${spent()} of processor time, ${result.unusable.length} unusable\n`,
  );
}

async function main(): Promise<void> {
  const [folder = '', first, last] = defaults.map((value, k) => process.argv[2 + k] ?? value);
  if (folder === '') throw new Error('name a folder for the calibrations of the single chips');
  mkdirSync(folder, { recursive: true });
  const abort = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort());
  for (let seed = Number(first); seed <= Number(last); seed++) {
    await calibrateChip(seed, join(folder, `chip-${seed}.json`), abort.signal);
    writeStudy(folder);
  }
}

await main();
