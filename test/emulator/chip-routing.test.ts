import { describe, expect, test } from 'vitest';
import { Chip } from '../../emulator/index.js';
import type { PlaybackWriter } from '../../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  driverWords,
  encodeContainer,
  entryOfColumn,
  neuronLabel,
  placeOfNeuron,
  quadOfColumn,
} from '../../isa/registers/index.js';
import { begin, openNodes, run } from './host.js';

/** A neuron in bypass mode: every event that its synapses accept makes one spike at once. */
function bypassNeuron(program: PlaybackWriter, neuron: number, address: number): void {
  const place = placeOfNeuron(neuron);
  program.writeContainer('NeuronConfig', [place.block, place.slot], {
    en_fire: 1,
    en_byp_exc: 1,
    en_synin_exc: 1,
    mem_cap_size: 63,
  });
  program.writeWords(
    'NeuronBackendConfig',
    [place.backendHalf, place.indexInHalf],
    backendWords({ address_out: address, en_spike_out: 1, reset_holdoff: 15, refractory_time: 2 }),
  );
  program.writeContainer('CommonNeuronBackendConfig', [place.backendHalf], {
    en_event_regs: 1,
    en_clocks: 1,
  });
  const quad = quadOfColumn(place.column);
  const lane = 24 - 8 * entryOfColumn(place.column);
  program.write(addressOf('ColumnCurrentQuad', [place.row, quad]), 3 << lane);
}

/** Row on: its driver excites by this row only and takes events of its own row select. */
function driveRow(program: PlaybackWriter, hemisphere: number, row: number): void {
  program.writeWords(
    'SynapseDriverConfig',
    [hemisphere, row >> 1],
    driverWords({
      enable_receiver: 1,
      row_mask: 31,
      forward_address: 1,
      en_exc_bottom: row & 1 ? 0 : 1,
      en_exc_top: row & 1 ? 1 : 0,
    }),
  );
  program.write(addressOf('CommonPADIBusConfig', [hemisphere]), 0xffff000f);
  program.write(addressOf('CapMemCell', [2 * hemisphere, 8, 128]), 600);
  program.write(addressOf('CapMemCell', [2 * hemisphere + 1, 8, 128]), 600);
}

function synapse(
  program: PlaybackWriter,
  hemisphere: number,
  row: number,
  column: number,
  weight: number,
  label: number,
): void {
  const quad = quadOfColumn(column);
  const enable = 1 << (3 - entryOfColumn(column));
  const spread = (value: number): number => (value * 0x01010101) >>> 0;
  program.write(addressOf('SynapseWeightQuad', [hemisphere, row, quad]), spread(weight), enable);
  program.write(addressOf('SynapseLabelQuad', [hemisphere, row, quad]), spread(label), enable);
}

describe('events between host and crossbar', () => {
  test.each([1, 2, 3])('1000 spikes 10 cycles apart, %i in a message, all come back', (pack) => {
    const sent: number[] = [];
    const times: number[] = [];
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      openNodes(program, [
        [8, 8],
        [9, 9],
        [10, 10],
        [11, 11],
      ]);
      program.timerSetup();
      for (let i = 0; i < 1000; i++) {
        const time = 100 + 10 * Math.floor(i / pack);
        times.push(time);
        sent.push((i * 40503) & 0xffff);
      }
      program.spikeTrain(times, sent);
      program.waitUntil(100 + 10 * 1000 + 1000);
    });
    const got = [...answers.spikeLabels.values()];
    expect([...got].sort((a, b) => a - b)).toEqual([...sent].sort((a, b) => a - b));
  });

  test('time stamps follow the times of the messages with a constant delay', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      openNodes(program, [[8, 8]]);
      program.timerSetup().tick().waitUntil(1000).spike(7).waitUntil(50_001).spike(8);
      program.waitUntil(60_000);
    });
    const start = answers.ticks.at(0) ?? 0;
    const [a, b] = [...answers.spikeTimes.values()];
    expect((b ?? 0) - (a ?? 0)).toBe(2 * (50_001 - 1000));
    const delay = (a ?? 0) / 2 - start - 1000;
    expect(delay).toBeGreaterThan(0);
    expect(delay).toBeLessThan(100);
  });

  test('nothing is sent while recording is off', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program).write(0x88000005, 0);
      openNodes(program, [[8, 8]]);
      program.spike(3).waitUntil(5000);
    });
    expect(answers.spikeLabels.length).toBe(0);
  });

  test('a shut node drops and counts, an open one counts what passes', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      openNodes(program, [[8, 8]]);
      program.write(addressOf('CrossbarNode', [24]), 0x80010000);
      program.write(addressOf('CrossbarOutputConfig', []), 0xfff << 4);
      program.timerSetup();
      for (let i = 0; i < 5; i++) program.waitUntil(1000 + 10 * i).spike(i);
      program.waitUntil(3000);
      program.read(addressOf('CrossbarOutputEventCounter', [8]));
      program.read(addressOf('CrossbarOutputEventCounter', [9]));
      program.read(addressOf('CrossbarInputDropCounter', [8]));
    });
    expect([...answers.reads.values()]).toEqual([5, 0, 5]);
  });

  test('a regular background source gives 2 events per FPGA cycle and period', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      openNodes(program, [[8, 12]]);
      program.writeContainer('BackgroundSpikeSource', [0], {
        enable: 1,
        period: 1000,
        neuron_label: 0x1234,
      });
      program.timerSetup().waitUntil(50_000);
      program.write(addressOf('BackgroundSpikeSource', [0]), 0).waitUntil(51_000);
    });
    expect(answers.spikeLabels.length).toBeGreaterThan(95);
    expect(answers.spikeLabels.length).toBeLessThan(105);
    expect(new Set(answers.spikeLabels.values())).toEqual(new Set([0x1234]));
  });

  test('a Poisson source fires at rate / 255 per period and randomises masked bits', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      openNodes(program, [[8, 16 - 4]]);
      program.writeContainer('BackgroundSpikeSource', [0], {
        enable: 1,
        enable_random: 1,
        period: 50,
        seed: 1234,
        rate: 63,
        mask: 3,
        neuron_label: 0x100,
      });
      program.timerSetup().waitUntil(100_000);
    });
    const expected = (200_000 / 50) * 0.25;
    expect(answers.spikeLabels.length).toBeGreaterThan(expected * 0.9);
    expect(answers.spikeLabels.length).toBeLessThan(expected * 1.1);
    expect(new Set(answers.spikeLabels.values())).toEqual(new Set([0x100, 0x101, 0x102, 0x103]));
  });
});

