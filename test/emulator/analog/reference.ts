/**
 * A reference for spike times that shares no arithmetic with the engines: one neuron of the ideal circuit, from its codes by the
 * laws of docs/analog.md, integrated in float64 by Runge-Kutta of order 4 in steps of 0.01 us (less where the membrane
 * runs), threshold crossings located by bisection. Its time is that of the chip: inputs, spikes and the ends of phases
 * lie on whole cycles of 4 ns, a spike on the first one at or after the crossing.
 */
import type { NeuronConfig } from '../../../emulator/analog/index.js';
import { CONFIG_A, POINT_A, type Codes } from './operating-point.js';

const STEP = 0.01;
const CYCLE = 0.004;
/** Farthest a membrane moves in one step, in mV. */
const REACH = 0.25;
/** A membrane that rises faster than this (mV/us) has run away: it is at the upper clamp at once. */
const RUNAWAY = 1e10;
const HIGHEST = 1200;

interface Line {
  readonly tau: number;
  readonly amplitude: number;
  readonly reversal: number;
}

/** A neuron in pF, uS, mV, nA, us. */
export interface Physics {
  readonly C: number;
  readonly leak: number;
  readonly leakPotential: number;
  readonly reset: number;
  readonly resetPotential: number;
  readonly threshold: number;
  readonly current: number;
  /** Of the excitatory and the inhibitory line: time constant, current per full-weight event, reversal (0: current-based). */
  readonly lines: readonly [Line, Line];
  /** Soft limit of a line in events. */
  readonly saturation: number;
  /** D_T (0: no exponential term) and V_T. */
  readonly slopeFactor: number;
  readonly exponential: number;
  /** Adaptation (0: none): tau_w, a, b, E_w. */
  readonly tauW: number;
  readonly a: number;
  readonly b: number;
  readonly adaptationPotential: number;
  readonly pauses: boolean;
  /** Cycles of the reset phase and of the whole refractory time. */
  readonly resetCycles: number;
  readonly refractoryCycles: number;
}

/** What codes and switches mean on the ideal chip; refractory time 125 periods of 4 cycles, one of them hold-off. */
export function physicsOf(
  changedCodes: Codes = {},
  changedConfig: Partial<NeuronConfig> = {},
  saturation = Infinity,
): Physics {
  const codes = { ...POINT_A, ...changedCodes };
  const config = { ...CONFIG_A, ...changedConfig };
  const code = (name: keyof Codes): number => codes[name] ?? 0;
  const volts = (name: keyof Codes): number => 18.75 + 1.875 * code(name);
  const mode = (multiply: number | undefined, divide: number | undefined): number =>
    (multiply ? 8 : 1) / (divide ? 8 : 1);
  const line = (
    time: number,
    tau: keyof Codes,
    gm: keyof Codes,
    on: number | undefined,
    coba: number | undefined,
    reversal: keyof Codes,
  ): Line => ({
    tau: time / code(tau),
    amplitude: on ? (40 * code(gm)) / 500 : 0,
    reversal: coba ? volts(reversal) : 0,
  });
  return {
    C: (2.2 * (config.mem_cap_size ?? 0)) / 63 + 0.2,
    leak: 2.53e-3 * code('i_bias_leak') * mode(config.en_leak_mul, config.en_leak_div),
    leakPotential: volts('v_leak') - 778,
    reset: 2.53e-3 * code('i_bias_reset') * mode(config.en_reset_mul, config.en_reset_div),
    resetPotential: volts('v_reset') - 770,
    threshold: volts('v_threshold') - 13,
    current: config.en_mem_off ? 0.39 * code('i_mem_offset') * (config.invert_current ? -1 : 1) : 0,
    lines: [
      line(
        503,
        'i_bias_synin_exc_tau',
        'i_bias_synin_exc_gm',
        config.en_synin_exc,
        config.en_synin_coba_exc,
        'e_synin_exc_rev',
      ),
      line(
        470,
        'i_bias_synin_inh_tau',
        'i_bias_synin_inh_gm',
        config.en_synin_inh,
        config.en_synin_coba_inh,
        'e_synin_inh_rev',
      ),
    ],
    saturation,
    slopeFactor: config.en_exp ? (20 * 300) / code('i_bias_exp') : 0,
    exponential: volts('v_exp') - 600,
    tauW: config.en_adapt ? 10000 / code('i_bias_adapt_tau') : 0,
    a: 1e-3 * code('i_bias_adapt_a') * (config.invert_adapt_a ? -1 : 1),
    b: 0.1 * code('i_bias_adapt_b') * (config.invert_adapt_b ? -1 : 1),
    adaptationPotential: volts('v_adapt_leak') - 778,
    pauses: config.en_pause === 1,
    resetCycles: 124 * 4,
    refractoryCycles: 125 * 4,
  };
}

type Phase = 'free' | 'reset' | 'hold-off';

export class ReferenceNeuron {
  v: number;
  w = 0;
  /** States of the lines, in full-weight events. */
  excitatory = 0;
  inhibitory = 0;
  /** Cycles at which it fired. */
  readonly spikes: number[] = [];
  /** Cycles, fractions included. */
  private t = 0;
  private phase: Phase = 'free';
  private phaseEnd = Infinity;
  private refractoryEnd = 0;
  private readonly fall: readonly [number, number];

  /** Starts at the leak potential, or at another. */
  constructor(
    private readonly p: Physics,
    start = p.leakPotential,
  ) {
    this.v = start;
    this.fall = [this.halfFall(0, STEP), this.halfFall(1, STEP)];
  }

  /** An event of so many full weights on line 0 (excitatory) or 1, at the present cycle. */
  input(line: 0 | 1, amount: number): void {
    if (line === 0) this.excitatory += amount;
    else this.inhibitory += amount;
  }

