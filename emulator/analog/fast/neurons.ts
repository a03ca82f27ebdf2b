/**
 * The neurons of the fast engine: blocks of sixteen stepped together on the 0.1 us grid by the kernels, spikes located
 * inside the step, blocks in which nothing moves left alone. A step is computed as soon as time reaches its beginning;
 * events that come within it are added to its end, which is exact where the membrane is linear.
 *
 * Neurons connected to others or in bypass mode are few; the parts of the precise engine serve them.
 */
import type { AnalogConstants } from '../constants.js';
import { NEURONS } from '../core.js';
import { decay } from '../decay.js';
import type { NeuronPart } from '../engine.js';
import { FREE, HOLD_OFF, IN_RESET, type Neurons } from '../neurons.js';
import type { TrialNoise } from '../noise.js';
import type { Circuits } from '../circuits.js';
import type { Parameters } from '../parameters.js';
import type { StateArray } from '../snapshot.js';
import { Schedule } from '../schedule.js';
import { Blocks } from './blocks.js';
import { Coefficients } from './coefficients.js';
import { CONDUCTANCE, Dynamics, EXPONENTIAL, LEAKY } from './dynamics.js';
import { STEP } from './layout.js';
import type { Machine } from './machine.js';
import { FastMembraneNoise } from './membrane.js';

const SPIKE = 1;
const PHASE_END = 2;

export class FastNeurons implements NeuronPart {
  atV = 0;
  atExcitatory = 0;
  atInhibitory = 0;
  atW = 0;
  /** 1: the precise engine serves this neuron. */
  readonly served = new Uint8Array(NEURONS);
  /** The served ones, in order. */
  servedList = new Int32Array(0);
  readonly coefficients: Coefficients;
  readonly blocks: Blocks;

  private readonly dynamics: Dynamics;
  private readonly schedule = new Schedule(NEURONS);
  private readonly purpose = new Uint8Array(NEURONS);
  private readonly kind = new Uint8Array(NEURONS);
  /** Shared with the precise part, so that a neuron may change hands. */
  private readonly phase: Uint8Array;
  private readonly phaseEnd: Float64Array;
  private readonly refractoryEnd: Float64Array;
  private readonly spikes: Uint32Array;
  private readonly goal: Float64Array;
  /** State put aside while the settings of a neuron change. */
  private readonly heldV = new Float64Array(NEURONS);
  private readonly heldW = new Float64Array(NEURONS);
  private readonly heldExcitatory = new Float64Array(NEURONS);
  private readonly heldInhibitory = new Float64Array(NEURONS);
  /** Membrane and adaptation at an appointed spike of a neuron with exponential term. */
  private readonly spikeV = new Float64Array(NEURONS);
  private readonly spikeW = new Float64Array(NEURONS);
  /** Cycle at which the present step ends; meaningless while all blocks sleep. */
  private readonly clock = new Float64Array(1);
  private readonly membrane: FastMembraneNoise;

  constructor(
    machine: Machine,
    private readonly parameters: Parameters,
    private trialNoise: TrialNoise,
    constants: AnalogConstants,
    ideal: boolean,
    private readonly circuits: Circuits,
    private readonly precise: Neurons,
    private readonly fire: (neuron: number, cycle: number) => void,
  ) {
    const saturates = !ideal && Number.isFinite(constants.saturation);
    this.coefficients = new Coefficients(machine, parameters, constants, saturates);
    this.blocks = new Blocks(machine, saturates);
    this.dynamics = new Dynamics(parameters, constants, ideal);
    this.phase = precise.phase;
    this.phaseEnd = precise.phaseEnd;
    this.refractoryEnd = precise.refractoryEnd;
    this.spikes = precise.spikes;
    this.goal = precise.threshold;
    this.membrane = new FastMembraneNoise(
      machine,
      trialNoise.on.membrane ? constants.membraneNoise : 0,
    );
    this.membrane.seed(trialNoise.membraneKeys);
  }

  get noise(): TrialNoise {
    return this.trialNoise;
  }

  set noise(noise: TrialNoise) {
    this.trialNoise = noise;
    this.precise.noise = noise;
    this.membrane.seed(noise.membraneKeys);
  }

