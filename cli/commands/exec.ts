/** `plastic exec`: runs a program on a bare processor, exact in every cycle. */
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { ElfError, readElf } from '../../isa/elf/index.js';
import {
  bareProcessor,
  busContent,
  execute,
  ImageError,
  resultOf,
  type BusContent,
  type ExecResult,
  type Image,
  type Range,
  type Stimulus,
} from '../exec/bare-processor.js';
import type { PpuOptions } from '../../emulator/ppu/options.js';
import { exitCode, InputError, UsageError } from '../failure.js';
import { readBytes } from '../files.js';
import { Recording } from '../exec/recording.js';

interface Arguments {
  file?: string | undefined;
  code?: string | undefined;
  data?: string | undefined;
  'max-cycles'?: string | undefined;
  dump?: string[] | undefined;
  'branch-cache'?: string | undefined;
  'data-latency'?: string | undefined;
  'bus-latency'?: string | undefined;
  'bus-preset'?: string | undefined;
  'dump-bus'?: boolean | undefined;
  quirks?: string | undefined;
  'interrupt-faults'?: boolean | undefined;
  'lha-zero-extends'?: boolean | undefined;
  doorbell?: string[] | undefined;
  pin?: string[] | undefined;
  strict?: boolean | undefined;
  accounting?: boolean | undefined;
  trace?: string[] | undefined;
  profile?: string[] | undefined;
  propagate?: boolean | undefined;
  json?: boolean | undefined;
}

/** Cycles after which a program is taken to run for ever: 40 s of the chip's time. */
const DEFAULT_CYCLES = '10000000000';

/** A whole number, decimal or 0x, within limits; throws UsageError. */
function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = /^(0x[0-9a-fA-F]+|\d+)$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(
    `${option} ${text}: write a whole number from ${min} to ${max}, decimal or 0x...`,
  );
}

function range(text: string): Range {
  const [start, length, ...rest] = text.split(':');
  if (start === undefined || length === undefined || rest.length > 0) {
    throw new UsageError(`--dump ${text}: write START:LENGTH, for example 0x3000:64`);
  }
  return {
    start: wholeNumber('--dump', start, 0, 0xffff_ffff),
    length: wholeNumber('--dump', length, 0, 1 << 24),
  };
}

function pinStimulus(text: string): Stimulus {
  const parts = /^(\d+)=([01])@(\w+)$/.exec(text);
  if (parts === null) {
    throw new UsageError(`--pin ${text}: write N=V@CYCLE, for example 0=1@500`);
  }
  return {
    pin: wholeNumber('--pin', parts[1]!, 0, 31),
    level: parts[2] === '1' ? 1 : 0,
    cycle: wholeNumber('--pin', parts[3]!, 0, Number.MAX_SAFE_INTEGER),
  };
}

function readImage(argv: Arguments): Image {
  if (argv.code !== undefined) {
    if (argv.file !== undefined) throw new UsageError('give either a file or --code, not both');
    return {
      kind: 'raw',
      code: readBytes(argv.code),
      data: argv.data === undefined ? undefined : readBytes(argv.data),
    };
  }
  if (argv.data !== undefined) throw new UsageError('--data needs --code');
  if (argv.file === undefined) throw new UsageError('name a program, or a raw image with --code');
  const bytes = readBytes(argv.file);
  const isElf = bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
  if (!isElf) return { kind: 'raw', code: bytes, data: undefined };
  try {
    return { kind: 'program', program: readElf(bytes) };
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    throw new InputError(`${argv.file}: no program that can be read: ${error.message}`);
  }
}

function readPreset(file: string): BusContent {
  try {
    return busContent(new TextDecoder().decode(readBytes(file)));
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new InputError(`--bus-preset ${file}: ${error.message}`);
  }
}

const endings: Record<ExecResult['stopReason'], string> = {
  sleep: 'the program ended (asleep for good)',
  'max-cycles': 'stopped: the limit of --max-cycles was reached',
  strict: 'stopped by strict mode',
  breakpoint: 'stopped at a breakpoint',
};

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function report(result: ExecResult): string {
  const lines = [
    `${endings[result.stopReason]}`,
    `${result.cycles} cycles, ${result.instructions} instructions issued` +
      (result.returnCode === null ? '' : `, return code ${result.returnCode}`),
  ];
  for (let row = 0; row < 32; row += 4) {
    const cells = result.gpr
      .slice(row, row + 4)
      .map((x, i) => `r${row + i} ${hex8(x)}`.padStart(12));
    lines.push(cells.join('  '));
  }
  const { lr = 0, ctr = 0, xer = 0 } = result.spr;
  lines.push(
    `pc ${hex8(result.pc)}  cr ${hex8(result.cr)}  lr ${hex8(lr)}  ctr ${hex8(ctr)}  xer ${hex8(xer)}`,
  );
  for (const { start, bytes } of result.memory) {
    for (let at = 0; at < bytes.length; at += 32) {
      const words = bytes.slice(at, at + 32).match(/.{1,8}/g) ?? [];
      lines.push(`${hex8(start + at / 2)}: ${words.join(' ')}`);
    }
  }
  for (const [address, digits] of Object.entries(result.bus ?? {})) {
    lines.push(`bus ${address}: ${(digits.match(/.{1,32}/g) ?? []).join(' ')}`);
  }
  return lines.join('\n') + '\n';
}

