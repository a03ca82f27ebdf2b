/** What configuration and placement ask of a chip's calibration; without one the nominal circuit's laws hold. */
import type { NeuronParameter, SharedParameter } from '../../isa/registers/capmem.js';
import type { SensorCodes } from './configure.js';
import { circuitSettings } from './morphology.js';
import type { Network } from './network.js';
import type { NeuronSettings } from './neuron.js';

/** Terms of a neuron's equation that not every network uses. */
export const terms = [
  'conductance',
  'adaptation',
  'exponential',
  'compartments',
  'current',
] as const;
/** One of `terms`. */
export type Term = (typeof terms)[number];

/** See the module's first sentence. */
export interface ChipCalibration {
  /** One line for manifests. */
  readonly name: string;
  /** Atomic neurons 0..511 which placement leaves out. */
  readonly unusable: ReadonlySet<number>;
  /** Atomic neurons in which a term could not be calibrated: networks that use it leave them out. */
  readonly limited?: Readonly<Partial<Record<Term, ReadonlySet<number>>>>;
  /** Codes that give `settings.nominal` on this atomic neuron; those in `settings.byHand` stay. */
  neuronCodes(neuron: number, settings: NeuronSettings): Readonly<Record<NeuronParameter, number>>;
  /** Shared cells of block 0..3 that differ from the nominal ones, for the sensor codes that the experiment asks for. */
  sharedCodes?(block: number, sensors: SensorCodes): Partial<Record<SharedParameter, number>>;
  /** Stored CADC offset 0..255 (128 is none). */
  cadcOffset?(hemisphere: number, channel: number, column: number): number;
  /** Driver offset 0..15 (nominal 7). */
  driverOffset?(hemisphere: number, driver: number): number;
}

/** Terms that the circuits of a neuron have switched on. */
export function termsOf(settings: NeuronSettings): ReadonlySet<Term> {
  const found = new Set<Term>();
  const circuits = settings.morphology?.circuits.length ?? 1;
  for (let k = 0; k < circuits; k++) {
    const switches = circuitSettings(settings, k).switches ?? {};
    if (switches.en_synin_coba_exc === 1 || switches.en_synin_coba_inh === 1)
      found.add('conductance');
    if (switches.en_adapt === 1) found.add('adaptation');
    if (switches.en_exp === 1) found.add('exponential');
    if (switches.en_comp_cond === 1) found.add('compartments');
    if (switches.en_mem_off === 1) found.add('current');
  }
  return found;
}

/** Atomic neurons that placement leaves out for a network: the unusable ones, and those limited in a term that it uses. */
export function unusableFor(
  network: Network,
  calibration: ChipCalibration | undefined,
): ReadonlySet<number> {
  const { unusable = new Set<number>(), limited = {} } = calibration ?? {};
  const used = new Set<Term>();
  for (const population of network.populations)
    for (let i = 0; i < population.size; i++)
      for (const term of termsOf(population.settingsOf(i))) used.add(term);
  return new Set([...unusable, ...[...used].flatMap((term) => [...(limited[term] ?? [])])]);
}
