/**
 * The neurons of the fast engine: blocks of sixteen stepped together on the 0.1 us grid by the kernels, spikes located
 * inside the step, blocks in which nothing moves left alone. A step is computed as soon as time reaches its beginning;
 * events that come within it are added to its end, which is exact where the membrane is linear.
 *
 * The loop over time is a kernel, and so is all that happens to leaky neurons. Neurons connected to others or in bypass mode
 * are few; the parts of the precise engine serve them.
 */
import type { AnalogConstants } from '../constants.js';
import { NEURONS } from '../core.js';
import { decay } from '../decay.js';
import type { NeuronPart } from '../engine.js';
import { FREE, IN_RESET } from '../neuron-state.js';
import type { Neurons } from '../neurons.js';
import type { TrialNoise } from '../noise.js';
import type { Circuits } from '../circuits.js';
import type { Parameters } from '../parameters.js';
import type { Settings } from '../settings.js';
import type { StateArray } from '../snapshot.js';
import type { Blocks } from './blocks.js';
import { Calendar } from './calendar.js';
import { RETIRED, type Coefficients } from './coefficients.js';
import { CONDUCTANCE, EXPONENTIAL, LEAKY } from './dynamics.js';
import * as at from './layout.js';
import { IS_PHASE_END, IS_SPIKE, STEP, SPLIT_V } from './layout.js';
import { APPOINTMENT_WAITS, DONE } from './loop-kernels.js';
import type { Kernels, Machine } from './machine.js';
import { SpikeList } from './spike-list.js';
import { SplitNeurons } from './split-neurons.js';
import { StepState } from './step-state.js';

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

  private readonly kernels: Kernels;
  private readonly state: StepState;
  /** What happens to neurons that are not leaky. */
  private readonly split: SplitNeurons;
  private readonly calendar: Calendar;
  private readonly spikeList: SpikeList;
  private readonly kind: Uint8Array;
  /** Membrane and adaptation of an exponential neuron that a kernel works on. */
  private readonly worked: Float32Array;
  private readonly phase: Uint8Array;
  private readonly phaseEnd: Float64Array;
  /** Clamps of membranes (mV). */
  private readonly lowest: number;
  private readonly highest: number;
  private readonly clock: Float64Array;
  private readonly resetCycles: Float64Array;
  private readonly refractoryCycles: Float64Array;
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
    settings: Settings,
    fire: (neuron: number, cycle: number) => void,
  ) {
    this.kernels = machine.kernels;
    this.state = new StepState(machine, parameters, trialNoise, constants, ideal, precise);
    this.calendar = new Calendar(machine);
    this.spikeList = new SpikeList(machine, precise, settings, fire);
    this.split = new SplitNeurons(this.state, this.calendar, this.spikeList, parameters, precise);
    this.coefficients = this.state.coefficients;
    this.blocks = this.state.blocks;
    this.served = this.state.served;
    this.kind = this.state.kind;
    this.worked = machine.floats(SPLIT_V, 2);
    this.clock = this.state.clock;
    this.phase = precise.phase;
    this.phaseEnd = precise.phaseEnd;
    this.lowest = constants.membraneMinimum;
    this.highest = constants.membraneMaximum;
    this.resetCycles = machine.doubles(at.RESET_CYCLES, NEURONS);
    this.refractoryCycles = machine.doubles(at.REFRACTORY_CYCLES, NEURONS);
    machine.integers(at.THRESHOLD_NOISE, 1)[0] = trialNoise.on.threshold ? 1 : 0;
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
    const next = Math.min(this.calendar.firstCycle, this.precise.nextCycle);
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
    // An event lifts or lowers the end of a step, which the clamps see only at the next one.
    this.atV = Math.min(this.highest, Math.max(this.lowest, d.v));
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
    this.setLaws(n);
    if (p.heldInReset[n] === 1) {
      this.leavePhase(n);
      this.phase[n] = IN_RESET;
      this.phaseEnd[n] = Infinity;
      this.calendar.set(n, Infinity);
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
    this.coefficients.freshenTables(this.served);
    if (this.phase[n] === FREE) this.look(n, t);
  }

  /** What kernels need of a neuron's settings beside coefficients. */
  private setLaws(n: number): void {
    const p = this.parameters;
    this.resetCycles[n] = p.resetCycles[n]!;
    this.refractoryCycles[n] = p.refractoryCycles[n]!;
    this.spikeList.prepare(n, p.canFire[n] === 1);
  }

  private changeHands(n: number, t: number, served: boolean): void {
    this.served[n] = served ? 1 : 0;
    this.servedList = Int32Array.from(
      Array.from({ length: NEURONS }, (_, m) => m).filter((m) => this.served[m] === 1),
    );
    const { precise, coefficients } = this;
    const hasPhase = this.phase[n] !== FREE && this.phaseEnd[n]! < Infinity;
    if (served) {
      this.calendar.set(n, Infinity);
      if (hasPhase) this.blocks.release(n);
      const a = coefficients.arrays;
      a.v[n] = RETIRED;
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
        this.cyclesLeft(t);
        this.appoint(n, this.phaseEnd[n]!, IS_PHASE_END);
      }
    }
  }

  private appoint(n: number, cycle: number, purpose: number): void {
    this.calendar.purpose[n] = purpose;
    this.calendar.set(n, cycle);
  }

  advance(target: number): void {
    const { precise, kernels, spikeList } = this;
    this.coefficients.freshenTables(this.served);
    spikeList.freshen();
    for (;;) {
      const other = precise.nextCycle;
      const isShared = other <= target;
      const why = isShared
        ? kernels['neurons/advance'](other, precise.schedule.first, other - 1)
        : kernels['neurons/advance'](target, NEURONS, target);
      spikeList.tell();
      if (why === APPOINTMENT_WAITS) this.process();
      else if (why !== DONE) this.reachAll(why, this.clock[0]! - STEP, true);
      else if (isShared) precise.processFirst();
      else return;
    }
  }

  /** Keeps the first appointment, which is not the business of the kernels' loop. */
  private process(): void {
    const { calendar, spikeList, kernels } = this;
    const n = calendar.first;
    const t = calendar.firstCycle;
    if (this.kind[n] === CONDUCTANCE) {
      if (calendar.purpose[n] === IS_SPIKE) this.split.spike(n, t);
      else this.split.endPhase(n, t);
    } else if (spikeList.leads(n)) {
      calendar.set(n, Infinity);
      kernels[this.kind[n] === LEAKY ? 'leaky/spike' : 'split/spike'](n, this.clock[0]! - t);
      spikeList.tellLast();
    }
  }

  /** After events within the step: the neurons that the row kernels found above threshold. */
  takeHits(t: number): void {
    if (!this.blocks.hasHits) return;
    this.coefficients.freshenTables(this.served);
    this.reachAll(this.kernels['neurons/hits'](this.clock[0]! - t), t, false);
  }

  /** After inhibitory events: spikes expected within the step may not come. */
  reconsider(hemisphere: number, t: number): void {
    if (!this.calendar.isDue) return;
    const count = this.kernels['neurons/reconsider'](hemisphere, this.clock[0]! - t);
    for (let j = 0; j < count; j++) this.split.reconsider(this.blocks.hit(j), t);
  }

  /** Neurons that are not leaky, left in the list of hits. */
  private reachAll(count: number, from: number, atBegin: boolean): void {
    for (let j = 0; j < count; j++) {
      const n = this.blocks.hit(j);
      if (atBegin || this.calendar.at[n]! === Infinity) this.split.reach(n, from, atBegin);
    }
  }

  /** A free neuron after its state or settings changed at `t`: does it fire within the step? */
  private look(n: number, t: number): void {
    if (this.kind[n] === CONDUCTANCE) this.split.look(n, t, 1);
    else {
      const look = this.kernels[this.kind[n] === LEAKY ? 'leaky/look' : 'split/look'];
      look(n, this.clock[0]! - t, 0);
    }
  }

  /** Begins the reset phase with the state in `dynamics`, which is that of `t`. */
  private enterReset(n: number, t: number): void {
    this.leavePhase(n);
    if (this.kind[n] === CONDUCTANCE) {
      this.split.enterReset(n, t);
      return;
    }
    const left = this.prepareKernel(n, t);
    const { dynamics, coefficients } = this.state;
    const v = dynamics.v - coefficients.reference[n]!;
    if (this.kind[n] === LEAKY) this.kernels['leaky/enter'](n, left, v);
    else {
      this.worked[0] = v;
      this.worked[1] = dynamics.w;
      this.kernels['split/enter'](n, left);
    }
  }

  /** Before a kernel puts a neuron into another phase at `t`. @returns cycles to the end of the step */
  private prepareKernel(n: number, t: number): number {
    const left = this.cyclesLeft(t);
    this.coefficients.freshenTables(this.served);
    this.blocks.wake(n);
    this.calendar.set(n, Infinity);
    return left;
  }

  /** A neuron in a phase that ends keeps its block awake; not any longer. */
  private leavePhase(n: number): void {
    if (this.phase[n] !== FREE && this.phaseEnd[n]! < Infinity) this.blocks.release(n);
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
    this.state.noteCrossing(n);
    if (this.kind[n] === CONDUCTANCE) {
      this.split.spike(n, t);
      return;
    }
    const spike = this.kernels[this.kind[n] === LEAKY ? 'leaky/spike' : 'split/spike'];
    spike(n, this.prepareKernel(n, t));
    this.spikeList.tellLast();
  }

  stateArrays(): Record<string, StateArray> {
    return {
      ...this.precise.stateArrays(),
      ...this.state.stateArrays(),
      appointments: this.calendar.at,
      purposes: this.calendar.purpose,
    };
  }

  restored(): void {
    this.precise.restored();
    for (let n = 0; n < NEURONS; n++) this.setLaws(n);
    this.servedList = Int32Array.from(
      Array.from({ length: NEURONS }, (_, m) => m).filter((m) => this.served[m] === 1),
    );
    this.state.restored();
    this.calendar.restore();
  }

  powerUp(): void {
    this.precise.powerUp();
    this.state.powerUp();
    this.servedList = new Int32Array(0);
    this.calendar.clear();
  }
}
