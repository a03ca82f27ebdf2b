import { afterEach, describe, expect, test } from 'vitest';
import {
  GreetingError,
  InProcessBoard,
  LinkDownError,
  openBoard,
  PortError,
} from '../../board/index.js';
import { openWire } from '../../board/wire/open.js';
import { Chip } from '../../emulator/index.js';
import { Stream } from '../../isa/numeric/random.js';
import { PlaybackWriter } from '../../isa/playback/index.js';
import { begin, openNodes } from '../emulator/host.js';
import { FakePort, type FakePortOptions } from './fake-port.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

function plug(options: FakePortOptions = {}): FakePort {
  const port = new FakePort(options);
  cleanUp.push(() => port.close());
  return port;
}

function program(spikes = 300): Uint32Array {
  const writer = begin(new PlaybackWriter());
  openNodes(writer, [[8, 8]]);
  writer.timerSetup();
  for (let i = 0; i < spikes; i++) writer.waitUntil(1000 + 200 * i).spike(i);
  writer.waitUntil(1000 + 200 * spikes).read(0);
  return writer.barrier().halt().words();
}

describe('a serial port', () => {
  test('gives the words that the chip in process gives', async () => {
    const board = await openBoard('/dev/fake', { binding: plug(), baud: 115_200 });
    expect(board.info).toMatchObject({ link: 'serial', emulator: { seed: 5 } });
    expect(board.info.wordsPerSecond).toBeCloseTo(1375, -1);
    const local = InProcessBoard.of(Chip.fromSeed(5));
    expect(await board.run(program())).toEqual(await local.run(program()));
    await board.close();
  });

  test('gives them over a noisy line too', async () => {
    const random = new Stream(1, 'noise');
    const spoil = (bytes: Uint8Array): Uint8Array =>
      bytes.map((byte) => (random.uniform() < 3e-4 ? byte ^ 16 : byte));
    const board = await openWire('/dev/fake', { binding: plug({ spoil }) });
    const local = InProcessBoard.of(Chip.fromSeed(5));
    expect(await board.run(program(2000))).toEqual(await local.run(program(2000)));
    expect(board.statistics?.damaged).toBeGreaterThan(0);
    await board.close();
  });

  test('falls back to the usual rate when a faster one fails the greeting', async () => {
    const port = plug({ baud: 115_200 });
    const told: unknown[] = [];
    const board = await openBoard('/dev/fake', {
      binding: port,
      baud: 3_000_000,
      patience: 500,
      onFallBack: (...what) => told.push(what),
    });
    expect(port.bauds).toEqual([3_000_000, 115_200]);
    expect(told).toMatchObject([[3_000_000, 115_200, expect.stringContaining('/dev/fake')]]);
    expect((await board.run(program(10))).length).toBeGreaterThan(0);
    await board.close();
  });

  test('does not ask again at another rate what it has understood', async () => {
    const port = plug({ baud: 3_000_000, yaml: 'compatible_until: 9\n' });
    const failed = openBoard('/dev/fake', { binding: port, baud: 3_000_000 });
    await expect(failed).rejects.toMatchObject({ problem: 'protocol version' });
    expect(port.bauds).toEqual([3_000_000]);
  });

  test('falls back when long frames do not come back whole', async () => {
    let isFast = true;
    const spoil = (bytes: Uint8Array): Uint8Array => {
      if (!isFast || bytes.length < 100 || bytes.length > 200) return bytes;
      return bytes.map((byte, i) => (i === 50 ? byte ^ 2 : byte));
    };
    const port = plug({ spoil });
    const told: unknown[] = [];
    const board = await openBoard('/dev/fake', {
      binding: port,
      baud: 3_000_000,
      onFallBack: (...what) => {
        isFast = false;
        told.push(what);
      },
    });
    expect(port.bauds).toEqual([3_000_000, 115_200]);
    expect(told).toMatchObject([[3_000_000, 115_200, expect.stringMatching(/silent|lost frames/)]]);
    await board.close();
  });

  test('keeps a faster rate that passes the echo test', async () => {
    const port = plug({ baud: 3_000_000 });
    const board = await openBoard('/dev/fake', { binding: port, baud: 3_000_000 });
    expect(port.bauds).toEqual([3_000_000]);
    await board.close();
  });

  test('the wrong rate alone is garbage on the line, and the first cause named', async () => {
    const failed = await openBoard('/dev/fake', {
      binding: plug({ baud: 9600 }),
      patience: 500,
    }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(GreetingError);
    expect(failed).toMatchObject({ problem: 'garbage' });
    if (failed instanceof GreetingError) expect(failed.causes[0]).toContain('baud');
  });

  test.each([
    ['no such port', 'Error: No such file or directory, cannot open /dev/fake'],
    ['no permission', 'Error: Permission denied, cannot open /dev/fake'],
    ['port busy', 'Error Resource temporarily unavailable Cannot lock port'],
    ['port failed', 'Error: Inappropriate ioctl for device'],
  ] as const)('%s: %s', async (problem, failure) => {
    const failed = openBoard('/dev/fake', { binding: plug({ failure }) });
    await expect(failed).rejects.toBeInstanceOf(PortError);
    await expect(failed).rejects.toMatchObject({ problem });
  });

  test('a pulled plug ends the run; plugged in again the same board goes on', async () => {
    const port = plug({ cutAfter: 50_000 });
    const board = await openWire('/dev/fake', { binding: port });
    const run = board.run(program(20_000));
    await expect(run).rejects.toBeInstanceOf(LinkDownError);
    await expect(run).rejects.toMatchObject({ problem: 'line lost' });
    expect(board.isConnected).toBe(false);
    await board.reconnect();
    expect((await board.run(program(10))).length).toBeGreaterThan(0);
    await board.close();
  });
});
