/**
 * The analog core without its arithmetic: settings, what follows from them, time, noise epochs, readouts, snapshots. An engine
 * is four parts (neurons, synapses, sensors, events) that know how to compute.
 */
import { Circuits } from './circuits.js';
import { constantsWith, type AnalogConstants } from './constants.js';
import { Converters } from './converters.js';
import {
  COLUMNS,
  DRIVERS,
  NEURONS,
  type ActivityCounts,
  type AnalogCore,
  type AnalogOptions,
  type BackendConfig,
  type ColumnSwitches,
  type CommonBackendConfig,
  type DriverConfig,
  type DriverEvents,
  type NeuronConfig,
  type NoiseSwitches,
  type StpConfig,
} from './core.js';
import { FixedPattern } from './die.js';
import { Drivers } from './drivers.js';
import { FIRE_FIELDS, fireTargets } from './fire-lines.js';
import { Fired } from './fired.js';
import { noiseSwitches, TrialNoise } from './noise.js';
import {
  CAPMEM_COLUMNS,
  CAPMEM_ROWS,
  NEURON_COLUMNS,
  ParameterMemory,
} from './parameter-memory.js';
import { Parameters } from './parameters.js';
import { Readouts } from './readouts.js';
import { checkSetting, Settings, Shared } from './settings.js';
import { restoreSnapshot, takeSnapshot, type AnalogSnapshot, type CoreParts } from './snapshot.js';
import { WIRE_FIELDS } from './wiring.js';
import type {
  EngineContext,
  EngineParts,
  EventPart,
  NeuronPart,
  SensorPart,
  SynapsePart,
} from './parts.js';

export type * from './parts.js';

export class Engine implements AnalogCore {
  cycle = 0;
  readonly weights: Uint8Array;
  readonly labels: Uint8Array;
  readonly timeTrims: Uint8Array;
  readonly amplitudeTrims: Uint8Array;
  private readonly constants: AnalogConstants;
  private readonly switches: NoiseSwitches;
  private readonly settings: Settings;
  private readonly memory: ParameterMemory;
  private noise: TrialNoise;
  private noiseSeed: number;
  private readonly parameters: Parameters;
  private readonly circuits: Circuits;
  private readonly neurons: NeuronPart;
  private readonly synapses: SynapsePart;
  private readonly drivers: Drivers;
  private readonly sensors: SensorPart;
  private readonly converters: Converters;
  private readonly events: EventPart;
  private readonly readouts: Readouts;
  private readonly fired = new Fired();
  private readonly report: (neuron: number, cycle: number) => void;

  private readonly dirty = new Uint8Array(NEURONS);
  private readonly waiting = new Int32Array(NEURONS);
  private waitingCount = 0;
  private wiresChanged = false;
  /** Slaves by master; undefined until a neuron fires after the lines were set. */
  private fireTargets: readonly (Int32Array | undefined)[] | undefined = undefined;
  private readonly epochCycles: number;
  private nextEpoch: number;
  /** Cycle of the next refresh of the parameter memory that changes something. */
  private nextRefresh = Infinity;
  private spikes = 0;

