/** `plastic board serve` as a process of its own, for tests. */

import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Addresses that it listens on, and how to end it. */
export interface Serving {
  readonly urls: readonly string[];
  /** What it said on standard error. */
  said(): string;
  /** Waits until it has said something of this form. */
  says(text: RegExp): Promise<void>;
  stop(): Promise<number | null>;
}

/** Starts it and waits until it has named `count` addresses. */
export function startServing(args: readonly string[], count: number): Promise<Serving> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', main, 'board', 'serve', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  let err = '';
  return new Promise((resolve, reject) => {
    const ended = new Promise<number | null>((end) => child.once('exit', end));
    let heard = (): void => {};
    child.stderr?.on('data', (text: Buffer) => {
      err += text.toString();
      heard();
    });
    child.stdout?.on('data', (text: Buffer) => {
      out += text.toString();
      const urls = [...out.matchAll(/^listening on (\S+)$/gm)].map(([, url = '']) => url);
      if (urls.length < count) return;
      resolve({
        urls,
        said: () => err,
        says: async (text) => {
          while (!text.test(err))
            await new Promise<void>((again) => {
              heard = again;
            });
        },
        stop: () => {
          child.kill('SIGINT');
          return ended;
        },
      });
    });
    child.once('exit', (code) =>
      reject(new Error(`plastic board serve ended with ${code}: ${err}`)),
    );
  });
}

/** Runs `plastic` to its end, or until it is interrupted. */
export function plastic(
  args: readonly string[],
  interrupt?: AbortSignal,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  interrupt?.addEventListener('abort', () => child.kill('SIGINT'));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}
