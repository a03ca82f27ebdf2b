import { describe, expect, test } from 'vitest';
import {
  crossingTime,
  response,
  responsePeak,
  saturatedResponse,
} from '../../../emulator/analog/response.js';
import { describeEngines, SETTLED, setUp, synapse } from './setup.js';
import { theory } from './theory.js';

/** Codes that give tau_syn and tau_m in us at 2.4 pF with the small line capacitance. */
const excCode = (tau: number): number => Math.round(503 / tau);
const leakCode = (tau: number): number => Math.round(2.4 / (2.53e-3 * tau));

describe('closed forms', () => {
  test.each(theory.psp.cases)('the response peaks where theory says (tau_m $tau_m)', (c) => {
    const k = 1 / c.tau_m;
    const l = 1 / c.tau_s;
    const t = responsePeak(k, l);
    expect(Math.abs(t - c.tpk)).toBeLessThan(1e-8);
    const height = (c.A / c.tau_m) * response(k, l, t, Math.exp(-k * t), Math.exp(-l * t));
    expect(Math.abs(height - c.vpk)).toBeLessThan(1e-9);
  });

  test.each(theory.lif_fI.cases)(
    'a constant current gives the rate of theory (I/g $I_over_g)',
    (c) => {
      const interval = c.t_ref + crossingTime(c.v_reset, c.v_th, c.I_over_g, 1 / c.tau_m);
      expect(Math.abs(1 / interval - c.rate)).toBeLessThan(1e-9);
    },
  );

  test('saturated currents agree with a fine numerical integration, in every regime', () => {
    const k = 0.004 / 10;
    const l = 0.004 / 7;
    for (const s of [0.05, 0.5, 3, 10, 25, 60]) {
      let y = 0;
      const h = 0.5;
      const f = (t: number, v: number): number =>
        -k * v + 20 * Math.tanh((s * Math.exp(-l * t)) / 20);
      for (let t = 0; t < 2500; t += h) {
        const a = f(t, y);
        const b = f(t + h / 2, y + (h / 2) * a);
        const c = f(t + h / 2, y + (h / 2) * b);
        y += (h / 6) * (a + 2 * b + 2 * c + f(t + h, y + h * c));
      }
      const closed = saturatedResponse(s, 20, k, l, 2500, Math.exp(-k * 2500), Math.exp(-l * 2500));
      expect(Math.abs(closed / y - 1)).toBeLessThan(1e-4);
    }
  });
});

