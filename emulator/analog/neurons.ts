/**
 * The neurons of the precise engine: each advances only at its own causal events (inputs, spikes, phase ends, settings).
 *
 * Between two such events the state is a closed function of time. A lower bound of the next threshold crossing decides
 * when a neuron has to be looked at again, so that a silent neuron costs nothing; a look evaluates a copy.
 * A spike happens at the first clock edge at which the membrane has reached the threshold.
 */
import type { AnalogConstants } from './constants.js';
import { NEURONS } from './core.js';
import { decay, decayed, NOTHING } from './decay.js';
import { NOISE_GRID, NOISE_LIMIT } from './membrane-noise.js';
import type { TrialNoise } from './noise.js';
import type { Circuits } from './circuits.js';
import { FREE, HOLD_OFF, IN_RESET, ownState, type SharedState } from './neuron-state.js';
import type { Parameters } from './parameters.js';
import { earliestCrossing, response, saturatedResponse } from './response.js';
import { Schedule } from './schedule.js';

/** What an appointment is for. */
const LOOK = 0;
const SPIKE = 1;
const PHASE_END = 2;

/** Cycles between two steps of the base of a circuit that cannot fire (1 us). */
const CARRY = 250;

export class Neurons {
  /** State at cycle `since`: membrane in mV, lines in full-weight events, adaptation in nA. */
  readonly v = new Float64Array(NEURONS);
  readonly excitatory = new Float64Array(NEURONS);
  readonly inhibitory = new Float64Array(NEURONS);
  readonly w = new Float64Array(NEURONS);
  readonly since = new Float64Array(NEURONS);
  readonly phase: Uint8Array;
  readonly phaseEnd: Float64Array;
  readonly refractoryEnd: Float64Array;
  readonly spikes: Uint32Array;
  readonly threshold: Float64Array;
  readonly schedule = new Schedule(NEURONS);
  private readonly purpose = new Uint8Array(NEURONS);

  /** The state that `evaluate` found. */
  atV = 0;
  atExcitatory = 0;
  atInhibitory = 0;
  atW = 0;

  private readonly saturation: number;
  private readonly saturates: boolean;
  private readonly membraneSd: number;
  private readonly margin: number;

  constructor(
    private readonly parameters: Parameters,
    /** Replaced when the noise seed changes. */
    public noise: TrialNoise,
    private readonly constants: AnalogConstants,
    ideal: boolean,
    private readonly circuits: Circuits,
    private readonly fire: (neuron: number, cycle: number) => void,
    state: SharedState = ownState(),
  ) {
    this.phase = state.phase;
    this.phaseEnd = state.phaseEnd.fill(Infinity);
    this.refractoryEnd = state.refractoryEnd;
    this.spikes = state.spikes;
    this.threshold = state.threshold;
    this.saturation = constants.saturation;
    this.saturates = !ideal && Number.isFinite(constants.saturation);
    this.membraneSd = noise.on.membrane ? constants.membraneNoise : 0;
    this.margin = this.membraneSd * NOISE_LIMIT;
  }

  /** A lower bound of the next spike; Infinity when all is silent. */
  get nextCycle(): number {
    return this.schedule.firstCycle;
  }

  /** State of a neuron at cycle `t` (not before its last event) into `atV`, `atExcitatory`, `atInhibitory`, `atW`. */
  evaluate(n: number, t: number): void {
    const p = this.parameters;
    const dt = t - this.since[n]!;
    let e = this.excitatory[n]!;
    let i = this.inhibitory[n]!;
    if (p.numeric[n] === 1) {
      this.evaluateNumeric(n, t, dt, e, i);
      return;
    }
    const v = this.v[n]!;
    this.atW = 0;
    if (dt === 0) {
      this.atV = v;
      this.atExcitatory = e;
      this.atInhibitory = i;
      return;
    }
    const resetting = this.phase[n] === IN_RESET;
    const k = resetting ? p.resetRate[n]! : p.rate[n]!;
    const rest = resetting ? p.resetRest[n]! : p.rest[n]!;
    const gated = resetting && p.pausesInReset[n] === 1;
    const ek = decay(k * dt);
    let y = rest + (v - rest) * ek;
    if (e !== 0) {
      const l = p.excitatoryRate[n]!;
      const el = decay(l * dt);
      if (!gated) y += p.excitatoryDrive[n]! * this.driven(e, k, l, dt, ek, el);
      e *= el;
    }
    if (i !== 0) {
      const l = p.inhibitoryRate[n]!;
      const el = decay(l * dt);
      if (!gated) y -= p.inhibitoryDrive[n]! * this.driven(i, k, l, dt, ek, el);
      i *= el;
    }
    const c = this.constants;
    this.atV = Math.min(c.membraneMaximum, Math.max(c.membraneMinimum, y));
    this.atExcitatory = e < NOTHING ? 0 : e;
    this.atInhibitory = i < NOTHING ? 0 : i;
  }

