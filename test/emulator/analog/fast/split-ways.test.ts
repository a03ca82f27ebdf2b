import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as at from '../../../../emulator/analog/fast/layout.js';
import { Machine } from '../../../../emulator/analog/fast/machine.js';
import { splitTwin, type LawValues } from './twins.js';

const float = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true }).map(Math.fround);

/** Time constants of 0.2 to 100 us, in reset and free; potentials relative to the threshold. */
const laws: fc.Arbitrary<LawValues> = fc.record({
  rate: float(4e-5, 0.03),
  excitatoryRate: float(1e-4, 8e-3),
  inhibitoryRate: float(1e-4, 8e-3),
  adaptationRate: float(1e-5, 4e-3),
  rest: float(-300, 50),
  excitatoryDrive: float(0, 0.06),
  inhibitoryDrive: float(-0.06, 0),
  drag: float(0.1, 20),
  slopeFactor: fc.oneof(fc.constant(0), float(6, 60)),
  exponential: float(-150, 0),
  exponentialRate: float(4e-5, 4e-3),
  conductance: float(-0.05, 0.1),
  potential: float(-200, 0),
  resets: fc.boolean(),
});
const LIMITS = [-620, 580] as const;

const machine = new Machine();
const state = machine.floats(at.SPLIT_V, 2);
machine.floats(at.arrayOffset.lowest, 512).fill(LIMITS[0]);
machine.floats(at.arrayOffset.highest, 512).fill(LIMITS[1]);

/** Gives neuron 3 this law. */
function setLaw(law: LawValues): void {
  const d = law.slopeFactor;
  machine
    .floats(at.SPLIT_LAWS, 16 * 1024)
    .set(
      [
        law.rate,
        law.excitatoryRate,
        law.inhibitoryRate,
        law.adaptationRate,
        law.rest,
        law.excitatoryDrive,
        law.inhibitoryDrive,
        law.drag,
        d,
        d > 0 ? Math.LOG2E / d : 0,
        law.exponential,
        law.exponentialRate,
        law.conductance,
        law.potential,
        0,
        law.resets ? 1 : 0,
      ],
      16 * 6,
    );
}

describe('parts of a step of exponential neurons against the twin in float64', () => {
  const inputs = [
    laws,
    fc.integer({ min: 1, max: 25 }),
    float(-250, 60),
    float(-5, 20),
    float(0, 30),
    float(0, 30),
  ] as const;

  test('forwards', () => {
    fc.assert(
      fc.property(...inputs, (law, dt, v, w, e, i) => {
        setLaw(law);
        state.set([v, w]);
        machine.kernels['split/forward'](3, 6 * at.SPLIT_LAW_BYTES, dt, e, i);
        const expected = splitTwin(law, dt, { v, w }, [e, i], LIMITS);
        // In the upswing a last bit of the exponent moves the membrane by much more.
        const steep = Math.abs(expected.v - v) > 20 ? 50 : 1;
        const moved = Math.abs(expected.v - v);
        expect(Math.abs((state[0] ?? NaN) - expected.v)).toBeLessThan(
          steep * (2e-4 + 1e-4 * moved),
        );
        expect(Math.abs((state[1] ?? NaN) - expected.w)).toBeLessThan(2e-5 * steep);
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  test('backwards is where it came from', () => {
    fc.assert(
      fc.property(...inputs, (law, dt, v, w, e, i) => {
        const end = splitTwin(law, dt, { v, w }, [e, i], LIMITS);
        // What has run away or was clamped cannot be undone.
        fc.pre(Math.abs(end.v - v) < 100 && end.v > -600);
        setLaw(law);
        state.set([end.v, end.w]);
        machine.kernels['split/backward'](3, 6 * at.SPLIT_LAW_BYTES, dt, e, i);
        const steep = Math.abs(end.v - v) > 10 ? 100 : 1;
        expect(Math.abs((state[0] ?? NaN) - v)).toBeLessThan(steep * 2e-3);
        expect(Math.abs((state[1] ?? NaN) - w)).toBeLessThan(steep * 2e-3);
      }),
      { numRuns: 300, seed: 12 },
    );
  });
});