  get nextCycle(): number {
    const next = Math.min(this.schedule.firstCycle, this.precise.nextCycle);
    return this.blocks.isIdle ? next : Math.min(next, this.clock[0]!);
  }

  /** Cycles from `t` to the end of the present step; starts one if all blocks slept. */
  cyclesLeft(t: number): number {
    if (this.blocks.isIdle) this.setClock((Math.floor(t / STEP) + 1) * STEP);
    return this.clock[0]! - t;
  }

  private setClock(cycle: number): void {
    this.clock[0] = cycle;
    this.membrane.setEnd(cycle);
  }

  evaluate(n: number, t: number): void {
    if (this.served[n] === 1) {
      const precise = this.precise;
      precise.evaluate(n, t);
      this.atV = precise.atV;
      this.atW = precise.atW;
      this.atExcitatory = precise.atExcitatory;
      this.atInhibitory = precise.atInhibitory;
      return;
    }
    this.takeBack(n, t);
    const d = this.dynamics;
    this.atV = d.v;
    this.atW = d.w;
    this.atExcitatory = d.excitatory;
    this.atInhibitory = d.inhibitory;
  }

  /** State of a neuron at `t` within the present step into `dynamics`. */
  private takeBack(n: number, t: number): void {
    const d = this.dynamics;
    const a = this.coefficients.arrays;
    d.v = a.v[n]! + this.coefficients.reference[n]!;
    d.w = a.w[n]!;
    d.excitatory = a.excitatory[n]!;
    d.inhibitory = a.inhibitory[n]!;
    if (this.blocks.sleeps(n)) return;
    d.backward(n, this.kind[n]!, this.phase[n] === IN_RESET, this.clock[0]! - t);
  }

  /** A leaky membrane at the end of the step from `v` at whole cycle `t` (`forward`), or at `t` from the end. */
  private leaky(n: number, t: number, v: number, forward: boolean): number {
    const { coefficients, dynamics } = this;
    coefficients.freshenTables(this.served);
    const dt = this.clock[0]! - t;
    if (dt <= 0) return v;
    const e1 = coefficients.arrays.excitatory[n]!;
    const i1 = coefficients.arrays.inhibitory[n]!;
    const le = e1 === 0 ? 1 : coefficients.excitatoryAfter(n, dt);
    const li = i1 === 0 ? 1 : coefficients.inhibitoryAfter(n, dt);
    const resets = this.phase[n] === IN_RESET;
    return forward
      ? dynamics.leakyAfter(n, resets, v, e1 / le, i1 / li, le, li, dt)
      : dynamics.leakyBefore(n, resets, v, e1 / le, i1 / li, le, li, dt);
  }

  /** Membrane (and adaptation) at whole cycle `t` within the present step into `dynamics`. */
  private membraneBack(n: number, t: number): void {
    if (this.kind[n] !== LEAKY || this.blocks.sleeps(n)) this.takeBack(n, t);
    else {
      const v = this.coefficients.arrays.v[n]! + this.coefficients.reference[n]!;
      this.dynamics.v = this.leaky(n, t, v, false);
    }
  }

  /** Brings the state in `dynamics` from `t` to the end of the step and stores it. */
  private bringForward(n: number, t: number): void {
    const d = this.dynamics;
    const a = this.coefficients.arrays;
    this.cyclesLeft(t);
    this.blocks.wake(n);
    if (this.kind[n] === LEAKY) {
      a.v[n] = this.leaky(n, t, d.v, true) - this.coefficients.reference[n]!;
      return;
    }
    d.forward(n, this.kind[n]!, this.phase[n] === IN_RESET, this.clock[0]! - t);
    a.v[n] = d.v - this.coefficients.reference[n]!;
    a.w[n] = d.w;
  }

  noisy(n: number, t: number, v: number): number {
    return this.membrane.sd === 0 ? v : v + this.membrane.at(n, t);
  }

  rebase(n: number, t: number): void {
    if (this.served[n] === 1) this.precise.rebase(n, t);
    this.evaluate(n, t);
    this.heldV[n] = this.atV;
    this.heldW[n] = this.atW;
    this.heldExcitatory[n] = this.atExcitatory;
    this.heldInhibitory[n] = this.atInhibitory;
  }

