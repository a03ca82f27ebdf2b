/** Where in a step a membrane reaches its threshold, and its state there. */
import { NEURONS } from '../core.js';
import type { Parameters } from '../parameters.js';
import { EXPONENTIAL } from './dynamics.js';
import type { StepState } from './step-state.js';

export class Crossings {
  /** Membrane and adaptation at the crossing that was found last. */
  readonly v = new Float64Array(NEURONS);
  readonly w = new Float64Array(NEURONS);

  /** @param goal threshold of the next crossing of each neuron, in mV */
  constructor(
    private readonly state: StepState,
    private readonly parameters: Parameters,
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

  /** The same where the membrane is not linear; `atBegin`: `from` is the beginning of the step. */
  split(n: number, from: number, atBegin: boolean): number {
    const { dynamics: d, clock, kind } = this.state;
    const { arrays: a, reference: references } = this.state.coefficients;
    const reference = references[n]!;
    const span = clock[0]! - from;
    if (atBegin) {
      d.v = a.vBefore[n]! + reference;
      d.w = a.wBefore[n]!;
    } else this.state.takeBack(n, from);
    const end = a.v[n]! + reference;
    const isSmooth = kind[n] === EXPONENTIAL && d.risesLittle(n, end);
    const after = isSmooth ? this.between(n, from, span, end) : this.byParts(n, from, span);
    this.v[n] = d.v;
    this.w[n] = d.w;
    return from + after;
  }

  /** First cycle within `span` at which the membrane, between the state in `dynamics` and `end`, has reached its goal. */
  private between(n: number, from: number, span: number, end: number): number {
    const d = this.state.dynamics;
    const goal = this.goal[n]!;
    d.setRise(n, end);
    let before = 0;
    let after = span;
    while (after - before > 1) {
      const middle = before + ((after - before) >> 1);
      if (d.risesAbove(middle / span, this.state.noisy(n, from + middle, -goal))) after = middle;
      else before = middle;
    }
    d.rise(n, after / span, after);
    return after;
  }

  /** Likewise by the law of the step for parts of it: where the membrane runs away, or conductances move it much. */
  private byParts(n: number, from: number, span: number): number {
    const d = this.state.dynamics;
    const a = this.state.coefficients.arrays;
    const v0 = d.v;
    const w0 = d.w;
    const e = d.lineBefore(a.excitatory[n]!, this.parameters.excitatoryRate[n]!, span);
    const i = d.lineBefore(a.inhibitory[n]!, this.parameters.inhibitoryRate[n]!, span);
    const to = (dt: number): void => {
      d.v = v0;
      d.w = w0;
      d.excitatory = e;
      d.inhibitory = i;
      d.forward(n, this.state.kind[n]!, false, dt);
    };
    let before = 0;
    let after = span;
    while (after - before > 1) {
      const middle = before + ((after - before) >> 1);
      to(middle);
      if (this.state.noisy(n, from + middle, d.v) >= this.goal[n]!) after = middle;
      else before = middle;
    }
    to(after);
    return after;
  }
}
