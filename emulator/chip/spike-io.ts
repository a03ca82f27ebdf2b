/**
 * SpikeIO, the serial line of the FPGA for 8-bit spike addresses. Events that arrive from the chip are looked up in the
 * table of output routes and leave one after the other; with the internal loopback each comes back when its frame has
 * ended, is looked up in the table of input routes and goes to the chip like a spike of the host.
 */

import { containerRow, decodeContainer } from '../../isa/registers/index.js';
import type { RegisterFile } from './register-file.js';

const outputRoutes = containerRow('SpikeIOOutputRoute').base;
const inputRoutes = containerRow('SpikeIOInputRoute').base;
const silentAddress = 255;
const silentLabel = 0xffff;
/** A start bit, eight of data, a stop bit. */
const frameBits = 10;
/** Cycles of 4 ns in a bit with data rate scaler 1: one FPGA tick. */
const bitCycles = 2;

/** See the module's first sentence. */
export class SpikeIo {
  /** Frames sent since power-up. */
  sent = 0;
  /** Events that found the queue full. */
  overflows = 0;

  /** Cycle from which the line is free. */
  private freeAt = 0;
  /** Word of SpikeIOConfig that `config` was decoded from. */
  private word = 0;
  private config = decodeContainer('SpikeIOConfig', [0]);

  constructor(
    private readonly registers: RegisterFile,
    /** Frames that wait at most. */
    private readonly depth: number,
    /** A frame with an address ends on the receiving side at a cycle. */
    private readonly arrive: (address: number, cycle: number) => void,
  ) {}

  /** Takes over the word of SpikeIOConfig. */
  configure(word: number): void {
    this.word = word;
    this.config = decodeContainer('SpikeIOConfig', [word]);
  }

  /** Works out what follows from the word, which has been loaded from a snapshot. */
  restored(): void {
    this.configure(this.word);
  }

  /** What is sent comes back: events can go round. */
  get isClosed(): boolean {
    const config = this.config;
    return (
      config.enable_tx === 1 && config.enable_rx === 1 && config.enable_internal_loopback === 1
    );
  }

  /** An event with a 16-bit label has arrived from the chip. */
  send(label: number, cycle: number): void {
    const config = this.config;
    if (config.enable_tx === 0) return;
    const address = this.registers.get(outputRoutes + label);
    if (address === silentAddress) return;
    const frame = frameBits * bitCycles * Math.max(1, config.data_rate_scaler);
    const begin = Math.max(cycle, this.freeAt);
    if (begin - cycle > this.depth * frame) {
      this.overflows++;
      return;
    }
    this.sent++;
    this.freeAt = begin + frame;
    if (config.enable_internal_loopback === 1) this.arrive(address, this.freeAt);
  }

  /** Label of a received address, or -1 where nothing goes to the chip. */
  labelOf(address: number): number {
    if (this.config.enable_rx === 0) return -1;
    const label = this.registers.get(inputRoutes + address);
    return label === silentLabel ? -1 : label;
  }

  clear(): void {
    this.configure(0);
    this.sent = 0;
    this.overflows = 0;
    this.freeAt = 0;
  }
}
