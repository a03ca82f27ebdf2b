import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createAnalogCore,
  type AnalogCore,
  type EngineName,
} from '../../../../emulator/analog/index.js';
import * as at from '../../../../emulator/analog/fast/layout.js';
import { Machine } from '../../../../emulator/analog/fast/machine.js';
import { Shared } from '../../../../emulator/analog/settings.js';
import { synapse } from '../setup.js';

const NOWHERE = 255;
/** Decay rates per cycle over -ln 2, and amplitudes, west and east. */
const RATES = [-0.002, -0.003] as const;
const AMPLITUDES = [0.7, 1.3] as const;
const BASE = 5000;

function evenMachine(consume: boolean): Machine {
  const machine = new Machine();
  machine.integers(at.CONSUME, 1)[0] = consume ? -1 : 0;
  for (const hemisphere of [0, 1]) {
    const offset = hemisphere * at.EVEN_BYTES;
    machine.integers(at.EVEN + offset, 1)[0] = BASE;
    machine.floats(at.EVEN_RATES + offset, 4).set([...RATES, -RATES[0], -RATES[1]]);
    machine.floats(at.EVEN_FACTORS + offset, 4).set([...AMPLITUDES, 1, 1]);
  }
  machine.bytes(at.ROW_LABEL, 512).fill(NOWHERE);
  const labels = machine.bytes(at.LABELS, 131072);
  const labelsByColumn = machine.bytes(at.LABELS_BY_COLUMN, 131072);
  for (let line = 0; line < 512; line++)
    for (let place = 0; place < 256; place++) {
      labels[line * 256 + place] = labelOf(line, place);
      labelsByColumn[line * 256 + place] = labelOf((line & 256) | place, line & 255);
    }
  return machine;
}

/** Rows of one label, of two by halves, of mixed ones. */
function labelOf(row: number, column: number): number {
  const kind = (row >> 4) % 3;
  return kind === 0 ? row & 3 : kind === 1 ? (column >> 7) & 3 : (row + column) & 3;
}

interface Pulse {
  readonly place: number;
  readonly label: number;
  readonly isPost: boolean;
  readonly wait: number;
}

const pulses: fc.Arbitrary<Pulse[]> = fc.array(
  fc.record({
    place: fc.constantFrom(256, 257, 272, 273, 288, 289, 300, 383, 384, 511),
    label: fc.integer({ min: 0, max: 3 }),
    isPost: fc.boolean(),
    wait: fc.integer({ min: 0, max: 700 }),
  }),
  { maxLength: 40 },
);

/** The pairing rule in float64: sums of the synapses of the places above, by row * 512 + column. */
function twin(
  list: readonly Pulse[],
  consume: boolean,
): [Map<number, number>, Map<number, number>] {
  const pre = new Map<number, [number, number]>();
  const post = new Map<number, [number, number]>();
  const causal = new Map<number, number>();
  const acausal = new Map<number, number>();
  const grow = (sums: Map<number, number>, key: number, column: number, age: number): void => {
    const east = column & 128 ? 1 : 0;
    sums.set(key, (sums.get(key) ?? 0) + AMPLITUDES[east] * 2 ** (RATES[east] * age));
  };
  let t = BASE;
  list.forEach(({ place, label, isPost, wait }, i) => {
    t += wait;
    const own = isPost ? post.get(place) : pre.get(place * 4 + label);
    const since = consume && own !== undefined ? own[1] : -1;
    if (isPost) {
      for (const [key, [time, order]] of pre)
        if (order > since && labelOf(key >> 2, place & 255) === (key & 3))
          grow(causal, (key >> 2) * 512 + place, place, t - time);
      post.set(place, [t, i]);
    } else {
      for (const [column, [time, order]] of post)
        if (order > since && labelOf(place, column & 255) === label)
          grow(acausal, place * 512 + column, column, t - time);
      pre.set(place * 4 + label, [t, i]);
    }
  });
  return [causal, acausal];
}

function feed(machine: Machine, list: readonly Pulse[], before: () => void): void {
  let t = BASE;
  list.forEach(({ place, label, isPost, wait }, i) => {
    t += wait;
    before();
    if (isPost) machine.kernels['post/even'](place, t, i + 1);
    else machine.kernels['pre/even'](place, label, t, i + 1);
  });
}

/** The sums of both branches as bytes. */
const sums = (machine: Machine): Buffer =>
  Buffer.concat([at.CAUSAL, at.ACAUSAL].map((offset) => machine.bytes(offset, 4 * 131072)));

