/** Where spikes come from: trains that the host sends, and the chip's own background sources. */
import { ExperimentError, checkNames } from '../failure.js';

/** Spikes at given times (s of experiment time): one list for all sources, or one each. */
export interface ArraySource {
  readonly kind: 'array';
  readonly spikeTimes: readonly number[] | readonly (readonly number[])[];
}

/** Poisson trains drawn on the host. */
export interface PoissonSource {
  readonly kind: 'poisson';
  /** Hz, for all or for each. */
  readonly rate: number | readonly number[];
  /** s; from the beginning if absent. */
  readonly start?: number;
  /** s; without end if absent. */
  readonly duration?: number;
}

/** Equally spaced spikes, the first at `start`. */
export interface RegularSource {
  readonly kind: 'regular';
  /** s between spikes of one source. */
  readonly interval: number;
  readonly start?: number;
  readonly duration?: number;
}

/** One of the chip's own generators: Poisson trains (up to 64 from one generator) or one regular train. */
export interface BackgroundSource {
  readonly kind: 'background';
  readonly random: boolean;
  /** Hz of each source. */
  readonly rate: number;
  /** Seed of the shift register, 1..2^32 - 1. */
  readonly seed: number;
  /** Its events also go to the host; false if absent. */
  readonly record?: boolean;
  readonly start?: number;
  readonly duration?: number;
}

/** What a group of sources does; without one it only sends what `run` is given. */
export type SourceCell = ArraySource | PoissonSource | RegularSource | BackgroundSource;

/** See `ArraySource`. */
export function spikeSourceArray(options: {
  readonly spikeTimes: ArraySource['spikeTimes'];
}): SourceCell {
  checkNames('parameter', options, ['spikeTimes'], 'spikeSourceArray');
  return { kind: 'array', ...options };
}

/** See `PoissonSource`. @throws ExperimentError for a negative rate */
export function spikeSourcePoisson(options: Omit<PoissonSource, 'kind'>): SourceCell {
  checkNames('parameter', options, ['rate', 'start', 'duration'], 'spikeSourcePoisson');
  const rates = typeof options.rate === 'object' ? options.rate : [options.rate];
  for (const rate of rates) checkPositive('rate', rate, 0);
  return { kind: 'poisson', ...options };
}

/** See `RegularSource`. @throws ExperimentError unless the interval is at least 8 ns */
export function spikeSourceRegular(options: Omit<RegularSource, 'kind'>): SourceCell {
  checkNames('parameter', options, ['interval', 'start', 'duration'], 'spikeSourceRegular');
  checkPositive('interval', options.interval, 8e-9);
  return { kind: 'regular', ...options };
}

/** Poisson trains made by a background generator of the chip: no playback words, no host. */
export function backgroundPoisson(options: {
  readonly rate: number;
  readonly seed?: number;
  readonly record?: boolean;
  readonly start?: number;
  readonly duration?: number;
}): SourceCell {
  return background(true, options);
}

/** A regular train made by a background generator of the chip; for a population of one. */
export function backgroundRegular(options: {
  readonly rate: number;
  readonly record?: boolean;
  readonly start?: number;
  readonly duration?: number;
}): SourceCell {
  return background(false, options);
}

function background(
  random: boolean,
  { seed = 0x5eed, ...options }: { readonly rate: number; readonly seed?: number },
): SourceCell {
  const names = ['rate', 'record', 'start', 'duration'];
  checkNames('parameter', options, names, random ? 'backgroundPoisson' : 'backgroundRegular');
  checkPositive('rate', options.rate, 1e-9);
  if (!Number.isInteger(seed) || seed < 1 || seed > 0xffffffff)
    throw new ExperimentError(`the seed is ${seed}`, 'background source', 'Seeds are 1..2^32 - 1.');
  return { kind: 'background', random, seed, ...options };
}

function checkPositive(name: string, value: number, least: number): void {
  if (!(value >= least && Number.isFinite(value)))
    throw new ExperimentError(
      `${name} is ${value}`,
      'spike source',
      'Rates are in Hz and times in s of hardware time, at least 8 ns.',
    );
}

/** Register values of a background generator that serves `size` sources. */
export interface GeneratorSettings {
  /** Cycles of 4 ns, 1..65535. */
  readonly period: number;
  /** An event comes after each period with probability (chance + 1) / 256. */
  readonly chance: number;
  /** Low label bits that are drawn anew for each event. */
  readonly mask: number;
  /** Labels that belong to it: a power of two. */
  readonly labels: number;
  /** The rate of each source that comes out, Hz. */
  readonly rate: number;
}

const clock = 250e6;

/**
 * The generator setting nearest to a rate.
 * @throws ExperimentError when the rate or the number of sources is beyond one generator
 */
export function generatorSettings(
  name: string,
  size: number,
  { random, rate }: BackgroundSource,
): GeneratorSettings {
  const place = `background sources "${name}"`;
  if (!random) {
    if (size !== 1)
      throw new ExperimentError(`it has ${size} regular sources`, place, 'A generator makes one.');
    const period = Math.round(clock / rate);
    if (period < 2 || period > 65535)
      throw new ExperimentError(
        `its rate is ${rate} Hz`,
        place,
        'Regular rates are 3815 Hz to 125 MHz.',
      );
    return { period, chance: 255, mask: 0, labels: 1, rate: clock / period };
  }
  let labels = 1;
  while (labels < size) labels *= 2;
  if (labels > 64)
    throw new ExperimentError(
      `it has ${size} sources`,
      place,
      'One generator makes 64 independent trains at most: use several populations.',
    );
  // The longest period whose chance stays below one half keeps the trains nearest to Poisson.
  const total = rate * labels;
  let best = { period: 0, chance: 0, error: Infinity };
  for (let chance = 127; chance >= 1; chance--) {
    const period = Math.round((clock * (chance + 1)) / 256 / total);
    if (period < 2 || period > 65535) continue;
    const error = Math.abs((clock * (chance + 1)) / 256 / period / total - 1);
    if (error < best.error) best = { period, chance, error };
    if (error < 1e-3) break;
  }
  if (best.period === 0)
    throw new ExperimentError(
      `its rate is ${rate} Hz from ${size} sources`,
      place,
      'All sources of one generator together make 30 Hz to 62 MHz.',
    );
  const { period, chance } = best;
  return {
    period,
    chance,
    mask: labels - 1,
    labels,
    rate: (clock * (chance + 1)) / 256 / period / labels,
  };
}
