import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BareBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import { assemble } from '../../../isa/assembler/index.js';
import { memoryImage } from '../../../isa/program.js';

/** External memory that announces every access and notes when it was made. */
class SlowBus extends BareBus {
  override readonly synchronised = true;
  readonly accesses: number[] = [];

  override writeWord(_address: number, _value: number, _enables: number, cycle: number): void {
    this.latency = 250;
    this.accesses.push(cycle);
  }
}

/** Fills the data queue with stores that are answered late. */
const source = `
_start: li r3, 0
        lis r6, 0x4000
loop:   addi r3, r3, 1
        stw r3, 0(r6)
        stw r3, 0x1000(0)
        cmpwi r3, 20
        bne loop
        wait
        b .
`;

function run(slice: number): { accesses: readonly number[]; cycle: number } {
  const memory = new PpuMemory(16384);
  memory.load(memoryImage(assemble([{ name: 'stores.s', text: source }]), 0, 0x4000));
  const bus = new SlowBus(4);
  const core = new PpuCore({ instructionMemory: memory, dataMemory: memory, bus });
  let reported = 0;
  for (let until = slice; core.sleepCycle === undefined && until < 100_000;) {
    if (core.run(until) === 'access') {
      expect(core.accessCycle).toBeGreaterThanOrEqual(reported);
      until = Math.max(until, core.accessCycle + 1);
    } else {
      reported = core.cycle;
      until += slice;
    }
  }
  return { accesses: bus.accesses, cycle: core.sleepCycle ?? -1 };
}

test('no access is announced for a time that was reported as past, whatever the portions', () => {
  const whole = run(50_000);
  expect(whole.accesses.length).toBe(20);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (slice) => {
      expect(run(slice)).toEqual(whole);
    }),
    { numRuns: 30 },
  );
});
