/** Phases of neurons, and the part of their state that both engines keep, so that a neuron may change hands. */
import { NEURONS } from './core.js';

export const FREE = 0;
export const IN_RESET = 1;
export const HOLD_OFF = 2;

/** One entry per neuron; cycles, mV. */
export interface SharedState {
  readonly phase: Uint8Array;
  readonly phaseEnd: Float64Array;
  /** End of the hold-off. */
  readonly refractoryEnd: Float64Array;
  readonly spikes: Uint32Array;
  /** Threshold of the next crossing, its noise included. */
  readonly threshold: Float64Array;
}

/** The state of an engine that shares it with no other. */
export const ownState = (): SharedState => ({
  phase: new Uint8Array(NEURONS),
  phaseEnd: new Float64Array(NEURONS),
  refractoryEnd: new Float64Array(NEURONS),
  spikes: new Uint32Array(NEURONS),
  threshold: new Float64Array(NEURONS),
});
