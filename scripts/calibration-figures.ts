/** Figures of calibrated chips, made from the files of their calibrations: docs/calibration-study.json. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCalibration, type Calibration } from '../experiment/calibration/index.js';
import { isRelative, quantityNames, type Quantity } from '../experiment/calibration/quantities.js';
import { spread } from '../experiment/calibration/search.js';
import { trueValues } from './calibration-truth.js';

export const studyFile = new URL('../docs/calibration-study.json', import.meta.url);

/** Published means, spreads, and spreads inside quadrants of the codes that one real chip needed. */
export const published: Readonly<Record<string, readonly [number, number, number]>> = {
  v_leak: [629.1, 39.3, 34.3],
  v_reset: [624.8, 39.6, 32.5],
  v_threshold: [389.3, 17.5, 14.3],
  i_bias_leak: [158.1, 21.1, 19.4],
  i_bias_synin_exc_tau: [83.8, 21.6, 16.8],
  i_bias_synin_inh_tau: [78.4, 19.7, 15.0],
  i_bias_synin_exc_gm: [487, 116, 29.1],
  i_bias_synin_inh_gm: [539, 132, 29.1],
  i_bias_synin_exc_shift: [314, 123, 122],
  i_bias_synin_inh_shift: [294, 111, 110],
};

type List = readonly (number | null)[];

/** Spread of a code over a chip: of all neurons, inside quadrants, and the means of the quadrants. */
export interface Needed {
  readonly mean: number;
  readonly sd: number;
  readonly inside: number;
  /** Inside quadrants, relative to the mean of the quadrant. */
  readonly relativeInside: number;
  readonly quadrants: readonly number[];
}

const round = (x: number): number => Number(x.toPrecision(5));
const rootMeanSquare = (list: readonly number[]): number =>
  Math.sqrt(list.reduce((sum, x) => sum + x * x, 0) / list.length);

function needed(list: List): Needed {
  const quadrants = [0, 1, 2, 3].map((q) =>
    list.slice(128 * q, 128 * q + 128).filter((x): x is number => x !== null),
  );
  const each = quadrants.map((values) => spread(values));
  const all = spread(quadrants.flat());
  return {
    mean: round(all.mean),
    sd: round(all.sd),
    inside: round(rootMeanSquare(each.map(({ sd }) => sd))),
    relativeInside: round(rootMeanSquare(each.map(({ sd, mean }) => sd / mean))),
    quadrants: each.map(({ mean }) => round(mean)),
  };
}

/** Correlation of two parameters' codes inside quadrants. */
function correlation(a: List = [], b: List = []): number {
  let [sxy, sxx, syy] = [0, 0, 0];
  for (let q = 0; q < 4; q++) {
    const pairs: [number, number][] = [];
    for (let n = 128 * q; n < 128 * q + 128; n++) {
      const [x, y] = [a[n], b[n]];
      if (typeof x === 'number' && typeof y === 'number') pairs.push([x, y]);
    }
    const mx = spread(pairs.map(([x]) => x)).mean;
    const my = spread(pairs.map(([, y]) => y)).mean;
    for (const [x, y] of pairs) {
      sxy += (x - mx) * (y - my);
      sxx += (x - mx) * (x - mx);
      syy += (y - my) * (y - my);
    }
  }
  return round(sxy / Math.sqrt(sxx * syy));
}

/** Standard deviation, of logarithms for quantities whose spread is a factor. */
function scatter(name: Quantity, values: readonly number[]): number {
  return round(
    spread(isRelative(name) ? values.map((x) => (x > 0 ? Math.log(x) : NaN)) : values).sd,
  );
}

/** Standard deviations that the file does not have: of all neurons as measured, and of the usable ones in truth. */
function otherSpreads(result: Calibration): Record<string, { all: number; truth?: number }> {
  const truth = trueValues(result);
  const unusable = new Set(result.unusable.map(({ neuron }) => neuron));
  const found: Record<string, { all: number; truth?: number }> = {};
  for (const name of quantityNames) {
    const measured = result.after[name];
    if (!measured) continue;
    const own = truth[name];
    found[name] = {
      all: scatter(
        name,
        measured.map((x) => x ?? NaN),
      ),
      ...(own
        ? {
            truth: scatter(
              name,
              [...own].filter((_, neuron) => !unusable.has(neuron)),
            ),
          }
        : {}),
    };
  }
  return found;
}

function count(names: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of names) found[name] = (found[name] ?? 0) + 1;
  return found;
}

/** What is kept of one chip. */
function summarise(result: Calibration): Record<string, unknown> {
  const { codes } = result;
  const of = codes as Readonly<Record<string, List>>;
  return {
    codes: Object.fromEntries(Object.keys(published).map((name) => [name, needed(of[name] ?? [])])),
    correlations: {
      'v_leak/v_reset': correlation(codes.v_leak, codes.v_reset),
      'v_leak/v_threshold': correlation(codes.v_leak, codes.v_threshold),
      'v_reset/v_threshold': correlation(codes.v_reset, codes.v_threshold),
      'v_leak/i_bias_leak': correlation(codes.v_leak, codes.i_bias_leak),
      'exc_gm/inh_gm': correlation(codes.i_bias_synin_exc_gm, codes.i_bias_synin_inh_gm),
      'exc_shift/exc_gm': correlation(codes.i_bias_synin_exc_shift, codes.i_bias_synin_exc_gm),
    },
    rampOffsets: result.shared.cadc_v_ramp_offset,
    rampSlopes: result.shared.cadc_i_ramp_slope,
    cadcOffsetSd: round(spread(result.cadcOffsets).sd),
    converter: result.converter ?? null,
    unusable: count(result.unusable.map(({ reason }) => reason)),
    limited: count(result.limited.map(({ quantity }) => quantity)),
    residuals: result.residuals,
    spreads: otherSpreads(result),
    sensors: result.sensors ? { ...result.sensors, baselines: undefined } : null,
    drivers: result.drivers ? driverSpread(result.drivers) : null,
    chipSeconds: result.conditions.chipSeconds,
    playbackWords: result.conditions.playbackWords,
  };
}

/** Spread of the drivers' amplitudes inside their blocks, counts. */
function driverSpread({ before, after }: NonNullable<Calibration['drivers']>): unknown {
  const inside = (list: readonly number[]): number =>
    round(
      rootMeanSquare(
        [0, 1, 2, 3].map(
          (block) => spread(list.filter((_, i) => 2 * (i >> 7) + (i & 1) === block)).sd,
        ),
      ),
    );
  return { before: inside(before), after: inside(after) };
}

/** The study that is there: what others wrote into it stays. */
function readStudy(): object {
  return existsSync(studyFile) ? (JSON.parse(readFileSync(studyFile, 'utf8')) as object) : {};
}

/** Writes the figures of all complete calibrations of a folder, in the order of their chips. */
export function writeStudy(folder: string): void {
  const chips: Record<string, unknown> = {};
  for (const file of readdirSync(folder).filter((name) => /^chip-\d+\.json$/.test(name))) {
    const result = parseCalibration(readFileSync(join(folder, file), 'utf8'), file);
    if (result.complete && result.die.seed !== undefined)
      chips[result.die.seed] = summarise(result);
  }
  writeFileSync(
    studyFile,
    `${JSON.stringify({ ...readStudy(), point: 'B', published, chips }, null, 1)}\n`,
  );
}
