/**
 * A long run of the serial link over a bad line, the other end in a process of its own: bytes are flipped, lost and
 * inserted in both directions, and the line is cut now and then. Every word that arrives is checked.
 * Run: npx esbuild bench/link-soak.ts --bundle --platform=node --format=esm --outfile=/tmp/soak.mjs \
 *        && node /tmp/soak.mjs [frames, default 1000000] [seed]
 */

import { fork } from 'node:child_process';
import { createConnection, createServer, type Socket } from 'node:net';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../board/link/clock.js';
import { UartDevice } from '../board/link/uart-device.js';
import { UartHost } from '../board/link/uart-host.js';
import type { Line } from '../board/link/uart-link.js';
import { SocketLine } from '../board/wire/tcp.js';
import { Stream } from '../isa/numeric/random.js';

const errorRate = 1e-4;
/** Words that may wait at each end. */
const ahead = 20_000;

/** Entry `index` of a stream that has a number of its own: the first two entries tell it. */
function entry(stream: number, index: number): number {
  if (index < 2) return stream;
  let value = Math.imul(index ^ Math.imul(stream, 0x9e3779b1), 0x85ebca6b);
  value ^= value >>> 13;
  value = Math.imul(value, 0xc2b2ae35);
  value ^= value >>> 16;
  // Playback words have many zeros.
  return value & 0x10 ? 0 : value >>> 0;
}

/** Makes and checks streams. */
class Checked {
  wrong = 0;
  wordsChecked = 0;
  private sending = 0;
  private sent = 0;
  private stream: number | undefined = undefined;
  private at = 0;

  restart(stream: number): void {
    this.sending = stream >>> 0;
    this.sent = 0;
    this.stream = undefined;
    this.at = 0;
  }

  next(words: number): Uint32Array {
    return Uint32Array.from({ length: 2 * words }, () => entry(this.sending, this.sent++));
  }

  take(words: Uint32Array): void {
    for (const value of words) {
      this.stream ??= value;
      if (value !== entry(this.stream, this.at++)) this.wrong++;
    }
    this.wordsChecked += words.length / 2;
  }
}

