/** Ports of a board server: TCP, UDP and pseudo-terminals. */

import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { ArqDevice } from '../link/arq-device.js';
import { systemClock } from '../link/clock.js';
import { UartDevice } from '../link/uart-device.js';
import type { Line, SessionTerms } from '../link/uart-link.js';
import { encodeUartFrame, frameTypes } from '../framing/uart-frame.js';
import { SocketLine } from '../wire/tcp.js';
import { openSocket } from '../wire/udp.js';
import type { BoardServer, Seat } from './board-server.js';

/** A port that takes clients until it is closed. */
export interface Listener {
  /** Address for `openBoard`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Frames under way and words in a frame that a served board announces. */
export const serverTerms: SessionTerms = { window: 64, maxWords: 32 };

/** Serial frames over TCP. @param port 0: any free one */
export async function listenTcp(board: BoardServer, host: string, port: number): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    welcome(board, socket);
  });
  await listening(server, port, host);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `tcp://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function welcome(board: BoardServer, socket: Socket): void {
  const peer = `${socket.remoteAddress ?? 'somebody'}:${socket.remotePort ?? 0}`;
  const line = new SocketLine(socket);
  let device: UartDevice | undefined = undefined;
  const seat = board.admit(
    peer,
    (owner) => (device = new UartDevice(systemClock, line, owner, serverTerms)),
    () => socket.end(),
  );
  const link: UartDevice | undefined = device;
  if (seat === undefined || link === undefined) {
    // What it says is read and dropped: unread bytes would make the system cut the goodbye off.
    socket.resume();
    socket.end(
      encodeUartFrame({
        type: frameTypes.bye,
        seq: 0,
        ack: 255,
        credit: 0,
        payload: new Uint8Array(0),
      }),
    );
    return;
  }
  serveBytes(seat, link, socket);
  socket.on('close', () => {
    (link as UartDevice).lost();
    seat.left('the connection was closed');
  });
}

function serveBytes(seat: Seat, link: UartDevice, socket: Socket): void {
  socket.on('data', (bytes: Buffer) => {
    seat.heard();
    link.receive(bytes);
  });
  socket.on('drain', () => link.drained());
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

/** HostARQ: data port and reset port on one address. @param port 0: any free ones */
export async function listenUdp(
  board: BoardServer,
  host: string,
  port: number,
  resetPort: number,
): Promise<Listener & { readonly resetPort: number }> {
  const family = host.includes(':') ? 6 : 4;
  const data = await openSocket(family, port, host);
  const reset = await openSocket(family, resetPort, host).catch((error: unknown) => {
    data.close();
    throw error;
  });
  let current:
    { readonly peer: string; readonly seat: Seat; readonly device: ArqDevice } | undefined;
  reset.on('message', (datagram, from) => {
    if (datagram.length !== 4 || datagram.some((byte) => byte !== 0xab)) return;
    const peer = `${from.address}:${from.port}`;
    if (current?.peer !== peer) {
      let device: ArqDevice | undefined = undefined;
      const seat = board.admit(
        peer,
        (owner) =>
          (device = new ArqDevice(
            systemClock,
            (bytes) => data.send(bytes, from.port, from.address),
            owner,
          )),
        () => {
          current = undefined;
        },
      );
      if (seat === undefined || device === undefined) return;
      current = { peer, seat, device };
    }
    current.seat.heard();
    current.device.reset();
  });
  data.on('message', (datagram, from) => {
    if (current?.peer !== `${from.address}:${from.port}`) return;
    current.seat.heard();
    current.device.receive(datagram);
  });
  const bound = data.address().port;
  return {
    url: `udp://${family === 6 ? `[${host}]` : host}:${bound}`,
    resetPort: reset.address().port,
    close: async () => {
      for (const socket of [data, reset]) await closed(socket);
    },
  };
}

function closed(socket: UdpSocket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

/** Standard input and output of a child process as a line. */
class PipeLine implements Line {
  constructor(private readonly child: ChildProcess) {}

  isCongested(): boolean {
    return this.child.stdin?.writableNeedDrain ?? false;
  }

  write(bytes: Uint8Array): void {
    if (this.child.stdin?.writable === true) this.child.stdin.write(bytes);
  }
}

/**
 * A pseudo-terminal under the name `path`, made by `socat`; it comes back after every client that closes it.
 * @throws Error if socat is not installed or makes no terminal
 */
export async function listenPty(board: BoardServer, path: string): Promise<Listener> {
  let isOpen = true;
  let child = await offer();
  async function offer(): Promise<ChildProcess> {
    const made = await startSocat(path);
    const line = new PipeLine(made);
    let device: UartDevice | undefined = undefined;
    let seat: Seat | undefined = undefined;
    // The terminal is there all the time; somebody is at it from the first byte on.
    made.stdout?.on('data', (bytes: Buffer) => {
      seat ??= board.admit(
        path,
        (owner) => (device = new UartDevice(systemClock, line, owner, serverTerms)),
        () => {
          seat = undefined;
          device = undefined;
        },
      );
      seat?.heard();
      (device as UartDevice | undefined)?.receive(bytes);
    });
    made.stdin?.on('drain', () => (device as UartDevice | undefined)?.drained());
    made.stdin?.on('error', () => {});
    made.once('exit', () => {
      (device as UartDevice | undefined)?.lost();
      seat?.left('the terminal was closed');
      if (isOpen)
        void offer().then(
          (next) => {
            child = next;
            if (!isOpen) next.kill();
          },
          () => {
            isOpen = false;
          },
        );
    });
    return made;
  }
  return {
    url: path,
    close: () => {
      isOpen = false;
      child.kill();
      return Promise.resolve();
    },
  };
}

function startSocat(path: string): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      'socat',
      ['-d', '-d', '-b', '65536', `pty,rawer,echo=0,link=${path}`, 'stdio'],
      {
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    let said = '';
    child.once('error', (error: Error & { readonly code?: string }) =>
      reject(
        error.code === 'ENOENT'
          ? new Error(
              'socat is not installed: it makes the pseudo-terminal (apt-get install socat)',
            )
          : error,
      ),
    );
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      if (/PTY is/.test(said)) resolve(child);
      if (said.length > 4096) said = said.slice(-1024);
    });
    child.once('exit', (code) => reject(new Error(`socat ended with ${code}: ${said.trim()}`)));
  });
}
