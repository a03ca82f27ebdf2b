/** What `plastic debug` puts a debugger in front of. */
import { BareTarget } from '../../emulator/debug/bare-target.js';
import { ChipTarget } from '../../emulator/debug/chip-target.js';
import type { DebugTarget } from '../../emulator/debug/target.js';
import { ElfError, readElf } from '../../isa/elf/index.js';
import type { Program } from '../../isa/program.js';
import { bareProcessor, ImageError } from '../exec/bare-processor.js';
import { InputError } from '../failure.js';
import { readBytes } from '../files.js';
import { prepareExperiment, type ExperimentChoice } from './experiment.js';

export interface Debuggee {
  readonly target: DebugTarget;
  cycle(): number;
  /** A debugger has come: nothing moves before it says so. */
  attached(): void;
  left(killed: boolean): void;
  /** What happens while no debugger is there. */
  readonly alone: string;
  close(): void;
}

function readProgram(file: string): Program {
  try {
    return readElf(readBytes(file));
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    throw new InputError(`${file}: no program that can be read: ${error.message}`);
  }
}

/** A program alone on a processor; it stands still while no debugger is there. */
export function debugProgram(file: string, busLatency: number, strict: boolean): Debuggee {
  const program = readProgram(file);
  const build = (): ReturnType<typeof bareProcessor> =>
    bareProcessor({ kind: 'program', program }, busLatency, { strict });
  try {
    const target = new BareTarget(build(), build());
    return {
      target,
      cycle: () => target.cycle,
      attached: () => {},
      left: (killed) => {
        if (killed) target.reset();
      },
      alone: 'the program waits for the next debugger',
      close: () => {},
    };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new InputError(`${file}: ${error.message}`);
  }
}

/** An experiment on an emulated chip; it begins with the first debugger and goes on alone when that leaves. */
export async function debugExperiment(path: string, args: ExperimentChoice): Promise<Debuggee> {
  const abort = new AbortController();
  const { chip, run } = await prepareExperiment(path, args, abort.signal);
  const target = new ChipTarget(chip);
  let hasBegun = false;
  return {
    target,
    cycle: () => chip.cycle,
    attached: () => {
      target.interrupt();
      if (hasBegun) return;
      hasBegun = true;
      void run().then(
        () => target.end('the experiment has ended'),
        (error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          target.end(`the experiment has failed: ${reason}`);
        },
      );
    },
    left: (killed) => {
      if (killed) abort.abort();
      target.go();
    },
    alone: 'the experiment goes on by itself',
    close: () => {
      abort.abort();
      target.go();
    },
  };
}
