/** Time constant and amplitude of a correlation sensor from its trims, the biases of its block and the die's pattern. */
import type { AnalogConstants } from './constants.js';
import { quadrantOf, type FixedPattern } from './die.js';
import { Shared, type Settings } from './settings.js';

/** Where trims are kept, by synapse. */
interface Trims {
  readonly timeTrims: ArrayLike<number>;
  readonly amplitudeTrims: ArrayLike<number>;
}

/** What the sensors of one die depend on. */
export interface SensorSource {
  readonly constants: AnalogConstants;
  readonly settings: Settings;
  readonly synapses: Trims;
  readonly pattern: FixedPattern;
}

/** Time constant in us of a branch (0 causal, 1 acausal) of a synapse (hemisphere, row, column). */
export function sensorTime(
  { constants: k, settings, synapses, pattern }: SensorSource,
  synapse: number,
  branch: 0 | 1,
): number {
  const block = quadrantOf(synapse >> 16, synapse & 255);
  const ramp = Math.max(1, settings.sensorCode(block, Shared.syn_i_bias_ramp));
  return (
    (k.sensorTime / ramp) *
    (1 - k.timeTrimStep * synapses.timeTrims[synapse]!) *
    pattern.sensorTime(synapse, branch)
  );
}

/** Amplitude of it in counts. */
export function sensorAmplitude(
  { constants: k, settings, synapses, pattern }: SensorSource,
  synapse: number,
  branch: 0 | 1,
): number {
  const block = quadrantOf(synapse >> 16, synapse & 255);
  const store = Math.max(1, settings.sensorCode(block, Shared.syn_i_bias_store));
  return (
    (k.sensorAmplitude / store) *
    (1 + k.amplitudeTrimStep * synapses.amplitudeTrims[synapse]!) *
    pattern.sensorAmplitude(synapse, branch)
  );
}
