/** The digital back end of the neurons: labels of their events, and spike counters. */

import { backendSettings, decodeContainer, placeOfNeuron } from '../../isa/registers/index.js';
import type { AnalogCore } from '../analog/core.js';

/** All 512 neurons. */
export class NeuronBackend {
  /** Four words per neuron (NeuronBackendConfig), by atomic neuron. */
  readonly words = new Uint32Array(512 * 4);
  /** Count in bits 7..0, overflow in bit 8. */
  readonly counters = new Uint16Array(512);
  /** 14-bit label of each neuron's events, or -1 if it sends none. */
  private readonly labels = new Int16Array(512).fill(-1);
  /** Two words per half (CommonNeuronBackendConfig). */
  private readonly common = new Uint32Array(2 * 2);

  constructor(private readonly analog: AnalogCore) {}

  /** Takes over word 0..3 of a neuron's back end. */
  configure(neuron: number, word: number, value: number): void {
    this.words[neuron * 4 + word] = value;
    const settings = backendSettings(this.words.subarray(neuron * 4, neuron * 4 + 4));
    this.analog.setBackend(neuron, {
      refractory_time: settings.refractory_time,
      reset_holdoff: settings.reset_holdoff,
      select_input_clock: settings.select_input_clock,
      post_overwrite: settings.post_overwrite,
      en_neuron_master: settings.en_neuron_master,
      en_neuron_slave: settings.en_neuron_slave,
      connect_fire_bottom: settings.connect_fire_bottom,
      connect_fire_to_right: settings.connect_fire_to_right,
      connect_fire_from_right: settings.connect_fire_from_right,
    });
    this.relabel(neuron);
  }

  /** Takes over word 0 or 1 of the common configuration of a half. */
  configureCommon(half: number, word: number, value: number): void {
    this.common[half * 2 + word] = value;
    const fields = decodeContainer(
      'CommonNeuronBackendConfig',
      this.common.subarray(half * 2, half * 2 + 2),
    );
    this.analog.setCommonBackend(half, {
      force_reset: fields.force_reset,
      en_clocks: fields.en_clocks,
      clock_scale_slow: fields.clock_scale_slow,
      clock_scale_fast: fields.clock_scale_fast,
    });
    for (let neuron = 0; neuron < 512; neuron++)
      if (placeOfNeuron(neuron).backendHalf === half) this.relabel(neuron);
  }

  /** A neuron has fired: counts it. @returns the label of its event, or -1 if none leaves the back end */
  spike(neuron: number): number {
    if (!this.isAlive((neuron & 255) >> 7)) return -1;
    const counter = this.counters[neuron]!;
    this.counters[neuron] =
      (counter & 0xff) === 0xff ? 0x100 : (counter & 0x100) | ((counter & 0xff) + 1);
    return this.labels[neuron]!;
  }

  clear(): void {
    this.words.fill(0);
    this.counters.fill(0);
    this.labels.fill(-1);
    this.common.fill(0);
  }

  /** Events and counters work only with event registers and clocks on. */
  private isAlive(half: number): boolean {
    return (this.common[half * 2]! & 5) === 5;
  }

  private relabel(neuron: number): void {
    const place = placeOfNeuron(neuron);
    const settings = backendSettings(this.words.subarray(neuron * 4, neuron * 4 + 4));
    const sends = settings.en_spike_out === 1 && this.isAlive(place.backendHalf);
    this.labels[neuron] = sends ? (place.eventOutput << 8) | settings.address_out : -1;
  }
}
