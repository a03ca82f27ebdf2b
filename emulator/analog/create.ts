/** Makes analog cores with one of the two engines. */
import type { AnalogCore, AnalogOptions } from './core.js';
import { Engine } from './engine.js';
import { makeFastParts } from './fast/parts.js';
import { makePreciseParts } from './precise.js';

/** Makes an analog core in power-up state. */
export function createAnalogCore(options: AnalogOptions): AnalogCore {
  return new Engine(options, options.engine === 'fast' ? makeFastParts : makePreciseParts);
}
