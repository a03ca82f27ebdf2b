import { describe, expect, test } from 'vitest';
import { Chip } from '../../emulator/index.js';
import type { PlaybackWriter } from '../../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  encodeContainer,
  entryOfColumn,
  placeOfNeuron,
  quadOfColumn,
} from '../../isa/registers/index.js';
import { begin, enableCadc, run } from './host.js';

const neuron = 256 + 130;

/** A leaky neuron that nothing drives, its amplifier on the readout line. */
function restingNeuron(program: PlaybackWriter): void {
  const { block, slot, backendHalf, indexInHalf } = placeOfNeuron(neuron);
  [629, 601, 600].forEach((code, row) =>
    program.write(addressOf('CapMemCell', [block, row, slot]), code),
  );
  program.write(addressOf('CapMemCell', [block, 8, slot]), 158);
  program.write(addressOf('CapMemCell', [block, 4, 128]), 31);
  program.write(addressOf('CapMemCell', [block, 15, 128]), 369);
  program.writeWords(
    'NeuronConfig',
    [block, slot],
    encodeContainer('NeuronConfig', {
      mem_cap_size: 63,
      en_fire: 1,
      en_readout_amp: 1,
      en_readout: 1,
      en_reset_mul: 1,
    }),
  );
  program.writeWords(
    'NeuronBackendConfig',
    [backendHalf, indexInHalf],
    backendWords({ refractory_time: 250, reset_holdoff: 15 }),
  );
  program.writeContainer('CommonNeuronBackendConfig', [backendHalf], {
    en_event_regs: 1,
    en_clocks: 1,
  });
}

/** Bottom row, even columns on multiplexer 0; usual rate; `extra` fields on top. */
function setUpMadc(program: PlaybackWriter, dummy: 0 | 1): void {
  program.writeContainer('ReadoutSourceSelection', [], { neuron_bottom_even_0: 1 });
  program.writeContainer('MADCConfig', [], {
    sample_duration_adjust: 5,
    number_of_samples: 100,
    enable_dummy_data: dummy,
  });
}

describe('CADC', () => {
  test('a neuron at rest reads 80, on both channels, and offsets are added', () => {
    const { column } = placeOfNeuron(neuron);
    const quad = quadOfColumn(column);
    const lane = 24 - 8 * entryOfColumn(column);
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      enableCadc(program);
      restingNeuron(program);
      program.write(addressOf('ColumnCorrelationQuad', [1, quad], 2), 0x20 << lane);
      program.write(addressOf('ColumnCorrelationQuad', [1, quad], 3), 0x20 << lane);
      program.write(addressOf('CADCChannelConfig', [1, 0, 1, column & 127]), 128);
      program.write(addressOf('CADCChannelConfig', [1, 1, 1, column & 127]), 128 - 7);
      program.timerSetup().waitUntil(4_000_000);
      program.read(addressOf('CADCSampleQuad', [1, 0, 0, 0, quad]));
      program.read(addressOf('CADCSampleQuad', [1, 1, 1, 0, quad]));
    });
    const codes = [...answers.reads.values()].map((word) => (word >>> lane) & 0xff);
    expect(codes).toEqual([80, 73]);
  });

  test('a conversion takes its time, a buffered read does not', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      enableCadc(program);
      program.barrier(1).tick();
      program.read(addressOf('CADCSampleQuad', [0, 0, 0, 0, 0]));
      program.barrier(1).tick();
      program.read(addressOf('CADCSampleQuad', [0, 1, 0, 0, 0]));
      program.barrier(1).tick();
    });
    const [a = 0, b = 0, c = 0] = [...answers.ticks.values()];
    expect(b - a).toBeGreaterThan(212);
    expect(c - b).toBeLessThan(100);
  });
});

describe('MADC', () => {
  test('gives the sawtooth of its sample counter at 29.4 million a second', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      setUpMadc(program, 1);
      program.writeContainer('MADCControl', [], { wake_up: 1, enable_continuous_sampling: 1 });
      program.timerSetup().waitUntil(2000);
      program.writeContainer('MADCControl', [], {
        start_recording: 1,
        enable_continuous_sampling: 1,
      });
      program.waitUntil(14_500);
      program.writeContainer('MADCControl', [], { stop_recording: 1 });
      program.waitUntil(15_000);
    });
    const values = [...answers.madcValues.values()];
    expect(values.length).toBeGreaterThan(2900);
    expect(values).toEqual(values.map((_, i) => i & 0x3ff));
    const times = answers.madcTimes.values();
    const steps = new Set([...times].slice(1).map((time, i) => time - (times[i] ?? 0)));
    expect(steps).toEqual(new Set([8, 9]));
  });

  test('stops by itself after the given number of samples of one membrane', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      restingNeuron(program);
      setUpMadc(program, 0);
      program.writeContainer('MADCControl', [], { wake_up: 1 });
      program.timerSetup().waitUntil(4_000_000);
      program.writeContainer('MADCControl', [], { start_recording: 1 });
      program.waitUntil(4_010_000);
    });
    expect(answers.madcValues.length).toBe(100);
    // 420 mV on a scale of 100 + 700 V / 1200 mV.
    expect([...new Set(answers.madcValues.values())]).toEqual([345]);
  });

  test('looks without changing when the neuron fires', () => {
    const spikes = (record: boolean): number[] => {
      const answers = run(Chip.fromSeed(2), (program) => {
        begin(program);
        restingNeuron(program);
        const { block, slot } = placeOfNeuron(neuron);
        program.write(addressOf('CapMemCell', [block, 2, slot]), 330);
        program.write(addressOf('CapMemCell', [block, 22, slot]), 300);
        program.writeContainer('NeuronConfig', [block, slot], {
          mem_cap_size: 63,
          en_fire: 1,
          en_thresh_comp: 1,
          en_mem_off: 1,
          en_readout_amp: 1,
          en_readout: 1,
          en_reset_mul: 1,
        });
        program.write(addressOf('CrossbarNode', [14]), 0);
        program.writeWords(
          'NeuronBackendConfig',
          [1, 128 + 2],
          backendWords({ refractory_time: 250, reset_holdoff: 15, en_spike_out: 1 }),
        );
        setUpMadc(program, 0);
        program.writeContainer('MADCControl', [], { wake_up: 1 });
        program.timerSetup().waitUntil(400_000);
        if (record)
          program.writeContainer('MADCControl', [], {
            start_recording: 1,
            enable_continuous_sampling: 1,
          });
        else program.writeContainer('MADCControl', [], {});
        program.waitUntil(450_000);
      });
      if (record) expect(answers.madcValues.length).toBeGreaterThan(10_000);
      return [...answers.spikeTimes.values()];
    };
    const quiet = spikes(false);
    expect(quiet.length).toBeGreaterThan(5);
    expect(spikes(true)).toEqual(quiet);
  });
});
