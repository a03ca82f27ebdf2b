/** HostARQ datagrams over UDP. */

import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { ArqHost } from '../link/arq-host.js';
import { systemClock } from '../link/clock.js';
import type { HostLinkOwner } from '../link/host-link.js';
import { PortError } from '../link-error.js';
import type { Connection, Connector } from '../wire-board.js';

export const udpDataPort = 1234;
export const udpResetPort = 45054;
const bufferBytes = 4 << 20;

export interface UdpOptions {
  readonly port?: number;
  readonly resetPort?: number;
  readonly patience?: number;
}

/** A bound socket with large buffers; the system may give less than asked for. */
export function openSocket(family: 4 | 6, port?: number, host?: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port: port ?? 0, ...(host === undefined ? {} : { address: host }) }, () => {
      socket.removeAllListeners('error');
      try {
        socket.setRecvBufferSize(bufferBytes);
        socket.setSendBufferSize(bufferBytes);
      } catch {
        // Smaller buffers lose datagrams, which are sent again.
      }
      resolve(socket);
    });
  });
}

/** How to reach a board that speaks HostARQ. */
export function udpConnector(host: string, options: UdpOptions = {}): Connector {
  const port = options.port ?? udpDataPort;
  const resetPort = options.resetPort ?? udpResetPort;
  const url = `udp://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    kind: 'udp',
    async connect(owner: HostLinkOwner): Promise<Connection> {
      const began = performance.now();
      const failed = (error: unknown): PortError =>
        new PortError(
          'no such port',
          { phase: 'opening the port', port: url, waited: performance.now() - began },
          { said: error instanceof Error ? error.message : String(error) },
        );
      const { address, family } = await lookup(host).catch((error: unknown) => {
        throw failed(error);
      });
      const socket = await openSocket(family === 6 ? 6 : 4).catch((error: unknown) => {
        throw failed(error);
      });
      let isOpen = true;
      let sending = 0;
      const send = (datagram: Uint8Array, to: number): void => {
        if (!isOpen) return;
        sending++;
        socket.send(datagram, to, address, () => {
          sending--;
        });
      };
      const link = new ArqHost(
        systemClock,
        {
          data: (datagram) => send(datagram, port),
          reset: (datagram) => send(datagram, resetPort),
        },
        owner,
        {
          nonce: Math.floor(Math.random() * 0x100000000),
          ...(options.patience === undefined ? {} : { patience: options.patience }),
        },
      );
      socket.on('message', (datagram, from) => {
        if (from.port === port && from.address === address) link.receive(datagram);
      });
      socket.on('error', () => link.lost());
      return {
        link,
        close: async () => {
          for (let i = 0; i < 20 && sending > 0; i++)
            await new Promise((resolve) => setTimeout(resolve, 2));
          isOpen = false;
          await new Promise<void>((resolve) => socket.close(() => resolve()));
        },
      };
    },
  };
}
