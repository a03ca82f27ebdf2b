/** What the golden files measured on the core's source have in common: setting up a bare core and its memories. */
import { BareBus } from '../../emulator/ppu/bus.js';
import { PpuCore } from '../../emulator/ppu/core.js';
import { PpuMemory } from '../../emulator/ppu/memory.js';
import type { PpuOptions } from '../../emulator/ppu/options.js';
import { LANES } from '../../isa/machine.js';
import { MalformedCase, numbers } from './kind.js';

export interface BareCore {
  readonly core: PpuCore;
  readonly code: PpuMemory;
  readonly data: PpuMemory;
  readonly bus: BareBus;
}

/** A core with separate memories of 16 KiB, all zero, as the measurements used. */
export function bareCore(bus: BareBus, options: Partial<PpuOptions>): BareCore {
  const code = new PpuMemory(16384);
  const data = new PpuMemory(16384);
  const core = new PpuCore({ instructionMemory: code, dataMemory: data, bus, options });
  return { core, code, data, bus };
}

/**
 * Runs to the first sleep; returns its period, or undefined if there is none within a few times what is expected (so
 * that a program that was changed to loop for ever fails at once).
 */
export function runToSleep(core: PpuCore, expectedCycles: unknown = 0): number | undefined {
  const limit = 10_000 + 4 * (typeof expectedCycles === 'number' ? expectedCycles : 0);
  while (core.sleepCycle === undefined && core.cycle < limit) core.run(core.cycle + 64);
  return core.sleepCycle;
}

/** Bytes of a hexadecimal string. */
export function bytesOf(digits: string, count?: number): Uint8Array {
  return Uint8Array.from(numbers(digits, 2, count));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Sets the accumulators from 64 numbers of 8 digits. */
export function setAccumulators(core: PpuCore, digits: string): void {
  core.machine.acc.set(numbers(digits, 8, LANES));
}

export function accumulators(core: PpuCore): string {
  return Array.from(core.machine.acc, (x) => (x >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Order of the three nibbles of a condition field in the files: equal, greater, less. */
const fieldOrder = [3, 1, 2] as const;
/** Nibble by nibble of a halfword from the top: the bit of the four flags that stands for it. */
const flagBits = [8, 4, 2, 1] as const;

/** Sets the vector condition register from 64 fields of 12 bits. */
export function setConditions(core: PpuCore, digits: string): void {
  const fields = numbers(digits, 1, 3 * LANES);
  for (let lane = 0; lane < LANES; lane++) {
    fieldOrder.forEach((code, k) => {
      const flags = fields[3 * lane + k]!;
      let mask = 0;
      flagBits.forEach((bit, nibble) => {
        if ((flags & bit) !== 0) mask |= 0xf000 >> (4 * nibble);
      });
      core.machine.vcr[code][lane] = mask;
    });
  }
}

export function conditions(core: PpuCore): string {
  let digits = '';
  for (let lane = 0; lane < LANES; lane++) {
    for (const code of fieldOrder) {
      const mask = core.machine.vcr[code][lane]!;
      let flags = 0;
      flagBits.forEach((bit, nibble) => {
        if ((mask & (0xf000 >> (4 * nibble))) !== 0) flags |= bit;
      });
      digits += flags.toString(16);
    }
  }
  return digits;
}

export function vectorHex(core: PpuCore, register: number): string {
  const bytes = new Uint8Array(2 * LANES);
  core.machine.readVector(register, bytes);
  return hexOf(bytes);
}

/** A register number written in decimal; throws MalformedCase. */
export function registerOf(name: string): number {
  const n = Number(name);
  if (Number.isInteger(n) && n >= 0 && n < 32) return n;
  throw new MalformedCase(`'${name}' is not a register number`);
}

/** One line if two strings or numbers differ; long ones are cut around the difference. */
export function different(what: string, got: unknown, want: unknown): string[] {
  const g = typeof got === 'string' ? got : JSON.stringify(got);
  const w = typeof want === 'string' ? want : JSON.stringify(want);
  if (g === w) return [];
  if (g === undefined || w === undefined) return [`${what}: expected ${w}, got ${g}`];
  let at = 0;
  while (at < w.length && g[at] === w[at]) at++;
  const from = Math.max(0, at - 16);
  const cut = (s: string): string =>
    `${from > 0 ? '...' : ''}${s.slice(from, from + 60)}${s.length > from + 60 ? '...' : ''}`;
  return [`${what}: expected ${cut(w)}, got ${cut(g)}`];
}