/** The board in the other process: listens, streams, checks, and reports when asked. */
function peer(): void {
  const checked = new Checked();
  let sessions = 0;
  const devices: UartDevice[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const device = new UartDevice(
      systemClock,
      new SocketLine(socket),
      {
        room: () => 65535,
        words: (words) => checked.take(words),
        started: () => {
          checked.restart(0x1000000 + ++sessions);
          setTimeout(fill, 1);
        },
        ended: () => {},
        description: () => 'version: 1\ncompatible_until: 4\n',
      },
      { window: 16, maxWords: 32 },
    );
    devices.push(device);
    const fill = (): void => {
      if (device.unsent < ahead) device.send(checked.next(ahead / 2));
    };
    const timer = setInterval(fill, 2);
    socket.on('data', (bytes: Buffer) => device.receive(bytes));
    socket.on('drain', () => device.drained());
    socket.on('close', () => {
      clearInterval(timer);
      device.lost();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
  });
  process.on('message', () => {
    const { statistics } = devices.at(-1)!;
    process.send?.({ wrong: checked.wrong, words: checked.wordsChecked, sessions, statistics });
  });
  process.on('disconnect', () => process.exit(0));
}

/** Bytes on their way through a bad line. */
class BadLine {
  isCut = false;
  damage = 0;

  constructor(private readonly random: Stream) {}

  spoil(bytes: Uint8Array): Uint8Array | undefined {
    if (this.isCut) return undefined;
    let at = this.gap();
    if (at >= bytes.length) return bytes;
    const out: number[] = [];
    let from = 0;
    while (at < bytes.length) {
      out.push(...bytes.subarray(from, at));
      this.damage++;
      const kind = this.random.integer(3);
      if (kind === 0) out.push((bytes[at] ?? 0) ^ (1 << this.random.integer(8)));
      else if (kind === 1) out.push(bytes[at] ?? 0, this.random.integer(256));
      from = at + 1;
      at = from + this.gap();
    }
    out.push(...bytes.subarray(from));
    return Uint8Array.from(out);
  }

  /** Bytes to the next damage. */
  private gap(): number {
    return Math.floor(this.random.exponential() / errorRate);
  }
}

interface Report {
  readonly port?: number;
  readonly wrong?: number;
  readonly words?: number;
  readonly sessions?: number;
  readonly statistics?: { readonly damaged: number; readonly resent: number };
}

async function soak(frames: number, seed: number): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['--peer'], { stdio: 'inherit' });
  const message = (): Promise<Report> =>
    new Promise((resolve) => child.once('message', (report: Report) => resolve(report)));
  const { port = 0 } = await message();
  const socket: Socket = createConnection({ port, host: '127.0.0.1' });
  await new Promise((resolve) => socket.once('connect', resolve));
  const down = new BadLine(new Stream(seed, 'down'));
  const up = new BadLine(new Stream(seed, 'up'));
  const random = new Stream(seed, 'cuts');
  const checked = new Checked();
  const inner = new SocketLine(socket);
  const line: Line = {
    isCongested: () => inner.isCongested(),
    write: (bytes) => {
      const spoiled = down.spoil(bytes);
      if (spoiled !== undefined) inner.write(spoiled);
    },
  };
  let sessions = 0;
  let isOpen = false;
  let cuts = 0;
  let lostSessions = 0;
  let cutEnded = 0;
  const recoveries: number[] = [];
  const host = new UartHost(systemClock, line, {
    opened: () => {
      isOpen = true;
      checked.restart(++sessions);
    },
    words: (words) => {
      checked.take(words);
      if (cutEnded > 0) recoveries.push(performance.now() - cutEnded);
      cutEnded = 0;
    },
    down: () => {
      isOpen = false;
      lostSessions++;
      setTimeout(() => host.open(), 50);
    },
  });
  socket.on('data', (bytes: Buffer) => {
    const spoiled = up.spoil(bytes);
    if (spoiled !== undefined) host.receive(spoiled);
  });
  socket.on('drain', () => host.drained());
  host.open();
  const cut = (): void => {
    down.isCut = up.isCut = true;
    cuts++;
    // Mostly short; one in eight outlasts the patience of the link.
    const length = random.integer(8) === 0 ? 12_000 : 20 + random.integer(600);
    setTimeout(() => {
      down.isCut = up.isCut = false;
      cutEnded = performance.now();
      setTimeout(cut, 4000 + random.integer(16_000));
    }, length);
  };
  setTimeout(cut, 2000);
  const began = performance.now();
  const done = (): number => host.statistics.framesSent + host.statistics.framesReceived;
  let told = 0;
  while (done() < frames) {
    if (done() > told + frames / 10) {
      told = done();
      process.stderr.write(`${told} frames, ${cuts} cuts, ${checked.wrong} wrong words\n`);
    }
    if (isOpen && host.unsent < ahead) host.send(checked.next(ahead / 2));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const seconds = (performance.now() - began) / 1000;
  child.send('report');
  const other = await message();
  const s = host.statistics;
  recoveries.sort((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(recoveries[Math.floor(share * (recoveries.length - 1))] ?? 0)} ms`;
  process.stdout.write(
    [
      `frames              ${done()} (${s.framesSent} sent, ${s.framesReceived} good ones received) in ${seconds.toFixed(0)} s`,
      `bytes               ${s.bytesSent} sent, ${s.bytesReceived} received; ${down.damage} + ${up.damage} places damaged`,
      `damaged frames      ${other.statistics?.damaged ?? 0} at the board (last session's socket), ${s.damaged} at the host`,
      `sent again          ${s.resent} by the host, ${other.statistics?.resent ?? 0} by the board`,
      `cuts                ${cuts}; sessions lost and opened again ${lostSessions}`,
      `words checked       ${other.words ?? 0} at the board, ${checked.wordsChecked} at the host`,
      `wrong words         ${(other.wrong ?? 0) + checked.wrong}`,
      `cut's end to next   median ${at(0.5)}, longest ${at(1)}`,
      '',
    ].join('\n'),
  );
  child.disconnect();
  socket.destroy();
  process.exit(checked.wrong + (other.wrong ?? 0) > 0 ? 1 : 0);
}

if (process.argv.includes('--peer')) peer();
else await soak(Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 1));
