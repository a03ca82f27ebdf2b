/**
 * Go-back-N on a serial line: one end of a session, host or device alike. Pure: bytes come in by `receive`, go out by
 * `line.write`, and time is the clock's, so it runs in a browser and in tests without waiting.
 *
 * The greeting around it is in uart-host.ts and uart-device.ts.
 */

import { bytesOfWords, wordsOfBytes } from '../framing/bytes.js';
import { Splitter } from '../framing/splitter.js';
import {
  decodeUartFrame,
  encodeUartFrame,
  frameTypes,
  stuffedLimit,
  type UartFrame,
} from '../framing/uart-frame.js';
import { Alarm, type Clock } from './clock.js';
import { LinkCounts } from './statistics.js';
import { WordQueue } from './word-queue.js';

/** The line below: bytes go out in order, as fast as it can. */
export interface Line {
  write(bytes: Uint8Array): void;
  /** True while enough bytes wait in front of the line; `drained` is to be called when that ends. */
  isCongested(): boolean;
  /** Bytes per second, if known: time limits follow it. */
  readonly bytesPerSecond?: number | undefined;
}

/** What the owner of a link does. */
export interface UartLinkOwner {
  /** Words that can be taken now. */
  room(): number;
  words(words: Uint32Array): void;
  /** HELLO, HELLO_ACK, LOOPBACK and BYE. */
  control(frame: UartFrame): void;
  /** Frames were sent `tries` times without an acknowledgement. */
  gaveUp(): void;
  /** Everything sent has been acknowledged. */
  settled?(): void;
}

/** Agreed when a session opens. */
export interface SessionTerms {
  /** Frames under way at most, 1..127. */
  readonly window: number;
  /** Words in a frame at most. */
  readonly maxWords: number;
}

export const defaultTerms: SessionTerms = { window: 16, maxWords: 32 };

const acknowledgeAfter = 10;
const starvingEvery = 100;
/** What was said so often has arrived. */
const mostAnnouncements = 20;
const leastPatience = 50;
const mostPatience = 500;
const mostTries = 20;
const creditLimit = 0xffff;

interface Sent {
  readonly seq: number;
  readonly payload: Uint8Array;
  at: number;
}

/** See the module's first sentence. */
export class UartLink {
  readonly counts = new LinkCounts();
  /** Data frames are taken and sent. */
  isActive = false;

  private terms = defaultTerms;
  private readonly splitter: Splitter;
  private readonly queue = new WordQueue();
  private outstanding: Sent[] = [];
  private outstandingWords = 0;
  /** The first outstanding frame that has still to be written (again). */
  private cursor = 0;
  private nextSeq = 0;
  private expected = 0;
  private peerCredit = 0;
  private tries = 0;
  private refusedNakUntil = 0;
  private unacknowledged = 0;
  private hadFault = false;
  /** The credit sent last was less than a frame, or no data has come since it was. */
  private isStarving = false;
  /** Announcements of plenty of credit without an answer. */
  private announcements = 0;
  private readonly acknowledgeAlarm: Alarm;
  private readonly patienceAlarm: Alarm;
  private readonly starvingAlarm: Alarm;

  /** @param frameLimit most payload bytes of any frame that is taken */
  constructor(
    private readonly clock: Clock,
    private readonly line: Line,
    private readonly owner: UartLinkOwner,
    frameLimit: number,
  ) {
    this.splitter = new Splitter(stuffedLimit(frameLimit));
    this.acknowledgeAlarm = new Alarm(clock, () => this.acknowledge());
    this.patienceAlarm = new Alarm(clock, () => this.lostPatience());
    this.starvingAlarm = new Alarm(clock, () => this.starve());
  }

  /** Words handed over and not yet acknowledged by the other end. */
  get unsent(): number {
    return this.queue.length + this.outstandingWords;
  }

  /** Begins a session: sequence numbers at 0, nothing under way. @param credit words that the other end can take */
  start(terms: SessionTerms, credit = 0): void {
    this.stop();
    this.terms = terms;
    this.announcements = 0;
    this.nextSeq = 0;
    this.expected = 0;
    this.peerCredit = credit;
    this.tries = 0;
    this.refusedNakUntil = 0;
    this.hadFault = false;
    this.isStarving = false;
    this.isActive = true;
  }

  /** Ends the session: forgets what is under way; bytes are still read, for control frames. */
  stop(): void {
    this.isActive = false;
    this.queue.clear();
    this.outstanding = [];
    this.outstandingWords = 0;
    this.cursor = 0;
    this.unacknowledged = 0;
    this.acknowledgeAlarm.clear();
    this.patienceAlarm.clear();
    this.starvingAlarm.clear();
  }

