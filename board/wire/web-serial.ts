/**
 * A serial port in a browser (Web Serial) as the line of a link. Typed after the specification; it has not been run
 * against a port, because no browser test can reach one.
 */

import { systemClock } from '../link/clock.js';
import type { HostLinkOwner } from '../link/host-link.js';
import { UartHost } from '../link/uart-host.js';
import type { Line } from '../link/uart-link.js';
import type { Connection, Connector } from '../wire-board.js';

/** The part of the browser's `SerialPort` that is used. */
export interface WebSerialPort {
  open(options: { baudRate: number; bufferSize?: number }): Promise<void>;
  close(): Promise<void>;
  readonly readable: WebReadable | null;
  readonly writable: WebWritable | null;
}

export interface WebReadable {
  getReader(): {
    read(): Promise<{ readonly value?: Uint8Array | undefined; readonly done: boolean }>;
    cancel(): Promise<void>;
    releaseLock(): void;
  };
}

export interface WebWritable {
  getWriter(): { write(bytes: Uint8Array): Promise<void>; releaseLock(): void };
}

const congestion = 2048;

class WebLine implements Line {
  readonly bytesPerSecond: number;
  private waiting = 0;
  private readonly reader: ReturnType<WebReadable['getReader']> | undefined;
  private readonly writer: ReturnType<WebWritable['getWriter']> | undefined;
  private isOpen = true;

  constructor(
    private readonly port: WebSerialPort,
    baud: number,
    private readonly handlers: {
      readonly received: (bytes: Uint8Array) => void;
      readonly drained: () => void;
      readonly lost: () => void;
    },
  ) {
    this.bytesPerSecond = baud / 10;
    this.reader = port.readable?.getReader();
    this.writer = port.writable?.getWriter();
    void this.read();
  }

  isCongested(): boolean {
    return this.waiting > congestion;
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen || this.writer === undefined) return;
    this.waiting += bytes.length;
    this.writer.write(bytes).then(
      () => {
        this.waiting -= bytes.length;
        if (!this.isCongested()) this.handlers.drained();
      },
      () => this.fail(),
    );
  }

  async close(): Promise<void> {
    this.isOpen = false;
    await this.reader?.cancel().catch(() => {});
    this.reader?.releaseLock();
    this.writer?.releaseLock();
    await this.port.close().catch(() => {});
  }

  private async read(): Promise<void> {
    try {
      while (this.isOpen && this.reader !== undefined) {
        const { value, done } = await this.reader.read();
        if (done) break;
        if (value !== undefined) this.handlers.received(value);
      }
    } finally {
      this.fail();
    }
  }

  private fail(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.handlers.lost();
  }
}

/** How to reach a board on a port that the user of a page has chosen (`navigator.serial.requestPort()`). */
export function webSerialConnector(
  port: WebSerialPort,
  options: { readonly baud?: number; readonly nonce?: number } = {},
): Connector {
  const baud = options.baud ?? 115_200;
  return {
    url: 'web serial port',
    kind: 'serial',
    wordsPerSecond: ((baud / 10) * 32) / 268,
    async connect(owner: HostLinkOwner): Promise<Connection> {
      await port.open({ baudRate: baud, bufferSize: 65536 });
      let link: UartHost | undefined = undefined;
      const line = new WebLine(port, baud, {
        received: (bytes) => link?.receive(bytes),
        drained: () => link?.drained(),
        lost: () => link?.lost(),
      });
      link = new UartHost(systemClock, line, owner, { nonce: options.nonce ?? 0 });
      return { link, close: () => line.close() };
    },
  };
}
