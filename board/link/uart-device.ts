/** The board's end of the serial link: answers greetings, takes programs, sends answers. */

import { frameTypes, type UartFrame } from '../framing/uart-frame.js';
import type { Clock } from './clock.js';
import { asciiBytes } from './self-description.js';
import type { LinkStatistics } from './statistics.js';
import { defaultTerms, UartLink, type Line, type SessionTerms } from './uart-link.js';
import { uartVersion } from './uart-host.js';

export interface DeviceOwner {
  /** Words of program memory that are free. */
  room(): number;
  words(words: Uint32Array): void;
  /** A session begins: executor and buffers are to be empty. */
  started(): void;
  /** The session has ended: the host said so, or acknowledged nothing any more. */
  ended(reason: 'goodbye' | 'no acknowledgement'): void;
  /** What the board says of itself. */
  description(): string;
  /** All answers have arrived at the host. */
  settled?(): void;
}

/** The board's end of a reliable link. */
export interface DeviceLink {
  readonly statistics: LinkStatistics;
  /** Words handed over that the host has not acknowledged. */
  readonly unsent: number;
  send(words: Uint32Array): void;
  /** Program memory has become free. */
  roomGrew(): void;
  /** Ends the session and says so. */
  close(): void;
}

/** See the module's first sentence. */
export class UartDevice implements DeviceLink {
  private readonly link: UartLink;

  constructor(
    clock: Clock,
    line: Line,
    private readonly owner: DeviceOwner,
    private readonly terms: SessionTerms = defaultTerms,
  ) {
    this.link = new UartLink(
      clock,
      line,
      {
        room: () => owner.room(),
        words: (words) => owner.words(words),
        control: (frame) => this.control(frame),
        gaveUp: () => owner.ended('no acknowledgement'),
        settled: () => owner.settled?.(),
      },
      Math.max(8 * terms.maxWords, 256),
    );
  }

  get statistics(): LinkStatistics {
    return this.link.counts.copy();
  }

  get unsent(): number {
    return this.link.unsent;
  }

  receive(bytes: Uint8Array): void {
    this.link.receive(bytes);
  }

  drained(): void {
    this.link.drained();
  }

  send(words: Uint32Array): void {
    this.link.send(words);
  }

  roomGrew(): void {
    this.link.roomGrew();
  }

  close(): void {
    this.link.sendFrame(frameTypes.bye);
    this.link.stop();
  }

  /** The line is gone. */
  lost(): void {
    this.link.stop();
  }

  private control(frame: UartFrame): void {
    switch (frame.type) {
      case frameTypes.hello:
        this.hello(frame.payload[0] ?? 0);
        return;
      case frameTypes.loopback:
        this.link.write(frame);
        return;
      case frameTypes.bye:
        if (!this.link.isActive) return;
        this.link.stop();
        this.owner.ended('goodbye');
        return;
    }
  }

  private hello(version: number): void {
    this.link.stop();
    this.owner.started();
    const { window, maxWords } = this.terms;
    // A host of another version learns ours and goes away.
    if (version === uartVersion) this.link.start(this.terms);
    const text = asciiBytes(this.owner.description());
    const payload = new Uint8Array(4 + text.length);
    payload.set([uartVersion, window, maxWords >> 8, maxWords & 255]);
    payload.set(text, 4);
    this.link.sendFrame(frameTypes.helloAck, payload);
  }
}
