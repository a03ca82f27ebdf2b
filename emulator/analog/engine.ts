/**
 * The analog core without its arithmetic: time, noise epochs, spikes, readouts, snapshots, on top of the settings. An engine
 * is four parts (neurons, synapses, sensors, events) that know how to compute.
 */
import { ConfiguredCore } from './configured.js';
import { Converters } from './converters.js';
import {
  NEURONS,
  type ActivityCounts,
  type AnalogCore,
  type AnalogOptions,
  type DriverEvents,
} from './core.js';
import { Fired } from './fired.js';
import { fireTargets } from './fire-lines.js';
import { TrialNoise } from './noise.js';
import type { EngineContext, EngineParts } from './parts.js';
import { Readouts } from './readouts.js';
import { restoreSnapshot, takeSnapshot, type AnalogSnapshot, type CoreParts } from './snapshot.js';

export type * from './parts.js';

export class Engine extends ConfiguredCore implements AnalogCore {
  private readonly converters: Converters;
  private readonly readouts: Readouts;
  private readonly fired = new Fired();
  private readonly report: (neuron: number, cycle: number) => void;
  private nextEpoch: number;
  private spikes = 0;

  constructor(options: AnalogOptions, makeParts: (context: EngineContext) => EngineParts) {
    super(options, makeParts);
    const { constants, pattern } = this;
    this.report = options.onSpike ?? (() => undefined);
    this.converters = new Converters(this.settings, pattern, constants, this.noise);
    this.readouts = new Readouts(
      this.settings,
      constants,
      this.sensors,
      this.neurons,
      this.converters,
    );
    this.nextEpoch = this.switches.drift ? this.epochCycles : Infinity;
  }

  get counts(): ActivityCounts {
    return { spikes: this.spikes, synapticEvents: this.events.delivered };
  }

  setNoiseSeed(seed: number): void {
    this.touchAll();
    this.setNoise(seed);
  }

  private setNoise(seed: number): void {
    this.noiseSeed = seed;
    this.noise = new TrialNoise(seed, this.switches, NEURONS);
    this.memory.setNoiseSeed(seed);
    this.neurons.noise = this.noise;
    this.converters.noise = this.noise;
    this.events.noise = this.noise;
  }

  nextEventCycle(): number {
    this.refresh();
    // What changes by itself at a refresh may bring spikes forward.
    const next = Math.min(this.neurons.nextCycle, this.nextRefresh, this.nextEpoch);
    return Math.max(this.cycle, next);
  }

  advance(cycle: number): void {
    if (!(cycle >= this.cycle))
      throw new RangeError(
        `the analog core is at cycle ${this.cycle} and cannot go back to ${cycle}`,
      );
    this.refresh();
    this.bring(cycle);
    this.fired.report(this.report);
  }

  /** Brings neurons to `cycle`, and what changes by itself on the way. */
  private bring(cycle: number): void {
    for (;;) {
      const next = Math.min(this.nextEpoch, this.nextRefresh);
      if (next > cycle) break;
      this.neurons.advance(next);
      this.cycle = next;
      if (this.nextRefresh === next) this.refreshCells();
      if (this.nextEpoch === next) {
        this.nextEpoch += this.epochCycles;
        this.touchAll();
      }
      this.refresh();
    }
    this.neurons.advance(cycle);
    this.cycle = cycle;
  }

  run(events: DriverEvents, cycle: number): void {
    this.refresh();
    const { cycles, drivers, addresses, count } = events;
    for (let i = 0; i < count; i++) {
      const at = cycles[i]!;
      if (at > this.cycle) {
        if (at < this.nextEpoch && at < this.nextRefresh) {
          this.neurons.advance(at);
          this.cycle = at;
        } else this.bring(at);
        this.fired.settle();
      }
      const driver = drivers[i]!;
      this.events.deliver(driver >> 7, driver & 127, addresses[i]!, this.cycle);
    }
    this.bring(cycle);
    this.fired.report(this.report);
  }

  protected onFire(n: number, cycle: number): void {
    this.spikes++;
    if (this.settings.backends[n]!.post_overwrite === 0) this.sensors.post(n >> 8, n & 255, cycle);
    this.fired.add(n, cycle);
    this.fireTargets ??= fireTargets(this.settings);
    const slaves = this.fireTargets[n];
    if (slaves === undefined) return;
    for (const slave of slaves)
      if (this.settings.commonBackends[(slave & 255) >> 7]!.en_clocks !== 0)
        this.neurons.join(slave, cycle);
  }

