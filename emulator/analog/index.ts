/** The analog core: neurons, synapses, correlation sensors and converters behind the registers. */
export * from './core.js';
export { createAnalogCore } from './create.js';
export { AnalogSettingError } from './settings.js';
export {
  CONSTANT_TABLE,
  CONSTANTS_VERSION,
  constantsWith,
  type AnalogConstants,
  type ConstantName,
  type ConstantRow,
} from './constants.js';
export {
  AnalogSnapshotError,
  DamagedSnapshotError,
  SNAPSHOT_VERSION,
  type AnalogSnapshot,
} from './snapshot.js';
export { energyOf, type Energy } from './energy.js';
export { noiseSwitches } from './noise.js';
export { FixedPattern, quadrantOf, type NeuronPattern } from './die.js';
