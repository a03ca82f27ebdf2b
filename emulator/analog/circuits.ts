/**
 * Numerical integration (Runge-Kutta of order 4) of the membranes that have no closed form: exponential term, adaptation,
 * conductance-based inputs, and membranes connected to each other. Connected neurons form one circuit.
 *
 * Steps depend on the state alone: 12 cycles (0.048 us), less where the membrane moves by more than 1 mV in one, parts of a
 * cycle in the upswing; so the state at any cycle does not depend on who asked when.
 */
import { exp, tanh } from '../../isa/numeric/elementary.js';
import type { AnalogConstants } from './constants.js';
import { decay } from './decay.js';
import { MICROSECONDS_PER_CYCLE, NEURONS } from './core.js';
import { KeptSteps } from './kept-steps.js';
import type { Parameters } from './parameters.js';
import { wireCircuits, type Wiring } from './wiring.js';
import type { Settings } from './settings.js';

const LONGEST_STEP = 12;
/** Farthest a membrane may move in one step, in mV. */
const REACH = 1;
/** A membrane that moves by more than this many mV in one cycle has run away: it stops at the upper clamp. */
const RUNAWAY = 2048;
/** Rate per cycle of a reset from which on it acts at once. */
const FAST = 2;
const IN_RESET = 1;
/** Slopes below this (mV or nA per cycle: 0.25 mV in a second) count as standing still. */
const STILL = 1e-9;

/** The neurons' arrays that integration starts from (owned by the engine). */
export interface MembraneState {
  readonly v: Float64Array;
  readonly w: Float64Array;
  readonly excitatory: Float64Array;
  readonly inhibitory: Float64Array;
  readonly since: Float64Array;
  readonly phase: Uint8Array;
}

export class Circuits {
  atV = 0;
  atW = 0;
  wiring: Wiring;
  private readonly saturation: number;
  private readonly y = new Float64Array(3 * NEURONS);
  private readonly start = new Float64Array(3 * NEURONS);
  private readonly sum = new Float64Array(3 * NEURONS);
  private readonly slope = new Float64Array(3 * NEURONS);
  private readonly mass = new Float64Array(2 * NEURONS);
  private readonly total = new Float64Array(2 * NEURONS);
  /** The last integration: its circuit and cycle, valid until the circuit changes. */
  private lastCircuit = -1;
  private lastCycle = -1;
  private readonly kept = new KeptSteps(3 * NEURONS);
  private state: MembraneState | undefined;

  constructor(
    private readonly parameters: Parameters,
    private readonly constants: AnalogConstants,
    ideal: boolean,
  ) {
    this.saturation = ideal ? Infinity : constants.saturation;
    this.wiring = wireCircuits(undefined);
  }

  attach(state: MembraneState): void {
    this.state = state;
  }

  /** Works out which membranes are connected; neurons in a circuit of several are always integrated numerically. */
  rewire(settings: Settings): void {
    this.wiring = wireCircuits(settings);
    this.lastCircuit = -1;
    this.kept.clear();
  }

  /** Neurons of the circuit of `n`. */
  members(n: number): Int32Array {
    return this.wiring.members[this.wiring.circuitOf[n]!]!;
  }

  isConnected(n: number): boolean {
    return this.members(n).length > 1;
  }

  /** State, phase or settings of a circuit have changed: what was integrated is not valid any more. */
  changed(n: number): void {
    const circuit = this.wiring.circuitOf[n]!;
    if (this.lastCircuit === circuit) this.lastCircuit = -1;
    this.kept.changed(circuit);
  }

  /** Step of the adaptation current at a spike. */
  step(n: number): number {
    return this.parameters.adapts[n] === 1 ? this.parameters.adaptationStep[n]! : 0;
  }

  /** Membrane and adaptation of a neuron at cycle `t`. */
  evaluate(n: number, t: number): void {
    const circuit = this.wiring.circuitOf[n]!;
    if (this.lastCircuit !== circuit || this.lastCycle !== t) {
      this.integrate(circuit, t);
      this.lastCircuit = circuit;
      this.lastCycle = t;
    }
    this.atV = this.y[this.wiring.nodeOf[n]!]!;
    this.atW = this.y[this.wiring.nodes[circuit]! + this.wiring.placeOf[n]!]!;
  }

