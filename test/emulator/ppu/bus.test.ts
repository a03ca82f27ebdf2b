import { describe, expect, test } from 'vitest';
import type { PpuBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import { load, words, type Line } from './programs.js';

/** Notes every access with its cycle; words answer with their address. */
class NotingBus implements PpuBus {
  readonly synchronised = true;
  latency = 8;
  readonly accesses: string[] = [];
  isMapped(): boolean {
    return true;
  }
  readWord(address: number, cycle: number): number {
    this.latency = 8;
    this.accesses.push(`${cycle} read ${address.toString(16)}`);
    return address;
  }
  writeWord(address: number, value: number, enables: number, cycle: number): void {
    this.latency = 8;
    this.accesses.push(`${cycle} write ${address.toString(16)} ${value.toString(16)} ${enables}`);
  }
  readVector(address: number, out: Uint8Array, _enables: Uint8Array, cycle: number): void {
    this.latency = 4;
    out.fill(address);
    this.accesses.push(`${cycle} in ${address.toString(16)}`);
  }
  writeVector(address: number, bytes: Uint8Array, enables: Uint8Array, cycle: number): void {
    this.latency = 4;
    this.accesses.push(`${cycle} out ${address.toString(16)} ${bytes[0]} ${enables[0]}`);
  }
  fetchWord(address: number, cycle: number): number | undefined {
    this.latency = 250;
    this.accesses.push(`${cycle} fetch ${address.toString(16)}`);
    return external[((address >>> 0) - 0x8000_0000) / 4];
  }
}

const external = words([
  ['addi', 9, 9, 1],
  ['addi', 9, 9, 1],
  ['bclr', 20, 0],
]);

const program: readonly Line[] = [
  ['addis', 4, 0, 0x8000],
  ['lwz', 5, 4, 4],
  ['sth', 4, 2, 4],
  ['addi', 6, 0, 7],
  ['fxvinx', 1, 0, 6, 0],
  ['fxvoutx', 1, 4, 6, 0],
  ['addi', 7, 5, 1],
  ['sync'],
  ['lmw', 30, 16, 4],
  ['mtspr', 9, 4],
  ['bcctrl', 20, 0],
  ['wait'],
];

function start(bus: PpuBus): PpuCore {
  const memory = new PpuMemory();
  memory.words.set(words(program));
  const core = new PpuCore({
    instructionMemory: memory,
    dataMemory: memory,
    bus,
    options: { fetchCacheLine: 4 },
  });
  core.start(1000);
  return core;
}

/** Runs to cycle 3000 in slices. */
function runSliced(slice: number): { readonly core: PpuCore; readonly bus: NotingBus } {
  const bus = new NotingBus();
  const core = start(bus);
  for (let until = 1000 + slice; until <= 3000; until += slice) {
    while (core.run(until) === 'access') {
      expect(core.accessCycle).toBeLessThan(until);
      expect(core.cycle).toBeLessThanOrEqual(core.accessCycle);
    }
  }
  return { core, bus };
}

describe('accesses outside the SRAM', () => {
  const whole = runSliced(2000);

  test('are made in the period of their request, in order', () => {
    // lwz issues in 4 and asks in 7; sth behind it in 8.
    expect(whole.bus.accesses.slice(0, 2)).toEqual([
      '1007 read 80000004',
      '1008 write 80000000 0 3',
    ]);
    const cycles = whole.bus.accesses.map((access) => Number(access.split(' ')[0]));
    expect(cycles).toEqual([...cycles].sort((a, b) => a - b));
  });

  test('give their values to the program', () => {
    const { gpr } = whole.core.machine;
    expect([gpr[5], gpr[7], gpr[30], gpr[31]].map((x) => x! >>> 0)).toEqual([
      0x8000_0004, 0x8000_0005, 0x8000_0010, 0x8000_0014,
    ]);
    expect(gpr[9]).toBe(2);
    expect(whole.bus.accesses).toContain('1014 in 7');
    expect(whole.bus.accesses).toContain('1024 out 80000007 7 1');
  });

  test.each([1, 2, 3, 7, 50])('are the same when the core runs in slices of %i cycles', (slice) => {
    const { core, bus } = runSliced(slice);
    expect(bus.accesses).toEqual(whole.bus.accesses);
    expect(core.sleepCycle).toBe(whole.core.sleepCycle);
    expect(core.issued).toBe(whole.core.issued);
  });
});

test('the numbering of periods starts anew without a trace', () => {
  const core = load({
    code: {
      0: [
        ['addis', 4, 0, 0x00f4],
        ['mtspr', 54, 4],
        ['mtspr', 22, 4],
        ['addis', 5, 0, 0x0440],
        ['mtspr', 340, 5],
        ['addis', 6, 0, 0x0800],
        ['wait'],
        ['addi', 3, 3, 1],
        ['mtspr', 336, 6],
        ['mfspr', 7, 284],
        ['mfspr', 8, 285],
        ['b', -20],
      ],
    },
  });
  const CYCLES = 6_000_000_000;
  core.run(CYCLES);
  expect(core.machine.gpr[3]).toBe(Math.floor(CYCLES / 0x00f4_0000));
  const time = (core.machine.gpr[8]! >>> 0) * 2 ** 32 + (core.machine.gpr[7]! >>> 0);
  expect(CYCLES - time).toBeGreaterThan(0);
  expect(CYCLES - time).toBeLessThan(0x00f4_0000);
});