describe('from a spike to a synapse and back', () => {
  const neuron = 44;
  const row = 11;
  /** Row 11 belongs to driver 5: bus 1, index 1 there. */
  const label = neuronLabel(1, 33);

  function oneSynapse(program: PlaybackWriter, weight: number, synapseLabel: number): void {
    begin(program);
    openNodes(program, [
      [1, 8],
      [8 + 1, 1],
    ]);
    bypassNeuron(program, neuron, 0x5a);
    driveRow(program, 0, row);
    synapse(program, 0, row, 44, weight, synapseLabel);
  }

  test('an event reaches the synapse of its label and the neuron answers with its address', () => {
    const chip = Chip.ideal();
    const answers = run(chip, (program) => {
      oneSynapse(program, 63, 33);
      program.timerSetup();
      for (let i = 0; i < 20; i++) program.waitUntil(1000 + 1000 * i).spike(label);
      program.waitUntil(30_000);
      program.read(addressOf('SpikeCounterRead', [0, 44]));
      program.write(addressOf('SpikeCounterReset', [0, 44]), 0);
      program.read(addressOf('SpikeCounterRead', [0, 44]));
    });
    expect([...answers.spikeLabels.values()]).toEqual(
      new Array<number>(20).fill((1 << 14) | (1 << 8) | 0x5a),
    );
    expect([...answers.reads.values()]).toEqual([20, 0]);
    expect(chip.warnings()).toMatchObject({ unmapped: 0, protocolErrors: 0, lateEvents: 0 });
  });

  test.each([
    ['another label', 63, 32, label],
    ['another row select', 63, 33, neuronLabel(2, 33)],
    ['weight 0', 0, 33, label],
  ])('%s does nothing', (_, weight, synapseLabel, sent) => {
    const answers = run(Chip.ideal(), (program) => {
      oneSynapse(program, weight, synapseLabel);
      program.timerSetup().waitUntil(1000).spike(sent).waitUntil(10_000);
    });
    expect(answers.spikeLabels.length).toBe(0);
  });

  test('a counter that passes 255 says so in bit 8', () => {
    const answers = run(Chip.ideal(), (program) => {
      oneSynapse(program, 63, 33);
      program.timerSetup();
      for (let i = 0; i < 260; i++) program.waitUntil(1000 + 100 * i).spike(label);
      program.waitUntil(50_000);
      program.read(addressOf('SpikeCounterRead', [0, 44]));
    });
    expect(answers.reads.at(0)).toBe(0x100 | 4);
  });

  test('a neuron drives another one through the crossbar', () => {
    const answers = run(Chip.ideal(), (program) => {
      oneSynapse(program, 63, 33);
      // Neuron 44 sends on output 1 (PADI bus 1) with address 0x5a: row select 4 * 1 + 1, label 26.
      openNodes(program, [
        [1, 8],
        [1, 1],
        [9, 1],
      ]);
      bypassNeuron(program, 45, 0x77);
      driveRow(program, 0, 2 * (4 * 5 + 1));
      synapse(program, 0, 2 * (4 * 5 + 1), 45, 63, 26);
      program.timerSetup().waitUntil(2000).spike(label).waitUntil(10_000);
    });
    expect([...answers.spikeLabels.values()].map((l) => l & 0xff)).toEqual([0x5a, 0x77]);
    const [first, second] = [...answers.spikeTimes.values()];
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(38);
    expect((second ?? 0) - (first ?? 0)).toBeLessThan(44);
  });

  test('the PADI event register drives buses that do not listen to the crossbar', () => {
    const answers = run(Chip.ideal(), (program) => {
      oneSynapse(program, 63, 33);
      program.write(addressOf('CommonPADIBusConfig', [0]), 0xffff0000);
      program.timerSetup().waitUntil(1000).spike(label);
      program.waitUntil(2000).write(
        addressOf('PADIEvent', [0]),
        encodeContainer('PADIEvent', {
          fire_bus_1: 1,
          event_address: 33,
          row_select_address: 1,
        })[0] ?? 0,
      );
      program.waitUntil(10_000);
    });
    expect(answers.spikeLabels.length).toBe(1);
  });
});
