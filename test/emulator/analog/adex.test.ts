import { expect, test } from 'vitest';
import { adexSpikes } from '../../../emulator/analog/demonstrations.js';
import { describeEngines, presentEngine, SETTLED, setUp, synapse, writeCodes } from './setup.js';

describeEngines('firing patterns of the adaptive exponential neuron', () => {
  test.each([
    ['adaptation', [200, 12, -70, -50, 2, 2, 300, 60, -58, 500]],
    ['regular bursting', [200, 10, -58, -50, 2, 2, 120, 100, -46, 210]],
    ['delayed regular bursting', [100, 10, -65, -50, 2, -10, 90, 30, -47, 110]],
    ['irregular', [100, 12, -60, -50, 2, -11, 130, 30, -48, 160]],
  ])('%s has its published shape', (pattern, params) => {
    const times = adexSpikes(params, 600, presentEngine());
    const gaps = times.slice(1).map((t, i) => t - (times[i] ?? 0));
    if (pattern === 'adaptation') {
      for (let i = 1; i < gaps.length; i++)
        expect(gaps[i]).toBeGreaterThanOrEqual((gaps[i - 1] ?? 0) * 0.99);
      expect(gaps[0]).toBeCloseTo(11, 0);
      expect(Math.abs((gaps.at(-1) ?? 0) - 76)).toBeLessThan(2);
    } else if (pattern === 'regular bursting') {
      // A triple, then pairs every 138.5 us.
      const starts = times.filter((t, i) => i === 0 || t - (times[i - 1] ?? 0) > 40);
      expect(times.filter((t) => t < (starts[1] ?? 0)).length).toBe(3);
      for (let i = 2; i < starts.length; i++)
        expect(Math.abs((starts[i] ?? 0) - (starts[i - 1] ?? 0) - 138.5)).toBeLessThan(2);
    } else if (pattern === 'delayed regular bursting') {
      expect(Math.abs((times[0] ?? 0) - 57)).toBeLessThan(1);
      const starts = times.filter((t, i) => i === 0 || t - (times[i - 1] ?? 0) > 20);
      expect(times.filter((t) => t >= (starts[1] ?? 0) && t < (starts[2] ?? 0)).length).toBe(4);
    } else {
      const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
      const variance = gaps.reduce((a, b) => a + (b - mean) ** 2, 0) / gaps.length;
      expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.35);
      expect(Math.sqrt(variance) / mean).toBeLessThan(0.8);
    }
  });
});

describeEngines('V6: conductance-based input', (within) => {
  /** Slope of the membrane right after one full event, with the membrane held by the leak at `code`. */
  const slope = (code: number, coba: number): number => {
    // E_rev 1000 mV; the reference is the leak potential at the time of the set-up.
    const s = setUp(
      {},
      [0],
      { v_leak: code, e_synin_exc_rev: 520 },
      { en_synin_coba_exc: coba, en_thresh_comp: 0 },
    );
    s.core.setWeight(synapse(0, 0, 0), 63);
    s.to(SETTLED * 3);
    const rest = s.core.membrane(0);
    s.core.driverEvent(0, 0, 0);
    s.to(SETTLED * 3 + 0.02);
    return s.core.membrane(0) - rest;
  };

  test('at the reference potential it equals the current-based input', () => {
    expect(Math.abs(slope(629, 1) / slope(629, 0) - 1)).toBeLessThan(0.005);
  });

  test('it falls linearly with the distance from the reversal potential', () => {
    // An offset current moves the membrane away from the reference (leak) potential.
    const displaced = (offset: number): readonly [number, number] => {
      const s = setUp(
        {},
        [0],
        { e_synin_exc_rev: 520, i_mem_offset: offset },
        { en_synin_coba_exc: 1, en_thresh_comp: 0, en_mem_off: 1 },
      );
      s.core.setWeight(synapse(0, 0, 0), 63);
      s.to(SETTLED * 3);
      const rest = s.core.membrane(0);
      s.core.driverEvent(0, 0, 0);
      s.to(SETTLED * 3 + 0.02);
      return [rest, s.core.membrane(0) - rest];
    };
    const reversal = 18.75 + 1.875 * 520;
    const [v0, s0] = displaced(0);
    for (const offset of [89, 178, 266, 355, 400]) {
      const [v, s] = displaced(offset);
      expect(s / s0).toBeCloseTo((reversal - v) / (reversal - v0), 2);
    }
  });

  test('a numerically integrated neuron follows the closed form of a plain one', () => {
    const run = (adapt: number): number[] => {
      const s = setUp({}, [0], { i_bias_adapt_tau: 100 }, { en_adapt: adapt });
      s.core.setWeight(synapse(0, 0, 0), 63);
      s.to(SETTLED);
      const out: number[] = [];
      for (let i = 0; i < 60; i++) {
        s.to(SETTLED + 1.1 * i);
        if (i % 7 === 0) s.core.driverEvent(0, 0, 0);
        out.push(s.core.membrane(0));
      }
      return [...out, ...s.spikes.map((x) => x.cycle)];
    };
    const exact = run(0);
    run(1).forEach((v, i) =>
      expect(Math.abs(v - (exact[i] ?? 0))).toBeLessThan(within(2e-4, 5e-3)),
    );
  });
});

describeEngines('compartments', () => {
  test('two neurons joined by one conductance equalise with half its time constant', () => {
    const s = setUp(
      {},
      [0, 1],
      { i_bias_nmda: 100, i_bias_leak: 0 },
      { en_synin_exc: 0, en_synin_inh: 0, en_thresh_comp: 0 },
    );
    for (const [n, code] of [
      [0, 600],
      [1, 640],
    ] as const)
      writeCodes(s.core, n, { i_bias_leak: 300, v_leak: code });
    s.to(200);
    for (const n of [0, 1]) writeCodes(s.core, n, { i_bias_leak: 0 });
    s.core.setNeuron(0, { en_comp_cond: 1, connect_somata: 1 });
    s.core.setNeuron(1, { connect_soma: 1 });
    const start = s.core.membrane(1) - s.core.membrane(0);
    expect(start).toBeCloseTo(75, 3);
    s.to(204);
    const tau = 2.4 / (2.4e-3 * 100) / 2;
    expect((s.core.membrane(1) - s.core.membrane(0)) / start).toBeCloseTo(Math.exp(-4 / tau), 4);
  });
});