  /** Nothing moves any more: no line state, no slope worth mentioning. */
  isQuiet(n: number, t: number): boolean {
    const state = this.state;
    if (state === undefined) return true;
    const circuit = this.wiring.circuitOf[n]!;
    const neurons = this.wiring.members[circuit]!;
    for (let j = 0; j < neurons.length; j++) {
      const m = neurons[j]!;
      if (state.excitatory[m] !== 0 || state.inhibitory[m] !== 0 || state.phase[m] !== 0)
        return false;
    }
    this.evaluate(n, t);
    this.derivative(circuit, t);
    const size = this.wiring.nodes[circuit]! + neurons.length;
    for (let i = 0; i < size; i++) if (Math.abs(this.slope[i]!) > STILL) return false;
    return true;
  }

  /** End of the step that begins at the state of cycle `t`. */
  stepEnd(n: number, t: number): number {
    const circuit = this.wiring.circuitOf[n]!;
    this.evaluate(n, t);
    const h = this.stepLength(circuit, t);
    this.lastCircuit = -1;
    return t + (h < 1 ? 1 : h);
  }

  private integrate(circuit: number, until: number): void {
    const state = this.state;
    if (state === undefined) return;
    const nodes = this.wiring.nodes[circuit]!;
    const size = nodes + this.wiring.members[circuit]!.length;
    const base = state.since[this.wiring.members[circuit]![0]!]!;
    this.weigh(circuit);
    let t = this.kept.take(circuit, base, until, this.y, size);
    if (t < 0) {
      this.begin(circuit, state);
      t = base;
    }
    while (t < until) {
      const h = this.stepLength(circuit, t);
      const step = h >= 1 ? h : 1;
      const length = Math.min(step, until - t);
      if (length < step) this.kept.keep(circuit, base, t, this.y, size);
      if (h >= 1) this.rungeKutta(circuit, t, length);
      else this.oneCycle(circuit, t, length);
      this.clamp(nodes);
      if (length < step) return;
      t += length;
    }
    this.kept.keep(circuit, base, t, this.y, size);
  }

  /** Capacitance of each node. */
  private weigh(circuit: number): void {
    const { members, nodes, nodeOf } = this.wiring;
    const neurons = members[circuit]!;
    this.mass.fill(0, 0, nodes[circuit]!);
    for (let j = 0; j < neurons.length; j++) {
      const n = neurons[j]!;
      this.mass[nodeOf[n]!] = this.mass[nodeOf[n]!]! + this.parameters.capacitance[n]!;
    }
  }

  /** Puts the state of the base into `y`. */
  private begin(circuit: number, state: MembraneState): void {
    const { members, nodes, nodeOf } = this.wiring;
    const neurons = members[circuit]!;
    for (let j = 0; j < neurons.length; j++) {
      const n = neurons[j]!;
      this.y[nodeOf[n]!] = state.v[n]!;
      this.y[nodes[circuit]! + j] = state.w[n]!;
    }
    this.pin(circuit, state);
  }

  /** A cycle in pieces of at most `REACH`, for the upswing and for fast resets. */
  private oneCycle(circuit: number, t: number, span: number): void {
    const nodes = this.wiring.nodes[circuit]!;
    const stiffness = this.stiffness(circuit);
    let done = 0;
    while (done < span) {
      this.derivative(circuit, t + done);
      let rate = 0;
      for (let i = 0; i < nodes; i++) {
        if (this.slope[i]! > RUNAWAY) this.y[i] = this.constants.membraneMaximum;
        else rate = Math.max(rate, Math.abs(this.slope[i]!));
      }
      const pieces = Math.min(RUNAWAY, Math.max(1, Math.ceil(Math.max(rate / REACH, stiffness))));
      const h = Math.min(span - done, 1 / pieces);
      this.rungeKutta(circuit, t + done, h);
      this.clamp(nodes);
      done += h < 1e-9 ? span : h;
    }
  }

  /** A reset much faster than a cycle holds its node at the reset potential at once. */
  private isFast(n: number, node: number): boolean {
    return (this.parameters.reset[n]! * MICROSECONDS_PER_CYCLE) / this.mass[node]! > FAST;
  }

