import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONFIG_A, describeEngines, setUp, synapse, writeCodes, type Codes } from './setup.js';
import { Row } from '../../../emulator/analog/settings.js';
import type { NeuronConfig } from '../../../emulator/analog/index.js';

const NEURONS = [0, 1, 2, 256, 257];

/** Any parameter-memory codes, including the extreme ones. */
const codes = fc.array(
  fc.oneof(fc.constant(0), fc.constant(1022), fc.integer({ min: 1, max: 1022 })),
  { minLength: 24, maxLength: 24 },
);
const bits = fc.record(
  Object.fromEntries(
    [
      ...['en_exp', 'en_adapt', 'en_pause', 'en_mem_off', 'invert_current', 'en_synin_coba_exc'],
      ...[
        'en_synin_coba_inh',
        'en_byp_exc',
        'en_leak_mul',
        'en_leak_div',
        'connect_membrane_right',
      ],
      ...['connect_bottom', 'connect_soma', 'connect_somata', 'en_comp_cond', 'en_comp_cond_mul'],
      ...['en_thresh_comp', 'en_synin_exc_high_res', 'en_synin_inh_high_res'],
    ].map((name) => [name, fc.integer({ min: 0, max: 1 })]),
  ),
);

describeEngines('any settings', () => {
  test('whatever the settings, time goes on and membranes stay finite and within the clamps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(codes, bits, fc.constantFrom(0, 20, 63)), { minLength: 5, maxLength: 5 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 3 })), {
          maxLength: 40,
        }),
        fc.boolean(),
        (neurons, events, drawn) => {
          const s = setUp(drawn ? { die: { seed: 3, law: 'uncalibrated' } } : {}, NEURONS);
          neurons.forEach(([list, config, size], i) => {
            const n = NEURONS[i] ?? 0;
            const names = Object.keys(Row) as (keyof typeof Row)[];
            const named: Codes = Object.fromEntries(
              names.map((name) => [name, list[Row[name]] ?? 0]),
            );
            writeCodes(s.core, n, named);
            s.core.setNeuron(n, {
              ...CONFIG_A,
              ...(config as Partial<NeuronConfig>),
              mem_cap_size: size,
            });
            s.core.setBackend(n, { refractory_time: list[0] === 0 ? 0 : 20, reset_holdoff: 15 });
            for (let row = 0; row < 4; row++) s.core.setWeight(synapse(n >> 8, row, n & 255), 63);
          });
          let last = 0;
          for (const [wait, driver] of events) {
            s.core.advance(s.core.cycle + wait);
            s.core.driverEvent(driver & 1, driver >> 1, 0);
            for (const n of NEURONS) {
              const v = s.core.membrane(n);
              expect(v).toBeGreaterThanOrEqual(drawn ? -10 : 0);
              expect(v).toBeLessThanOrEqual(drawn ? 1210 : 1200);
              expect(Number.isFinite(s.core.synapticLine(n, 0) + s.core.adaptation(n))).toBe(true);
            }
            for (const spike of s.spikes) {
              expect(spike.cycle).toBeGreaterThanOrEqual(last);
              last = spike.cycle;
            }
            s.spikes.length = 0;
          }
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });
});
