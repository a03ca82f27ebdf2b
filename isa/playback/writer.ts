/** Builds a playback program: the words that a host sends to the FPGA. */

import { addressesOf, encodeContainer } from '../registers/registers.js';
import type { ContainerName, FieldName, Indices } from '../registers/registers.js';
import { PlaybackError } from './codec.js';
import { toFpgaHeaders } from './headers.js';
import { barriers } from './messages.js';

/** First word of each message, without its fields. */
const header = Object.fromEntries(
  Object.entries(toFpgaHeaders).map(([name, number]) => [name, number << 24]),
) as Readonly<Record<keyof typeof toFpgaHeaders, number>>;

/** Playback words are appended by the calls below; every call is one message unless it says otherwise. */
export class PlaybackWriter {
  private buffer = new Uint32Array(256);
  private used = 0;
  private reads = 0;
  private timer = 0;

  /** Messages so far. */
  get length(): number {
    return this.used / 2;
  }

  /** Omnibus reads so far, which is the ticket that the next read will get. */
  get readCount(): number {
    return this.reads;
  }

  /** The latest time waited for since the last `timerSetup`, FPGA cycles. */
  get time(): number {
    return this.timer;
  }

  /** A copy of the program: two entries a word, the more significant first. */
  words(): Uint32Array {
    return this.buffer.slice(0, this.used);
  }

  /** Appends words that were built elsewhere; their reads take the tickets that follow. */
  append(words: Uint32Array): this {
    for (let i = 0; i + 1 < words.length; i += 2) {
      const high = words[i] ?? 0;
      this.push(high, words[i + 1] ?? 0);
      if (high >>> 24 === header.address >>> 24 && (high & 0x10) !== 0) this.reads++;
    }
    return this;
  }

  /** Sets the playback timer to 0. */
  timerSetup(): this {
    this.timer = 0;
    return this.push(header.timerSetup, 0);
  }

  /** Continue when the timer reaches `time` (FPGA cycles of 8 ns, 32 bit). */
  waitUntil(time: number): this {
    this.timer = inRange('wait_until', time, 0xffffffff);
    return this.push(header.waitUntil, time);
  }

  /** Like `waitUntil`, but says nothing if the program has already waited that long. */
  at(time: number): this {
    return time > this.timer ? this.waitUntil(time) : this;
  }

  /** Writes a register word (two messages). */
  write(address: number, value: number, byteEnables = 0xf): this {
    this.push(header.address | byteEnables, address);
    return this.push(header.data, value);
  }

  /** Writes consecutive words from `address` on. */
  writeBlock(address: number, values: ArrayLike<number>): this {
    for (let i = 0; i < values.length; i++) this.write(address + i, values[i] ?? 0);
    return this;
  }

  /** Writes all words of a container from its field values; the last word of the map is written first. */
  writeContainer<C extends ContainerName>(
    name: C,
    indices: Indices<C>,
    values: { readonly [F in FieldName<C>]?: number },
  ): this {
    return this.writeWords(name, indices, encodeContainer(name, values));
  }

  /** Writes all words of a container. Words go out last to first, so that an enable bit in word 0 comes last. */
  writeWords<C extends ContainerName>(
    name: C,
    indices: Indices<C>,
    words: readonly number[],
  ): this {
    const addresses = addressesOf(name, indices);
    for (let i = addresses.length - 1; i >= 0; i--) this.write(addresses[i] ?? 0, words[i] ?? 0);
    return this;
  }

  /** Reads a register word. @returns the ticket: answers come back in this order, from 0 */
  read(address: number): number {
    this.push(header.address | 0x1f, address);
    return this.reads++;
  }

  /** Reads consecutive words. @returns the ticket of the first */
  readBlock(address: number, count: number): number {
    const first = this.reads;
    for (let i = 0; i < count; i++) this.read(address + i);
    return first;
  }

  /** Reads all words of a container in the map's order. @returns the ticket of the first */
  readContainer<C extends ContainerName>(name: C, indices: Indices<C>): number {
    const first = this.reads;
    for (const address of addressesOf(name, indices)) this.read(address);
    return first;
  }

  /** Sends 1 to 3 spike labels that leave together, or more in several messages. */
  spikes(labels: ArrayLike<number>): this {
    for (let i = 0; i < labels.length; i += 3) {
      const a = labels[i] ?? 0;
      const b = labels[i + 1] ?? 0;
      const c = labels[i + 2] ?? 0;
      const left = labels.length - i;
      if (left === 1) this.push(header.spikes1, a);
      else if (left === 2) this.push(header.spikes2, (a << 16) | b);
      else this.push(header.spikes3 | a, (b << 16) | c);
    }
    return this;
  }