  private pin(circuit: number, state: MembraneState): void {
    const neurons = this.wiring.members[circuit]!;
    for (let j = 0; j < neurons.length; j++) {
      const n = neurons[j]!;
      const node = this.wiring.nodeOf[n]!;
      if (state.phase[n] === IN_RESET && this.isFast(n, node))
        this.y[node] = this.parameters.resetPotential[n]!;
    }
  }

  private clamp(nodes: number): void {
    const c = this.constants;
    for (let i = 0; i < nodes; i++) {
      const v = this.y[i]!;
      if (v > c.membraneMaximum) this.y[i] = c.membraneMaximum;
      else if (v < c.membraneMinimum) this.y[i] = c.membraneMinimum;
    }
  }

  /** Largest rate of a node by its conductances, per cycle (resets that are too fast to follow left out). */
  private stiffness(circuit: number): number {
    const p = this.parameters;
    const { members, nodes: nodeCounts, nodeOf, edges } = this.wiring;
    const neurons = members[circuit]!;
    const nodes = nodeCounts[circuit]!;
    const total = this.total;
    total.fill(0, 0, nodes);
    for (let j = 0; j < neurons.length; j++) {
      const n = neurons[j]!;
      const node = nodeOf[n]!;
      const resets = this.state?.phase[n] === IN_RESET && !this.isFast(n, node);
      total[node] = total[node]! + p.leak[n]! + (resets ? p.reset[n]! : 0);
    }
    const wires = edges[circuit]!;
    for (let k = 0; k < wires.length; k++) {
      const wire = wires[k]!;
      const g = p.compartment[wire.neuron]!;
      total[wire.from] = total[wire.from]! + g;
      total[wire.to] = total[wire.to]! + g;
    }
    let largest = 0;
    for (let i = 0; i < nodes; i++) {
      const mass = this.mass[i]!;
      if (mass > 0) largest = Math.max(largest, (total[i]! * MICROSECONDS_PER_CYCLE) / mass);
    }
    return largest;
  }

  /** Whole cycles of the next step, or 0 if one cycle is too long. */
  private stepLength(circuit: number, t: number): number {
    this.derivative(circuit, t);
    const nodes = this.wiring.nodes[circuit]!;
    let rate = 0;
    for (let i = 0; i < nodes; i++) rate = Math.max(rate, Math.abs(this.slope[i]!));
    const h = Math.min(LONGEST_STEP, REACH / rate, 1 / this.stiffness(circuit));
    return h >= 1 ? Math.floor(h) : 0;
  }

  private rungeKutta(circuit: number, t: number, h: number): void {
    const size = this.wiring.nodes[circuit]! + this.wiring.members[circuit]!.length;
    const { y, start, sum, slope } = this;
    for (let i = 0; i < size; i++) start[i] = y[i]!;
    this.derivative(circuit, t);
    for (let i = 0; i < size; i++) {
      sum[i] = slope[i]!;
      y[i] = start[i]! + 0.5 * h * slope[i]!;
    }
    this.derivative(circuit, t + 0.5 * h);
    for (let i = 0; i < size; i++) {
      sum[i] = sum[i]! + 2 * slope[i]!;
      y[i] = start[i]! + 0.5 * h * slope[i]!;
    }
    this.derivative(circuit, t + 0.5 * h);
    for (let i = 0; i < size; i++) {
      sum[i] = sum[i]! + 2 * slope[i]!;
      y[i] = start[i]! + h * slope[i]!;
    }
    this.derivative(circuit, t + h);
    for (let i = 0; i < size; i++) y[i] = start[i]! + (h / 6) * (sum[i]! + slope[i]!);
  }

