import { expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import type { PlaybackWriter } from '../../../isa/playback/index.js';
import {
  addressOf,
  driverWords,
  encodeContainer,
  neuronLabel,
  type FieldName,
} from '../../../isa/registers/index.js';
import { begin, openNodes, run } from '../host.js';

/** MADC codes of 2000 samples (68 us) of one source; 0 mV is 100, 1200 mV is 800. */
function record(
  selection: { readonly [F in FieldName<'ReadoutSourceSelection'>]?: number },
  write: (program: PlaybackWriter) => void = () => undefined,
  during: (program: PlaybackWriter) => void = () => undefined,
): number[] {
  const answers = run(Chip.ideal(), (program) => {
    begin(program);
    write(program);
    program.writeContainer('ReadoutSourceSelection', [], selection);
    program.writeContainer('MADCConfig', [], {
      sample_duration_adjust: 5,
      number_of_samples: 2000,
    });
    program.writeContainer('MADCControl', [], { wake_up: 1 }).timerSetup();
    program.writeContainer('MADCControl', [], { start_recording: 1 });
    during(program);
    program.waitUntil(10_000);
  });
  return [...answers.madcValues.values()];
}

const code = (millivolts: number): number => Math.round(100 + (700 * millivolts) / 1200);

test('with nothing connected it reads 0 mV', () => {
  expect(new Set(record({}))).toEqual(new Set([100]));
});

test('the current DAC: binary part and thermometer part, while it is on', () => {
  const dac = { enable_current: 1, binary_code: 23, thermometer_code: 3 };
  const set = (fields: object) => (program: PlaybackWriter) => {
    program.writeContainer('CurrentDAC', [], fields);
  };
  const expected = code((1200 * (23 + 128)) / 255);
  expect(new Set(record({ idac_i_out_0: 1 }, set(dac)))).toEqual(new Set([expected]));
  expect(new Set(record({ idac_i_out_0: 1 }, set({ ...dac, enable_current: 0 })))).toEqual(
    new Set([100]),
  );
});

test('the debug line of the drivers: recovery voltage of the first that is read out', () => {
  const values = record({ syndrv_debug_bottom_0: 1 }, (program) => {
    program.write(addressOf('CapMemCell', [3, 3, 128]), 310);
    program.writeWords(
      'SynapseDriverConfig',
      [1, 7],
      driverWords({ en_readout: 1, select_target_voltages: 1 }),
    );
  });
  expect(new Set(values)).toEqual(new Set([code(18.75 + 1.875 * 310)]));
});

test('the test lines of the CADC show fresh sensors, or the drivers that another multiplexer joins to them', () => {
  expect(new Set(record({ cadc_test_causal_0: 1 }))).toEqual(
    new Set([code(150 + (205 - 20) * 4.5)]),
  );
  const joined = record(
    { cadc_test_acausal_0: 1, syndrv_debug_top_1: 1, cadc_test_acausal_1: 1 },
    (program) => {
      program.write(addressOf('CapMemCell', [0, 2, 128]), 70);
      program.writeWords('SynapseDriverConfig', [0, 0], driverWords({ en_readout: 1 }));
    },
  );
  expect(new Set(joined)).toEqual(new Set([code(150)]));
});

test.each([
  ['excitatory', 0],
  ['inhibitory', 1],
] as const)('the %s debug line of the synapses rests at 1 V and events pull it down', (_, line) => {
  const values = record(
    line === 0 ? { synin_debug_exc_0: 1 } : { synin_debug_inh_0: 1 },
    (program) => {
      openNodes(program, [[0, 8]]);
      program.write(addressOf('CommonPADIBusConfig', [0]), 0xf);
      program.write(addressOf('CapMemCell', [0, 8, 128]), 600);
      program.write(addressOf('CapMemCell', [0, 10, 3]), 50);
      program.write(addressOf('CapMemCell', [0, 14, 3]), 47);
      program.writeWords(
        'NeuronConfig',
        [0, 3],
        encodeContainer('NeuronConfig', {
          mem_cap_size: 63,
          en_synin_exc: 1,
          en_synin_inh: 1,
          en_synin_exc_small_cap: 1,
          en_synin_inh_small_cap: 1,
        }),
      );
      // Column 3 is entry 1 of quad 32: its lines go to the neuron and to the debug lines.
      program.write(addressOf('ColumnCurrentQuad', [0, 32]), 3 << 16);
      program.write(addressOf('ColumnCurrentQuad', [0, 32], 1), 3 << 16);
      program.write(addressOf('SynapseWeightQuad', [0, 0, 32]), 63 << 16);
      program.writeWords(
        'SynapseDriverConfig',
        [0, 0],
        driverWords({
          enable_receiver: 1,
          row_mask: 31,
          forward_address: 1,
          en_exc_bottom: 1 - line,
          en_inh_bottom: line,
        }),
      );
    },
    (program) => program.waitUntil(2000).spike(neuronLabel(0, 0)),
  );
  expect(values[0]).toBe(code(1000));
  expect(Math.abs(Math.min(...values) - code(940))).toBeLessThanOrEqual(1);
  expect(values.at(-1)).toBeGreaterThan(code(990));
});