  /** Sends one spike. */
  spike(label: number): this {
    return this.push(header.spikes1, label);
  }

  /**
   * Spikes at absolute timer times.
   * @param times FPGA cycles, ascending
   * @param labels 16-bit labels, same length
   */
  spikeTrain(times: ArrayLike<number>, labels: ArrayLike<number>): this {
    let i = 0;
    while (i < times.length) {
      const time = times[i] ?? 0;
      let together = 1;
      while (together < 3 && i + together < times.length && times[i + together] === time)
        together++;
      this.at(time);
      const a = labels[i] ?? 0;
      const b = labels[i + 1] ?? 0;
      if (together === 1) this.push(header.spikes1, a);
      else if (together === 2) this.push(header.spikes2, (a << 16) | b);
      else this.push(header.spikes3 | a, (b << 16) | (labels[i + 2] ?? 0));
      i += together;
    }
    return this;
  }

  /** Waits until the named things are idle; sum of bits of `barriers`. */
  barrier(mask: number = barriers.omnibus): this {
    return this.push(header.barrier, inRange('barrier', mask, 31));
  }

  /** Says what `poll` looks at (three writes). */
  pollSetup(address: number, mask: number, target: number): this {
    return this.writeBlock(0x88000006, [address, mask, target]);
  }

  /** Blocks until (value & mask) equals the target, or differs from it. */
  poll(untilEqual = true): this {
    return this.push(header.poll, untilEqual ? 1 : 0);
  }

  /** Sets up polling, waits for the set-up to land, polls. */
  pollFor(address: number, mask: number, target: number, untilEqual = true): this {
    return this.pollSetup(address, mask, target).barrier(barriers.omnibus).poll(untilEqual);
  }

  /** Synchronises chip and FPGA time, or only asks for a report. */
  systimeInit(synchronise = true): this {
    return this.push(header.systimeInit, synchronise ? 1 : 0);
  }

  /** Sets the chip's reset pin. */
  reset(active: boolean): this {
    return this.push(header.reset, active ? 1 : 0);
  }

  /** TAP reset; the instruction is IDCODE afterwards. */
  jtagInit(): this {
    return this.push(header.jtagInit, 0);
  }

  /** JTAG clock divider, 0..255; 6 is usual. */
  jtagScaler(value: number): this {
    return this.push(header.jtagScaler, inRange('jtag_scaler', value, 255));
  }

  /** Selects a JTAG instruction, 0..127. */
  jtagInstruction(instruction: number): this {
    return this.push(header.jtagIns, inRange('jtag_ins', instruction, 127));
  }

  /**
   * Shifts data through the selected JTAG register.
   * @param bits 3..33
   * @param data below 2^33
   */
  jtagData(bits: number, data: number, keepResponse = false): this {
    if (!Number.isInteger(bits) || bits < 3 || bits > 33)
      throw new PlaybackError('value out of range', 'num_bits', `${bits} is not 3..33`);
    const top = Math.floor(inRange('payload', data, 0x1ffffffff) / 0x100000000);
    return this.push(header.jtagData | (keepResponse ? 0x10000 : 0) | (bits << 8) | top, data);
  }

  /** Writes a chip register over JTAG (six messages). */
  jtagWrite(address: number, value: number): this {
    return this.jtagInstruction(5)
      .jtagData(33, address)
      .jtagInstruction(6)
      .jtagData(32, value)
      .jtagInstruction(7)
      .jtagData(3, 0);
  }

  /** Reads a chip register over JTAG (six messages); the answer is a kept JTAG response. */
  jtagRead(address: number): this {
    return this.jtagInstruction(5)
      .jtagData(33, 0x100000000 + address)
      .jtagInstruction(7)
      .jtagData(3, 0)
      .jtagInstruction(6)
      .jtagData(32, 0, true);
  }

  /** Marks a time: echoed in order. */
  tick(): this {
    return this.push(header.loopback, 1);
  }

  /** Ends the program: echoed after all earlier answers. */
  halt(): this {
    return this.push(header.loopback, 0);
  }

  private push(high: number, low: number): this {
    if (this.used + 2 > this.buffer.length) {
      const larger = new Uint32Array(this.buffer.length * 2);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer[this.used++] = high;
    this.buffer[this.used++] = low;
    return this;
  }
}

function inRange(field: string, value: number, limit: number): number {
  if (!Number.isInteger(value) || value < 0 || value > limit)
    throw new PlaybackError(
      'value out of range',
      field,
      `${value} is not a whole number 0..${limit}`,
    );
  return value;
}
