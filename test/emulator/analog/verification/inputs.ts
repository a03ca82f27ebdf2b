/** Inputs: V1, V2, V6, V8 to V10. */
import type { Die, EngineName } from '../../../../emulator/analog/index.js';
import { pointA, SETTLED, synapse, writeShared } from '../operating-point.js';
import { theory } from '../theory.js';
import { EXACT_CODES, exactTimes, relative, residual, SEEDS, worst, type Case } from './case.js';

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

/**
 * Rise of the membrane after one event, with E_rev 600 mV, at a membrane displaced from E_l = E_ref by so much (mV).
 * The event is small, lest the membrane itself move on towards E_rev while its rise is measured.
 */
function conductanceRise(engine: EngineName, displaced: number, coba: number): number {
  const g = 2.53e-3 * 95;
  const s = pointA(
    { engine, constants: { offsetCurrentPerCode: (displaced * g) / 500 } },
    [0],
    { e_synin_exc_rev: 310, i_mem_offset: 500 },
    { en_synin_coba_exc: coba, en_thresh_comp: 0, en_mem_off: 1 },
  );
  s.core.setWeight(synapse(0, 0, 0), 6);
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
function depression(engine: EngineName, die: Die = 'ideal'): number {
  const noise = { membrane: false, threshold: false, event: false, drift: false };
  const s = pointA({ engine, die, noise }, [0], {}, { en_thresh_comp: 0 });
  writeShared(s.core, { stp_v_charge_0: 330, stp_v_recover_0: 50 });
  s.core.setStp(0, { enable_recovery_clock: 1, recovery_clock_speed: 0 });
  s.core.setDriver(0, 0, { en_stp: 1, en_recovery: 1, utilization: 3, recovery: 6 });
  s.core.setWeight(synapse(0, 0, 0), 1);
  let first = NaN;
  let jump = 0;
  for (let i = 0; i < 40; i++) {
    s.to(SETTLED + i * 16);
    const before = s.core.synapticLine(0, 0);
    s.core.driverEvent(0, 0, 0);
    jump = (s.core.synapticLine(0, 0) - before) * 63;
    if (i === 0) first = jump;
  }
  // A = (600 - v + offsets) / 420 with v = charge + 0.8 x (recover - charge) after the step of U = 0.2; x is 1 at first.
  return relative(1 + ((first - jump) * 420) / (0.8 * (50 - 330)), 0.8957);
}

export const INPUT_CASES: readonly Case[] = [
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
    id: 'V6',
    what: 'conductance input from E_ref to E_rev',
    tolerance: 0.005,
    unit: 'of the current-based one',
    measure: conductance,
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
    measure: (engine) => depression(engine),
  },
  {
    on: 'chip',
    id: 'V10',
    what: 'the same, three chips',
    tolerance: 0.1,
    unit: 'relative',
    measure: (engine) => worst(SEEDS.map((seed) => depression(engine, residual(seed)))),
  },
];
