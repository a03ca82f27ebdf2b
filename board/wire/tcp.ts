/** The serial frames over a TCP connection. */

import { createConnection, type Socket } from 'node:net';
import type { PortProblem } from '../board.js';
import { systemClock } from '../link/clock.js';
import type { HostLinkOwner } from '../link/host-link.js';
import { UartHost } from '../link/uart-host.js';
import type { Line } from '../link/uart-link.js';
import { PortError } from '../link-error.js';
import type { Connection, Connector } from '../wire-board.js';

/** A connected socket as a line. */
export class SocketLine implements Line {
  constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
  }

  isCongested(): boolean {
    return this.socket.writableNeedDrain;
  }

  write(bytes: Uint8Array): void {
    if (!this.socket.destroyed && this.socket.writable) this.socket.write(bytes);
  }
}

function connect(host: string, port: number, url: string, patience: number): Promise<Socket> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port });
    const fail = (problem: PortProblem, said: string): void => {
      socket.destroy();
      reject(
        new PortError(
          problem,
          { phase: 'opening the port', port: url, waited: performance.now() - began },
          { said },
        ),
      );
    };
    const limit = setTimeout(() => fail('no such port', 'no connection in time'), patience);
    socket.once('connect', () => {
      clearTimeout(limit);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: Error & { readonly code?: string }) => {
      clearTimeout(limit);
      fail(error.code === 'EACCES' ? 'no permission' : 'no such port', error.message);
    });
  });
}

/** How to reach a board that serves the serial frames over TCP. */
export function tcpConnector(
  host: string,
  port: number,
  options: { readonly patience?: number } = {},
): Connector {
  const url = `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    kind: 'tcp',
    async connect(owner: HostLinkOwner): Promise<Connection> {
      const socket = await connect(host, port, url, options.patience ?? 5000);
      const link = new UartHost(systemClock, new SocketLine(socket), owner, {
        nonce: Math.floor(Math.random() * 0x100000000),
        ...(options.patience === undefined ? {} : { patience: options.patience }),
      });
      socket.on('data', (bytes: Buffer) => link.receive(bytes));
      socket.on('drain', () => link.drained());
      socket.on('error', () => socket.destroy());
      socket.on('close', () => link.lost());
      return {
        link,
        close: () =>
          new Promise((resolve) => {
            if (socket.destroyed) {
              resolve();
              return;
            }
            socket.once('close', () => resolve());
            socket.end();
            setTimeout(() => socket.destroy(), 200).unref();
          }),
      };
    },
  };
}
