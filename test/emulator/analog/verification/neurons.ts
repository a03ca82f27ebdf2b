/** Neurons and inputs on the ideal chip: V1 to V10, V14, V22. */
import { Stream } from '../../../../isa/numeric/random.js';
import { adexSpikes, chainProfile } from '../../../../emulator/analog/demonstrations.js';
import type { EngineName } from '../../../../emulator/analog/index.js';
import { pointA, SETTLED, synapse, writeShared } from '../operating-point.js';
import { theory } from '../theory.js';
import { EXACT_CODES, exactTimes, relative, worst, type Case } from './case.js';

/** Peak of samples by the parabola through those within `reach` of the highest one. */
function peakOf(times: readonly number[], values: readonly number[]): [number, number] {
  const top = values.indexOf(Math.max(...values));
  const center = times[top] ?? 0;
  const near = times.flatMap((t, i) =>
    Math.abs(t - center) < 0.3 ? [[t - center, values[i] ?? 0] as const] : [],
  );
  // Least squares of a + b x + c x^2.
  const s = [0, 1, 2, 3, 4].map((k) => near.reduce((sum, [x]) => sum + x ** k, 0)) as number[];
  const r = [0, 1, 2].map((k) => near.reduce((sum, [x, y]) => sum + x ** k * y, 0)) as number[];
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0] = s;
  const [r0 = 0, r1 = 0, r2 = 0] = r;
  const det = s0 * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s2 * s3) + s2 * (s1 * s3 - s2 * s2);
  const a = (r0 * (s2 * s4 - s3 * s3) - s1 * (r1 * s4 - s3 * r2) + s2 * (r1 * s3 - s2 * r2)) / det;
  const b = (s0 * (r1 * s4 - s3 * r2) - r0 * (s1 * s4 - s2 * s3) + s2 * (s1 * r2 - s2 * r1)) / det;
  const c = (s0 * (s2 * r2 - s3 * r1) - s1 * (s1 * r2 - s2 * r1) + r0 * (s1 * s3 - s2 * s2)) / det;
  return [center - b / (2 * c), a - (b * b) / (4 * c)];
}

/** Peak time and height in units of the golden cases (A = 1) of a synaptic potential. */
function potential(engine: EngineName, tauM: number, tauSyn: number): [number, number] {
  const s = pointA({ engine, constants: exactTimes(tauM, tauSyn) }, [0], EXACT_CODES);
  s.core.setWeight(synapse(0, 0, 0), 63);
  s.to(SETTLED);
  const rest = s.core.membrane(0);
  s.core.driverEvent(0, 0, 0);
  const times: number[] = [];
  const values: number[] = [];
  for (let cycle = 2000; cycle < 2700; cycle++) {
    s.core.advance(SETTLED * 250 + cycle);
    times.push(cycle * 0.004);
    values.push(s.core.membrane(0) - rest);
  }
  const [at, height] = peakOf(times, values);
  // A = I / g with 40 nA and g = 2.4 pF / tau_m.
  return [at, height / ((40 * tauM) / 2.4)];
}

function superposition(engine: EngineName): number {
  const run = (events: readonly number[]): number[] => {
    const s = pointA({ engine });
    s.core.setWeight(synapse(0, 0, 0), 40);
    const out: number[] = [];
    for (let t = 0; t <= 40; t++) {
      s.to(SETTLED + t);
      out.push(s.core.membrane(0));
      if (events.includes(t)) s.core.driverEvent(0, 0, 0);
    }
    return out;
  };
  const none = run([]);
  const a = run([2]);
  const b = run([9]);
  const both = run([2, 9]);
  const peak = Math.max(...both.map((v, t) => v - (none[t] ?? 0)));
  return worst(
    both.map((v, t) => {
      const x = none[t] ?? 0;
      return Math.abs(v - x - ((a[t] ?? 0) - x) - ((b[t] ?? 0) - x)) / peak;
    }),
  );
}

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

/** Interval and shortest interval (us) under ten times the rheobase, and what theory says. */
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

