/** The emulated chip. */
export { Chip, type ChipDescription, type ChipOptions } from './chip.js';