  constructor(options: AnalogOptions, makeParts: (context: EngineContext) => EngineParts) {
    const constants = constantsWith(options.constants);
    this.constants = constants;
    const ideal = options.die === 'ideal';
    this.switches = noiseSwitches(ideal, options.noise);
    const pattern = new FixedPattern(options.die, constants);
    this.noiseSeed = options.noiseSeed ?? 0;
    this.noise = new TrialNoise(this.noiseSeed, this.switches, NEURONS);
    this.report = options.onSpike ?? (() => undefined);
    this.memory = new ParameterMemory(
      pattern,
      constants,
      options.settling ?? 'instant',
      this.switches.ripple,
    );
    this.memory.setNoiseSeed(this.noiseSeed);
    this.settings = new Settings(this.memory, constants);
    this.parameters = new Parameters(this.settings, pattern, constants);
    this.circuits = new Circuits(this.parameters, constants, ideal);
    this.drivers = new Drivers(this.settings, pattern, constants);
    const parts = makeParts({
      constants,
      pattern,
      settings: this.settings,
      parameters: this.parameters,
      circuits: this.circuits,
      drivers: this.drivers,
      noise: this.noise,
      ideal,
      consume: options.consume ?? true,
      fire: this.onFire.bind(this),
    });
    this.neurons = parts.neurons;
    this.synapses = parts.synapses;
    this.sensors = parts.sensors;
    this.events = parts.events;
    this.weights = this.synapses.weights;
    this.labels = this.synapses.labels;
    this.timeTrims = this.synapses.timeTrims;
    this.amplitudeTrims = this.synapses.amplitudeTrims;
    this.converters = new Converters(this.settings, pattern, constants, this.noise);
    this.readouts = new Readouts(
      this.settings,
      constants,
      this.sensors,
      this.neurons,
      this.converters,
    );
    this.epochCycles = Math.round((constants.driftTime * 250) / 10);
    this.nextEpoch = this.switches.drift ? this.epochCycles : Infinity;
    this.touchAll();
  }

  get counts(): ActivityCounts {
    return { spikes: this.spikes, synapticEvents: this.events.delivered };
  }

  setWeight(synapse: number, value: number): void {
    this.synapses.setWeight(synapse, value);
  }

  setLabel(synapse: number, value: number): void {
    if (this.synapses.labels[synapse] === value) return;
    this.synapses.setLabel(synapse, value);
    this.sensors.dropTraces(synapse);
  }

  setTimeTrim(synapse: number, value: number): void {
    this.synapses.timeTrims[synapse] = value;
    this.sensors.forgetSynapse(synapse);
  }

  setAmplitudeTrim(synapse: number, value: number): void {
    this.synapses.amplitudeTrims[synapse] = value;
    this.sensors.forgetSynapse(synapse);
  }

  setCapmem(block: number, row: number, column: number, code: number): void {
    checkSetting('capmem block', [block], block, 3);
    checkSetting('capmem row', [block, row], row, CAPMEM_ROWS - 1);
    checkSetting('capmem column', [block, row, column], column, CAPMEM_COLUMNS - 1);
    checkSetting('capmem code', [block, row, column], code, 1023);
    if (column < NEURON_COLUMNS) {
      // Crosstalk couples only cells of equal code, before or after the write.
      if (this.memory.hasCrosstalk)
        for (let slot = 0; slot < NEURON_COLUMNS; slot++) {
          const held = this.memory.codeAt(block, row, slot);
          if (held === code || held === this.memory.codeAt(block, row, column))
            this.touch(block * 128 + slot);
        }
    }
    this.memory.write(block, row, column, code);
    this.cellMoved(block, row, column);
    this.appointRefresh();
  }

  /** The level of a cell is another one: those who use it are to work it out again. */
  private readonly cellMoved = (block: number, row: number, column: number): void => {
    if (column < NEURON_COLUMNS) this.touch(block * 128 + column);
    else if (
      column === NEURON_COLUMNS &&
      (row === Shared.syn_i_bias_ramp || row === Shared.syn_i_bias_store)
    )
      this.sensors.forgetBlock(block);
  };

  private appointRefresh(): void {
    const { period, isUneasy } = this.memory;
    this.nextRefresh = isUneasy ? (Math.floor(this.cycle / period) + 1) * period : Infinity;
  }

  /** The parameter memory is refreshed: levels move, and those of neurons that can be noticed ripple. */
  private refreshCells(): void {
    this.memory.refresh(this.cycle, this.cellMoved);
    if (this.memory.ripples)
      for (let n = 0; n < NEURONS; n++) {
        const config = this.settings.neurons[n]!;
        if (config.en_fire !== 0 || config.en_readout_amp !== 0) this.touch(n);
      }
    this.appointRefresh();
  }

