/** A binding for serial ports that ends at a served board in this process. */

import { BoardServer, EmulatedMachine } from '../../board/index.js';
import { systemClock } from '../../board/link/clock.js';
import { UartDevice } from '../../board/link/uart-device.js';
import type { SerialBinding, SerialBindingPort } from '../../board/wire/serial.js';
import { Chip } from '../../emulator/index.js';

export interface FakePortOptions {
  /** Bits per second of the board; another rate gives garbage. Default: any. */
  readonly baud?: number;
  readonly chip?: Chip;
  /** What the board says of itself besides. */
  readonly yaml?: string;
  /** What opening the port fails with. */
  readonly failure?: string;
  /** Pulls the plug, once, when so many bytes have gone to the board. */
  readonly cutAfter?: number;
  /** Changes bytes on their way to the host. */
  readonly spoil?: (bytes: Uint8Array) => Uint8Array;
}

/** See the module's first sentence. */
export class FakePort implements SerialBinding {
  readonly server: BoardServer;
  readonly bauds: number[] = [];
  private device: UartDevice | undefined = undefined;
  private incoming: Uint8Array[] = [];
  private wake: ((error?: Error) => void) | undefined = undefined;
  private isOpen = false;
  private carried = 0;

  constructor(private readonly options: FakePortOptions = {}) {
    this.server = new BoardServer(
      new EmulatedMachine(options.chip ?? Chip.fromSeed(5), () => performance.now()),
      { yaml: options.yaml ?? '' },
    );
    this.server.admit(
      'fake port',
      (owner) => {
        this.device = new UartDevice(
          systemClock,
          { write: (bytes) => this.toHost(bytes), isCongested: () => this.incoming.length > 8 },
          owner,
        );
        return this.device;
      },
      () => {},
    );
  }

  list(): Promise<{ path: string }[]> {
    return Promise.resolve([{ path: '/dev/fake' }]);
  }

  open({ baudRate }: { path: string; baudRate: number }): Promise<SerialBindingPort> {
    this.bauds.push(baudRate);
    if (this.options.failure !== undefined) return Promise.reject(new Error(this.options.failure));
    this.isOpen = true;
    this.incoming = [];
    const isRight = this.options.baud === undefined || this.options.baud === baudRate;
    return Promise.resolve({
      read: async (buffer: Buffer) => {
        while (this.incoming.length === 0) {
          await new Promise<void>((resolve, reject) => {
            if (!this.isOpen) reject(new Error('closed'));
            this.wake = (error) => (error === undefined ? resolve() : reject(error));
          });
        }
        const bytes = this.incoming.shift() ?? new Uint8Array(0);
        if (this.incoming.length < 4) this.device?.drained();
        buffer.set(isRight ? bytes : bytes.map((byte) => (byte * 37 + 11) | 1));
        return { bytesRead: bytes.length };
      },
      write: (buffer: Buffer) => {
        if (!this.isOpen) return Promise.reject(new Error('closed'));
        const bytes = new Uint8Array(buffer);
        const { cutAfter = Infinity } = this.options;
        const wasWhole = this.carried < cutAfter;
        this.carried += bytes.length;
        if (wasWhole && this.carried >= cutAfter) this.cut();
        setImmediate(() => this.device?.receive(bytes));
        // A board at another rate still sees something, and answers with its own noise.
        if (!isRight) this.toHost(Uint8Array.of(0x55, 0xaa, 0x55));
        return Promise.resolve();
      },
      close: () => {
        this.cut();
        return Promise.resolve();
      },
    });
  }

  /** Pulls the plug. */
  cut(): void {
    this.isOpen = false;
    this.wake?.(new Error('disconnected'));
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private toHost(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.incoming.push(this.options.spoil?.(bytes) ?? bytes.slice());
    this.wake?.();
  }
}
