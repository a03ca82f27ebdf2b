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
import type { SourceText } from '../../compiler/syntax/ast.js';
import type { ImageLayout } from '../../isa/runtime-layout.js';
import { type Comparison, compareRule } from '../compare/compare.js';
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

/** What is asked for, apart from the rule. */
interface Request {
  readonly file: string;
  readonly seed: number;
  readonly rows: number;
  readonly fixed: ReadonlyMap<string, number>;
  readonly trials: number | undefined;
  readonly recorded: Recording | undefined;
}

/** The inputs for one rule: what was recorded, or sessions of random ones. */
function recordingsFor(compiled: Compiled, request: Request): Recording[] {
  const { fixed, recorded, rows, seed } = request;
  if (recorded) return [{ ...recorded, values: new Map([...recorded.values, ...defined(fixed)]) }];
  const perSession = compiled.layout ? sessionLength(compiled.layout) : session.least;
  const trials = wholeNumber('trials', request.trials ?? 2 * perSession, 1, 100_000);
  const recordings: Recording[] = [];
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
  return recordings;
}

/** Compiles for the rows asked for, else for the usual number, or a single row if those do not fit. */
function compileFor(
  source: SourceText,
  asked: number | undefined,
): { readonly compiled: Compiled; readonly rows: number } {
  const rows = asked ?? usualRows;
  const compiled = compile([source], { rows });
  if (asked !== undefined || !hasErrors(compiled.diagnostics)) return { compiled, rows };
  return { compiled: compile([source], { rows: 1 }), rows: 1 };
}

function refuse(list: readonly Diagnostic[], source: SourceText, json: boolean | undefined): void {
  if (json) process.stdout.write(`${diagnosticsAsJson(list, [source])}\n`);
  else printDiagnostics(list, [source]);
  process.exitCode = exitCode.badInput;
}

async function run(args: Arguments): Promise<void> {
  const { file = '', input, json } = args;
  const seed = wholeNumber('seed', args.seed ?? 1, 0, 0xffffffff);
  const recorded = input === undefined ? undefined : await recordingFrom(input, args.rows);
  const source = await readRuleFile(file);
  const asked = args.rows === undefined ? undefined : wholeNumber('rows', args.rows, 1, 256);
  const { compiled, rows } = compileFor(source, recorded?.rows ?? asked);
  if (hasErrors(compiled.diagnostics)) return refuse(compiled.diagnostics, source, json);
  const fixed = settings(args.set ?? [], compiled);
  const refused: Diagnostic[] = [];
  const rules = compiled.rules.map(({ rule }) => rule);
  checkSettings(rules, fixed, acceptOnce(refused));
  if (refused.length > 0) return refuse(refused, source, json);
  const request = { file, seed, rows, fixed, trials: args.trials, recorded };
  // Rules of one file are compared one after the other, each alone in its image.
  const comparisons: Comparison[] = [];
  for (const { name } of rules) {
    const alone = rules.length === 1 ? compiled : compile([source], { rows, rule: name });
    const recordings = recordingsFor(alone, request);
    const [first] = recordings;
    if (args['save-input'] !== undefined && first && comparisons.length === 0)
      await writeFileAtomic(args['save-input'], recordingAsJson(first));
    try {
      comparisons.push(compareRule(alone, recordings, lineCounter([source])));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RunError(`${file}: the comparison of ${name} could not go on (${reason})`);
    }
  }
  const whole = comparisons.length === 1 ? comparisons[0] : { rules: comparisons };
  process.stdout.write(
    json
      ? `${JSON.stringify({ file, seed, ...whole }, null, 2)}\n`
      : `${comparisons.map((each) => renderComparison(each, file)).join('\n\n')}\n`,
  );
  if (!comparisons.every(({ agrees }) => agrees)) process.exitCode = exitCode.badInput;
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
