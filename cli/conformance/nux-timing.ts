/** Golden timing of the core: every period in which something is issued, written, redirected, read or retired. */
import { BareBus } from '../../emulator/ppu/bus.js';
import type { PpuCore } from '../../emulator/ppu/core.js';
import type { Recorder } from '../../emulator/ppu/recorder.js';
import { hex, isRecord, MalformedCase, property, text, verdict, word } from './kind.js';
import type { Case, GoldenFile, Kind, Outcome } from './kind.js';
import { bareCore, bytesOf, different, registerOf, runToSleep } from './nux-core.js';

/** Units by `Unit`, as the file names them. */
const unitNames = ['madd', 'cmp', 'permute', 'ls', 'pls'];

class Recording implements Recorder {
  readonly issues: [number, number][] = [];
  readonly writes: [number, number, string][] = [];
  readonly redirects: number[] = [];
  readonly pops: number[] = [];
  readonly reads: number[] = [];
  readonly vectorWrites: [number, number][] = [];
  readonly conditions: number[] = [];
  readonly retirements = new Map<number, string[]>();

  issue(period: number, address: number): void {
    this.issues.push([period, address]);
  }
  registerWrite(period: number, register: number, value: number): void {
    this.writes.push([period, register, hex(value)]);
  }
  writeLost(period: number, register: number): void {
    const at = this.writes.findIndex(([p, r]) => p === period && r === register);
    if (at >= 0) this.writes.splice(at, 1);
  }
  redirect(period: number): void {
    this.redirects.push(period);
  }
  pop(period: number): void {
    this.pops.push(period);
  }
  read(period: number): void {
    this.reads.push(period);
  }
  write(period: number, register: number): void {
    this.vectorWrites.push([period, register]);
  }
  condition(period: number): void {
    this.conditions.push(period);
  }
  retire(period: number, unit: number): void {
    const units = this.retirements.get(period) ?? [];
    this.retirements.set(period, [...units, unitNames[unit] ?? '?'].sort(byText));
  }
  request(): void {}
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function config(entry: unknown, name: string): number {
  const value = property(entry, 'config', name);
  if (typeof value === 'number') return value;
  throw new MalformedCase(`'config.${name}' should be a number`);
}

function list(entry: unknown, ...path: string[]): readonly unknown[] {
  const found = property(entry, ...path);
  if (Array.isArray(found)) return found as readonly unknown[];
  throw new MalformedCase(`'${path.join('.')}' should be a list`);
}

function prepare(file: unknown, entry: unknown, cached: boolean, faults: boolean): PpuCore {
  const { core, code, data } = bareCore(new BareBus(config(entry, 'pbus_latency')), {
    branchCache: cached ? 16 : 0,
    dataLatency: config(entry, 'dmem_latency'),
    vectorDataLatency: config(entry, 'vector_mem_latency'),
    dataOutstanding: config(entry, 'dmem_max_outstanding'),
    busOutstanding: config(entry, 'pbus_max_outstanding'),
    // Measured on the source, faults of the source included.
    lhaZeroExtends: true,
    interruptFaults: faults,
  });
  list(entry, 'words').forEach((digits, i) => {
    code.words[i] = word(digits);
  });
  const initial = property(entry, 'data');
  for (const address of isRecord(initial) ? Object.keys(initial) : []) {
    list(entry, 'data', address).forEach((digits, i) => {
      data.words[Number(address) / 4 + i] = word(digits);
    });
  }
  const gpr = property(entry, 'gpr');
  for (const n of isRecord(gpr) ? Object.keys(gpr) : []) {
    core.machine.gpr[registerOf(n)] = word(entry, 'gpr', n);
  }
  if (property(entry, 'vrf_init') === 'A') {
    const registers = property(file, 'vrf_init_A');
    for (const n of isRecord(registers) ? Object.keys(registers) : []) {
      core.machine.writeVector(registerOf(n), bytesOf(text(registers, n), 128));
    }
  }
  return core;
}

function retirements(entry: unknown): unknown {
  return list(entry, 'vector', 'retire').map((row) =>
    Array.isArray(row) && Array.isArray(row[1])
      ? [row[0] as unknown, (row[1] as string[]).slice().sort(byText)]
      : row,
  );
}

function differencesWithCache(file: unknown, entry: unknown, faults: boolean): string[] {
  const core = prepare(file, entry, true, faults);
  const seen = new Recording();
  core.watch(seen);
  const cycles = runToSleep(core, property(entry, 'cycles'));
  const last = cycles ?? Infinity;
  const found = [
    ...different('cycles', cycles, property(entry, 'cycles')),
    ...different('issue', seen.issues, property(entry, 'issue')),
    ...different('redirects', seen.redirects, property(entry, 'redirects')),
    ...different(
      'gpr_writes',
      seen.writes.filter(([period]) => period <= last).sort(([a], [b]) => a - b),
      property(entry, 'gpr_writes'),
    ),
  ];
  if (property(entry, 'vector') !== undefined) {
    const retired = [...seen.retirements].sort(([a], [b]) => a - b);
    found.push(
      ...different('queue_pop', seen.pops, property(entry, 'vector', 'queue_pop')),
      ...different('vrf_read', seen.reads, property(entry, 'vector', 'vrf_read')),
      ...different('vrf_write', seen.vectorWrites, property(entry, 'vector', 'vrf_write')),
      ...different('vcr_write', seen.conditions, property(entry, 'vector', 'vcr_write')),
      ...different('retire', retired, retirements(entry)),
    );
  }
  return [...found, ...finalDifferences(core, entry)];
}

function finalDifferences(core: PpuCore, entry: unknown): string[] {
  const found: string[] = [];
  const { gpr, ctr, lr } = core.machine;
  for (let n = 0; n < 32; n++) {
    const name = String(n);
    const known = property(entry, 'final_gpr', name) ?? property(entry, 'gpr', name) ?? '00000000';
    found.push(...different(`final r${n}`, hex(gpr[n]!), known));
  }
  const special = property(entry, 'final_spr');
  if (isRecord(special)) {
    if ('ctr' in special) found.push(...different('final ctr', hex(ctr), special['ctr']));
    if ('lr' in special) found.push(...different('final lr', hex(lr), special['lr']));
  }
  return found;
}

function differences(file: unknown, entry: unknown, faults: boolean): string[] {
  const found = differencesWithCache(file, entry, faults);
  const uncached = property(entry, 'cycles_without_branch_cache');
  if (uncached === undefined) return found;
  const cycles = runToSleep(prepare(file, entry, false, faults), uncached);
  return [...found, ...different('cycles without branch cache', cycles, uncached)];
}

/**
 * Programs that record the loss of results at interrupts, a fault of the measured source, are run with that fault
 * switched on as well: if they agree then they are set aside and not counted as passed.
 */
function outcomeOf(file: unknown, entry: unknown): Outcome {
  const found = differences(file, entry, false);
  if (found.length === 0 || property(entry, 'group') !== 'exc') return verdict(found);
  if (differences(file, entry, true).length > 0) return verdict(found);
  return {
    status: 'set aside',
    reason: 'it records results lost at an interrupt, and agrees with that fault switched on',
  };
}

function* cases(file: GoldenFile): Iterable<Case> {
  for (const entry of list(file.whole, 'cases')) {
    const key = (name: string): string => String(property(entry, name) ?? '');
    yield {
      name: `${key('id')}: ${key('desc')}`,
      keys: [key('id'), key('group')],
      run: () => outcomeOf(file.whole, entry),
    };
  }
}

export const nuxTiming: Kind = {
  name: 'nux-timing',
  recognises: ({ whole }) => /^nux-timing-/.test(String(property(whole, 'format'))),
  cases,
};
