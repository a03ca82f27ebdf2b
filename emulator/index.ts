/** The emulated chip. */
export { Chip } from './chip.js';
export type { ChipDescription, ChipOptions, ChipWarnings } from './chip/description.js';
export { ChipSnapshotError, type ChipSnapshot } from './chip/snapshot.js';
export type { Energy } from './analog/index.js';
