/** Correlations that the laws of a virtual chip ask for: published ones, what calibration leaves, and along the columns. */
import type { AnalogConstants } from '../../emulator/analog/constants.js';

/** Published correlations inside quadrants, in the sign of the circuit. */
export const publishedCorrelations: readonly (readonly [string, string, number])[] = [
  ['E_l', 'V_r', 0.61],
  ['E_l', 'V_th', 0.21],
  ['V_r', 'V_th', 0.28],
  ['E_l', 'g_l', -0.25],
  ['gain_E', 'gain_I', 0.42],
  ['gain_E', 'shift_E', 0.28],
];

/**
 * Correlations that the capacitance causes after calibration: it was compensated in conductance and gains alike, so
 * all three follow it.
 */
export function residualCorrelations(
  k: AnalogConstants,
): readonly (readonly [string, string, number])[] {
  const c = k.capacitanceInstance * k.capacitanceInstance;
  const leak = Math.sqrt(k.conductanceResidual * k.conductanceResidual + c);
  const gain = Math.sqrt(k.lineGainResidual * k.lineGainResidual + c);
  return [
    ['g_l', 'gain_E', c / (leak * gain)],
    ['g_l', 'gain_I', c / (leak * gain)],
    ['gain_E', 'gain_I', c / (gain * gain)],
  ];
}

/** Correlation of neighbouring columns: that of the parameters of `neighbourly` before calibration, 0 otherwise. */
export function neighbourCorrelation(name: string, law: string, k: AnalogConstants): number {
  if (law === 'residual' || !neighbourly.includes(name)) return 0;
  const [own, mean] = [k.neighbourOwn * k.neighbourOwn, k.neighbourMean * k.neighbourMean];
  // Two moving averages over five columns share four of them.
  return (0.8 * mean) / (own + mean);
}

const neighbourly: readonly string[] = ['E_l', 'V_r', 'V_th', 'g_l', 'tau_E', 'tau_I'];

/** Parameters of the correlation matrix. */
export const correlated: readonly string[] = [
  'E_l',
  'V_r',
  'V_th',
  'g_l',
  'tau_E',
  'tau_I',
  'gain_E',
  'gain_I',
  'shift_E',
  'shift_I',
];
