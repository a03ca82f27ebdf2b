/** Membrane noise of the fast engine: the values of `membrane-noise.ts`, filled by a kernel. */
import { NEURONS } from '../core.js';
import {
  NOISE_BLOCK_CYCLES,
  NOISE_BLOCK,
  NOISE_COEFFICIENTS,
  NOISE_GRID,
  NOISE_LIMIT,
  noiseCoefficients,
  type MembraneKeys,
} from '../membrane-noise.js';
import * as at from './layout.js';
import type { Machine } from './machine.js';

export class FastMembraneNoise {
  private readonly laws: Float32Array;
  private readonly draws: Int32Array;
  private readonly valid: Int32Array;
  private readonly values: Float32Array;
  private readonly keys: Int32Array;
  private readonly now: Int32Array;
  private readonly fill: (neuron: number, block: number) => void;
  private readonly taus = new Float64Array(NEURONS);

  /** @param sd in mV; 0: no noise */
  constructor(
    machine: Machine,
    readonly sd: number,
  ) {
    this.fill = machine.kernels['membrane/fill'];
    this.laws = machine.floats(at.NOISE_LAW, NEURONS * NOISE_COEFFICIENTS);
    this.draws = machine.integers(at.NOISE_LAW, NEURONS * NOISE_COEFFICIENTS);
    this.valid = machine.integers(at.NOISE_VALID, NEURONS);
    this.values = machine.floats(at.NOISE_VALUES, (NEURONS * at.NOISE_ROW_BYTES) / 4);
    this.keys = machine.integers(at.BORDER_KEY, 2);
    this.now = machine.integers(at.NOISE_BLOCK_NOW, 2);
    machine.floats(at.NOISE_SD, 2).set([sd, this.reach]);
  }

  /** The noise never takes a membrane further (mV). */
  get reach(): number {
    return this.sd * NOISE_LIMIT;
  }

  /** Takes over the keys of a noise seed. */
  seed(keys: MembraneKeys): void {
    this.keys.set([keys.border, keys.bridge]);
    this.valid.fill(0);
  }

  /** Sets the correlation time of a neuron (cycles). */
  setTime(neuron: number, tau: number): void {
    if (this.sd === 0 || this.taus[neuron] === tau) return;
    this.taus[neuron] = tau;
    const from = neuron * NOISE_COEFFICIENTS;
    const to = from + NOISE_COEFFICIENTS;
    noiseCoefficients(tau, this.laws.subarray(from, to), this.draws.subarray(from, to));
    this.valid[neuron] = 0;
  }

  /** Tells the kernels at which grid point the present step begins. */
  setBegin(cycle: number): void {
    const block = Math.floor(cycle / NOISE_BLOCK_CYCLES);
    this.now[0] = block | 0;
    this.now[1] = 4 * (cycle / NOISE_GRID - block * NOISE_BLOCK);
  }

  /** Noise (mV) at a cycle; straight between grid points. */
  at(neuron: number, cycle: number): number {
    if (this.sd === 0) return 0;
    const block = Math.floor(cycle / NOISE_BLOCK_CYCLES);
    this.fill(neuron, block | 0);
    const place = (cycle - block * NOISE_BLOCK_CYCLES) / NOISE_GRID;
    const step = Math.floor(place);
    const base = (neuron * at.NOISE_ROW_BYTES) / 4 + step;
    const left = this.values[base]!;
    if (place === step) return this.sd * left;
    return this.sd * (left + (place - step) * (this.values[base + 1]! - left));
  }
}
