/** Synapses, sensors and compartments of drawn chips: V8, V11, V14. */
import type { EngineName } from '../../../../emulator/analog/index.js';
import { patternOf } from '../drawn-physics.js';
import { pointA, SETTLED, synapse, writeCodes } from '../operating-point.js';
import {
  mean,
  onChips,
  quantile,
  QUIET,
  relative,
  residual,
  solved,
  worst,
  type Case,
} from './case.js';

/** Jumps of a line per weight, means over 128 synapses of a neuron: the smallest step, relative to the mean one. */
function monotonic(engine: EngineName): number {
  return Math.min(
    ...onChips((seed) => {
      const s = pointA({ engine, die: residual(seed), noise: QUIET }, [0]);
      const means = Array.from({ length: 16 }, (_, k) => {
        const jumps = Array.from({ length: 128 }, (_x, driver) => {
          s.core.setWeight(synapse(0, 2 * driver, 0), 4 * k + 3);
          s.to(SETTLED + 100 * (128 * k + driver));
          const before = s.core.synapticLine(0, 0);
          s.core.driverEvent(0, driver, 0);
          return s.core.synapticLine(0, 0) - before;
        });
        return mean(jumps);
      });
      const step = (means.at(-1) ?? NaN) / 15.75;
      return means.slice(1).map((x, k) => (x - (means[k] ?? 0)) / step);
    }),
  );
}

/** Amplitudes and time constants of the causal sensors of a column, by single pairs at two delays. */
function sensors(engine: EngineName, seed: number): { amplitude: number[]; tau: number[] } {
  const [near = [], far = []] = [0, 5].map((delay) => {
    const s = pointA({ engine, die: residual(seed), noise: { ...QUIET, routing: false } });
    s.core.setBackend(0, { post_overwrite: 1 });
    s.to(SETTLED);
    for (let driver = 0; driver < 128; driver++) s.core.driverEvent(0, driver, 0);
    s.to(SETTLED + delay);
    s.core.globalPost(0);
    return Array.from({ length: 256 }, (_, row) => s.core.correlation(synapse(0, row, 0), 0));
  });
  return { amplitude: near, tau: far.map((f, row) => 5 / Math.log((near[row] ?? 0) / f)) };
}

function sensorsAgainstDrawn(engine: EngineName): number {
  return worst(
    onChips((seed) => {
      const die = patternOf(residual(seed));
      const { amplitude, tau } = sensors(engine, seed);
      return amplitude.flatMap((a, row) => [
        relative(a, 0.5 * die.sensorAmplitude(synapse(0, row, 0), 0)),
        relative(tau[row] ?? NaN, 5 * die.sensorTime(synapse(0, row, 0), 0)),
      ]);
    }),
  );
}

/** The farther of the 30 and 70 % quantiles of amplitudes and time constants, as a factor from target. */
function sensorQuantiles(engine: EngineName): number {
  const far = (x: number): number => Math.max(x, 1 / x);
  return worst(
    onChips((seed) => {
      const { amplitude, tau } = sensors(engine, seed);
      return [0.3, 0.7].flatMap((part) => [
        far(quantile(amplitude, part) / 0.5),
        far(quantile(tau, part) / 5),
      ]);
    }),
  );
}

/** Compartments of a chain on a drawn chip: compartment 0 is one circuit, k are circuits 2k - 1 and 2k, the last is one. */
const COMPARTMENTS = 4;
const FIRST = [0, 1, 3, 5];

/** Steady rise of each compartment over that of the first, which takes a current. */
function chainProfile(engine: EngineName, seed: number): number[] {
  const circuits = 2 * COMPARTMENTS - 2;
  const s = pointA({ engine, die: residual(seed), noise: QUIET }, []);
  for (let n = 0; n < circuits; n++) {
    const alone = n === 0 || n === circuits - 1;
    writeCodes(s.core, n, {
      v_leak: 629,
      i_bias_leak: alone ? 200 : 100,
      i_bias_nmda: 200,
      i_mem_offset: 100,
    });
    s.core.setNeuron(n, {
      mem_cap_size: 63,
      ...(n % 2 === 0 ? { en_comp_cond: 1, connect_somata: 1 } : { connect_soma: 1 }),
      ...(n % 2 === 1 && !alone ? { connect_membrane_right: 1 } : {}),
    });
  }
  s.to(1000);
  const rest = FIRST.map((n) => s.core.membrane(n));
  s.core.setNeuron(0, { en_mem_off: 1 });
  s.to(2000);
  const rise = FIRST.map((n, k) => s.core.membrane(n) - (rest[k] ?? 0));
  return rise.map((v) => v / (rise[0] ?? NaN));
}

/** The same from conductances: what a current into the first compartment makes of a chain. */
function chainLaw(die: 'ideal' | number): number[] {
  const drawn = die === 'ideal' ? undefined : patternOf(residual(die)).neurons;
  const leakOf = (n: number, code: number): number => 2.53e-3 * code * (drawn?.conductance[n] ?? 1);
  const leaks = [
    leakOf(0, 200),
    leakOf(1, 100) + leakOf(2, 100),
    leakOf(3, 100) + leakOf(4, 100),
    leakOf(5, 200),
  ];
  // Even circuits reach to the right by their own conductance.
  const links = [0, 2, 4].map((n) => 2.4e-3 * 200 * (drawn?.compartment[n] ?? 1));
  const system = leaks.map((leak, k) => {
    const [left, right] = [links[k - 1] ?? 0, links[k] ?? 0];
    const line = Array.from({ length: COMPARTMENTS + 1 }, () => 0);
    line[k] = leak + left + right;
    if (k > 0) line[k - 1] = -left;
    if (k < COMPARTMENTS - 1) line[k + 1] = -right;
    line[COMPARTMENTS] = k === 0 ? 1 : 0;
    return line;
  });
  const v = solved(system);
  return v.map((x) => x / (v[0] ?? NaN));
}

const chain = (engine: EngineName, law: (seed: number) => number[]): number[] =>
  onChips((seed) => {
    const expected = law(seed);
    return chainProfile(engine, seed).map((v, k) => relative(v, expected[k] ?? NaN));
  });

export const DRAWN_ARRAY_CASES: readonly Case[] = [
  {
    id: 'V8',
    on: 'chip',
    what: 'smallest step of the mean over 128 synapses between weights 4 apart',
    tolerance: 1.1,
    least: 0.9,
    unit: 'of the mean step',
    measure: monotonic,
  },
  {
    id: 'V11',
    on: 'chip',
    what: 'amplitude and tau of 768 sensors against what is drawn, worst',
    tolerance: 0.001,
    unit: 'relative',
    measure: sensorsAgainstDrawn,
  },
  {
    id: 'V11',
    on: 'chip',
    what: 'their 30 and 70 % quantiles from target',
    tolerance: 2,
    least: 1,
    unit: 'as a factor',
    measure: sensorQuantiles,
  },
  {
    id: 'V14',
    on: 'chip',
    what: 'steady state of the chain against the ideal one, three chips',
    tolerance: 0.15,
    unit: 'relative',
    measure: (engine) => worst(chain(engine, () => chainLaw('ideal'))),
  },
  {
    id: 'V14',
    on: 'chip',
    what: 'the same against drawn conductances',
    tolerance: 0.001,
    unit: 'relative',
    measure: (engine) => worst(chain(engine, chainLaw)),
  },
];
