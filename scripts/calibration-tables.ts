/**
 * Writes the tables of docs/calibration.md from docs/calibration-study.json: `npx tsx scripts/calibration-tables.ts`.
 * A table stands between `<!-- table NAME -->` and `<!-- end -->`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Quantity, Residual } from '../experiment/calibration/index.js';
import { spread } from '../experiment/calibration/search.js';
import { studyFile, type Needed } from './calibration-figures.js';

interface ChannelSpread {
  readonly sd: number;
  readonly quadrants: readonly number[];
}
type Counts = Readonly<Record<string, number>>;

/** The codes that a chip needed. */
interface NeededCodes {
  readonly codes: Readonly<Record<string, Needed>>;
  readonly correlations: Readonly<Record<string, number>>;
  readonly cadcOffsetSd: number;
}

/** What is read of a chip in the study. */
export interface StudiedChip extends NeededCodes {
  readonly converter: { readonly before: ChannelSpread; readonly after: ChannelSpread };
  readonly drivers: { readonly before: number; readonly after: number };
  readonly sensors: {
    readonly amplitude: readonly number[];
    readonly tau: readonly number[];
    readonly amplitudeInner: readonly (readonly [number, number])[];
    readonly tauInner: readonly (readonly [number, number])[];
  };
  readonly unusable: Counts;
  readonly limited: Counts;
  readonly chipSeconds: number;
  readonly playbackWords: number;
  readonly residuals: Readonly<Record<string, Residual>>;
  readonly spreads: Readonly<Record<string, { readonly all: number; readonly truth?: number }>>;
}
export interface Study {
  readonly published: Readonly<Record<string, readonly [number, number, number]>>;
  readonly chips: Readonly<Record<string, StudiedChip>>;
  /** Chips 1 to 10, whose codes were searched with the precise engine of an earlier version. */
  readonly earlier: Readonly<Record<string, NeededCodes>>;
}

const page = new URL('../docs/calibration.md', import.meta.url);

const names: Readonly<Record<Quantity, string>> = {
  leak: 'resting potential',
  reset: 'reset potential',
  threshold: 'threshold',
  tau_m: 'tau_m',
  tau_syn_E: 'tau_syn, excitatory',
  tau_syn_I: 'tau_syn, inhibitory',
  gain_E: 'response, excitatory',
  gain_I: 'response, inhibitory',
  drive_E: 'full drive, excitatory',
  drive_I: 'full drive, inhibitory',
  shift_E: 'shift, excitatory',
  shift_I: 'shift, inhibitory',
  e_rev_E: 'reversal potential, excitatory',
  e_rev_I: 'reversal potential, inhibitory',
  tau_w: 'tau_w',
  a: 'a',
  b: 'b',
  e_w: 'E_w',
  v_exp: 'V_T',
  delta_T: 'D_T',
  tau_icc: 'C / g of compartments',
  i_offset: 'constant current',
};

/** Quantile 0.975 of Student's law by degrees of freedom. */
const student = [NaN, 12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...body.map(row)].join('\n');

/** Numbers of a unit as the page shows them. */
function shown(unit: string): (x: number) => string {
  if (unit === '1') return (x) => `${(100 * x).toFixed(x < 0.1 ? 2 : 1)} %`;
  if (unit === 'V') return (x) => `${(1000 * x).toFixed(1)} mV`;
  return (x) => `${x.toFixed(x < 10 ? 2 : 1)} ${unit}`;
}

/** Range of a mean: where it lies with 95 %. */
function interval(values: readonly number[], show: (x: number) => string): string {
  const { n, mean, sd } = spread(values);
  if (n < 2) return '';
  const half = ((student[n - 1] ?? 1.96) * sd) / Math.sqrt(n);
  return `${show(mean - half)} .. ${show(mean + half)}`;
}

