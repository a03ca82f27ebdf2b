import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LinkProblem } from '../../board/link/host-link.js';
import { UartDevice } from '../../board/link/uart-device.js';
import { UartHost } from '../../board/link/uart-host.js';
import type { SessionTerms } from '../../board/link/uart-link.js';
import { encodeUartFrame, frameTypes } from '../../board/framing/uart-frame.js';
import { Stream } from '../../isa/numeric/random.js';
import { VirtualClock, VirtualLine, type Damage } from './virtual.js';

interface Setting {
  readonly seed?: number;
  readonly rate?: number;
  readonly delay?: number;
  readonly damage?: Damage;
  readonly terms?: SessionTerms;
  readonly description?: string;
  /** Words the device can hold, and how many it works off in a millisecond. */
  readonly memory?: number;
  readonly pace?: number;
}

/** A host and a device on two virtual lines; the device returns what it gets when asked to. */
class Bench {
  readonly clock = new VirtualClock();
  readonly toDevice: number[] = [];
  readonly toHost: number[] = [];
  readonly problems: LinkProblem[] = [];
  isOpen = false;
  sessions = 0;
  goodbye: string | undefined = undefined;
  readonly host: UartHost;
  readonly device: UartDevice;
  readonly down: VirtualLine;
  readonly up: VirtualLine;
  private held = 0;

  constructor(readonly setting: Setting = {}) {
    const { seed = 1, rate = 11520, delay = 1, damage = {}, pace = Infinity } = setting;
    const random = (name: string): Stream => new Stream(seed, name);
    this.down = new VirtualLine(
      this.clock,
      rate,
      delay,
      random('down'),
      damage,
      (bytes) => this.device.receive(bytes),
      () => this.host.drained(),
    );
    this.up = new VirtualLine(
      this.clock,
      rate,
      delay,
      random('up'),
      damage,
      (bytes) => this.host.receive(bytes),
      () => this.device.drained(),
    );
    this.host = new UartHost(this.clock, this.down, {
      opened: () => {
        this.isOpen = true;
      },
      words: (words) => this.toHost.push(...words),
      down: (problem) => {
        this.isOpen = false;
        this.problems.push(problem);
      },
    });
    const memory = setting.memory ?? 65535;
    this.device = new UartDevice(
      this.clock,
      this.up,
      {
        room: () => memory - this.held,
        words: (words) => {
          this.toDevice.push(...words);
          if (pace === Infinity) return;
          this.held += words.length / 2;
          this.clock.after(words.length / 2 / pace, () => {
            this.held -= words.length / 2;
            this.device.roomGrew();
          });
        },
        started: () => {
          this.sessions++;
          this.toDevice.length = 0;
        },
        ended: (reason) => {
          this.goodbye = reason;
        },
        description: () => setting.description ?? 'version: 1\ncompatible_until: 4\n',
      },
      setting.terms,
    );
  }

  /** Opens, sends both ways, and waits until all has arrived or the link is down. */
  exchange(down: Uint32Array, up: Uint32Array, limit = 600_000): 'all' | 'down' | 'stuck' {
    this.host.open();
    this.clock.runUntil(() => this.isOpen || this.problems.length > 0, limit);
    if (!this.isOpen) return 'down';
    this.host.send(down);
    this.device.send(up);
    const isDone = (): boolean =>
      this.toDevice.length === down.length && this.toHost.length === up.length;
    this.clock.runUntil(
      () => isDone() || this.problems.length > 0 || this.goodbye !== undefined,
      limit,
    );
    return isDone() ? 'all' : this.problems.length > 0 || this.goodbye ? 'down' : 'stuck';
  }
}

function words(count: number, seed: number): Uint32Array {
  const random = new Stream(seed, 'words');
  // Many zeros, as playback words have.
  return Uint32Array.from({ length: 2 * count }, () =>
    random.uniform() < 0.3 ? 0 : random.word() >>> 0,
  );
}

/** What arrived is the beginning of what was sent. */
function isPrefix(arrived: readonly number[], sent: Uint32Array): boolean {
  return arrived.length <= sent.length && arrived.every((word, i) => word === sent[i]);
}

