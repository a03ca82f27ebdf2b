/** `plastic board serve`: the emulated chip, or another board, at the end of a wire. */
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { CommandModule } from 'yargs';
import {
  BoardServer,
  defaultLimits,
  EmulatedMachine,
  listenPty,
  listenTcp,
  listenUdp,
  type Listener,
  type ServerEvent,
} from '../../board/index.js';
import { ChipTarget } from '../../emulator/debug/chip-target.js';
import type { Chip } from '../../emulator/index.js';
import { serve as serveDebugger } from '../debug/serve.js';
import { chooseChip, engineNames, makeChip, type EngineName } from '../run/chip.js';
import { readConstants } from '../constants-file.js';
import { exitCode, RunError, UsageError } from '../failure.js';
import { readText } from '../files.js';

interface Arguments {
  chip: string;
  engine: EngineName;
  law: 'residual' | 'uncalibrated' | undefined;
  constants: string | undefined;
  tcp: number | undefined;
  udp: number | undefined;
  'reset-port': number;
  pty: string | undefined;
  host: string;
  bind: string | undefined;
  gdb: number | undefined;
  yaml: string | undefined;
  'idle-timeout': number;
  'max-words': number;
  'max-output': number;
  'max-chip-seconds': number;
  'max-wall-seconds': number;
  json: boolean;
  quiet: boolean;
}

const defaultTcp = 5555;
const defaultUdp = 1234;
const isLoopback = (host: string): boolean => /^127\.|^::1$|^localhost$/.test(host);

/** Where to listen: a loopback address, or what `--bind` says in spite of everything. */
function addressOf({ host, bind }: Arguments): string {
  if (bind !== undefined) return bind;
  if (isLoopback(host)) return host;
  throw new UsageError(
    `--host ${host}: only loopback addresses (127.0.0.1, 127.0.0.2, ..); --bind ${host} opens the board to the network`,
  );
}

