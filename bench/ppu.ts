/**
 * Speed of the processor's interpreter, `npx tsx bench/ppu.ts [seconds]`: the same C programs with and without cycle
 * accounting and, if a cross compiler and qemu-ppc are there, in qemu-ppc; interleaved, the best of several rounds.
 * Figures are processor time of this process, so that other load on the machine distorts them less.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { BareBus } from '../emulator/ppu/bus.js';
import { PpuCore } from '../emulator/ppu/core.js';
import { PpuMemory } from '../emulator/ppu/memory.js';

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

/** Millions of instructions per second of processor time. */
function rate(core: PpuCore, seconds: number): number {
  const chunk = 500_000;
  core.run(core.cycle + chunk);
  const start = process.cpuUsage().user;
  const issued = core.issued;
  do core.run(core.cycle + chunk);
  while (process.cpuUsage().user - start < seconds * 1e6);
  return (core.issued - issued) / (process.cpuUsage().user - start);
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

/** Seconds of qemu-ppc on `repeats` rounds of a small C program, its start included; undefined without qemu. */
function qemuRate(): { readonly seconds: number; readonly instructions: number } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'plastic-bench-'));
  try {
    const source = join(folder, 'sieve.c');
    const binary = join(folder, 'sieve');
    const repeats = 200;
    writeFileSync(source, sieve(repeats));
    const flags =
      '-O2 -m32 -mbig-endian -msoft-float -mno-altivec -ffreestanding -nostdlib -static -fno-tree-loop-distribute-patterns';
    execFileSync('powerpc-linux-gnu-gcc', [...flags.split(' '), source, '-o', binary], {
      stdio: 'ignore',
    });
    let seconds = Infinity;
    for (let i = 0; i < ROUNDS; i++) {
      const start = process.hrtime.bigint();
      execFileSync('qemu-ppc', [binary], { stdio: 'ignore' });
      seconds = Math.min(seconds, Number(process.hrtime.bigint() - start) / 1e9);
    }
    // Eight thousand flags set and about 17,000 strides of two to four instructions a round.
    return { seconds, instructions: repeats * 140_000 };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sieve(repeats: number): string {
  return `static unsigned char flags[8192];
int main(void) { int n = 0; for (int k = 0; k < ${repeats}; k++) { n = 0;
  for (int i = 2; i < 8192; i++) flags[i] = 1;
  for (int i = 2; i < 8192; i++) if (flags[i]) { n++; for (int j = 2 * i; j < 8192; j += i) flags[j] = 0; } }
  return n == 1028 ? 0 : 1; }
void _start(void) { register int r3 asm("3") = main(); register int r0 asm("0") = 1; asm volatile("sc" :: "r"(r0), "r"(r3)); for (;;); }
`;
}

const seconds = Number(process.argv[2] ?? 1);
const rows = golden.programs.filter(({ bus }) => bus === undefined);
process.stdout.write('M instructions/s       exact   without cycles   ratio\n');
for (const program of rows) {
  const exact = best(() => rate(endless(program, 'exact'), seconds / ROUNDS));
  const plain = best(() => rate(endless(program, 'none'), seconds / ROUNDS));
  process.stdout.write(
    `${program.name.padEnd(20)} ${exact.toFixed(1).padStart(7)} ${plain.toFixed(1).padStart(12)} ${(plain / exact).toFixed(2).padStart(11)}\n`,
  );
}
process.stdout.write(
  `vector arithmetic, exact: ${vectorRate(seconds).toFixed(2)} M vector instructions/s\n`,
);
const qemu = qemuRate();
process.stdout.write(
  qemu === undefined
    ? 'qemu-ppc or powerpc-linux-gnu-gcc is not installed: no comparison\n'
    : `qemu-ppc, sieve: about ${(qemu.instructions / qemu.seconds / 1e6).toFixed(0)} M instructions/s (wall time, start included)\n`,
);
