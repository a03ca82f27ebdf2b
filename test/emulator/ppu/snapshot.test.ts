import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BareBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import { SnapshotError } from '../../../emulator/ppu/snapshot.js';

interface Program {
  readonly name: string;
  readonly code: string;
  readonly data: string;
}

const { programs } = JSON.parse(readFileSync('test/golden/nux-programs.json', 'utf8')) as {
  readonly programs: readonly Program[];
};

function start(name: string, bus = new BareBus(3)): PpuCore {
  const program = programs.find((one) => one.name === name)!;
  const instructionMemory = new PpuMemory(16384);
  const dataMemory = new PpuMemory(16384);
  instructionMemory.load(Buffer.from(program.code, 'hex'));
  dataMemory.load(Buffer.from(program.data, 'hex'));
  return new PpuCore({ instructionMemory, dataMemory, bus, options: { dataLatency: 3 } });
}

test.each(['mix_b', 'quicksort', 'scheduler'])(
  'running %s in pieces, with a snapshot put into another core between them, changes nothing',
  (name) => {
    const END = 4000;
    const whole = start(name);
    whole.run(END);
    const expected = whole.snapshot();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: END - 1 }), (cut) => {
        const bus = new BareBus(3);
        const first = start(name, bus);
        first.run(cut);
        const second = start(name, bus);
        second.restore(structuredClone(first.snapshot()));
        second.run(END);
        const got = second.snapshot();
        expect(got.parts['machine']).toEqual(expected.parts['machine']);
        expect(got.parts['timers']).toEqual(expected.parts['timers']);
        expect(got.dataWords).toEqual(expected.dataWords);
        expect(second.cycle).toBe(whole.cycle);
        expect(second.issued).toBe(whole.issued);
        expect(second.redirects).toBe(whole.redirects);
        expect(second.sleepCycle).toBe(whole.sleepCycle);
      }),
      { numRuns: 40 },
    );
  },
);

test('a snapshot of a core with other options is refused', () => {
  const one = start('mix_b').snapshot();
  const memory = new PpuMemory(16384);
  const other = new PpuCore({
    instructionMemory: memory,
    dataMemory: new PpuMemory(16384),
    bus: new BareBus(1),
    options: { branchCache: 0 },
  });
  expect(() => other.restore(one)).toThrow(SnapshotError);
});