  /** Response of the membrane to a line in state `s` at the beginning. */
  private driven(s: number, k: number, l: number, dt: number, ek: number, el: number): number {
    return this.saturates
      ? saturatedResponse(s, this.saturation, k, l, dt, ek, el)
      : s * response(k, l, dt, ek, el);
  }

  private evaluateNumeric(n: number, t: number, dt: number, e: number, i: number): void {
    const circuits = this.circuits;
    circuits.evaluate(n, t);
    this.atV = circuits.atV;
    this.atW = circuits.atW;
    this.atExcitatory = decayed(e, this.parameters.excitatoryRate[n]! * dt);
    this.atInhibitory = decayed(i, this.parameters.inhibitoryRate[n]! * dt);
  }

  /** Makes cycle `t` the new base of a neuron's state (and of all connected to it); only at causal events. */
  rebase(n: number, t: number): void {
    if (this.since[n] === t) return;
    if (this.parameters.numeric[n] === 1) {
      const members = this.circuits.members(n);
      for (let j = 0; j < members.length; j++) {
        const m = members[j]!;
        this.evaluate(m, t);
        this.v[m] = this.atV;
        this.w[m] = this.atW;
      }
      for (let j = 0; j < members.length; j++) {
        const m = members[j]!;
        const dt = t - this.since[m]!;
        this.excitatory[m] = decayed(this.excitatory[m]!, this.parameters.excitatoryRate[m]! * dt);
        this.inhibitory[m] = decayed(this.inhibitory[m]!, this.parameters.inhibitoryRate[m]! * dt);
        this.since[m] = t;
      }
      return;
    }
    this.evaluate(n, t);
    this.v[n] = this.atV;
    this.excitatory[n] = this.atExcitatory;
    this.inhibitory[n] = this.atInhibitory;
    this.since[n] = t;
  }

  /** A membrane with its noise, as comparator and converters see it. */
  noisy(n: number, t: number, v: number): number {
    if (this.membraneSd === 0) return v;
    return v + this.membraneSd * this.noise.membrane(n, t, 1 / this.parameters.rate[n]!);
  }

  /** Processes everything that is due up to and including `target`. */
  advance(target: number): void {
    while (this.schedule.firstCycle <= target) this.processFirst();
  }

  /** The earliest appointment is kept. */
  processFirst(): void {
    const n = this.schedule.first;
    const t = this.schedule.firstCycle;
    const purpose = this.purpose[n];
    if (purpose === SPIKE) this.spike(n, t);
    else if (purpose === PHASE_END) this.endPhase(n, t);
    else if (this.parameters.numeric[n] === 1) this.lookNumeric(n, t);
    else this.look(n, t);
  }

  private appoint(n: number, cycle: number, purpose: number): void {
    this.purpose[n] = purpose;
    this.schedule.set(n, cycle);
  }

  private spike(n: number, t: number): void {
    this.rebase(n, t);
    const p = this.parameters;
    this.spikes[n] = this.spikes[n]! + 1;
    if (p.numeric[n] === 1) this.w[n] = this.w[n]! + this.circuits.step(n);
    this.drawThreshold(n);
    this.enterReset(n, t);
    this.fire(n, t);
  }

  private enterReset(n: number, t: number): void {
    const p = this.parameters;
    this.refractoryEnd[n] = t + p.refractoryCycles[n]!;
    const reset = p.resetCycles[n]!;
    this.phase[n] = reset > 0 ? IN_RESET : HOLD_OFF;
    this.phaseEnd[n] = reset > 0 ? t + reset : this.refractoryEnd[n]!;
    this.circuits.changed(n);
    this.appoint(n, this.phaseEnd[n]!, PHASE_END);
  }

