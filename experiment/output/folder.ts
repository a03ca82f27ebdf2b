/** The result folder: written beside its final place and renamed when complete, never over an old one. */
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ExperimentError } from '../failure.js';
import type { Results } from '../results.js';
import { encodeCsv } from './csv.js';
import { writeReport } from './html.js';
import { encodeNpz } from './npy.js';

/** What a run was: everything needed to repeat it. */
export interface RunDescription {
  readonly plastic: string;
  readonly experiment: { readonly title: string; readonly file: string; readonly sha256: string };
  readonly command: string;
  readonly seeds: Readonly<Record<string, number>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly board: unknown;
  readonly chip: string;
  readonly calibration: string;
  readonly interrupted: boolean;
  readonly wallSeconds: number;
  readonly chipSeconds: number;
  readonly playbackWords: number;
}

const arrayFiles = ['spikes', 'weights', 'records'] as const;

/** SHA-256 of bytes or text, in hexadecimal. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The first of `root/name-001`, `root/name-002`, .. that does not exist. */
export function nextFolder(root: string, name: string): string {
  for (let n = 1; ; n++) {
    const folder = join(root, `${name}-${String(n).padStart(3, '0')}`);
    if (!existsSync(folder)) return folder;
  }
}

function unwritable(folder: string, reason: string): ExperimentError {
  return new ExperimentError(
    `the folder cannot be made: ${reason}`,
    folder,
    'Name a place with --out where you may write.',
  );
}

/** Makes a folder and those above it. Not `recursive`: Node tries for ever below some places, such as /proc. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    throw unwritable(folder, error instanceof Error ? error.message : String(error));
  }
}

/** Refuses a folder that exists, or that cannot be made where it is wanted. @throws ExperimentError */
export function checkNewFolder(folder: string): void {
  if (existsSync(folder))
    throw new ExperimentError(
      'the folder exists already',
      folder,
      'Results are never written over old ones: name another folder with --out, or remove this one.',
    );
  let above = dirname(resolve(folder));
  while (!existsSync(above)) above = dirname(above);
  if (!statSync(above).isDirectory()) throw unwritable(folder, `${above} is a file`);
  try {
    accessSync(above, constants.W_OK);
  } catch {
    throw unwritable(folder, `${above} is read-only for you`);
  }
}

/** Writes everything and returns the folder's absolute path. Nothing is left behind when writing fails. */
export function writeResultFolder(folder: string, results: Results, run: RunDescription): string {
  const target = resolve(folder);
  checkNewFolder(target);
  makeFolders(dirname(target));
  const partial = join(dirname(target), `.${basename(target)}.part`);
  // What an earlier run that was killed may have left.
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial);
  try {
    const files: Record<string, string> = {};
    const write = (name: string, data: Uint8Array | string): void => {
      writeFileSync(join(partial, name), data);
      files[name] = sha256(data);
    };
    for (const file of arrayFiles) write(`${file}.npz`, encodeNpz(results.arrays(file)));
    for (const { name, table } of results.tables) write(`${name}.csv`, encodeCsv(table));
    for (const { name, svg } of results.pictures) write(`${name}.svg`, svg);
    write('report.html', writeReport(results, run));
    const manifest = {
      format: 'plastic-result-1',
      ...run,
      summary: results.summary,
      warnings: results.warnings,
      arrays: results.units,
      facts: results.facts,
      files,
    };
    writeFileSync(join(partial, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
  return target;
}
