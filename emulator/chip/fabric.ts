/**
 * Everything on the chip that happens by itself: neurons, routing of events, background sources and the MADC.
 *
 * `advance(c)` brings all of it to cycle c. At equal cycle the neurons' spikes come first, then arrivals at the crossbar by
 * input (neurons, host, background sources), events on PADI buses, events at the FPGA. MADC samples of a cycle are taken
 * after everything else of that cycle, also after what the host and the processors do in it.
 *
 * Every station hands on later than it takes, so that each can do a span of time at once: what comes to the drivers within
 * the delay of the buses is known before the neurons are brought there, and what the neurons send within the delay to the
 * crossbar before events are routed. Where no event of a neuron can come back to a synapse, the span is the whole call.
 */

import type { AnalogCore } from '../analog/core.js';
import { BackgroundSources } from './background.js';
import { NeuronBackend } from './backend.js';
import type { DigitalConstants } from './constants.js';
import { Crossbar } from './crossbar.js';
import { Deliveries } from './deliveries.js';
import { Drivers } from './drivers.js';
import { cycleOf, EventQueue, keyOf, keysUpTo, orderOf } from './event-queue.js';
import { Madc } from './madc.js';
import { mostJitter, PadiBuses } from './padi-buses.js';
import type { RegisterFile } from './register-file.js';
import { SpikeIo } from './spike-io.js';
import type { Uplink } from './uplink.js';

/** Orders of crossbar inputs are their numbers. */
const hostOrder = 8;
const backgroundOrder = 12;
const fpgaOrder = 48;
const serialOrder = 56;

/** See the module's first sentence. */
export class Fabric {
  readonly backend: NeuronBackend;
  readonly drivers: readonly [Drivers, Drivers];
  readonly buses: PadiBuses;
  readonly crossbar: Crossbar;
  readonly background = new BackgroundSources();
  readonly madc: Madc;
  readonly serial: SpikeIo;
  /** Events and samples go to the host (FPGA register 0x88000005). */
  recording = false;
  /** Systime minus cycle (both 4 ns), 0..255: what counts in the stamps of events. */
  systimeOffset = 0;

  /** On their way to the crossbar: spikes of the host, which may lie far ahead, of neurons, of background sources. */
  private readonly fromHost = new EventQueue();
  private readonly fromNeurons = new EventQueue();
  private readonly fromBackground = new EventQueue();
  /** On their way from the crossbar to the FPGA. */
  private readonly toFpga = new EventQueue();
  /** Frames on the serial line. */
  private readonly onLine = new EventQueue();
  private readonly deliveries: Deliveries;
  private readonly spikeDelay: number;
  private readonly hostDelay: number;
  /** An event that the crossbar routes reaches a driver this many cycles later at the earliest. */
  private readonly busDelay: number;
  private now = 0;

  constructor(
    private readonly analog: AnalogCore,
    private readonly uplink: Uplink,
    registers: RegisterFile,
    private readonly constants: DigitalConstants,
  ) {
    const { crossbarSlot, crossbarQueue, crossbarToSynapse, crossbarToFpga } = constants;
    this.backend = new NeuronBackend(analog);
    this.drivers = [new Drivers(0, analog), new Drivers(1, analog)];
    this.deliveries = new Deliveries(this.drivers);
    this.buses = new PadiBuses(analog, crossbarToSynapse, crossbarSlot);
    this.madc = new Madc(analog, registers, constants.madcStart);
    this.spikeDelay = constants.spikeToCrossbar;
    this.hostDelay = constants.fpgaToCrossbar;
    this.busDelay = Math.max(1, crossbarToSynapse - mostJitter);
    this.serial = new SpikeIo(registers, constants.serialQueue, (address, cycle) =>
      this.onLine.push(keyOf(cycle, serialOrder), address),
    );
    this.crossbar = new Crossbar(crossbarSlot, crossbarQueue, {
      toBus: (bus, label, cycle) => this.buses.take(bus, label, cycle),
      toFpga: (output, label, cycle) => {
        const stamp = (cycle + this.systimeOffset) & 255;
        const item = label | (output << 14) | (stamp << 16);
        this.toFpga.push(keyOf(cycle + crossbarToFpga, fpgaOrder + output), item);
      },
    });
  }

  /** Everything with state of its own, by name. */
  get parts(): Readonly<Record<string, object>> {
    const { backend, buses, crossbar, background, madc, serial } = this;
    const { fromHost, fromNeurons, fromBackground, toFpga, onLine } = this;
    const [topDrivers, bottomDrivers] = this.drivers;
    return {
      fabric: this,
      backend,
      buses,
      busArrivals: buses.arrivals,
      crossbar,
      background,
      madc,
      serial,
      fromHost,
      fromNeurons,
      fromBackground,
      toFpga,
      onLine,
      topDrivers,
      bottomDrivers,
    };
  }

  /** Works out what follows from the parts, which have been loaded from a snapshot. */
  restored(): void {
    for (const drivers of this.drivers) drivers.forgetTakers();
    this.crossbar.restored();
    this.serial.restored();
  }

  /** The cycle everything has been brought to. */
  get cycle(): number {
    return this.now;
  }

  /** For the analog core: a neuron fires. */
  noteSpike(neuron: number, cycle: number): void {
    const label = this.backend.spike(neuron);
    if (label >= 0) this.fromNeurons.push(keyOf(cycle + this.spikeDelay, label >> 8), label);
  }

  /** A spike message of the host executes at `cycle`, which may lie ahead. */
  hostSpike(label: number, cycle: number): void {
    const key = keyOf(cycle + this.hostDelay, hostOrder + (label >> 14));
    this.fromHost.push(key, label & 0x3fff);
  }