  private endPhase(n: number, t: number): void {
    this.rebase(n, t);
    if (this.phase[n] === IN_RESET && this.refractoryEnd[n]! > t) {
      this.phase[n] = HOLD_OFF;
      this.phaseEnd[n] = this.refractoryEnd[n]!;
      this.appoint(n, this.phaseEnd[n]!, PHASE_END);
    } else {
      this.phase[n] = FREE;
      this.phaseEnd[n] = Infinity;
      this.plan(n, t, 0);
    }
    this.circuits.changed(n);
  }

  /** Threshold of the next crossing: its own noise and that of the run. */
  drawThreshold(n: number): void {
    this.threshold[n] = this.thresholdAfter(n, this.spikes[n]!);
  }

  /** Threshold of a neuron after so many spikes. */
  thresholdAfter(n: number, spikes: number): number {
    const p = this.parameters;
    const threshold = p.threshold[n]!;
    if (!this.noise.on.threshold) return threshold;
    const c = this.constants;
    return (
      threshold +
      (c.thresholdNoise * this.noise.threshold(n, spikes) +
        c.thresholdRun *
          (threshold - Math.max(c.membraneMinimum, p.leakPotential[n]!)) *
          this.noise.thresholdOfRun(n))
    );
  }

  /** An event of `amount` full-weight units on a line (0 excitatory, 1 inhibitory) at cycle `t`. */
  input(n: number, line: 0 | 1, amount: number, t: number): void {
    this.rebase(n, t);
    const state = line === 0 ? this.excitatory : this.inhibitory;
    state[n] = state[n]! + amount;
    this.circuits.changed(n);
    if ((this.parameters.bypass[n]! & (line + 1)) !== 0) {
      if (state[n]! < this.constants.bypassThreshold) return;
      state[n] = 0;
      if (this.phase[n] === FREE) this.appoint(n, t + 1, SPIKE);
      return;
    }
    if (this.phase[n] === FREE) this.plan(n, t, 1);
  }

  /** Takes over a neuron from another engine in this state at cycle `t`; its phase is already known here. */
  adopt(n: number, t: number, v: number, excitatory: number, inhibitory: number, w: number): void {
    this.v[n] = v;
    this.excitatory[n] = excitatory;
    this.inhibitory[n] = inhibitory;
    this.w[n] = w;
    this.since[n] = t;
    if (this.phase[n] !== FREE && this.phaseEnd[n]! < Infinity)
      this.appoint(n, this.phaseEnd[n]!, PHASE_END);
  }

  /** Pulls a neuron through a reset without a spike. */
  reset(n: number, t: number): void {
    if (this.parameters.heldInReset[n] === 1) return;
    this.rebase(n, t);
    this.enterReset(n, t);
  }

  /** Fires at cycle `t` because another one does. */
  join(n: number, t: number): void {
    if (this.phase[n] === FREE) this.spike(n, t);
  }

  /** The neuron's parameters have changed at cycle `t` (its state was brought there before). */
  changed(n: number, t: number): void {
    const p = this.parameters;
    this.drawThreshold(n);
    this.circuits.changed(n);
    if (p.numeric[n] === 0) this.w[n] = 0;
    if (p.heldInReset[n] === 1) {
      this.phase[n] = IN_RESET;
      this.phaseEnd[n] = Infinity;
      this.schedule.set(n, Infinity);
    } else if (this.phase[n] === IN_RESET && this.phaseEnd[n] === Infinity) {
      this.phase[n] = FREE;
      this.plan(n, t, 1);
    } else if (this.phase[n] === FREE) this.plan(n, t, 1);
  }

  /** Decides when a free neuron must be looked at again, at least `least` cycles from `t`; its state is that of `t`. */
  private plan(n: number, t: number, least: number): void {
    const fires = this.parameters.canFire[n] === 1;
    if (this.parameters.numeric[n] === 1) {
      // A circuit that cannot fire is still carried along, so that a late look need not integrate from far back.
      if (fires) this.appoint(n, t + least, LOOK);
      else if (this.circuits.members(n)[0] === n) this.appoint(n, t + CARRY, LOOK);
      else this.schedule.set(n, Infinity);
      return;
    }
    if (!fires) {
      this.schedule.set(n, Infinity);
      return;
    }
    const wait = this.earliestCrossing(n, this.v[n]!, this.excitatory[n]!, this.inhibitory[n]!);
    const when = t + Math.max(least, Math.floor(wait));
    // A look that is already due earlier does no harm, and moving it costs more than the look.
    const at = this.schedule.at[n]!;
    if (this.purpose[n] === LOOK && at >= t + least && at <= when) return;
    this.appoint(n, when, LOOK);
  }

