/** The analog core: neurons, synapses, correlation sensors and converters behind the registers. */
export * from './core.js';
export { createAnalogCore, AnalogSettingError } from './precise.js';
export {
  CONSTANT_TABLE,
  CONSTANTS_VERSION,
  constantsWith,
  type AnalogConstants,
  type ConstantName,
  type ConstantRow,
} from './constants.js';
export { FixedPattern, quadrantOf, type NeuronPattern } from './die.js';
