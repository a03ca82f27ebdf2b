import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BareBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';

interface Program {
  readonly name: string;
  readonly code: string;
  readonly data: string;
}

const { programs } = JSON.parse(readFileSync('test/golden/nux-programs.json', 'utf8')) as {
  readonly programs: readonly Program[];
};

/** One processor with a parallel bus of its own, at the start of a program. */
class Machine {
  readonly bus = new BareBus(3);
  readonly core: PpuCore;

  constructor(program: Program, dataLatency: number) {
    const instructionMemory = new PpuMemory(16384);
    const dataMemory = new PpuMemory(16384);
    instructionMemory.load(Buffer.from(program.code, 'hex'));
    dataMemory.load(Buffer.from(program.data, 'hex'));
    this.core = new PpuCore({
      instructionMemory,
      dataMemory,
      bus: this.bus,
      options: { dataLatency },
    });
  }

  save(): { core: ReturnType<PpuCore['snapshot']>; bus: unknown } {
    return structuredClone({ core: this.core.snapshot(), bus: this.bus.save() });
  }

  load(saved: ReturnType<Machine['save']>): void {
    this.core.restore(saved.core);
    this.bus.load(saved.bus);
  }
}

/** Cycles that are run. */
const LENGTH = 3000;

// A slow memory fills the data queue.
const cases = programs.flatMap(({ name }) => [3, 60].map((latency) => [name, latency] as const));

test.each(cases)(
  'run A + B = run A, save, load, run B in every field: %s, data latency %i',
  (name, latency) => {
    const program = programs.find((one) => one.name === name)!;
    const uncut = new Machine(program, latency);
    uncut.core.run(LENGTH);
    const whole = uncut.save();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LENGTH }), (cut) => {
        const one = new Machine(program, latency);
        one.core.run(cut);
        const saved = one.save();
        const other = new Machine(program, latency);
        other.load(saved);
        expect(isDeepStrictEqual(other.save(), saved)).toBe(true);
        one.core.run(LENGTH);
        other.core.run(LENGTH);
        const end = other.save();
        expect(isDeepStrictEqual(one.save(), end)).toBe(true);
        expect(isDeepStrictEqual(whole, end)).toBe(true);
      }),
      { numRuns: 3 },
    );
  },
);
