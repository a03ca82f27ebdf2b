/** Runs `brian.py`, the benchmark's network in Brian 2, where Brian 2 is installed. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface BrianResult {
  /** Processor seconds per biological second. */
  readonly cost: number;
  /** Spikes per neuron and biological second. */
  readonly rate: number;
}

const script = fileURLToPath(new URL('brian.py', import.meta.url));

/** A Python that imports Brian 2: Debian's own first. */
export function findBrian(): string | undefined {
  return ['/usr/bin/python3', 'python3'].find(
    (python) => spawnSync(python, ['-c', 'import brian2']).status === 0,
  );
}

/**
 * 512 leaky neurons and 256 Poisson inputs.
 * @param rate of an input in Hz of biological time
 * @param weight mean, of 63
 * @throws Error with what Python wrote
 */
export function runBrian(
  python: string,
  target: 'numpy' | 'cpp_standalone',
  rate: number,
  weight: number,
  traces: boolean,
): BrianResult {
  const seconds = target === 'numpy' ? 2 : 20;
  const values = [target, rate, weight, seconds, ...(traces ? ['traces'] : [])].map(String);
  const run = spawnSync(python, [script, ...values], { encoding: 'utf8' });
  const answer = run.stdout.split('\n').find((line) => line.startsWith('{'));
  if (run.status !== 0 || answer === undefined)
    throw new Error(`${python} ${script} ${values.join(' ')} failed:\n${run.stderr}`);
  return JSON.parse(answer) as BrianResult;
}
