/** `plastic board monitor`: what a board does, as it goes on. */
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { Access } from '../../board/access.js';
import { openWire, type Board } from '../../board/index.js';
import { monitorBoard, type MonitorEvent } from '../../board/tools/monitor.js';
import {
  recordingProgramOf,
  RecordWatch,
  type RecordingProgram,
} from '../../board/tools/record-watch.js';
import { SerialLine, systemBinding, usualBaud } from '../../board/wire/serial.js';
import { ElfError } from '../../isa/elf/index.js';
import { exitCode, InputError, UsageError } from '../failure.js';
import { readBytes } from '../files.js';
import { atBaud } from '../run/baud.js';
import { boardOption, common, names, print, using, type BoardArguments } from './common.js';

function printEvent(event: MonitorEvent): void {
  switch (event.kind) {
    case 'text':
      print(`${names[event.hemisphere]}: ${event.text}`);
      return;
    case 'rule':
      print(
        `${names[event.hemisphere]}: ${event.state}, ${event.executions} executions, ${event.missed} missed, ${event.recordBytes} bytes of records (${event.recordsDropped} dropped)`,
      );
      return;
    case 'record':
      print(
        `${names[event.hemisphere]}: record ${event.name} of ${event.rule}, ${event.seconds.toFixed(6)} s, execution ${event.execution}, row ${event.row}: ${event.fields.map(fieldText).join(', ')}`,
      );
      return;
    case 'spikes':
      event.labels.forEach((label, i) =>
        print(`spike ${(event.times[i] ?? 0).toFixed(9)} s label 0x${label.toString(16)}`),
      );
      return;
    case 'samples':
      print(`${event.values.length} samples, ${event.values[0]} .. ${event.values.at(-1)}`);
      return;
    case 'lost':
      print(`link lost (${event.problem}); waiting for it`);
      return;
    case 'back':
      print('link is back');
      return;
  }
}

/** A recorded value, or the range of one per column; `--json` prints them all. */
function fieldText({
  name,
  values,
}: {
  readonly name: string;
  readonly values: Float64Array;
}): string {
  const [first = NaN] = values;
  if (values.length === 1) return `${name} = ${first}`;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return `${name} = ${Math.min(...values)} .. ${Math.max(...values)}, mean ${mean.toFixed(3)}`;
}

/** The program whose records are to be taken apart. @throws InputError */
function watched(file: string): RecordingProgram {
  try {
    const program = recordingProgramOf(readBytes(file));
    if (program !== undefined) return program;
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    throw new InputError(`${file}: ${error.message}`);
  }
  throw new InputError(
    `${file}: says nothing of records; give the file that plastic compile FILE.plast -o wrote`,
  );
}

/** Makes sure that a processor runs the program. @throws InputError */
async function checkWatched(board: Board, file: string, program: RecordingProgram): Promise<void> {
  const access = new Access(board);
  for (const hemisphere of [0, 1])
    if (await new RecordWatch(hemisphere, program).isRunning(access)) return;
  const { rules, sourceHash } = program.metadata;
  throw new InputError(
    `${file} (rule ${rules.join(', ')}, source ${sourceHash}) is not what the board runs: see plastic board info`,
  );
}

/** Text of the processor's software UART, which comes over a port of its own. */
async function openConsole(path: string, baud: number): Promise<SerialLine> {
  return SerialLine.open(await systemBinding(), path, baud, {
    received: (bytes) => process.stdout.write(Buffer.from(bytes)),
    drained: () => {},
    lost: () => process.stderr.write(`${path}: lost\n`),
  });
}

export const boardMonitor: CommandModule<
  object,
  BoardArguments & {
    step: number;
    looks: number | undefined;
    uart: string | undefined;
    'uart-baud': number;
    program: string | undefined;
  }
> = {
  command: 'monitor',
  describe: 'mailbox text, counters and records of rules, spikes; comes back after unplugging',
  builder: (yargs) =>
    yargs
      .option('board', boardOption)
      .options(common)
      .option('step', { type: 'number', default: 0.01, describe: 'chip seconds between looks' })
      .option('looks', { type: 'number', describe: 'end after so many looks' })
      .option('program', {
        type: 'string',
        describe: 'what runs there (plastic compile -o): its records are shown',
      })
      .option('uart', { type: 'string', describe: "port of the processor's software UART" })
      .option('uart-baud', { type: 'number', default: usualBaud, describe: 'its bits per second' }),
  handler: async (argv) => {
    if (!(argv.step > 0 && argv.step <= 30))
      throw new UsageError('--step: write seconds, up to 30');
    const program = argv.program === undefined ? undefined : watched(argv.program);
    await using(openWire(argv.board, atBaud(argv.baud)), async (open, signal) => {
      if (program !== undefined) await checkWatched(open, argv.program ?? '', program);
      const console =
        argv.uart === undefined ? undefined : await openConsole(argv.uart, argv['uart-baud']);
      try {
        await monitorBoard(open, {
          step: argv.step,
          ...(program === undefined ? {} : { program }),
          ...(argv.looks === undefined ? {} : { looks: argv.looks }),
          signal,
          onEvent: (event) => (argv.json ? print(asJson(event)) : printEvent(event)),
        });
        if (signal.aborted) process.exitCode = exitCode.interrupted;
      } finally {
        await console?.close();
      }
    });
  },
};

/** Typed arrays as lists. */
function asJson(event: MonitorEvent): string {
  return JSON.stringify(event, (_key, value: unknown) =>
    ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value,
  );
}
