/** Exit codes and the one place where an error becomes words on standard error. */
import process from 'node:process';

/** What a command's exit code means. */
export const exitCode = {
  done: 0,
  badInput: 1,
  badUsage: 2,
  runFailed: 3,
  interrupted: 130,
} as const;

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A file or value that the user gave is wrong: exit code 1. The message says what, where and the repair. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** The board, the emulated chip or the program on it failed: exit code 3. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

/** Prints `error` for a person and returns the exit code that belongs to it. */
export function reportFailure(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`plastic: ${error.message}\n`);
    return exitCode.badUsage;
  }
  if (error instanceof RunError) {
    process.stderr.write(`plastic: ${error.message}\n`);
    return exitCode.runFailed;
  }
  if (error instanceof Error) {
    process.stderr.write(`plastic: ${error.message}\n`);
    if (process.env['PLASTIC_DEBUG']) process.stderr.write(`${error.stack ?? ''}\n`);
    return exitCode.badInput;
  }
  process.stderr.write(`plastic: ${String(error)}\n`);
  return exitCode.badInput;
}
