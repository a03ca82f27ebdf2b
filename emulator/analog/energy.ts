/** The energy meter: what the published power figure gives, and beside it a model of what activity costs. */
import type { AnalogConstants } from './constants.js';
import { MICROSECONDS_PER_CYCLE, type ActivityCounts } from './core.js';

/** What a chip has used since power-up, in joules. */
export interface Energy {
  /** J by the published power of the whole chip: only this may be compared with published numbers. */
  readonly chip: number;
  /** J by an assumed price per event; a model, not a measurement. */
  readonly activity: number;
}

/** Energy of `cycles` of chip time with so much activity and so many PPU cycles spent awake. */
export function energyOf(
  constants: AnalogConstants,
  cycles: number,
  counts: ActivityCounts,
  processorCycles: number,
): Energy {
  return {
    chip: constants.chipPower * cycles * MICROSECONDS_PER_CYCLE * 1e-6,
    activity:
      (constants.synapticEventEnergy * counts.synapticEvents +
        constants.spikeEnergy * counts.spikes +
        (constants.processorEnergy * processorCycles) / 1000) *
      1e-12,
  };
}
