import { expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import type { PlaybackWriter } from '../../../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  driverWords,
  encodeContainer,
  entryOfColumn,
  placeOfNeuron,
  quadOfColumn,
} from '../../../isa/registers/index.js';
import { Row, Shared } from '../../../emulator/analog/settings.js';
import { begin, enableCadc, openNodes, run } from '../host.js';
import { CONFIG_A, describeEngines, presentEngine, POINT_A, SHARED_A } from './setup.js';

/** A neuron at operating point A, its rows 0 (bottom) and 1 (top) excitatory and inhibitory, written as a host would. */
function pointA(
  program: PlaybackWriter,
  neuron: number,
  codes: Readonly<Record<string, number>> = {},
  config: Readonly<Record<string, number>> = {},
): void {
  const place = placeOfNeuron(neuron);
  for (const [name, code] of Object.entries({ ...POINT_A, ...codes }))
    program.write(
      addressOf('CapMemCell', [place.block, Row[name as keyof typeof Row], place.slot]),
      code,
    );
  for (const [name, code] of Object.entries(SHARED_A))
    program.write(
      addressOf('CapMemCell', [place.block, Shared[name as keyof typeof Shared], 128]),
      code,
    );
  program.writeWords(
    'NeuronConfig',
    [place.block, place.slot],
    encodeContainer('NeuronConfig', { ...CONFIG_A, en_readout: 1, ...config }),
  );
  program.writeWords(
    'NeuronBackendConfig',
    [place.backendHalf, place.indexInHalf],
    backendWords({ address_out: 9, en_spike_out: 1, refractory_time: 125, reset_holdoff: 15 }),
  );
  program.writeContainer('CommonNeuronBackendConfig', [place.backendHalf], {
    en_event_regs: 1,
    en_clocks: 1,
    clock_scale_slow: 1,
  });
  const quad = quadOfColumn(place.column);
  const lane = 24 - 8 * entryOfColumn(place.column);
  program.write(addressOf('ColumnCurrentQuad', [place.row, quad]), 3 << lane);
  program.writeContainer('SynapseDriverConfig', [place.row, 0], {});
  program.writeWords(
    'SynapseDriverConfig',
    [place.row, 0],
    driverWords({
      enable_receiver: 1,
      row_mask: 31,
      forward_address: 1,
      en_exc_bottom: 1,
      en_inh_top: 1,
    }),
  );
  program.write(addressOf('CommonPADIBusConfig', [place.row]), 0x0000000f);
}

const neuron = 5;
const place = placeOfNeuron(neuron);