function positive(name: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${name}: write a number above 0`);
}

function portOf(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 65535) return value;
  throw new UsageError(`--${name}: write a port number from 0 (any free one) to 65535`);
}

/** Prints what happens, for people or as lines of JSON. */
function reporter({ json, quiet }: Arguments): (event: ServerEvent) => void {
  if (json) return (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
  if (quiet) return () => {};
  return (event) => process.stderr.write(`${sentence(event)}\n`);
}

function sentence(event: ServerEvent): string {
  switch (event.kind) {
    case 'client':
      return `${event.peer} has come`;
    case 'session':
      return `${event.peer} begins a session`;
    case 'gone':
      return `${event.peer} has gone: ${event.why}`;
    case 'refused':
      return `${event.peer} was turned away: ${event.why}`;
    case 'program': {
      const ran = `ran ${event.words} words, ${(1000 * event.chipSeconds).toFixed(3)} ms of chip time`;
      return event.limit === undefined ? ran : `${ran}; given up: more ${event.limit} than allowed`;
    }
  }
}

/** A gdb stub beside the wire; until somebody attaches it costs nothing. */
async function offerDebugger(
  chip: Chip,
  board: BoardServer,
  host: string,
  port: number,
): Promise<Listener> {
  let target: ChipTarget | undefined = undefined;
  let isTaken = false;
  const server = createServer((socket) => {
    if (isTaken) {
      socket.destroy();
      return;
    }
    isTaken = true;
    const seen = (target ??= new ChipTarget(chip));
    void serveDebugger(socket, {
      target: seen,
      cycle: () => chip.cycle,
      attached: () => {
        board.runner.isHeld = true;
        seen.interrupt();
      },
      left: () => {
        board.runner.isHeld = false;
        seen.go();
      },
      alone: 'the board goes on by itself',
      close: () => {},
    }).then(() => {
      isTaken = false;
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  return {
    url: `${host}:${typeof address === 'object' && address !== null ? address.port : port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Opens every port that the command line asks for. */
async function listen(argv: Arguments, board: BoardServer): Promise<Listener[]> {
  const host = addressOf(argv);
  const opened: Listener[] = [];
  const { tcp, udp, pty } = argv;
  const isPlain = tcp === undefined && udp === undefined && pty === undefined;
  try {
    if (tcp !== undefined || isPlain)
      opened.push(await listenTcp(board, host, portOf('tcp', tcp ?? defaultTcp)));
    if (udp !== undefined) {
      const port = portOf('udp', udp);
      const listener = await listenUdp(board, host, port, portOf('reset-port', argv['reset-port']));
      opened.push(listener);
      process.stderr.write(`${listener.url} has its reset port ${listener.resetPort}\n`);
    }
    if (pty !== undefined)
      opened.push(
        await listenPty(board, pty === '' ? join(tmpdir(), `plastic-${process.pid}`) : pty),
      );
    return opened;
  } catch (error) {
    for (const listener of opened) await listener.close();
    throw new RunError(
      `cannot serve: ${error instanceof Error ? error.message : String(error)}\n  Another port may be free: --tcp 0, or another address: --host 127.0.0.2.`,
    );
  }
}

/** The chip to serve; `--law` is for a die that is named by its seed alone. */
function chipOf({ chip: text, engine, law, constants }: Arguments): Chip {
  const choice = chooseChip(text);
  if (choice.file || choice.isIdeal) {
    const option = law !== undefined ? 'law' : constants !== undefined ? 'constants' : undefined;
    if (option !== undefined && (choice.file || option === 'law'))
      throw new UsageError(
        `--${option}: ${choice.file ? `${text} says itself which die it was made on` : 'the ideal chip has no fixed pattern'}; it goes with --chip SEED`,
      );
  }
  return makeChip(choice, {
    engine,
    ...(law ? { law } : {}),
    ...(constants === undefined ? {} : { constants: readConstants(constants) }),
  });
}

async function run(argv: Arguments): Promise<void> {
  const chip = chipOf(argv);
  const board = new BoardServer(new EmulatedMachine(chip, () => performance.now()), {
    limits: {
      playbackWords: positive('max-words', argv['max-words']),
      outputBytes: positive('max-output', argv['max-output']),
      chipSeconds: positive('max-chip-seconds', argv['max-chip-seconds']),
      wallSeconds: positive('max-wall-seconds', argv['max-wall-seconds']),
    },
    idleSeconds: positive('idle-timeout', argv['idle-timeout']),
    ...(argv.yaml === undefined ? {} : { yaml: readText(argv.yaml) }),
    onEvent: reporter(argv),
  });
  const listeners = await listen(argv, board);
  const host = addressOf(argv);
  if (!isLoopback(host))
    process.stderr.write(
      `WARNING: this board listens on ${host}. Whoever reaches this address can use it; there is no password and no encryption.\n`,
    );
  if (argv.gdb !== undefined)
    listeners.push(await offerDebugger(chip, board, host, portOf('gdb', argv.gdb)));
  for (const { url } of listeners) process.stdout.write(`listening on ${url}\n`);
  if (!argv.quiet && !argv.json) process.stderr.write('Ctrl-C ends.\n');
  await new Promise<void>((resolve) => {
    const end = (): void => {
      process.off('SIGINT', end).off('SIGTERM', end);
      resolve();
    };
    process.on('SIGINT', end).on('SIGTERM', end);
  });
  board.close();
  for (const listener of listeners) await listener.close();
  process.exitCode = exitCode.interrupted;
}

export const boardServe: CommandModule<object, Arguments> = {
  command: 'serve',
  describe: 'put an emulated chip at the end of a wire',
  builder: (yargs) =>
    yargs
      .option('chip', { type: 'string', default: 'ideal', describe: 'ideal, a SEED, or a FILE' })
      .option('engine', {
        choices: engineNames,
        default: engineNames[0],
        describe: 'analog engine, as for run',
      })
      .option('law', {
        choices: ['residual', 'uncalibrated'] as const,
        describe:
          'fixed pattern of --chip SEED: what calibration leaves (default), or the raw die, which plastic calibrate measures',
      })
      .option('constants', {
        type: 'string',
        describe: 'JSON file with constants of the virtual chip that differ from the table',
      })
      .option('tcp', {
        type: 'number',
        describe: `TCP port, serial frames (default ${defaultTcp})`,
      })
      .option('udp', { type: 'number', describe: `UDP port, HostARQ (usually ${defaultUdp})` })
      .option('reset-port', { type: 'number', default: 45054, describe: 'UDP port for resets' })
      .option('pty', {
        type: 'string',
        describe: 'name of a pseudo-terminal to make (needs socat)',
      })
      .option('host', { type: 'string', default: '127.0.0.1', describe: 'loopback address' })
      .option('bind', { type: 'string', describe: 'any address: opens the board to a network' })
      .option('gdb', { type: 'number', describe: 'TCP port of a gdb stub' })
      .option('yaml', {
        type: 'string',
        describe: 'file that overrides what the board says of itself',
      })
      .option('idle-timeout', {
        type: 'number',
        default: 60,
        describe: 'seconds without a sign of a client after which it has gone',
      })
      .option('max-words', {
        type: 'number',
        default: defaultLimits.playbackWords,
        describe: 'words of program memory',
      })
      .option('max-output', {
        type: 'number',
        default: defaultLimits.outputBytes,
        describe: 'bytes of answers of one program',
      })
      .option('max-chip-seconds', {
        type: 'number',
        default: defaultLimits.chipSeconds,
        describe: 'chip time of one program',
      })
      .option('max-wall-seconds', {
        type: 'number',
        default: defaultLimits.wallSeconds,
        describe: 'real time of one program',
      })
      .option('json', { type: 'boolean', default: false, describe: 'print events as JSON lines' })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'say less' })
      .example(
        '$0 board serve --chip 7 --tcp 5555',
        'then: plastic run .. --board tcp://127.0.0.1:5555',
      )
      .example(
        '$0 board serve --chip 7 --law uncalibrated',
        'then: plastic calibrate --board tcp://127.0.0.1:5555 -o chip7.json',
      )
      .example('$0 board serve --udp 1234 --host 127.0.0.2', 'HostARQ on an address of its own')
      .example('$0 board serve --pty /tmp/board', 'then: plastic run .. --board /tmp/board'),
  handler: run,
};