  driverEvent(hemisphere: number, driver: number, address: number): void {
    this.refresh();
    this.events.deliver(hemisphere, driver, address, this.cycle);
  }

  globalPost(half: number): void {
    this.refresh();
    for (let n = 0; n < NEURONS; n++)
      if ((n & 255) >> 7 === half && this.settings.backends[n]!.post_overwrite !== 0)
        this.sensors.post(n >> 8, n & 255, this.cycle);
  }

  resetNeuron(neuron: number): void {
    this.refresh();
    this.neurons.reset(neuron, this.cycle);
  }

  resetCorrelation(synapse: number): void {
    this.sensors.reset(synapse);
  }

  convertCadc(hemisphere: number, row: number, causal: Uint8Array, acausal: Uint8Array): void {
    this.refresh();
    this.readouts.convertRow(hemisphere, row, causal, acausal, this.cycle);
  }

  convertReset(hemisphere: number, row: number, branch: 0 | 1, codes: Uint8Array): void {
    this.readouts.convertResets(hemisphere, row, branch, codes, this.cycle);
  }

  madcNeuron(neuron: number, at: number): number {
    this.refresh();
    return this.converters.madc(this.readouts.voltage(neuron, at), at);
  }

  synapticDebugVoltage(line: 0 | 1, at: number): number {
    this.refresh();
    return this.readouts.synapticDebug(line, at);
  }

  testLineVoltage(branch: 0 | 1): number {
    return this.readouts.testLine(branch);
  }

  driverVoltage(hemisphere: number): number {
    return this.settings.driverVoltage(hemisphere) ?? 0;
  }

  madcVoltage(millivolts: number, at: number): number {
    return this.converters.madc(millivolts, at);
  }

  routingJitter(bus: number, event: number): number {
    if (!this.switches.routing) return 0;
    return Math.round((this.constants.routingJitter * this.noise.routing(bus, event)) / 0.004);
  }

  membrane(neuron: number): number {
    this.refresh();
    this.neurons.evaluate(neuron, this.cycle);
    return this.neurons.noisy(neuron, this.cycle, this.neurons.atV);
  }

  synapticLine(neuron: number, line: 0 | 1): number {
    this.refresh();
    this.neurons.evaluate(neuron, this.cycle);
    return line === 0 ? this.neurons.atExcitatory : this.neurons.atInhibitory;
  }

  adaptation(neuron: number): number {
    this.refresh();
    this.neurons.evaluate(neuron, this.cycle);
    return this.neurons.atW;
  }

  correlation(synapse: number, branch: 0 | 1): number {
    return this.sensors.accumulated(synapse, branch);
  }

  save(): AnalogSnapshot {
    this.refresh();
    return takeSnapshot(this.parts(), this.cycle, this.noiseSeed, this.counts);
  }

  load(snapshot: AnalogSnapshot): void {
    this.refresh();
    restoreSnapshot(this.parts(), snapshot);
    this.spikes = snapshot.counts.spikes;
    this.events.delivered = snapshot.counts.synapticEvents;
    this.setNoise(snapshot.noiseSeed);
    this.cycle = snapshot.cycle;
    this.memory.restored(this.cycle);
    this.fireTargets = undefined;
    this.appointRefresh();
    if (this.switches.drift)
      this.nextEpoch = (Math.floor(this.cycle / this.epochCycles) + 1) * this.epochCycles;
    for (let n = 0; n < NEURONS; n++) this.workOut(n);
    this.neurons.restored();
  }

  private parts(): CoreParts {
    const { settings, synapses, drivers, sensors, neurons, circuits } = this;
    return { settings, synapses, drivers, sensors, neurons, circuits };
  }

  powerUp(): void {
    this.cycle = 0;
    this.spikes = 0;
    this.events.delivered = 0;
    this.nextEpoch = this.switches.drift ? this.epochCycles : Infinity;
    this.neurons.powerUp();
    this.synapses.powerUp();
    this.drivers.powerUp();
    this.sensors.powerUp();
    this.settings.powerUp();
    this.fireTargets = undefined;
    this.appointRefresh();
    this.wiresChanged = true;
    this.touchAll();
  }
}