function residualTable({ chips }: Study): string {
  const list = Object.values(chips);
  const body = (Object.keys(names) as Quantity[]).flatMap((name) => {
    const residuals = list.flatMap((chip) => chip.residuals[name] ?? []);
    const [first] = residuals;
    if (!first) return [];
    const show = shown(first.unit);
    const after = residuals.map((r) => r.after.sd);
    const ratios = residuals.map((r) => r.ratio);
    const truth = list.flatMap((chip) => chip.spreads[name]?.truth ?? []);
    return [
      [
        names[name],
        show(spread(residuals.map((r) => r.before.sd)).mean),
        show(spread(after).mean),
        show(spread(after).sd),
        interval(after, show),
        show(Math.max(...after)),
        first.assumed === null ? '' : show(first.assumed),
        Math.max(...ratios).toFixed(3),
        first.ratioLimit === null ? '' : String(first.ratioLimit),
        truth.length === 0 ? '' : show(spread(truth).mean),
      ],
    ];
  });
  return table(
    [
      'quantity',
      'before',
      'after',
      'SD over chips',
      '95 % interval',
      'worst chip',
      'at most',
      'worst ratio',
      'at most',
      'truly',
    ],
    body,
  );
}

function nearTable({ chips }: Study): string {
  const body = (Object.keys(names) as Quantity[]).flatMap((name) => {
    const near = Object.values(chips).flatMap((chip) => chip.residuals[name]?.near ?? []);
    const [first] = near;
    if (!first) return [];
    const shares = near.map(({ share }) => share);
    const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
    return [
      [
        names[name],
        `${first.counts} counts`,
        percent(first.least),
        percent(spread(shares).mean),
        percent(Math.min(...shares)),
      ],
    ];
  });
  return table(
    ['quantity', 'of the median within', 'at least', 'mean of the chips', 'worst chip'],
    body,
  );
}

const digits = (x: number): string => x.toPrecision(3);
const meanAndRange = (values: readonly number[], show = digits): string =>
  `${show(spread(values).mean)} (${show(Math.min(...values))}..${show(Math.max(...values))})`;

/** Root of the mean square: how spreads of several chips are averaged. */
const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

/** Chips 1 to 10 and those of this study, each a column. */
const bothOf = ({ chips, earlier }: Study): readonly (readonly NeededCodes[])[] => [
  Object.values(earlier),
  Object.values(chips),
];
const bothNames = ['chips 1 to 10', 'these chips'] as const;

function codeTable(study: Study): string {
  const both = bothOf(study);
  const body = Object.entries(study.published).map(([name, [mean, sd, inside]]) => {
    const columns = both.map((chips) => chips.flatMap((chip) => chip.codes[name] ?? []));
    const range = (values: readonly number[]): string =>
      `${digits(rms(values))} (${digits(Math.min(...values))}..${digits(Math.max(...values))})`;
    return [
      name,
      String(mean),
      ...columns.map((own) => digits(spread(own.map((code) => code.mean)).mean)),
      String(sd),
      ...columns.map((own) => range(own.map((code) => code.sd))),
      String(inside),
      ...columns.map((own) => range(own.map((code) => code.inside))),
    ];
  });
  return table(
    [
      'code',
      ...['mean', 'SD', 'inside quadrants'].flatMap((what) => [`${what}: published`, ...bothNames]),
    ],
    body,
  );
}

const publishedCorrelations: Readonly<Record<string, number>> = {
  'v_leak/v_reset': 0.61,
  'v_leak/v_threshold': 0.21,
  'v_reset/v_threshold': 0.28,
  'v_leak/i_bias_leak': -0.25,
  'exc_gm/inh_gm': 0.42,
  'exc_shift/exc_gm': -0.28,
};

function correlationTable(study: Study): string {
  const show = (x: number): string => x.toFixed(2);
  return table(
    ['correlation inside quadrants', 'published', ...bothNames],
    Object.entries(publishedCorrelations).map(([name, value]) => [
      name,
      show(value),
      ...bothOf(study).map((chips) =>
        meanAndRange(
          chips.map((chip) => chip.correlations[name] ?? NaN),
          show,
        ),
      ),
    ]),
  );
}

/** Targets of the sensors at working point B. */
const sensorTargets = { amplitude: 0.5, tau: 5e-6 } as const;

