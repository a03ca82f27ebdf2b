/** Golden complete programs: cycles, counts, memory and parallel bus of every recorded setting. */
import { BareBus } from '../../emulator/ppu/bus.js';
import { hex, isRecord, MalformedCase, property, text, verdict } from './kind.js';
import type { Case, GoldenFile, Kind } from './kind.js';
import { bareCore, bytesOf, different, hexOf, runToSleep } from './nux-core.js';
import type { BareCore } from './nux-core.js';

function list(value: unknown, name: string): readonly unknown[] {
  const found = property(value, name);
  if (Array.isArray(found)) return found as readonly unknown[];
  throw new MalformedCase(`'${name}' should be a list`);
}

function number(value: unknown, name: string): number {
  const found = property(value, name);
  if (typeof found === 'number') return found;
  throw new MalformedCase(`'${name}' should be a number`);
}

function recordOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const found = property(value, name);
  return isRecord(found) ? found : {};
}

class CountingBus extends BareBus {
  requests = 0;
  override readVector(address: number, out: Uint8Array, enables: Uint8Array, cycle: number): void {
    this.requests++;
    super.readVector(address, out, enables, cycle);
  }
  override writeVector(
    address: number,
    bytes: Uint8Array,
    enables: Uint8Array,
    cycle: number,
  ): void {
    this.requests++;
    super.writeVector(address, bytes, enables, cycle);
  }
}

function prepare(program: unknown, run: unknown, bus: BareBus): BareCore {
  const setting = property(run, 'branchCache') === true ? 16 : 0;
  const dataLatency = number(run, 'dataLatency');
  const bare = bareCore(bus, {
    branchCache: setting,
    dataLatency,
    vectorDataLatency: dataLatency,
  });
  bare.code.load(bytesOf(text(program, 'code')));
  bare.data.load(bytesOf(text(program, 'data')));
  for (const [address, bytes] of Object.entries(recordOf(program, 'bus'))) {
    bus.store.set(Number.parseInt(address, 16), bytesOf(String(bytes), 128));
  }
  return bare;
}

/** Words that changed, as the file gives them: start address to bytes of consecutive changed words. */
function changedWords(before: Uint8Array, after: Uint8Array): Record<string, string> {
  const runs: Record<string, string> = {};
  let start = -1;
  for (let at = 0; at <= after.length; at += 4) {
    const same = at === after.length || [0, 1, 2, 3].every((i) => before[at + i] === after[at + i]);
    if (!same && start < 0) start = at;
    if (same && start >= 0) {
      runs[start.toString(16)] = hexOf(after.subarray(start, at));
      start = -1;
    }
  }
  return runs;
}

function changedLocations(program: unknown, bus: BareBus): Record<string, string> {
  const changed: Record<string, string> = {};
  const before = recordOf(program, 'bus');
  for (const [address, bytes] of bus.store) {
    const key = address.toString(16);
    const now = hexOf(bytes);
    if (now !== String(before[key] ?? '0'.repeat(256))) changed[key] = now;
  }
  return changed;
}

function sortedByAddress(runs: Readonly<Record<string, unknown>>): unknown {
  const address = ([key]: readonly [string, unknown]): number => Number.parseInt(key, 16);
  return Object.entries(runs).sort((a, b) => address(a) - address(b));
}

function differences(program: unknown, run: unknown): string[] {
  const bus = new CountingBus(number(run, 'busLatency'));
  const { core, data } = prepare(program, run, bus);
  const before = data.dump(0, data.size);
  const cycles = runToSleep(core, property(run, 'cycles'));
  const found = [
    ...different('cycles', cycles, property(run, 'cycles')),
    ...different('instructions', core.issued, property(run, 'instructionsIssued')),
    ...different('redirects', core.redirects, property(run, 'redirects')),
    ...different('r3', hex(core.machine.gpr[3]!), property(run, 'r3')),
    ...different(
      'memory',
      sortedByAddress(changedWords(before, data.dump(0, data.size))),
      sortedByAddress(recordOf(run, 'memory')),
    ),
  ];
  if (property(run, 'busRequests') !== undefined) {
    found.push(...different('bus requests', bus.requests, property(run, 'busRequests')));
  }
  if (property(run, 'bus') !== undefined) {
    const got = sortedByAddress(changedLocations(program, bus));
    found.push(...different('bus', got, sortedByAddress(recordOf(run, 'bus'))));
  }
  return found;
}

function* cases(file: GoldenFile): Iterable<Case> {
  for (const program of list(file.whole, 'programs')) {
    const name = text(program, 'name');
    for (const run of list(program, 'runs')) {
      const part = (key: string): string => String(property(run, key));
      yield {
        name: `${name}, branch cache ${part('branchCache')}, data ${part('dataLatency')}, bus ${part('busLatency')}`,
        keys: [name, String(property(program, 'language'))],
        run: () => verdict(differences(program, run)),
      };
    }
  }
}

export const nuxPrograms: Kind = {
  name: 'nux-programs',
  recognises: ({ whole }) => /^nux-programs-/.test(String(property(whole, 'format'))),
  cases,
};
