/**
 * Everything on the chip that happens by itself: neurons, routing of events, background sources and the MADC.
 *
 * `advance(c)` brings all of it to cycle c. At equal cycle the neurons' spikes come first, then background sources,
 * then arrivals at the crossbar by input, events on PADI buses, events at the FPGA. MADC samples of a cycle are
 * taken after everything else of that cycle, also after what the host and the processors do in it.
 */

import type { AnalogCore } from '../analog/core.js';
import { BackgroundSources } from './background.js';
import { NeuronBackend } from './backend.js';
import type { DigitalConstants } from './constants.js';
import { Crossbar } from './crossbar.js';
import { Drivers } from './drivers.js';
import { EventQueue } from './event-queue.js';
import { Madc } from './madc.js';
import type { RegisterFile } from './register-file.js';
import { SpikeIo } from './spike-io.js';
import type { Uplink } from './uplink.js';

/** Cycles by which jitter makes an event early at most (6.4 standard deviations of a cycle). */
const mostJitter = 7;
const padiOrder = 32;
const fpgaOrder = 48;
const serialOrder = 56;

/** See the module's first sentence. */
export class Fabric {
  readonly backend: NeuronBackend;
  readonly drivers: readonly [Drivers, Drivers];
  readonly crossbar: Crossbar;
  readonly background = new BackgroundSources();
  readonly madc: Madc;
  readonly serial: SpikeIo;
  /** Events and samples go to the host (FPGA register 0x88000005). */
  recording = false;
  /** Systime minus cycle (both 4 ns). */
  systimeOffset = 0;
  /** CommonPADIBusConfig of each hemisphere: which buses listen to the crossbar. */
  readonly padiConfig = new Uint32Array(2);

  /** Spikes of the host lie far ahead, so that they have a queue of their own; their order numbers occur in no other events. */
  private readonly hostQueue = new EventQueue();
  private readonly queue = new EventQueue();
  private readonly spikeNeurons: number[] = [];
  private readonly spikeCycles: number[] = [];
  private readonly lastDelivery = new Float64Array(8);
  private readonly busEvents = new Float64Array(8);
  /** No spike acts on a synapse earlier than this many cycles after it. */
  private readonly feedbackDelay: number;
  private now = 0;
  /** The analog core was given something at the present cycle and may answer in the same one. */
  private touched = false;

  constructor(
    private readonly analog: AnalogCore,
    private readonly uplink: Uplink,
    registers: RegisterFile,
    private readonly constants: DigitalConstants,
  ) {
    this.backend = new NeuronBackend(analog);
    this.drivers = [new Drivers(0, analog), new Drivers(1, analog)];
    this.madc = new Madc(analog, registers, constants.madcStart);
    this.feedbackDelay = constants.spikeToCrossbar + constants.crossbarToSynapse - mostJitter;
    this.serial = new SpikeIo(registers, constants.serialQueue, (address, cycle) =>
      this.queue.push(cycle, serialOrder, address),
    );
    this.crossbar = new Crossbar(
      constants.crossbarSlot,
      constants.crossbarQueue,
      (output, label, cycle) => this.leaveCrossbar(output, label, cycle),
    );
  }

  /** Everything with state of its own, by name. */
  get parts(): Readonly<Record<string, object>> {
    const { backend, crossbar, background, madc, serial, queue, hostQueue } = this;
    const [topDrivers, bottomDrivers] = this.drivers;
    return {
      fabric: this,
      backend,
      crossbar,
      background,
      madc,
      serial,
      queue,
      hostQueue,
      topDrivers,
      bottomDrivers,
    };
  }

  /** The cycle everything has been brought to. */
  get cycle(): number {
    return this.now;
  }

  /** For the analog core: a neuron fires. */
  noteSpike(neuron: number, cycle: number): void {
    const { spikeNeurons, spikeCycles } = this;
    const last = spikeNeurons.length - 1;
    if (last < 0 || spikeCycles[last] !== cycle || spikeNeurons[last]! < neuron) {
      spikeNeurons.push(neuron);
      spikeCycles.push(cycle);
      return;
    }
    // A fire line makes neurons of one cycle fire out of order.
    let at = spikeNeurons.length;
    while (at > 0 && spikeCycles[at - 1] === cycle && spikeNeurons[at - 1]! > neuron) at--;
    spikeNeurons.splice(at, 0, neuron);
    spikeCycles.splice(at, 0, cycle);
  }

  /** The owner changed something in the analog core at the present cycle. */
  touch(): void {
    this.touched = true;
  }

  /** A spike message of the host executes at `cycle`, which may lie ahead. */
  hostSpike(label: number, cycle: number): void {
    this.hostQueue.push(cycle + this.constants.fpgaToCrossbar, 8 + (label >> 14), label & 0x3fff);
  }

  /** A write to the PADI event register: buses that do not listen to the crossbar carry the event at once. */
  padiEvent(hemisphere: number, word: number, cycle: number): void {
    const label = (word >>> 16) & 0x7ff;
    for (let bus = 0; bus < 4; bus++)
      if ((word >>> bus) & 1 && ((this.padiConfig[hemisphere]! >>> bus) & 1) === 0)
        this.ontoBus(4 * hemisphere + bus, label, cycle);
  }