function run(argv: Arguments): void {
  const image = readImage(argv);
  const ranges = (argv.dump ?? []).map(range);
  const stimuli: Stimulus[] = [
    ...(argv.doorbell ?? []).map((text) => ({
      cycle: wholeNumber('--doorbell', text, 0, Number.MAX_SAFE_INTEGER),
      doorbell: true as const,
    })),
    ...(argv.pin ?? []).map(pinStimulus),
  ];
  const maxCycles = wholeNumber(
    '--max-cycles',
    argv['max-cycles'] ?? DEFAULT_CYCLES,
    1,
    Number.MAX_SAFE_INTEGER,
  );
  const latency = (option: 'data-latency' | 'bus-latency', fallback: string): number =>
    wholeNumber(`--${option}`, argv[option] ?? fallback, 1, 100_000);
  const dataLatency = latency('data-latency', '1');
  const presetFile = argv['bus-preset'];
  const preset = presetFile === undefined ? undefined : readPreset(presetFile);
  let core;
  try {
    const options: Partial<PpuOptions> = {
      branchCache: argv['branch-cache'] === '0' ? 0 : 16,
      dataLatency,
      vectorDataLatency: dataLatency,
      quirks: argv.quirks === 'power' ? 'power' : 'core',
      interruptFaults: argv['interrupt-faults'] ?? false,
      lhaZeroExtends: argv['lha-zero-extends'] ?? false,
      strict: argv.strict ?? false,
      accounting: argv.accounting === false ? 'none' : 'exact',
    };
    core = bareProcessor(image, latency('bus-latency', '4'), options, preset);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new InputError(`${argv.file ?? argv.code ?? ''}: ${error.message}`);
  }
  const outputs = { traces: argv.trace ?? [], profiles: argv.profile ?? [] };
  if (outputs.traces.length + outputs.profiles.length > 0 && argv.accounting === false) {
    throw new UsageError('--trace and --profile need the cycles: leave --no-accounting out');
  }
  const program = image.kind === 'program' ? image.program : undefined;
  const recording = Recording.of(core, program, outputs);
  const stopReason = execute(core, stimuli, maxCycles, recording);
  recording?.end(stopReason === 'sleep' ? (core.sleepCycle ?? core.cycle) : core.cycle);
  const result = resultOf(
    core,
    stopReason,
    image.kind === 'program',
    ranges,
    argv['dump-bus'] ?? false,
  );
  process.stdout.write(argv.json === true ? JSON.stringify(result) + '\n' : report(result));
  if (result.fault !== undefined) {
    const { address, word, reason } = result.fault;
    process.stderr.write(
      `plastic: strict: at 0x${hex8(address)}, word 0x${hex8(word)}: ${reason}\n`,
    );
  }
  if (stopReason !== 'sleep') process.exitCode = exitCode.runFailed;
  else if (argv.propagate === true) process.exitCode = (result.returnCode ?? 0) & 0xff;
}

export const exec: CommandModule<object, Arguments> = {
  command: 'exec [file]',
  describe: 'Run a program on a bare processor, exact in every cycle',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: 'ELF program, or a raw big-endian image' })
      .option('code', { type: 'string', describe: 'Raw image of a separate instruction memory' })
      .option('data', { type: 'string', describe: 'Raw image of the data memory, with --code' })
      .option('max-cycles', { type: 'string', describe: `Stop after N cycles [${DEFAULT_CYCLES}]` })
      .option('dump', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'START:LENGTH of data memory to print; may be given again',
      })
      .option('branch-cache', { type: 'string', choices: ['16', '0'], describe: 'Entries [16]' })
      .option('data-latency', { type: 'string', describe: 'Cycles to an answer of memory [1]' })
      .option('bus-latency', {
        type: 'string',
        describe: 'Cycles to an answer of the parallel bus [4]',
      })
      .option('bus-preset', {
        type: 'string',
        describe: 'JSON file: parallel-bus address to 256 hex digits, set before the run',
      })
      .option('dump-bus', {
        type: 'boolean',
        describe: 'Print the locations of the parallel bus that were preset or written',
      })
      .option('quirks', {
        type: 'string',
        choices: ['core', 'power'],
        describe: 'Deviations [core]',
      })
      .option('interrupt-faults', {
        type: 'boolean',
        describe: "Lose results in flight at interrupts, as the core's source does",
      })
      .option('lha-zero-extends', {
        type: 'boolean',
        describe: "Zero-extend the displacement of lha, as the core's source does",
      })
      .option('doorbell', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'Ring the doorbell at CYCLE',
      })
      .option('pin', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'N=V@CYCLE: input pin N is V from then',
      })
      .option('strict', { type: 'boolean', describe: 'Stop on anything undecoded or undefined' })
      .option('accounting', {
        type: 'boolean',
        default: true,
        describe: 'Model every cycle; --no-accounting takes one cycle per instruction',
      })
      .option('trace', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'Write what happens to FILE.txt, .jsonl, .vcd or .konata; may be given again',
      })
      .option('profile', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'Write where the cycles go: FILE.folded (stacks), else a table',
      })
      .option('propagate', { type: 'boolean', describe: "Exit with the program's return code" })
      .option('json', { type: 'boolean', describe: 'Print the result as one JSON object' })
      .example('$0 exec program.elf --dump 0x3000:64', 'run, then show the mailbox')
      .example(
        '$0 exec --code code.bin --data data.bin --json',
        'two memories, both from address 0',
      ),
  handler: run,
};