  /** Hands words over to be sent. */
  send(words: Uint32Array): void {
    if (!this.isActive) return;
    this.queue.push(words);
    this.pump();
  }

  /** Takes bytes from the line. */
  receive(bytes: Uint8Array): void {
    this.counts.bytesReceived += bytes.length;
    this.splitter.push(bytes, (piece) => {
      const frame = piece === undefined ? undefined : decodeUartFrame(piece);
      if (frame === undefined) this.fault();
      else this.take(frame);
    });
  }

  /** The line can take more. */
  drained(): void {
    this.pump();
  }

  /** The owner has room again: a peer that waits for credit is told. */
  roomGrew(): void {
    if (this.isActive && this.isStarving && this.room() >= this.terms.maxWords) this.acknowledge();
  }

  /** Sends the acknowledgement that is due, if one is. */
  flush(): void {
    if (this.isActive && this.unacknowledged > 0) this.acknowledge();
  }

  /** Tells the other end our credit, and again until data comes, since it may be lost. */
  announce(): void {
    this.isStarving = true;
    this.acknowledge();
  }

  /** Sends an acknowledgement with the present credit. */
  acknowledge(): void {
    this.sendFrame(frameTypes.ack);
  }

  /** Sends a frame outside the sequence. */
  sendFrame(type: number, payload: Uint8Array = new Uint8Array(0), seq = 0): void {
    const credit = this.creditToSend();
    this.write({ type, seq, ack: (this.expected + 255) & 255, credit, payload });
  }

  /** Sends a frame as it is. */
  write(frame: UartFrame): void {
    const bytes = encodeUartFrame(frame);
    this.counts.bytesSent += bytes.length;
    this.counts.framesSent++;
    this.line.write(bytes);
  }

  private room(): number {
    return Math.min(creditLimit, Math.max(0, Math.floor(this.owner.room())));
  }

  /** The credit of a frame that goes out now, which also acknowledges. */
  private creditToSend(): number {
    this.unacknowledged = 0;
    this.acknowledgeAlarm.clear();
    if (!this.isActive) return 0;
    const room = this.room();
    if (room < this.terms.maxWords) this.isStarving = true;
    if (this.isStarving) this.starvingAlarm.setBy(this.clock.now() + starvingEvery);
    return room;
  }

  private take(frame: UartFrame): void {
    this.hadFault = false;
    this.counts.good(nameOf(frame), this.clock.now());
    switch (frame.type) {
      case frameTypes.data:
        if (!this.isActive) return;
        this.takeAcknowledgement(frame);
        this.takeData(frame);
        break;
      case frameTypes.ack:
        if (!this.isActive) return;
        this.takeAcknowledgement(frame);
        break;
      case frameTypes.nak:
        if (!this.isActive) return;
        this.takeAcknowledgement(frame);
        this.takeRefusal(frame.payload[0]);
        break;
      default:
        this.owner.control(frame);
        return;
    }
    this.pump();
  }

  private takeAcknowledgement({ ack, credit }: UartFrame): void {
    const base = (this.nextSeq - this.outstanding.length) & 255;
    const done = (ack - base + 1) & 255;
    // An acknowledgement of what was never sent is noise from an earlier session.
    if (done > this.outstanding.length) return;
    this.peerCredit = credit;
    if (done === 0) return;
    for (const { payload } of this.outstanding.splice(0, done)) {
      this.outstandingWords -= payload.length / 8;
      this.counts.wordsSent += payload.length / 8;
    }
    this.cursor = Math.max(0, this.cursor - done);
    this.tries = 0;
    this.patienceAlarm.clear();
    if (this.outstanding.length === 0 && this.queue.length === 0) this.owner.settled?.();
  }

  private takeData({ seq, payload }: UartFrame): void {
    const words = payload.length / 8;
    const fits =
      Number.isInteger(words) && words > 0 && words <= this.terms.maxWords && words <= this.room();
    if (seq !== this.expected || !fits) {
      this.counts.dropped++;
      this.acknowledge();
      return;
    }
    this.expected = (seq + 1) & 255;
    this.counts.wordsReceived += words;
    this.unacknowledged++;
    this.owner.words(wordsOfBytes(payload));
    if (!this.isActive) return;
    if (this.isStarving && this.room() >= this.terms.maxWords) {
      this.isStarving = false;
      this.starvingAlarm.clear();
      if (this.unacknowledged > 0) this.acknowledge();
    }
    if (this.unacknowledged >= Math.max(1, this.terms.window >> 1)) this.acknowledge();
    else if (this.unacknowledged > 0)
      this.acknowledgeAlarm.setBy(this.clock.now() + acknowledgeAfter);
  }

