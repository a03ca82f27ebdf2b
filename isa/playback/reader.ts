/**
 * Reads answers in bulk: words from the FPGA become columns of typed arrays with reconstructed times.
 *
 * All lengths, positions and kinds come from the rows of `messages.ts`; the message objects of `codec.ts` and the
 * binary-parser structures of `board/` say the same, which a property test checks.
 */

import { PlaybackError } from './codec.js';
import { fromFpga, lengthOf, type MessageRow } from './messages.js';
import { Column } from './column.js';

const enum Kind {
  None,
  Jtag,
  Data,
  Loopback,
  Link,
  Timeout,
  Systime,
  Sysdelta,
  Madc,
  Spike,
}

const kindByName: Readonly<Record<(typeof fromFpga)[number]['name'], Kind>> = {
  jtag_data: Kind.Jtag,
  omnibus_data: Kind.Data,
  loopback: Kind.Loopback,
  highspeed_link_notification: Kind.Link,
  timeout_notification: Kind.Timeout,
  systime: Kind.Systime,
  sysdelta: Kind.Sysdelta,
  madc_pack_1: Kind.Madc,
  madc_pack_2: Kind.Madc,
  madc_pack_3: Kind.Madc,
  spike_pack_1: Kind.Spike,
  spike_pack_2: Kind.Spike,
  spike_pack_3: Kind.Spike,
};

const kinds = new Uint8Array(256);
const piecesOf = new Uint8Array(256);
const itemsOf = new Uint8Array(256);
for (const row of fromFpga) {
  const loose: MessageRow = row;
  kinds[row.index] = kindByName[row.name];
  piecesOf[row.index] = lengthOf(row, 'from_fpga') / 16;
  itemsOf[row.index] = loose.pack?.count ?? 0;
}

const timeSpan = 0x80000000000;

/** Time-out of one blocking instruction. */
export interface TimeoutNotice {
  /** Index of the instruction since the program began. */
  readonly instruction: number;
  readonly traceStall: number;
  readonly readsInFlight: number;
  /** FPGA time of the notice. */
  readonly time: number;
}

/**
 * Collects the answers of one or more programs.
 *
 * FPGA times count 8 ns cycles; times of events (`spikeTimes`, `madcTimes`) count 4 ns cycles of the chip's
 * systime, which runs at twice the FPGA rate and is aligned with it by `systime_init`. Times mean nothing before
 * that message.
 */
export class ResponseReader {
  /** Answers to reads in the order of the reads. */
  readonly reads = new Column(Uint32Array);
  /** FPGA time of each answer. */
  readonly readTimes = new Column(Float64Array);
  /** Kept JTAG responses (up to 33 bits). */
  readonly jtag = new Column(Float64Array);
  readonly spikeLabels = new Column(Uint16Array);
  /** Chip time of each spike, 4 ns cycles. */
  readonly spikeTimes = new Column(Float64Array);
  /** 10-bit samples. */
  readonly madcValues = new Column(Uint16Array);
  /** Multiplexer input 0 or 1 of each sample. */
  readonly madcChannels = new Column(Uint8Array);
  /** Chip time of each sample, 4 ns cycles. */
  readonly madcTimes = new Column(Float64Array);
  /** FPGA time of each tick. */
  readonly ticks = new Column(Float64Array);
  /** FPGA time of each halt: one per finished program. */
  readonly halts = new Column(Float64Array);
  /** Link states in order of arrival. */
  readonly links = new Column(Uint8Array);
  readonly timeouts: TimeoutNotice[] = [];
  /** Messages so far, without fill. */
  messages = 0;

  private time = 0;
  private carry = new Uint32Array(0);
  private carryAt = 0;
  private wordsBefore = 0;

  /** True once a halt has come in. */
  get halted(): boolean {
    return this.halts.length > 0;
  }

  /**
   * Takes more words; a message may continue in the next call.
   * @throws PlaybackError on an unknown header
   */
  push(words: Uint32Array): this {
    let source = words;
    let at = 0;
    if (this.carry.length > 0) {
      source = new Uint32Array(this.carry.length + words.length);
      source.set(this.carry);
      source.set(words, this.carry.length);
      at = this.carryAt;
    }
    const end = source.length * 2;
    while (at < end) {
      const first = piece(source, at);
      if (first >= 0x8000) {
        at = (at | 3) + 1;
        continue;
      }
      const header = first >> 8;
      const length = piecesOf[header]!;
      if (length === 0)
        throw new PlaybackError(
          'unknown header',
          this.wordsBefore + (at >> 2),
          `header ${header} from the FPGA`,
        );
      if (at + length > end) break;
      this.take(source, at, header, length);
      at += length;
    }
    const whole = (at >> 2) * 2;
    this.wordsBefore += whole / 2;
    this.carry = at < end ? source.slice(whole) : new Uint32Array(0);
    this.carryAt = at & 3;
    return this;
  }

  private take(source: Uint32Array, at: number, header: number, length: number): void {
    const last = at + length - 1;
    const low = piece(source, last) + piece(source, last - 1) * 0x10000;
    const kind: Kind = kinds[header]!;
    this.messages++;
    this.time = this.time + 1 === timeSpan ? 0 : this.time + 1;
    switch (kind) {
      case Kind.Systime:
        this.time = low + (piece(source, last - 2) & 0x7ff) * 0x100000000;
        return;
      case Kind.Sysdelta:
        this.time += low & 0xff;
        if (this.time >= timeSpan) this.time -= timeSpan;
        return;
      case Kind.Spike:
      case Kind.Madc: {
        for (let item = itemsOf[header]! - 1; item >= 0; item--) {
          const bit = 24 * item;
          const right = last - (bit >> 4);
          const pair = piece(source, right) + piece(source, right - 1) * 0x10000;
          const value = bit & 8 ? pair >>> 8 : pair & 0xffffff;
          if (kind === Kind.Spike) {
            this.spikeLabels.push(value & 0xffff);
            this.spikeTimes.push(this.chipTime(value >>> 16));
          } else {
            this.madcValues.push(value & 0x3ff);
            this.madcChannels.push((value >>> 10) & 1);
            this.madcTimes.push(this.chipTime(value >>> 16));
          }
        }
        return;
      }
      case Kind.Data:
        this.reads.push(low);
        this.readTimes.push(this.time);
        return;
      case Kind.Jtag:
        this.jtag.push(low + (piece(source, last - 2) & 1) * 0x100000000);
        return;
      case Kind.Loopback:
        if (low & 1) this.ticks.push(this.time);
        else {
          this.halts.push(this.time);
          this.time = 0;
        }
        return;
      case Kind.Link:
        this.links.push(low & 0xff);
        return;
      case Kind.Timeout: {
        const high = piece(source, last - 2);
        this.timeouts.push({
          instruction: low,
          traceStall: high & 0x7f,
          readsInFlight: (high >> 7) & 0x3f,
          time: this.time,
        });
        return;
      }
    }
  }

  /** Systime of an event, 4 ns cycles: the stamp is its low 8 bits and lies at most 127 FPGA cycles back. */
  private chipTime(stamp: number): number {
    let cycle = this.time - (this.time & 127) + (stamp >> 1);
    if (cycle > this.time) cycle -= 128;
    if (cycle < 0) cycle += timeSpan;
    return 2 * cycle + (stamp & 1);
  }
}

function piece(words: Uint32Array, at: number): number {
  const word = words[at >> 1]!;
  return at & 1 ? word & 0xffff : word >>> 16;
}
