import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantsWith } from '../../../../emulator/analog/constants.js';
import { Calendar } from '../../../../emulator/analog/fast/calendar.js';
import { Coefficients } from '../../../../emulator/analog/fast/coefficients.js';
import { Dynamics, LEAKY } from '../../../../emulator/analog/fast/dynamics.js';
import * as at from '../../../../emulator/analog/fast/layout.js';
import { arrayOffset, STEP, type NeuronArray } from '../../../../emulator/analog/fast/layout.js';
import { Machine } from '../../../../emulator/analog/fast/machine.js';
import { HOLD_OFF, IN_RESET } from '../../../../emulator/analog/neuron-state.js';
import type { Parameters } from '../../../../emulator/analog/parameters.js';

const N = 37;
/** Cycle at which the present step ends. */
const CLOCK = 100_000;
const SATURATION = 20;

/** Parameters of one leaky neuron, in mV and cycles. */
interface Neuron {
  readonly rate: number;
  readonly rest: number;
  readonly resetRate: number;
  readonly resetRest: number;
  readonly excitatoryRate: number;
  readonly inhibitoryRate: number;
  readonly excitatoryDrive: number;
  readonly inhibitoryDrive: number;
  readonly pausesInReset: number;
}

/** State at the end of the step. */
interface State {
  readonly v: number;
  readonly excitatory: number;
  readonly inhibitory: number;
}

const double = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true });
const neurons: fc.Arbitrary<Neuron> = fc.record({
  rate: double(1e-4, 4e-3),
  rest: double(400, 650),
  resetRate: double(0.01, 0.2),
  resetRest: double(300, 400),
  excitatoryRate: double(2e-4, 8e-3),
  inhibitoryRate: double(2e-4, 8e-3),
  excitatoryDrive: double(0.001, 0.1),
  inhibitoryDrive: double(0.001, 0.1),
  pausesInReset: fc.constantFrom(0, 1),
});
const states: fc.Arbitrary<State> = fc.record({
  v: double(300, 600),
  excitatory: double(0, 30),
  inhibitory: fc.oneof(fc.constant(0), double(0, 30)),
});
const THRESHOLD = 500;

/** A neuron in a memory of its own, and its law in float64. */
function setUp(neuron: Neuron, state: State, saturates: boolean) {
  const column = (value: number): Float64Array => new Float64Array(512).fill(value);
  const p = {
    ...Object.fromEntries(Object.entries(neuron).map(([name, value]) => [name, column(value)])),
    threshold: column(THRESHOLD),
    excitatorySlope: column(0),
    inhibitorySlope: column(0),
    excitatoryReversal: column(0),
    inhibitoryReversal: column(0),
    resetCycles: column(0),
  } as unknown as Parameters;
  const machine = new Machine();
  const constants = constantsWith({ saturation: SATURATION });
  const inverse = saturates ? 1 / SATURATION : 0;
  machine.floats(at.SATURATION, 2).set([saturates ? SATURATION : Infinity, inverse]);
  const coefficients = new Coefficients(machine, p, constants, saturates, false);
  coefficients.workOut(N, LEAKY, true);
  coefficients.freshenTables(new Uint8Array(512));
  coefficients.use(N, false);
  const calendar = new Calendar(machine);
  machine.doubles(at.CLOCK, 1)[0] = CLOCK;
  machine.integers(at.STEP_NUMBER, 1)[0] = CLOCK / STEP;
  machine.doubles(at.GOAL, 512).fill(THRESHOLD);
  machine.doubles(at.NEXT_GOAL, 512).fill(THRESHOLD);
  machine.bytes(at.FLAGS, 512).fill(at.CAN_FIRE);
  const own = (name: NeuronArray): Float32Array => machine.floats(arrayOffset[name] + 4 * N, 1);
  own('v')[0] = state.v - THRESHOLD;
  own('excitatory')[0] = state.excitatory;
  own('inhibitory')[0] = state.inhibitory;
  machine.kernels['phase/compare'](N);
  const law = new Dynamics(p, constants, !saturates);
  law.v = state.v;
  law.excitatory = state.excitatory;
  law.inhibitory = state.inhibitory;
  return { machine, kernels: machine.kernels, calendar, law, own };
}

