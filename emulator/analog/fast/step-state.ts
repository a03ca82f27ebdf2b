/**
 * State of the fast engine's neurons: floats at the end of the present step, from which the state of any moment within it is
 * found, and to which a state that was changed there is brought.
 */
import type { AnalogConstants } from '../constants.js';
import { NEURONS } from '../core.js';
import { FREE, IN_RESET } from '../neuron-state.js';
import type { Neurons } from '../neurons.js';
import type { TrialNoise } from '../noise.js';
import type { Parameters } from '../parameters.js';
import type { StateArray } from '../snapshot.js';
import { Blocks } from './blocks.js';
import { Coefficients } from './coefficients.js';
import { Dynamics } from './dynamics.js';
import * as at from './layout.js';
import { STEP } from './layout.js';
import type { Kernels, Machine } from './machine.js';
import { FastMembraneNoise } from './membrane.js';

export class StepState {
  readonly coefficients: Coefficients;
  readonly blocks: Blocks;
  /** Where a state is worked on. */
  readonly dynamics: Dynamics;
  readonly membrane: FastMembraneNoise;
  readonly kind: Uint8Array;
  /** 1: the precise engine serves this neuron. */
  readonly served = new Uint8Array(NEURONS);
  /** Shared with the precise part, so that a neuron may change hands. */
  readonly phase: Uint8Array;
  /** Threshold of the next crossing (mV), likewise. */
  readonly goal: Float64Array;
  /** Cycle at which the present step ends; meaningless while all blocks sleep. */
  readonly clock: Float64Array;
  /** Membrane (mV) and adaptation at the crossing of each neuron that was found last. */
  readonly crossingV: Float64Array;
  readonly crossingW: Float64Array;
  private readonly kernels: Kernels;
  private readonly stepNumber: Int32Array;

  constructor(
    machine: Machine,
    private readonly parameters: Parameters,
    noise: TrialNoise,
    constants: AnalogConstants,
    ideal: boolean,
    precise: Neurons,
  ) {
    const saturates = !ideal && Number.isFinite(constants.saturation);
    this.kernels = machine.kernels;
    this.kind = machine.bytes(at.NEURON_KIND, NEURONS);
    this.clock = machine.doubles(at.CLOCK, 1);
    this.stepNumber = machine.integers(at.STEP_NUMBER, 1);
    this.crossingV = machine.doubles(at.CROSSING, NEURONS);
    this.crossingW = machine.doubles(at.CROSSING_W, NEURONS);
    this.coefficients = new Coefficients(
      machine,
      parameters,
      constants,
      saturates,
      noise.on.membrane || noise.on.threshold,
    );
    this.blocks = new Blocks(machine);
    this.dynamics = new Dynamics(parameters, constants, ideal);
    this.membrane = new FastMembraneNoise(machine, noise.on.membrane ? constants.membraneNoise : 0);
    this.membrane.seed(noise.membraneKeys);
    this.phase = precise.phase;
    this.goal = precise.threshold;
  }

  /** Cycles from `t` to the end of the present step; starts one if all blocks slept. */
  cyclesLeft(t: number): number {
    if (this.blocks.isIdle) this.setClock((Math.floor(t / STEP) + 1) * STEP);
    return this.clock[0]! - t;
  }

  /** Sets the end of the present step, a multiple of 25 cycles; only while nothing is appointed. */
  setClock(cycle: number): void {
    this.clock[0] = cycle;
    this.stepNumber[0] = cycle / STEP;
    this.membrane.setBegin(cycle - STEP);
  }

  /** State of a neuron at `t` within the present step into `dynamics`. */
  takeBack(n: number, t: number): void {
    const d = this.dynamics;
    const a = this.coefficients.arrays;
    d.v = a.v[n]! + this.coefficients.reference[n]!;
    d.w = this.coefficients.split.atEnd(n, this.phase[n] === IN_RESET, a.v[n]!);
    d.excitatory = a.excitatory[n]!;
    d.inhibitory = a.inhibitory[n]!;
    if (this.blocks.sleeps(n)) return;
    d.backward(n, this.kind[n]!, this.phase[n] === IN_RESET, this.clock[0]! - t);
  }

