/** Brian 2 in a process of its own (`brian.py`), which waits for its turns. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { leakyParameters, type Cost } from './load.js';

/** Steps of 0.1 us that a load lasts: the chip and Brian's C++, Brian's numpy (an eighth of the spikes is enough for its speed). */
export const STEPS = 40_000;
const NUMPY_STEPS = 5_000;

export type Traces = 'none' | 'synapse' | 'group';
/** The chip's input spikes, or as many drawn by Brian itself. */
export type Sources = 'given' | 'poisson';

export interface Run extends Cost {
  readonly spikes: number;
}

/** One run of all loads by Brian. */
export interface Answer {
  readonly loads: readonly Run[];
  /** Means over all synapses after all loads, with traces. */
  readonly causal?: number;
  readonly acausal?: number;
}

export interface Spikes {
  readonly neurons: ArrayLike<number>;
  /** us since the beginning. */
  readonly times: ArrayLike<number>;
}

const said = {
  given: '',
  poisson: ', PoissonGroup',
  none: '',
  synapse: ', traces per synapse',
  group: ', traces per cell',
  numpy: 'numpy',
  cpp_standalone: 'C++',
} as const;

/** A Python that imports Brian 2: Debian's own first. */
export function findBrian(): string | undefined {
  return ['/usr/bin/python3', 'python3'].find(
    (python) => spawnSync(python, ['-c', 'import brian2']).status === 0,
  );
}

/** Networks of all loads in one Brian 2, which waits for its turns. */
export class Brian {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  constructor(
    python: string,
    private readonly folder: string,
    loads: readonly object[],
    readonly target: 'numpy' | 'cpp_standalone',
    readonly sources: Sources,
    readonly traces: Traces,
  ) {
    const file = join(folder, `${target}-${sources}-${traces}.json`);
    const settings = { target, sources, traces, loads, folder, length: this.steps };
    writeFileSync(file, JSON.stringify({ ...settings, parameters: leakyParameters }));
    const child = spawn(python, [fileURLToPath(new URL('brian.py', import.meta.url)), file]);
    child.stderr.on('data', (text: Buffer) => (this.errors += text.toString()));
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.child = child;
  }

  /** @throws Error with what Python wrote */
  private async answer<T>(): Promise<T> {
    for (;;) {
      const line = await this.lines.next();
      if (line.done === true) throw new Error(`Brian 2 (${this.target}) ended:\n${this.errors}`);
      // The compiler and Brian write other lines.
      if (line.value.startsWith('{')) return JSON.parse(line.value) as T;
    }
  }

  /** Waits until it can run; seconds that the C++ compiler took. */
  async built(): Promise<number> {
    return (await this.answer<{ readonly compile: number }>()).compile;
  }

  get name(): string {
    return `Brian 2 ${said[this.target]}${said[this.sources]}${said[this.traces]}`;
  }

  get compiled(): boolean {
    return this.target === 'cpp_standalone';
  }

  /** Whether it should spike as the chip does. */
  get compares(): boolean {
    return this.compiled && this.sources === 'given';
  }

  /** Steps of a load. */
  get steps(): number {
    return this.compiled ? STEPS : NUMPY_STEPS;
  }

  run(keepSpikes = false): Promise<Answer> {
    this.child.stdin?.write(`run${keepSpikes ? ` ${join(this.folder, 'spikes')}` : ''}\n`);
    return this.answer();
  }

  /** Spikes of a load in the last run that kept them. */
  spikes(load: number): Spikes {
    const bytes = readFileSync(join(this.folder, 'spikes'));
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const count = words.length / 2;
    const neurons: number[] = [];
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const step = (words[count + i] ?? 0) - load * this.steps;
      if (step < 0 || step >= this.steps) continue;
      neurons.push(words[i] ?? 0);
      times.push(step * 0.1);
    }
    return { neurons, times };
  }

  close(): void {
    this.child.stdin?.end('quit\n');
  }
}
