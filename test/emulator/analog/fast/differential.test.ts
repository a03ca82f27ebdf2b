import { describe, expect, test } from 'vitest';
import type { AnalogOptions, NeuronConfig } from '../../../../emulator/analog/index.js';
import { Stream } from '../../../../isa/numeric/random.js';
import { setUp, synapse, type Codes, type Spike } from '../setup.js';
import { contentHash } from './hash.js';

const NEURONS = [0, 5, 16, 100, 200, 255, 256, 300, 511];

interface Case {
  readonly name: string;
  readonly options: Partial<AnalogOptions>;
  readonly config: Partial<NeuronConfig>;
  readonly codes: Codes;
  /** Excitatory weight; default 14. */
  readonly weight?: number;
}

const ADEX: Codes = {
  v_exp: 500,
  i_bias_exp: 300,
  i_bias_adapt_tau: 100,
  i_bias_adapt_a: 20,
  i_bias_adapt_b: 30,
  v_adapt_leak: 629,
};
const NOISELESS = {
  membrane: false,
  threshold: false,
  event: false,
  routing: false,
  drift: false,
} as const;
const DRAWN = { die: { seed: 4, law: 'residual' }, noise: NOISELESS } as const;

const CASES: readonly Case[] = [
  { name: 'leaky, ideal', options: {}, config: {}, codes: {} },
  { name: 'leaky, drawn (saturating lines)', options: DRAWN, config: {}, codes: {} },
  { name: 'pause in reset', options: {}, config: { en_pause: 1 }, codes: {} },
  {
    name: 'conductance-based',
    options: {},
    config: { en_synin_coba_exc: 1, en_synin_coba_inh: 1 },
    codes: { e_synin_exc_rev: 520, e_synin_inh_rev: 150 },
    weight: 60,
  },
  { name: 'adaptation', options: {}, config: { en_adapt: 1 }, codes: ADEX },
  { name: 'adaptive exponential', options: {}, config: { en_adapt: 1, en_exp: 1 }, codes: ADEX },
  {
    name: 'adaptive exponential, drawn, conductance-based',
    options: DRAWN,
    config: { en_adapt: 1, en_exp: 1, en_synin_coba_exc: 1 },
    codes: { ...ADEX, e_synin_exc_rev: 520 },
    weight: 20,
  },
];

/** The precise engine takes its time over the upswing. */
const neuronsOf = (c: Case): number[] => (c.config.en_exp ? [0, 16, 300] : NEURONS);

/** Spikes and sensors under irregular input: one strong volley each 60 us on a weak background, so that no time is a matter of chance. */
function history(engine: 'precise' | 'fast', c: Case): { spikes: Spike[]; sensors: number[] } {
  const neurons = neuronsOf(c);
  const s = setUp({ ...c.options, engine }, neurons, c.codes, c.config);
  const events = new Stream(9, 'test/events');
  for (let row = 0; row < 48; row++)
    for (const n of NEURONS)
      s.core.setWeight(synapse(n >> 8, row, n & 255), row & 1 ? 8 : (c.weight ?? 14));
  let at = 100_000;
  let volley = at;
  for (let step = 0; step < 250; step++) {
    at += Math.ceil(events.exponential() * 150);
    s.core.advance(at);
    const inVolley = at - volley > 15_000;
    if (inVolley) volley = at;
    for (let h = 0; h < 2; h++)
      for (let k = 0; k < (inVolley ? 24 : 1); k++)
        s.core.driverEvent(h, inVolley ? k : events.integer(24), 0);
  }
  s.core.advance(at + 2500);
  const sensors = neurons.flatMap((n) =>
    [0, 2, 9].flatMap((row) => [
      s.core.correlation(synapse(n >> 8, row, n & 255), 0),
      s.core.correlation(synapse(n >> 8, row, n & 255), 1),
    ]),
  );
  return { spikes: s.spikes, sensors };
}

describe('the fast engine against the precise one', () => {
  test.each(CASES)('$name: the same spikes within 0.1 us, the same sensors', (c) => {
    const precise = history('precise', c);
    const fast = history('fast', c);
    expect(fast.spikes.length).toBeGreaterThan(12);
    for (const n of neuronsOf(c)) {
      const own = (spikes: readonly Spike[]): number[] =>
        spikes.filter((x) => x.neuron === n).map((x) => x.cycle);
      const a = own(precise.spikes);
      const b = own(fast.spikes);
      expect(b.length).toBe(a.length);
      b.forEach((cycle, i) => expect(Math.abs(cycle - (a[i] ?? 0))).toBeLessThanOrEqual(25));
    }
    // Where a pulse of a row (or of all, in a volley) falls between the two versions of a spike, pairs change sides.
    const differences = fast.sensors.map((x, i) => Math.abs(x - (precise.sensors[i] ?? 0)));
    expect(differences.filter((d) => d > 0.2).length).toBeLessThanOrEqual(c.config.en_exp ? 6 : 2);
    expect(Math.max(...differences)).toBeLessThan(1.2);
  });

  test('the spikes of a reference run are these and no others', () => {
    const run = history('fast', {
      name: 'reference',
      options: { die: { seed: 7, law: 'residual' }, noiseSeed: 3 },
      config: { en_adapt: 1 },
      codes: ADEX,
    });
    const text = run.spikes.map(({ neuron, cycle }) => `${neuron}@${cycle}`).join(' ');
    expect(contentHash(text)).toMatchInlineSnapshot(`"bca3152bb01aff120bdf6842ec440d96"`);
  });
});
