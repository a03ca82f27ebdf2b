/** One debugger at the end of a socket. */
import type { Socket } from 'node:net';
import { GdbServer } from '../../emulator/debug/gdb-server.js';
import type { Debuggee } from './debuggee.js';

/** Cycles between two looks at the socket: a few milliseconds. */
const SLICE = 400_000;

/** Speaks with one debugger until it goes; resolves when it has gone. */
export function serve(socket: Socket, debuggee: Debuggee): Promise<void> {
  debuggee.attached();
  const server = new GdbServer(debuggee.target);
  // Packets are small and each waits for its answer: without this a session takes a hundred times longer.
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  let isRunning = false;
  const send = (text: string): void => {
    if (text !== '') socket.write(text, 'latin1');
  };
  const advance = (): void => {
    isRunning = server.running && !socket.destroyed;
    if (!isRunning) return;
    send(server.advance(SLICE));
    setImmediate(advance);
  };
  return new Promise((resolve) => {
    socket.on('data', (text: string) => {
      send(server.receive(text));
      if (server.killed || server.detached) socket.end();
      else if (server.running && !isRunning) advance();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      debuggee.left(server.killed);
      resolve();
    });
  });
}
