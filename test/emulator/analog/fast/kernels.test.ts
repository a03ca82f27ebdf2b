import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as at from '../../../../emulator/analog/fast/layout.js';
import { kernelBytes, Machine } from '../../../../emulator/analog/fast/machine.js';
import { arrayOffset, type NeuronArray } from '../../../../emulator/analog/fast/layout.js';
import { contentHash } from './hash.js';
import { postTwin, preTwin, rowTwin, stepTwin, type NeuronValues, type StepKind } from './twins.js';

const float = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map(Math.fround);

/** Coefficients as they occur: time constants of 0.5 to 60 us, potentials within the range of the chip. */
const values: fc.Arbitrary<NeuronValues> = fc.record({
  v: float(-600, 200),
  excitatory: float(0, 60),
  inhibitory: float(0, 60),
  w: float(-30, 60),
  constant: float(-5, 5),
  slope: float(-0.18, -0.0016),
  excitatoryGain: float(0, 2),
  inhibitoryGain: float(-2, 0),
  excitatoryDecay: float(0.82, 0.999),
  inhibitoryDecay: float(0.82, 0.999),
  excitatoryHalf: float(0.9, 0.999),
  inhibitoryHalf: float(0.9, 0.999),
  constantHalf: float(-2, 2),
  slopeHalf: float(-0.1, -0.0008),
  excitatoryHalfGain: float(0, 1),
  inhibitoryHalfGain: float(-1, 0),
  adaptationLeft: float(0.99, 0.9999),
  adaptationPull: float(-1e-4, 1e-4),
  slopeFactor: float(6, 60),
  exponential: float(-300, 200),
  rate: float(6e-5, 8e-3),
  rateRest: float(-2, 0.1),
  excitatoryCurrent: float(0, 0.06),
  inhibitoryCurrent: float(-0.06, 0),
  excitatoryRate: float(0, 2e-4),
  inhibitoryRate: float(0, 2e-4),
  excitatoryReversal: float(0, 500),
  inhibitoryReversal: float(-600, -100),
});

/** One neuron's values in all lanes of block 3, in a memory of its own. */
function memoryWith(neuron: NeuronValues, threshold: number): Machine {
  const machine = new Machine();
  const set = (name: NeuronArray, value: number): void => {
    machine.floats(arrayOffset[name], 512).fill(value, 48, 64);
  };
  for (const [name, value] of Object.entries(neuron)) set(name as NeuronArray, value);
  set('inverseSlopeFactor', 1.4426950408889634 / neuron.slopeFactor);
  set('threshold', threshold);
  set('lowest', -620);
  set('highest', 580);
  set('alarm', Math.min(threshold, 580));
  machine.floats(at.SATURATION, 2).set([20, 1 / 20]);
  return machine;
}

