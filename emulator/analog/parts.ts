/** The four parts of an engine that know how to compute, as the core sees them, and what they compute from. */
import type { Circuits } from './circuits.js';
import type { AnalogConstants } from './constants.js';
import type { FixedPattern } from './die.js';
import type { Drivers } from './drivers.js';
import type { TrialNoise } from './noise.js';
import type { Parameters } from './parameters.js';
import type { NeuronView, SensorView } from './readouts.js';
import type { Settings } from './settings.js';
import type { StateArray } from './snapshot.js';

/** Neurons of an engine. Times are cycles; a state is one of the present cycle unless said. */
export interface NeuronPart extends StatefulPart, NeuronView {
  /** Replaced when the noise seed changes. */
  noise: TrialNoise;
  /** A lower bound of the next spike; Infinity when all is silent. */
  readonly nextCycle: number;
  /** Before settings of a neuron change: its state is brought to cycle `t` under the old ones. */
  rebase(n: number, t: number): void;
  /** The parameters of a neuron have been worked out anew at cycle `t`. */
  changed(n: number, t: number): void;
  /** Everything up to and including `target` happens. */
  advance(target: number): void;
  /** Pulls a neuron through a reset without a spike. */
  reset(n: number, t: number): void;
  /** A pulse on its fire line: the neuron fires at cycle `t` like another one just did, if it is not refractory. */
  join(n: number, t: number): void;
  powerUp(): void;
}

/** What of an engine is saved: live arrays, and working out what follows from them after they were written. */
export interface StatefulPart {
  stateArrays(): Record<string, StateArray>;
  restored(): void;
}

/** Synapse storage of an engine. */
export interface SynapsePart extends StatefulPart {
  readonly weights: Uint8Array;
  readonly labels: Uint8Array;
  readonly timeTrims: Uint8Array;
  readonly amplitudeTrims: Uint8Array;
  setWeight(synapse: number, value: number): void;
  setLabel(synapse: number, value: number): void;
  setConnected(hemisphere: number, column: number, excitatory: boolean, inhibitory: boolean): void;
  powerUp(): void;
}

/** Correlation sensors of an engine. */
export interface SensorPart extends StatefulPart, SensorView {
  /** Pulses so far: their order in time. */
  pulses: number;
  post(hemisphere: number, column: number, t: number): void;
  /** Accumulated correlation in counts. */
  accumulated(synapse: number, branch: 0 | 1): number;
  reset(synapse: number): void;
  /** A label was written: what waits at this synapse is dropped. */
  dropTraces(synapse: number): void;
  forgetSynapse(synapse: number): void;
  forgetBlock(block: number): void;
  powerUp(): void;
}

/** The way of an event through a driver to lines and sensors. */
export interface EventPart {
  noise: TrialNoise;
  /** Synaptic events that reached a neuron's line. */
  delivered: number;
  deliver(hemisphere: number, driver: number, address: number, t: number): void;
}

export interface EngineParts {
  readonly neurons: NeuronPart;
  readonly synapses: SynapsePart;
  readonly sensors: SensorPart;
  readonly events: EventPart;
}

/** What every engine computes from. */
export interface EngineContext {
  readonly constants: AnalogConstants;
  readonly pattern: FixedPattern;
  readonly settings: Settings;
  readonly parameters: Parameters;
  readonly circuits: Circuits;
  readonly drivers: Drivers;
  readonly noise: TrialNoise;
  readonly ideal: boolean;
  /** A sensor event consumes the trace it reads. */
  readonly consume: boolean;
  /** A neuron fires; neurons of one cycle in order of their number. */
  readonly fire: (neuron: number, cycle: number) => void;
}
