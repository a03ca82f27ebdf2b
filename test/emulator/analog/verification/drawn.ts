/**
 * Leaky neurons of drawn chips: V1 to V3, V5, V6. Spreads as an experimenter would find them,
 * and, with noise off, what is measured of each neuron against what its seed has drawn.
 */
import type { EngineName } from '../../../../emulator/analog/index.js';
import { drawnPhysics } from '../drawn-physics.js';
import { pointA, SETTLED, synapse, type Codes } from '../operating-point.js';
import { onChips, quantile, QUIET, relative, residual, solved, worst, type Case } from './case.js';

/** Every sixteenth neuron. */
const SAMPLE = Array.from({ length: 32 }, (_, i) => 16 * i + (i % 16));
/** tau_m 20, tau_syn 5 us: time constants that a fit can tell apart. */
const APART: Codes = { i_bias_leak: 47, i_bias_synin_exc_tau: 101 };
const TIMES = Array.from({ length: 160 }, (_, i) => 0.5 * (i + 1));

/** Time constants (the longer one first) of height (e^(-t/a) - e^(-t/b)) nearest to samples: Gauss-Newton. */
function fitted(samples: readonly number[]): readonly [number, number] {
  // In logarithms, in which none can become negative.
  let [h, a, b] = [Math.max(...samples) * 2, Math.log(18), Math.log(6)];
  for (let round = 0; round < 30; round++) {
    const m = [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ];
    TIMES.forEach((t, i) => {
      const [long, short] = [Math.exp(a), Math.exp(b)];
      const [ea, eb] = [Math.exp(-t / long), Math.exp(-t / short)];
      const slopes = [ea - eb, (h * ea * t) / long, (-h * eb * t) / short];
      const error = (samples[i] ?? 0) - h * (ea - eb);
      m.forEach((line, j) => {
        for (let k = 0; k < 3; k++) line[k] = (line[k] ?? 0) + (slopes[j] ?? 0) * (slopes[k] ?? 0);
        line[3] = (line[3] ?? 0) + (slopes[j] ?? 0) * error;
      });
    });
    const [dh = 0, da = 0, db = 0] = solved(m);
    h += dh;
    a += Math.max(-0.3, Math.min(0.3, da));
    b += Math.max(-0.3, Math.min(0.3, db));
  }
  return [Math.exp(a), Math.exp(b)];
}

/** Both time constants of every neuron of the sample, fitted to the mean of so many potentials. */
function timeConstants(
  engine: EngineName,
  seed: number,
  trials: number,
  noisy: boolean,
): (readonly [number, number])[] {
  const s = pointA(
    { engine, die: residual(seed), ...(noisy ? {} : { noise: QUIET }) },
    SAMPLE,
    APART,
    { en_thresh_comp: 0 },
  );
  for (const n of SAMPLE) s.core.setWeight(synapse(n >> 8, 0, n & 255), 63);
  const sums = SAMPLE.map(() => TIMES.map(() => 0));
  const start = (trial: number): number => SETTLED * 3 + 300 * trial;
  for (let trial = 0; trial < trials; trial++) {
    s.to(start(trial));
    // The mean before the event is the rest.
    const rest = SAMPLE.map((n) => s.core.membrane(n));
    s.core.driverEvent(0, 0, 0);
    s.core.driverEvent(1, 0, 0);
    TIMES.forEach((t, k) => {
      s.to(start(trial) + t);
      SAMPLE.forEach((n, i) => {
        const line = sums[i] ?? [];
        line[k] = (line[k] ?? 0) + s.core.membrane(n) - (rest[i] ?? 0);
      });
    });
  }
  return sums.map((line) => fitted(line.map((x) => x / trials)));
}

function fitAgainstNominal(engine: EngineName): number {
  const errors = onChips((seed) =>
    timeConstants(engine, seed, 16, true).map(([m, s]) =>
      Math.max(relative(m, 2.4 / (2.53e-3 * 47)), relative(s, 503 / 101)),
    ),
  );
  return quantile(errors, 0.9);
}