  advance(cycle: number): void {
    if (this.phase === 'free' && this.v >= this.p.threshold) this.fire();
    while (this.t < cycle) {
      const end = Math.min(cycle, this.phaseEnd);
      this.run(end);
      if (this.t === this.phaseEnd) this.endPhase();
    }
  }

  private endPhase(): void {
    const more = this.phase === 'reset' && this.refractoryEnd > this.t;
    this.phase = more ? 'hold-off' : 'free';
    this.phaseEnd = more ? this.refractoryEnd : Infinity;
    if (!more && this.v >= this.p.threshold) this.fire();
  }

  private fire(): void {
    this.spikes.push(this.t);
    if (this.p.tauW > 0) this.w += this.p.b;
    this.phase = 'reset';
    this.phaseEnd = this.t + this.p.resetCycles;
    this.refractoryEnd = this.t + this.p.refractoryCycles;
  }

  /** To the end of a stretch without outer events, or to a spike within. */
  private run(end: number): void {
    const { p } = this;
    while (this.t < end) {
      const { v, w, excitatory: e, inhibitory: i } = this;
      const h = this.stepLength((end - this.t) * CYCLE);
      this.step(h);
      if (this.phase !== 'free' || this.v < p.threshold) {
        this.t = h === (end - this.t) * CYCLE ? end : this.t + h / CYCLE;
        continue;
      }
      let before = 0;
      let after = h;
      while (after - before > 1e-9) {
        const middle = (before + after) / 2;
        this.restore(v, w, e, i);
        this.step(middle);
        if (this.v >= p.threshold) after = middle;
        else before = middle;
      }
      this.restore(v, w, e, i);
      this.step(after);
      const crossing = this.t + after / CYCLE;
      // A crossing on an edge of the clock, but for rounding, is on that edge.
      const edge = Math.ceil(crossing - 1e-6);
      this.t = crossing;
      this.follow(edge);
      this.fire();
      return;
    }
  }

  /** On to the clock edge after a crossing. */
  private follow(edge: number): void {
    while (edge - this.t > 1e-6) {
      const left = (edge - this.t) * CYCLE;
      const h = this.stepLength(left);
      this.step(h);
      this.t = h === left ? edge : this.t + h / CYCLE;
    }
    this.t = edge;
  }

  private restore(v: number, w: number, e: number, i: number): void {
    this.v = v;
    this.w = w;
    this.excitatory = e;
    this.inhibitory = i;
  }

  private stepLength(most: number): number {
    const slope = this.slope(this.v, this.w, this.excitatory, this.inhibitory);
    const stops = slope > RUNAWAY || (slope > 0 && this.v >= HIGHEST);
    return Math.min(STEP, most, stops ? STEP : REACH / Math.abs(slope));
  }

  /** What is left of a line after half of `h`. */
  private halfFall(line: 0 | 1, h: number): number {
    return Math.exp(-h / 2 / this.p.lines[line].tau);
  }

  private step(h: number): void {
    const { v, w, excitatory: e, inhibitory: i } = this;
    const fallE = h === STEP ? this.fall[0] : this.halfFall(0, h);
    const fallI = h === STEP ? this.fall[1] : this.halfFall(1, h);
    const e1 = e * fallE;
    const i1 = i * fallI;
    const e2 = e1 * fallE;
    const i2 = i1 * fallI;
    this.excitatory = e2;
    this.inhibitory = i2;
    const a = this.slope(v, w, e, i);
    if (a > RUNAWAY || (a > 0 && v >= HIGHEST)) {
      this.v = HIGHEST;
      this.w = w + h * this.adaptationSlope(v, w);
      return;
    }
    const aw = this.adaptationSlope(v, w);
    const vb = v + (h / 2) * a;
    const wb = w + (h / 2) * aw;
    const b = this.slope(vb, wb, e1, i1);
    const bw = this.adaptationSlope(vb, wb);
    const vc = v + (h / 2) * b;
    const wc = w + (h / 2) * bw;
    const c = this.slope(vc, wc, e1, i1);
    const cw = this.adaptationSlope(vc, wc);
    const vd = v + h * c;
    const wd = w + h * cw;
    const d = this.slope(vd, wd, e2, i2);
    const dw = this.adaptationSlope(vd, wd);
    this.v = Math.max(0, Math.min(HIGHEST, v + (h / 6) * (a + 2 * b + 2 * c + d)));
    this.w = w + (h / 6) * (aw + 2 * bw + 2 * cw + dw);
  }

  private adaptationSlope(v: number, w: number): number {
    const { p } = this;
    return p.tauW > 0 ? (p.a * (v - p.adaptationPotential) - w) / p.tauW : 0;
  }

  /** mV/us. */
  private slope(v: number, w: number, e: number, i: number): number {
    const { p } = this;
    const resets = this.phase === 'reset';
    let current = p.leak * (p.leakPotential - v) + p.current;
    if (resets) current += p.reset * (p.resetPotential - v);
    if (p.tauW > 0) current -= w;
    if (!(resets && p.pauses)) {
      current += this.lineCurrent(0, e, v) - this.lineCurrent(1, i, v);
      if (p.slopeFactor > 0)
        current += p.leak * p.slopeFactor * Math.exp((v - p.exponential) / p.slopeFactor);
    }
    return current / p.C;
  }

  private lineCurrent(line: 0 | 1, state: number, v: number): number {
    if (state === 0) return 0;
    const { amplitude, reversal } = this.p.lines[line];
    const S = this.p.saturation;
    const passed = S === Infinity ? state : S * Math.tanh(state / S);
    const factor = reversal === 0 ? 1 : (reversal - v) / (reversal - this.p.leakPotential);
    return amplitude * passed * factor;
  }
}
