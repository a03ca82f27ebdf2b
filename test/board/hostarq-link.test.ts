import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArqDevice } from '../../board/link/arq-device.js';
import { ArqHost } from '../../board/link/arq-host.js';
import type { LinkProblem } from '../../board/link/host-link.js';
import type { SelfDescription } from '../../board/link/self-description.js';
import { Stream } from '../../isa/numeric/random.js';
import { VirtualClock } from './virtual.js';

interface Weather {
  readonly lose: number;
  readonly twice: number;
  /** Longest delay, ms: datagrams overtake each other. */
  readonly delay: number;
}

/** Host and board with a network between them. */
class Bench {
  readonly clock = new VirtualClock();
  readonly toDevice: number[] = [];
  readonly toHost: number[] = [];
  readonly problems: LinkProblem[] = [];
  description: SelfDescription | undefined = undefined;
  goodbye: string | undefined = undefined;
  isCut = false;
  room = Infinity;
  readonly host: ArqHost;
  readonly device: ArqDevice;
  private readonly random: Stream;

  constructor(
    seed: number,
    private readonly weather: Weather,
    says = 'version: 1\ncompatible_until: 4\nname: bench\n',
  ) {
    this.random = new Stream(seed, 'network');
    this.device = new ArqDevice(
      this.clock,
      (datagram) => this.carry(datagram, (bytes) => this.host.receive(bytes)),
      {
        room: () => this.room,
        words: (words) => this.toDevice.push(...words),
        started: () => {
          this.toDevice.length = 0;
        },
        ended: (reason) => {
          this.goodbye = reason;
        },
        description: () => says,
      },
    );
    this.host = new ArqHost(
      this.clock,
      {
        data: (datagram) => this.carry(datagram, (bytes) => this.device.receive(bytes)),
        reset: (datagram) => this.carry(datagram, () => this.device.reset()),
      },
      {
        opened: (description) => {
          this.description = description;
        },
        words: (words) => this.toHost.push(...words),
        down: (problem) => this.problems.push(problem),
      },
    );
  }

  open(): void {
    this.host.open();
    this.clock.runUntil(
      () => this.description !== undefined || this.problems.length > 0,
      this.clock.now() + 10_000,
    );
  }

  private carry(datagram: Uint8Array, deliver: (bytes: Uint8Array) => void): void {
    const { lose, twice, delay } = this.weather;
    const copy = datagram.slice();
    for (let copies = this.random.uniform() < twice ? 2 : 1; copies > 0; copies--) {
      if (this.isCut || this.random.uniform() < lose) continue;
      this.clock.after(0.05 + delay * this.random.uniform(), () => deliver(copy));
    }
  }
}

function words(count: number, seed: number): Uint32Array {
  const random = new Stream(seed, 'words');
  return Uint32Array.from({ length: 2 * count }, () => random.word() >>> 0);
}

const calm: Weather = { lose: 0, twice: 0, delay: 0 };

describe('HostARQ', () => {
  test('opens with reset, configuration and loopback, and reads the description', () => {
    const bench = new Bench(1, calm);
    bench.open();
    expect(bench.description).toEqual({ version: 1, compatible_until: 4, name: 'bench' });
    expect(bench.problems).toEqual([]);
  });

  test('a description longer than a frame arrives whole', () => {
    const long = Array.from({ length: 200 }, (_, i) => `key${i}: value of ${i}\n`).join('');
    const bench = new Bench(1, { lose: 0.1, twice: 0.1, delay: 0 }, long);
    bench.open();
    expect(Object.keys(bench.description ?? {}).length).toBe(200);
  });

  test('loss, copies and overtaking never deliver a wrong word, and all arrives', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          lose: fc.double({ min: 0, max: 0.3, noNaN: true }),
          twice: fc.double({ min: 0, max: 0.3, noNaN: true }),
          delay: fc.double({ min: 0, max: 3, noNaN: true }),
          down: fc.integer({ min: 0, max: 2500 }),
          up: fc.integer({ min: 0, max: 2500 }),
        }),
        ({ seed, down, up, ...weather }) => {
          const bench = new Bench(seed, weather);
          bench.open();
          if (bench.description === undefined) return;
          const sentDown = words(down, seed);
          const sentUp = words(up, seed + 1);
          bench.host.send(sentDown);
          bench.device.send(sentUp);
          bench.clock.runUntil(
            () => bench.toDevice.length >= sentDown.length && bench.toHost.length >= sentUp.length,
            60_000,
          );
          expect(bench.problems).toEqual([]);
          expect(Uint32Array.from(bench.toDevice)).toEqual(sentDown);
          expect(Uint32Array.from(bench.toHost)).toEqual(sentUp);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a board without room is waited for', () => {
    const bench = new Bench(3, calm);
    bench.open();
    bench.room = 0;
    const sent = words(1000, 1);
    bench.host.send(sent);
    bench.clock.runUntil(() => false, bench.clock.now() + 100);
    expect(bench.toDevice.length).toBe(0);
    bench.room = Infinity;
    bench.device.roomGrew();
    bench.clock.runUntil(() => bench.toDevice.length === sent.length, 5000);
    expect(bench.toDevice).toEqual([...sent]);
  });

  test('a cut ends in "no acknowledgement" at both ends, and the host can open again', () => {
    const bench = new Bench(4, calm);
    bench.open();
    bench.isCut = true;
    bench.host.send(words(10, 1));
    bench.device.send(words(10, 2));
    bench.clock.runUntil(() => bench.problems.length > 0 && bench.goodbye !== undefined, 60_000);
    expect(bench.problems).toEqual(['no acknowledgement']);
    expect(bench.goodbye).toBe('no acknowledgement');
    bench.isCut = false;
    bench.problems.length = 0;
    bench.description = undefined;
    bench.open();
    const sent = words(300, 7);
    bench.host.send(sent);
    bench.clock.runUntil(() => bench.toDevice.length === sent.length, 1e6);
    expect(bench.toDevice).toEqual([...sent]);
  });

  test('frames of an earlier session that come late are not taken', () => {
    const bench = new Bench(5, { lose: 0, twice: 0, delay: 0 });
    bench.open();
    bench.host.send(words(3000, 1));
    bench.device.send(words(3000, 2));
    bench.clock.runUntil(() => bench.toHost.length > 500, 5000);
    bench.clock.runUntil(() => false, bench.clock.now() + 400);
    bench.host.send(words(3000, 1));
    bench.device.send(words(3000, 2));
    bench.description = undefined;
    bench.open();
    bench.toHost.length = 0;
    const down = words(20, 3);
    const up = words(30, 4);
    bench.host.send(down);
    bench.device.send(up);
    bench.clock.runUntil(() => bench.toHost.length >= up.length, bench.clock.now() + 5000);
    expect(bench.toDevice).toEqual([...down]);
    expect(bench.toHost).toEqual([...up]);
  });

  test('goodbye is heard', () => {
    const bench = new Bench(6, calm);
    bench.open();
    bench.host.close();
    bench.clock.runUntil(() => bench.goodbye !== undefined, 1000);
    expect(bench.goodbye).toBe('goodbye');
  });

  test.each<[string, Partial<Weather>, string, LinkProblem]>([
    ['nobody', { lose: 1 }, 'version: 1\n', 'no answer'],
    ['a later revision', {}, 'version: 9\ncompatible_until: 8\n', 'protocol version'],
  ])('%s is an error of its own', (_, weather, says, problem) => {
    const bench = new Bench(7, { ...calm, ...weather }, says);
    bench.open();
    expect(bench.problems).toEqual([problem]);
  });
});
