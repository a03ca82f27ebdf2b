import { createConnection, createServer, type Socket } from 'node:net';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  BoardError,
  BoardServer,
  EmulatedMachine,
  GreetingError,
  InProcessBoard,
  LinkDownError,
  listenTcp,
  listenUdp,
  openBoard,
  PortError,
  type Board,
  type ServerEvent,
  type ServerOptions,
} from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import { PlaybackWriter, ResponseReader } from '../../isa/playback/index.js';
import { begin, openNodes } from '../emulator/host.js';
import { VirtualClock } from './virtual.js';

function program(milliseconds: number, spikes = 100): Uint32Array {
  const writer = begin(new PlaybackWriter());
  openNodes(writer, [[8, 8]]);
  writer.timerSetup();
  for (let i = 0; i < spikes; i++) writer.waitUntil(1000 + 500 * i).spike(i);
  writer.waitUntil(125_000 * milliseconds).read(0);
  return writer.barrier().halt().words();
}

/** Polls for 34 s of chip time, several million times a second: no machine is through with it in time. */
function endless(): Uint32Array {
  const writer = begin(new PlaybackWriter()).write(0x88000009, 0xffffffff);
  return writer.pollFor(0x8800000c, 0, 1).write(0x88000009, 1_250_000).barrier().halt().words();
}

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const events: ServerEvent[] = [];
let heard = (): void => {};

/** Waits until the server has told of something. */
async function told(kind: ServerEvent['kind']): Promise<void> {
  while (!events.some((event) => event.kind === kind))
    await new Promise<void>((resolve) => {
      heard = resolve;
    });
}

async function serve(
  kind: 'tcp' | 'udp',
  options: ServerOptions = {},
  chip = Chip.fromSeed(5),
): Promise<{ url: string; resetPort: number; server: BoardServer }> {
  events.length = 0;
  const server = new BoardServer(new EmulatedMachine(chip, () => performance.now()), {
    onEvent: (event) => {
      events.push(event);
      heard();
    },
    ...options,
  });
  const listener =
    kind === 'tcp'
      ? { ...(await listenTcp(server, '127.0.0.1', 0)), resetPort: 0 }
      : await listenUdp(server, '127.0.0.1', 0, 0);
  cleanUp.push(
    () => listener.close(),
    () => server.close(),
  );
  return { url: listener.url, resetPort: listener.resetPort, server };
}

async function open(at: { url: string; resetPort: number }): Promise<Board> {
  const board = await openBoard(at.url, { resetPort: at.resetPort });
  cleanUp.push(() => board.close());
  return board;
}

