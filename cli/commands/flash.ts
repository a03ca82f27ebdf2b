/** `plastic flash`: loads a program into the processors of a board, verifies it and starts it. */
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { BoardError, openBoard } from '../../board/index.js';
import {
  flash,
  FlashError,
  type FlashEvent,
  type FlashReport,
  type Verification,
} from '../../board/flash/flash.js';
import { PlanError, planFlash, type FlashPlan } from '../../board/flash/plan.js';
import { usualBaud, wordsPerSecond } from '../../board/wire/serial.js';
import { ElfError, readElf } from '../../isa/elf/index.js';
import { atBaud } from '../run/baud.js';
import { exitCode, InputError, RunError, UsageError } from '../failure.js';
import { readBytes } from '../files.js';
import { progressBar } from '../progress.js';

interface Arguments {
  program: string;
  board: string | undefined;
  baud: number;
  ppu: 'top' | 'bottom' | 'both';
  init: 'auto' | 'never';
  full: boolean;
  verify: Verification;
  start: boolean;
  go: boolean;
  patch: string[];
  patience: number;
  reconnects: number;
  'dry-run': boolean;
  json: boolean;
  quiet: boolean;
}

const targetsOf = { top: [0], bottom: [1], both: [0, 1] } as const;
const names = ['top', 'bottom'];
const verdicts = {
  'read-back': 'verified',
  checksum: 'verified by checksums',
  none: 'written, not verified',
} as const;

/** Patches as `NAME=VALUE`; values are numbers, also hexadecimal or negative. */
export function readPatches(texts: readonly string[]): Map<string, number> {
  const patches = new Map<string, number>();
  for (const text of texts) {
    const [, name, value] = /^([\w.$]+)=(-?\d+|0x[0-9a-fA-F]+)$/.exec(text) ?? [];
    const number = Number(value);
    if (name === undefined || number < -0x80000000 || number > 0xffffffff)
      throw new UsageError(`--patch ${text}: write SYMBOL=NUMBER or 0xADDRESS=NUMBER, 32 bits`);
    patches.set(name, number >>> 0);
  }
  return patches;
}