describe('a serial line', () => {
  test('carries words both ways', () => {
    const bench = new Bench();
    const down = words(700, 1);
    const up = words(900, 2);
    expect(bench.exchange(down, up)).toBe('all');
    expect(bench.toDevice).toEqual([...down]);
    expect(bench.toHost).toEqual([...up]);
    expect(bench.host.statistics).toMatchObject({ damaged: 0, resent: 0, dropped: 0 });
  });

  test.each([
    [11520, 1],
    [92160, 2],
    [300000, 3],
  ])(
    '%i bytes a second (delay %i ms) on a clean line: 97 of 100 words that frames allow',
    (rate, delay) => {
      const bench = new Bench({ rate, delay });
      const sent = words(4000, 3);
      bench.host.open();
      bench.clock.runUntil(() => bench.isOpen, 5000);
      const begin = bench.clock.now();
      bench.host.send(sent);
      bench.clock.runUntil(() => bench.toDevice.length === sent.length, 1e6);
      const seconds = (bench.clock.now() - begin) / 1000;
      const limit = (rate / 268) * 32;
      expect(4000 / seconds).toBeGreaterThan(0.97 * limit);
    },
  );

  test('any damage on the way never delivers a wrong word, and all arrives or the link is down', () => {
    const chance = fc.double({ min: 0, max: 2e-3, noNaN: true });
    let complete = 0;
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          flip: chance,
          lose: chance,
          insert: chance,
          twice: chance,
          swap: fc.double({ min: 0, max: 0.05, noNaN: true }),
          down: fc.integer({ min: 0, max: 600 }),
          up: fc.integer({ min: 0, max: 600 }),
        }),
        ({ seed, down, up, ...damage }) => {
          const bench = new Bench({ seed, rate: 100_000, damage });
          const sentDown = words(down, seed);
          const sentUp = words(up, seed + 1);
          const outcome = bench.exchange(sentDown, sentUp);
          expect(outcome).not.toBe('stuck');
          if (outcome === 'all') complete++;
          if (bench.sessions > 0) expect(isPrefix(bench.toDevice, sentDown)).toBe(true);
          expect(isPrefix(bench.toHost, sentUp)).toBe(true);
        },
      ),
      { numRuns: 120 },
    );
    expect(complete).toBeGreaterThan(60);
  });

  test('a byte error rate of 1e-4 costs time, nothing else', () => {
    for (let seed = 0; seed < 8; seed++) {
      const bench = new Bench({
        seed,
        rate: 100_000,
        damage: { flip: 4e-5, lose: 3e-5, insert: 3e-5 },
      });
      const down = words(3000, seed);
      const up = words(3000, seed + 100);
      expect(bench.exchange(down, up)).toBe('all');
      expect(bench.toDevice).toEqual([...down]);
      expect(bench.toHost).toEqual([...up]);
    }
  });

  test('a short cut is bridged, a long one reported by both ends', () => {
    for (const [cut, outcome] of [
      [2000, 'all'],
      [60_000, 'down'],
    ] as const) {
      const bench = new Bench({ rate: 100_000 });
      for (const [at, isCut] of [
        [1000, true],
        [1000 + cut, false],
      ] as const)
        bench.clock.after(at, () => {
          bench.up.isCut = isCut;
          bench.down.isCut = isCut;
        });
      expect(bench.exchange(words(12000, 1), words(12000, 2))).toBe(outcome);
      if (outcome === 'all') continue;
      bench.clock.runUntil(() => bench.goodbye !== undefined, 1e6);
      expect(bench.problems).toEqual(['no acknowledgement']);
      expect(bench.goodbye).toBe('no acknowledgement');
      // And the line can be used again.
      bench.problems.length = 0;
      bench.goodbye = undefined;
      bench.toHost.length = 0;
      bench.clock.runUntil(() => !bench.up.isCut, 1e6);
      expect(bench.exchange(words(10, 3), words(10, 4))).toBe('all');
    }
  });

  test('credit holds the host back; nothing is lost and nothing is sent twice', () => {
    const bench = new Bench({ rate: 1e6, memory: 100, pace: 2 });
    const down = words(3000, 9);
    expect(bench.exchange(down, words(5, 1))).toBe('all');
    expect(bench.toDevice).toEqual([...down]);
    expect(bench.host.statistics.resent).toBe(0);
  });

  test('a lost announcement of credit is repeated', () => {
    const bench = new Bench({ seed: 5, rate: 1e6, memory: 64, pace: 1, damage: { lose: 2e-3 } });
    const down = words(1500, 9);
    expect(bench.exchange(down, words(0, 1))).toBe('all');
    expect(bench.toDevice).toEqual([...down]);
  });

  test('opening again begins anew: what was under way is forgotten by both', () => {
    const bench = new Bench({ rate: 100_000 });
    bench.host.open();
    bench.clock.runUntil(() => bench.isOpen, 5000);
    bench.host.send(words(500, 1));
    bench.device.send(words(500, 2));
    bench.clock.runUntil(() => bench.toHost.length > 100, 1e5);
    bench.isOpen = false;
    bench.toHost.length = 0;
    const down = words(50, 3);
    const up = words(60, 4);
    expect(bench.exchange(down, up)).toBe('all');
    expect(bench.toDevice).toEqual([...down]);
    expect(bench.toHost).toEqual([...up]);
  });

  test('a board that starts again in the middle is noticed', () => {
    const bench = new Bench({ rate: 100_000 });
    bench.host.open();
    bench.clock.runUntil(() => bench.isOpen, 5000);
    bench.device.receive(
      encodeUartFrame({
        type: frameTypes.hello,
        seq: 0,
        ack: 255,
        credit: 0,
        payload: Uint8Array.of(1),
      }),
    );
    bench.clock.runUntil(() => bench.problems.length > 0, 5000);
    expect(bench.problems).toEqual(['board restarted']);
  });

  test('a round trip can be measured', () => {
    const bench = new Bench({ rate: 100_000, delay: 7 });
    bench.host.open();
    bench.clock.runUntil(() => bench.isOpen, 5000);
    let measured = 0;
    bench.host.probe((milliseconds) => {
      measured = milliseconds;
    });
    bench.clock.runUntil(() => measured > 0, 10_000);
    expect(measured).toBeGreaterThan(14);
    expect(measured).toBeLessThan(15);
  });

  test('frames longer than a board takes are dropped before they fill its memory', () => {
    const bench = new Bench({ rate: 100_000 });
    bench.host.open();
    bench.clock.runUntil(() => bench.isOpen, 5000);
    bench.device.receive(new Uint8Array(100_000).fill(7));
    bench.device.receive(Uint8Array.of(0));
    expect(bench.device.statistics.damaged).toBe(1);
    const sent = words(40, 1);
    bench.host.send(sent);
    bench.clock.runUntil(() => bench.toDevice.length === sent.length, 10_000);
    expect(bench.toDevice).toEqual([...sent]);
  });
});

