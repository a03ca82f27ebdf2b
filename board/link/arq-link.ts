/**
 * HostARQ over datagrams: one end of the laboratory's reliable link, host or board. Selective repeat with a window of
 * 128 frames; every frame is sent again by itself until it is acknowledged. Pure, like the serial link.
 */

import {
  decodeHostArqFrame,
  encodeHostArqFrame,
  hostArqWords,
  packetTypes,
} from '../framing/hostarq-frame.js';
import { Alarm, type Clock } from './clock.js';
import { LinkCounts } from './statistics.js';
import { WordQueue } from './word-queue.js';

export const arqSequence = 256;
export const arqWindow = 128;
/** ms until a frame is sent again, and until an acknowledgement goes out by itself. */
const resendAfter = 0.756;
const acknowledgeAfter = 0.5;
/** A frame that is lost again and again is sent less often, up to this, ms. */
const slowestResend = 20;
const mostResends = 10_000;
/** Without any acknowledgement for so long the link is down (10000 resends at the usual rate), ms. */
const giveUpAfter = 7560;
/** .. and so many times of sending again: a machine that was held up has not waited all that time. */
const leastRounds = 100;
const acknowledgeAtOnce = 32;

export interface ArqOwner {
  /** Words that can be taken now; data frames beyond stay unacknowledged. */
  room(): number;
  /** A frame in order. */
  frame(type: number, words: Uint32Array): void;
  gaveUp(): void;
  settled?(): void;
}

interface Sent {
  readonly seq: number;
  readonly type: number;
  readonly words: Uint32Array;
  resendAt: number;
  resends: number;
}

/** See the module's first sentence. */
export class ArqLink {
  readonly counts = new LinkCounts();
  isActive = false;

  private readonly queue = new WordQueue();
  private outstanding: Sent[] = [];
  private outstandingWords = 0;
  private readonly ahead = new Map<
    number,
    { readonly type: number; readonly words: Uint32Array }
  >();
  private nextSeq = 0;
  private expected = 0;
  private unacknowledged = 0;
  /** When the last acknowledgement came, and how often something has been sent again since. */
  private progressAt = 0;
  private rounds = 0;
  /** Type of the frame that has to come first; earlier ones are left-overs of another session. */
  private firstType: number | undefined = undefined;
  private readonly resendAlarm: Alarm;
  private readonly acknowledgeAlarm: Alarm;

  constructor(
    private readonly clock: Clock,
    private readonly transmit: (datagram: Uint8Array) => void,
    private readonly owner: ArqOwner,
  ) {
    this.resendAlarm = new Alarm(clock, () => this.resend());
    this.acknowledgeAlarm = new Alarm(clock, () => this.acknowledge());
  }

  get unsent(): number {
    return this.queue.length + this.outstandingWords;
  }

  /** Both sequences at 0, nothing under way; nothing is taken before frame 0 of type `firstType`. */
  start(firstType: number): void {
    this.stop();
    this.firstType = firstType;
    this.nextSeq = 0;
    this.expected = 0;
    this.isActive = true;
    this.progress();
  }

  stop(): void {
    this.isActive = false;
    this.queue.clear();
    this.outstanding = [];
    this.outstandingWords = 0;
    this.ahead.clear();
    this.unacknowledged = 0;
    this.resendAlarm.clear();
    this.acknowledgeAlarm.clear();
  }

  /** Hands playback words over to be sent. */
  send(words: Uint32Array): void {
    if (!this.isActive) return;
    this.queue.push(words);
    this.pump();
  }

  /** Sends a frame of another type now; at most 180 words, and not more than 16 at once. */
  sendFrame(type: number, words: Uint32Array): void {
    if (this.isActive) this.transmitNew(type, words);
  }

  flush(): void {
    if (this.isActive && this.unacknowledged > 0) this.acknowledge();
  }

  /** The owner has room again: frames that wait ahead are taken. */
  roomGrew(): void {
    if (this.isActive) this.deliver();
  }

  receive(datagram: Uint8Array): void {
    this.counts.bytesReceived += datagram.length;
    const frame = decodeHostArqFrame(datagram);
    if (frame === undefined || frame.ack >= arqSequence) {
      this.counts.damaged++;
      return;
    }
    if (!this.isActive) return;
    this.takeAcknowledgement(frame.ack);
    if ('words' in frame) this.takeFrame(frame);
    else this.counts.good(`acknowledgement of ${frame.ack}`, this.clock.now());
    this.pump();
  }

