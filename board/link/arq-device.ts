/** The board's end of HostARQ. */

import { wordsOfBytes } from '../framing/bytes.js';
import { hostArqWords, packetTypes } from '../framing/hostarq-frame.js';
import { ArqLink, arqSequence, arqWindow } from './arq-link.js';
import type { Clock } from './clock.js';
import { asciiBytes } from './self-description.js';
import type { LinkStatistics } from './statistics.js';
import type { DeviceLink, DeviceOwner } from './uart-device.js';

/** Milliseconds within which copies of a reset may come late. */
const lateCopies = 300;

/** See the module's first sentence. */
export class ArqDevice implements DeviceLink {
  private readonly link: ArqLink;
  /** When the first frame of the session came; undefined before. */
  private begunAt: number | undefined = undefined;

  constructor(
    private readonly clock: Clock,
    transmit: (datagram: Uint8Array) => void,
    private readonly owner: DeviceOwner,
  ) {
    this.link = new ArqLink(clock, transmit, {
      room: () => owner.room(),
      frame: (type, words) => this.take(type, words),
      gaveUp: () => owner.ended('no acknowledgement'),
      settled: () => owner.settled?.(),
    });
  }

  get statistics(): LinkStatistics {
    return this.link.counts.copy();
  }

  get unsent(): number {
    return this.link.unsent;
  }

  receive(datagram: Uint8Array): void {
    this.link.receive(datagram);
  }

  /** The reset port was hit: both sides begin again, and the board says what it is. */
  reset(): void {
    const now = this.clock.now();
    // The host repeats its reset until it is answered: a late copy must not end the session that has begun. Copies
    // were sent before the first frame, so they come soon after it if they come at all.
    if (this.link.isActive && this.begunAt !== undefined && now - this.begunAt < lateCopies) return;
    this.begunAt = undefined;
    this.link.start(packetTypes.loopback);
    this.owner.started();
    const text = asciiBytes(this.owner.description());
    const info = new Uint8Array(8 * (Math.floor(text.length / 8) + 1));
    info.set(text);
    const words = wordsOfBytes(info);
    const first = Uint32Array.of(0, arqSequence, 0, arqWindow, 0, hostArqWords, 0, info.length / 8);
    let at = 2 * (hostArqWords - 4);
    const frame = new Uint32Array(first.length + Math.min(at, words.length));
    frame.set(first);
    frame.set(words.subarray(0, at), first.length);
    this.link.sendFrame(packetTypes.configuration, frame);
    for (; at < words.length; at += 2 * hostArqWords)
      this.link.sendFrame(packetTypes.configuration, words.slice(at, at + 2 * hostArqWords));
  }

  send(words: Uint32Array): void {
    this.link.send(words);
  }

  roomGrew(): void {
    this.link.roomGrew();
  }

  close(): void {
    this.link.stop();
  }

  private take(type: number, words: Uint32Array): void {
    this.begunAt ??= this.clock.now();
    switch (type) {
      case packetTypes.playback:
        this.owner.words(words);
        return;
      case packetTypes.loopback:
        this.link.sendFrame(packetTypes.loopback, words);
        return;
      case packetTypes.flush:
        // The acknowledgement first: the host waits for nothing else.
        this.link.flush();
        this.link.stop();
        this.owner.ended('goodbye');
        return;
    }
  }
}
