/**
 * Calibrates virtual chips and compares the codes that they needed with the published record of one real chip, and what
 * is left with what a calibration leaves. `npx tsx scripts/calibration-study.ts [FIRST LAST FULL]` calibrates chips
 * FIRST..LAST (1..10), the first FULL (3) of them with all stages, and writes docs/calibration-study.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { InProcessBoard } from '../board/index.js';
import { Chip } from '../emulator/index.js';
import {
  calibrate,
  calibrationStages,
  calibrationTargets,
  type Calibration,
} from '../experiment/calibration/index.js';
import { spread } from '../experiment/calibration/search.js';

const file = new URL('../docs/calibration-study.json', import.meta.url);
/** Stages that find codes of neurons. */
const codeStages = calibrationStages.filter(
  (name) =>
    ![
      'survey',
      'drivers',
      'sensors',
      'refine',
      'reversal',
      'adaptation',
      'exponential',
      'compartments',
      'check',
    ].includes(name),
);

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

interface Needed {
  mean: number;
  sd: number;
  inside: number;
  quadrants: number[];
}

const round = (x: number): number => Number(x.toPrecision(5));

function needed(list: readonly (number | null)[]): Needed {
  const quadrants = [0, 1, 2, 3].map((q) =>
    list.slice(128 * q, 128 * q + 128).filter((x): x is number => x !== null),
  );
  const each = quadrants.map((values) => spread(values));
  const all = spread(quadrants.flat());
  const inside = Math.sqrt(each.reduce((sum, { sd }) => sum + sd * sd, 0) / 4);
  return {
    mean: round(all.mean),
    sd: round(all.sd),
    inside: round(inside),
    quadrants: each.map(({ mean }) => round(mean)),
  };
}

/** Correlation of two parameters' codes inside quadrants. */
function correlation(a: readonly (number | null)[], b: readonly (number | null)[]): number {
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

function summarise(result: Calibration): Record<string, unknown> {
  const codes = result.codes as Readonly<Record<string, readonly (number | null)[]>>;
  return {
    codes: Object.fromEntries(
      Object.keys(published).map((name) => [name, needed(codes[name] ?? [])]),
    ),
    correlations: {
      'v_leak/v_reset': correlation(codes['v_leak'] ?? [], codes['v_reset'] ?? []),
      'v_leak/v_threshold': correlation(codes['v_leak'] ?? [], codes['v_threshold'] ?? []),
      'v_reset/v_threshold': correlation(codes['v_reset'] ?? [], codes['v_threshold'] ?? []),
      'v_leak/i_bias_leak': correlation(codes['v_leak'] ?? [], codes['i_bias_leak'] ?? []),
      'exc_gm/inh_gm': correlation(
        codes['i_bias_synin_exc_gm'] ?? [],
        codes['i_bias_synin_inh_gm'] ?? [],
      ),
      'exc_shift/exc_gm': correlation(
        codes['i_bias_synin_exc_shift'] ?? [],
        codes['i_bias_synin_exc_gm'] ?? [],
      ),
    },
    rampOffsets: result.shared.cadc_v_ramp_offset,
    rampSlopes: result.shared.cadc_i_ramp_slope,
    cadcOffsetSd: round(spread(result.cadcOffsets).sd),
    unusable: result.unusable.length,
    residuals: result.residuals ?? null,
    sensors: result.sensors
      ? { amplitude: result.sensors.amplitude, tau: result.sensors.tau }
      : null,
    drivers: result.drivers ? driverSpread(result.drivers) : null,
  };
}

/** Spread of the drivers' amplitudes inside their blocks, counts. */
function driverSpread({ before, after }: NonNullable<Calibration['drivers']>): unknown {
  const inside = (list: readonly number[]): number => {
    const blocks = [0, 1, 2, 3].map(
      (block) => spread(list.filter((_, i) => 2 * (i >> 7) + (i & 1) === block)).sd,
    );
    return round(Math.sqrt(blocks.reduce((sum, sd) => sum + sd * sd, 0) / 4));
  };
  return { before: inside(before), after: inside(after) };
}

async function main(): Promise<void> {
  const [first = 1, last = 10, full = 3] = process.argv.slice(2).map(Number);
  const chips: Record<string, unknown> = {};
  try {
    Object.assign(chips, (JSON.parse(readFileSync(file, 'utf8')) as { chips: object }).chips);
  } catch {
    // No earlier study to go on with.
  }
  for (let seed = first; seed <= last; seed++) {
    const board = InProcessBoard.of(Chip.fromSeed(seed, { law: 'uncalibrated' }));
    const isFull = seed - first < full;
    const result = await calibrate(board, {
      targets: calibrationTargets.B,
      ...(isFull ? {} : { stages: codeStages }),
    });
    chips[seed] = summarise(result);
    writeFileSync(file, `${JSON.stringify({ point: 'B', published, chips }, null, 1)}\n`);
    process.stdout.write(`chip ${seed}: ${result.unusable.length} unusable\n`);
  }
}

await main();