function fitAgainstDrawn(engine: EngineName): number {
  return worst(
    onChips((seed) =>
      timeConstants(engine, seed, 1, false).map(([m, s], i) => {
        const p = drawnPhysics(residual(seed), SAMPLE[i] ?? 0, APART);
        return Math.max(relative(m, p.C / p.leak), relative(s, p.lines[0].tau));
      }),
    ),
  );
}

/** Two potentials of weight 40, 7 us apart, against the sum of both alone. */
function superposition(engine: EngineName): number {
  const run = (seed: number, events: readonly number[]): number[][] => {
    const s = pointA({ engine, die: residual(seed), noise: QUIET }, SAMPLE);
    for (const n of SAMPLE) s.core.setWeight(synapse(n >> 8, 0, n & 255), 40);
    return Array.from({ length: 41 }, (_, t) => {
      s.to(SETTLED + t);
      const seen = SAMPLE.map((n) => s.core.membrane(n));
      if (events.includes(t)) for (const h of [0, 1]) s.core.driverEvent(h, 0, 0);
      return seen;
    });
  };
  return worst(
    onChips((seed) => {
      const [none = [], a = [], b = [], both = []] = [[], [2], [9], [2, 9]].map((e) =>
        run(seed, e),
      );
      return SAMPLE.map((_, i) => {
        const at = (trace: readonly (readonly number[])[], t: number): number =>
          (trace[t]?.[i] ?? NaN) - (none[t]?.[i] ?? NaN);
        const peak = Math.max(...both.map((_line, t) => at(both, t)));
        return worst(both.map((_line, t) => Math.abs(at(both, t) - at(a, t) - at(b, t)) / peak));
      });
    }),
  );
}

/** Rates under a constant current against the law with each neuron's own parameters. */
function rates(engine: EngineName): number {
  const change = { i_mem_offset: 250 };
  const config = { en_mem_off: 1 };
  return worst(
    onChips((seed) => {
      const die = residual(seed);
      const s = pointA({ engine, die, noise: QUIET }, SAMPLE, change, config);
      s.to(1000);
      return SAMPLE.map((n) => {
        const p = drawnPhysics(die, n, change, config);
        const top = p.leakPotential + p.current / p.leak;
        const pull = p.leak + p.reset;
        const base = (p.leak * top + p.reset * p.resetPotential) / pull;
        const interval = 1.984 + (p.C / p.leak) * Math.log((top - base) / (top - p.threshold));
        const own = s.spikes.filter((x) => x.neuron === n && x.cycle > SETTLED * 250);
        const span = ((own.at(-1)?.cycle ?? NaN) - (own[0]?.cycle ?? NaN)) * 0.004;
        return relative((own.length - 1) / span, 1 / interval);
      });
    }),
  );
}

function decays(engine: EngineName): number {
  return worst(
    onChips((seed) => {
      const die = residual(seed);
      const s = pointA(
        { engine, die, noise: QUIET },
        SAMPLE,
        { i_mem_offset: 62 },
        {
          en_mem_off: 1,
          en_thresh_comp: 0,
        },
      );
      s.to(SETTLED);
      const start = SAMPLE.map((n) => s.core.membrane(n));
      for (const n of SAMPLE) s.core.setNeuron(n, { en_mem_off: 0 });
      s.to(SETTLED + 12);
      const later = SAMPLE.map((n) => s.core.membrane(n));
      s.to(SETTLED + 600);
      return SAMPLE.map((n, i) => {
        const rest = s.core.membrane(n);
        const tau = -12 / Math.log(((later[i] ?? 0) - rest) / ((start[i] ?? 0) - rest));
        const p = drawnPhysics(die, n);
        return relative(tau, p.C / p.leak);
      });
    }),
  );
}

const REVERSAL_CODE = 310;
const REVERSAL = 18.75 + 1.875 * REVERSAL_CODE;
/** Every sixty-fourth neuron: an integrated one costs much. */
const FEW = SAMPLE.filter((_, i) => i % 4 === 0);
/** Small, lest the membrane move within the interval in which its rise is measured. */
const WEIGHT = 6;

