/** From codes and configuration bits to the physics of one neuron (per-cycle units), with the fixed pattern of the die. */
import type { AnalogConstants } from './constants.js';
import { MICROSECONDS_PER_CYCLE, NEURONS } from './core.js';
import type { FixedPattern } from './die.js';
import { Row, type Settings } from './settings.js';

/** A membrane without any leak still forgets, with this rate per cycle (4 s), so that no division by zero occurs. */
const SLOWEST = 1e-9;
/** Codes below this act as this: a current mirror never passes exactly nothing. */
const LEAST_CODE = 0.05;

const table = (): Float64Array => new Float64Array(NEURONS);

/** What drifts, in the order in which `update` takes it: those of every neuron, then those of circuits that may be on. */
const enum Drift {
  Leak,
  LeakPotential,
  ResetPotential,
  Threshold,
  ExcitatoryTime,
  InhibitoryTime,
  ExcitatoryGain,
  InhibitoryGain,
  OffsetCurrent,
  Compartment,
  SlopeFactor,
  Exponential,
  AdaptationTime,
  AdaptationConductance,
  AdaptationStep,
  AdaptationPotential,
}

/** Parameters of all neurons as arrays; rates in 1/cycle, voltages in mV, drives in mV/cycle per full-weight event. */
export class Parameters {
  /** Free membrane: rate and potential it tends to without inputs. */
  readonly rate = table();
  readonly rest = table();
  /** The same during the reset phase. */
  readonly resetRate = table();
  readonly resetRest = table();
  readonly threshold = table();
  readonly excitatoryRate = table();
  readonly inhibitoryRate = table();
  readonly excitatoryDrive = table();
  readonly inhibitoryDrive = table();
  /** Largest rise of the membrane per unit of excitatory line state, in units of the drive (cycles). */
  readonly excitatoryPeak = table();
  /** Conductance-based input: 1 / (E_rev - E_ref) and E_rev; 0 where the input is current-based. */
  readonly excitatorySlope = table();
  readonly excitatoryReversal = table();
  readonly inhibitorySlope = table();
  readonly inhibitoryReversal = table();
  /** pF, uS, mV: of the bare membrane, for compartments. */
  readonly capacitance = table();
  readonly leak = table();
  readonly leakPotential = table();
  readonly reset = table();
  readonly resetPotential = table();
  /** Constant currents of the membrane in nA; `gated` is the part that en_pause switches off in reset. */
  readonly current = table();
  readonly gatedCurrent = table();
  readonly compartment = table();
  /** Exponential term: D_T (0: off) and V_T. */
  readonly slopeFactor = table();
  readonly exponential = table();
  /** Adaptation: rate, a in uS, b in nA (signed), E_w. */
  readonly adaptationRate = table();
  readonly adaptationConductance = table();
  readonly adaptationStep = table();
  readonly adaptationPotential = table();
  /** Cycles from a spike to the end of the reset phase, and to the end of the hold-off. */
  readonly resetCycles = table();
  readonly refractoryCycles = table();
  readonly adapts = new Uint8Array(NEURONS);
  readonly canFire = new Uint8Array(NEURONS);
  readonly pausesInReset = new Uint8Array(NEURONS);
  readonly bypass = new Uint8Array(NEURONS);
  /** 0: exact propagators; 1: numerical integration. */
  readonly numeric = new Uint8Array(NEURONS);
  readonly heldInReset = new Uint8Array(NEURONS);

  constructor(
    private readonly settings: Settings,
    private readonly pattern: FixedPattern,
    private readonly constants: AnalogConstants,
  ) {}

