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
import type { Blocks } from './blocks.js';
import type { Coefficients } from './coefficients.js';
import { Crossings } from './crossings.js';
import { CONDUCTANCE, EXPONENTIAL, LEAKY } from './dynamics.js';
import { STEP } from './layout.js';
import type { Machine } from './machine.js';
import { SplitCrossings } from './split-crossings.js';
import { StepState } from './step-state.js';

const SPIKE = 1;
const PHASE_END = 2;

export class FastNeurons implements NeuronPart {
  atV = 0;
  atExcitatory = 0;
  atInhibitory = 0;
  atW = 0;
  readonly served: Uint8Array;
  /** The served ones, in order. */
  servedList = new Int32Array(0);
  readonly coefficients: Coefficients;
  readonly blocks: Blocks;

  private readonly state: StepState;
  private readonly crossings: Crossings;
  private readonly splitCrossings: SplitCrossings;
  private readonly schedule = new Schedule(NEURONS);
  private readonly purpose = new Uint8Array(NEURONS);
  private readonly kind: Uint8Array;
  private readonly phase: Uint8Array;
  private readonly phaseEnd: Float64Array;
  private readonly refractoryEnd: Float64Array;
  private readonly spikes: Uint32Array;
  private readonly goal: Float64Array;
  private readonly clock: Float64Array;
  /** State put aside while the settings of a neuron change. */
  private readonly heldV = new Float64Array(NEURONS);
  private readonly heldW = new Float64Array(NEURONS);
  private readonly heldExcitatory = new Float64Array(NEURONS);
  private readonly heldInhibitory = new Float64Array(NEURONS);

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
    this.state = new StepState(machine, parameters, trialNoise, constants, ideal, precise);
    this.crossings = new Crossings(this.state, precise.threshold);
    this.splitCrossings = new SplitCrossings(
      this.state,
      parameters,
      precise.threshold,
      this.crossings,
    );
    this.coefficients = this.state.coefficients;
    this.blocks = this.state.blocks;
    this.served = this.state.served;
    this.kind = this.state.kind;
    this.clock = this.state.clock;
    this.phase = precise.phase;
    this.phaseEnd = precise.phaseEnd;
    this.refractoryEnd = precise.refractoryEnd;
    this.spikes = precise.spikes;
    this.goal = precise.threshold;
  }

  get noise(): TrialNoise {
    return this.trialNoise;
  }

  set noise(noise: TrialNoise) {
    this.trialNoise = noise;
    this.precise.noise = noise;
    this.state.membrane.seed(noise.membraneKeys);
  }

  get nextCycle(): number {
    const next = Math.min(this.schedule.firstCycle, this.precise.nextCycle);
    return this.blocks.isIdle ? next : Math.min(next, this.clock[0]!);
  }

  /** Cycles from `t` to the end of the present step; starts one if all blocks slept. */
  cyclesLeft(t: number): number {
    return this.state.cyclesLeft(t);
  }

  noisy(n: number, t: number, v: number): number {
    return this.state.noisy(n, t, v);
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
    this.state.takeBack(n, t);
    const d = this.state.dynamics;
    this.atV = d.v;
    this.atW = d.w;
    this.atExcitatory = d.excitatory;
    this.atInhibitory = d.inhibitory;
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
    this.state.workOut(n, true);
    const d = this.state.dynamics;
    const a = this.coefficients.arrays;
    d.v = this.heldV[n]!;
    d.w = p.adapts[n] === 1 ? this.heldW[n]! : 0;
    const left = this.cyclesLeft(t);
    a.excitatory[n] = this.heldExcitatory[n]! * decay(p.excitatoryRate[n]! * left);
    a.inhibitory[n] = this.heldInhibitory[n]! * decay(p.inhibitoryRate[n]! * left);
    d.excitatory = this.heldExcitatory[n]!;
    d.inhibitory = this.heldInhibitory[n]!;
    this.state.bringForward(n, t);
    if (this.phase[n] === FREE) this.look(n, t, 1);
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
      this.state.compare(n);
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
    this.state.setClock(from + STEP);
    const hits = this.blocks.step(from / STEP);
    for (let j = 0; j < hits; j++) {
      const n = this.blocks.hit(j);
      if (this.kind[n] === LEAKY) this.reachLeaky(n, from);
      else this.reach(n, from, true);
    }
  }

  /** After events within the step: the neurons that the row kernels found above threshold. */
  takeHits(t: number): void {
    const hits = this.blocks.takeHits();
    for (let j = 0; j < hits; j++) {
      const n = this.blocks.hit(j);
      if (this.kind[n] === LEAKY) this.reachLeaky(n, t);
      else if (this.schedule.at[n]! === Infinity) this.reach(n, t, false);
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
      this.state.takeBack(n, t);
      if (this.noisy(n, t, this.state.dynamics.v) >= this.goal[n]!) {
        this.crossings.v[n] = this.state.dynamics.v;
        this.crossings.w[n] = this.state.dynamics.w;
        this.appoint(n, t, SPIKE);
        return;
      }
    }
    if (a.v[n]! < a.threshold[n]!) return;
    if (this.kind[n] === LEAKY) this.reachLeaky(n, t);
    else this.reach(n, t, false);
  }

  /** A leaky membrane rises to the end of the step and is below its threshold there: it was so all the time. */
  private risesBelow(n: number): boolean {
    if (this.kind[n] !== LEAKY) return false;
    const { arrays, reference } = this.coefficients;
    const v = arrays.v[n]!;
    return (
      v < arrays.threshold[n]! &&
      this.state.dynamics.slope(
        n,
        v + reference[n]!,
        arrays.excitatory[n]!,
        arrays.inhibitory[n]!,
      ) > 0
    );
  }

  /** Appoints the spike of a leaky neuron within the step, or cancels one that noise takes back. */
  private reachLeaky(n: number, from: number): void {
    if (this.crossings.isAboveAtEnd(n)) this.appoint(n, this.crossings.leaky(n, from), SPIKE);
    else if (this.schedule.at[n]! < Infinity && this.purpose[n] === SPIKE)
      this.schedule.set(n, Infinity);
  }

  /** The same where the membrane is not linear. */
  private reach(n: number, from: number, atBegin: boolean): void {
    if (this.crossings.isAboveAtEnd(n))
      this.appoint(n, this.splitCrossings.find(n, from, atBegin), SPIKE);
  }

  private spike(n: number, t: number): void {
    const p = this.parameters;
    const d = this.state.dynamics;
    if (this.kind[n] !== LEAKY) {
      const a = this.coefficients.arrays;
      const left = this.cyclesLeft(t);
      d.excitatory = d.lineBefore(a.excitatory[n]!, p.excitatoryRate[n]!, left);
      d.inhibitory = d.lineBefore(a.inhibitory[n]!, p.inhibitoryRate[n]!, left);
      d.w = this.crossings.w[n]! + (p.adapts[n] === 1 ? p.adaptationStep[n]! : 0);
    }
    d.v = this.crossings.v[n]!;
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
    this.state.bringForward(n, t);
    this.coefficients.arrays.threshold[n] = Infinity;
    this.appoint(n, this.phaseEnd[n]!, PHASE_END);
  }

  /** A neuron in a phase that ends keeps its block awake; not any longer. */
  private leavePhase(n: number): void {
    if (this.phase[n] !== FREE && this.phaseEnd[n]! < Infinity) this.blocks.release(n);
  }

  private endPhase(n: number, t: number): void {
    const wasReset = this.phase[n] === IN_RESET;
    if (wasReset) this.state.membraneBack(n, t);
    const holds = wasReset && this.refractoryEnd[n]! > t;
    if (!holds) this.leavePhase(n);
    this.phase[n] = holds ? HOLD_OFF : FREE;
    this.phaseEnd[n] = holds ? this.refractoryEnd[n]! : Infinity;
    if (wasReset) {
      this.coefficients.use(n, this.blocks.kindOf(n), false);
      this.state.bringForward(n, t);
    }
    if (holds) this.appoint(n, this.phaseEnd[n]!, PHASE_END);
    else {
      this.schedule.set(n, Infinity);
      this.state.compare(n);
      this.look(n, t, 0);
    }
  }

  reset(n: number, t: number): void {
    if (this.served[n] === 1) {
      this.precise.reset(n, t);
      return;
    }
    if (this.parameters.heldInReset[n] === 1) return;
    this.state.takeBack(n, t);
    this.enterReset(n, t);
  }

  join(n: number, t: number): void {
    if (this.served[n] === 1) {
      this.precise.join(n, t);
      return;
    }
    if (this.phase[n] !== FREE) return;
    this.state.takeBack(n, t);
    this.crossings.v[n] = this.state.dynamics.v;
    this.crossings.w[n] = this.state.dynamics.w;
    this.spike(n, t);
  }

  stateArrays(): Record<string, StateArray> {
    return {
      ...this.precise.stateArrays(),
      ...this.state.stateArrays(),
      spikeV: this.crossings.v,
      spikeW: this.crossings.w,
      appointments: this.schedule.at,
      purposes: this.purpose,
    };
  }

  restored(): void {
    this.precise.restored();
    this.schedule.restore();
    this.servedList = Int32Array.from(
      Array.from({ length: NEURONS }, (_, m) => m).filter((m) => this.served[m] === 1),
    );
    this.state.restored();
  }

  powerUp(): void {
    this.precise.powerUp();
    this.state.powerUp();
    this.servedList = new Int32Array(0);
    for (let n = 0; n < NEURONS; n++) this.schedule.set(n, Infinity);
  }
}
