import type { AnalogConstants } from '../../../emulator/analog/index.js';
import { setUp, writeCodes, type SetUp } from './setup.js';

/** Biological mV to hardware mV around a free origin. */
export const volts = (v: number): number => 1000 + 10 * v;

/**
 * A neuron with the given biological parameters (C pF, g_l nS, E_l, V_T, D_T mV, a nS, tau_w ms, b pA, V_r mV, I pA), in
 * hardware time. Constants are chosen such that whole codes hit the values exactly.
 */
export function adexNeuron(params: readonly number[]): { start(): void; chip: SetUp } {
  const [C = 0, gl = 0, el = 0, vt = 0, dt = 0, a = 0, tauW = 0, b = 0, vr = 0, I = 0] = params;
  const tau = C / gl;
  const g = 2.4 / tau;
  const at = (code: number): number => 18.75 + 1.875 * code;
  const constants: Partial<AnalogConstants> = {
    leakPerCode: (g / 100) * 1000,
    conductanceMultiplication: 1e6,
    leakShift: at(600) - volts(el),
    adaptationShift: at(600) - volts(el),
    resetShift: at(500) - volts(vr),
    thresholdShift: at(600) - 1000,
    exponentialShift: at(400) - volts(vt),
    slopeFactor: 10 * dt,
    offsetCurrentPerCode: (10 * I * (g / gl)) / 500,
    adaptationTime: tauW * 100,
    adaptationConductance: (Math.abs(a) * (g / gl) * 1000) / 100,
    adaptationStep: (10 * b * (g / gl)) / 100,
  };
  const chip = setUp(
    { constants },
    [0],
    { v_leak: 600, v_reset: 500, v_threshold: 600, i_bias_leak: 100 },
    { en_synin_exc: 0, en_synin_inh: 0 },
  );
  writeCodes(chip.core, 0, {
    v_adapt_leak: 600,
    v_exp: 400,
    i_bias_exp: 300,
    i_mem_offset: 500,
    i_bias_adapt_tau: 100,
    i_bias_adapt_a: 100,
    i_bias_adapt_b: 100,
  });
  // The reset lasts 8 ns and is immediate at this conductance.
  chip.core.setCommonBackend(0, { clock_scale_slow: 0 });
  chip.core.setBackend(0, { refractory_time: 2, reset_holdoff: 15 });
  chip.to(2000);
  return {
    chip,
    start: () =>
      chip.core.setNeuron(0, {
        en_exp: 1,
        en_adapt: 1,
        invert_adapt_a: a < 0 ? 1 : 0,
        en_mem_off: 1,
      }),
  };
}
