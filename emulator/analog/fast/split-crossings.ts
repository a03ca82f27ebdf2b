/** Where in a step a membrane with conductance-based inputs reaches its threshold, and its state there. */
import type { Parameters } from '../parameters.js';
import type { StepState } from './step-state.js';

export class SplitCrossings {
  /** Membrane and adaptation at the crossing that was found last: those of all kinds of neurons. */
  private readonly v: Float64Array;
  private readonly w: Float64Array;

  /** @param goal threshold of the next crossing of each neuron, in mV */
  constructor(
    private readonly state: StepState,
    private readonly parameters: Parameters,
    private readonly goal: Float64Array,
  ) {
    this.v = state.crossingV;
    this.w = state.crossingW;
  }

  /** The crossing of a neuron that is above its goal at the end of the step; `atBegin`: `from` is the beginning of the step. */
  find(n: number, from: number, atBegin: boolean): number {
    const { dynamics: d, clock } = this.state;
    const { arrays: a, reference: references } = this.state.coefficients;
    const reference = references[n]!;
    const span = clock[0]! - from;
    if (atBegin) {
      d.v = a.vBefore[n]! + reference;
      d.w = this.state.coefficients.split.atBegin(n, false, a.vBefore[n]!);
    } else this.state.takeBack(n, from);
    const after = this.byParts(n, from, span);
    this.v[n] = d.v;
    this.w[n] = d.w;
    return from + after;
  }

  /** First cycle within `span` at which the membrane has reached its goal, by the law of the step for parts of it. */
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