describe('sensors that are all alike', () => {
  test('kernels against the pairing rule in float64, with and without consumption', () => {
    fc.assert(
      fc.property(pulses, fc.boolean(), (list, consume) => {
        const machine = evenMachine(consume);
        feed(machine, list, () => undefined);
        const [causal, acausal] = twin(list, consume);
        const seenCausal = machine.floats(at.CAUSAL, 131072);
        const seenAcausal = machine.floats(at.ACAUSAL, 131072);
        let count = 0;
        for (let i = 65536; i < 131072; i++)
          count += (seenCausal[i] !== 0 ? 1 : 0) + (seenAcausal[i] !== 0 ? 1 : 0);
        expect(count).toBe(causal.size + acausal.size);
        let error = 0;
        for (const [key, sum] of causal) {
          const seen = seenCausal[(key & 511) * 256 + ((key >> 9) & 255)] ?? NaN;
          error = Math.max(error, Math.abs(seen - sum) / (1 + sum));
        }
        for (const [key, sum] of acausal) {
          const seen = seenAcausal[(key >> 9) * 256 + (key & 255)] ?? NaN;
          error = Math.max(error, Math.abs(seen - sum) / (1 + sum));
        }
        expect(error).toBeLessThan(1e-5);
      }),
      { numRuns: 15, seed: 11 },
    );
  });

  test('the same bits where last pulses are looked up by label, and where traces are found again', () => {
    fc.assert(
      fc.property(pulses, (list) => {
        const [side, gathered, again] = [evenMachine(true), evenMachine(true), evenMachine(true)];
        feed(side, list, () => undefined);
        feed(gathered, list, () => gathered.bytes(at.ROW_LABEL, 512).fill(NOWHERE));
        feed(again, list, () => {
          again.kernels.traces(0);
          again.kernels.traces(1);
        });
        expect(sums(gathered).equals(sums(side))).toBe(true);
        expect(sums(again).equals(sums(side))).toBe(true);
      }),
      { numRuns: 5, seed: 12 },
    );
  });
});

type Act = readonly [what: number, a: number, b: number, wait: number];

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 19 }),
    fc.integer({ min: 0, max: 7 }),
    fc.integer({ min: 0, max: 3 }),
    fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(60_000, 400_000)),
  ),
  { minLength: 20, maxLength: 60 },
);

const COLUMNS = [0, 1, 17, 127, 128, 255];

function sensorCore(engine: EngineName, consume: boolean): AnalogCore {
  const core = createAnalogCore({ die: 'ideal', engine, consume });
  for (let block = 0; block < 4; block++) {
    core.setCapmem(block, Shared.syn_i_bias_ramp, 128, 40 + 10 * block);
    core.setCapmem(block, Shared.syn_i_bias_store, 128, 30 + block);
  }
  for (let driver = 0; driver < 8; driver++)
    core.setDriver(0, driver, { forward_address: driver === 7 ? 0 : 1 });
  for (let row = 0; row < 16; row++)
    for (const column of COLUMNS) core.setLabel(synapse(0, row, column), (row + column) & 1);
  return core;
}

/** Pulses of rows and columns and, more rarely, writes of everything that sensors depend on. */
function act(core: AnalogCore, [what, a, b]: Act): void {
  const column = COLUMNS[(a + b) % COLUMNS.length] ?? 0;
  if (what < 9) core.driverEvent(0, a, b & 1);
  else if (what < 16) {
    COLUMNS.forEach((c, i) => core.setBackend(c, { post_overwrite: (a >> (i & 3)) & 1 }));
    core.globalPost(b & 1);
  } else if (what === 16) core.setLabel(synapse(0, 2 * a, column), b & 1);
  else if (what === 17) core.setTimeTrim(synapse(0, a, column), b === 3 ? 1 : 0);
  else if (what === 18)
    core.setCapmem(
      b & 1,
      b & 2 ? Shared.syn_i_bias_ramp : Shared.syn_i_bias_store,
      128,
      20 + 15 * a,
    );
  else core.resetCorrelation(synapse(0, a, column));
}

function correlations(core: AnalogCore): number[] {
  const all: number[] = [];
  for (let row = 0; row < 16; row++)
    for (const column of COLUMNS)
      for (const branch of [0, 1] as const)
        all.push(core.correlation(synapse(0, row, column), branch));
  return all;
}

test('any history of pulses and settings: the sums of the precise engine, and the same bits after any snapshot', () => {
  fc.assert(
    fc.property(
      acts,
      fc.boolean(),
      fc.array(fc.nat(59), { maxLength: 2 }),
      (list, consume, cuts) => {
        const precise = sensorCore('precise', consume);
        const whole = sensorCore('fast', consume);
        let pieces = sensorCore('fast', consume);
        const start = precise.cycle + 1000;
        let t = start;
        list.forEach((one, i) => {
          t += one[3];
          if (cuts.includes(i)) {
            const next = createAnalogCore({ die: 'ideal', engine: 'fast', consume });
            next.load(pieces.save());
            pieces = next;
          }
          for (const core of [precise, whole, pieces]) {
            core.advance(t);
            act(core, one);
          }
        });
        expect(correlations(pieces)).toEqual(correlations(whole));
        const exact = correlations(precise);
        const error = correlations(whole).map(
          (sum, i) => Math.abs(sum - (exact[i] ?? NaN)) / (1 + sum),
        );
        expect(Math.max(...error)).toBeLessThan(2e-5);
        expect(t).toBeGreaterThan(start);
      },
    ),
    { numRuns: 8, seed: 13 },
  );
}, 60_000);
