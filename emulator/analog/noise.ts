/**
 * Trial noise without history: every value is a pure function of (noise seed, source, index, cycle or event number), so
 * that it makes no difference whether and when somebody looked before.
 */
import { streamKey } from '../../isa/numeric/random.js';
import { deviate, mixedWord, sourceKey } from './deviate.js';
import { NEURONS, type NoiseSwitches } from './core.js';
import { MembraneNoise, type MembraneKeys } from './membrane-noise.js';

/** Quantities of a neuron that drift: two groups of eight, numbered one after the other over all neurons. */
const GROUP = 8;
export const DRIFTING = 2 * GROUP;
export const ALL_NOISE: NoiseSwitches = {
  membrane: true,
  threshold: true,
  event: true,
  cadc: true,
  madc: true,
  routing: true,
  drift: true,
  // A refresh works out every neuron anew: too slow for a noise that is a fraction of the membrane's.
  ripple: false,
};

export const NO_NOISE: NoiseSwitches = {
  membrane: false,
  threshold: false,
  event: false,
  cadc: false,
  madc: false,
  routing: false,
  drift: false,
  ripple: false,
};

/** The switches of a die: none on the ideal one, the usual ones on a drawn one, with some changed. */
export function noiseSwitches(
  isIdeal: boolean,
  changes: Partial<NoiseSwitches> = {},
): NoiseSwitches {
  return { ...(isIdeal ? NO_NOISE : ALL_NOISE), ...changes };
}

const high = (value: number): number => Math.floor(value / 4294967296);

export class TrialNoise {
  readonly on: NoiseSwitches;
  readonly membraneKeys: MembraneKeys;
  private readonly thresholdKey: number;
  private readonly thresholdRunKey: number;
  private readonly eventKey: number;
  private readonly cadcKey: number;
  private readonly madcKey: number;
  private readonly routingKey: number;
  private readonly driftKey: number;
  private readonly membraneNoise: MembraneNoise;
  /** Drift of every neuron's quantities (unit variance), and the epoch it is of. */
  private readonly drifting: Float64Array;
  private readonly driftEpoch: Float64Array;
  private readonly drifted = new Float64Array(DRIFTING);

  constructor(seed: number, on: NoiseSwitches, neurons: number) {
    this.on = on;
    this.membraneKeys = {
      border: sourceKey(streamKey(seed, 'membrane')),
      bridge: sourceKey(streamKey(seed, 'membrane/bridge')),
    };
    this.membraneNoise = new MembraneNoise(this.membraneKeys, on.membrane ? neurons : 0);
    this.thresholdKey = sourceKey(streamKey(seed, 'threshold'));
    this.thresholdRunKey = sourceKey(streamKey(seed, 'threshold/run'));
    this.eventKey = sourceKey(streamKey(seed, 'event'));
    this.cadcKey = sourceKey(streamKey(seed, 'cadc'));
    this.madcKey = sourceKey(streamKey(seed, 'madc'));
    this.routingKey = sourceKey(streamKey(seed, 'routing'));
    this.driftKey = sourceKey(streamKey(seed, 'drift'));
    this.drifting = new Float64Array(on.drift ? neurons * DRIFTING : 0);
    this.driftEpoch = new Float64Array(on.drift ? neurons : 0).fill(NaN);
  }

  /** Membrane noise of unit variance with correlation time `tau` (cycles) at cycle `at`, limited to +-6. */
  membrane(neuron: number, at: number, tau: number): number {
    return this.membraneNoise.at(neuron, at, tau);
  }

  /** Threshold deviation of one crossing, unit variance. */
  threshold(neuron: number, spike: number): number {
    return deviate(this.thresholdKey, neuron, spike, 0);
  }

  /** Threshold deviation of this run, unit variance. */
  thresholdOfRun(neuron: number): number {
    return deviate(this.thresholdRunKey, neuron, 0, 0);
  }

  /** Amplitude deviation of one synaptic event, unit variance. */
  event(synapse: number, event: number): number {
    return deviate(this.eventKey, synapse, event, high(event));
  }

  /** One mixed word for all amplitudes of an event of a row, from which the fast engine draws each. */
  eventWord(row: number, event: number): number {
    return mixedWord(this.eventKey, row, event, high(event));
  }

  /** Two draws of unit variance for a pair of channels are independent by their index. */
  cadc(channel: number, cycle: number): number {
    return deviate(this.cadcKey, channel, cycle, high(cycle));
  }

  madc(sample: number): number {
    return deviate(this.madcKey, sample, high(sample), 0);
  }

  routing(bus: number, event: number): number {
    return deviate(this.routingKey, bus, event, high(event));
  }

  /** Relative drift of a neuron's drifting quantities, `sd` in size, in an array that is used again. */
  drifts(neuron: number, epoch: number, sd: number): Float64Array {
    const base = neuron * DRIFTING;
    if (this.driftEpoch[neuron] !== epoch) {
      for (let i = 0; i < DRIFTING; i++) {
        const group = Math.floor(i / GROUP) * NEURONS + neuron;
        this.drifting[base + i] = this.drift(group * GROUP + (i % GROUP), epoch);
      }
      this.driftEpoch[neuron] = epoch;
    }
    for (let i = 0; i < DRIFTING; i++) this.drifted[i] = sd * this.drifting[base + i]!;
    return this.drifted;
  }

  /** Slow relative drift of a neuron's parameter, unit variance, constant within a tenth of its correlation time. */
  private drift(parameter: number, epoch: number): number {
    const r = 0.9048374180359595;
    let sum = 0;
    let power = 1;
    let weight = 0;
    for (let k = 0; k < 40; k++) {
      sum += power * deviate(this.driftKey, parameter, epoch - k + 1024, 0);
      weight += power * power;
      power *= r;
    }
    return sum / Math.sqrt(weight);
  }
}