/** Rise of the membrane after one event, with E_rev 600 mV, at a membrane displaced from E_l = E_ref by so much (mV). */
function conductanceRise(engine: EngineName, displaced: number, coba: number): number {
  const g = 2.53e-3 * 95;
  const s = pointA(
    { engine, constants: { offsetCurrentPerCode: (displaced * g) / 500 } },
    [0],
    { e_synin_exc_rev: 310, i_mem_offset: 500 },
    { en_synin_coba_exc: coba, en_thresh_comp: 0, en_mem_off: 1 },
  );
  s.core.setWeight(synapse(0, 0, 0), 63);
  s.to(SETTLED * 3);
  const rest = s.core.membrane(0);
  s.core.driverEvent(0, 0, 0);
  s.to(SETTLED * 3 + 0.1);
  return s.core.membrane(0) - rest;
}

function conductance(engine: EngineName): number {
  const span = 18.75 + 1.875 * 310 - 420.125;
  const plain = conductanceRise(engine, 0, 0);
  return worst(
    [0, 0.25, 0.5, 0.75, 1].map((part) =>
      Math.abs(conductanceRise(engine, part * span, 1) / plain - (1 - part)),
    ),
  );
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

function weights(engine: EngineName): number {
  const peak = (weight: number): number => {
    const s = pointA({ engine });
    s.core.setWeight(synapse(0, 0, 0), weight);
    s.to(SETTLED);
    const rest = s.core.membrane(0);
    s.core.driverEvent(0, 0, 0);
    s.to(SETTLED + 10);
    return s.core.membrane(0) - rest;
  };
  const full = peak(63);
  return worst(Array.from({ length: 64 }, (_, w) => Math.abs(peak(w) - (full * w) / 63) / full));
}

/** n simultaneous events: rise over the first 0.1 us against the integral of S tanh(s/S). */
function saturation(engine: EngineName): number {
  const rise = (events: number): number => {
    const s = pointA(
      {
        engine,
        die: { seed: 1, law: 'residual' },
        noise: {
          membrane: false,
          threshold: false,
          event: false,
          drift: false,
        },
      },
      [0],
      {},
      { en_thresh_comp: 0 },
    );
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.to(SETTLED);
    const rest = s.core.membrane(0);
    for (let i = 0; i < events; i++) s.core.driverEvent(0, 0, 0);
    const strength = s.core.synapticLine(0, 0);
    s.to(SETTLED + 0.1);
    // Both time constants are about 10 us: the middle of the interval stands for it.
    return (s.core.membrane(0) - rest) / (20 * Math.tanh((strength * Math.exp(-0.005)) / 20));
  };
  const one = rise(1);
  return worst([2, 5, 10, 20, 40, 80].map((n) => relative(rise(n), one)));
}

/** State of a depressing driver just before an event of a regular train of period tau_rec. */
function depression(engine: EngineName): number {
  const s = pointA({ engine });
  writeShared(s.core, { stp_v_charge_0: 330, stp_v_recover_0: 50 });
  s.core.setStp(0, { enable_recovery_clock: 1, recovery_clock_speed: 0 });
  s.core.setDriver(0, 0, { en_stp: 1, en_recovery: 1, utilization: 3, recovery: 6 });
  s.core.setWeight(synapse(0, 0, 0), 1);
  let jump = 0;
  for (let i = 0; i < 40; i++) {
    s.to(SETTLED + i * 16);
    const before = s.core.synapticLine(0, 0);
    s.core.driverEvent(0, 0, 0);
    jump = (s.core.synapticLine(0, 0) - before) * 63;
  }
  // A = (600 - v + 8 (0 - 7.5)) / 420 with v after the step of U = 0.2.
  const before = (540 - jump * 420 - 0.2 * 330) / 0.8;
  return relative((before - 330) / (50 - 330), 0.8957);
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

/** Share of time a neuron of this leak code is refractory under balanced background, and its leak potential in mV. */
function activation(engine: EngineName, code: number): readonly [number, number] {
  const s = pointA({ engine }, [0], {
    v_leak: code,
    v_threshold: 389,
    v_reset: 789,
    i_bias_leak: 950,
  });
  // 156 periods of 16 cycles: 10 us.
  s.core.setCommonBackend(0, { clock_scale_slow: 3 });
  s.core.setBackend(0, { refractory_time: 156, reset_holdoff: 15 });
  s.core.setWeight(synapse(0, 0, 0), 24);
  s.core.setWeight(synapse(0, 1, 0), 24);
  s.core.setLabel(synapse(0, 1, 0), 1);
  const times = new Stream(code, 'test/background');
  const end = (SETTLED + 4000) * 250;
  let at = 1000;
  // Two sources of 5 MHz: one event every 25 cycles on average, excitatory or inhibitory.
  for (;;) {
    at += times.exponential() * 25;
    if (at > end) break;
    s.core.advance(Math.ceil(at));
    s.core.driverEvent(0, 0, times.integer(2));
  }
  s.core.advance(end);
  const spikes = s.spikes.filter((x) => x.cycle > SETTLED * 250).length;
  return [18.75 + 1.875 * code - 778, (spikes * 156 * 16) / (4000 * 250)];
}

/** 1 - R^2 of a logistic function through the shares of refractory time. */
function logistic(engine: EngineName): number {
  const points = Array.from({ length: 16 }, (_, i) => activation(engine, 725 + 10 * i));
  // A line through the logits, weighted by p (1 - p).
  const inner = points.filter(([, p]) => p > 0.02 && p < 0.97);
  if (inner.length < 6) return Infinity;
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (const [x, p] of inner) {
    const y = Math.log(p / (1 - p));
    const weight = p * (1 - p);
    w += weight;
    wx += weight * x;
    wy += weight * y;
    wxx += weight * x * x;
    wxy += weight * x * y;
  }
  const slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  const offset = (wy - slope * wx) / w;
  const mean = points.reduce((a, [, p]) => a + p, 0) / points.length;
  const residual = points.reduce(
    (a, [x, p]) => a + (p - 1 / (1 + Math.exp(-(offset + slope * x)))) ** 2,
    0,
  );
  return residual / points.reduce((a, [, p]) => a + (p - mean) ** 2, 0);
}

export const NEURON_CASES: readonly Case[] = [
  {
    on: 'ideal',
    id: 'V1',
    what: 'height of a synaptic potential (tau_m 20, tau_s 5 us; 10, 10 us)',
    tolerance: 0.002,
    unit: 'of the peak',
    measure: (engine) =>
      worst(theory.psp.cases.map((c) => relative(potential(engine, c.tau_m, c.tau_s)[1], c.vpk))),
  },
  {
    on: 'ideal',
    id: 'V1',
    what: 'time of its peak',
    tolerance: 0.01,
    unit: 'us',
    measure: (engine) =>
      worst(theory.psp.cases.map((c) => Math.abs(potential(engine, c.tau_m, c.tau_s)[0] - c.tpk))),
  },
  {
    on: 'ideal',
    id: 'V2',
    what: 'two potentials superpose',
    tolerance: 0.002,
    unit: 'of the peak',
    measure: superposition,
  },
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
    on: 'ideal',
    id: 'V5',
    what: 'decay from 100 mV above leak',
    tolerance: 0.001,
    unit: 'of tau',
    measure: decayTime,
  },
  {
    on: 'ideal',
    id: 'V6',
    what: 'conductance input from E_ref to E_rev',
    tolerance: 0.005,
    unit: 'of the current-based one',
    measure: conductance,
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
    id: 'V8',
    what: 'peak proportional to weight 0..63',
    tolerance: 0.002,
    unit: 'of full weight',
    measure: weights,
  },
  {
    on: 'ideal',
    id: 'V9',
    what: 'n simultaneous events: S tanh(n/S)',
    tolerance: 0.005,
    unit: 'relative',
    measure: saturation,
  },
  {
    on: 'ideal',
    id: 'V10',
    what: 'depressing train settles at 0.8957',
    tolerance: 0.01,
    unit: 'relative',
    measure: depression,
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
    measure: logistic,
  },
];
