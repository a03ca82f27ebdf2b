/** The files of `--trace` and `--profile`, written while a program runs. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { extname } from 'node:path';
import type { PpuCore } from '../../emulator/ppu/core.js';
import { JsonTrace, TextTrace } from '../../emulator/trace/instructions.js';
import { KonataTrace } from '../../emulator/trace/konata.js';
import { Profile } from '../../emulator/trace/profile.js';
import { TraceRecorder } from '../../emulator/trace/recorder.js';
import { WaveTrace } from '../../emulator/trace/waves.js';
import type { TraceEvent, TraceWriter } from '../../emulator/trace/event.js';
import type { Program } from '../../isa/program.js';
import { InputError, UsageError } from '../failure.js';
import { readText, writeFileAtomic } from '../files.js';
import type { Observer } from './bare-processor.js';

/** Trace formats by the ending of the file's name; `start` is the cycle at which the processor was started. */
const writers: Readonly<
  Record<string, (program: Program | undefined, start: number) => TraceWriter>
> = {
  '.txt': (program) => new TextTrace(program),
  '.jsonl': (program) => new JsonTrace(program),
  '.vcd': () => new WaveTrace(),
  '.konata': (program, start) => new KonataTrace(program, start),
};

export interface RecordingOutputs {
  readonly traces: readonly string[];
  readonly profiles: readonly string[];
}

interface OpenTrace {
  readonly path: string;
  readonly file: number;
}

function open(path: string): OpenTrace {
  if (writers[extname(path)] === undefined) {
    throw new UsageError(`--trace ${path}: end the name in ${Object.keys(writers).join(', ')}`);
  }
  try {
    return { path, file: openSync(path, 'w') };
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${error instanceof Error ? error.message : ''}`);
  }
}

function write({ path, file }: OpenTrace, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The files, from events in order of time. */
export class TraceFiles {
  private readonly files: readonly OpenTrace[];
  private traces: readonly { readonly open: OpenTrace; readonly writer: TraceWriter }[] = [];
  private profile = new Profile(undefined);

  /** Opens the files. Throws UsageError, InputError. */
  constructor(private readonly outputs: RecordingOutputs) {
    this.files = outputs.traces.map(open);
  }

  /** The processor runs a program, whose symbols and lines the files show, from cycle `start` on. */
  begin(program: Program | undefined, start: number): void {
    this.profile = new Profile(program, start);
    this.traces = this.files.map((file) => ({
      open: file,
      writer: writers[extname(file.path)]!(program, start),
    }));
    for (const { open: file, writer } of this.traces) write(file, writer.begin());
  }

  take(events: readonly TraceEvent[]): void {
    for (const { open: file, writer } of this.traces) {
      let text = '';
      for (const event of events) text += writer.take(event);
      if (text !== '') write(file, text);
    }
    if (this.outputs.profiles.length > 0) for (const event of events) this.profile.take(event);
  }

  /** Completes the files; the program ended at `cycle`. */
  end(cycle: number): void {
    for (const { open: file, writer } of this.traces) write(file, writer.end(cycle));
    for (const { file } of this.files) closeSync(file);
    this.profile.end(cycle);
    for (const path of this.outputs.profiles) {
      const isFolded = ['.folded', '.collapsed'].includes(extname(path));
      writeFileAtomic(path, isFolded ? this.profile.collapsed() : this.profile.table(sourceLine()));
    }
  }
}

/** Watches a bare processor for the files. */
export class Recording implements Observer {
  readonly slice = 8192;
  private readonly recorder: TraceRecorder;
  private readonly files: TraceFiles;

  private constructor(
    private readonly core: PpuCore,
    program: Program | undefined,
    outputs: RecordingOutputs,
  ) {
    this.recorder = new TraceRecorder(core);
    this.files = new TraceFiles(outputs);
    this.files.begin(program, 0);
    core.watch(this.recorder);
  }

  /** Watches the core if there is anything to write. Throws UsageError, InputError. */
  static of(
    core: PpuCore,
    program: Program | undefined,
    outputs: RecordingOutputs,
  ): Recording | undefined {
    const isWanted = outputs.traces.length + outputs.profiles.length > 0;
    return isWanted ? new Recording(core, program, outputs) : undefined;
  }

  afterSlice(): void {
    this.files.take(this.recorder.drain());
  }

  /** Completes the files; the program ended at `cycle`. */
  end(cycle: number): void {
    this.files.take(this.recorder.drain(true));
    this.core.watch(null);
    this.files.end(cycle);
  }
}

/** Lines of source files that are at hand. */
function sourceLine(): (file: string, line: number) => string | undefined {
  const files = new Map<string, readonly string[]>();
  return (file, line) => {
    let lines = files.get(file);
    if (lines === undefined) {
      try {
        lines = readText(file).split('\n');
      } catch {
        // The table names file and line; the source need not be here.
        lines = [];
      }
      files.set(file, lines);
    }
    return lines[line - 1];
  };
}
