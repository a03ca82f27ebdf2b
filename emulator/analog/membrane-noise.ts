/**
 * Membrane noise: an Ornstein-Uhlenbeck process of unit variance on the 0.1 us grid, without history. Values at the borders
 * of blocks of 64 grid points are a finite moving average of one draw per block; those between are found by halving (a Brownian
 * bridge of the same process). Everything is a pure function of (key, neuron, grid point, correlation time).
 *
 * The arithmetic is that of floats, in this order: the fast engine computes the same bits four at a time.
 */
import { decay } from './decay.js';
import { mix, mixedWord } from './deviate.js';

/** Cycles between two grid points. */
export const NOISE_GRID = 25;
/** Grid steps of a block. */
export const NOISE_BLOCK = 64;
export const NOISE_BLOCK_CYCLES = NOISE_GRID * NOISE_BLOCK;
/** Noise is cut off here (in standard deviations), so that a silent neuron can be skipped with certainty. */
export const NOISE_LIMIT = 6;
/** SD of the sum of four uniform bytes: sqrt(4 (256^2 - 1)/12). Standardised, it stays within +-3.46. */
export const BYTE_SUM_SD = 147.7994587813;
/** A correlation time longer than this many blocks is treated as this long. */
const MEMORY_LIMIT = 64;
const HALVINGS = 6;

/** Words of a neuron's coefficients: four powers, fourth power, unit, number of draws (integer), one unused, six pairs. */
export const NOISE_COEFFICIENTS = 20;
const { fround } = Math;
/** Counters step by this, an odd number without pattern. */
export const COUNTER_STEP = 0x9e3779b1;

/** Keys of the two streams of draws. */
export interface MembraneKeys {
  readonly border: number;
  readonly bridge: number;
}

/**
 * Writes the coefficients for a correlation time (cycles): powers of the decay over one block and how many draws make a
 * border value (decayed to e^-8); then weight and spread of each halving, the spread per unit of a sum of four bytes.
 */
export function noiseCoefficients(tau: number, floats: Float32Array, integers: Int32Array): void {
  const memory = Math.min(tau, MEMORY_LIMIT * NOISE_BLOCK_CYCLES);
  const r = fround(decay(NOISE_BLOCK_CYCLES / memory));
  const draws = 4 * Math.ceil(((8 * memory) / NOISE_BLOCK_CYCLES + 1) / 4);
  const square = fround(r * r);
  floats.set([1, r, square, square * r]);
  const fourth = fround(floats[3]! * r);
  floats[4] = fourth;
  let variance = 0;
  for (let k = 0, power = 1; k < draws; k++, power *= r) variance += power * power;
  floats[5] = 1 / (Math.sqrt(variance) * BYTE_SUM_SD);
  integers[6] = draws;
  for (let level = 0; level < HALVINGS; level++) {
    const q = decay(((NOISE_BLOCK >> (level + 1)) * NOISE_GRID) / tau);
    // Conditional law of an Ornstein-Uhlenbeck process half-way between two known values.
    floats[8 + 2 * level] = q / (1 + q * q);
    floats[9 + 2 * level] = Math.sqrt((1 - q * q) / (1 + q * q)) / BYTE_SUM_SD;
  }
}

/** Sum of the four bytes of a word, less its mean. */
function byteSum(word: number): number {
  return (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 510;
}

function clip(value: number): number {
  return value > NOISE_LIMIT ? NOISE_LIMIT : value < -NOISE_LIMIT ? -NOISE_LIMIT : value;
}

/** The block last worked on for each neuron, found anew when another one is asked for. */
export class MembraneNoise {
  private readonly block: Float64Array;
  private readonly tau: Float64Array;
  private readonly floats = new Float32Array(NOISE_COEFFICIENTS);
  private readonly integers = new Int32Array(this.floats.buffer);
  /** 65 values per neuron. */
  private readonly values: Float32Array;

  constructor(
    private readonly keys: MembraneKeys,
    neurons: number,
  ) {
    this.block = new Float64Array(neurons).fill(NaN);
    this.tau = new Float64Array(neurons);
    this.values = new Float32Array(neurons * (NOISE_BLOCK + 1));
  }

  /** Noise at cycle `at` with correlation time `tau` (cycles); straight between grid points. */
  at(neuron: number, at: number, tau: number): number {
    const block = Math.floor(at / NOISE_BLOCK_CYCLES);
    if (this.block[neuron] !== block || this.tau[neuron] !== tau) this.fill(neuron, block, tau);
    const place = (at - block * NOISE_BLOCK_CYCLES) / NOISE_GRID;
    const step = Math.floor(place);
    const base = neuron * (NOISE_BLOCK + 1) + step;
    const left = this.values[base]!;
    if (place === step) return left;
    return left + (place - step) * (this.values[base + 1]! - left);
  }

  private fill(neuron: number, block: number, tau: number): void {
    const { values } = this;
    const base = neuron * (NOISE_BLOCK + 1);
    noiseCoefficients(tau, this.floats, this.integers);
    values[base] = this.border(neuron, block);
    values[base + NOISE_BLOCK] = this.border(neuron, block + 1);
    const key = mixedWord(this.keys.bridge, block, neuron, 0);
    for (let level = 0; level < HALVINGS; level++) {
      const half = NOISE_BLOCK >> (level + 1);
      const weight = this.floats[8 + 2 * level]!;
      const spread = this.floats[9 + 2 * level]!;
      for (let at = half; at < NOISE_BLOCK; at += 2 * half) {
        const draw = byteSum(mix(key ^ Math.imul(at, COUNTER_STEP)));
        const around = fround(values[base + at - half]! + values[base + at + half]!);
        values[base + at] = clip(fround(fround(weight * around) + fround(spread * draw)));
      }
    }
    this.block[neuron] = block;
    this.tau[neuron] = tau;
  }

  /** Value at the beginning of a block: moving average over this block and those before it. */
  private border(neuron: number, block: number): number {
    const key = mixedWord(this.keys.border, neuron, 0, 0);
    const draws = this.integers[6]!;
    const fourth = this.floats[4]!;
    // Four sums side by side.
    const sums = [0, 0, 0, 0];
    for (let lane = 0; lane < 4; lane++) {
      let sum = 0;
      let power = this.floats[lane]!;
      for (let k = lane; k < draws; k += 4) {
        const draw = byteSum(mix(key ^ Math.imul(block - k, COUNTER_STEP)));
        sum = fround(sum + fround(power * draw));
        power = fround(power * fourth);
      }
      sums[lane] = sum;
    }
    const [a = 0, b = 0, c = 0, d = 0] = sums;
    return clip(fround(fround(fround(a + b) + fround(c + d)) * this.floats[5]!));
  }
}