  /** Brings the state in `dynamics` from `t` to the end of the step and stores it. */
  bringForward(n: number, t: number): void {
    const d = this.dynamics;
    const a = this.coefficients.arrays;
    this.cyclesLeft(t);
    this.blocks.wake(n);
    if (this.clock[0]! - t === STEP) a.vBefore[n] = d.v - this.coefficients.reference[n]!;
    d.forward(n, this.kind[n]!, this.phase[n] === IN_RESET, this.clock[0]! - t);
    a.v[n] = d.v - this.coefficients.reference[n]!;
    this.coefficients.split.keep(n, this.phase[n] === IN_RESET, a.v[n]!, d.w);
  }

  /** A membrane at `v` with its noise. */
  noisy(n: number, t: number, v: number): number {
    return this.membrane.sd === 0 ? v : v + this.membrane.at(n, t);
  }

  /** The state in `dynamics` is that at the crossing of a neuron. */
  noteCrossing(n: number): void {
    this.crossingV[n] = this.dynamics.v;
    this.crossingW[n] = this.dynamics.w;
  }

  /** A membrane that is within reach of its noise at the end of the step has reached its goal with it. */
  isAboveAtEnd(n: number): boolean {
    if (this.membrane.sd === 0) return true;
    const v = this.coefficients.arrays.v[n]! + this.coefficients.reference[n]!;
    return this.noisy(n, this.clock[0]!, v) >= this.goal[n]!;
  }

  /** Coefficients of a neuron; where the kind of its block changes, of all of the block. */
  workOut(n: number, refer: boolean): void {
    const { blocks, coefficients, phase } = this;
    this.membrane.setTime(n, 1 / this.parameters.rate[n]!);
    const changedKind = blocks.updateKind(n, this.kind, this.served);
    const kind = blocks.kindOf(n);
    if (changedKind) {
      const first = n & ~15;
      for (let m = first; m < first + 16; m++) {
        if (m !== n) coefficients.workOut(m, kind, false);
        coefficients.use(m, phase[m] === IN_RESET && this.served[m] === 0);
      }
    }
    coefficients.workOut(n, kind, refer);
    coefficients.use(n, phase[n] === IN_RESET);
    this.compare(n);
  }

  /** Sets the comparator of the kernels. */
  compare(n: number): void {
    if (this.phase[n] === FREE && this.served[n] === 0) this.kernels['phase/compare'](n);
    else this.kernels['phase/deafen'](n);
  }

  stateArrays(): Record<string, StateArray> {
    const a = this.coefficients.arrays;
    return {
      floatV: a.v,
      floatW: a.w,
      floatExcitatory: a.excitatory,
      floatInhibitory: a.inhibitory,
      vBefore: a.vBefore,
      reference: this.coefficients.reference,
      served: this.served,
      kinds: this.kind,
      clock: this.clock,
      spikeV: this.crossingV,
      spikeW: this.crossingW,
      awake: this.blocks.awake,
      pinned: this.blocks.pinned,
      blockKinds: this.blocks.kinds,
    };
  }

  /** Works out what follows from state and parameters after both were written. */
  restored(): void {
    for (let n = 0; n < NEURONS; n++) {
      const kind = this.blocks.kindOf(n);
      const served = this.served[n] === 1;
      this.membrane.setTime(n, 1 / this.parameters.rate[n]!);
      this.coefficients.workOut(n, kind, false);
      this.coefficients.use(n, this.phase[n] === IN_RESET && !served);
      if (served) this.coefficients.retire(n);
      this.compare(n);
    }
    this.blocks.list();
    this.setClock(this.clock[0]!);
  }

  powerUp(): void {
    this.blocks.powerUp();
    const a = this.coefficients.arrays;
    for (const array of [a.v, a.w, a.excitatory, a.inhibitory]) array.fill(0);
    this.coefficients.reference.fill(0);
    a.threshold.fill(Infinity);
    a.alarm.fill(Infinity);
    this.kind.fill(0);
    this.served.fill(0);
  }
}
