/** The way of an event from a driver through its two rows to the lines of the neurons and to the sensors. */
import type { AnalogConstants } from './constants.js';
import { COLUMNS, DRIVERS, ROWS } from './core.js';
import type { Drivers } from './drivers.js';
import type { Neurons } from './neurons.js';
import type { TrialNoise } from './noise.js';
import type { Sensors } from './sensors.js';
import { Shared, type Settings } from './settings.js';
import { MASK_WORDS, synapseAt, type Synapses } from './synapses.js';

export class Events {
  /** Synaptic events that reached a neuron's line. */
  delivered = 0;

  constructor(
    private readonly settings: Settings,
    private readonly constants: AnalogConstants,
    private readonly synapses: Synapses,
    private readonly drivers: Drivers,
    private readonly sensors: Sensors,
    private readonly neurons: Neurons,
    /** Replaced when the noise seed changes. */
    public noise: TrialNoise,
  ) {}

  /** A driver takes an event: both its rows pulse. */
  deliver(hemisphere: number, driver: number, address: number, t: number): void {
    const index = hemisphere * DRIVERS + driver;
    const config = this.settings.drivers[index]!;
    const pulse = this.drivers.pulse(index, address, t);
    const forward = config.forward_address !== 0;
    const bottom = 2 * driver;
    this.sensors.pre(hemisphere, bottom, address, forward, t);
    const excitatory = config.en_exc_bottom !== 0;
    const inhibitory = config.en_inh_bottom !== 0;
    if (excitatory || inhibitory)
      this.pulseRow(hemisphere, bottom, address, forward, pulse, excitatory, inhibitory, t);
    this.sensors.pre(hemisphere, bottom + 1, address, forward, t);
    const topExcitatory = config.en_exc_top !== 0;
    const topInhibitory = config.en_inh_top !== 0;
    if (topExcitatory || topInhibitory)
      this.pulseRow(
        hemisphere,
        bottom + 1,
        address,
        forward,
        pulse,
        topExcitatory,
        topInhibitory,
        t,
      );
  }

  private pulseRow(
    hemisphere: number,
    row: number,
    address: number,
    forward: boolean,
    pulse: number,
    excitatory: boolean,
    inhibitory: boolean,
    t: number,
  ): void {
    const { synapses, settings, neurons, noise } = this;
    const { dacCode, eventNoise } = this.constants;
    const west = (pulse * settings.sharedCode(2 * hemisphere, Shared.syn_i_bias_dac)) / dacCode;
    const east = (pulse * settings.sharedCode(2 * hemisphere + 1, Shared.syn_i_bias_dac)) / dacCode;
    const number = this.drivers.events[hemisphere * DRIVERS + (row >> 1)]!;
    const noisy = noise.on.event;
    const labels = synapses.labels;
    const first = synapseAt(hemisphere, row, 0);
    for (let w = 0; w < MASK_WORDS; w++) {
      let bits =
        synapses.occupied[(hemisphere * ROWS + row) * MASK_WORDS + w]! &
        synapses.connected[hemisphere * MASK_WORDS + w]!;
      while (bits !== 0) {
        const bit = bits & -bits;
        bits ^= bit;
        const column = w * 32 + (31 - Math.clz32(bit));
        const synapse = first + column;
        const label = labels[synapse]!;
        if (forward ? label !== address : label >> 5 !== address >> 5) continue;
        let amount = synapses.strength(synapse) * (column < 128 ? west : east);
        if (noisy) amount *= 1 + eventNoise * noise.event(synapse, number);
        if (amount <= 0) continue;
        const n = hemisphere * COLUMNS + column;
        const switches = settings.columns[n]!;
        this.delivered++;
        if (excitatory && switches.enable_synaptic_current_excitatory !== 0)
          neurons.input(n, 0, amount, t);
        if (inhibitory && switches.enable_synaptic_current_inhibitory !== 0)
          neurons.input(n, 1, amount, t);
      }
    }
  }
}