describeEngines('one neuron on the ideal chip', (within) => {
  test.each([
    [20, 5],
    [10, 10],
    [6, 6],
  ])(
    'V1: the potential after one event follows the closed form (tau_m %f, tau_s %f us)',
    (tm, ts) => {
      const s = setUp({}, [0], { i_bias_leak: leakCode(tm), i_bias_synin_exc_tau: excCode(ts) });
      const tauM = 2.4 / (2.53e-3 * leakCode(tm));
      const tauS = 503 / excCode(ts);
      s.core.setWeight(synapse(0, 0, 0), 63);
      s.to(SETTLED);
      const rest = s.core.membrane(0);
      s.core.driverEvent(0, 0, 0);
      const amplitude = 40 / 2.4;
      const peak = amplitude / Math.E / Math.max(1 / tauM, 1 / tauS);
      for (let t = 0.5; t < 60; t += 0.5) {
        s.to(SETTLED + t);
        const x = 1 / tauM - 1 / tauS;
        const expected =
          Math.abs(x) < 1e-6
            ? amplitude * t * Math.exp(-t / tauM)
            : (amplitude * (Math.exp(-t / tauS) - Math.exp(-t / tauM))) / x;
        expect(Math.abs(s.core.membrane(0) - rest - expected)).toBeLessThan(0.002 * peak);
      }
    },
  );

  test('V9: many simultaneous events saturate the line softly', () => {
    const slope = (events: number): number => {
      const s = setUp(
        { die: { seed: 1, law: 'residual' }, noise: ALL_OFF },
        [0],
        {},
        { en_thresh_comp: 0 },
      );
      s.core.setWeight(synapse(0, 0, 0), 63);
      s.to(SETTLED);
      const rest = s.core.membrane(0);
      for (let i = 0; i < events; i++) s.core.driverEvent(0, 0, 0);
      const strength = s.core.synapticLine(0, 0);
      s.to(SETTLED + 0.04);
      return (s.core.membrane(0) - rest) / (20 * Math.tanh(strength / 20));
    };
    const one = slope(1);
    // Between the grid points the fast engine knows the bend of the line only roughly.
    for (const n of [5, 15, 40, 80])
      expect(Math.abs(slope(n) / one - 1)).toBeLessThan(within(0.005, 0.02));
  });

  test('an event with another label, an unconnected column and a row in mode off do nothing', () => {
    const s = setUp();
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.core.setLabel(synapse(0, 0, 0), 5);
    s.core.setWeight(synapse(0, 2, 0), 63);
    s.core.setWeight(synapse(0, 4, 1), 63);
    s.core.setDriver(0, 1, { en_exc_bottom: 0 });
    s.to(SETTLED);
    s.core.driverEvent(0, 0, 4);
    s.core.driverEvent(0, 1, 0);
    s.core.driverEvent(0, 2, 0);
    expect(s.core.synapticLine(0, 0)).toBe(0);
    expect(s.core.synapticLine(1, 0)).toBe(0);
    s.core.driverEvent(0, 0, 5);
    expect(Math.abs(s.core.synapticLine(0, 0) - 1)).toBeLessThan(within(1e-12, 1e-6));
  });

  test('without address forwarding only bit 5 of the label counts', () => {
    const s = setUp();
    s.core.setDriver(0, 0, { forward_address: 0 });
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.core.setLabel(synapse(0, 0, 0), 35);
    s.to(SETTLED);
    s.core.driverEvent(0, 0, 3);
    expect(s.core.synapticLine(0, 0)).toBe(0);
    s.core.driverEvent(0, 0, 60);
    expect(Math.abs(s.core.synapticLine(0, 0) - 1)).toBeLessThan(within(1e-12, 1e-6));
  });

  test('bypass: every full event makes one spike, none with weight 0, at least a refractory time apart', () => {
    const s = setUp({}, [0], {}, { en_byp_exc: 1, en_byp_inh: 1, en_thresh_comp: 0 });
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.to(SETTLED);
    for (let i = 0; i < 50; i++) {
      s.to(SETTLED + i * 10);
      s.core.driverEvent(0, 0, 0);
      s.core.driverEvent(0, 3, 0);
    }
    s.to(SETTLED + 600);
    expect(s.spikes.map((x) => x.cycle)).toEqual(
      Array.from({ length: 50 }, (_, i) => (SETTLED + i * 10) * 250 + 1),
    );
    s.core.driverEvent(0, 0, 0);
    s.core.driverEvent(0, 0, 0);
    s.to(SETTLED + 601);
    expect(s.spikes.length).toBe(51);
  });

  test('a reset pulls the membrane to the reset potential without a spike', () => {
    const s = setUp();
    s.to(SETTLED);
    s.core.resetNeuron(0);
    s.to(SETTLED + 1.9);
    const g = 2.53e-3 * 95;
    const gr = 2.53e-3 * 1015 * 8;
    const target = (g * 420.125 + gr * (18.75 + 1.875 * 601 - 770)) / (g + gr);
    expect(s.core.membrane(0)).toBeCloseTo(target, 3);
    expect(s.spikes.length).toBe(0);
  });
});

const ALL_OFF = {
  membrane: false,
  threshold: false,
  event: false,
  cadc: false,
  madc: false,
  routing: false,
  drift: false,
};
