/** The way of an event from a driver through its two rows, by kernels. */
import type { AnalogConstants } from '../constants.js';
import { DRIVERS } from '../core.js';
import type { Drivers } from '../drivers.js';
import type { EventPart } from '../engine.js';
import { BYTE_SUM_SD } from '../membrane-noise.js';
import type { Neurons } from '../neurons.js';
import type { TrialNoise } from '../noise.js';
import { Shared, type Settings } from '../settings.js';
import * as at from './layout.js';
import type { Machine, RowKernel } from './machine.js';
import type { FastNeurons } from './neurons.js';
import type { FastSensors } from './sensors.js';
import type { FastSynapses } from './synapses.js';

export class FastEvents implements EventPart {
  delivered = 0;
  private readonly deliveredNow: Int32Array;
  private readonly currentBased: readonly [RowKernel, RowKernel];
  private readonly general: readonly [RowKernel, RowKernel];
  /** Code of the amplitude of pulses by quadrant, and the state of the parameter memory it is of. */
  private readonly dac = new Float64Array(4);
  private dacOf = -1;

  constructor(
    machine: Machine,
    private readonly settings: Settings,
    private readonly constants: AnalogConstants,
    private readonly synapses: FastSynapses,
    private readonly drivers: Drivers,
    private readonly sensors: FastSensors,
    private readonly neurons: FastNeurons,
    private readonly precise: Neurons,
    /** Replaced when the noise seed changes. */
    public noise: TrialNoise,
    ideal: boolean,
  ) {
    this.deliveredNow = machine.integers(at.DELIVERED, 1);
    const k = machine.kernels;
    const saturation = ideal ? Infinity : constants.saturation;
    const form = saturation < Infinity ? '/saturating' : '';
    this.currentBased = [k[`row/excitatory${form}`], k[`row/inhibitory${form}`]];
    this.general = [k['row/excitatory/general'], k['row/inhibitory/general']];
    machine.floats(at.SATURATION, 2).set([saturation, 1 / saturation]);
    machine.floats(at.EVENT_NOISE, 1)[0] = constants.eventNoise / BYTE_SUM_SD;
  }

  deliver(hemisphere: number, driver: number, address: number, t: number): void {
    const index = hemisphere * DRIVERS + driver;
    const config = this.settings.drivers[index]!;
    const pulse = this.drivers.pulse(index, address, t);
    const forward = config.forward_address !== 0;
    for (let top = 0; top < 2; top++) {
      const row = hemisphere * 256 + 2 * driver + top;
      // A row in which nobody has the label is nobody's pulse.
      if (!this.synapses.hasLabel(row, address, forward)) continue;
      this.sensors.pre(row, address, forward, t);
      const excitatory = (top === 0 ? config.en_exc_bottom : config.en_exc_top) !== 0;
      const inhibitory = (top === 0 ? config.en_inh_bottom : config.en_inh_top) !== 0;
      if ((excitatory || inhibitory) && this.synapses.hasWeight(row, address, forward))
        this.pulseRow(row, address, forward, pulse, excitatory, inhibitory, t);
    }
  }

  private pulseRow(
    row: number,
    address: number,
    forward: boolean,
    pulse: number,
    excitatory: boolean,
    inhibitory: boolean,
    t: number,
  ): void {
    const { synapses, neurons, noise } = this;
    const hemisphere = row >> 8;
    if (this.dacOf !== this.settings.memory.changes) this.readDac();
    const { dacCode } = this.constants;
    const west = (pulse * this.dac[2 * hemisphere]!) / dacCode;
    const east = (pulse * this.dac[2 * hemisphere + 1]!) / dacCode;
    synapses.freshen(row);
    neurons.coefficients.freshenTables(neurons.served);
    const event = this.drivers.events[row >> 1]!;
    const isNoisy = noise.on.event ? 1 : 0;
    const key = noise.on.event ? noise.eventWord(row, event) : 0;
    const left = neurons.cyclesLeft(t);
    const mask = forward ? 63 : 32;
    const value = address & mask;
    const kernel = neurons.blocks.hasConductances ? this.general : this.currentBased;
    if (west > 0 || east > 0) {
      if (excitatory) kernel[0](row, mask, value, west, east, left, isNoisy, key);
      if (inhibitory) kernel[1](row, mask, value, west, east, left, isNoisy, key);
      if (this.deliveredNow[0] !== 0) {
        this.delivered += this.deliveredNow[0]!;
        this.deliveredNow[0] = 0;
        neurons.takeHits(t);
        if (inhibitory) neurons.reconsider(hemisphere, t);
      }
    }
    if (neurons.servedList.length > 0)
      this.pulseServed(row, mask, value, west, east, excitatory, inhibitory, event, t);
  }

  private readDac(): void {
    const { settings } = this;
    this.dacOf = settings.memory.changes;
    for (let block = 0; block < 4; block++)
      this.dac[block] = settings.sharedCode(block, Shared.syn_i_bias_dac);
  }

  /** The same for neurons that the precise part serves. */
  private pulseServed(
    row: number,
    mask: number,
    value: number,
    west: number,
    east: number,
    excitatory: boolean,
    inhibitory: boolean,
    event: number,
    t: number,
  ): void {
    const { synapses, precise, noise } = this;
    const list = this.neurons.servedList;
    for (let j = 0; j < list.length; j++) {
      const n = list[j]!;
      if (n >> 8 !== row >> 8) continue;
      const column = n & 255;
      const synapse = (row << 8) | column;
      if ((synapses.labels[synapse]! & mask) !== value) continue;
      let amount = synapses.strength(synapse) * (column < 128 ? west : east);
      if (noise.on.event) amount *= 1 + this.constants.eventNoise * noise.event(synapse, event);
      if (amount <= 0) continue;
      if (excitatory && synapses.isConnected(n, 0)) precise.input(n, 0, amount, t);
      if (inhibitory && synapses.isConnected(n, 1)) precise.input(n, 1, amount, t);
    }
  }
}
