/** From the address of a board to the board. */

import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Board, BoardProblem } from '../board.js';
import { CapturingBoard, ReplayBoard } from '../capture/boards.js';
import { isCapture, readCapture } from '../capture/format.js';
import { BoardLinkError, PortError } from '../link-error.js';
import { WireBoard, type Connector } from '../wire-board.js';
import { serialConnector, usualBaud, type SerialBinding } from './serial.js';
import { tcpConnector } from './tcp.js';
import { udpConnector, udpDataPort, udpResetPort } from './udp.js';

/** How a board at the end of a wire is opened. */
export interface OpenOptions {
  /** Serial ports: bits per second; 115200 is tried if this does not work. Default 115200. */
  readonly baud?: number;
  /** Milliseconds that the greeting may take. */
  readonly patience?: number;
  /** Another binding of serial ports than that of this machine. */
  readonly binding?: SerialBinding;
  /** HostARQ: port for resets. Default 45054. */
  readonly resetPort?: number;
  /** File to which everything sent and received is written; an old one is replaced. */
  readonly capture?: string;
  /** Told when a faster baud rate did not work. */
  readonly onFallBack?: (from: number, to: number, reason: string) => void;
}

/** Frames of the echo test that a baud rate above the usual one has to pass, and their bytes. */
const echoTests = 8;
const echoBytes = 128;

/**
 * Opens a board: a serial port (`/dev/ttyUSB0`, `COM3`), `tcp://HOST:PORT` (serial frames), `udp://HOST[:PORT]`
 * (HostARQ) or a capture file, which answers as the board did then.
 * @throws PortError, GreetingError, BoardError (a bad capture)
 */
export async function openBoard(url: string, options: OpenOptions = {}): Promise<Board> {
  const capture = readCaptureFile(url);
  const board = capture ?? (await openWire(url, options));
  if (options.capture === undefined) return board;
  const { capture: file } = options;
  writeFileSync(file, '');
  return new CapturingBoard(board, (bytes) => appendFileSync(file, bytes));
}

/** Like `openBoard`, for what has a link. @throws PortError, GreetingError */
export async function openWire(url: string, options: OpenOptions = {}): Promise<WireBoard> {
  const { baud = usualBaud } = options;
  if (isNetwork(url) || baud === usualBaud) return WireBoard.open(connectorFor(url, options));
  try {
    const board = await WireBoard.open(connectorFor(url, options));
    try {
      for (let i = 0; i < echoTests; i++) await board.probe(echoBytes);
      if ((board.statistics?.damaged ?? 0) === 0) return board;
      throw new Error('the echo test lost frames');
    } catch (error) {
      await board.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof BoardLinkError && isCertain(error.problem)) throw error;
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    options.onFallBack?.(baud, usualBaud, reason);
    return WireBoard.open(connectorFor(url, { ...options, baud: usualBaud }));
  }
}

/** Whether another baud rate cannot help: the port cannot be had, or the board has been understood. */
function isCertain(problem: BoardProblem): boolean {
  const uncertain: readonly BoardProblem[] = [
    'port failed',
    'no answer',
    'garbage',
    'no echo',
    'no acknowledgement',
    'silent',
  ];
  return !uncertain.includes(problem);
}

/** How to reach the board at an address. @throws PortError */
export function connectorFor(url: string, options: OpenOptions = {}): Connector {
  const patience = options.patience === undefined ? {} : { patience: options.patience };
  const network = /^(tcp|udp):\/\/(\[[0-9a-fA-F:.]+\]|[^:/[\]]+)(?::(\d{1,5}))?\/?$/.exec(url);
  if (network) {
    const [, scheme, host = '', digits] = network;
    const bare = host.replace(/^\[|\]$/g, '');
    const port = digits === undefined ? undefined : Number(digits);
    if (port !== undefined && (port < 1 || port > 65535)) throw badAddress(url);
    if (scheme === 'udp')
      return udpConnector(bare, {
        port: port ?? udpDataPort,
        resetPort: options.resetPort ?? udpResetPort,
        ...patience,
      });
    if (port !== undefined) return tcpConnector(bare, port, patience);
  }
  if (/^[a-z]+:\/\//.test(url) || url === '') throw badAddress(url);
  return serialConnector(url, {
    ...(options.baud === undefined ? {} : { baud: options.baud }),
    ...(options.binding === undefined ? {} : { binding: options.binding }),
    ...patience,
  });
}

function badAddress(url: string): PortError {
  return new PortError('bad address', { phase: 'opening the port', port: url, waited: 0 });
}

function isNetwork(url: string): boolean {
  return /^(tcp|udp):/.test(url);
}

function readCaptureFile(path: string): ReplayBoard | undefined {
  if (isNetwork(path) || statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    return undefined;
  const bytes = new Uint8Array(readFileSync(path));
  return isCapture(bytes) ? new ReplayBoard(readCapture(bytes)) : undefined;
}
