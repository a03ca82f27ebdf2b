/**
 * Trial noise without history: every value is a pure function of (noise seed, source, index, cycle or event number), so
 * that it makes no difference whether and when somebody looked before.
 */
import { streamKey } from '../../isa/numeric/random.js';
import { decay } from './decay.js';
import { deviate, mixedWord, sourceKey } from './deviate.js';
import type { NoiseSwitches } from './core.js';

/** The membrane noise has its values on a grid of 0.1 us; between them it runs straight. */
export const NOISE_GRID = 25;
/** Grid steps of a block; the values at block borders are drawn first, those inside by halving (Brownian bridge). */
const BLOCK = 64;
const BLOCK_CYCLES = NOISE_GRID * BLOCK;
/** Membrane noise is cut off here (in standard deviations), so that a silent neuron can be skipped with certainty. */
export const NOISE_LIMIT = 6;
/** Quantities of a neuron that drift. */
const DRIFTING = 8;
/** A correlation time longer than this many blocks is treated as this long. */
const MEMORY_LIMIT = 64;

export const ALL_NOISE: NoiseSwitches = {
  membrane: true,
  threshold: true,
  event: true,
  cadc: true,
  madc: true,
  routing: true,
  drift: true,
  ripple: true,
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

const high = (value: number): number => Math.floor(value / 4294967296);

export class TrialNoise {
  readonly on: NoiseSwitches;
  private readonly membraneKey: number;
  private readonly bridgeKey: number;
  private readonly thresholdKey: number;
  private readonly thresholdRunKey: number;
  private readonly eventKey: number;
  private readonly cadcKey: number;
  private readonly madcKey: number;
  private readonly routingKey: number;
  private readonly driftKey: number;
  /** The block last worked on for each neuron: its number, correlation time, and values on the grid (65 per neuron). */
  private readonly cachedBlock: Float64Array;
  private readonly cachedTau: Float64Array;
  private readonly cached: Float64Array;
  /** Drift of every neuron's quantities (unit variance), and the epoch it is of. */
  private readonly drifting: Float64Array;
  private readonly driftEpoch: Float64Array;
  private readonly drifted = new Float64Array(DRIFTING);

  constructor(seed: number, on: NoiseSwitches, neurons: number) {
    this.on = on;
    this.membraneKey = sourceKey(streamKey(seed, 'membrane'));
    this.bridgeKey = sourceKey(streamKey(seed, 'membrane/bridge'));
    this.thresholdKey = sourceKey(streamKey(seed, 'threshold'));
    this.thresholdRunKey = sourceKey(streamKey(seed, 'threshold/run'));
    this.eventKey = sourceKey(streamKey(seed, 'event'));
    this.cadcKey = sourceKey(streamKey(seed, 'cadc'));
    this.madcKey = sourceKey(streamKey(seed, 'madc'));
    this.routingKey = sourceKey(streamKey(seed, 'routing'));
    this.driftKey = sourceKey(streamKey(seed, 'drift'));
    this.drifting = new Float64Array(on.drift ? neurons * DRIFTING : 0);
    this.driftEpoch = new Float64Array(on.drift ? neurons : 0).fill(NaN);
    const size = on.membrane ? neurons : 0;
    this.cachedBlock = new Float64Array(size).fill(-1);
    this.cachedTau = new Float64Array(size);
    this.cached = new Float64Array(size * (BLOCK + 1));
  }

  /**
   * Membrane noise of unit variance with correlation time `tau` (cycles) at cycle `at`, limited to +-6: values at block
   * borders are a finite moving average of one draw per block, the grid between them a bridge of the same process.
   */
  membrane(neuron: number, at: number, tau: number): number {
    const block = Math.floor(at / BLOCK_CYCLES);
    if (this.cachedBlock[neuron] !== block || this.cachedTau[neuron] !== tau)
      this.fillBlock(neuron, block, tau);
    const place = (at - block * BLOCK_CYCLES) / NOISE_GRID;
    const step = Math.floor(place);
    const base = neuron * (BLOCK + 1) + step;
    const left = this.cached[base]!;
    if (place === step) return left;
    return left + (place - step) * (this.cached[base + 1]! - left);
  }

  private fillBlock(neuron: number, block: number, tau: number): void {
    const base = neuron * (BLOCK + 1);
    const values = this.cached;
    const follows = this.cachedBlock[neuron] === block - 1 && this.cachedTau[neuron] === tau;
    values[base] = follows ? values[base + BLOCK]! : this.border(neuron, block, tau);
    values[base + BLOCK] = this.border(neuron, block + 1, tau);
    for (let half = BLOCK / 2; half >= 1; half >>= 1) {
      // Conditional law of an Ornstein-Uhlenbeck process half-way between two known values.
      const r = decay((half * NOISE_GRID) / tau);
      const weight = r / (1 + r * r);
      const spread = Math.sqrt((1 - r * r) / (1 + r * r));
      for (let at = half; at < BLOCK; at += 2 * half) {
        const draw = deviate(this.bridgeKey, block, neuron * BLOCK + at, high(block));
        const value =
          weight * (values[base + at - half]! + values[base + at + half]!) + spread * draw;
        values[base + at] = clip(value);
      }
    }
    this.cachedBlock[neuron] = block;
    this.cachedTau[neuron] = tau;
  }

  /** Value at the beginning of a block: moving average over the blocks before it, long enough for e^-8. */
  private border(neuron: number, block: number, tau: number): number {
    const r = decay(BLOCK_CYCLES / Math.min(tau, MEMORY_LIMIT * BLOCK_CYCLES));
    const taps = Math.min(
      512,
      Math.ceil((8 * Math.min(tau, MEMORY_LIMIT * BLOCK_CYCLES)) / BLOCK_CYCLES) + 1,
    );
    let sum = 0;
    let power = 1;
    let weight = 0;
    for (let k = 0; k < taps; k++) {
      const at = block - k + 1024;
      sum += power * deviate(this.membraneKey, at, neuron, high(at));
      weight += power * power;
      power *= r;
    }
    return clip(sum / Math.sqrt(weight));
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

  /** Relative drift of a neuron's eight drifting quantities, `sd` in size, in an array that is used again. */
  drifts(neuron: number, epoch: number, sd: number): Float64Array {
    const base = neuron * DRIFTING;
    if (this.driftEpoch[neuron] !== epoch) {
      for (let i = 0; i < DRIFTING; i++) this.drifting[base + i] = this.drift(base + i, epoch);
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

function clip(value: number): number {
  return value > NOISE_LIMIT ? NOISE_LIMIT : value < -NOISE_LIMIT ? -NOISE_LIMIT : value;
}
