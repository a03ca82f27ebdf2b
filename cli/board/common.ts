/** What the commands about boards share: options, printing, and how a board that fails ends a command. */
import process from 'node:process';
import { BoardError, type Board } from '../../board/index.js';
import { AccessError } from '../../board/access.js';
import { usualBaud } from '../../board/wire/serial.js';
import { exitCode, RunError } from '../failure.js';

export interface BoardArguments {
  board: string;
  baud: number;
  json: boolean;
}

export const common = {
  baud: {
    type: 'number',
    default: usualBaud,
    describe: `serial port: bits per second; ${usualBaud} is tried if an echo test fails`,
  },
  json: { type: 'boolean', default: false, describe: 'print JSON' },
} as const;
export const boardOption = {
  type: 'string',
  demandOption: true,
  describe: 'serial port, tcp://HOST:PORT, udp://HOST',
} as const;
export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
export const names = ['top', 'bottom'];

/** Runs what uses a board; its failures become those of the command. */
export async function using<B extends Board, T>(
  open: Promise<B>,
  use: (board: B, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  try {
    const board = await open;
    try {
      return await use(board, abort.signal);
    } finally {
      await board.close();
    }
  } catch (error) {
    if (abort.signal.aborted) {
      process.exitCode = exitCode.interrupted;
      return undefined;
    }
    if (error instanceof AccessError)
      throw new RunError(`the board answers, but a register access failed: ${error.message}`);
    if (error instanceof BoardError) throw new RunError(error.message);
    throw error;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
