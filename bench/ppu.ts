/**
 * Speed of the processor model, `npx tsx bench/ppu.ts [seconds per figure]`: C programs with cycle accounting, with it but
 * without remembered timing, and without accounting; then, if a cross compiler and qemu-ppc are there, the C programs of
 * `test/oracles` here and in qemu-ppc. Figures are those of the best of many short slices of time; for qemu-ppc, whole
 * runs by their processor time. So other load on the machine distorts them less.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { BareBus } from '../emulator/ppu/bus.js';
import { PpuCore } from '../emulator/ppu/core.js';
import { PpuMemory } from '../emulator/ppu/memory.js';
import { readElf } from '../isa/elf/index.js';
import {
  compileFile,
  cPrograms,
  linkForCore,
  linkForLinux,
  scratch,
} from '../test/oracles/cross.js';

interface Program {
  readonly name: string;
  readonly code: string;
  readonly data: string;
  readonly bus?: Readonly<Record<string, string>>;
}

const golden = JSON.parse(
  readFileSync(new URL('../test/golden/nux-programs.json', import.meta.url), 'utf8'),
) as { readonly programs: readonly Program[] };

const ROUNDS = 3;
/** Instructions that qemu-ppc executes for a figure, so that its translation matters little. */
const LONG = 300_000_000;
/** Cycles of a slice, and before the first. */
const SLICE = 20_000;
const WARM = 2_000_000;
/** Instructions over which allocation is measured. */
const MANY = 10_000_000;
const WAIT = 0x7c00_007c;
const BRANCH = 0x4800_0000;

/** A program that starts again instead of ending. */
function endless(program: Program, accounting: 'exact' | 'none'): PpuCore {
  const instructionMemory = new PpuMemory();
  const dataMemory = new PpuMemory();
  const { words } = instructionMemory;
  instructionMemory.load(Buffer.from(program.code, 'hex'));
  for (let i = 0; i < words.length; i++) {
    if (words[i]! >>> 0 === WAIT) words[i] = BRANCH | ((-4 * i) & 0x03ff_fffc);
  }
  dataMemory.load(Buffer.from(program.data, 'hex'));
  const bus = new BareBus(4);
  for (const [address, bytes] of Object.entries(program.bus ?? {})) {
    bus.store.set(Number.parseInt(address, 16), new Uint8Array(Buffer.from(bytes, 'hex')));
  }
  return new PpuCore({ instructionMemory, dataMemory, bus, options: { accounting } });
}

/**
 * Millions of instructions per second in the best of many slices of a few milliseconds of wall time, which other
 * programs on the machine may have left undisturbed.
 */
function rate(core: PpuCore, seconds: number): number {
  core.run(core.cycle + WARM);
  let found = 0;
  const end = process.hrtime.bigint() + BigInt(Math.round(seconds * 1e9));
  do {
    const issued = core.issued;
    const from = process.hrtime.bigint();
    core.run(core.cycle + SLICE);
    const microseconds = Number(process.hrtime.bigint() - from) / 1000;
    found = Math.max(found, (core.issued - issued) / microseconds);
  } while (process.hrtime.bigint() < end);
  return found;
}

function best(measure: () => number): number {
  let found = 0;
  for (let i = 0; i < ROUNDS; i++) found = Math.max(found, measure());
  return found;
}

/** Vector instructions per second, in millions: a row of arithmetic on registers. */
function vectorRate(seconds: number): number {
  const instructionMemory = new PpuMemory();
  // fxvaddhm, fxvmulhfs, fxvsubhm on different registers, and a branch back to 0.
  const block = [0x1061_1730, 0x1081_1170, 0x10a1_1530, 0x10c1_1730, 0x10e1_1170, 0x1101_1530];
  instructionMemory.words.set([...block, BRANCH | ((-4 * block.length) & 0x03ff_fffc)]);
  const core = new PpuCore({
    instructionMemory,
    dataMemory: new PpuMemory(),
    bus: new BareBus(4),
  });
  return best(() => rate(core, seconds)) * (block.length / (block.length + 1));
}

type Mode = 'exact' | 'issue stage only' | 'none';

/** `exact` without remembered timing, too. */
function inMode(make: (accounting: 'exact' | 'none') => PpuCore, mode: Mode): PpuCore {
  const core = make(mode === 'none' ? 'none' : 'exact');
  if (mode === 'issue stage only') core.fastForwards = false;
  return core;
}

const modes: readonly Mode[] = ['exact', 'issue stage only', 'none'];

function mean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);
}

function cell(value: number, width = 18): string {
  return value.toFixed(1).padStart(width);
}

