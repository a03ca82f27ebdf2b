/** Activation of neurons under balanced background against their leak potential (V22). */
import type { Die, EngineName } from '../../../../emulator/analog/index.js';
import { Stream } from '../../../../isa/numeric/random.js';
import { pointA, SETTLED, synapse } from '../operating-point.js';

type Point = readonly [potential: number, share: number];

/** Leak potential (mV) of a leak code, and the share of time for which each neuron is refractory then. */
function activation(
  engine: EngineName,
  die: Die,
  neurons: readonly number[],
  code: number,
  duration: number,
): Point[] {
  const s = pointA({ engine, die }, neurons, {
    v_leak: code,
    v_threshold: 389,
    v_reset: 789,
    i_bias_leak: 950,
  });
  // 156 periods of 16 cycles: 10 us.
  for (const half of [0, 1]) s.core.setCommonBackend(half, { clock_scale_slow: 3 });
  for (const n of neurons) {
    s.core.setBackend(n, { refractory_time: 156, reset_holdoff: 15 });
    for (const row of [0, 1]) s.core.setWeight(synapse(n >> 8, row, n & 255), 24);
    s.core.setLabel(synapse(n >> 8, 1, n & 255), 1);
  }
  const hemispheres = [...new Set(neurons.map((n) => n >> 8))];
  const times = new Stream(code, 'test/background');
  const end = (SETTLED + duration) * 250;
  let at = 1000;
  // Two sources of 5 MHz: one event every 25 cycles on average, excitatory or inhibitory.
  for (;;) {
    at += times.exponential() * 25;
    if (at > end) break;
    s.core.advance(Math.ceil(at));
    const label = times.integer(2);
    for (const h of hemispheres) s.core.driverEvent(h, 0, label);
  }
  s.core.advance(end);
  return neurons.map((n) => {
    const spikes = s.spikes.filter((x) => x.neuron === n && x.cycle > SETTLED * 250).length;
    return [18.75 + 1.875 * code - 778, (spikes * 156 * 16) / (duration * 250)];
  });
}

/** 1 - R^2 of a logistic function through the shares of refractory time; Infinity without a slope to be seen. */
function residualOf(points: readonly Point[]): number {
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

/**
 * 1 - R^2 of each neuron's activation function, from 16 leak codes. On drawn chips lines saturate: with as many events the background
 * fluctuates less, and the function is steeper.
 */
export function logistic(engine: EngineName, die: Die, neurons: readonly number[]): number[] {
  const [from, step, duration] = die === 'ideal' ? [725, 10, 4000] : [750, 5, 2000];
  const points = Array.from({ length: 16 }, (_, i) =>
    activation(engine, die, neurons, from + step * i, duration),
  );
  return neurons.map((_, k) => residualOf(points.map((line) => line[k] ?? [NaN, NaN])));
}
