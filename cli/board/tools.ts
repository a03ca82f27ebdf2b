/** `plastic board list`, `info`, `bench`, `selftest`, `capture` and `replay`. */
import process from 'node:process';
import type { CommandModule } from 'yargs';
import {
  BoardError,
  InProcessBoard,
  listenTcp,
  openBoard,
  openWire,
  readCapture,
  type Board,
} from '../../board/index.js';
import { firstDifference } from '../../board/capture/boards.js';
import { benchBoard } from '../../board/tools/bench.js';
import { describeBoard, type BoardReport } from '../../board/tools/info.js';
import { listPorts } from '../../board/tools/ports.js';
import { proxyServer } from '../../board/tools/proxy.js';
import { selfTest } from '../../board/tools/selftest.js';
import { chooseChip, engineNames, makeChip } from '../run/chip.js';
import { exitCode, InputError, RunError } from '../failure.js';
import { readBytes } from '../files.js';
import { atBaud } from '../run/baud.js';
import { boardOption, common, hex, names, print, using, type BoardArguments } from './common.js';
import { boardMonitor } from './monitor.js';

const boardList: CommandModule<object, { json: boolean }> = {
  command: 'list',
  describe: 'serial ports, and whether each can be used',
  builder: (yargs) => yargs.option('json', common.json),
  handler: async ({ json }) => {
    const ports = await listPorts();
    if (json) {
      print(JSON.stringify(ports));
      return;
    }
    if (ports.length === 0) print('no serial ports; an emulated board: plastic board serve');
    for (const { path, vendorId, productId, manufacturer, serialNumber, problem, said } of ports) {
      const usb = vendorId === undefined ? 'no USB' : `USB ${vendorId}:${productId ?? '?'}`;
      const who = [manufacturer, serialNumber].filter((part) => part !== undefined).join(' ');
      const state =
        problem === undefined ? 'can be opened' : `cannot be used: ${problem} (${said ?? ''})`;
      print(`${path.padEnd(16)} ${usb.padEnd(14)} ${who.padEnd(24)} ${state}`);
    }
  },
};

function printReport({
  board,
  idcode,
  revision,
  dna,
  isEmulated,
  sramBytes,
  processors,
}: BoardReport): void {
  print(`board       ${board.name} (${board.link})`);
  print(`chip        ${revision}, identification ${hex(idcode)}`);
  print(`device DNA  ${dna}${isEmulated ? ' (emulated)' : ''}`);
  print(`memory      2 x ${sramBytes} bytes of SRAM, ${board.playbackWords} playback words`);
  for (const [key, value] of Object.entries(board.says ?? {}))
    print(`says        ${key}: ${value}`);
  for (const { hemisphere, isReleased, isAsleep, program, state } of processors) {
    const doing = !isReleased ? 'in reset' : isAsleep ? 'asleep' : 'running';
    print(
      `${(names[hemisphere] ?? '').padEnd(11)} ${doing}${state === undefined ? '' : `, ${state}`}`,
    );
    if (program === undefined) print('            no program made by plastic');
    else
      print(
        `            rule ${program.rules.join(', ')}, compiler ${program.compilerVersion}, source ${program.sourceHash}, symbols ${program.symbolHash}`,
      );
  }
}

const boardInfo: CommandModule<object, BoardArguments> = {
  command: 'info',
  describe: 'what a board is and what it runs; changes nothing',
  builder: (yargs) => yargs.option('board', boardOption).options(common),
  handler: async ({ board, baud, json }) => {
    await using(openBoard(board, atBaud(baud)), async (open, signal) => {
      const report = await describeBoard(open, signal);
      if (json) print(JSON.stringify(report));
      else printReport(report);
    });
  },
};

const boardBench: CommandModule<object, BoardArguments & { words: number }> = {
  command: 'bench',
  describe: 'round trip, throughput and error rate of a link',
  builder: (yargs) =>
    yargs
      .option('board', boardOption)
      .options(common)
      .option('words', { type: 'number', default: 4000, describe: 'words of each run' }),
  handler: async ({ board, baud, json, words }) => {
    await using(openWire(board, atBaud(baud)), async (open, signal) => {
      const report = await benchBoard(open, { words, signal });
      if (json) {
        print(JSON.stringify(report));
        return;
      }
      const { roundTrip, program, down, up, limit, damaged, resent } = report;
      print(
        `round trip  median ${roundTrip.median.toFixed(2)} ms, longest ${roundTrip.longest.toFixed(2)} ms of ${roundTrip.count}`,
      );
      print(`program     ${program.toFixed(2)} ms for a halt alone`);
      print(
        `to board    ${Math.round(down)} words/s${limit === undefined ? '' : ` (the line carries ${Math.round(limit)})`}`,
      );
      print(`from board  ${Math.round(up)} reads/s`);
      print(
        `errors      ${(100 * damaged).toFixed(3)} % of frames damaged, ${(100 * resent).toFixed(3)} % sent again`,
      );
    });
  },
};