describe('a greeting fails for a reason', () => {
  function problemOf(setting: Setting, prepare: (bench: Bench) => void): LinkProblem | undefined {
    const bench = new Bench(setting);
    prepare(bench);
    bench.host.open();
    bench.clock.runUntil(() => bench.problems.length > 0 || bench.isOpen, 20_000);
    return bench.problems[0];
  }

  test('nobody there', () => {
    expect(problemOf({}, (bench) => (bench.down.isCut = true))).toBe('no answer');
  });

  test('noise, as with the wrong baud rate', () => {
    expect(
      problemOf({}, (bench) => {
        bench.down.isCut = true;
        const random = new Stream(1, 'noise');
        const noise = (): void => {
          bench.host.receive(Uint8Array.from({ length: 20 }, () => random.integer(256)));
          bench.clock.after(50, noise);
        };
        noise();
      }),
    ).toBe('garbage');
  });

  test('a line that returns what is sent', () => {
    expect(
      problemOf({}, (bench) => {
        bench.down.isCut = true;
        const write = bench.down.write.bind(bench.down);
        bench.down.write = (bytes) => {
          write(bytes);
          bench.clock.after(1, () => bench.host.receive(bytes));
        };
      }),
    ).toBe('echoed');
  });

  test('a board of a later revision', () => {
    expect(problemOf({ description: 'version: 9\ncompatible_until: 7\n' }, () => {})).toBe(
      'protocol version',
    );
  });

  test('a window that cannot be', () => {
    expect(problemOf({ terms: { window: 0, maxWords: 32 } }, () => {})).toBe('wrong parameters');
  });

  test('a board that is taken', () => {
    expect(
      problemOf({}, (bench) => {
        bench.down.isCut = true;
        bench.clock.after(50, () => bench.device.close());
      }),
    ).toBe('board in use');
  });
});
