/** `plastic trace`: what a processor of an experiment's chip does, instruction by instruction. */
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { ChipTrace } from '../../emulator/trace/chip-trace.js';
import type { TraceEvent } from '../../emulator/trace/event.js';
import type { Program } from '../../isa/program.js';
import { prepareExperiment } from '../debug/experiment.js';
import { TraceFiles } from '../exec/recording.js';
import { exitCode, RunError, UsageError } from '../failure.js';
import { readSeeds } from './run.js';

interface Arguments {
  experiment: string;
  trace: string[];
  profile: string[];
  processor: 'top' | 'bottom';
  from: string;
  cycles: string | undefined;
  chip: string;
  seed: string[];
  quick: boolean;
  set: string[];
  quiet: boolean;
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (/^[\d_]+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new UsageError(`${option} ${text}: write a number of cycles, a whole number from 0 on`);
}

/** Events within a window of time, handed on to files that begin with the first of them. */
class Window {
  private hasBegun = false;
  private instructions = 0;

  constructor(
    private readonly files: TraceFiles,
    private readonly from: number,
    private readonly to: number,
    private readonly program: () => Program | undefined,
  ) {}

  take(events: readonly TraceEvent[]): void {
    const inside = events.filter(({ cycle }) => cycle >= this.from && cycle < this.to);
    const [first] = inside;
    if (first === undefined) return;
    if (!this.hasBegun) this.files.begin(this.program(), first.cycle);
    this.hasBegun = true;
    for (const event of inside) if (event.kind === 'issue' && event.part === 0) this.instructions++;
    this.files.take(inside);
  }

  /** Completes the files; the number of instructions in them. */
  end(cycle: number): number {
    const end = Math.min(cycle, this.to);
    if (!this.hasBegun) this.files.begin(this.program(), this.from);
    this.files.end(Math.max(end, this.from));
    return this.instructions;
  }
}

async function run(argv: Arguments): Promise<void> {
  const outputs = { traces: argv.trace, profiles: argv.profile };
  if (outputs.traces.length + outputs.profiles.length === 0)
    throw new UsageError('plastic trace: say what to write with --trace FILE or --profile FILE');
  const from = wholeNumber('--from', argv.from);
  const to = argv.cycles === undefined ? Infinity : from + wholeNumber('--cycles', argv.cycles);
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  const { processor } = argv;
  let program: Program | undefined;
  const { chip, run: begin } = await prepareExperiment(
    argv.experiment,
    { chip: argv.chip, seeds: readSeeds(argv.seed), quick: argv.quick, set: argv.set },
    abort.signal,
    // The first: with several, which runs where is the experiment's business.
    (compiled) => (program ??= compiled),
  );
  const window = new Window(new TraceFiles(outputs), from, to, () => program);
  const trace = new ChipTrace(chip, processor === 'top' ? 0 : 1, (events) => window.take(events));
  process.once('SIGINT', interrupt);
  try {
    await begin();
  } catch (error) {
    if (!abort.signal.aborted)
      throw new RunError(error instanceof Error ? error.message : String(error));
    process.exitCode = exitCode.interrupted;
  } finally {
    process.off('SIGINT', interrupt);
    const end = trace.end();
    const instructions = window.end(end);
    if (!argv.quiet)
      process.stderr.write(
        `${processor} PPU: ${instructions} instructions in ${[...argv.trace, ...argv.profile].join(', ')}; the chip ran ${end} cycles\n`,
      );
  }
}

const listOption = { type: 'string', array: true, nargs: 1, default: [] as string[] } as const;

export const trace: CommandModule<object, Arguments> = {
  command: 'trace <experiment>',
  describe: "Record what a processor of an experiment's chip does",
  builder: (yargs) =>
    yargs
      .positional('experiment', {
        type: 'string',
        demandOption: true,
        describe: 'Experiment: a folder or a file, as for plastic run',
      })
      .option('trace', { ...listOption, describe: 'File ending in .txt, .jsonl, .vcd or .konata' })
      .option('profile', {
        ...listOption,
        describe: 'Table of cycles by line; .folded: collapsed stacks',
      })
      .option('processor', {
        choices: ['top', 'bottom'] as const,
        default: 'top' as const,
        describe: 'Which PPU',
      })
      .option('from', { type: 'string', default: '0', describe: 'First cycle to record' })
      .option('cycles', { type: 'string', describe: 'Cycles to record; default: all' })
      .option('chip', { type: 'string', default: 'ideal', describe: 'ideal, SEED or a chip file' })
      .option('seed', { ...listOption, describe: 'N for all streams, or NAME=N' })
      .option('quick', { type: 'boolean', default: false, describe: 'Short version' })
      .option('set', { ...listOption, describe: 'NAME=VALUE of a setting' })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'Say nothing' })
      .example(
        '$0 trace examples/stdp --quick --profile stdp.txt',
        'where the cycles of the rule go',
      ),
  handler: run,
};
