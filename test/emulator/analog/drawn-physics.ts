/**
 * What a drawn chip's neurons should be: the physics of the codes (`physicsOf`) with what the seed draws for a neuron put in by
 * the laws of docs/analog.md. Shares with the engines the draws and nothing else.
 */
import {
  constantsWith,
  FixedPattern,
  type Die,
  type NeuronConfig,
} from '../../../emulator/analog/index.js';
import type { Codes } from './operating-point.js';
import { physicsOf, type Physics } from './reference.js';

/** Soft limit of the lines of a drawn chip, in events. */
const SATURATION = 20;
/** nA per code of an input's offset. */
const PER_CODE = 0.02;

const patterns = new Map<string, FixedPattern>();

/** The fixed pattern of a die, drawn once. */
export function patternOf(die: Die): FixedPattern {
  const name = JSON.stringify(die);
  const known = patterns.get(name) ?? new FixedPattern(die, constantsWith());
  patterns.set(name, known);
  return known;
}

/** Physics of one neuron of a calibrated or ideal die (codes act as written there), at point A with changes. */
export function drawnPhysics(
  die: Die,
  neuron: number,
  codes: Codes = {},
  config: Partial<NeuronConfig> = {},
): Physics {
  const p = physicsOf(codes, config, die === 'ideal' ? Infinity : SATURATION);
  const drawn = patternOf(die).neurons;
  const of = (values: Float64Array): number => values[neuron] ?? NaN;
  const [excitatory, inhibitory] = p.lines;
  // An offset acts where its input is switched on, as it is at point A.
  const offset = PER_CODE * (of(drawn.inhibitoryShift) - of(drawn.excitatoryShift));
  return {
    ...p,
    C: p.C * of(drawn.capacitance),
    leak: p.leak * of(drawn.conductance),
    leakPotential: p.leakPotential + of(drawn.leakShift),
    reset: p.reset * of(drawn.conductance),
    resetPotential: p.resetPotential + of(drawn.resetShift),
    threshold: p.threshold + of(drawn.thresholdShift),
    current: p.current * of(drawn.offsetCurrent) + offset,
    lines: [
      {
        ...excitatory,
        tau: excitatory.tau * of(drawn.excitatoryTime),
        amplitude: excitatory.amplitude * of(drawn.excitatoryGain),
      },
      {
        ...inhibitory,
        tau: inhibitory.tau * of(drawn.inhibitoryTime),
        amplitude: inhibitory.amplitude * of(drawn.inhibitoryGain),
      },
    ],
    slopeFactor: p.slopeFactor * of(drawn.slopeFactor),
    exponential: p.exponential + of(drawn.exponentialShift),
    tauW: p.tauW * of(drawn.adaptationTime),
    a: p.a * of(drawn.adaptationConductance),
    b: p.b * of(drawn.adaptationStep),
    adaptationPotential: p.adaptationPotential + of(drawn.adaptationShift),
  };
}
