/** The MADC: one stream of 10-bit samples from one of two multiplexed sources. */

import { addressOf, decodeContainer } from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';
import type { RegisterFile } from './register-file.js';

const configAddress = addressOf('MADCConfig', []);
const sourceAddress = addressOf('ReadoutSourceSelection', []);
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
  /** Neuron on each multiplexer, -1 for none. */
  private readonly neurons = new Int16Array([-1, -1]);

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

  /** Looks again at which neuron drives which line: a readout setting has changed. */
  reconnect(): void {
    if (this.next === Infinity) return;
    for (let mux = 0; mux < 2; mux++) this.neurons[mux] = this.neuronOf(mux);
  }

  clear(): void {
    this.next = Infinity;
    this.awake = false;
    this.left = 0;
    this.taken = 0;
    this.channel = 0;
    this.neurons.fill(-1);
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
    const neuron = this.neurons[this.channel]!;
    return neuron < 0 ? this.analog.madcVoltage(0, at) : this.analog.madcNeuron(neuron, at);
  }

  private neuronOf(mux: number): number {
    const word = this.registers.get(sourceAddress + mux);
    for (let bit = 9; bit <= 12; bit++) {
      if (((word >>> bit) & 1) === 0) continue;
      const row = bit >= 11 ? 1 : 0;
      const parity = bit === 9 || bit === 11 ? 1 : 0;
      const neuron = this.lineDriver(row, parity);
      if (neuron >= 0) return neuron;
    }
    return -1;
  }

  /** The first neuron whose readout amplifier drives the line of its row and column parity, or -1. */
  private lineDriver(row: number, parity: number): number {
    for (let column = parity; column < 256; column += 2) {
      const first = addressOf('NeuronConfig', [2 * row + (column >> 7), column & 127]);
      const words = [0, 1, 2, 3, 4, 5].map((word) => this.registers.get(first + word));
      const fields = decodeContainer('NeuronConfig', words);
      if (fields.en_readout === 1 && fields.en_readout_amp === 1) return 256 * row + column;
    }
    return -1;
  }
}