  /**
   * Recomputes one neuron.
   * @param drift relative deviation of each quantity of `Drift` now (slow drift); undefined: none
   */
  update(n: number, drift?: Float64Array): void {
    const k = this.constants;
    const p = this.pattern.neurons;
    const s = this.settings;
    const config = s.neurons[n]!;
    const code = (row: number): number => s.neuronCode(n, row);
    const factor = (i: Drift): number => 1 + (drift?.[i] ?? 0);
    const warmth = 1 + k.temperatureConductance * k.temperature;
    const shift = k.temperatureShift * k.temperature;

    const C =
      ((k.capacitanceScale * config.mem_cap_size) / 63 + k.capacitanceFloor) * p.capacitance[n]!;
    const perCycle = MICROSECONDS_PER_CYCLE / C;
    const scale = (multiply: number, divide: number): number =>
      (multiply ? k.conductanceMultiplication : 1) * (divide ? k.conductanceDivision : 1);
    const leak =
      k.leakPerCode *
      1e-3 *
      code(Row.i_bias_leak) *
      scale(config.en_leak_mul, config.en_leak_div) *
      p.conductance[n]! *
      factor(Drift.Leak) *
      warmth;
    const reset =
      k.leakPerCode *
      1e-3 *
      code(Row.i_bias_reset) *
      scale(config.en_reset_mul, config.en_reset_div) *
      p.conductance[n]! *
      warmth;
    const leakPotential =
      (s.voltage(code(Row.v_leak)) - k.leakShift + p.leakShift[n]! + shift) *
      factor(Drift.LeakPotential);
    const resetPotential =
      (s.voltage(code(Row.v_reset)) - k.resetShift + p.resetShift[n]! + shift) *
      factor(Drift.ResetPotential);
    this.threshold[n] =
      (s.voltage(code(Row.v_threshold)) - k.thresholdShift + p.thresholdShift[n]! + shift) *
      factor(Drift.Threshold);

    let current = 0;
    if (config.en_mem_off)
      current =
        k.offsetCurrentPerCode *
        code(Row.i_mem_offset) *
        p.offsetCurrent[n]! *
        factor(Drift.OffsetCurrent) *
        (config.invert_current ? -1 : 1);
    let gated = 0;
    if (config.en_synin_exc)
      gated +=
        k.shiftCurrent *
        (code(Row.i_bias_synin_exc_shift) - k.excitatoryShiftCode - p.excitatoryShift[n]!);
    if (config.en_synin_inh)
      gated -=
        k.shiftCurrent *
        (code(Row.i_bias_synin_inh_shift) - k.inhibitoryShiftCode - p.inhibitoryShift[n]!);

    const rate = Math.max(leak * perCycle, SLOWEST);
    this.rate[n] = rate;
    this.rest[n] = ((leak * leakPotential + current + gated) * perCycle) / rate;
    const resetRate = Math.max((leak + reset) * perCycle, SLOWEST);
    const pause = config.en_pause ? 1 : 0;
    this.resetRate[n] = resetRate;
    this.resetRest[n] =
      ((leak * leakPotential + reset * resetPotential + current + (pause ? 0 : gated)) * perCycle) /
      resetRate;
    this.pausesInReset[n] = pause;
    this.capacitance[n] = C;
    this.leak[n] = leak;
    this.leakPotential[n] = leakPotential;
    this.reset[n] = reset;
    this.resetPotential[n] = resetPotential;
    this.current[n] = current;
    this.gatedCurrent[n] = gated;

    const lineRate = (
      time: number,
      row: number,
      small: number,
      high: number,
      f: number,
      drifted: number,
    ): number => {
      const tau =
        (time / Math.max(code(row), LEAST_CODE)) *
        (small ? 1 : k.largeCapacitance) *
        (high ? k.highResistance : 1) *
        f *
        drifted;
      return MICROSECONDS_PER_CYCLE / tau;
    };
    const e = lineRate(
      k.excitatoryTime,
      Row.i_bias_synin_exc_tau,
      config.en_synin_exc_small_cap,
      config.en_synin_exc_high_res,
      p.excitatoryTime[n]!,
      factor(Drift.ExcitatoryTime) / warmth,
    );
    this.excitatoryRate[n] = e;
    this.inhibitoryRate[n] = lineRate(
      k.inhibitoryTime,
      Row.i_bias_synin_inh_tau,
      config.en_synin_inh_small_cap,
      config.en_synin_inh_high_res,
      p.inhibitoryTime[n]!,
      factor(Drift.InhibitoryTime) / warmth,
    );
    const drive = (row: number, gain: number): number =>
      ((k.lineCurrent * code(row)) / k.gmCode) * gain * perCycle;
    this.excitatoryDrive[n] = config.en_synin_exc
      ? drive(Row.i_bias_synin_exc_gm, p.excitatoryGain[n]! * factor(Drift.ExcitatoryGain) * warmth)
      : 0;
    this.inhibitoryDrive[n] = config.en_synin_inh
      ? drive(Row.i_bias_synin_inh_gm, p.inhibitoryGain[n]! * factor(Drift.InhibitoryGain) * warmth)
      : 0;
    // The response to exp(-e t) peaks below 1/max(rate, e) and below exp(-1)/min(rate, e).
    this.excitatoryPeak[n] = Math.min(
      1 / Math.max(rate, e),
      0.36787944117144233 / Math.min(rate, e),
    );

    const reversal = (row: number): number => s.voltage(code(row));
    const slope = (E: number): number =>
      Math.abs(E - leakPotential) < 1 ? 0 : 1 / (E - leakPotential);
    const ee = reversal(Row.e_synin_exc_rev);
    const ei = reversal(Row.e_synin_inh_rev);
    const cobaE = config.en_synin_exc && config.en_synin_coba_exc ? slope(ee) : 0;
    const cobaI = config.en_synin_inh && config.en_synin_coba_inh ? slope(ei) : 0;
    this.excitatoryReversal[n] = ee;
    this.excitatorySlope[n] = cobaE;
    this.inhibitoryReversal[n] = ei;
    this.inhibitorySlope[n] = cobaI;

    this.compartment[n] = config.en_comp_cond
      ? k.compartmentPerCode *
        1e-3 *
        code(Row.i_bias_nmda) *
        (config.en_comp_cond_mul ? k.compartmentFactor : 1) *
        (config.en_comp_cond_div ? 1 / k.compartmentFactor : 1) *
        p.compartment[n]! *
        factor(Drift.Compartment) *
        warmth
      : 0;
    this.slopeFactor[n] = config.en_exp
      ? (k.slopeFactor * k.slopeFactorCode * p.slopeFactor[n]! * factor(Drift.SlopeFactor)) /
        Math.max(code(Row.i_bias_exp), LEAST_CODE)
      : 0;
    this.exponential[n] =
      (s.voltage(code(Row.v_exp)) - k.exponentialShift + p.exponentialShift[n]! + shift) *
      factor(Drift.Exponential);
    this.adaptationRate[n] =
      (MICROSECONDS_PER_CYCLE * Math.max(code(Row.i_bias_adapt_tau), LEAST_CODE) * warmth) /
      (k.adaptationTime * p.adaptationTime[n]! * factor(Drift.AdaptationTime));
    this.adaptationConductance[n] =
      k.adaptationConductance *
      1e-3 *
      code(Row.i_bias_adapt_a) *
      p.adaptationConductance[n]! *
      factor(Drift.AdaptationConductance) *
      warmth *
      (config.invert_adapt_a ? -1 : 1);
    this.adaptationStep[n] =
      k.adaptationStep *
      code(Row.i_bias_adapt_b) *
      p.adaptationStep[n]! *
      factor(Drift.AdaptationStep) *
      (config.invert_adapt_b ? -1 : 1);
    this.adaptationPotential[n] =
      (s.voltage(code(Row.v_adapt_leak)) - k.adaptationShift + p.adaptationShift[n]! + shift) *
      factor(Drift.AdaptationPotential);

    const backend = s.backends[n]!;
    const common = s.commonBackends[(n & 255) >> 7]!;
    const clock =
      2 << (backend.select_input_clock ? common.clock_scale_fast : common.clock_scale_slow);
    const holdoff = Math.max(1, 31 - 2 * backend.reset_holdoff);
    this.refractoryCycles[n] = Math.max(1, backend.refractory_time) * clock;
    this.resetCycles[n] = Math.max(0, backend.refractory_time - holdoff) * clock;
    this.heldInReset[n] = common.force_reset ? 1 : 0;
    const alive = config.en_fire && common.en_clocks && !common.force_reset && !p.dead[n];
    this.canFire[n] = alive && config.en_thresh_comp ? 1 : 0;
    this.bypass[n] = alive ? (config.en_byp_exc ? 1 : 0) + (config.en_byp_inh ? 2 : 0) : 0;
    this.adapts[n] = config.en_adapt ? 1 : 0;
    this.numeric[n] = config.en_exp || config.en_adapt || cobaE !== 0 || cobaI !== 0 ? 1 : 0;
  }
}
