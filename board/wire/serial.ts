/** A serial port as the line of a link. */

import type { PortProblem } from '../board.js';
import { systemClock } from '../link/clock.js';
import type { HostLinkOwner } from '../link/host-link.js';
import { UartHost } from '../link/uart-host.js';
import type { Line } from '../link/uart-link.js';
import { PortError } from '../link-error.js';
import type { Connection, Connector } from '../wire-board.js';

/** What is needed of a binding of the `serialport` package: tests bring their own. */
export interface SerialBinding {
  list(): Promise<readonly SerialPortInfo[]>;
  open(options: { path: string; baudRate: number; lock?: boolean }): Promise<SerialBindingPort>;
}

export interface SerialBindingPort {
  read(buffer: Buffer, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
  write(buffer: Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface SerialPortInfo {
  readonly path: string;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
}

export const usualBaud = 115_200;
/** Bytes that may wait in front of the operating system. */
const congestion = 2048;

/** The binding of this machine, loaded when the first port is needed. */
export async function systemBinding(): Promise<SerialBinding> {
  const { SerialPort } = await import('serialport');
  return SerialPort.binding as unknown as SerialBinding;
}

/** Bytes of a port, read and written as fast as it can. */
export class SerialLine implements Line {
  readonly bytesPerSecond: number;
  private readonly queue: Uint8Array[] = [];
  private waiting = 0;
  private isWriting = false;
  private isOpen = true;

  private constructor(
    private readonly port: SerialBindingPort,
    baud: number,
    private readonly received: (bytes: Uint8Array) => void,
    private readonly drained: () => void,
    private readonly lost: () => void,
  ) {
    // A start bit, eight of data and a stop bit.
    this.bytesPerSecond = baud / 10;
  }

  /** @throws PortError */
  static async open(
    binding: SerialBinding,
    path: string,
    baud: number,
    handlers: {
      readonly received: (bytes: Uint8Array) => void;
      readonly drained: () => void;
      readonly lost: () => void;
    },
  ): Promise<SerialLine> {
    const began = performance.now();
    try {
      const port = await binding.open({ path, baudRate: baud, lock: true });
      const line = new SerialLine(port, baud, handlers.received, handlers.drained, handlers.lost);
      void line.read();
      return line;
    } catch (error) {
      throw new PortError(
        problemOf(error),
        { phase: 'opening the port', port: path, waited: performance.now() - began },
        error instanceof Error ? { said: error.message } : {},
      );
    }
  }

  isCongested(): boolean {
    return this.waiting > congestion;
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.queue.push(bytes);
    this.waiting += bytes.length;
    if (!this.isWriting) void this.drain();
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    // What was written last (a goodbye) still goes out.
    for (let i = 0; i < 20 && this.isWriting; i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    this.isOpen = false;
    await this.port.close().catch(() => {});
  }

  private async drain(): Promise<void> {
    this.isWriting = true;
    try {
      while (this.queue.length > 0) {
        const bytes = Buffer.concat(this.queue.splice(0));
        await this.port.write(bytes);
        this.waiting -= bytes.length;
        if (!this.isCongested()) this.drained();
      }
    } catch {
      this.fail();
    } finally {
      this.isWriting = false;
    }
  }

  private async read(): Promise<void> {
    const buffer = Buffer.alloc(65536);
    try {
      while (this.isOpen) {
        const { bytesRead } = await this.port.read(buffer, 0, buffer.length);
        if (bytesRead > 0) this.received(buffer.subarray(0, bytesRead));
      }
    } catch {
      this.fail();
    }
  }

  private fail(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    void this.port.close().catch(() => {});
    this.lost();
  }
}

/** Why a port could not be opened, from what the operating system said. */
export function problemOf(error: unknown): PortProblem {
  const text = error instanceof Error ? error.message : String(error);
  if (/permission|access denied|EACCES|EPERM/i.test(text) && !/lock/i.test(text))
    return 'no permission';
  if (/lock|busy|EBUSY|in use|temporarily unavailable|access is denied/i.test(text))
    return 'port busy';
  if (/no such|not found|ENOENT|ENXIO|cannot open .*COM/i.test(text)) return 'no such port';
  return 'port failed';
}

export interface SerialOptions {
  readonly baud?: number;
  readonly binding?: SerialBinding;
  /** Milliseconds that the greeting may take. */
  readonly patience?: number;
}

/** How to reach a board on a serial port. */
export function serialConnector(path: string, options: SerialOptions = {}): Connector {
  const baud = options.baud ?? usualBaud;
  return {
    url: path,
    kind: 'serial',
    wordsPerSecond: wordsPerSecond(baud / 10),
    async connect(owner: HostLinkOwner): Promise<Connection> {
      let link: UartHost | undefined = undefined;
      const line = await SerialLine.open(options.binding ?? (await systemBinding()), path, baud, {
        received: (bytes) => link?.receive(bytes),
        drained: () => link?.drained(),
        lost: () => link?.lost(),
      });
      link = new UartHost(systemClock, line, owner, {
        nonce: Math.floor(Math.random() * 0x100000000),
        ...(options.patience === undefined ? {} : { patience: options.patience }),
      });
      return { link, close: () => line.close() };
    },
  };
}

/** Words that a line of so many bytes a second carries in full frames. */
export function wordsPerSecond(bytesPerSecond: number): number {
  return (bytesPerSecond * 32) / 268;
}
