/** The emulated chip. */
export { Chip, type ChipDescription, type ChipOptions, type ChipWarnings } from './chip.js';
export { ChipSnapshotError, type ChipSnapshot } from './chip/snapshot.js';
