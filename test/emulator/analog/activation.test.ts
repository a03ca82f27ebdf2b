import { expect, test } from 'vitest';
import { Stream } from '../../../isa/numeric/random.js';
import { describeEngines, SETTLED, setUp, synapse } from './setup.js';

/** Share of time a neuron of this leak code is refractory under balanced background, and its leak potential in mV. */
function activation(code: number): [number, number] {
  const s = setUp({}, [0], { v_leak: code, v_threshold: 389, v_reset: 789, i_bias_leak: 950 });
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

describeEngines('activation', () => {
  test('V22: under strong background the share of refractory time is a logistic function of the leak potential', () => {
    const points: [number, number][] = [];
    for (let code = 725; code <= 875; code += 10) points.push(activation(code));
    const inner = points.filter(([, p]) => p > 0.02 && p < 0.97);
    expect(inner.length).toBeGreaterThan(5);
    // Fit of V0 and alpha by a line through the logits, weighted by p (1 - p).
    let w = 0;
    let wx = 0;
    let wy = 0;
    let wxx = 0;
    let wxy = 0;
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
    let residual = 0;
    let total = 0;
    for (const [x, p] of points) {
      residual += (p - 1 / (1 + Math.exp(-(offset + slope * x)))) ** 2;
      total += (p - mean) ** 2;
    }
    expect(1 - residual / total).toBeGreaterThan(0.995);
  });
});