  /** Brings everything to `target`, inclusive. */
  advance(target: number): void {
    for (;;) {
      let next = target;
      if (this.queue.first < next) next = this.queue.first;
      if (this.hostQueue.first < next) next = this.hostQueue.first;
      if (this.background.next < next) next = this.background.next;
      const analogNext = this.analog.nextEventCycle();
      if (analogNext < next) {
        if (analogNext <= this.now) next = this.touched ? this.now : Math.min(next, this.now + 1);
        else if (this.madc.next < next) next = analogNext;
        else if (this.crossbar.hasFeedback || this.serial.isClosed)
          next = Math.min(next, Math.max(analogNext, this.now + this.feedbackDelay));
      }
      if (this.madc.next < next) this.sampleUntil(next);
      this.touched = false;
      // Arrivals at the crossbar do not concern the analog core.
      if (next >= target || analogNext <= next) this.analog.advance(next);
      this.now = next;
      if (this.spikeNeurons.length > 0) this.takeSpikes();
      if (this.background.next <= next) this.background.run(next, this.fireBackground);
      while (this.queue.first <= next || this.hostQueue.first <= next) this.takeEvent();
      if (next >= target && !this.touched) return;
    }
  }

  /** Power-up state at cycle 0. */
  powerUp(): void {
    this.analog.powerUp();
    this.backend.clear();
    for (const drivers of this.drivers) drivers.clear();
    this.crossbar.clear();
    this.background.clear();
    this.madc.clear();
    this.serial.clear();
    this.queue.clear();
    this.hostQueue.clear();
    this.spikeNeurons.length = 0;
    this.spikeCycles.length = 0;
    this.lastDelivery.fill(0);
    this.busEvents.fill(0);
    this.padiConfig.fill(0);
    this.recording = false;
    this.systimeOffset = 0;
    this.now = 0;
    this.touched = false;
  }

  private takeSpikes(): void {
    for (let i = 0; i < this.spikeNeurons.length; i++) {
      const label = this.backend.spike(this.spikeNeurons[i]!);
      if (label >= 0)
        this.queue.push(this.spikeCycles[i]! + this.constants.spikeToCrossbar, label >> 8, label);
    }
    this.spikeNeurons.length = 0;
    this.spikeCycles.length = 0;
  }

  private takeEvent(): void {
    const { hostQueue } = this;
    const own = this.queue;
    const queue =
      hostQueue.first < own.first || (hostQueue.first === own.first && hostQueue.order < own.order)
        ? hostQueue
        : own;
    const { first: cycle, order, load } = queue;
    queue.pop();
    if (order < padiOrder) {
      this.crossbar.arrive(order, load, cycle);
      return;
    }
    if (order < fpgaOrder) {
      const bus = order - padiOrder;
      if (this.analog.cycle < cycle) this.analog.advance(cycle);
      this.drivers[bus >> 2]!.deliver(bus & 3, (load >> 6) & 31, load & 63);
      this.touched = true;
      return;
    }
    if (order >= serialOrder) {
      const label = this.serial.labelOf(load);
      if (label >= 0) this.hostSpike(label, cycle);
      return;
    }
    if (this.recording) this.uplink.spike(Math.ceil(cycle / 2), load);
    this.serial.send(load & 0xffff, cycle);
  }

  private leaveCrossbar(output: number, label: number, cycle: number): void {
    if (output >= 8) {
      const stamp = (cycle + this.systimeOffset) % 256;
      const item = label | ((output - 8) << 14) | (stamp << 16);
      this.queue.push(cycle + this.constants.crossbarToFpga, fpgaOrder + output - 8, item);
      return;
    }
    if ((this.padiConfig[output >> 2]! >>> (output & 3)) & 1) this.ontoBus(output, label, cycle);
  }

  private ontoBus(bus: number, label: number, cycle: number): void {
    const jitter = this.analog.routingJitter(bus, this.busEvents[bus]!++);
    let arrives = cycle + this.constants.crossbarToSynapse + jitter;
    const earliest = this.lastDelivery[bus]! + this.constants.crossbarSlot;
    if (arrives < earliest) arrives = earliest;
    this.lastDelivery[bus] = arrives;
    this.queue.push(arrives, padiOrder + bus, label & 0x7ff);
  }

  private readonly fireBackground = (source: number, label: number): void =>
    this.queue.push(this.now, 12 + source, label);

  private sampleUntil(next: number): void {
    this.madc.run(next, this.recordSample);
  }

  private readonly recordSample = (value: number, channel: number, at: number): void => {
    if (!this.recording) return;
    const cycle = Math.floor(at);
    const stamp = (cycle + this.systimeOffset) % 256;
    const tick = Math.ceil((cycle + this.constants.crossbarToFpga) / 2);
    this.uplink.sample(tick, value | (channel << 10) | (stamp << 16));
  };
}
