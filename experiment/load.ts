/** Finds and loads an experiment file; its `import 'plastic'` is the running installation, wherever the file lies. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { createJiti } from 'jiti';
import { ExperimentError, unknownName } from './failure.js';
import type { ExperimentDefinition, Setting, Settings } from './experiment.js';

const fileNames = ['experiment.ts', 'experiment.js', 'experiment.mjs'] as const;

/** A loaded experiment and where it came from. */
export interface LoadedExperiment {
  readonly definition: ExperimentDefinition;
  /** Absolute path of the file, and of its folder. */
  readonly file: string;
  readonly folder: string;
  readonly source: string;
}

/** The experiment file behind a path to a file or a folder. @throws ExperimentError */
export function findExperiment(path: string): string {
  const full = resolve(path);
  if (!existsSync(full))
    throw new ExperimentError(
      'there is no such file or folder',
      path,
      'Check the path, or make an experiment with `plastic new NAME`.',
    );
  if (!statSync(full).isDirectory()) return full;
  const found = fileNames.map((name) => join(full, name)).find((file) => existsSync(file));
  if (!found)
    throw new ExperimentError(
      'the folder holds no experiment',
      path,
      `Expected ${fileNames.join(' or ')} in it.`,
    );
  return found;
}

/**
 * Loads an experiment file.
 * @param plastic the module that `import 'plastic'` shall give
 * @throws ExperimentError when the file cannot be loaded or exports no experiment
 */
export async function loadExperiment(path: string, plastic: unknown): Promise<LoadedExperiment> {
  const file = findExperiment(path);
  const jiti = createJiti(file, {
    virtualModules: { plastic },
    fsCache: false,
    interopDefault: false,
  });
  let loaded: unknown;
  try {
    loaded = await jiti.import(file);
  } catch (error) {
    if (error instanceof ExperimentError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExperimentError(
      `the file cannot be loaded: ${reason.replace(/\s+/g, ' ').trim()}`,
      path,
      'Correct the file; an experiment is TypeScript or JavaScript.',
    );
  }
  const definition = (loaded as { default?: unknown }).default;
  if (!isDefinition(definition))
    throw new ExperimentError(
      'the file does not export an experiment',
      path,
      'Write `export default defineExperiment({ name, title, settings, run })`.',
    );
  return { definition, file, folder: dirname(file), source: readFileSync(file, 'utf8') };
}

function isDefinition(value: unknown): value is ExperimentDefinition {
  const d = value as Partial<ExperimentDefinition> | null | undefined;
  return (
    typeof d === 'object' &&
    d !== null &&
    typeof d.name === 'string' &&
    typeof d.title === 'string' &&
    typeof d.run === 'function' &&
    typeof d.settings === 'object'
  );
}

/** Reads a text file beside the experiment. @throws ExperimentError naming file and experiment */
export function readBeside(folder: string, experiment: string, file: string): string {
  const full = resolve(folder, file);
  try {
    return readFileSync(full, 'utf8');
  } catch {
    throw new ExperimentError(
      `there is no readable file ${relative(resolve('.'), full) || full}`,
      experiment,
      'Files are named relative to the experiment file: check the name, or put the file there.',
    );
  }
}

/**
 * The settings of a run: the experiment's own, those of `--quick`, then those of `--set`.
 * @param changes `name=value` texts
 * @throws ExperimentError for an unknown name or a value of another type
 */
export function settle(
  definition: ExperimentDefinition,
  quick: boolean,
  changes: readonly string[],
): Settings {
  const settings: Record<string, Setting> = { ...definition.settings };
  if (quick)
    for (const [name, value] of Object.entries(definition.quick ?? {}))
      if (value !== undefined) settings[name] = value;
  for (const change of changes) {
    const at = change.indexOf('=');
    const name = at < 0 ? change : change.slice(0, at);
    const text = at < 0 ? '' : change.slice(at + 1);
    const old = definition.settings[name];
    if (old === undefined)
      throw unknownName('setting', name, Object.keys(definition.settings), `--set ${change}`);
    settings[name] = parseSetting(old, text, change);
  }
  return settings;
}

function parseSetting(old: Setting, text: string, change: string): Setting {
  if (typeof old === 'string') return text;
  if (typeof old === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  const value = Number(text);
  if (typeof old === 'number' && text.trim() !== '' && Number.isFinite(value)) return value;
  throw new ExperimentError(
    `"${text}" is no ${typeof old}`,
    `--set ${change}`,
    `The setting is ${JSON.stringify(old)} by default: give a ${typeof old === 'number' ? 'number' : 'true or false'}.`,
  );
}