  changed(n: number, t: number): void {
    const p = this.parameters;
    const served = this.circuits.isConnected(n) || p.bypass[n] !== 0;
    if (served !== (this.served[n] === 1)) this.changeHands(n, t, served);
    if (served) {
      this.precise.changed(n, t);
      return;
    }
    this.kind[n] =
      p.excitatorySlope[n] !== 0 || p.inhibitorySlope[n] !== 0
        ? CONDUCTANCE
        : p.slopeFactor[n]! > 0 || p.adapts[n] === 1
          ? EXPONENTIAL
          : LEAKY;
    this.precise.drawThreshold(n);
    if (p.heldInReset[n] === 1) {
      this.leavePhase(n);
      this.phase[n] = IN_RESET;
      this.phaseEnd[n] = Infinity;
      this.schedule.set(n, Infinity);
    } else if (this.phase[n] === IN_RESET && this.phaseEnd[n] === Infinity) this.phase[n] = FREE;
    this.workOut(n, true);
    const d = this.dynamics;
    const a = this.coefficients.arrays;
    d.v = this.heldV[n]!;
    d.w = p.adapts[n] === 1 ? this.heldW[n]! : 0;
    const left = this.cyclesLeft(t);
    a.excitatory[n] = this.heldExcitatory[n]! * decay(p.excitatoryRate[n]! * left);
    a.inhibitory[n] = this.heldInhibitory[n]! * decay(p.inhibitoryRate[n]! * left);
    d.excitatory = this.heldExcitatory[n]!;
    d.inhibitory = this.heldInhibitory[n]!;
    this.bringForward(n, t);
    if (this.phase[n] === FREE) this.look(n, t, 1);
  }

  /** Coefficients of a neuron; where the kind of its block changes, of all of the block. */
  private workOut(n: number, refer: boolean): void {
    const { blocks, coefficients, phase } = this;
    this.membrane.setTime(n, 1 / this.parameters.rate[n]!);
    const changedKind = blocks.updateKind(n, this.kind, this.served);
    const kind = blocks.kindOf(n);
    if (changedKind) {
      const first = n & ~15;
      for (let m = first; m < first + 16; m++) {
        if (m !== n) coefficients.workOut(m, kind, false);
        coefficients.use(m, kind, phase[m] === IN_RESET && this.served[m] === 0);
      }
    }
    coefficients.workOut(n, kind, refer);
    coefficients.use(n, kind, phase[n] === IN_RESET);
    this.compare(n);
  }

  /** Sets the comparator of the kernels. */
  private compare(n: number): void {
    const fires =
      this.phase[n] === FREE && this.parameters.canFire[n] === 1 && this.served[n] === 0;
    this.coefficients.arrays.threshold[n] = fires
      ? this.goal[n]! - this.membrane.reach - this.coefficients.reference[n]!
      : Infinity;
  }

  private changeHands(n: number, t: number, served: boolean): void {
    this.served[n] = served ? 1 : 0;
    this.servedList = Int32Array.from(
      Array.from({ length: NEURONS }, (_, m) => m).filter((m) => this.served[m] === 1),
    );
    const { precise, coefficients } = this;
    const hasPhase = this.phase[n] !== FREE && this.phaseEnd[n]! < Infinity;
    if (served) {
      this.schedule.set(n, Infinity);
      if (hasPhase) this.blocks.release(n);
      const a = coefficients.arrays;
      a.v[n] = 0;
      a.w[n] = 0;
      a.excitatory[n] = 0;
      a.inhibitory[n] = 0;
      this.kind[n] = LEAKY;
      coefficients.retire(n);
      this.compare(n);
      precise.adopt(
        n,
        t,
        this.heldV[n]!,
        this.heldExcitatory[n]!,
        this.heldInhibitory[n]!,
        this.heldW[n]!,
      );
    } else {
      precise.schedule.set(n, Infinity);
      if (hasPhase) {
        this.blocks.hold(n);
        this.appoint(n, this.phaseEnd[n]!, PHASE_END);
      }
    }
  }

  private appoint(n: number, cycle: number, purpose: number): void {
    this.purpose[n] = purpose;
    this.schedule.set(n, cycle);
  }

