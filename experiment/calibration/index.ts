/** Calibration of chips: finding their settings with playback programs, keeping them in a file, using them. */
export { chipCalibration, checkDie } from './apply.js';
export { calibrate, calibrationStages, readDie } from './calibrate.js';
export type { CalibrationOptions, CalibrationProgress } from './calibrate.js';
export { quantities, quantityNames } from './quantities.js';
export type { Quantity } from './quantities.js';
export {
  CalibrationError,
  CalibrationMismatch,
  describeDie,
  encodeCalibration,
  parseCalibration,
} from './result.js';
export type { Calibration, DieIdentity, Residual } from './result.js';
export { calibrationTargets } from './targets.js';
export type { CalibrationTargets } from './targets.js';