  setNeuron(neuron: number, fields: Readonly<Partial<NeuronConfig>>): void {
    const config = this.settings.neurons[neuron]!;
    for (const wire of WIRE_FIELDS)
      if (fields[wire] !== undefined && fields[wire] !== config[wire]) {
        this.touchAll();
        this.wiresChanged = true;
      }
    this.touch(neuron);
    Object.assign(config, fields);
  }

  setBackend(neuron: number, fields: Readonly<Partial<BackendConfig>>): void {
    this.touch(neuron);
    const config = this.settings.backends[neuron]!;
    if (FIRE_FIELDS.some((name) => fields[name] !== undefined && fields[name] !== config[name]))
      this.fireTargets = undefined;
    Object.assign(config, fields);
  }

  setCommonBackend(half: number, fields: Readonly<Partial<CommonBackendConfig>>): void {
    for (let n = 0; n < NEURONS; n++) if ((n & 255) >> 7 === half) this.touch(n);
    Object.assign(this.settings.commonBackends[half]!, fields);
  }

  setDriver(hemisphere: number, driver: number, fields: Readonly<Partial<DriverConfig>>): void {
    Object.assign(this.settings.drivers[hemisphere * DRIVERS + driver]!, fields);
  }

  setStp(hemisphere: number, fields: Readonly<Partial<StpConfig>>): void {
    Object.assign(this.settings.stp[hemisphere]!, fields);
  }

  setPulseExtension(hemisphere: number, bus: number, value: number): void {
    this.settings.pulseExtensions[hemisphere * 4 + bus] = value;
  }

  setColumn(hemisphere: number, column: number, fields: Readonly<Partial<ColumnSwitches>>): void {
    const switches = this.settings.columns[hemisphere * COLUMNS + column]!;
    Object.assign(switches, fields);
    this.synapses.setConnected(
      hemisphere,
      column,
      switches.enable_synaptic_current_excitatory !== 0,
      switches.enable_synaptic_current_inhibitory !== 0,
    );
  }

  setDebugLine(branch: 0 | 1, hemisphere: -1 | 0 | 1): void {
    this.settings.debugLines[branch] = hemisphere;
  }

  setCadcOffset(hemisphere: number, channel: number, column: number, stored: number): void {
    this.settings.cadcOffsets[hemisphere * 512 + channel * COLUMNS + column] = stored;
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

  /** A setting is about to change: the state is brought to now under the old one. */
  private touch(n: number): void {
    if (this.dirty[n] === 1) return;
    this.neurons.rebase(n, this.cycle);
    this.dirty[n] = 1;
    this.waiting[this.waitingCount++] = n;
  }

  private touchAll(): void {
    for (let n = 0; n < NEURONS; n++) this.touch(n);
  }

  /** Works out what changed settings mean, before anything happens or is looked at. */
  private refresh(): void {
    if (this.waitingCount === 0) return;
    if (this.wiresChanged) {
      this.circuits.rewire(this.settings);
      this.wiresChanged = false;
    }
    const neurons = this.neurons;
    const count = this.waitingCount;
    this.waitingCount = 0;
    for (let i = 0; i < count; i++) {
      const n = this.waiting[i]!;
      this.dirty[n] = 0;
      this.workOut(n);
    }
    for (let i = 0; i < count; i++) neurons.changed(this.waiting[i]!, this.cycle);
  }

  private workOut(n: number): void {
    const epoch = Math.floor(this.cycle / this.epochCycles);
    this.parameters.update(
      n,
      this.switches.drift ? this.noise.drifts(n, epoch, this.constants.drift) : undefined,
    );
    if (this.circuits.isConnected(n)) this.parameters.numeric[n] = 1;
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
        this.bring(at);
        this.fired.settle();
      }
      const driver = drivers[i]!;
      this.events.deliver(driver >> 7, driver & 127, addresses[i]!, this.cycle);
    }
    this.bring(cycle);
    this.fired.report(this.report);
  }

  private onFire(n: number, cycle: number): void {
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