  advance(target: number): void {
    const { schedule, precise, blocks, clock } = this;
    for (;;) {
      const own = schedule.firstCycle;
      const other = precise.nextCycle;
      const active = !blocks.isIdle;
      const reach = active && clock[0]! < target ? clock[0]! : target;
      if (
        other <= reach &&
        (other < own || (other === own && precise.schedule.first < schedule.first))
      )
        precise.processFirst();
      else if (own <= reach) this.process();
      else if (active && clock[0]! <= target) this.step();
      else return;
    }
  }

  private process(): void {
    const n = this.schedule.first;
    const t = this.schedule.firstCycle;
    if (this.purpose[n] === SPIKE) this.spike(n, t);
    else this.endPhase(n, t);
  }

  /** Computes the step that begins where the present one ends. */
  private step(): void {
    const from = this.clock[0]!;
    this.setClock(from + STEP);
    const hits = this.blocks.step(from / STEP);
    for (let j = 0; j < hits; j++) {
      const n = this.blocks.hit(j);
      if (this.kind[n] === LEAKY) this.reachLeaky(n, from);
      else this.reachFrom(n, from, true);
    }
  }

  /** After events within the step: the neurons that the row kernels found above threshold. */
  takeHits(t: number): void {
    const hits = this.blocks.takeHits();
    for (let j = 0; j < hits; j++) {
      const n = this.blocks.hit(j);
      if (this.kind[n] === LEAKY) this.reachLeaky(n, t);
      else if (this.schedule.at[n]! === Infinity) this.reachFrom(n, t, false);
    }
  }

  /** After inhibitory events: spikes expected within the step may not come. */
  reconsider(hemisphere: number, t: number): void {
    const heap = this.schedule;
    if (heap.firstCycle > this.clock[0]!) return;
    for (let n = 256 * hemisphere; n < 256 * hemisphere + 256; n++)
      if (
        heap.at[n]! < Infinity &&
        this.purpose[n] === SPIKE &&
        this.phase[n] === FREE &&
        !this.hasRunAway(n)
      ) {
        heap.set(n, Infinity);
        this.look(n, t, 1);
      }
  }

  /** The exponential term has taken the membrane to its clamp within the step: no event can hold that back. */
  private hasRunAway(n: number): boolean {
    const { v, highest } = this.coefficients.arrays;
    const slope = this.parameters.slopeFactor[n]!;
    return slope > 0 && v[n]! > highest[n]! - slope;
  }

  /** A free neuron at `t`: does it fire now (`least` 0) or within the step? */
  private look(n: number, t: number, least: number): void {
    const a = this.coefficients.arrays;
    if (this.schedule.at[n]! < Infinity) this.schedule.set(n, Infinity);
    if (this.parameters.canFire[n] === 0) return;
    if (least === 0 && !this.risesBelow(n)) {
      this.takeBack(n, t);
      if (this.noisy(n, t, this.dynamics.v) >= this.goal[n]!) {
        this.spikeV[n] = this.dynamics.v;
        this.spikeW[n] = this.dynamics.w;
        this.appoint(n, t, SPIKE);
        return;
      }
    }
    if (a.v[n]! < a.threshold[n]!) return;
    if (this.kind[n] === LEAKY) this.reachLeaky(n, t);
    else this.reachFrom(n, t, false);
  }

  /** A leaky membrane rises to the end of the step and is below its threshold there: it was so all the time. */
  private risesBelow(n: number): boolean {
    if (this.kind[n] !== LEAKY) return false;
    const { arrays, reference } = this.coefficients;
    const v = arrays.v[n]!;
    return (
      v < arrays.threshold[n]! &&
      this.dynamics.slope(n, v + reference[n]!, arrays.excitatory[n]!, arrays.inhibitory[n]!) > 0
    );
  }

  private isAboveAtEnd(n: number): boolean {
    if (this.membrane.sd === 0) return true;
    const v = this.coefficients.arrays.v[n]! + this.coefficients.reference[n]!;
    return this.noisy(n, this.clock[0]!, v) >= this.goal[n]!;
  }