describe.each(['tcp', 'udp'] as const)('a board over %s', (kind) => {
  test('gives the words that the chip in process gives, program after program', async () => {
    const board = await open(await serve(kind));
    const local = InProcessBoard.of(Chip.fromSeed(5));
    for (const words of [program(1), program(2, 300), program(1)])
      expect(await board.run(words)).toEqual(await local.run(words));
  });

  test('says what it is', async () => {
    const board = await open(await serve(kind, { yaml: 'name: my own board\nplace: shelf 3\n' }));
    expect(board.info).toMatchObject({
      link: kind,
      name: 'my own board',
      playbackWords: 4_194_304,
      emulator: { chip: 'seed 5', seed: 5, calibration: 'residual' },
      says: { place: 'shelf 3', version: 1, compatible_until: 4 },
    });
  });

  test('says the same of its chip as the chip in process', async () => {
    const made = (): Chip => Chip.fromSeed(5, { constants: { cellOffsetSd: 1.25e-7 } });
    const board = await open(await serve(kind, {}, made()));
    const { assumed, ...said } = InProcessBoard.of(made()).info.emulator ?? {};
    expect(assumed).toBeDefined();
    expect(said['changedConstants']).toEqual({ cellOffsetSd: 1.25e-7 });
    expect(board.info.emulator).toEqual(said);
  });

  test('reports progress to the end and ends with the halt', async () => {
    const board = await open(await serve(kind));
    const seen: number[] = [];
    const words = program(3);
    const answers = await board.run(words, {
      onProgress: ({ wordsDone }) => seen.push(wordsDone),
    });
    expect(seen.at(-1)).toBe(words.length / 2);
    expect(new ResponseReader().push(answers).halts.length).toBe(1);
  });

  test('an aborted run leaves the board usable', async () => {
    const board = await open(await serve(kind));
    const controller = new AbortController();
    const run = board.run(endless(), {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(run).rejects.toMatchObject({ problem: 'aborted' });
    const answers = new ResponseReader().push(await board.run(program(1)));
    expect(answers.spikeLabels.length).toBe(100);
  });

  test('a program that takes longer than the host waits is stopped; the board stays usable', async () => {
    const board = await open(await serve(kind));
    const run = board.run(endless(), { wallSecondsLimit: 0.2 });
    await expect(run).rejects.toMatchObject({ problem: 'time limit' });
    expect((await board.run(program(1))).length).toBeGreaterThan(0);
  });

  test('a board of a later revision is refused', async () => {
    const at = await serve(kind, { yaml: 'version: 9\ncompatible_until: 9\n' });
    const failed = openBoard(at.url, { resetPort: at.resetPort });
    await expect(failed).rejects.toBeInstanceOf(GreetingError);
    await expect(failed).rejects.toMatchObject({
      problem: 'protocol version',
      facts: { 'board wants revision': 9, here: 4 },
    });
  });

  test('serves one client after the other, with the chip as the last one left it', async () => {
    const at = await serve(kind);
    const first = await openBoard(at.url, { resetPort: at.resetPort });
    await first.run(new PlaybackWriter().write(0x02800000, 1234).barrier().halt().words());
    await first.close();
    const second = await open(at);
    const answers = await second.run(read(0x02800000));
    expect(new ResponseReader().push(answers).reads.at(0)).toBe(1234);
  });

  test('a second client is kept out while the first is there', async () => {
    const at = await serve(kind);
    const first = await open(at);
    // A server on TCP says no; on UDP silence has to be waited for.
    const patience = kind === 'tcp' ? 60_000 : 600;
    const refused = openBoard(at.url, { resetPort: at.resetPort, patience });
    await expect(refused).rejects.toBeInstanceOf(GreetingError);
    await expect(refused).rejects.toMatchObject({
      problem: kind === 'tcp' ? 'board in use' : 'no answer',
    });
    expect(events.some(({ kind: what }) => what === 'refused')).toBe(true);
    expect((await first.run(program(1))).length).toBeGreaterThan(0);
  });

  test.each([
    ['chip seconds', { chipSeconds: 0.001 }, program(10_000, 5000)],
    ['wall seconds', { wallSeconds: 0.05 }, endless()],
    ['output bytes', { outputBytes: 100 }, program(10_000, 5000)],
  ] as const)(
    'a program with more %s than allowed is given up, and the next one runs',
    async (limit, limits, words) => {
      const board = await open(await serve(kind, { limits }));
      const answers = new ResponseReader().push(await board.run(words));
      expect(answers.timeouts.length).toBe(1);
      expect(answers.halts.length).toBe(1);
      expect(events.find((event) => event.kind === 'program')).toMatchObject({ limit });
      const next = new ResponseReader().push(await board.run(read(0)));
      expect(next.reads.length).toBe(1);
    },
  );

  test('a program larger than the program memory runs all the same', async () => {
    const board = await open(await serve(kind, { limits: { playbackWords: 400 } }));
    const local = InProcessBoard.of(Chip.fromSeed(5));
    expect(await board.run(program(1, 500))).toEqual(await local.run(program(1, 500)));
  });

  test('a silent client loses its place', async () => {
    const clock = new VirtualClock();
    const at = await serve(kind, { idleSeconds: 60, clock });
    const port = Number(/:(\d+)$/.exec(at.url)?.[1]);
    if (kind === 'tcp') {
      const socket = createConnection({ port, host: '127.0.0.1' });
      socket.on('error', () => {});
      cleanUp.push(() => socket.destroy());
      await new Promise((resolve) => socket.once('connect', resolve));
    } else {
      const board = await openBoard(at.url, { resetPort: at.resetPort });
      // It dies without a word.
      const { connection } = board as unknown as { connection: { link: { close(): void } } };
      connection.link.close = () => {};
      await board.close();
    }
    await told('client');
    const isGone = (): boolean => events.some((event) => event.kind === 'gone');
    expect(clock.runUntil(isGone, 59_900)).toBe(false);
    expect(clock.runUntil(isGone, 60_000)).toBe(true);
    expect((await (await open(at)).run(program(1))).length).toBeGreaterThan(0);
  });
});

test('a board that does not stream gets a large program in parts, cut at barriers', async () => {
  const limits = { playbackWords: 2000 };
  const board = await open(await serve('tcp', { limits, yaml: 'streams: false\n' }));
  const writer = begin(new PlaybackWriter());
  const tickets = Array.from({ length: 100 }, (_, i) => {
    writer.writeBlock(
      0x02800000 + 20 * i,
      Array.from({ length: 20 }, (_, k) => 100 * i + k),
    );
    writer.barrier();
    return writer.readBlock(0x02800000 + 20 * i, 20);
  });
  const answers = new ResponseReader().push(await board.run(writer.barrier().halt().words()));
  expect(answers.reads.length).toBe(2000);
  expect(tickets.every((ticket, i) => answers.reads.at(ticket + 7) === 100 * i + 7)).toBe(true);
  expect(events.filter(({ kind }) => kind === 'program').length).toBeGreaterThan(2);
  await expect(board.run(program(1, 2000))).rejects.toMatchObject({ problem: 'program too large' });
});

function read(address: number): Uint32Array {
  const writer = new PlaybackWriter();
  writer.read(address);
  return writer.barrier().halt().words();
}

describe('failures have names', () => {
  test('nobody serves there', async () => {
    const at = await serve('tcp');
    await cleanUp.shift()?.();
    const failed = openBoard(at.url);
    await expect(failed).rejects.toBeInstanceOf(PortError);
    await expect(failed).rejects.toMatchObject({ problem: 'no such port' });
  });

  test('something else serves there: garbage, or silence', async () => {
    for (const [answer, problem] of [
      ['HTTP/1.1 400 Bad Request\r\n\r\n', 'garbage'],
      ['', 'no answer'],
    ] as const) {
      const sockets: Socket[] = [];
      const other = createServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => {});
        socket.on('data', () => socket.write(answer));
      });
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const address = other.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const failed = await openBoard(`tcp://127.0.0.1:${port}`, { patience: 1000 }).catch(
        (error: unknown) => error,
      );
      expect(failed).toBeInstanceOf(GreetingError);
      expect(failed).toMatchObject({ problem });
      for (const socket of sockets) socket.destroy();
      other.close();
    }
  });

  test('a lost connection says how far things were and what is likely', async () => {
    const at = await serve('tcp');
    const board = await open(at);
    let arrived = (): void => {};
    const underWay = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const failed = board
      .run(endless(), { onProgress: ({ wordsDone }) => (wordsDone > 0 ? arrived() : undefined) })
      .catch((failure: unknown) => failure);
    await underWay;
    await cleanUp.shift()?.();
    const error: unknown = await failed;
    expect(error).toBeInstanceOf(LinkDownError);
    if (!(error instanceof LinkDownError)) return;
    expect(['line lost', 'closed by board']).toContain(error.problem);
    expect(error.report.port).toBe(at.url);
    expect(error.report.statistics?.framesSent).toBeGreaterThan(3);
    expect(error.causes.length).toBeGreaterThan(0);
    expect(error.message).toMatch(/while .*, after \d+\.\d s\n {2}sent \d+ bytes in \d+ frames/);
    await expect(board.run(program(1))).rejects.toBe(error);
  });

  test.each(['', 'http://x', 'tcp://127.0.0.1', 'udp://h:99999', 'tcp://:5'])(
    'no address: "%s"',
    async (url) => {
      await expect(openBoard(url)).rejects.toMatchObject({ problem: 'bad address' });
    },
  );
});

test('a captured session answers as the board did, and nothing else', async () => {
  const at = await serve('tcp');
  const file = join(mkdtempSync(join(tmpdir(), 'plastic-capture-')), 'session.capture');
  const live = await openBoard(at.url, { capture: file });
  const answers = [await live.run(program(1)), await live.run(read(0))];
  await live.close();
  const replay = await openBoard(file);
  expect(replay.info).toMatchObject({ link: 'replay', emulator: { seed: 5 } });
  expect(await replay.run(program(1))).toEqual(answers[0]);
  await expect(replay.run(read(1))).rejects.toMatchObject({ problem: 'not in the capture' });
  expect(await replay.run(read(0))).toEqual(answers[1]);
  await expect(replay.run(read(0))).rejects.toBeInstanceOf(BoardError);
});
