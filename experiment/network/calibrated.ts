/** What configuration and placement ask of a chip's calibration; without one the nominal circuit's laws hold. */
import type { NeuronParameter, SharedParameter } from '../../isa/registers/capmem.js';
import type { SensorCodes } from './configure.js';
import type { NeuronSettings } from './neuron.js';

/** See the module's first sentence. */
export interface ChipCalibration {
  /** One line for manifests. */
  readonly name: string;
  /** Atomic neurons 0..511 which placement leaves out. */
  readonly unusable: ReadonlySet<number>;
  /** Codes that give `settings.nominal` on this atomic neuron; those in `settings.byHand` stay. */
  neuronCodes(neuron: number, settings: NeuronSettings): Readonly<Record<NeuronParameter, number>>;
  /** Shared cells of block 0..3 that differ from the nominal ones, for the sensor codes that the experiment asks for. */
  sharedCodes?(block: number, sensors: SensorCodes): Partial<Record<SharedParameter, number>>;
  /** Stored CADC offset 0..255 (128 is none). */
  cadcOffset?(hemisphere: number, channel: number, column: number): number;
  /** Driver offset 0..15 (nominal 7). */
  driverOffset?(hemisphere: number, driver: number): number;
}