describe('step kernels against their twins in float64', () => {
  test.each([
    ['leaky', 2e-5],
    ['exponential', 5e-4],
    ['conductance', 5e-4],
  ] as const)('%s, with and without saturation and checks', (kind: StepKind, error) => {
    fc.assert(
      fc.property(values, fc.boolean(), fc.boolean(), (neuron, saturates, checks) => {
        const machine = memoryWith(neuron, Infinity);
        const number = at.KINDS.indexOf(kind);
        machine.integers(at.COUNTS, 3)[number] = 1;
        machine.integers(at.LISTS + number * at.LIST_BYTES, 1)[0] = 3;
        machine.kernels[
          `step/${kind}${saturates ? '/saturating' : ''}${checks ? '/check' : ''}` as const
        ]();
        const expected = stepTwin(kind, neuron, saturates ? 20 : Infinity, [-620, 580]);
        const lane = 50;
        const seen = (name: NeuronArray): number =>
          machine.floats(arrayOffset[name], 512)[lane] ?? NaN;
        // In the upswing a last bit of the exponent moves the membrane by much more.
        const steep = Math.abs(expected.v - neuron.v) > 20 ? 50 : 1;
        expect(Math.abs(seen('v') - expected.v)).toBeLessThan(
          steep * (2e-4 + error * Math.abs(expected.v - neuron.v)),
        );
        expect(Math.abs(seen('excitatory') - expected.excitatory)).toBeLessThan(1e-5);
        if (kind !== 'leaky') expect(Math.abs(seen('w') - expected.w)).toBeLessThan(0.01 * steep);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test('neurons at their threshold are noted in order; a block in which nothing moves is dropped', () => {
    const still = {
      ...Object.fromEntries(Object.keys(arrayOffset).map((name) => [name, 0])),
      v: -10,
      slopeFactor: 20,
    } as unknown as NeuronValues;
    const machine = memoryWith(still, 5);
    machine.integers(at.LISTS, 1)[0] = 3;
    const counts = machine.integers(at.COUNTS, 3);
    const hits = machine.integers(at.HITS, 1);
    counts[0] = 1;
    machine.floats(arrayOffset.constant, 512)[53] = 20;
    machine.floats(arrayOffset.constant, 512)[61] = 15;
    machine.kernels['step/leaky/check']();
    expect([...machine.integers(at.HIT_LIST, hits[0] ?? 0)]).toEqual([53, 61]);
    expect(counts[0]).toBe(1);
    machine.floats(arrayOffset.constant, 512).fill(0);
    machine.floats(arrayOffset.threshold, 512).fill(Infinity);
    machine.kernels['step/leaky/check']();
    expect(counts[0]).toBe(0);
  });

  test('lines that fade end at exactly 0 long before floats become denormal', () => {
    const machine = memoryWith(
      { v: -10, slopeFactor: 20, excitatory: 1, excitatoryDecay: 0.8 } as unknown as NeuronValues,
      Infinity,
    );
    machine.integers(at.LISTS, 1)[0] = 3;
    machine.integers(at.COUNTS, 3)[0] = 1;
    const line = machine.floats(arrayOffset.excitatory, 512);
    for (let step = 1; step <= 80; step++) {
      machine.kernels[step % 8 === 0 ? 'step/leaky/check' : 'step/leaky']();
      expect((line[50] ?? 0) === 0 || (line[50] ?? 0) > 1e-12).toBe(true);
    }
    expect(line[50]).toBe(0);
  });
});

const bytes = (length: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max }), { minLength: length, maxLength: length });

describe('kernels of events against their twins in float64', () => {
  test('a row lifts the lines and membranes of matching synapses alone', () => {
    fc.assert(
      fc.property(
        bytes(256, 63),
        bytes(256, 2),
        fc.constantFrom(63, 32),
        fc.integer({ min: 0, max: 25 }),
        fc.constantFrom('', '/saturating', '/general'),
        (weights, labels, mask, left, form) => {
          const machine = new Machine();
          const row = 300;
          const neuron = 256;
          machine.bytes(at.WEIGHTS, 131072).set(weights, row * 256);
          machine.bytes(at.LABELS, 131072).set(labels, row * 256);
          machine.floats(at.STRENGTHS, 131072).set(
            weights.map((w) => w / 63),
            row * 256,
          );
          machine.bytes(at.EXCITATORY_COLUMNS, 512).fill(255, 256, 500);
          machine.floats(at.EXCITATORY_LEFT, 26 * 512).fill(0.9);
          machine.floats(at.EXCITATORY_RISE, 26 * 512).fill(1.5);
          machine.floats(at.SATURATION, 2).set([20, 1 / 20]);
          machine.floats(arrayOffset.excitatoryPlain, 512).fill(1);
          machine.floats(arrayOffset.threshold, 512).fill(1.2);
          machine.floats(arrayOffset.excitatory, 512).fill(3);
          machine.kernels[`row/excitatory${form}`](row, mask, 1 & mask, 1, 0.5, left, 0, 0);
          const twin = rowTwin(weights, labels, mask, 1 & mask, form === '' ? Infinity : 20, 244);
          const v = machine.floats(arrayOffset.v, 512);
          const line = machine.floats(arrayOffset.excitatory, 512);
          twin.v.forEach((x, c) => expect(Math.abs((v[neuron + c] ?? 0) - x)).toBeLessThan(1e-5));
          twin.line.forEach((x, c) =>
            expect(Math.abs((line[neuron + c] ?? 0) - x)).toBeLessThan(1e-5),
          );
          expect(machine.integers(at.DELIVERED, 1)[0]).toBe(twin.delivered);
          const hits = machine.integers(at.HITS, 1)[0] ?? 0;
          const above = twin.v.flatMap((x, c) => (x >= 1.2 ? [neuron + c] : []));
          expect([...machine.integers(at.HIT_LIST, hits)]).toEqual(above);
        },
      ),
      { numRuns: 25, seed: 3 },
    );
  });

  test('sensors: a row reads what columns left, a column what rows left', () => {
    fc.assert(
      fc.property(
        bytes(256, 3),
        bytes(256, 6),
        fc.integer({ min: 0, max: 5 }),
        (labels, orders, last) => {
          const machine = new Machine();
          const times = orders.map((o, i) => o * 1000 + i);
          machine.floats(at.INVERSE_LIMIT, 1)[0] = 1 / 180;
          machine.bytes(at.COLUMNS_PULSED, 32).fill(1);
          machine.bytes(at.ROWS_PULSED, 32).fill(1);
          machine.bytes(at.ROW_LABEL, 512).fill(255);
          for (const offset of [at.ACAUSAL, at.CAUSAL]) machine.floats(offset, 131072).fill(5);
          for (const offset of [at.ACAUSAL_AMPLITUDE, at.CAUSAL_AMPLITUDE])
            machine.floats(offset, 131072).fill(0.7);
          for (const offset of [at.ACAUSAL_RATE, at.CAUSAL_RATE])
            machine.floats(offset, 131072).fill(-0.001);
          machine.bytes(at.LABELS, 131072).set(labels, 9 * 256);
          machine.integers(at.POST_TIME, 512).set(times);
          machine.integers(at.POST_ORDER, 512).set(orders);
          machine.kernels.pre(9, 63, 2, 10_000, last);
          const acausal = machine.floats(at.ACAUSAL, 131072).subarray(9 * 256, 10 * 256);
          preTwin(labels, times, orders, 2, 10_000, last).forEach((x, c) =>
            expect(Math.abs((acausal[c] ?? 0) - x)).toBeLessThan(1e-5),
          );
          machine.bytes(at.LABELS_BY_COLUMN, 131072).set(labels, 17 * 256);
          const pre = machine.integers(at.PRE, 65536);
          for (let row = 0; row < 256; row++)
            for (let label = 0; label < 64; label++) {
              pre[2 * (row * 64 + label)] = (times[row] ?? 0) + label;
              pre[2 * (row * 64 + label) + 1] = orders[row] ?? 0;
            }
          machine.kernels.post(17, 10_000, last);
          const causal = machine.floats(at.CAUSAL, 131072).subarray(17 * 256, 18 * 256);
          postTwin(labels, times, orders, 10_000, last).forEach((x, r) =>
            expect(Math.abs((causal[r] ?? 0) - x)).toBeLessThan(1e-5),
          );
        },
      ),
      { numRuns: 20, seed: 5 },
    );
  });
});

test('the kernels are the same bytes wherever they are written', () => {
  const bytesOfModule = kernelBytes();
  expect(kernelBytes()).toEqual(bytesOfModule);
  expect(contentHash(bytesOfModule)).toMatchInlineSnapshot(`"5bcc9739dd8abfd1d3ca8f73bf7e0383"`);
});
