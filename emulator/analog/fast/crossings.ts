/** Where in a step a leaky membrane reaches its threshold, and its state there. */
import { NEURONS } from '../core.js';
import type { StepState } from './step-state.js';

export class Crossings {
  /** Membrane and adaptation at the crossing that was found last. */
  readonly v = new Float64Array(NEURONS);
  readonly w = new Float64Array(NEURONS);

  /** @param goal threshold of the next crossing of each neuron, in mV */
  constructor(
    private readonly state: StepState,
    private readonly goal: Float64Array,
  ) {}

  /** A membrane that is within reach of its noise at the end of the step has reached its goal with it. */
  isAboveAtEnd(n: number): boolean {
    const { membrane, coefficients, clock } = this.state;
    if (membrane.sd === 0) return true;
    const v = coefficients.arrays.v[n]! + coefficients.reference[n]!;
    return this.state.noisy(n, clock[0]!, v) >= this.goal[n]!;
  }

  /** The crossing of a leaky neuron that is above its goal at the end of the step: cubic between `from` and there. */
  leaky(n: number, from: number): number {
    const { coefficients, dynamics: d, served, clock } = this.state;
    coefficients.freshenTables(served);
    const a = coefficients.arrays;
    const span = clock[0]! - from;
    const e1 = a.excitatory[n]!;
    const i1 = a.inhibitory[n]!;
    const le = coefficients.excitatoryAfter(n, span);
    const li = coefficients.inhibitoryAfter(n, span);
    const e0 = e1 === 0 ? 0 : e1 / le;
    const i0 = i1 === 0 ? 0 : i1 / li;
    const v1 = a.v[n]! + coefficients.reference[n]!;
    const v0 = d.leakyBefore(n, false, v1, e0, i0, le, li, span);
    const s1 = d.slope(n, v1, e1, i1) * span;
    const s0 = d.slope(n, v0, e0, i0) * span;
    const c = 3 * (v1 - v0) - 2 * s0 - s1;
    const q = s0 + s1 - 2 * (v1 - v0);
    let before = 0;
    let after = span;
    while (after - before > 1) {
      const middle = before + ((after - before) >> 1);
      const x = middle / span;
      const v = v0 + x * (s0 + x * (c + x * q));
      if (this.state.noisy(n, from + middle, v) >= this.goal[n]!) after = middle;
      else before = middle;
    }
    const x = after / span;
    this.v[n] = v0 + x * (s0 + x * (c + x * q));
    return from + after;
  }
}
