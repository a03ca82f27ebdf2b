/** The verification list of the analog model; `bench/verification.ts` prints what is measured, the test holds it to the tolerances. */
import type { EngineName } from '../../../../emulator/analog/index.js';
import type { Case } from './case.js';
import { CHIP_CASES } from './chip.js';
import { DRAWN_ACTIVITY_CASES } from './drawn-activity.js';
import { DRAWN_ARRAY_CASES } from './drawn-arrays.js';
import { DRAWN_CASES } from './drawn.js';
import { INPUT_CASES } from './inputs.js';
import { NEURON_CASES } from './neurons.js';
import { SENSOR_CASES } from './sensors.js';

export type { Case } from './case.js';

const number = ({ id }: Case): number => Number(id.slice(1));

export const CASES: readonly Case[] = [
  ...INPUT_CASES,
  ...NEURON_CASES,
  ...SENSOR_CASES,
  ...CHIP_CASES,
  ...DRAWN_CASES,
  ...DRAWN_ARRAY_CASES,
  ...DRAWN_ACTIVITY_CASES,
].sort((a, b) => number(a) - number(b) || (a.on < b.on ? 1 : a.on > b.on ? -1 : 0));

export const ENGINES: readonly EngineName[] = ['precise', 'fast'];

export const toleranceOf = (c: Case, engine: EngineName): number =>
  engine === 'fast' ? (c.fastTolerance ?? c.tolerance) : c.tolerance;

export const passes = (c: Case, engine: EngineName, value: number): boolean =>
  value <= toleranceOf(c, engine) && value >= (c.least ?? 0);