function planOf(argv: Arguments): FlashPlan {
  try {
    const program = readElf(readBytes(argv.program));
    return planFlash(program, targetsOf[argv.ppu], readPatches(argv.patch));
  } catch (error) {
    if (error instanceof ElfError || error instanceof PlanError)
      throw new InputError(`${argv.program}: ${error.message}`);
    throw error;
  }
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

function printPlan(plan: FlashPlan, argv: Arguments): void {
  if (argv.json) {
    const blocks = plan.blocks.map(({ address, words, place }) => ({
      address,
      place,
      words: words.length,
    }));
    process.stdout.write(`${JSON.stringify({ kind: 'plan', ...plan, blocks })}\n`);
    return;
  }
  const lines = plan.sections.map(
    ({ name, address, bytes }) =>
      `  ${name.padEnd(16)} ${hex(address)} ${String(bytes).padStart(7)} bytes`,
  );
  const patches = plan.patches.map(
    ({ name, hemisphere, value }) => `  ${names[hemisphere]}: ${name} := ${value}`,
  );
  // Compared whole (one word down, one and a bit up), at most written whole (two down) and read back.
  const seconds = (4 * plan.words) / wordsPerSecond(argv.baud / 10);
  process.stdout.write(
    [
      `processors: ${plan.targets.map((target) => names[target]).join(', ')}`,
      'sections:',
      ...lines,
      ...(patches.length > 0 ? ['patched words:', ...patches] : []),
      `${plan.words} words in ${plan.blocks.length} blocks; at most ${seconds.toFixed(1)} s at ${argv.baud} baud`,
      plan.idle === undefined
        ? 'the program says nothing when it has come up: it is started and left alone'
        : `started, then waited until the word "${plan.idle.name}" is ${plan.idle.value}`,
      'SRAM is volatile: the program is lost with the power of the board.',
      '',
    ].join('\n'),
  );
}

/** Shows events: lines of JSON, a bar on a terminal, or sentences. */
function reporter(argv: Arguments): { onEvent: (event: FlashEvent) => void; end: () => void } {
  if (argv.json)
    return {
      onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
      end: () => {},
    };
  if (argv.quiet) return { onEvent: () => {}, end: () => {} };
  const bar =
    process.stderr.isTTY === true
      ? progressBar('{phase} | {rate} words/s | {left} s left')
      : undefined;
  let isShown = false;
  const hide = (): void => {
    if (isShown) bar?.stop();
    isShown = false;
  };
  return {
    onEvent: (event) => {
      if (event.kind === 'progress') {
        if (bar === undefined) return;
        const state = {
          phase: event.phase,
          rate: Math.round(event.rate),
          left: event.secondsLeft.toFixed(1),
        };
        if (!isShown) bar.start(event.wordsTotal, 0, state);
        isShown = true;
        bar.update(event.wordsDone, state);
        if (event.wordsDone >= event.wordsTotal) hide();
        return;
      }
      hide();
      const text = sentence(event);
      if (text !== undefined) process.stderr.write(`${text}\n`);
    },
    end: hide,
  };
}

function sentence(event: FlashEvent): string | undefined {
  switch (event.kind) {
    case 'chip':
      return `${event.revision}, identification ${hex(event.idcode)}, device DNA ${event.dna}`;
    case 'rewrite':
      return `${event.place}: ${event.words} words read back wrong and are written again`;
    case 'link lost':
      return `link lost (${event.problem}); attempt ${event.attempt} to open it again`;
    case 'resumed':
      return 'link is back; going on with what still differs';
    case 'recovered':
      return `the bus hung: ${event.how}`;
    case 'started':
      return `${names[event.hemisphere]} processor: ${event.state}`;
    default:
      return undefined;
  }
}

function printReport(report: FlashReport, argv: Arguments): void {
  if (argv.json) {
    process.stdout.write(`${JSON.stringify({ kind: 'done', ...report })}\n`);
    return;
  }
  const rate = report.wordsWritten / Math.max(report.seconds, 1e-3);
  process.stdout.write(
    `${verdicts[report.verified]}: ${report.words} words, ${report.wordsWritten} of them written (${report.blocksWritten} of ${report.blocks} blocks changed) in ${report.seconds.toFixed(1)} s, ${Math.round(rate)} words/s\n` +
      'SRAM is volatile: the program is lost with the power of the board.\n',
  );
}

async function run(argv: Arguments): Promise<void> {
  const plan = planOf(argv);
  if (argv['dry-run']) {
    printPlan(plan, argv);
    return;
  }
  if (argv.board === undefined)
    throw new UsageError('--board is missing: a serial port, tcp://HOST:PORT or udp://HOST');
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  const { onEvent, end } = reporter(argv);
  try {
    const board = await openBoard(argv.board, {
      ...atBaud(argv.baud, argv.quiet),
    });
    try {
      const report = await flash(board, plan, {
        full: argv.full,
        verify: argv.verify,
        init: argv.init,
        start: argv.start,
        go: argv.go,
        patience: argv.patience,
        reconnects: argv.reconnects,
        signal: abort.signal,
        onEvent,
      });
      end();
      printReport(report, argv);
    } finally {
      await board.close();
    }
  } catch (error) {
    end();
    if (error instanceof FlashError && error.problem === 'aborted') {
      process.stderr.write(`interrupted; processors: ${error.processors}\n`);
      process.exitCode = exitCode.interrupted;
    } else if (error instanceof FlashError) throw new RunError(wordsFor(error));
    else if (error instanceof BoardError) throw new RunError(error.message);
    else throw error;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

function wordsFor(error: FlashError): string {
  const { cause } = error;
  const lines = [error.message];
  if (cause instanceof BoardError) lines.push(`  ${cause.message.replace(/\n/g, '\n  ')}`);
  if (error.problem === 'not idle')
    lines.push(
      '  The image is whole. Look at it: plastic board monitor, or gdb on an emulated board.',
    );
  if (error.problem === 'bus hang')
    lines.push(
      '  An access was never answered: a wrong address, or links that are down (--init auto).',
    );
  return lines.join('\n');
}

export const flashCommand: CommandModule<object, Arguments> = {
  command: 'flash <program>',
  describe: 'load a program into the processors of a board, verify and start it',
  builder: (yargs) =>
    yargs
      .positional('program', { type: 'string', demandOption: true, describe: 'ELF program' })
      .option('board', { type: 'string', describe: 'serial port, tcp://HOST:PORT or udp://HOST' })
      .option('baud', {
        type: 'number',
        default: usualBaud,
        describe: `serial port: bits per second; ${usualBaud} is tried if an echo test fails`,
      })
      .option('ppu', {
        choices: ['top', 'bottom', 'both'] as const,
        default: 'both' as const,
        describe: 'processors that get the program',
      })
      .option('init', {
        choices: ['auto', 'never'] as const,
        default: 'auto' as const,
        describe: 'bring clocks and links up if they are down',
      })
      .option('full', { type: 'boolean', default: false, describe: 'write unchanged blocks too' })
      .option('verify', {
        choices: ['read-back', 'checksum', 'none'] as const,
        default: 'read-back' as const,
        describe: 'how to see that it is there: reading it back, or checksums by the processor',
      })
      .option('start', { type: 'boolean', default: true, describe: 'release the processors' })
      .option('go', { type: 'boolean', default: false, describe: 'let a compiled rule begin' })
      .option('patch', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'SYMBOL=NUMBER: change a word; repeat',
      })
      .option('patience', {
        type: 'number',
        default: 1,
        describe: 'seconds of chip time for the program to come up',
      })
      .option('reconnects', {
        type: 'number',
        default: 3,
        describe: 'how often to open a lost link',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'print the plan only' })
      .option('json', { type: 'boolean', default: false, describe: 'events as lines of JSON' })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'say less' })
      .example('$0 flash stdp.elf --board /dev/ttyUSB0', 'both processors, only what changed')
      .example('$0 flash stdp.elf --dry-run', 'what would be written where'),
  handler: run,
};
