/** The eight PADI buses between crossbar and synapse drivers: four of each hemisphere, one event per slot. */

import type { AnalogCore } from '../analog/core.js';
import { EventQueue, keyOf } from './event-queue.js';

/** Cycles by which jitter makes an event early at most (6.4 standard deviations of a cycle). */
export const mostJitter = 7;
const firstOrder = 32;

/** See the module's first sentence. Buses 0..3 are those of the top hemisphere. */
export class PadiBuses {
  /** CommonPADIBusConfig of each hemisphere: which buses listen to the crossbar. */
  readonly config = new Uint32Array(2);
  /** Events on their way: 11-bit labels, in order of arrival at the drivers. */
  readonly arrivals = new EventQueue();

  private readonly lastArrival = new Float64Array(8);
  private readonly events = new Float64Array(8);

  constructor(
    private readonly analog: Pick<AnalogCore, 'routingJitter'>,
    /** Cycles from the crossbar to the drivers. */
    private readonly delay: number,
    private readonly slot: number,
  ) {}

  /** An event leaves the crossbar's output of a bus. */
  take(bus: number, label: number, cycle: number): void {
    if ((this.config[bus >> 2]! >>> (bus & 3)) & 1) this.carry(bus, label, cycle);
  }

  /** A write to the PADI event register: buses that do not listen to the crossbar carry the event at once. */
  write(hemisphere: number, word: number, cycle: number): void {
    const label = (word >>> 16) & 0x7ff;
    for (let bus = 0; bus < 4; bus++)
      if ((word >>> bus) & 1 && ((this.config[hemisphere]! >>> bus) & 1) === 0)
        this.carry(4 * hemisphere + bus, label, cycle);
  }

  clear(): void {
    this.config.fill(0);
    this.arrivals.clear();
    this.lastArrival.fill(0);
    this.events.fill(0);
  }

  private carry(bus: number, label: number, cycle: number): void {
    const event = this.events[bus]!;
    this.events[bus] = event + 1;
    let arrives = cycle + this.delay + this.analog.routingJitter(bus, event);
    const earliest = this.lastArrival[bus]! + this.slot;
    if (arrives < earliest) arrives = earliest;
    this.lastArrival[bus] = arrives;
    this.arrivals.push(keyOf(arrives, firstOrder + bus), label & 0x7ff);
  }
}

/** Bus of an arrival's order number. */
export function busOfOrder(order: number): number {
  return order - firstOrder;
}
