/** The part of the analog core that holds settings: what is written, which neurons it concerns, what it means for them. */
import { Circuits } from './circuits.js';
import { constantsWith, type AnalogConstants } from './constants.js';
import {
  COLUMNS,
  DRIVERS,
  NEURONS,
  type AnalogOptions,
  type BackendConfig,
  type ColumnSwitches,
  type CommonBackendConfig,
  type DriverConfig,
  type NeuronConfig,
  type NoiseSwitches,
  type StpConfig,
} from './core.js';
import { FixedPattern } from './die.js';
import { Drivers } from './drivers.js';
import { FIRE_FIELDS } from './fire-lines.js';
import { noiseSwitches, TrialNoise } from './noise.js';
import {
  CAPMEM_COLUMNS,
  CAPMEM_ROWS,
  NEURON_COLUMNS,
  ParameterMemory,
} from './parameter-memory.js';
import { Parameters } from './parameters.js';
import type {
  EngineContext,
  EngineParts,
  EventPart,
  NeuronPart,
  SensorPart,
  SynapsePart,
} from './parts.js';
import { checkSetting, Settings, Shared } from './settings.js';
import { WIRE_FIELDS } from './wiring.js';

/** See the module's first sentence. */
export abstract class ConfiguredCore {
  cycle = 0;
  readonly weights: Uint8Array;
  readonly labels: Uint8Array;
  readonly timeTrims: Uint8Array;
  readonly amplitudeTrims: Uint8Array;
  protected readonly constants: AnalogConstants;
  protected readonly pattern: FixedPattern;
  protected readonly switches: NoiseSwitches;
  protected readonly settings: Settings;
  protected readonly memory: ParameterMemory;
  protected noise: TrialNoise;
  protected noiseSeed: number;
  protected readonly circuits: Circuits;
  protected readonly neurons: NeuronPart;
  protected readonly synapses: SynapsePart;
  protected readonly drivers: Drivers;
  protected readonly sensors: SensorPart;
  protected readonly events: EventPart;
  /** Slaves by master; undefined until a neuron fires after the lines were set. */
  protected fireTargets: readonly (Int32Array | undefined)[] | undefined = undefined;
  /** Cycle of the next refresh of the parameter memory that changes something. */
  protected nextRefresh = Infinity;
  protected wiresChanged = false;
  protected readonly epochCycles: number;

  private readonly parameters: Parameters;
  private readonly dirty = new Uint8Array(NEURONS);
  private readonly waiting = new Int32Array(NEURONS);
  private waitingCount = 0;

  constructor(options: AnalogOptions, makeParts: (context: EngineContext) => EngineParts) {
    const constants = constantsWith(options.constants);
    this.constants = constants;
    const ideal = options.die === 'ideal';
    this.switches = noiseSwitches(ideal, options.noise);
    const pattern = new FixedPattern(options.die, constants);
    this.pattern = pattern;
    this.noiseSeed = options.noiseSeed ?? 0;
    this.noise = new TrialNoise(this.noiseSeed, this.switches, NEURONS);
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
    this.epochCycles = Math.round((constants.driftTime * 250) / 10);
    this.touchAll();
  }

  /** A neuron fires. */
  protected abstract onFire(n: number, cycle: number): void;

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

  protected appointRefresh(): void {
    const { period, isUneasy } = this.memory;
    this.nextRefresh = isUneasy ? (Math.floor(this.cycle / period) + 1) * period : Infinity;
  }

  /** The parameter memory is refreshed: levels move, and those of neurons that can be noticed ripple. */
  protected refreshCells(): void {
    this.memory.refresh(this.cycle, this.cellMoved);
    if (this.memory.ripples)
      for (let n = 0; n < NEURONS; n++) {
        const config = this.settings.neurons[n]!;
        if (config.en_fire !== 0 || config.en_readout_amp !== 0) this.touch(n);
      }
    this.appointRefresh();
  }

  /** A setting is about to change: the state is brought to now under the old one. */
  protected touch(n: number): void {
    if (this.dirty[n] === 1) return;
    this.neurons.rebase(n, this.cycle);
    this.dirty[n] = 1;
    this.waiting[this.waitingCount++] = n;
  }

  protected touchAll(): void {
    for (let n = 0; n < NEURONS; n++) this.touch(n);
  }

  /** Works out what changed settings mean, before anything happens or is looked at. */
  protected refresh(): void {
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

  protected workOut(n: number): void {
    const epoch = Math.floor(this.cycle / this.epochCycles);
    this.parameters.update(
      n,
      this.switches.drift ? this.noise.drifts(n, epoch, this.constants.drift) : undefined,
    );
    if (this.circuits.isConnected(n)) this.parameters.numeric[n] = 1;
  }
}
