/** `plastic debug`: a gdb remote stub in front of a program on a bare processor, or of the chip of an experiment. */
import { statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import process from 'node:process';
import type { CommandModule } from 'yargs';
import { debugExperiment, debugProgram } from '../debug/debuggee.js';
import { serve } from '../debug/serve.js';
import { exitCode, RunError, UsageError } from '../failure.js';
import { readSeeds } from './run.js';

interface Arguments {
  file: string;
  port: string;
  host: string;
  'bus-latency': string;
  strict: boolean;
  chip: string;
  seed: string[];
  quick: boolean;
  set: string[];
  once: boolean;
  quiet: boolean;
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65535) return port;
  throw new UsageError(`--port ${text}: write a number from 0 (any free port) to 65535`);
}

function latencyOf(text: string): number {
  const latency = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (latency >= 1 && latency <= 100_000) return latency;
  throw new UsageError(`--bus-latency ${text}: write a whole number from 1 to 100000`);
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new RunError(`cannot listen on ${host}:${port}: ${error.message}; try --port 0`));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Takes debuggers one after another; resolves when interrupted, or after the first with `once`. */
async function run(argv: Arguments): Promise<void> {
  const port = portOf(argv.port);
  const isExperiment =
    /\.[cm]?[tj]s$/.test(argv.file) ||
    statSync(argv.file, { throwIfNoEntry: false })?.isDirectory();
  const debuggee =
    isExperiment === true
      ? await debugExperiment(argv.file, {
          chip: argv.chip,
          seeds: readSeeds(argv.seed),
          quick: argv.quick,
          set: argv.set,
        })
      : debugProgram(argv.file, latencyOf(argv['bus-latency']), argv.strict);
  const say = (text: string): void => {
    if (!argv.quiet) process.stderr.write(text);
  };
  const server = createServer();
  const bound = await listen(server, port, argv.host);
  const place = argv.host.includes(':') ? `[${argv.host}]:${bound}` : `${argv.host}:${bound}`;
  process.stdout.write(`listening on ${place}\n`);
  say(
    `  gdb-multiarch -ex 'set architecture powerpc:common' -ex 'set endian big' -ex 'target remote ${place}' ${isExperiment === true ? 'RULE.elf' : argv.file}\n` +
      '  Ctrl-C ends.\n',
  );
  await new Promise<void>((resolve) => {
    let current: Socket | undefined;
    const end = (): void => {
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      current?.destroy();
      debuggee.close();
      server.close(() => resolve());
    };
    const interrupted = (): void => {
      process.exitCode = exitCode.interrupted;
      end();
    };
    process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
    server.on('connection', (socket) => {
      if (current !== undefined) {
        socket.destroy();
        say('a second debugger was turned away: one at a time\n');
        return;
      }
      current = socket;
      say(`attached at cycle ${debuggee.cycle()}\n`);
      void serve(socket, debuggee).then(() => {
        current = undefined;
        say(`gone at cycle ${debuggee.cycle()}; ${debuggee.alone}\n`);
        if (argv.once) end();
      });
    });
  });
}

export const debug: CommandModule<object, Arguments> = {
  command: 'debug <file>',
  describe: 'Let gdb attach to a program on a bare processor, or to the chip of an experiment',
  builder: (yargs) =>
    yargs
      .positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'ELF program, or an experiment',
      })
      .option('port', { type: 'string', default: '3333', describe: 'TCP port; 0: any free one' })
      .option('host', { type: 'string', default: '127.0.0.1', describe: 'Address to listen on' })
      .option('bus-latency', {
        type: 'string',
        default: '4',
        describe: 'Cycles to an answer of the parallel bus',
      })
      .option('strict', {
        type: 'boolean',
        default: false,
        describe: 'Stop on anything undecoded or undefined',
      })
      .option('chip', { type: 'string', default: 'ideal', describe: 'Experiment: ideal or SEED' })
      .option('seed', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'Experiment: N for all streams, or NAME=N',
      })
      .option('quick', { type: 'boolean', default: false, describe: 'Experiment: short version' })
      .option('set', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'Experiment: NAME=VALUE of a setting',
      })
      .option('once', { type: 'boolean', default: false, describe: 'End with the first debugger' })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'Say less' })
      .example('$0 debug program.elf', 'wait for gdb on port 3333 of this machine')
      .example('$0 debug examples/stdp --quick', 'both processors of the chip as threads'),
  handler: run,
};
