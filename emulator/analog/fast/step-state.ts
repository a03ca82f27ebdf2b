/**
 * State of the fast engine's neurons: floats at the end of the present step, from which the state of any moment within it is
 * found, and to which a state that was changed there is brought.
 */
import type { AnalogConstants } from '../constants.js';
import { NEURONS } from '../core.js';
import { FREE, IN_RESET, type Neurons } from '../neurons.js';
import type { TrialNoise } from '../noise.js';
import type { Parameters } from '../parameters.js';
import type { StateArray } from '../snapshot.js';
import { Blocks } from './blocks.js';
import { Coefficients } from './coefficients.js';
import { Dynamics, LEAKY } from './dynamics.js';
import { STEP } from './layout.js';
import type { Machine } from './machine.js';
import { FastMembraneNoise } from './membrane.js';

export class StepState {
  readonly coefficients: Coefficients;
  readonly blocks: Blocks;
  /** Where a state is worked on. */
  readonly dynamics: Dynamics;
  readonly membrane: FastMembraneNoise;
  readonly kind = new Uint8Array(NEURONS);
  /** 1: the precise engine serves this neuron. */
  readonly served = new Uint8Array(NEURONS);
  /** Shared with the precise part, so that a neuron may change hands. */
  readonly phase: Uint8Array;
  /** Threshold of the next crossing (mV), likewise. */
  readonly goal: Float64Array;
  /** Cycle at which the present step ends; meaningless while all blocks sleep. */
  readonly clock = new Float64Array(1);

  constructor(
    machine: Machine,
    private readonly parameters: Parameters,
    noise: TrialNoise,
    constants: AnalogConstants,
    ideal: boolean,
    precise: Neurons,
  ) {
    const saturates = !ideal && Number.isFinite(constants.saturation);
    this.coefficients = new Coefficients(machine, parameters, constants, saturates);
    this.blocks = new Blocks(machine, saturates);
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

  setClock(cycle: number): void {
    this.clock[0] = cycle;
    this.membrane.setEnd(cycle);
  }

  /** State of a neuron at `t` within the present step into `dynamics`. */
  takeBack(n: number, t: number): void {
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
  membraneBack(n: number, t: number): void {
    if (this.kind[n] !== LEAKY || this.blocks.sleeps(n)) this.takeBack(n, t);
    else {
      const v = this.coefficients.arrays.v[n]! + this.coefficients.reference[n]!;
      this.dynamics.v = this.leaky(n, t, v, false);
    }
  }

  /** Brings the state in `dynamics` from `t` to the end of the step and stores it. */
  bringForward(n: number, t: number): void {
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

  /** A membrane at `v` with its noise. */
  noisy(n: number, t: number, v: number): number {
    return this.membrane.sd === 0 ? v : v + this.membrane.at(n, t);
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
        coefficients.use(m, kind, phase[m] === IN_RESET && this.served[m] === 0);
      }
    }
    coefficients.workOut(n, kind, refer);
    coefficients.use(n, kind, phase[n] === IN_RESET);
    this.compare(n);
  }

  /** Sets the comparator of the kernels. */
  compare(n: number): void {
    const fires =
      this.phase[n] === FREE && this.parameters.canFire[n] === 1 && this.served[n] === 0;
    this.coefficients.arrays.threshold[n] = fires
      ? this.goal[n]! - this.membrane.reach - this.coefficients.reference[n]!
      : Infinity;
  }

  stateArrays(): Record<string, StateArray> {
    const a = this.coefficients.arrays;
    return {
      floatV: a.v,
      floatW: a.w,
      floatExcitatory: a.excitatory,
      floatInhibitory: a.inhibitory,
      vBefore: a.vBefore,
      wBefore: a.wBefore,
      reference: this.coefficients.reference,
      served: this.served,
      kinds: this.kind,
      clock: this.clock,
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
      this.coefficients.use(n, kind, this.phase[n] === IN_RESET && !served);
      if (served) this.coefficients.retire(n);
      this.compare(n);
    }
    this.blocks.list();
    this.membrane.setEnd(this.clock[0]!);
  }

  powerUp(): void {
    this.blocks.powerUp();
    const a = this.coefficients.arrays;
    for (const array of [a.v, a.w, a.excitatory, a.inhibitory]) array.fill(0);
    this.coefficients.reference.fill(0);
    a.threshold.fill(Infinity);
    this.kind.fill(0);
    this.served.fill(0);
  }
}
