/**
 * Times and rates of the modelled biology. Everything in Plastic is in hardware time, as plain numbers of seconds and hertz; what
 * is in model time has a type of its own, so that neither compiler nor run takes one for the other.
 */
import { ExperimentError } from '../failure.js';

/** The chip's circuits are this much faster than what they model: 1 us of the chip is 1 ms of biology. */
export const speedUp = 1000;

/** A time of the modelled biology. */
export interface ModelTime {
  readonly modelSeconds: number;
}

/** A rate of the modelled biology. */
export interface ModelRate {
  readonly modelHertz: number;
}

/** A time in s of the modelled biology: `modelTime(10e-3)` is a membrane time constant of 10 ms. */
export function modelTime(seconds: number): ModelTime {
  return { modelSeconds: checked(seconds) };
}

/** A rate in Hz of the modelled biology: `modelRate(8)` are 8 spikes in a second of it. */
export function modelRate(hertz: number): ModelRate {
  return { modelHertz: checked(hertz) };
}

/** The time (s) or rate (Hz) on the chip. @throws ExperimentError for a plain number, which is hardware time already */
export function onChip(value: ModelTime | ModelRate): number {
  if ('modelSeconds' in Object(value)) return (value as ModelTime).modelSeconds / speedUp;
  if ('modelHertz' in Object(value)) return (value as ModelRate).modelHertz * speedUp;
  throw new ExperimentError(
    `${String(value)} is no model time or rate`,
    'onChip',
    'Plain numbers are hardware time already; write onChip(modelTime(10e-3)) for 10 ms of the modelled biology.',
  );
}

/** The model time that a time of the chip (s) stands for. */
export function inModel(seconds: number): ModelTime {
  return { modelSeconds: checked(seconds) * speedUp };
}

function checked(value: number): number {
  if (typeof value !== 'number' || Number.isNaN(value))
    throw new ExperimentError(
      `${String(value)} is no number`,
      'model time',
      'Times are numbers of seconds, rates of hertz.',
    );
  return value;
}