describe('kernels of leaky neurons against their laws in float64', () => {
  test('a membrane goes back from the end of a step and forward to it, free and in reset', () => {
    fc.assert(
      fc.property(
        neurons,
        states,
        fc.integer({ min: 0, max: STEP }),
        fc.boolean(),
        fc.boolean(),
        (neuron, state, d, resets, saturates) => {
          const { kernels, law } = setUp(neuron, state, saturates);
          const where = resets ? 16 : 0;
          law.backward(N, LEAKY, resets, d);
          const back = kernels['leaky/before'](N, d, where) + THRESHOLD;
          // Floats at the end of the step and of the way, stretched by what the way back undoes.
          const stretch = Math.exp(d * (resets ? neuron.resetRate : neuron.rate));
          const rest = resets ? neuron.resetRest : neuron.rest;
          expect(Math.abs(back - law.v)).toBeLessThan(
            2e-4 + 1e-4 * stretch + 1e-7 * Math.abs(state.v - rest) * stretch ** 2,
          );
          law.v = 450;
          law.forward(N, LEAKY, resets, d);
          const end = kernels['leaky/after'](N, d, 450 - THRESHOLD, where) + THRESHOLD;
          expect(Math.abs(end - law.v)).toBeLessThan(2e-4);
        },
      ),
      { numRuns: 150, seed: 4 },
    );
  });

  test('a spike is appointed at the first cycle at which the membrane has reached its threshold', () => {
    let appointed = 0;
    fc.assert(
      fc.property(
        neurons,
        states,
        double(0, 2),
        fc.integer({ min: 2, max: STEP }),
        fc.boolean(),
        (neuron, state, height, span, saturates) => {
          const { kernels, calendar, law, machine } = setUp(
            neuron,
            { ...state, v: THRESHOLD + height },
            saturates,
          );
          law.backward(N, LEAKY, false, span);
          const begin = { v: law.v, e: law.excitatory, i: law.inhibitory };
          if (begin.v >= THRESHOLD) return;
          const after = (cycles: number): number => {
            law.v = begin.v;
            law.excitatory = begin.e;
            law.inhibitory = begin.i;
            law.forward(N, LEAKY, false, cycles);
            return law.v;
          };
          let first = 1;
          while (first < span && after(first) < THRESHOLD) first++;
          kernels['leaky/reach'](N, span);
          const crossing = (calendar.at[N] ?? NaN) - (CLOCK - span);
          appointed++;
          // A saturating line acts with its state in the middle of whatever interval it is asked for.
          expect(Math.abs(crossing - first)).toBeLessThanOrEqual(saturates ? 2 : 1);
          expect([calendar.first, calendar.firstCycle]).toEqual([N, calendar.at[N]]);
          const v = machine.doubles(at.CROSSING, 512)[N] ?? NaN;
          expect(Math.abs(v - after(crossing))).toBeLessThan(0.02);
        },
      ),
      { numRuns: 300, seed: 5 },
    );
    expect(appointed).toBeGreaterThan(100);
  });

  test('spike, reset and hold-off follow each other at their cycles', () => {
    const neuron: Neuron = {
      rate: 4e-4,
      rest: 550,
      resetRate: 0.05,
      resetRest: 380,
      excitatoryRate: 4e-4,
      inhibitoryRate: 4e-4,
      excitatoryDrive: 0.02,
      inhibitoryDrive: 0.02,
      pausesInReset: 0,
    };
    const state = { v: THRESHOLD + 0.1, excitatory: 2, inhibitory: 0 };
    const { kernels, machine, calendar, own, law } = setUp(neuron, state, false);
    machine.doubles(at.RESET_CYCLES, 512).fill(60);
    machine.doubles(at.REFRACTORY_CYCLES, 512).fill(64);
    machine.integers(at.COUNTS, 3).set([1, 0, 0]);
    machine.integers(at.LISTS, 1)[0] = N >> 4;
    machine.bytes(at.AWAKE, 32)[N >> 4] = 1;
    kernels['leaky/reach'](N, STEP);
    const spike = calendar.firstCycle;
    const phase = (): number => machine.bytes(at.PHASE, 512)[N] ?? NaN;
    const advance = (cycle: number): void => {
      expect(kernels['neurons/advance'](cycle, 512, cycle)).toBe(0);
    };
    advance(spike - 1);
    expect(machine.integers(at.SPIKE_COUNT, 1)[0]).toBe(0);
    advance(spike);
    expect(machine.integers(at.SPIKE_COUNT, 1)[0]).toBe(1);
    expect(machine.integers(at.SPIKE_NEURONS, 1)[0]).toBe(N);
    expect(machine.doubles(at.SPIKE_CYCLES, 1)[0]).toBe(spike);
    expect(phase()).toBe(IN_RESET);
    advance(spike + 59);
    expect(phase()).toBe(IN_RESET);
    advance(spike + 60);
    expect(phase()).toBe(HOLD_OFF);
    advance(spike + 63);
    expect(phase()).toBe(HOLD_OFF);
    advance(spike + 64);
    expect(phase()).toBe(0);
    expect(machine.bytes(at.PINNED, 32)[N >> 4]).toBe(0);
    // The membrane at the end of the present step, by the law alone.
    const end = machine.doubles(at.CLOCK, 1)[0] ?? NaN;
    law.backward(N, LEAKY, false, CLOCK - spike);
    law.v = machine.doubles(at.CROSSING, 512)[N] ?? NaN;
    law.forward(N, LEAKY, true, 60);
    law.forward(N, LEAKY, false, end - spike - 60);
    expect(Math.abs((own('v')[0] ?? NaN) + THRESHOLD - law.v)).toBeLessThan(2e-3);
  });
});

