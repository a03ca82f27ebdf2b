/** A calibration in use: codes for other targets than its own, and the check that it belongs to the chip at hand. */
import type { Board } from '../../board/board.js';
import type { NeuronParameter, SharedParameter } from '../../isa/registers/capmem.js';
import type { ChipCalibration, Term } from '../network/calibrated.js';
import type { TermQuantity } from './quantities.js';
import type { NeuronSettings } from '../network/neuron.js';
import { readDie } from './calibrate.js';
import {
  CalibrationError,
  CalibrationMismatch,
  describeDie,
  type Calibration,
  type DieIdentity,
} from './result.js';
import { limitCode } from './rig.js';
import { nominalSettings } from './work.js';

/** Cells whose effect is shifted by the circuit's pattern, and cells whose effect is scaled by it. */
const shifted: readonly NeuronParameter[] = [
  'v_leak',
  'v_reset',
  'v_threshold',
  'i_bias_synin_exc_shift',
  'i_bias_synin_inh_shift',
  'e_synin_exc_rev',
  'e_synin_inh_rev',
  'v_adapt_leak',
  'v_exp',
];
const scaled: readonly NeuronParameter[] = [
  'i_bias_leak',
  'i_bias_synin_exc_tau',
  'i_bias_synin_inh_tau',
  'i_bias_synin_exc_gm',
  'i_bias_synin_inh_gm',
  'i_bias_adapt_tau',
  'i_bias_adapt_a',
  'i_bias_adapt_b',
  'i_bias_exp',
  'i_bias_nmda',
  'i_mem_offset',
];
const neuronLimit = 512;

/**
 * What placement and configuration ask of a calibration. Settings for other values than its targets are carried over:
 * potentials move by the same codes, conductances, times and gains scale by the same factor, as their laws are
 * linear. Gains are brought from the chip's median to the nominal size of an event.
 * @param name one line for manifests
 * @throws CalibrationError for a calibration that is not complete
 */
export function chipCalibration(calibration: Calibration, name: string): ChipCalibration {
  if (!calibration.complete)
    throw new CalibrationError(
      `it is not complete: stages done are ${calibration.stages.join(', ') || 'none'}`,
      name,
      'Finish it with `plastic calibrate --resume`.',
    );
  const { targets, codes, shared } = calibration;
  const reference: Readonly<Record<string, number>> = {
    ...nominalSettings(targets).codes,
    i_bias_synin_exc_gm: targets.gm * (calibration.gain?.E ?? 1),
    i_bias_synin_inh_gm: targets.gm * (calibration.gain?.I ?? 1),
  };
  const calibrated = new Set(calibration.neurons);
  const unusable = new Set(calibration.unusable.map(({ neuron }) => neuron));
  for (let neuron = 0; neuron < neuronLimit; neuron++)
    if (!calibrated.has(neuron)) unusable.add(neuron);
  return {
    name: `${name}: ${describeDie(calibration.die)}`,
    unusable,
    limited: limitedNeurons(calibration),
    neuronCodes: (neuron, settings) => neuronCodes(codes, reference, neuron, settings),
    sharedCodes: (block, sensors) => {
      const found: Partial<Record<SharedParameter, number>> = {};
      for (const [cell, list] of Object.entries(shared)) {
        const code = list?.[block];
        if (code !== undefined && !cell.startsWith('stp_')) found[cell as SharedParameter] = code;
      }
      // Both act inversely on what they set, so a code carries over by the ratio of nominal codes.
      const { syn_i_bias_store: store, syn_i_bias_ramp: ramp } = found;
      if (store !== undefined)
        found.syn_i_bias_store = atLeastOne((store * sensors.store * targets.sensorAmplitude) / 35);
      if (ramp !== undefined)
        found.syn_i_bias_ramp = atLeastOne((ramp * sensors.ramp * targets.sensorTau) / 400e-6);
      return found;
    },
    cadcOffset: (hemisphere, channel, column) =>
      calibration.cadcOffsets[hemisphere * 512 + channel * 256 + column] ?? 128,
    driverOffset: (hemisphere, driver) => calibration.driverOffsets[hemisphere * 128 + driver] ?? 7,
  };
}

/** Terms whose calibration a neuron's quantity belongs to. */
const termOf: Readonly<Record<TermQuantity, Term>> = {
  e_rev_E: 'conductance',
  e_rev_I: 'conductance',
  tau_w: 'adaptation',
  a: 'adaptation',
  b: 'adaptation',
  e_w: 'adaptation',
  v_exp: 'exponential',
  delta_T: 'exponential',
  tau_icc: 'compartments',
  i_offset: 'current',
};

function limitedNeurons({ limited }: Calibration): NonNullable<ChipCalibration['limited']> {
  const found: Partial<Record<Term, Set<number>>> = {};
  for (const { neuron, quantity } of limited) (found[termOf[quantity]] ??= new Set()).add(neuron);
  return found;
}

const atLeastOne = (code: number): number => Math.max(1, limitCode(code));

function neuronCodes(
  codes: Calibration['codes'],
  reference: Readonly<Record<string, number>>,
  neuron: number,
  settings: NeuronSettings,
): Record<NeuronParameter, number> {
  const result: Record<NeuronParameter, number> = { ...settings.codes };
  const own = (name: NeuronParameter): number | undefined =>
    settings.byHand?.includes(name) === true ? undefined : (codes[name]?.[neuron] ?? undefined);
  for (const name of shifted) {
    const found = own(name);
    // A cell at 0 belongs to a term that is switched off.
    if (found !== undefined && result[name] > 0)
      result[name] = limitCode(result[name] + found - (reference[name] ?? found));
  }
  for (const name of scaled) {
    const found = own(name);
    if (found !== undefined)
      result[name] = limitCode((result[name] * found) / (reference[name] ?? found));
  }
  return result;
}

/**
 * Compares the die of a calibration with that of a board, by its device DNA and, on emulated boards, by seed, law and
 * constants. Only reads.
 * @throws CalibrationMismatch naming both
 */
export async function checkDie(
  board: Board,
  calibration: { readonly die: DieIdentity },
): Promise<void> {
  const found = await readDie(board);
  const expected = describeDie(calibration.die);
  const present = describeDie(found);
  if (expected !== present) throw new CalibrationMismatch(expected, present);
}