/** Rises in 0.1 us after an event, and membranes before it, at offset currents that should take it these parts of the way. */
function conductanceRises(
  engine: EngineName,
  seed: number,
  part: number,
  coba: number,
): { readonly rise: number[]; readonly before: number[] } {
  const span = REVERSAL - 420.125;
  const g = 2.53e-3 * 95;
  const s = pointA(
    {
      engine,
      die: residual(seed),
      noise: QUIET,
      constants: { offsetCurrentPerCode: (part * span * g) / 500 },
    },
    FEW,
    { e_synin_exc_rev: REVERSAL_CODE, i_mem_offset: 500 },
    { en_synin_coba_exc: coba, en_thresh_comp: 0, en_mem_off: 1 },
  );
  for (const n of FEW) s.core.setWeight(synapse(n >> 8, 0, n & 255), WEIGHT);
  s.to(SETTLED);
  const before = FEW.map((n) => s.core.membrane(n));
  for (const h of [0, 1]) s.core.driverEvent(h, 0, 0);
  s.to(SETTLED + 0.1);
  return { before, rise: FEW.map((n, i) => s.core.membrane(n) - (before[i] ?? 0)) };
}

const PARTS = [0, 0.25, 0.5, 0.75, 1];

/**
 * The same event at five places of the membrane: what is left of the current-based rise against what the place read from the membrane
 * should leave, 1 at the resting potential of the neuron and 0 at its reversal potential.
 */
function conductance(engine: EngineName): number {
  return worst(
    onChips((seed) => {
      const plain = conductanceRises(engine, seed, 0, 0);
      const seen = PARTS.map((part) => conductanceRises(engine, seed, part, 1));
      return FEW.map((n, i) => {
        const rest = drawnPhysics(residual(seed), n).leakPotential;
        return worst(
          seen.map(({ rise, before }) => {
            const law = (REVERSAL - (before[i] ?? 0)) / (REVERSAL - rest);
            return Math.abs((rise[i] ?? 0) / (plain.rise[i] ?? 1) - law);
          }),
        );
      });
    }),
  );
}

/** Reversal potentials as found from where the rise vanishes, in mV from the cell's voltage. */
function reversals(engine: EngineName): number {
  return worst(
    onChips((seed) => {
      const [near, far] = [0.25, 0.75].map((part) => conductanceRises(engine, seed, part, 1));
      return FEW.map((_, i) => {
        const [r0, r1] = [near?.rise[i] ?? NaN, far?.rise[i] ?? NaN];
        const [v0, v1] = [near?.before[i] ?? NaN, far?.before[i] ?? NaN];
        return Math.abs(v0 + ((v1 - v0) * r0) / (r0 - r1) - REVERSAL);
      });
    }),
  );
}

export const DRAWN_CASES: readonly Case[] = [
  {
    id: 'V1',
    on: 'chip',
    what: 'tau_m and tau_syn fitted to 16 potentials with noise: 90 % of 96 neurons are nearer to nominal',
    tolerance: 0.1,
    unit: 'relative',
    measure: fitAgainstNominal,
  },
  {
    id: 'V1',
    on: 'chip',
    what: 'the same without noise against what is drawn, worst of 96 neurons',
    tolerance: 0.003,
    unit: 'relative',
    measure: fitAgainstDrawn,
  },
  {
    id: 'V2',
    on: 'chip',
    what: 'two potentials superpose, but for saturating lines; worst of 96 neurons',
    tolerance: 0.002,
    unit: 'of the peak',
    measure: superposition,
  },
  {
    id: 'V3',
    on: 'chip',
    what: 'rates against the law with drawn parameters, worst of 96 neurons',
    tolerance: 0.005,
    unit: 'relative',
    measure: rates,
  },
  {
    id: 'V5',
    on: 'chip',
    what: 'decay against drawn tau_m, worst of 96 neurons',
    tolerance: 0.001,
    unit: 'of tau',
    measure: decays,
  },
  {
    id: 'V6',
    on: 'chip',
    what: 'conductance input from rest to reversal against the membrane as read, worst of 24 neurons',
    tolerance: 0.005,
    unit: 'of the current-based one',
    measure: conductance,
  },
  {
    id: 'V6',
    on: 'chip',
    what: 'reversal potential as found against its cell, worst of 24 neurons',
    tolerance: 1,
    unit: 'mV',
    measure: reversals,
  },
];
