/** Neurons: V3 to V5, V7, V14, V22. */
import { adexSpikes, chainProfile } from '../../../../emulator/analog/demonstrations.js';
import type { EngineName } from '../../../../emulator/analog/index.js';
import { pointA, SETTLED } from '../operating-point.js';
import { theory } from '../theory.js';
import { logistic } from './activation.js';
import { EXACT_CODES, exactTimes, relative, residual, SEEDS, worst, type Case } from './case.js';

/** Rate (1/us) of a neuron of a golden case, by a constant current on a chip whose reset acts at once. */
function rate(engine: EngineName, c: (typeof theory)['lif_fI']['cases'][number]): number {
  const scale = 5;
  const leak = 420.125;
  const s = pointA(
    {
      engine,
      constants: {
        ...exactTimes(c.tau_m, 10),
        conductanceMultiplication: 1e5,
        resetShift: 18.75 + 1.875 * 601 - leak - scale * c.v_reset,
        thresholdShift: 18.75 + 1.875 * 329 - leak - scale * c.v_th,
        offsetCurrentPerCode: (scale * c.I_over_g * 2.4) / c.tau_m / 100,
      },
    },
    [0],
    { ...EXACT_CODES, i_mem_offset: 100 },
    { en_mem_off: 1 },
  );
  // Periods of 4 cycles (16 ns) for the reset; a single one of hold-off follows.
  const periods = Math.round(c.t_ref / 0.016);
  s.core.setCommonBackend(0, { clock_scale_slow: 1 });
  s.core.setBackend(0, { refractory_time: periods + 1, reset_holdoff: 15 });
  s.to(3000);
  const spikes = s.spikes.filter((x) => x.cycle > SETTLED * 250).map((x) => x.cycle * 0.004);
  if (spikes.length < 2) return 0;
  return (spikes.length - 1) / ((spikes.at(-1) ?? 0) - (spikes[0] ?? 0));
}

/** How far below the refractory time (ns) an interval is under strong drive, on drawn chips. */
function shortest(engine: EngineName): number {
  return worst(
    SEEDS.map((seed) => {
      const s = pointA(
        { engine, die: residual(seed) },
        [0],
        { i_mem_offset: 1000 },
        { en_mem_off: 1 },
      );
      s.to(1000);
      const gaps = s.spikes.slice(1).map((x, i) => (x.cycle - (s.spikes[i]?.cycle ?? 0)) * 4);
      return gaps.length < 100 ? Infinity : Math.max(0, 2000 - Math.min(...gaps));
    }),
  );
}

/** Distance of intervals (ns) from theory under ten times the rheobase; Infinity if one is shorter than the refractory time. */
function strongDrive(engine: EngineName): number {
  const g = 2.53e-3 * 95;
  const gr = 2.53e-3 * 1015 * 8;
  const leak = 420.125;
  const threshold = 622.625;
  const drive = 10 * (threshold - leak);
  const s = pointA(
    { engine, constants: { offsetCurrentPerCode: (drive * g) / 500 } },
    [0],
    { i_mem_offset: 500 },
    { en_mem_off: 1 },
  );
  s.to(2000);
  const top = leak + drive;
  const base = (g * top + gr * 375.625) / (g + gr);
  const rise = (2.4 / g) * Math.log((top - base) / (top - threshold));
  const expected = Math.max(2, 1.984 + rise);
  const gaps = s.spikes.slice(5).map((x, i) => (x.cycle - (s.spikes[i + 4]?.cycle ?? 0)) * 0.004);
  const tooShort = gaps.some((gap) => gap < 2) ? Infinity : 0;
  return worst([tooShort, ...gaps.map((gap) => Math.abs(gap - expected) * 1000)]);
}

function decayTime(engine: EngineName): number {
  const s = pointA({ engine }, [0], { i_mem_offset: 62 }, { en_mem_off: 1, en_thresh_comp: 0 });
  s.to(SETTLED);
  s.core.setNeuron(0, { en_mem_off: 0 });
  const rest = 420.125;
  const start = s.core.membrane(0) - rest;
  const tau = 2.4 / (2.53e-3 * 95);
  const found: number[] = [];
  for (let t = 2; t <= 30; t += 1.3) {
    s.to(SETTLED + t);
    found.push(relative(-t / Math.log((s.core.membrane(0) - rest) / start), tau));
  }
  return worst(found);
}

/** Largest relative distance of the first three spikes; Infinity for a wrong number of spikes. */
function patterns(engine: EngineName): number {
  return worst(
    theory.adex.cases.flatMap((c) => {
      const times = adexSpikes(c.params, 600, engine);
      const slack = c.pattern === 'irregular' ? 2 : 0;
      if (Math.abs(times.length - c.n_spikes) > slack) return [Infinity];
      return c.first_spikes_ms.slice(0, 3).map((t, i) => relative(times[i] ?? NaN, t));
    }),
  );
}

function chain(engine: EngineName): number {
  return worst(
    theory.chain.cases.flatMap((c) =>
      chainProfile(c.N, c.g_icc_over_g_leak, engine).map((v, k) =>
        relative(v, c.v_over_v0[k] ?? NaN),
      ),
    ),
  );
}

export const NEURON_CASES: readonly Case[] = [
  {
    on: 'ideal',
    id: 'V3',
    what: 'rate against current; silent below rheobase',
    tolerance: 0.005,
    unit: 'relative',
    measure: (engine) =>
      worst(
        theory.lif_fI.cases.map((c) =>
          c.rate === 0 ? (rate(engine, c) === 0 ? 0 : Infinity) : relative(rate(engine, c), c.rate),
        ),
      ),
  },
  {
    on: 'ideal',
    id: 'V4',
    what: 'interval under ten times rheobase, refractory 2 us',
    tolerance: 8,
    unit: 'ns',
    measure: strongDrive,
  },
  {
    on: 'chip',
    id: 'V4',
    what: 'no interval below the refractory time, three chips',
    tolerance: 8,
    unit: 'ns',
    measure: shortest,
  },
  {
    on: 'ideal',
    id: 'V5',
    what: 'decay from 100 mV above leak',
    tolerance: 0.001,
    unit: 'of tau',
    measure: decayTime,
  },
  {
    on: 'ideal',
    id: 'V7',
    what: 'AdEx patterns of theory: counts; first three spikes',
    tolerance: 0.005,
    unit: 'relative',
    measure: patterns,
  },
  {
    on: 'ideal',
    id: 'V14',
    what: 'steady state of a chain of 4 compartments',
    tolerance: 0.001,
    unit: 'relative',
    measure: chain,
  },
  {
    on: 'ideal',
    id: 'V22',
    what: 'activation under background is logistic',
    tolerance: 0.005,
    unit: '1 - R^2',
    measure: (engine) => worst(logistic(engine, 'ideal', [0])),
  },
];