  /** Derivative of nodes (mV/cycle) and adaptation currents (nA/cycle) at `y`, time t. */
  private derivative(circuit: number, t: number): void {
    const state = this.state;
    if (state === undefined) return;
    const p = this.parameters;
    const { members, nodes: nodeCounts, nodeOf, edges } = this.wiring;
    const neurons = members[circuit]!;
    const nodes = nodeCounts[circuit]!;
    const { y, slope } = this;
    const lowest = this.constants.membraneMinimum;
    const highest = this.constants.membraneMaximum;
    let pinned = false;
    slope.fill(0, 0, nodes + neurons.length);
    this.balance(circuit);
    for (let j = 0; j < neurons.length; j++) {
      const n = neurons[j]!;
      const node = nodeOf[n]!;
      // Stages of a step may overshoot; what they mean for the other quantities must not.
      const v = Math.min(highest, Math.max(lowest, y[node]!));
      const resetting = state.phase[n] === IN_RESET;
      let current = p.leak[n]! * (p.leakPotential[n]! - v) + p.current[n]!;
      if (resetting) {
        if (this.isFast(n, node)) pinned = true;
        else current += p.reset[n]! * (p.resetPotential[n]! - v);
      }
      if (!(resetting && p.pausesInReset[n] === 1)) {
        current += p.gatedCurrent[n]! + this.inputs(n, v, t, state);
        const d = p.slopeFactor[n]!;
        if (d > 0) {
          const x = (v - p.exponential[n]!) / d;
          current += p.leak[n]! * d * exp(x > 40 ? 40 : x);
        }
      }
      if (p.adapts[n] === 1) {
        const w = y[nodes + j]!;
        current -= w;
        slope[nodes + j] =
          p.adaptationRate[n]! *
          (p.adaptationConductance[n]! * (v - p.adaptationPotential[n]!) - w);
      }
      slope[node] = slope[node]! + current;
    }
    const wires = edges[circuit]!;
    for (let k = 0; k < wires.length; k++) {
      const wire = wires[k]!;
      const flow = p.compartment[wire.neuron]! * (y[wire.to]! - y[wire.from]!);
      slope[wire.from] = slope[wire.from]! + flow;
      slope[wire.to] = slope[wire.to]! - flow;
    }
    for (let i = 0; i < nodes; i++) {
      const mass = this.mass[i]!;
      slope[i] = mass > 0 ? (slope[i]! * MICROSECONDS_PER_CYCLE) / mass : 0;
    }
    if (!pinned) return;
    for (let j = 0; j < neurons.length; j++) {
      const n = neurons[j]!;
      if (state.phase[n] === IN_RESET && this.isFast(n, nodeOf[n]!)) slope[nodeOf[n]!] = 0;
    }
  }

  /** A soma line without a membrane of its own has no capacitance: it sits where its currents cancel. */
  private balance(circuit: number): void {
    const p = this.parameters;
    const wires = this.wiring.edges[circuit]!;
    if (wires.length === 0) return;
    const nodes = this.wiring.nodes[circuit]!;
    for (let i = 0; i < nodes; i++) {
      if (this.mass[i]! > 0) continue;
      let weight = 0;
      let sum = 0;
      for (let k = 0; k < wires.length; k++) {
        const wire = wires[k]!;
        if (wire.to !== i) continue;
        weight += p.compartment[wire.neuron]!;
        sum += p.compartment[wire.neuron]! * this.y[wire.from]!;
      }
      if (weight > 0) this.y[i] = sum / weight;
    }
  }

  private inputs(n: number, v: number, t: number, state: MembraneState): number {
    const p = this.parameters;
    const dt = t - state.since[n]!;
    const unit = p.capacitance[n]! / MICROSECONDS_PER_CYCLE;
    const S = this.saturation;
    let current = 0;
    const e = state.excitatory[n]!;
    if (e !== 0 && p.excitatoryDrive[n] !== 0) {
      const s = e * decay(p.excitatoryRate[n]! * dt);
      const slope = p.excitatorySlope[n]!;
      const factor = slope === 0 ? 1 : (p.excitatoryReversal[n]! - v) * slope;
      current += p.excitatoryDrive[n]! * unit * (S === Infinity ? s : S * tanh(s / S)) * factor;
    }
    const i = state.inhibitory[n]!;
    if (i !== 0 && p.inhibitoryDrive[n] !== 0) {
      const s = i * decay(p.inhibitoryRate[n]! * dt);
      const slope = p.inhibitorySlope[n]!;
      const factor = slope === 0 ? 1 : (p.inhibitoryReversal[n]! - v) * slope;
      current -= p.inhibitoryDrive[n]! * unit * (S === Infinity ? s : S * tanh(s / S)) * factor;
    }
    return current;
  }
}
