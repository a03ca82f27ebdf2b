/** Stands between clients and a board, and writes down what goes to and fro. */

import type { Board } from '../board.js';
import { BoardMachine } from '../server/board-machine.js';
import { BoardServer, type ServerOptions } from '../server/board-server.js';

/** A server whose clients use `board` (one that captures, for example). @param failed told when `board` fails */
export function proxyServer(
  board: Board,
  options: ServerOptions,
  failed: (error: unknown) => void,
): BoardServer {
  const server: BoardServer = new BoardServer(
    new BoardMachine(board, (error) => {
      failed(error);
      server.dismiss('the board behind failed');
    }),
    // The limits of time are those of the board behind.
    { ...options, limits: { ...options.limits, chipSeconds: 1e9, wallSeconds: 1e9 } },
  );
  return server;
}
