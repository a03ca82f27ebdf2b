/**
 * What the circuits of a virtual chip really do with the codes of a calibration: read from what the seed has drawn, which
 * a calibration never sees. Crosstalk of equal codes and slow drift are left out.
 */
import { constantsWith } from '../emulator/analog/constants.js';
import { FixedPattern } from '../emulator/analog/die.js';
import { capmemRowOf, type NeuronParameter } from '../isa/registers/capmem.js';
import type { Calibration, Quantity } from '../experiment/calibration/index.js';

const columns = 130;
const rows = 24;

/** Values by neuron 0..511 in the units of the calibration's quantities. @throws Error for a chip without a seed */
export function trueValues(calibration: Calibration): Partial<Record<Quantity, Float64Array>> {
  const { die, codes, targets } = calibration;
  if (die.seed === undefined) throw new Error('only a virtual chip says what it has drawn');
  const k = constantsWith(die.constants ?? {});
  const pattern = new FixedPattern({ seed: die.seed, law: 'uncalibrated' }, k);
  const p = pattern.neurons;
  const code = (name: NeuronParameter, n: number): number => {
    const cell = (capmemRowOf(name) + rows * (n >> 7)) * columns + (n & 127);
    return (codes[name]?.[n] ?? NaN) * pattern.cellGain(n >> 7) + pattern.cellOffset(cell);
  };
  const volts = (name: NeuronParameter, n: number, shift: number): number =>
    18.75 + 1.875 * code(name, n) + shift;
  const counts = (mV: number): number => 20 + (mV - 150) / 4.5;
  /** pF. */
  const capacitance = (n: number): number =>
    ((k.capacitanceScale * targets.capacitance) / 63 + k.capacitanceFloor) *
    (p.capacitance[n] ?? 1);
  const of = (list: Float64Array, n: number): number => list[n] ?? NaN;
  const laws: Partial<Record<Quantity, (n: number) => number>> = {
    leak: (n) => counts(volts('v_leak', n, of(p.leakShift, n) - k.leakShift)),
    reset: (n) => counts(volts('v_reset', n, of(p.resetShift, n) - k.resetShift)),
    threshold: (n) => counts(volts('v_threshold', n, of(p.thresholdShift, n) - k.thresholdShift)),
    tau_m: (n) =>
      (1e-6 * capacitance(n)) /
      (1e-3 * k.leakPerCode * code('i_bias_leak', n) * of(p.conductance, n)),
    tau_syn_E: (n) =>
      (1e-6 * k.excitatoryTime * of(p.excitatoryTime, n)) / code('i_bias_synin_exc_tau', n),
    tau_syn_I: (n) =>
      (1e-6 * k.inhibitoryTime * of(p.inhibitoryTime, n)) / code('i_bias_synin_inh_tau', n),
    gain_E: (n) => (code('i_bias_synin_exc_gm', n) * of(p.excitatoryGain, n)) / capacitance(n),
    gain_I: (n) => (code('i_bias_synin_inh_gm', n) * of(p.inhibitoryGain, n)) / capacitance(n),
    shift_E: (n) =>
      code('i_bias_synin_exc_shift', n) - k.excitatoryShiftCode - of(p.excitatoryShift, n),
    shift_I: (n) =>
      code('i_bias_synin_inh_shift', n) - k.inhibitoryShiftCode - of(p.inhibitoryShift, n),
    e_rev_E: (n) => 1e-3 * volts('e_synin_exc_rev', n, 0),
    e_rev_I: (n) => 1e-3 * volts('e_synin_inh_rev', n, 0),
    tau_w: (n) => (1e-6 * k.adaptationTime * of(p.adaptationTime, n)) / code('i_bias_adapt_tau', n),
    a: (n) =>
      1e-9 * k.adaptationConductance * code('i_bias_adapt_a', n) * of(p.adaptationConductance, n),
    b: (n) => 1e-9 * k.adaptationStep * code('i_bias_adapt_b', n) * of(p.adaptationStep, n),
    e_w: (n) => 1e-3 * volts('v_adapt_leak', n, of(p.adaptationShift, n) - k.adaptationShift),
    v_exp: (n) => 1e-3 * volts('v_exp', n, of(p.exponentialShift, n) - k.exponentialShift),
    delta_T: (n) =>
      (1e-3 * k.slopeFactor * k.slopeFactorCode * of(p.slopeFactor, n)) / code('i_bias_exp', n),
    tau_icc: (n) =>
      (1e-6 * capacitance(n)) /
      (1e-3 * k.compartmentPerCode * code('i_bias_nmda', n) * of(p.compartment, n)),
    i_offset: (n) =>
      1e-9 * k.offsetCurrentPerCode * code('i_mem_offset', n) * of(p.offsetCurrent, n),
  };
  return Object.fromEntries(
    Object.entries(laws).map(([name, law]) => [
      name,
      Float64Array.from({ length: 512 }, (_, n) => law(n)),
    ]),
  );
}