  /** Brings everything to `target`, inclusive. */
  advance(target: number): void {
    const { crossbar, serial } = this;
    if (crossbar.hasFeedback || crossbar.hasEcho || serial.isClosed || this.onLine.first < Infinity)
      this.advanceBySpans(target);
    else {
      // Host and background sources meet no neuron at any output: each is routed by itself.
      this.route(target);
      this.stimulate(target);
      this.route(target);
    }
    this.arrive(target);
    this.now = target;
  }

  /** Power-up state at cycle 0. */
  powerUp(): void {
    this.analog.powerUp();
    this.backend.clear();
    for (const drivers of this.drivers) drivers.clear();
    this.buses.clear();
    this.crossbar.clear();
    this.background.clear();
    this.madc.clear();
    this.serial.clear();
    for (const queue of [this.fromHost, this.fromNeurons, this.fromBackground]) queue.clear();
    this.toFpga.clear();
    this.onLine.clear();
    this.recording = false;
    this.systimeOffset = 0;
    this.now = 0;
  }

  /** Events may go round or meet: each turn goes as far as those that are not known yet allow. */
  private advanceBySpans(target: number): void {
    const isRound = this.serial.isClosed || this.onLine.first < Infinity;
    let routed = this.now;
    for (;;) {
      if (isRound) this.arrive(routed);
      const reach =
        target - routed <= this.busDelay
          ? target
          : Math.min(target, this.firstUnrouted(isRound) + this.busDelay - 1);
      this.stimulate(reach);
      const known = reach + this.spikeDelay;
      routed = Math.min(target, isRound ? Math.min(known, routed + this.hostDelay) : known);
      this.route(routed);
      if (reach === target && routed === target) return;
    }
  }

  /** No event that has not been routed yet comes to the crossbar before this cycle. */
  private firstUnrouted(isRound: boolean): number {
    const { fromHost, fromNeurons, fromBackground, toFpga, onLine, buses } = this;
    const spike = this.analog.nextEventCycle();
    const delivery = cycleOf(buses.arrivals.first);
    const queued = cycleOf(Math.min(fromHost.first, fromNeurons.first, fromBackground.first));
    let first = (delivery < spike ? delivery : spike) + this.spikeDelay;
    if (queued < first) first = queued;
    if (this.background.next < first) first = this.background.next;
    if (!isRound) return first;
    return Math.min(first, cycleOf(Math.min(toFpga.first, onLine.first)) + this.hostDelay);
  }

  /** Takes everything that comes to the crossbar up to and including `cycle` through it. */
  private route(cycle: number): void {
    const { fromHost, fromNeurons, fromBackground, background, crossbar } = this;
    while (background.next <= cycle) background.run(background.next, this.fireBackground);
    const end = keysUpTo(cycle);
    for (;;) {
      let queue = fromNeurons;
      if (fromHost.first < queue.first) queue = fromHost;
      if (fromBackground.first < queue.first) queue = fromBackground;
      const key = queue.first;
      if (key >= end) return;
      crossbar.arrive(orderOf(key), queue.take(), cycleOf(key));
    }
  }

  /** Brings the analog core to `cycle`, with what comes to the drivers until then. */
  private stimulate(cycle: number): void {
    const { analog, buses, deliveries, madc } = this;
    if (madc.next >= cycle) analog.run(deliveries.collect(buses.arrivals, cycle), cycle);
    else this.sample(cycle);
  }

  /** Likewise while the MADC samples: a sample is taken before anything later happens. */
  private sample(cycle: number): void {
    const { analog, buses, deliveries, madc } = this;
    /** Everything of the core's present cycle has happened. */
    let isSettled = false;
    for (;;) {
      let next = Math.min(cycle, cycleOf(buses.arrivals.first));
      const own = analog.nextEventCycle();
      if (own < next)
        next = own > analog.cycle ? own : isSettled ? Math.min(next, own + 1) : analog.cycle;
      madc.run(next, this.recordSample);
      analog.run(deliveries.collect(buses.arrivals, next), next);
      isSettled = true;
      if (next === cycle) return;
    }
  }

  /** What comes to the FPGA up to and including `cycle`: from the crossbar, and back on the serial line. */
  private arrive(cycle: number): void {
    const { toFpga, onLine, serial, uplink } = this;
    const end = keysUpTo(cycle);
    for (;;) {
      if (onLine.first < toFpga.first) {
        const key = onLine.first;
        if (key >= end) return;
        const label = serial.labelOf(onLine.take());
        if (label >= 0) this.hostSpike(label, cycleOf(key));
        continue;
      }
      const key = toFpga.first;
      if (key >= end) return;
      const at = cycleOf(key);
      const item = toFpga.take();
      if (this.recording) uplink.spike(tickFrom(at), item);
      serial.send(item & 0xffff, at);
    }
  }

  private readonly fireBackground = (source: number, label: number): void =>
    this.fromBackground.push(keyOf(this.background.next, backgroundOrder + source), label);

  private readonly recordSample = (value: number, channel: number, at: number): void => {
    if (!this.recording) return;
    const cycle = Math.floor(at);
    const stamp = (cycle + this.systimeOffset) & 255;
    const tick = tickFrom(cycle + this.constants.crossbarToFpga);
    this.uplink.sample(tick, value | (channel << 10) | (stamp << 16));
  };
}

/** The first tick at or after a whole cycle. */
function tickFrom(cycle: number): number {
  return (cycle + (cycle & 1)) / 2;
}
