/** `plastic compare`: a rule in real arithmetic, in the exact evaluator and as machine code, over the same inputs. */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { acceptOnce } from '../../compiler/check/place.js';
import { checkSettings } from '../../compiler/check/settings.js';
import { type Compiled, compile } from '../../compiler/compile.js';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.js';
import { hasErrors } from '../../compiler/diagnostics/codes.js';
import { lineCounter } from '../../compiler/link/lines.js';
import type { ImageLayout } from '../../isa/runtime-layout.js';
import { compareRule } from '../compare/compare.js';
import {
  parseRecording,
  randomRecording,
  type Recording,
  recordingAsJson,
  RecordingError,
} from '../compare/recording.js';
import { renderComparison } from '../compare/text.js';
import { exitCode, InputError, RunError, UsageError } from '../failure.js';
import { writeFileAtomic } from '../files.js';
import { diagnosticsAsJson, printDiagnostics, readRuleFile } from '../rule-files.js';

interface Arguments {
  file?: string | undefined;
  trials?: number | undefined;
  seed?: number | undefined;
  rows?: number | undefined;
  set?: string[] | undefined;
  input?: string | undefined;
  'save-input'?: string | undefined;
  json?: boolean | undefined;
}

/** Executions from one start at least and at most; the next session has new weights, parameters and baselines. */
const session = { least: 10, most: 100 };
/** Rows that are compared if none are asked for. */
const usualRows = 4;

function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not ${value}`);
}

/** Executions until every timer of the rule has run once, within what a session may have. */
function sessionLength({ triggers, timeline }: ImageLayout): number {
  const timers = triggers.filter(({ kind }) => kind === 'timer');
  const horizon = timers.reduce((latest, { first }) => Math.max(latest, first), 0);
  const count = timers.reduce(
    (sum, { first, period }) => sum + 1 + (period > 0 ? Math.floor((horizon - first) / period) : 0),
    triggers.length - timers.length + 1,
  );
  return Math.min(Math.max(session.least, count), session.most, timeline.entries);
}

/** `--set name=value` for names that the rule declares. */
function settings(list: readonly string[], { layout }: Compiled): Map<string, number> {
  const known = [...(layout?.parameters ?? []), ...(layout?.inputs ?? [])];
  const fixed = new Map<string, number>();
  for (const text of list) {
    const [name = '', number = ''] = text.split('=');
    const value = Number(number);
    if (number === '' || !Number.isFinite(value))
      throw new UsageError(
        `--set takes NAME=VALUE, a name and a number (\`--set eta=0.5\`), not ${text}`,
      );
    const slot = known.find((each) => each.name === name);
    if (slot === undefined) {
      const names = known.map((each) => each.name).join(', ');
      throw new UsageError(
        `--set: the rule has no parameter ${name}; there are: ${names || 'none'}`,
      );
    }
    fixed.set(name, value);
  }
  return fixed;
}

async function recordingFrom(path: string, rows: number | undefined): Promise<Recording> {
  try {
    return parseRecording(await readFile(path, 'utf8'), rows);
  } catch (error) {
    if (error instanceof RecordingError) throw new InputError(`${path}: ${error.message}`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${path} cannot be read: ${reason}`);
  }
}

async function run(args: Arguments): Promise<void> {
  const { file = '', input, json } = args;
  const seed = wholeNumber('seed', args.seed ?? 1, 0, 0xffffffff);
  const recorded = input === undefined ? undefined : await recordingFrom(input, args.rows);
  const source = await readRuleFile(file);
  const asked = args.rows === undefined ? undefined : wholeNumber('rows', args.rows, 1, 256);
  let rows = recorded?.rows ?? asked ?? usualRows;
  let compiled = compile([source], { rows });
  if (hasErrors(compiled.diagnostics) && recorded === undefined && asked === undefined) {
    rows = 1;
    compiled = compile([source], { rows });
  }
  const { diagnostics, layout } = compiled;
  if (hasErrors(diagnostics) || layout === undefined) {
    if (json) process.stdout.write(`${diagnosticsAsJson(diagnostics, [source])}\n`);
    else printDiagnostics(diagnostics, [source]);
    process.exitCode = exitCode.badInput;
    return;
  }
  if (compiled.rules.length > 1)
    throw new InputError(
      `${file} holds ${compiled.rules.length} rules; give each a file of its own to compare it`,
    );
  const fixed = settings(args.set ?? [], compiled);
  const refused: Diagnostic[] = [];
  checkSettings(
    compiled.rules.map(({ rule }) => rule),
    fixed,
    acceptOnce(refused),
  );
  if (refused.length > 0) {
    if (json) process.stdout.write(`${diagnosticsAsJson(refused, [source])}\n`);
    else printDiagnostics(refused, [source]);
    process.exitCode = exitCode.badInput;
    return;
  }
  const perSession = sessionLength(layout);
  const trials = wholeNumber('trials', args.trials ?? 2 * perSession, 1, 100_000);
  const recordings: Recording[] = [];
  if (recorded)
    recordings.push({ ...recorded, values: new Map([...recorded.values, ...defined(fixed)]) });
  else
    for (let done = 0; done < trials; done += perSession)
      recordings.push(
        randomRecording(compiled, {
          rows,
          seed: (seed + done / perSession) >>> 0,
          executions: Math.min(perSession, trials - done),
          // The first session takes the rule as it stands.
          drawValues: done > 0,
          fixed,
        }),
      );
  const [first] = recordings;
  if (args['save-input'] !== undefined && first)
    await writeFileAtomic(args['save-input'], recordingAsJson(first));
  const comparison = (() => {
    try {
      return compareRule(compiled, recordings, lineCounter([source]));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RunError(`${file}: the comparison could not go on (${reason})`);
    }
  })();
  process.stdout.write(
    json
      ? `${JSON.stringify({ file, seed, ...comparison }, null, 2)}\n`
      : `${renderComparison(comparison, file)}\n`,
  );
  if (!comparison.agrees) process.exitCode = exitCode.badInput;
}

function defined(fixed: ReadonlyMap<string, number>): [string, Float64Array][] {
  return [...fixed].map(([name, value]) => [name, Float64Array.of(value)]);
}

export const compare: CommandModule<object, Arguments> = {
  command: 'compare <file>',
  describe: 'Compare a rule in real arithmetic, in exact arithmetic and as machine code',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: 'Rule file (.plast)' })
      .option('trials', {
        type: 'number',
        describe: 'Executions to compare (default: every timer twice)',
      })
      .option('seed', { type: 'number', describe: 'Seed of the random inputs (default 1)' })
      .option('rows', { type: 'number', describe: 'Synapse rows (default 4)' })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'name=value: a parameter that is not drawn at random',
      })
      .option('input', { type: 'string', describe: 'Recorded input (JSON) instead of random ones' })
      .option('save-input', {
        type: 'string',
        describe: 'Write the first session of inputs as such a file',
      })
      .option('json', { type: 'boolean', describe: 'Print the comparison as JSON' })
      .conflicts('input', ['trials', 'seed'])
      .example('$0 compare stdp.plast', 'Exit code 0: machine code is exact and every bound holds')
      .example('$0 compare stdp.plast --trials 200 --seed 7 --set eta_plus=1', ''),
  handler: run,
};
