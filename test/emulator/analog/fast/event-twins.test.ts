import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mix } from '../../../../emulator/analog/deviate.js';
import * as at from '../../../../emulator/analog/fast/layout.js';
import { arrayOffset } from '../../../../emulator/analog/fast/layout.js';
import { Machine } from '../../../../emulator/analog/fast/machine.js';
import { COUNTER_STEP } from '../../../../emulator/analog/membrane-noise.js';
import { rowTwin } from './twins.js';

const bytes = (length: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max }), { minLength: length, maxLength: length });

describe('kernels of events against their twins in float64', () => {
  test('an inhibitory row lifts its line and lowers membranes by its tables', () => {
    fc.assert(
      fc.property(bytes(256, 63), bytes(256, 2), fc.boolean(), (weights, labels, general) => {
        const machine = new Machine();
        const row = 300;
        machine.bytes(at.WEIGHTS, 131072).set(weights, row * 256);
        machine.bytes(at.LABELS, 131072).set(labels, row * 256);
        machine.floats(at.STRENGTHS, 131072).set(
          weights.map((w) => w / 63),
          row * 256,
        );
        machine.bytes(at.INHIBITORY_COLUMNS, 512).fill(255, 256, 500);
        machine.floats(at.INHIBITORY_LEFT, 26 * 512).fill(0.9);
        machine.floats(at.INHIBITORY_RISE, 26 * 512).fill(-1.5);
        machine.floats(at.SATURATION, 2).set([20, 1 / 20]);
        machine.floats(arrayOffset.inhibitoryPlain, 512).fill(1);
        machine.floats(arrayOffset.threshold, 512).fill(Infinity);
        machine.floats(arrayOffset.inhibitory, 512).fill(3);
        for (const form of general ? (['/saturating', '/general'] as const) : ([''] as const)) {
          machine.floats(arrayOffset.v, 512).fill(0);
          machine.floats(arrayOffset.inhibitory, 512).fill(3);
          machine.kernels[`row/inhibitory${form}`](row, 63, 1, 1, 0.5, 7, 0, 0);
          const twin = rowTwin(weights, labels, 63, 1, general ? 20 : Infinity, 244);
          const v = machine.floats(arrayOffset.v, 512);
          const line = machine.floats(arrayOffset.inhibitory, 512);
          twin.v.forEach((x, c) => expect(Math.abs((v[256 + c] ?? 0) + x)).toBeLessThan(1e-5));
          twin.line.forEach((x, c) =>
            expect(Math.abs((line[256 + c] ?? 0) - x)).toBeLessThan(1e-5),
          );
          expect(machine.floats(arrayOffset.excitatory, 512).every((x) => x === 0)).toBe(true);
        }
      }),
      { numRuns: 10, seed: 4 },
    );
  });

  test('a share of the rise acts in reset, and none of it where the input pauses', () => {
    for (const form of ['', '/saturating', '/general'] as const)
      for (const share of [0, 0.75]) {
        const machine = new Machine();
        machine.bytes(at.WEIGHTS, 131072).fill(63, 0, 256);
        machine.floats(at.STRENGTHS, 131072).fill(1, 0, 256);
        machine.bytes(at.EXCITATORY_COLUMNS, 512).fill(255);
        machine.floats(at.EXCITATORY_LEFT, 26 * 512).fill(1);
        machine.floats(at.EXCITATORY_RISE, 26 * 512).fill(2);
        // Far from saturation, so that both kernels compute the same.
        machine.floats(at.SATURATION, 2).set([1e6, 1e-6]);
        machine.floats(arrayOffset.excitatoryPlain, 512).fill(share);
        machine.floats(arrayOffset.threshold, 512).fill(Infinity);
        machine.kernels[`row/excitatory${form}`](0, 63, 0, 1, 1, 20, 0, 0);
        expect(machine.floats(arrayOffset.v, 512)[17]).toBeCloseTo(2 * share, 6);
        expect(machine.floats(arrayOffset.excitatory, 512)[17]).toBe(1);
      }
  });

  test('noise of amplitudes: every synapse of a row by its own word', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 511 }),
        fc.integer(),
        fc.double({ min: 0, max: 0.2, noNaN: true }),
        (row, key, sd) => {
          const machine = new Machine();
          const unit = Math.fround(sd / 147.8);
          machine.floats(at.EVENT_NOISE, 1)[0] = unit;
          const strengths = machine.floats(at.STRENGTHS + 1024 * row, 256);
          for (let c = 0; c < 256; c++) strengths[c] = c / 63;
          machine.bytes(at.WEIGHTS + 256 * row, 256).fill(1);
          machine.bytes(at.EXCITATORY_COLUMNS, 512).fill(255);
          machine.floats(at.EXCITATORY_LEFT, 26 * 512).fill(1);
          machine.floats(arrayOffset.threshold, 512).fill(Infinity);
          machine.kernels['row/excitatory'](row, 63, 0, 1, 1, 7, 1, key);
          const noisy = machine.floats(arrayOffset.excitatory + 1024 * (row >> 8), 256);
          for (let c = 0; c < 256; c++) {
            const word = mix(key ^ Math.imul(row * 256 + c, COUNTER_STEP));
            const sum =
              (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 510;
            const expected = (strengths[c] ?? 0) * (1 + unit * sum);
            expect(Math.abs((noisy[c] ?? NaN) - expected)).toBeLessThan(1e-6);
          }
        },
      ),
      { numRuns: 12, seed: 6 },
    );
  });

  test.each(['pre', 'post'] as const)(
    '%s, general form: no trace from before the last write of a label is read, and a part never decays',
    (kind) => {
      fc.assert(
        fc.property(
          bytes(256, 6),
          bytes(256, 6),
          fc.integer({ min: 0, max: 5 }),
          fc.double({ min: 0, max: 0.5, noNaN: true }),
          (orders, written, last, floor) => {
            const machine = new Machine();
            const line = 270;
            const now = 20_000;
            machine.floats(at.INVERSE_LIMIT, 3).set([1 / 180, floor, 1 - floor]);
            machine.bytes(at.COLUMNS_PULSED, 32).fill(1);
            machine.bytes(at.ROWS_PULSED, 32).fill(1);
            machine.bytes(at.ROW_LABEL, 512).fill(255);
            const pre = kind === 'pre';
            machine.floats(pre ? at.ACAUSAL : at.CAUSAL, 131072).fill(5);
            machine.floats(pre ? at.ACAUSAL_AMPLITUDE : at.CAUSAL_AMPLITUDE, 131072).fill(0.7);
            machine.floats(pre ? at.ACAUSAL_RATE : at.CAUSAL_RATE, 131072).fill(-0.001);
            machine
              .integers(pre ? at.LABEL_ORDER : at.LABEL_ORDER_BY_COLUMN, 131072)
              .set(written, line * 256);
            const time = (i: number): number => 1000 * i + 3;
            if (pre) {
              machine.integers(at.POST_TIME, 512).set(
                orders.map((_, i) => time(i)),
                256,
              );
              machine.integers(at.POST_ORDER, 512).set(orders, 256);
              machine.kernels['pre/general'](line, 63, 0, now, last);
            } else {
              const pairs = machine.integers(at.PRE, 65536);
              orders.forEach((order, i) => {
                pairs[2 * (256 + i) * 64] = time(i);
                pairs[2 * (256 + i) * 64 + 1] = order;
              });
              machine.kernels['post/general'](line, now, last);
            }
            const sums = machine.floats(pre ? at.ACAUSAL : at.CAUSAL, 131072);
            orders.forEach((order, i) => {
              const reads = order > last && order > (written[i] ?? 0);
              const trace = floor + (1 - floor) * 2 ** Math.max(-100, -0.001 * (now - time(i)));
              const expected = reads ? 5 + 0.7 * trace * (1 - 5 / 180) : 5;
              // Beyond the present a trace would grow: pulses lie in the past.
              if (time(i) > now) return;
              expect(Math.abs((sums[line * 256 + i] ?? NaN) - expected)).toBeLessThan(1e-5);
            });
          },
        ),
        { numRuns: 10, seed: 8 },
      );
    },
  );
});
