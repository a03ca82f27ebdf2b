/** Golden vector values measured on the core: single instructions, memory and bus accesses, sequences. */
import { BareBus } from '../../emulator/ppu/bus.js';
import type { PpuCore } from '../../emulator/ppu/core.js';
import { isRecord, MalformedCase, property, text, verdict, word } from './kind.js';
import type { Case, GoldenFile, Kind } from './kind.js';
import {
  accumulators,
  bareCore,
  bytesOf,
  conditions,
  different,
  hexOf,
  registerOf,
  runToSleep,
  setAccumulators,
  setConditions,
  vectorHex,
} from './nux-core.js';

const WAIT = 0x7c00_007c;
/** Content of r0 while a splat of it was measured. */
const SPLAT_R0 = 0x5555_aaaa;

function list(value: unknown, name: string): readonly unknown[] {
  const found = property(value, name);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

function entriesOf(value: unknown, name: string): [string, unknown][] {
  const found = property(value, name);
  return isRecord(found) ? Object.entries(found) : [];
}

/** Remembers the last request, and answers reads with given data if there are any. */
class ProbeBus extends BareBus {
  address = -1;
  enables = '';
  data: Uint8Array | undefined;

  private note(address: number, enables: Uint8Array): void {
    this.address = address >>> 0;
    let bits = '';
    for (const enable of enables) bits += String(enable);
    this.enables = (bits.match(/.{4}/g) ?? [])
      .map((four) => Number.parseInt(four, 2).toString(16))
      .join('');
  }

  override readVector(address: number, out: Uint8Array, enables: Uint8Array, cycle: number): void {
    this.note(address, enables);
    if (this.data !== undefined) out.set(this.data);
    else super.readVector(address, out, enables, cycle);
  }

  override writeVector(
    address: number,
    bytes: Uint8Array,
    enables: Uint8Array,
    cycle: number,
  ): void {
    this.note(address, enables);
    super.writeVector(address, bytes, enables, cycle);
  }
}

interface Bench {
  readonly core: PpuCore;
  readonly bus: ProbeBus;
  readonly memory: { words: Int32Array; dump(start: number, length: number): Uint8Array };
}

function bench(words: readonly number[]): Bench {
  const bus = new ProbeBus(1);
  const { core, code, data } = bareCore(bus, {});
  words.forEach((w, i) => {
    code.words[i] = w;
  });
  return { core, bus, memory: data };
}

function setGeneral(core: PpuCore, entry: unknown): void {
  for (const [n, digits] of entriesOf(entry, 'gpr')) core.machine.gpr[registerOf(n)] = word(digits);
}

function single(file: unknown, entry: unknown): string[] {
  const index = property(entry, 'state');
  const state = list(file, 'states')[typeof index === 'number' ? index : -1];
  if (state === undefined) throw new MalformedCase("'state' is not the number of a state");
  const { core } = bench([word(entry, 'word'), WAIT | 0]);
  const m = core.machine;
  m.writeVector(1, bytesOf(text(state, 'ra'), 128));
  m.writeVector(2, bytesOf(text(state, 'rb'), 128));
  m.writeVector(3, bytesOf(text(state, 'rt'), 128));
  setAccumulators(core, text(state, 'acc'));
  setConditions(core, text(state, 'vcr'));
  const general = property(entry, 'ra_gpr');
  if (general !== undefined) {
    m.gpr[registerOf(String(general))] = word(state, 'g');
    m.gpr[0] = SPLAT_R0 | 0;
  }
  runToSleep(core);
  const expected = (name: string, before: string): string => {
    const value = property(entry, name);
    return typeof value === 'string' ? value : before;
  };
  return [
    ...different('vrt', vectorHex(core, 3), expected('rt_out', text(state, 'rt'))),
    ...different('accumulator', accumulators(core), expected('acc_out', text(state, 'acc'))),
    ...different('vcr', conditions(core), expected('vcr_out', text(state, 'vcr'))),
  ];
}

function targetOf(entry: unknown): number {
  return (word(entry, 'word') >>> 21) & 31;
}

function access(entry: unknown): string[] {
  const { core, bus, memory } = bench([word(entry, 'word'), WAIT | 0]);
  const target = targetOf(entry);
  setGeneral(core, entry);
  if (property(entry, 'rt_in') !== undefined) {
    core.machine.writeVector(target, bytesOf(text(entry, 'rt_in'), 128));
  }
  if (property(entry, 'vcr') !== undefined) setConditions(core, text(entry, 'vcr'));
  const start = property(entry, 'memory_at') === undefined ? 0 : word(entry, 'memory_at');
  list(entry, 'memory').forEach((digits, i) => {
    memory.words[start / 4 + i] = word(digits);
  });
  const location =
    property(entry, 'bus_address') === undefined ? 0 : word(entry, 'bus_address') >>> 0;
  if (property(entry, 'bus_memory_before') !== undefined) {
    bus.store.set(location, bytesOf(text(entry, 'bus_memory_before'), 128));
  }
  if (property(entry, 'bus_read_data') !== undefined) {
    bus.data = bytesOf(text(entry, 'bus_read_data'), 128);
  }
  runToSleep(core);
  const found: string[] = [];
  const check = (name: string, got: () => unknown): void => {
    const want = property(entry, name);
    if (want !== undefined) found.push(...different(name, got(), want));
  };
  check('rt_out', () => vectorHex(core, target));
  check('bus_address', () => bus.address.toString(16).padStart(8, '0'));
  check('bus_byte_enables', () => bus.enables);
  check('bus_memory_after', () => hexOf(bus.store.get(location) ?? new Uint8Array(128)));
  check('memory_out', () => {
    const length = 4 * list(entry, 'memory_out').length;
    return (hexOf(memory.dump(start, length)).match(/.{8}/g) ?? []) as string[];
  });
  return found;
}

function sequence(entry: unknown): string[] {
  const { core, bus } = bench(list(entry, 'words').map((digits) => word(digits)));
  setGeneral(core, entry);
  for (const [n, digits] of entriesOf(entry, 'vrf_in')) {
    core.machine.writeVector(registerOf(n), bytesOf(String(digits), 128));
  }
  if (property(entry, 'acc_in') !== undefined) setAccumulators(core, text(entry, 'acc_in'));
  if (property(entry, 'vcr_in') !== undefined) setConditions(core, text(entry, 'vcr_in'));
  for (const [address, digits] of entriesOf(entry, 'bus_in')) {
    bus.store.set(Number(address), bytesOf(String(digits), 128));
  }
  runToSleep(core);
  const found: string[] = [];
  for (const [n, digits] of entriesOf(entry, 'vrf_out')) {
    found.push(...different(`v${n}`, vectorHex(core, registerOf(n)), digits));
  }
  if (property(entry, 'acc_out') !== undefined) {
    found.push(...different('accumulator', accumulators(core), text(entry, 'acc_out')));
  }
  if (property(entry, 'vcr_out') !== undefined) {
    found.push(...different('vcr', conditions(core), text(entry, 'vcr_out')));
  }
  for (const [address, digits] of entriesOf(entry, 'bus_out')) {
    const got = hexOf(bus.store.get(Number(address)) ?? new Uint8Array(128));
    found.push(...different(`bus ${address}`, got, digits));
  }
  return found;
}

function* cases({ whole }: GoldenFile): Iterable<Case> {
  let n = 0;
  for (const entry of list(whole, 'cases')) {
    const name = String(property(entry, 'inst'));
    yield {
      name: `case ${n++}: ${name}`,
      keys: [name, 'cases'],
      run: () => verdict(single(whole, entry)),
    };
  }
  n = 0;
  for (const entry of list(whole, 'memory_cases')) {
    const name = String(property(entry, 'inst'));
    yield {
      name: `memory case ${n++}: ${name}`,
      keys: [name, 'memory_cases'],
      run: () => verdict(access(entry)),
    };
  }
  n = 0;
  for (const entry of list(whole, 'sequences')) {
    yield { name: `sequence ${n++}`, keys: ['sequences'], run: () => verdict(sequence(entry)) };
  }
}

export const nuxVector: Kind = {
  name: 'nux-vector',
  recognises: ({ whole }) => /^nux-vector-/.test(String(property(whole, 'format'))),
  cases,
};
