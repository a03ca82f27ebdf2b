/** The small analog set-up of tests, for one engine after the other. */
import { afterAll, beforeAll, describe } from 'vitest';
import type { AnalogOptions, EngineName, NeuronConfig } from '../../../emulator/analog/index.js';
import { pointA, type Codes, type SetUp } from './operating-point.js';

export * from './operating-point.js';

let engine: EngineName = 'precise';

/** The engine of the cores that `setUp` makes at the moment. */
export const presentEngine = (): EngineName => engine;

/** A tolerance: that of float64, and that of floats on the 0.1 us grid. */
export type Within = (precise: number, fast: number) => number;

/** The same laws for both engines. */
export function describeEngines(name: string, body: (within: Within) => void): void {
  for (const each of ['precise', 'fast'] as const)
    describe(`${name} (${each})`, () => {
      beforeAll(() => {
        engine = each;
      });
      afterAll(() => {
        engine = 'precise';
      });
      body((precise, fast) => (each === 'fast' ? fast : precise));
    });
}

/** A core at point A (`pointA`) with the engine of the present group of tests. */
export const setUp = (
  options: Partial<AnalogOptions> = {},
  neurons: readonly number[] = [0],
  codes: Codes = {},
  config: Partial<NeuronConfig> = {},
): SetUp => pointA({ engine, ...options }, neurons, codes, config);