const boardSelfTest: CommandModule<object, BoardArguments> = {
  command: 'selftest',
  describe: 'low-level checks; resets the chip',
  builder: (yargs) => yargs.option('board', boardOption).options(common),
  handler: async ({ board, baud, json }) => {
    await using(openBoard(board, atBaud(baud)), async (open, signal) => {
      const results = await selfTest(
        open,
        (result) => {
          if (json) print(JSON.stringify(result));
          else
            print(
              `${result.passed === undefined ? 'aside ' : result.passed ? 'passed' : 'FAILED'} ${result.name}: ${result.detail}`,
            );
        },
        signal,
      );
      const count = (state: boolean | undefined): number =>
        results.filter(({ passed }) => passed === state).length;
      if (!json)
        print(`${count(true)} passed, ${count(false)} failed, ${count(undefined)} set aside`);
      if (count(false) > 0) process.exitCode = exitCode.runFailed;
    });
  },
};

const boardCapture: CommandModule<object, BoardArguments & { file: string; tcp: number }> = {
  command: 'capture <file>',
  describe: 'stand between a client and a board and write down what passes',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'capture to write' })
      .option('board', boardOption)
      .options(common)
      .option('tcp', { type: 'number', default: 5555, describe: 'port for the client' })
      .example(
        '$0 board capture s.capture --board /dev/ttyUSB0',
        'then: plastic run .. --board tcp://127.0.0.1:5555',
      ),
  handler: async ({ board, baud, file, tcp }) => {
    await using(openBoard(board, { ...atBaud(baud), capture: file }), async (open, signal) => {
      const server = proxyServer(open, {}, (error) =>
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`),
      );
      const listener = await listenTcp(server, '127.0.0.1', tcp);
      print(`listening on ${listener.url}`);
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
        process.once('SIGTERM', () => resolve());
      });
      server.close();
      await listener.close();
      process.exitCode = exitCode.interrupted;
    });
  },
};

const boardReplay: CommandModule<
  object,
  { file: string; chip: string | undefined; board: string | undefined; baud: number }
> = {
  command: 'replay <file>',
  describe: 'send the programs of a capture again and compare the answers',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'capture' })
      .option('chip', {
        type: 'string',
        describe: 'emulated chip: ideal or SEED (default: that of the capture)',
      })
      .option('board', { type: 'string', describe: 'another board instead' })
      .option('baud', common.baud)
      .example('$0 board replay s.capture', 'the same programs on an emulated chip')
      .example(
        '$0 board replay s.capture --board tcp://127.0.0.1:5555',
        'on a board with gdb at its side',
      ),
  handler: async ({ file, chip, board, baud }) => {
    const capture = captureOf(file);
    const { emulator } = capture.info;
    const seed = emulator?.['seed'];
    const choice = chip ?? (typeof seed === 'number' ? String(seed) : 'ideal');
    const open =
      board === undefined
        ? Promise.resolve<Board>(
            InProcessBoard.of(makeChip(chooseChip(choice), { engine: engineOf(emulator) })),
          )
        : openBoard(board, atBaud(baud));
    await using(open, async (target, signal) => {
      for (const [index, { program, answer }] of capture.runs.entries()) {
        const difference = firstDifference(answer, await target.run(program, { signal }));
        if (difference < 0) continue;
        throw new RunError(
          `program ${index + 1} of ${capture.runs.length}: the answers differ from word ${difference >> 1} on\n` +
            `  ${file} was taken from ${capture.info.name}`,
        );
      }
      print(
        `${capture.runs.length} programs, all answered as then${capture.isCut ? ' (the file was cut short)' : ''}`,
      );
    });
  },
};

/** The analog engine that a capture was taken with, or the usual one. */
function engineOf(
  emulator: Readonly<Record<string, unknown>> | undefined,
): (typeof engineNames)[number] {
  const engines = emulator?.['engines'];
  const named: unknown =
    typeof engines === 'object' && engines !== null && 'analog' in engines ? engines.analog : '';
  return engineNames.find((name) => name === named) ?? engineNames[0];
}

function captureOf(file: string): ReturnType<typeof readCapture> {
  try {
    return readCapture(readBytes(file));
  } catch (error) {
    if (error instanceof BoardError) throw new InputError(`${file}: ${error.message}`);
    throw error;
  }
}

export const boardTools: readonly unknown[] = [
  boardList,
  boardInfo,
  boardMonitor,
  boardBench,
  boardSelfTest,
  boardCapture,
  boardReplay,
];