describeEngines('the analog core behind registers and messages', () => {
  test('V3: a neuron driven by its offset current sends events at the rate of theory', () => {
    const answers = run(Chip.ideal({ engine: presentEngine() }), (program) => {
      begin(program);
      openNodes(program, [[8, 0]]);
      pointA(program, neuron, { i_mem_offset: 300 }, { en_mem_off: 1 });
      program.timerSetup().waitUntil(125 * 1500);
    });
    const times = [...answers.spikeTimes.values()].slice(20);
    expect(times.length).toBeGreaterThan(50);
    // Output 0 of the back end (columns 0 to 31), address 9.
    expect(new Set([...answers.spikeLabels.values()].map((label) => label & 0x3fff))).toEqual(
      new Set([9]),
    );
    const g = 2.53e-3 * 95;
    const gr = 2.53e-3 * 1015 * 8;
    const top = 420.125 + (0.39 * 300) / g;
    const reset = (g * top + gr * (18.75 + 1.875 * 601 - 770)) / (g + gr);
    const interval =
      1.984 + (2.4 / g) * Math.log((top - reset) / (top - (18.75 + 1.875 * 329 - 13)));
    const mean = (((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1)) * 0.004;
    expect(Math.abs(mean / interval - 1)).toBeLessThan(0.005);
  });

  test('V1: the MADC sees the potential of one event from the host', () => {
    const at = 125 * 500;
    const answers = run(Chip.ideal({ engine: presentEngine() }), (program) => {
      begin(program);
      openNodes(program, [[0, 8]]);
      pointA(program, neuron);
      const quad = quadOfColumn(place.column);
      program.write(
        addressOf('SynapseWeightQuad', [0, 0, quad]),
        63 << (24 - 8 * entryOfColumn(place.column)),
      );
      program.writeContainer('ReadoutSourceSelection', [], { neuron_top_odd_0: 1 });
      program.writeContainer('MADCConfig', [], {
        sample_duration_adjust: 5,
        number_of_samples: 2000,
      });
      program.timerSetup().waitUntil(at - 125 * 20);
      program.writeContainer('MADCControl', [], { wake_up: 1, start_recording: 1 });
      program.spikeTrain([at], [0]);
      program.waitUntil(at + 125 * 60);
    });
    const codes = [...answers.madcValues.values()];
    const rest = codes[0] ?? 0;
    expect(rest).toBe(Math.round(100 + (700 * 420.125) / 1200));
    const peak = Math.max(...codes);
    expect(peak - rest).toBeGreaterThanOrEqual(35);
    expect(peak - rest).toBeLessThanOrEqual(37);
    // The peak comes 10 us after the event reached the line.
    const sample = 17 / 500;
    const rise = codes.findIndex((code) => code > rest + 1) * sample;
    const middle = ((codes.indexOf(peak) + codes.lastIndexOf(peak)) / 2) * sample;
    expect(middle - rise).toBeGreaterThan(8);
    expect(middle - rise).toBeLessThan(11);
  });

  test('V11: pairs that the host makes lower the code of the causal channel alone', () => {
    const quad = quadOfColumn(place.column);
    const lane = 24 - 8 * entryOfColumn(place.column);
    const answers = run(Chip.ideal({ engine: presentEngine() }), (program) => {
      begin(program);
      enableCadc(program);
      openNodes(program, [[0, 8]]);
      pointA(program, neuron, {}, { en_byp_exc: 1, en_thresh_comp: 0 });
      // Label 0 in row 0 fires the neuron; label 1 in row 1 has weight 0 and carries the pre pulses.
      program.write(addressOf('SynapseWeightQuad', [0, 0, quad]), 63 << lane);
      program.write(addressOf('SynapseLabelQuad', [0, 1, quad]), 1 << lane);
      program.write(addressOf('ColumnCorrelationQuad', [0, quad], 0), 0xc0 << lane);
      for (const channel of [0, 1])
        program.write(addressOf('CADCChannelConfig', [0, channel, 0, place.column]), 128);
      program.timerSetup();
      const times: number[] = [];
      const labels: number[] = [];
      for (let i = 0; i < 80; i++) {
        const t = 125 * (100 + 200 * i);
        times.push(t, t + 125 * 5);
        labels.push(1, 0);
      }
      program.spikeTrain(times, labels);
      program.waitUntil(125 * 16_200);
      program.read(addressOf('CADCSampleQuad', [0, 0, 0, 1, quad]));
      program.read(addressOf('CADCSampleQuad', [0, 1, 1, 1, quad]));
    });
    const [causal = 0, acausal = 0] = [...answers.reads.values()].map(
      (word) => (word >>> lane) & 0xff,
    );
    expect(Math.abs(205 - causal - 40 * Math.exp(-1))).toBeLessThanOrEqual(1);
    expect(acausal).toBe(205);
  });

  test('V20: a drawn chip answers with the same words again, and with others for another seed', () => {
    const words = (seed: number): unknown => {
      const answers = run(Chip.fromSeed(seed, { engine: presentEngine() }), (program) => {
        begin(program);
        openNodes(program, [[8, 0]]);
        pointA(program, neuron, { i_mem_offset: 300 }, { en_mem_off: 1 });
        program.timerSetup().waitUntil(125 * 600);
      });
      return [...answers.spikeTimes.values()];
    };
    expect(words(3)).toEqual(words(3));
    expect(words(3)).not.toEqual(words(4));
  });
});