test('a block takes fewer operations to the same bits without inhibition, clamps and noise', () => {
  const lines = fc.oneof(double(0.01, 2), double(0.01, 40));
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(double(-200, 1), lines, double(-0.2, -0.0016), double(-2, 2), double(0, 1)),
        { minLength: 16, maxLength: 16 },
      ),
      fc.boolean(),
      (block, saturates) => {
        // The step that looks for rest is always computed in full.
        const runs = ['general', 'calm', 'check'].map((manner) => {
          const machine = new Machine();
          const set = (name: NeuronArray, values: readonly number[]): void => {
            machine.floats(arrayOffset[name], 16).set(values);
          };
          const same = (value: number): number[] => block.map(() => value);
          set(
            'v',
            block.map((x) => x[0]),
          );
          set(
            'excitatory',
            block.map((x) => x[1]),
          );
          set(
            'slope',
            block.map((x) => x[2]),
          );
          set(
            'constant',
            block.map((x) => x[3]),
          );
          set(
            'excitatoryGain',
            block.map((x) => x[4]),
          );
          set('excitatoryDecay', same(0.98));
          set('excitatoryHalf', same(0.99));
          set('lowest', same(-600));
          set('highest', same(0.5));
          set('threshold', same(0));
          set('alarm', same(0));
          machine.floats(at.SATURATION, 2).set([20, 1 / 20]);
          machine.integers(at.COUNTS, 3).set([1, 0, 0]);
          machine.bytes(at.CALM, 32).fill(manner === 'calm' ? 1 : 0);
          const name = saturates ? 'step/leaky/saturating' : 'step/leaky';
          for (let k = 0; k < 5; k++)
            machine.kernels[manner === 'check' ? (`${name}/check` as const) : name]();
          return [
            [...machine.floats(arrayOffset.v, 16)],
            [...machine.floats(arrayOffset.excitatory, 16)],
            [...machine.integers(at.HIT_LIST, machine.integers(at.HITS, 1)[0] ?? 0)],
          ];
        });
        expect(runs[1]).toEqual(runs[0]);
        expect(runs[2]).toEqual(runs[0]);
      },
    ),
    { numRuns: 40, seed: 2 },
  );
});

test('appointments are kept in order of cycle and neuron, however far they lie ahead', () => {
  const appointment = fc.tuple(
    fc.integer({ min: 0, max: 511 }),
    fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60_000 })),
    fc.boolean(),
  );
  fc.assert(
    fc.property(fc.array(appointment, { minLength: 1, maxLength: 40 }), (list) => {
      const machine = new Machine();
      const calendar = new Calendar(machine);
      const clock = machine.doubles(at.CLOCK, 1);
      const number = machine.integers(at.STEP_NUMBER, 1);
      clock[0] = CLOCK;
      number[0] = CLOCK / STEP;
      const expected = new Map<number, number>();
      for (const [n, ahead, cancels] of list) {
        calendar.set(n, cancels ? Infinity : CLOCK - STEP + ahead);
        if (cancels) expected.delete(n);
        else expected.set(n, CLOCK - STEP + ahead);
      }
      const order = [...expected].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
      for (const [n, cycle] of order) {
        while (!calendar.isDue) {
          clock[0] += STEP;
          number[0] = (number[0] ?? 0) + 1;
          machine.kernels['calendar/open']();
        }
        expect([calendar.firstCycle, calendar.first]).toEqual([cycle, n]);
        calendar.set(n, Infinity);
      }
      expect(calendar.isDue).toBe(false);
    }),
    { numRuns: 60, seed: 9 },
  );
});
