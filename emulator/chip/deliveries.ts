/** Events for synapse drivers, collected for the analog core. */

import type { DriverEvents } from '../analog/core.js';
import { busOfOrder } from './padi-buses.js';
import { cycleOf, keysUpTo, orderOf, type EventQueue } from './event-queue.js';
import type { Drivers } from './drivers.js';

/** A list that is filled anew for each call of the core. */
export class Deliveries implements DriverEvents {
  count = 0;
  cycles = new Float64Array(256);
  drivers = new Int32Array(256);
  addresses = new Int32Array(256);

  constructor(private readonly hemispheres: readonly [Drivers, Drivers]) {}

  /** Takes all events up to and including `cycle` off the buses: one entry for each driver that listens. */
  collect(arrivals: EventQueue, cycle: number): this {
    const end = keysUpTo(cycle);
    this.count = 0;
    while (arrivals.first < end) {
      const key = arrivals.first;
      const label = arrivals.take();
      this.add(busOfOrder(orderOf(key)), label, cycleOf(key));
    }
    return this;
  }

  private add(bus: number, label: number, cycle: number): void {
    const hemisphere = bus >> 2;
    const takers = this.hemispheres[hemisphere]!.takersOf(bus & 3, (label >> 6) & 31);
    if (this.count + takers.length > this.cycles.length) this.grow();
    for (let i = 0; i < takers.length; i++) {
      const at = this.count++;
      this.cycles[at] = cycle;
      this.drivers[at] = 128 * hemisphere + takers[i]!;
      this.addresses[at] = label & 63;
    }
  }

  private grow(): void {
    const wider = <A extends Float64Array | Int32Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    const size = 2 * this.cycles.length;
    this.cycles = wider(this.cycles, new Float64Array(size));
    this.drivers = wider(this.drivers, new Int32Array(size));
    this.addresses = wider(this.addresses, new Int32Array(size));
  }
}