/** Parts that are not neurons, and how many neurons cannot be used. */
function otherTable({ chips }: Study): string {
  const list = Object.values(chips);
  const of = (value: (chip: StudiedChip) => number): readonly number[] => list.map(value);
  const counts = (x: number): string => `${digits(x)} counts`;
  const times = (x: number): string => x.toFixed(2);
  const whole = (x: number): string => x.toFixed(1);
  const total = (found: Counts, part = ''): number =>
    Object.entries(found).reduce((sum, [name, n]) => sum + (name.includes(part) ? n : 0), 0);
  const off = (chip: StudiedChip, what: 'amplitude' | 'tau'): number =>
    Math.max(...chip.sensors[what].map((x) => Math.abs(x / sensorTargets[what] - 1)));
  const inner = (what: 'amplitude' | 'tau'): string => {
    const values = list.flatMap((chip) =>
      chip.sensors[`${what}Inner`].flat().map((x) => x / sensorTargets[what]),
    );
    return `${times(Math.min(...values))}..${times(Math.max(...values))}`;
  };
  const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  const runs = (['leak', 'reset', 'threshold'] as const).map((name) =>
    digits(spread(of((chip) => chip.residuals[name]?.betweenRuns ?? NaN)).mean),
  );
  return table(
    ['what', 'before: mean (range of the chips)', 'after: mean (range)', 'asked for'],
    [
      [
        'converter channels that read the same voltage, SD',
        meanAndRange(
          of((chip) => chip.converter.before.sd),
          counts,
        ),
        meanAndRange(
          of((chip) => chip.converter.after.sd),
          counts,
        ),
        "1; 3 in the makers' test",
      ],
      [
        'means of the quadrants at that voltage, SD',
        meanAndRange(
          of((chip) => spread(chip.converter.before.quadrants).sd),
          counts,
        ),
        meanAndRange(
          of((chip) => spread(chip.converter.after.quadrants).sd),
          counts,
        ),
        '5 counts',
      ],
      [
        'drivers inside their blocks, SD',
        meanAndRange(
          of((chip) => chip.drivers.before),
          counts,
        ),
        meanAndRange(
          of((chip) => chip.drivers.after),
          counts,
        ),
        '2 counts, and 1 less than before',
      ],
      [
        'sensors, medians of the quadrants: amplitude off its target by at most',
        '',
        meanAndRange(
          of((chip) => off(chip, 'amplitude')),
          percent,
        ),
        '20 %',
      ],
      [
        '.. tau',
        '',
        meanAndRange(
          of((chip) => off(chip, 'tau')),
          percent,
        ),
        '20 %',
      ],
      [
        'single sensors, 30 to 70 % quantiles over the target: amplitude',
        '',
        inner('amplitude'),
        '0.5..2',
      ],
      ['.. tau', '', inner('tau'), '0.5..2'],
      [
        'potentials of a neuron from run to run, SD: rest, reset, threshold',
        '',
        `${runs.join(', ')} counts`,
        '',
      ],
      [
        'unusable neurons of 512',
        '',
        meanAndRange(
          of((chip) => total(chip.unusable)),
          whole,
        ),
        '',
      ],
      [
        '.. because a shift code would lie outside 0..1022',
        '',
        meanAndRange(
          of((chip) => total(chip.unusable, '_shift: at the limit')),
          whole,
        ),
        '',
      ],
      [
        'targets of single terms that a neuron misses',
        '',
        meanAndRange(
          of((chip) => total(chip.limited)),
          whole,
        ),
        '',
      ],
      [
        'chip time, playback words',
        '',
        `${whole(spread(of((chip) => chip.chipSeconds)).mean)} s, ${whole(spread(of((chip) => chip.playbackWords)).mean / 1e6)} million`,
        '',
      ],
    ],
  );
}

/** All tables of the page by name. */
export const tables: Readonly<Record<string, (study: Study) => string>> = {
  residuals: residualTable,
  near: nearTable,
  others: otherTable,
  codes: codeTable,
  correlations: correlationTable,
};

/** The page with its tables made anew. */
export function withTables(text: string, study: Study): string {
  return text.replace(
    /(<!-- table (\w+) -->\n\n)[^]*?(\n\n<!-- end -->)/g,
    (_all, begin: string, name: string, end: string) => {
      const make = tables[name];
      if (!make) throw new Error(`there is no table ${name}`);
      return begin + make(study) + end;
    },
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const study = JSON.parse(readFileSync(studyFile, 'utf8')) as Study;
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), study));
}
