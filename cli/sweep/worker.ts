/** A worker thread of a sweep: runs one job after another. */
import { parentPort } from 'node:worker_threads';
import { runJob } from './job.js';
import type { JobRequest } from './job.js';

parentPort?.on('message', (request: JobRequest) => {
  void runJob(request).then((result) => parentPort?.postMessage(result));
});
