/** What the nominal circuit answers to the burst that gains are measured with. */
import { exp } from '../../isa/numeric/elementary.js';
import type { CalibrationTargets } from './targets.js';

/** Response to the burst of the gain measurement on the nominal circuit, counts: what a gain of 1 gives. */
export function nominalResponse(targets: CalibrationTargets, line: 'E' | 'I'): number {
  const tau = (line === 'E' ? targets.tau_syn_E : targets.tau_syn_I) * 1e6;
  const slow = 8 * targets.tau_m * 1e6;
  const capacitance = (2.2 * targets.capacitance) / 63 + 0.2;
  // 64 rows of weight 2, 40 nA per full-weight event at gm 500.
  const current = ((40 * 64 * 2) / 63) * (targets.gm / 500);
  const points = 64;
  let mean = 0;
  for (let k = 0; k < points; k++) {
    const t = tau * (1 + (3 * (k + 0.5)) / points);
    mean += (exp(-t / slow) - exp(-t / tau)) / points;
  }
  return ((current / capacitance) * ((slow * tau) / (slow - tau)) * mean) / 4.5;
}