  /** A NAK: everything from there on is sent again, once for each hole. */
  private takeRefusal(expected: number | undefined): void {
    const first = this.outstanding[0];
    if (first === undefined || expected !== first.seq || this.cursor === 0) return;
    if (this.clock.now() < this.refusedNakUntil) return;
    this.sendAgain();
  }

  private fault(): void {
    this.counts.damaged++;
    if (!this.isActive || this.hadFault) return;
    this.hadFault = true;
    this.sendFrame(frameTypes.nak, Uint8Array.of(this.expected));
  }

  private sendAgain(): void {
    if (++this.tries > mostTries) {
      this.stop();
      this.owner.gaveUp();
      return;
    }
    this.counts.resent += Math.min(this.cursor, this.outstanding.length);
    this.cursor = 0;
    this.refusedNakUntil = this.clock.now() + this.patience() / 4;
    this.pump();
  }

  private lostPatience(): void {
    const first = this.outstanding[0];
    if (first === undefined) return;
    // While the line is still busy with earlier frames nothing can have come back.
    if (this.cursor === 0 && this.line.isCongested()) this.armPatience();
    else if (this.clock.now() < first.at + this.patience()) this.armPatience();
    else this.sendAgain();
  }

  /** Waiting for credit, or keeping somebody waiting for it: both ends say so every 100 ms. */
  private starve(): void {
    if (!this.isActive) return;
    const isShort = this.room() < this.terms.maxWords;
    this.announcements = isShort ? 0 : this.announcements + 1;
    if (this.announcements > mostAnnouncements) this.isStarving = false;
    if (this.isStarving || this.waitsForCredit()) this.acknowledge();
    if (this.waitsForCredit()) this.starvingAlarm.setBy(this.clock.now() + starvingEvery);
  }

  private waitsForCredit(): boolean {
    return this.queue.length > 0 && this.outstanding.length === 0 && this.peerCredit === 0;
  }

  /** Longest wait for an acknowledgement of the oldest frame, ms; it doubles from try to try. */
  private patience(): number {
    const rate = this.line.bytesPerSecond;
    const frame = rate === undefined ? 0 : (1000 * stuffedLimit(8 * this.terms.maxWords)) / rate;
    const first = Math.max(leastPatience, 4 * frame * this.terms.window);
    return Math.max(first, Math.min(first * 2 ** Math.min(this.tries, 10), mostPatience));
  }

  private armPatience(): void {
    const first = this.outstanding[0];
    if (first === undefined) return;
    const now = this.clock.now();
    this.patienceAlarm.setAt(Math.max(now + 5, first.at + this.patience()));
  }

  /** Writes what window, credit and line allow. */
  private pump(): void {
    if (!this.isActive) return;
    while (!this.line.isCongested()) {
      const again = this.outstanding[this.cursor];
      if (again === undefined && !this.packFrame()) break;
      const sent = this.outstanding[this.cursor++];
      if (sent === undefined) break;
      sent.at = this.clock.now();
      this.sendFrame(frameTypes.data, sent.payload, sent.seq);
    }
    if (this.outstanding.length > 0 && !this.patienceAlarm.isSet) this.armPatience();
    if (this.waitsForCredit()) this.starvingAlarm.setBy(this.clock.now() + starvingEvery);
  }

  /** Makes a frame of queued words; false if window or credit forbid it, or there are none. */
  private packFrame(): boolean {
    const { window, maxWords } = this.terms;
    if (this.queue.length === 0 || this.outstanding.length >= window) return false;
    const wanted = Math.min(maxWords, this.queue.length);
    const count = Math.min(wanted, this.peerCredit - this.outstandingWords);
    // Small frames only when nothing else can come of waiting.
    if (count < 1 || (count < wanted && this.outstanding.length > 0)) return false;
    const payload = bytesOfWords(this.queue.take(count));
    this.outstanding.push({ seq: this.nextSeq, payload, at: this.clock.now() });
    this.outstandingWords += count;
    this.nextSeq = (this.nextSeq + 1) & 255;
    return true;
  }
}

const typeNames: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(frameTypes).map(([name, type]) => [type, name.toUpperCase()]),
);

function nameOf({ type, seq, ack }: UartFrame): string {
  const name = typeNames[type] ?? `type ${type}`;
  return type === frameTypes.data ? `${name} ${seq} (ack ${ack})` : `${name} (ack ${ack})`;
}
