/** Runs jobs on worker threads; which thread takes which job decides nothing but the time it takes. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { runJob } from './job.js';
import type { JobRequest, JobResult } from './job.js';

/**
 * Runs all requests and hands every result on as soon as it is there.
 * @param workers threads; 1 runs everything in this one
 * @param signal aborting ends the threads; what is done stays done
 */
export async function runJobs(
  requests: readonly JobRequest[],
  workers: number,
  signal: AbortSignal,
  onResult: (result: JobResult) => void,
): Promise<void> {
  const waiting = [...requests];
  if (workers <= 1) {
    for (const request of waiting) {
      const result = signal.aborted ? undefined : await runJob(request, signal);
      // A run that was cut off is none: the next call of the sweep makes it anew.
      if (!result || signal.aborted) return;
      onResult(result);
    }
    return;
  }
  await Promise.all(
    Array.from({ length: Math.min(workers, waiting.length) }, () =>
      workThrough(waiting, signal, onResult),
    ),
  );
}

/** A thread that runs the compiled worker, or its source when that is what runs here. */
function openWorker(): Worker {
  const compiled = new URL('./worker.js', import.meta.url);
  if (existsSync(fileURLToPath(compiled))) return new Worker(compiled);
  const source = new URL('./worker.ts', import.meta.url).href;
  const loader = import.meta.resolve('tsx/esm/api');
  const start = `import('${loader}').then(({ register }) => { register(); return import('${source}'); });`;
  return new Worker(start, { eval: true });
}

/** One thread, until nothing waits. */
function workThrough(
  waiting: JobRequest[],
  signal: AbortSignal,
  onResult: (result: JobResult) => void,
): Promise<void> {
  const worker = openWorker();
  return new Promise((resolve, reject) => {
    let present: JobRequest | undefined;
    const end = (): void => {
      void worker.terminate();
      resolve();
    };
    const next = (): void => {
      present = waiting.shift();
      if (present === undefined || signal.aborted) end();
      else worker.postMessage(present);
    };
    signal.addEventListener('abort', end, { once: true });
    worker.on('message', (result: JobResult) => {
      onResult(result);
      next();
    });
    worker.on('error', (error) => {
      void worker.terminate();
      reject(
        new Error(`a worker ended in job ${present?.job.index ?? '?'}: ${error.message}`, {
          cause: error,
        }),
      );
    });
    next();
  });
}
