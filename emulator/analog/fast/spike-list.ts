/**
 * Spikes on their way out of the kernels' loop. They wait in a list in linear memory and are told in their order when the loop
 * returns: nothing between two of them can act on a neuron, except where neurons fire together, which returns at once.
 */
import { NEURONS } from '../core.js';
import { fireTargets } from '../fire-lines.js';
import type { Neurons } from '../neurons.js';
import type { Settings } from '../settings.js';
import * as at from './layout.js';
import { CAN_FIRE, IS_SPENT, LEADS, SPIKE_ROOM } from './layout.js';
import type { Machine } from './machine.js';

export class SpikeList {
  private readonly flags: Uint8Array;
  private readonly nextGoal: Float64Array;
  private readonly spikes: Uint32Array;
  private readonly count: Int32Array;
  private readonly neurons: Int32Array;
  private readonly cycles: Float64Array;
  private linesChanged = true;

  constructor(
    machine: Machine,
    private readonly precise: Neurons,
    private readonly settings: Settings,
    private readonly fire: (neuron: number, cycle: number) => void,
  ) {
    this.flags = machine.bytes(at.FLAGS, NEURONS);
    this.nextGoal = machine.doubles(at.NEXT_GOAL, NEURONS);
    this.spikes = precise.spikes;
    this.count = machine.integers(at.SPIKE_COUNT, 1);
    this.neurons = machine.integers(at.SPIKE_NEURONS, SPIKE_ROOM);
    this.cycles = machine.doubles(at.SPIKE_CYCLES, SPIKE_ROOM);
  }

  /** The settings of a neuron have changed: its flags and the threshold after its next crossing. */
  prepare(n: number, canFire: boolean): void {
    this.flags[n] = canFire ? CAN_FIRE : 0;
    this.draw(n);
    this.linesChanged = true;
  }

  /** Before time goes on: finds out anew which neurons others fire with, if settings have changed. */
  freshen(): void {
    if (!this.linesChanged) return;
    this.linesChanged = false;
    const some = this.settings.backends.some((backend) => backend.en_neuron_slave !== 0);
    const targets = some ? fireTargets(this.settings) : [];
    for (let n = 0; n < NEURONS; n++) {
      const flags = this.flags[n]! & ~LEADS;
      this.flags[n] = targets[n] === undefined ? flags : flags | LEADS;
    }
  }

  /** Others fire together with this neuron. */
  leads(n: number): boolean {
    return (this.flags[n]! & LEADS) !== 0;
  }

  /** Tells of all spikes in the list. */
  tell(): void {
    const count = this.count[0]!;
    for (let j = 0; j < count; j++) this.tellOf(this.neurons[j]!, this.cycles[j]!);
    this.count[0] = 0;
  }

  /** Tells of the spike that was listed last, and of it alone. */
  tellLast(): void {
    const last = this.count[0]! - 1;
    this.count[0] = last;
    this.tellOf(this.neurons[last]!, this.cycles[last]!);
  }

  tellOf(n: number, cycle: number): void {
    if ((this.flags[n]! & IS_SPENT) !== 0) this.draw(n);
    this.fire(n, cycle);
  }

  /** Threshold of the crossing after the next one. */
  private draw(n: number): void {
    this.nextGoal[n] = this.precise.thresholdAfter(n, this.spikes[n]! + 1);
    this.flags[n] = this.flags[n]! & ~IS_SPENT;
  }
}