  /** Lower bound (cycles) of the time the membrane needs to come within the noise margin of the threshold. */
  private earliestCrossing(n: number, v: number, e: number, i: number): number {
    const p = this.parameters;
    return earliestCrossing(
      v,
      this.threshold[n]! - this.margin,
      p.rest[n]!,
      p.rate[n]!,
      e * p.excitatoryDrive[n]!,
      p.excitatoryPeak[n]!,
      i * p.inhibitoryDrive[n]!,
      p.inhibitoryRate[n]!,
      this.saturates ? i / this.saturation : 0,
    );
  }

  /** A look at a free neuron: spike now, appoint the spike, or say when to look again. */
  private look(n: number, t: number): void {
    this.evaluate(n, t);
    const v = this.atV;
    const goal = this.threshold[n]!;
    if (this.noisy(n, t, v) >= goal) {
      this.appoint(n, t, SPIKE);
      return;
    }
    const wait = this.earliestCrossing(n, v, this.atExcitatory, this.atInhibitory);
    if (this.membraneSd === 0) {
      this.appoint(n, t + Math.max(1, Math.floor(wait)), LOOK);
      return;
    }
    const grid = (Math.floor(t / NOISE_GRID) + 1) * NOISE_GRID;
    if (wait >= grid - t) {
      this.appoint(n, t + Math.floor(wait), LOOK);
      return;
    }
    this.evaluate(n, grid);
    if (this.noisy(n, grid, this.atV) < goal) {
      this.appoint(n, grid, LOOK);
      return;
    }
    this.appoint(n, this.firstAbove(n, t, grid, goal), SPIKE);
  }

  /** The same for a neuron that is integrated numerically: its steps are its looks. */
  private lookNumeric(n: number, t: number): void {
    this.rebase(n, t);
    const circuits = this.circuits;
    if (this.parameters.canFire[n] === 0) {
      circuits.changed(n);
      if (circuits.isQuiet(n, t)) this.schedule.set(n, Infinity);
      else this.appoint(n, t + CARRY, LOOK);
      return;
    }
    const goal = this.threshold[n]!;
    if (this.noisy(n, t, this.v[n]!) >= goal) {
      this.appoint(n, t, SPIKE);
      return;
    }
    circuits.changed(n);
    if (this.v[n]! < goal - this.margin && circuits.isQuiet(n, t)) {
      this.schedule.set(n, Infinity);
      return;
    }
    const next = circuits.stepEnd(n, t);
    this.evaluate(n, next);
    if (this.noisy(n, next, this.atV) < goal) {
      this.appoint(n, next, LOOK);
      return;
    }
    this.appoint(n, this.firstAbove(n, t, next, goal), SPIKE);
  }

  /** First cycle in (from, to] at which the membrane has reached `goal`; it has at `to`. */
  private firstAbove(n: number, from: number, to: number, goal: number): number {
    let before = from;
    let after = to;
    while (after - before > 1) {
      const middle = before + ((after - before) >> 1);
      this.evaluate(n, middle);
      if (this.noisy(n, middle, this.atV) >= goal) after = middle;
      else before = middle;
    }
    return after;
  }

  /** What a snapshot copies; the order of the schedule follows from its cycles. */
  stateArrays(): Record<string, Float64Array | Uint32Array | Uint8Array> {
    return {
      v: this.v,
      excitatory: this.excitatory,
      inhibitory: this.inhibitory,
      w: this.w,
      since: this.since,
      phase: this.phase,
      phaseEnd: this.phaseEnd,
      refractoryEnd: this.refractoryEnd,
      spikes: this.spikes,
      threshold: this.threshold,
      at: this.schedule.at,
      purpose: this.purpose,
    };
  }

  restored(): void {
    this.schedule.restore();
  }

  powerUp(): void {
    for (const array of [this.v, this.excitatory, this.inhibitory, this.w, this.since])
      array.fill(0);
    this.phase.fill(0);
    this.phaseEnd.fill(Infinity);
    this.refractoryEnd.fill(0);
    this.spikes.fill(0);
    for (let n = 0; n < NEURONS; n++) this.schedule.set(n, Infinity);
  }
}
