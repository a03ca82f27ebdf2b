/**
 * Speed of the vector unit with the exact model, `npx tsx bench/vector.ts [seconds]`: streams of vector instructions in
 * an endless loop. The first figure is that of the best of many short slices of wall time, which other programs on the
 * machine may have left undisturbed; the second counts processor time over all slices.
 */
import process from 'node:process';
import { BareBus } from '../emulator/ppu/bus.js';
import { PpuCore } from '../emulator/ppu/core.js';
import { PpuMemory } from '../emulator/ppu/memory.js';
import { assemble } from '../isa/assembler/index.js';
import { memoryImage } from '../isa/program.js';

/** Cycles of a slice: a few milliseconds. */
const SLICE = 10_000;

/** Streams by name; r11 holds an address in the SRAM. */
const streams: Readonly<Record<string, readonly string[]>> = {
  additions: [3, 4, 5, 6, 7, 8].map((rt) => `fxvaddhm ${rt}, 1, 2`),
  'add, multiply, subtract': [
    'fxvaddhm 3, 1, 2',
    'fxvmulhfs 4, 1, 2',
    'fxvsubhm 5, 1, 2',
    'fxvaddbfs 6, 1, 2',
    'fxvmulhm 7, 1, 2',
    'fxvsubhfs 8, 1, 2',
  ],
  'each needs the one before': [3, 4, 5, 6, 7, 8].map((rt) => `fxvaddhm ${rt}, ${rt - 1}, 2`),
  accumulator: ['fxvmultachfs 1, 2', 'fxvmatachfs 3, 4', 'fxvmatachfs 5, 6', 'fxvaddachfs 7, 0'],
  'compare, select, shift': [
    'fxvaddhm 3, 1, 2',
    'fxvshh 4, 1, 3',
    'fxvcmph 3',
    'fxvsel 5, 4, 3, 1',
    'fxvmulhfs 6, 5, 4',
  ],
  'bus in, multiply, bus out': ['fxvinx 3, 0, r10', 'fxvmulhfs 4, 3, 2', 'fxvoutx 4, 0, r10'],
  'load, add, store': ['fxvlax 3, 0, r11', 'fxvaddhm 4, 3, 2', 'fxvstax 4, 0, r11'],
};

function start(lines: readonly string[]): PpuCore {
  const memory = new PpuMemory();
  const text = ['li r11, 0x1000', 'again:', ...lines, 'b again', ''].join('\n');
  memory.load(memoryImage(assemble([{ name: 'stream.s', text }]), 0, 0x2000));
  const bus = new BareBus(4);
  const core = new PpuCore({ instructionMemory: memory, dataMemory: memory, bus });
  for (let i = 0; i < core.machine.vr.length; i++)
    core.machine.vr[i] = Math.imul(i, 0x9e37_79b1) >> 7;
  return core;
}

const seconds = Number(process.argv[2] ?? 1);
process.stdout.write('M vector instructions/s           best   processor time\n');
for (const [name, lines] of Object.entries(streams)) {
  const core = start(lines);
  core.run(10 * SLICE);
  const share = lines.length / (lines.length + 1);
  const issuedBefore = core.issued;
  const cpu = process.cpuUsage();
  const end = process.hrtime.bigint() + BigInt(Math.round(seconds * 1e9));
  let best = 0;
  do {
    const issued = core.issued;
    const from = process.hrtime.bigint();
    core.run(core.cycle + SLICE);
    const microseconds = Number(process.hrtime.bigint() - from) / 1000;
    best = Math.max(best, (core.issued - issued) / microseconds);
  } while (process.hrtime.bigint() < end);
  const average = (core.issued - issuedBefore) / process.cpuUsage(cpu).user;
  const figure = (rate: number): string => (rate * share).toFixed(2);
  process.stdout.write(
    `${name.padEnd(28)} ${figure(best).padStart(9)} ${figure(average).padStart(16)}\n`,
  );
}