  /** Appoints the spike of a leaky neuron that is above threshold at the end of the step: cubic between `from` and there. */
  private reachLeaky(n: number, from: number): void {
    if (!this.isAboveAtEnd(n)) {
      if (this.schedule.at[n]! < Infinity && this.purpose[n] === SPIKE)
        this.schedule.set(n, Infinity);
      return;
    }
    const d = this.dynamics;
    const { coefficients } = this;
    coefficients.freshenTables(this.served);
    const a = coefficients.arrays;
    const span = this.clock[0]! - from;
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
      if (this.noisy(n, from + middle, v) >= this.goal[n]!) after = middle;
      else before = middle;
    }
    const x = after / span;
    this.spikeV[n] = v0 + x * (s0 + x * (c + x * q));
    this.appoint(n, from + after, SPIKE);
  }

  /** The same where the membrane is not linear. */
  private reachFrom(n: number, from: number, atBegin: boolean): void {
    if (!this.isAboveAtEnd(n)) return;
    const d = this.dynamics;
    const a = this.coefficients.arrays;
    const reference = this.coefficients.reference[n]!;
    const span = this.clock[0]! - from;
    if (atBegin) {
      d.v = a.vBefore[n]! + reference;
      d.w = a.wBefore[n]!;
    } else this.takeBack(n, from);
    const end = a.v[n]! + reference;
    const isSmooth = this.kind[n] === EXPONENTIAL && d.risesLittle(n, end);
    const after = isSmooth
      ? this.reachBetween(n, from, span, end)
      : this.reachByParts(n, from, span);
    this.spikeV[n] = d.v;
    this.spikeW[n] = d.w;
    this.appoint(n, from + after, SPIKE);
  }

  /** First cycle within `span` at which the membrane, between the state in `dynamics` and `end`, has reached its goal. */
  private reachBetween(n: number, from: number, span: number, end: number): number {
    const d = this.dynamics;
    const goal = this.goal[n]!;
    d.setRise(n, end);
    let before = 0;
    let after = span;
    while (after - before > 1) {
      const middle = before + ((after - before) >> 1);
      if (d.risesAbove(middle / span, this.noisy(n, from + middle, -goal))) after = middle;
      else before = middle;
    }
    d.rise(n, after / span, after);
    return after;
  }

  /** Likewise by the law of the step for parts of it: where the membrane runs away, or conductances move it much. */
  private reachByParts(n: number, from: number, span: number): number {
    const d = this.dynamics;
    const a = this.coefficients.arrays;
    const v0 = d.v;
    const w0 = d.w;
    const e = d.lineBefore(a.excitatory[n]!, this.parameters.excitatoryRate[n]!, span);
    const i = d.lineBefore(a.inhibitory[n]!, this.parameters.inhibitoryRate[n]!, span);
    const to = (dt: number): void => {
      d.v = v0;
      d.w = w0;
      d.excitatory = e;
      d.inhibitory = i;
      d.forward(n, this.kind[n]!, false, dt);
    };
    let before = 0;
    let after = span;
    while (after - before > 1) {
      const middle = before + ((after - before) >> 1);
      to(middle);
      if (this.noisy(n, from + middle, d.v) >= this.goal[n]!) after = middle;
      else before = middle;
    }
    to(after);
    return after;
  }

  private spike(n: number, t: number): void {
    const p = this.parameters;
    const d = this.dynamics;
    if (this.kind[n] !== LEAKY) {
      const a = this.coefficients.arrays;
      const left = this.cyclesLeft(t);
      d.excitatory = d.lineBefore(a.excitatory[n]!, p.excitatoryRate[n]!, left);
      d.inhibitory = d.lineBefore(a.inhibitory[n]!, p.inhibitoryRate[n]!, left);
      d.w = this.spikeW[n]! + (p.adapts[n] === 1 ? p.adaptationStep[n]! : 0);
    }
    d.v = this.spikeV[n]!;
    this.spikes[n] = this.spikes[n]! + 1;
    this.precise.drawThreshold(n);
    this.enterReset(n, t);
    this.fire(n, t);
  }

  /** Begins the reset phase with the state in `dynamics`, which is that of `t`. */
  private enterReset(n: number, t: number): void {
    const p = this.parameters;
    this.leavePhase(n);
    this.refractoryEnd[n] = t + p.refractoryCycles[n]!;
    const reset = p.resetCycles[n]!;
    this.phase[n] = reset > 0 ? IN_RESET : HOLD_OFF;
    this.phaseEnd[n] = reset > 0 ? t + reset : this.refractoryEnd[n]!;
    this.blocks.hold(n);
    if (reset > 0) this.coefficients.use(n, this.blocks.kindOf(n), true);
    this.bringForward(n, t);
    this.coefficients.arrays.threshold[n] = Infinity;
    this.appoint(n, this.phaseEnd[n]!, PHASE_END);
  }

  /** A neuron in a phase that ends keeps its block awake; not any longer. */
  private leavePhase(n: number): void {
    if (this.phase[n] !== FREE && this.phaseEnd[n]! < Infinity) this.blocks.release(n);
  }

  private endPhase(n: number, t: number): void {
    const wasReset = this.phase[n] === IN_RESET;
    if (wasReset) this.membraneBack(n, t);
    const holds = wasReset && this.refractoryEnd[n]! > t;
    if (!holds) this.leavePhase(n);
    this.phase[n] = holds ? HOLD_OFF : FREE;
    this.phaseEnd[n] = holds ? this.refractoryEnd[n]! : Infinity;
    if (wasReset) {
      this.coefficients.use(n, this.blocks.kindOf(n), false);
      this.bringForward(n, t);
    }
    if (holds) this.appoint(n, this.phaseEnd[n]!, PHASE_END);
    else {
      this.schedule.set(n, Infinity);
      this.compare(n);
      this.look(n, t, 0);
    }
  }

  reset(n: number, t: number): void {
    if (this.served[n] === 1) {
      this.precise.reset(n, t);
      return;
    }
    if (this.parameters.heldInReset[n] === 1) return;
    this.takeBack(n, t);
    this.enterReset(n, t);
  }

  join(n: number, t: number): void {
    if (this.served[n] === 1) {
      this.precise.join(n, t);
      return;
    }
    if (this.phase[n] !== FREE) return;
    this.takeBack(n, t);
    this.spikeV[n] = this.dynamics.v;
    this.spikeW[n] = this.dynamics.w;
    this.spike(n, t);
  }

  stateArrays(): Record<string, StateArray> {
    const a = this.coefficients.arrays;
    return {
      ...this.precise.stateArrays(),
      floatV: a.v,
      floatW: a.w,
      floatExcitatory: a.excitatory,
      floatInhibitory: a.inhibitory,
      vBefore: a.vBefore,
      wBefore: a.wBefore,
      reference: this.coefficients.reference,
      spikeV: this.spikeV,
      spikeW: this.spikeW,
      appointments: this.schedule.at,
      purposes: this.purpose,
      served: this.served,
      kinds: this.kind,
      clock: this.clock,
      awake: this.blocks.awake,
      pinned: this.blocks.pinned,
      blockKinds: this.blocks.kinds,
    };
  }

  restored(): void {
    this.precise.restored();
    this.schedule.restore();
    this.servedList = Int32Array.from(
      Array.from({ length: NEURONS }, (_, m) => m).filter((m) => this.served[m] === 1),
    );
    for (let n = 0; n < NEURONS; n++) {
      const kind = this.blocks.kindOf(n);
      const served = this.served[n] === 1;
      this.membrane.setTime(n, 1 / this.parameters.rate[n]!);
      this.coefficients.workOut(n, kind, false);
      this.coefficients.use(n, kind, this.phase[n] === IN_RESET && !served);
      if (served) this.coefficients.retire(n);
      this.compare(n);
    }
    this.blocks.list();
    this.membrane.setEnd(this.clock[0]!);
  }

  powerUp(): void {
    this.precise.powerUp();
    this.blocks.powerUp();
    const a = this.coefficients.arrays;
    for (const array of [a.v, a.w, a.excitatory, a.inhibitory]) array.fill(0);
    this.coefficients.reference.fill(0);
    a.threshold.fill(Infinity);
    this.kind.fill(0);
    this.served.fill(0);
    this.servedList = new Int32Array(0);
    for (let n = 0; n < NEURONS; n++) this.schedule.set(n, Infinity);
  }
}
