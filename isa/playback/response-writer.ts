/** The device side of the stream: answers with FPGA times become words, packed back to back. */

import { headerOf } from './messages.js';

const header = {
  jtag: headerOf('from_fpga', 'jtag_data'),
  data: headerOf('from_fpga', 'omnibus_data'),
  loopback: headerOf('from_fpga', 'loopback'),
  link: headerOf('from_fpga', 'highspeed_link_notification'),
  timeout: headerOf('from_fpga', 'timeout_notification'),
  systime: headerOf('from_fpga', 'systime'),
  sysdelta: headerOf('from_fpga', 'sysdelta'),
  madc1: headerOf('from_fpga', 'madc_pack_1'),
  spike1: headerOf('from_fpga', 'spike_pack_1'),
} as const;

/**
 * Times are FPGA cycles and must not fall; two messages never share a cycle, a second one moves up by one.
 * While `timed` is false no time messages are sent. After a halt the next time is absolute.
 */
export class ResponseWriter {
  /** Whether messages carry times (from the first synchronisation on). */
  timed = false;

  /** 16-bit pieces, `used` of them written. */
  private pieces = new Uint16Array(2048);
  private used = 0;
  private last = 0;
  private known = false;

  /** Cycles by which a message due at `time` would go out late; 0 while time is unknown. */
  lateness(time: number): number {
    return this.timed && this.known && this.last + 1 > time ? this.last + 1 - time : 0;
  }

  /** The next time message will be absolute: after a halt, or when the clock has been set. */
  forgetTime(): void {
    this.known = false;
  }

  data(time: number, value: number): void {
    this.begin(time);
    this.message(header.data, 0, 0, value);
  }

  /** A kept JTAG response, below 2^33. */
  jtag(time: number, value: number): void {
    this.begin(time);
    this.message(header.jtag, 0, value >= 0x100000000 ? 1 : 0, value);
  }

  tick(time: number): void {
    this.begin(time);
    this.message(header.loopback, 0, 0, 1);
  }

  halt(time: number): void {
    this.begin(time);
    this.message(header.loopback, 0, 0, 0);
    this.known = false;
  }

  link(time: number, state: number): void {
    this.begin(time);
    this.message(header.link, 0, 0, state);
  }

  timeout(time: number, instruction: number, traceStall: number, readsInFlight: number): void {
    this.begin(time);
    this.message(
      header.timeout,
      0,
      ((Math.min(readsInFlight, 63) << 7) | Math.min(traceStall, 127)) & 0x1fff,
      instruction,
    );
  }

  /** Reports the time itself. */
  systime(time: number): void {
    this.sendTime(time);
  }

  /** A pack of 1 to 3 spikes; items are label | stamp << 16. */
  spikes(time: number, items: ArrayLike<number>, from: number, count: number): void {
    this.pack(time, header.spike1, items, from, count);
  }

  /** A pack of 1 to 3 samples; items are value | channel << 10 | stamp << 16. */
  samples(time: number, items: ArrayLike<number>, from: number, count: number): void {
    this.pack(time, header.madc1, items, from, count);
  }

  /** Complete words so far; with `flush` the last one is filled up with the comma and zeros. */
  take(flush: boolean): Uint32Array {
    if (flush && this.used % 4 !== 0) {
      const padding = 4 - (this.used % 4);
      const at = this.room(padding);
      this.pieces.fill(0, at, at + padding);
      this.pieces[at] = 0x8000;
    }
    const { pieces } = this;
    const words = new Uint32Array((this.used >> 2) * 2);
    for (let i = 0; i < words.length; i++) words[i] = (pieces[2 * i]! << 16) | pieces[2 * i + 1]!;
    pieces.copyWithin(0, 2 * words.length, this.used);
    this.used -= 2 * words.length;
    return words;
  }

  /** Forgets everything. */
  clear(): void {
    this.used = 0;
    this.last = 0;
    this.known = false;
    this.timed = false;
  }

  private pack(
    time: number,
    single: number,
    items: ArrayLike<number>,
    from: number,
    count: number,
  ): void {
    this.begin(time);
    const a = items[from] ?? 0;
    if (count === 1) {
      this.message(single, 0, 0, a);
      return;
    }
    const b = items[from + 1] ?? 0;
    if (count === 2) {
      this.message(single + 1, 0, a >>> 8, ((a & 0xff) << 24) | b);
      return;
    }
    const c = items[from + 2] ?? 0;
    const at = this.room(5);
    const { pieces } = this;
    pieces[at] = ((single + 2) << 8) | (a >>> 16);
    pieces[at + 1] = a;
    pieces[at + 2] = b >>> 8;
    pieces[at + 3] = (b << 8) | (c >>> 16);
    pieces[at + 4] = c;
  }

  private begin(time: number): void {
    if (!this.timed) return;
    if (!this.known) {
      this.sendTime(time - 1);
      this.last = time;
      return;
    }
    const at = time > this.last ? time : this.last + 1;
    const gap = at - this.last;
    if (gap > 1) {
      if (gap - 2 <= 255) this.message(header.sysdelta, 0, 0, gap - 2);
      else this.sendTime(at - 1);
    }
    this.last = at;
  }

  private sendTime(time: number): void {
    const high = Math.floor(time / 0x100000000);
    this.message(header.systime, 0, high & 0x7ff, time - high * 0x100000000);
    this.last = time;
    this.known = true;
  }

  /** A 64-bit message: header, 8 bits, 16 bits, 32 bits. */
  private message(index: number, top: number, middle: number, low: number): void {
    const at = this.room(4);
    const { pieces } = this;
    pieces[at] = (index << 8) | top;
    pieces[at + 1] = middle;
    pieces[at + 2] = low >>> 16;
    pieces[at + 3] = low;
  }

  /** Makes room for so many pieces. @returns the place of the first */
  private room(count: number): number {
    const at = this.used;
    this.used = at + count;
    if (this.used > this.pieces.length) {
      const larger = new Uint16Array(this.pieces.length * 2);
      larger.set(this.pieces);
      this.pieces = larger;
    }
    return at;
  }
}
