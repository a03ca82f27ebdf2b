import fc from 'fast-check';
import { expect, test } from 'vitest';
import type {
  AnalogOptions,
  AnalogSnapshot,
  NeuronConfig,
} from '../../../emulator/analog/index.js';
import { Stream } from '../../../isa/numeric/random.js';
import { describeEngines, setUp, synapse, type Codes, type SetUp, type Spike } from './setup.js';

const DRAWN = { die: { seed: 5, law: 'residual' } } as const;

/** Three neurons, eight rows of irregular input, sensors on; `look` is called at some moments in between. */
function history(
  options: Partial<AnalogOptions>,
  look: (s: SetUp, step: number) => void,
  config: Partial<NeuronConfig> = {},
  codes: Codes = {},
): { spikes: Spike[]; state: number[] } {
  const neurons = [0, 3, 200];
  const s = setUp(options, neurons, codes, config);
  const events = new Stream(9, 'test/events');
  for (let row = 0; row < 16; row += 2)
    for (const n of neurons) s.core.setWeight(synapse(0, row, n), 30);
  let at = 30_000;
  for (let step = 0; step < 220; step++) {
    at += Math.ceil(events.exponential() * 90);
    // The caller may come in small steps or in one.
    while (s.core.nextEventCycle() < at) s.core.advance(s.core.nextEventCycle());
    look(s, step);
    s.core.advance(at);
    s.core.driverEvent(0, events.integer(8), 0);
    if (step === 120) s.core.setCapmem(0, 8, 3, 120);
  }
  s.core.advance(at + 500);
  const state = neurons.flatMap((n) => [
    s.core.membrane(n),
    s.core.synapticLine(n, 0),
    s.core.adaptation(n),
    ...Array.from({ length: 16 }, (_, row) => s.core.correlation(synapse(0, row, n), 0)),
  ]);
  return { spikes: s.spikes, state };
}

const KINDS: readonly (readonly [string, Partial<AnalogOptions>, Partial<NeuronConfig>, Codes])[] =
  [
    ['ideal', {}, {}, {}],
    ['drawn, noisy', DRAWN, {}, {}],
    ['drawn, adaptive exponential', DRAWN, { en_adapt: 1, en_exp: 1 }, ADEX()],
  ];

function ADEX(): Codes {
  return {
    v_exp: 480,
    i_bias_exp: 300,
    i_bias_adapt_tau: 100,
    i_bias_adapt_a: 20,
    i_bias_adapt_b: 50,
    v_adapt_leak: 629,
  };
}

describeEngines('one order, whoever looks', () => {
  test.each(KINDS)(
    '%s: looking at membranes, converters and bounds changes nothing',
    (_, options, config, codes) => {
      const causal = new Uint8Array(256);
      const acausal = new Uint8Array(256);
      const undisturbed = history(options, () => undefined, config, codes);
      expect(undisturbed.spikes.length).toBeGreaterThan(10);
      for (const seed of [1, 2]) {
        const when = new Stream(seed, 'test/looks');
        const watched = history(
          options,
          (s) => {
            if (when.integer(3) === 0) s.core.membrane(when.integer(4));
            if (when.integer(5) === 0) s.core.convertCadc(0, when.integer(16), causal, acausal);
            if (when.integer(4) === 0)
              s.core.madcNeuron(0, Math.min(s.core.nextEventCycle(), s.core.cycle + 8.5));
          },
          config,
          codes,
        );
        expect(watched).toEqual(undisturbed);
      }
    },
  );

  test('V20: the same seeds and the same events give the same bits; another noise seed does not', () => {
    const a = history({ ...DRAWN, noiseSeed: 1 }, () => undefined);
    const b = history({ ...DRAWN, noiseSeed: 1 }, () => undefined);
    const c = history({ ...DRAWN, noiseSeed: 2 }, () => undefined);
    expect(b).toEqual(a);
    expect(c.spikes).not.toEqual(a.spikes);
  });

  test('advancing in pieces is advancing at once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4000 }), { maxLength: 30 }), (cuts) => {
        const run = (pieces: readonly number[]): unknown => {
          const s = setUp(DRAWN, [0, 1], { i_mem_offset: 150 }, { en_mem_off: 1 });
          for (const piece of pieces) s.core.advance(s.core.cycle + piece);
          s.core.advance(130_000);
          return [s.spikes, s.core.membrane(0)];
        };
        expect(run(cuts)).toEqual(run([]));
      }),
      { numRuns: 8 },
    );
  });

  test.each(KINDS)(
    '%s: run A and B = run A, save, load into another core, run B',
    (_, options, config, codes) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 219 }), (cut) => {
          let snapshot: AnalogSnapshot | undefined;
          let before = 0;
          const whole = history(
            options,
            (s, step) => {
              if (step !== cut) return;
              snapshot = s.core.save();
              before = s.spikes.length;
            },
            config,
            codes,
          );
          const resumed = history(
            options,
            (s, step) => {
              if (step !== cut || snapshot === undefined) return;
              // What this core has done so far is forgotten: its history was another one.
              s.core.powerUp();
              s.core.load(snapshot);
            },
            config,
            codes,
          );
          expect(resumed.spikes.slice(before)).toEqual(whole.spikes.slice(before));
          expect(resumed.state).toEqual(whole.state);
        }),
        { numRuns: 3 },
      );
    },
  );

  test('power-up forgets everything but the die', () => {
    const run = (s: SetUp): Spike[] => {
      s.spikes.length = 0;
      s.to(300);
      return [...s.spikes];
    };
    const fresh = setUp(DRAWN, [0], { i_mem_offset: 200 }, { en_mem_off: 1 });
    const first = run(fresh);
    fresh.core.powerUp();
    expect(run(fresh)).toEqual([]);
    expect(fresh.core.membrane(0)).toBeLessThan(50);
    expect(first.length).toBeGreaterThan(5);
  });

  test('spikes come in the order of cycle and neuron', () => {
    const s = setUp({}, [7, 2, 300, 5], { i_mem_offset: 300 }, { en_mem_off: 1 });
    s.to(300);
    const order = [...s.spikes].sort((a, b) => a.cycle - b.cycle || a.neuron - b.neuron);
    expect(s.spikes).toEqual(order);
    expect(new Set(s.spikes.map((x) => x.neuron)).size).toBe(4);
  });
});