  private takeAcknowledgement(ack: number): void {
    const base = (this.nextSeq - this.outstanding.length) & 255;
    const done = (ack - base + 1) & 255;
    if (done === 0 || done > this.outstanding.length) return;
    for (const { words, type } of this.outstanding.splice(0, done)) {
      this.outstandingWords -= words.length / 2;
      if (type === packetTypes.playback) this.counts.wordsSent += words.length / 2;
    }
    this.progress();
    if (this.outstanding.length === 0 && this.queue.length === 0) this.owner.settled?.();
  }

  private takeFrame(frame: {
    readonly seq: number;
    readonly type: number;
    readonly words: Uint32Array;
  }): void {
    const { seq, type, words } = frame;
    if (seq >= arqSequence) {
      this.counts.damaged++;
      return;
    }
    if (this.firstType !== undefined) {
      if (seq !== 0 || type !== this.firstType) {
        this.counts.dropped++;
        return;
      }
      this.firstType = undefined;
    }
    this.counts.good(`frame ${seq}`, this.clock.now());
    const distance = (seq - this.expected) & 255;
    if (distance >= arqWindow || this.ahead.has(seq)) {
      // A duplicate: its acknowledgement was lost.
      this.counts.dropped++;
      this.acknowledge();
      return;
    }
    this.ahead.set(seq, { type, words });
    this.deliver();
    if (distance > 0) this.acknowledgeAlarm.setBy(this.clock.now() + acknowledgeAfter);
  }

  private deliver(): void {
    for (;;) {
      const next = this.ahead.get(this.expected);
      if (next === undefined) break;
      const isData = next.type === packetTypes.playback;
      if (isData && next.words.length / 2 > this.owner.room()) break;
      this.ahead.delete(this.expected);
      this.expected = (this.expected + 1) & 255;
      this.unacknowledged++;
      if (isData) this.counts.wordsReceived += next.words.length / 2;
      this.owner.frame(next.type, next.words);
      if (!this.isActive) return;
    }
    if (this.unacknowledged >= acknowledgeAtOnce) this.acknowledge();
    else if (this.unacknowledged > 0)
      this.acknowledgeAlarm.setBy(this.clock.now() + acknowledgeAfter);
  }

  private acknowledge(): void {
    this.acknowledged();
    this.write(encodeHostArqFrame({ ack: (this.expected + 255) & 255 }));
  }

  private acknowledged(): void {
    this.unacknowledged = 0;
    this.acknowledgeAlarm.clear();
  }

  private write(datagram: Uint8Array): void {
    this.counts.framesSent++;
    this.counts.bytesSent += datagram.length;
    this.transmit(datagram);
  }

  private transmitNew(type: number, words: Uint32Array): void {
    const now = this.clock.now();
    if (this.outstanding.length === 0) this.progress();
    const sent: Sent = { seq: this.nextSeq, type, words, resendAt: now + resendAfter, resends: 0 };
    this.nextSeq = (this.nextSeq + 1) & 255;
    this.outstanding.push(sent);
    this.outstandingWords += words.length / 2;
    this.writeFrame(sent);
    this.resendAlarm.setBy(sent.resendAt);
  }

  private writeFrame({ seq, type, words }: Sent): void {
    this.acknowledged();
    this.write(encodeHostArqFrame({ ack: (this.expected + 255) & 255, seq, type, words }));
  }

  private pump(): void {
    if (!this.isActive) return;
    while (this.queue.length > 0 && this.outstanding.length < arqWindow - 16)
      this.transmitNew(packetTypes.playback, this.queue.take(hostArqWords));
    if (this.outstanding.length === 0) this.resendAlarm.clear();
  }

  private progress(): void {
    this.progressAt = this.clock.now();
    this.rounds = 0;
  }

  private resend(): void {
    const now = this.clock.now();
    const isHopeless = ++this.rounds > leastRounds && now - this.progressAt > giveUpAfter;
    let soonest = Infinity;
    for (const sent of this.outstanding) {
      if (sent.resendAt <= now) {
        if (++sent.resends > mostResends || isHopeless) {
          this.stop();
          this.owner.gaveUp();
          return;
        }
        this.counts.resent++;
        this.writeFrame(sent);
        sent.resendAt =
          now + Math.min(resendAfter * 2 ** Math.min(sent.resends, 10), slowestResend);
      }
      soonest = Math.min(soonest, sent.resendAt);
    }
    if (soonest < Infinity) this.resendAlarm.setAt(soonest);
  }
}
