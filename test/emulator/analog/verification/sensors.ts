/** Correlation sensors: V11 to V13. */
import type { EngineName } from '../../../../emulator/analog/index.js';
import { pointA, SETTLED, synapse, type SetUp } from '../operating-point.js';
import { theory } from '../theory.js';
import { median, relative, worst, type Case } from './case.js';

/** Point A whose column sees post pulses by hand. */
function byHand(options: Parameters<typeof pointA>[0]): SetUp {
  const s = pointA(options);
  s.core.setBackend(0, { post_overwrite: 1 });
  return s;
}

const DELAYS = [0.52, 1, 2, 5, 10, 20, 50];

const windows = new Map<EngineName, readonly [window: number, other: number]>();

/** `window`, measured once. */
function windowOf(engine: EngineName): readonly [window: number, other: number] {
  const known = windows.get(engine) ?? window(engine);
  windows.set(engine, known);
  return known;
}

/** 100 pairs at each delay: sums against A exp(-d/tau), codes of the other branch against the baseline. */
function window(engine: EngineName): readonly [window: number, other: number] {
  const found: number[] = [];
  const others: number[] = [];
  for (const delay of DELAYS)
    for (const branch of [0, 1] as const) {
      const s = byHand({ engine });
      const pulse = (pre: boolean): void => {
        if (pre) s.core.driverEvent(0, 0, 0);
        else s.core.globalPost(0);
      };
      for (let i = 0; i < 100; i++) {
        const t = SETTLED + i * 500;
        s.to(t);
        pulse(branch === 0);
        s.to(t + delay);
        pulse(branch === 1);
      }
      s.to(SETTLED + 100 * 500);
      const expected = 50 * Math.exp(-delay / 5);
      found.push(
        Math.max(0, Math.abs(s.core.correlation(synapse(0, 0, 0), branch) - expected) - 0.5) /
          expected,
      );
      const causal = new Uint8Array(256);
      const acausal = new Uint8Array(256);
      s.core.convertCadc(0, 0, causal, acausal);
      others.push(Math.abs(205 - ((branch === 0 ? acausal : causal)[0] ?? 0)));
      found.push(
        Math.max(
          0,
          Math.abs(205 - ((branch === 0 ? causal : acausal)[0] ?? 0) - expected) - 0.5 - 0.5,
        ) / Math.max(1, expected),
      );
    }
  return [worst(found), worst(others)];
}

/** The golden trains at half their speed (tau 20 us), so that they lie on whole cycles. */
function irregular(engine: EngineName): number {
  const { pre, post, causal, acausal } = theory.correlation;
  const s = byHand({ engine, constants: { sensorTime: 1600 } });
  const pulses = [
    ...pre.map((at) => [at, true] as const),
    ...post.map((at) => [at, false] as const),
  ].sort((a, b) => a[0] - b[0]);
  for (const [at, isPre] of pulses) {
    s.core.advance(Math.round((SETTLED + 2 * at) * 250));
    if (isPre) s.core.driverEvent(0, 0, 0);
    else s.core.globalPost(0);
  }
  return worst([
    Math.abs(s.core.correlation(synapse(0, 0, 0), 0) - causal),
    Math.abs(s.core.correlation(synapse(0, 0, 0), 1) - acausal),
  ]);
}

/** n pairs at zero delay on a drawn chip: X (1 - (1 - A/X)^n). */
function saturation(engine: EngineName): number {
  const s = byHand({ engine, die: { seed: 3, law: 'residual' } });
  s.to(SETTLED);
  const found: number[] = [];
  let A = 0;
  for (let n = 1; n <= 200; n++) {
    s.core.driverEvent(0, 0, 0);
    s.core.globalPost(0);
    const sum = s.core.correlation(synapse(0, 0, 0), 0);
    if (n === 1) A = sum;
    found.push(Math.abs(sum - 180 * (1 - (1 - A / 180) ** n)));
  }
  return worst(found);
}

/** Amplitude and time constant of all sensors of a column, by pairs at two delays. */
function fitted(engine: EngineName, seed: number): { amplitude: number[]; tau: number[] } {
  const sums = [0, 5].map((delay) => {
    const s = byHand({ engine, die: { seed, law: 'residual' } });
    s.to(SETTLED);
    for (let i = 0; i < 10; i++) {
      s.to(SETTLED + i * 200);
      for (let driver = 0; driver < 128; driver++) s.core.driverEvent(0, driver, 0);
      s.to(SETTLED + i * 200 + delay);
      s.core.globalPost(0);
    }
    return Array.from({ length: 256 }, (_, row) => s.core.correlation(synapse(0, row, 0), 0) / 10);
  });
  const [near = [], far = []] = sums;
  return { amplitude: near, tau: far.map((f, row) => 5 / Math.log((near[row] ?? 0) / f)) };
}

/** Distance of the medians of three chips from their targets (0.5 counts, 5 us). */
function medians(engine: EngineName): number {
  return worst(
    [1, 2, 3].flatMap((seed) => {
      const { amplitude, tau } = fitted(engine, seed);
      return [relative(median(amplitude), 0.5), relative(median(tau), 5)];
    }),
  );
}

export const SENSOR_CASES: readonly Case[] = [
  {
    id: 'V11',
    on: 'ideal',
    what: 'pairs at 0.5 to 50 us of both signs: A exp(-d/tau), beyond half a count',
    tolerance: 0.01,
    unit: 'relative',
    measure: (engine) => windowOf(engine)[0],
  },
  {
    id: 'V11',
    on: 'ideal',
    what: 'the other branch stays',
    tolerance: 0.5,
    unit: 'counts',
    measure: (engine) => windowOf(engine)[1],
  },
  {
    id: 'V11',
    on: 'chip',
    what: 'medians of amplitude and tau of a column, three chips',
    tolerance: 0.2,
    unit: 'relative',
    measure: medians,
  },
  {
    id: 'V12',
    on: 'ideal',
    what: 'irregular trains of theory',
    tolerance: 1e-9,
    fastTolerance: 1e-5,
    unit: 'counts',
    measure: irregular,
  },
  {
    id: 'V13',
    on: 'ideal',
    what: '200 pairs at zero delay: X (1 - (1 - A/X)^n)',
    tolerance: 1e-9,
    fastTolerance: 1e-3,
    unit: 'counts',
    measure: saturation,
  },
];
