/** The baud rate of a serial board, as it is typed and as it turns out. */
import process from 'node:process';
import type { OpenOptions } from '../../board/index.js';
import { UsageError } from '../failure.js';

/**
 * How to open a board at a rate that was typed; a rate that does not work is told.
 * @throws UsageError
 */
export function atBaud(
  baud: number,
  isQuiet = false,
): { readonly baud: number; readonly onFallBack: NonNullable<OpenOptions['onFallBack']> } {
  if (!(Number.isInteger(baud) && baud > 0))
    throw new UsageError('--baud: write a whole number of bits per second, as 115200 or 3000000');
  return {
    baud,
    onFallBack: (from, to, reason) => {
      if (!isQuiet) process.stderr.write(`${from} baud does not work (${reason}); using ${to}\n`);
    },
  };
}
