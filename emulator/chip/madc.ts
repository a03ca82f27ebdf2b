/** The MADC: one stream of 10-bit samples from one of two multiplexed sources. */

import { addressOf, decodeContainer } from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';
import { connectedSource, sampleOf } from './madc-sources.js';
import type { RegisterFile } from './register-file.js';

const configAddress = addressOf('MADCConfig', []);
/** 250 MHz cycles in one cycle of the 500 MHz clock of the converter. */
const clock = 0.5;

/** See the module's first sentence. Times are 250 MHz cycles; samples may fall between two of them. */
export class Madc {
  /** Time of the next sample; Infinity while nothing is recorded. */
  next = Infinity;

  private interval = 8.5;
  private awake = false;
  private left = 0;
  private taken = 0;
  private dummy = false;
  private channel = 0;
  private switchEvery = 0;
  /** What each multiplexer connects, -1: nothing. */
  private readonly sources = new Int16Array([-1, -1]);

  constructor(
    private readonly analog: AnalogCore,
    private readonly registers: RegisterFile,
    private readonly startDelay: number,
  ) {}

  /** A write to the control word. */
  control(word: number, cycle: number): void {
    if (word & 1) this.awake = true;
    if (word & 4) this.next = Infinity;
    else if (word & 2 && this.awake) this.start(cycle, (word & 0x10) !== 0);
    if (word & 8 && this.next === Infinity) this.awake = false;
  }

  /** Takes all samples earlier than `until`. */
  run(until: number, record: (value: number, channel: number, at: number) => void): void {
    while (this.next < until) {
      const at = this.next;
      record(this.valueAt(at), this.channel, at);
      this.taken++;
      if (this.switchEvery > 0 && this.taken % this.switchEvery === 0) this.channel ^= 1;
      this.next = --this.left > 0 ? at + this.interval : Infinity;
    }
  }

  /** Looks again at what drives which line: a readout setting has changed. */
  reconnect(): void {
    if (this.next === Infinity) return;
    for (let mux = 0; mux < 2; mux++) this.sources[mux] = connectedSource(this.registers, mux);
  }

  clear(): void {
    this.next = Infinity;
    this.awake = false;
    this.left = 0;
    this.taken = 0;
    this.channel = 0;
    this.sources.fill(-1);
  }

  private start(cycle: number, continuous: boolean): void {
    const words = Array.from({ length: 10 }, (_, word) => this.registers.get(configAddress + word));
    const config = decodeContainer('MADCConfig', words);
    const scale =
      config.enable_madc_clock_scaling === 1 ? 2 * (config.madc_clock_scale_value + 1) : 1;
    this.interval = (12 + config.sample_duration_adjust) * clock * scale;
    this.left = continuous ? Infinity : config.number_of_samples;
    this.taken = 0;
    this.dummy = config.enable_dummy_data === 1;
    this.channel = config.active_mux_initially_selected_input;
    this.switchEvery = config.active_mux_input_select_length;
    this.next = this.left > 0 ? cycle + this.startDelay : Infinity;
    this.reconnect();
  }

  private valueAt(at: number): number {
    if (this.dummy) return this.taken & 0x3ff;
    return sampleOf(this.analog, this.registers, this.sources[this.channel]!, at);
  }
}
