/** What happens to neurons with conductance-based inputs: crossings, spikes, phases. */
import { FREE, HOLD_OFF, IN_RESET } from '../neuron-state.js';
import type { Neurons } from '../neurons.js';
import type { Parameters } from '../parameters.js';
import type { Calendar } from './calendar.js';
import { IS_PHASE_END, IS_SPIKE } from './layout.js';
import { SplitCrossings } from './split-crossings.js';
import type { SpikeList } from './spike-list.js';
import type { StepState } from './step-state.js';

export class SplitNeurons {
  private readonly crossings: SplitCrossings;

  constructor(
    private readonly state: StepState,
    private readonly calendar: Calendar,
    private readonly spikeList: SpikeList,
    private readonly parameters: Parameters,
    private readonly precise: Neurons,
  ) {
    this.crossings = new SplitCrossings(state, parameters, precise.threshold);
  }

  private appoint(n: number, cycle: number, purpose: number): void {
    this.calendar.purpose[n] = purpose;
    this.calendar.set(n, cycle);
  }

  /** A free neuron at `t`: does it fire now (`least` 0) or within the step? */
  look(n: number, t: number, least: number): void {
    const { state, calendar } = this;
    const a = state.coefficients.arrays;
    if (calendar.at[n]! < Infinity) calendar.set(n, Infinity);
    if (this.parameters.canFire[n] === 0) return;
    if (least === 0) {
      state.takeBack(n, t);
      if (state.noisy(n, t, state.dynamics.v) >= state.goal[n]!) {
        state.noteCrossing(n);
        this.appoint(n, t, IS_SPIKE);
        return;
      }
    }
    if (a.v[n]! >= a.threshold[n]!) this.reach(n, t, false);
  }

  /** A spike expected within the step may not come after an inhibitory event at `t`. */
  reconsider(n: number, t: number): void {
    if (this.state.phase[n] !== FREE || this.hasRunAway(n)) return;
    this.calendar.set(n, Infinity);
    this.look(n, t, 1);
  }

  /** The exponential term has taken the membrane to its clamp within the step: no event can hold that back. */
  private hasRunAway(n: number): boolean {
    const { v, highest } = this.state.coefficients.arrays;
    const slope = this.parameters.slopeFactor[n]!;
    return slope > 0 && v[n]! > highest[n]! - slope;
  }

  /** Appoints the spike of a neuron that may be above its threshold at the end of the step. */
  reach(n: number, from: number, atBegin: boolean): void {
    if (this.state.isAboveAtEnd(n))
      this.appoint(n, this.crossings.find(n, from, atBegin), IS_SPIKE);
  }

  /** A neuron that is not in a phase fires at its crossing. */
  spike(n: number, t: number): void {
    const p = this.parameters;
    const { dynamics: d, crossingV, crossingW, coefficients } = this.state;
    const a = coefficients.arrays;
    const left = this.state.cyclesLeft(t);
    d.excitatory = d.lineBefore(a.excitatory[n]!, p.excitatoryRate[n]!, left);
    d.inhibitory = d.lineBefore(a.inhibitory[n]!, p.inhibitoryRate[n]!, left);
    d.w = crossingW[n]! + (p.adapts[n] === 1 ? p.adaptationStep[n]! : 0);
    d.v = crossingV[n]!;
    this.precise.spikes[n] = this.precise.spikes[n]! + 1;
    this.precise.drawThreshold(n);
    this.enterReset(n, t);
    this.spikeList.tellOf(n, t);
  }

  /** Begins the reset phase of a neuron that is in none, with the state in `dynamics`, which is that of `t`. */
  enterReset(n: number, t: number): void {
    const { state, precise } = this;
    const reset = this.parameters.resetCycles[n]!;
    const end = t + this.parameters.refractoryCycles[n]!;
    precise.refractoryEnd[n] = end;
    precise.phase[n] = reset > 0 ? IN_RESET : HOLD_OFF;
    precise.phaseEnd[n] = reset > 0 ? t + reset : end;
    state.blocks.hold(n);
    if (reset > 0) state.coefficients.use(n, true);
    state.bringForward(n, t);
    state.coefficients.arrays.threshold[n] = Infinity;
    this.appoint(n, precise.phaseEnd[n]!, IS_PHASE_END);
  }

  /** The present phase ends. */
  endPhase(n: number, t: number): void {
    const { state, precise } = this;
    const wasReset = precise.phase[n] === IN_RESET;
    if (wasReset) state.takeBack(n, t);
    const end = precise.refractoryEnd[n]!;
    const holds = wasReset && end > t;
    if (!holds) state.blocks.release(n);
    precise.phase[n] = holds ? HOLD_OFF : FREE;
    precise.phaseEnd[n] = holds ? end : Infinity;
    if (wasReset) {
      state.coefficients.use(n, false);
      state.bringForward(n, t);
    }
    if (holds) this.appoint(n, end, IS_PHASE_END);
    else {
      this.calendar.set(n, Infinity);
      state.compare(n);
      this.look(n, t, 0);
    }
  }
}