/** One line per program and the geometric means. */
function table(
  programs: readonly (readonly [string, (accounting: 'exact' | 'none') => PpuCore])[],
  extra: (name: string) => number | undefined = () => undefined,
): void {
  const columns: number[][] = [[], [], [], []];
  for (const [name, make] of programs) {
    const rates = modes.map((mode) => best(() => rate(inMode(make, mode), seconds / ROUNDS)));
    const other = extra(name);
    if (other !== undefined) rates.push(other);
    rates.forEach((value, i) => columns[i]!.push(value));
    process.stdout.write(`${name.padEnd(16)}${rates.map((x) => cell(x)).join('')}\n`);
  }
  const means = columns.filter((column) => column.length > 0).map((column) => cell(mean(column)));
  process.stdout.write(`${'geometric mean'.padEnd(16)}${means.join('')}\n\n`);
}

/** Bytes of heap that a running core takes per instruction. */
function allocation(core: PpuCore): number {
  core.run(core.cycle + MANY / 4);
  const issued = core.issued;
  let bytes = 0;
  while (core.issued - issued < MANY) {
    const before = process.memoryUsage().heapUsed;
    core.run(core.cycle + MANY / 10);
    // A collection in between gives a negative difference.
    bytes += Math.max(0, process.memoryUsage().heapUsed - before);
  }
  return bytes / (core.issued - issued);
}

// ---------------------------------------------------------------- the same object code in qemu-ppc

/** Object file of a C program of `test/oracles` that answers its question `repeats` times. */
function repeated(name: string, repeats: number): string {
  const source = scratch(`${name}-${repeats}.c`);
  const loop = `unsigned start(void) { unsigned r = 0; for (unsigned i = 0; i < ${repeats}u; i++) r = once(); return r; }`;
  writeFileSync(source, `#define start once\n#include "${name}.c"\n#undef start\n${loop}\n`);
  return compileFile(source, `${name}-${repeats}`, '-O2');
}

function coreOf(object: string, accounting: 'exact' | 'none'): PpuCore {
  const memory = new PpuMemory();
  for (const section of readElf(linkForCore(object).elf).sections) {
    if (section.flags.allocated) memory.load(section.bytes, section.address);
  }
  return new PpuCore({
    instructionMemory: memory,
    dataMemory: memory,
    bus: new BareBus(4),
    options: { accounting },
  });
}

/** Instructions of the whole program. */
function instructionsOf(object: string): number {
  const core = coreOf(object, 'none');
  core.run(1_000_000_000);
  return core.issued;
}

/** Seconds of processor time that qemu-ppc takes, its start included. */
function qemuSeconds(object: string): number {
  const path = linkForLinux(object);
  const script = `import resource, subprocess, sys
subprocess.run(["qemu-ppc", sys.argv[1]], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime)`;
  const { stdout } = spawnSync('python3', ['-c', script, path], { encoding: 'utf8' });
  return Number(stdout);
}

/** Millions of instructions per second in qemu-ppc, its start taken off. */
function qemuRate(name: string): number {
  const one = instructionsOf(repeated(name, 1));
  const each = (instructionsOf(repeated(name, 9)) - one) / 8;
  const many = Math.ceil(LONG / each);
  const [short, long] = [repeated(name, 1), repeated(name, many)];
  let least = Infinity;
  for (let i = 0; i < ROUNDS; i++) {
    const start = qemuSeconds(short);
    least = Math.min(least, qemuSeconds(long) - start);
  }
  return (each * (many - 1)) / least / 1e6;
}

const hasQemu = ['qemu-ppc', 'powerpc-linux-gnu-gcc'].every(
  (tool) => spawnSync(tool, ['--version']).status === 0,
);

const seconds = Number(process.argv[2] ?? 1);
const heading = ['exact', 'issue stage only', 'without cycles'].map((x) => x.padStart(18)).join('');
process.stdout.write(`M instructions/s${heading}\n`);
const measured = golden.programs.filter(({ bus }) => bus === undefined);
table(measured.map((program) => [program.name, (mode) => endless(program, mode)] as const));
if (hasQemu) {
  process.stdout.write(`M instructions/s${heading}${'qemu-ppc'.padStart(18)}\n`);
  const forever = 0xffff_ffff;
  table(
    cPrograms.map((name) => {
      const object = repeated(name, forever);
      return [name, (mode) => coreOf(object, mode)] as const;
    }),
    qemuRate,
  );
} else process.stdout.write('qemu-ppc or powerpc-linux-gnu-gcc is not installed: no comparison\n');
process.stdout.write(
  `vector arithmetic, exact: ${vectorRate(seconds).toFixed(2)} M vector instructions/s\n`,
);
for (const mode of modes) {
  const core = inMode((accounting) => endless(measured[0]!, accounting), mode);
  process.stdout.write(`heap taken, ${mode}: ${allocation(core).toFixed(3)} bytes/instruction\n`);
}
