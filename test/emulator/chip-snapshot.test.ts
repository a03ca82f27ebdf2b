import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chip, ChipSnapshotError } from '../../emulator/index.js';
import { assemble } from '../../isa/assembler/index.js';
import { PlaybackWriter } from '../../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  driverWords,
  encodeContainer,
  neuronLabel,
  placeOfNeuron,
} from '../../isa/registers/index.js';
import { begin, enableCadc, openNodes } from './host.js';

/** Neurons, events in both directions, both converters and a PPU that reads rows and draws. */
function busyProgram(): Uint32Array {
  const program = begin(new PlaybackWriter());
  enableCadc(program);
  openNodes(program, [
    [0, 8],
    [8, 0],
    [9, 12],
  ]);
  program.write(addressOf('CommonPADIBusConfig', [0]), 0xf);
  for (const block of [0, 1])
    [31, 600, 40, 18, 369].forEach((code, i) =>
      program.write(addressOf('CapMemCell', [block, [4, 8, 9, 10, 15][i] ?? 0, 128]), code),
    );
  program.writeWords(
    'SynapseDriverConfig',
    [0, 0],
    driverWords({ enable_receiver: 1, row_mask: 31, forward_address: 1, en_exc_bottom: 1 }),
  );
  program.write(addressOf('SynapseWeightQuad', [0, 0, 0]), 0x3f3f3f3f);
  program.write(addressOf('ColumnCurrentQuad', [0, 0]), 0x03030303);
  for (const neuron of [0, 2]) {
    const { block, slot, backendHalf, indexInHalf } = placeOfNeuron(neuron);
    const codes = { 0: 629, 1: 601, 2: 300, 8: 95, 9: 1015, 10: 50, 12: 314, 13: 800, 22: 100 };
    for (const [row, code] of Object.entries(codes))
      program.write(addressOf('CapMemCell', [block, Number(row), slot]), code);
    program.writeWords(
      'NeuronConfig',
      [block, slot],
      encodeContainer('NeuronConfig', {
        en_fire: 1,
        en_thresh_comp: 1,
        mem_cap_size: 63,
        en_synin_exc: 1,
        en_reset_mul: 1,
        en_readout_amp: 1,
        en_readout: 1,
        en_mem_off: 1,
      }),
    );
    program.writeWords(
      'NeuronBackendConfig',
      [backendHalf, indexInHalf],
      backendWords({
        address_out: neuron,
        en_spike_out: 1,
        reset_holdoff: 15,
        refractory_time: 99,
      }),
    );
  }
  program.writeContainer('CommonNeuronBackendConfig', [0], { en_event_regs: 1, en_clocks: 1 });
  program.writeContainer('ReadoutSourceSelection', [], { neuron_top_even_0: 1 });
  program.writeContainer('MADCConfig', [], { sample_duration_adjust: 5, number_of_samples: 400 });
  program.writeContainer('BackgroundSpikeSource', [0], { enable: 1, period: 700 });
  const image = assemble([
    {
      name: 'busy.s',
      text: `
        lis r3, 8
        lis r7, 0xe
        li r5, 0
        li r6, 0x1000
again:  fxvinx 1, r3, r5
        fxvinx 2, r7, r5
        fxvaddbm 1, 1, 2
        fxvstax 1, r0, r6
        sync
        b again
      `,
    },
  ]);
  for (const { address, bytes } of image.sections) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i + 4 <= bytes.length; i += 4)
      program.write(0x02800000 + (address + i) / 4, view.getUint32(i));
  }
  program.write(0x02a00000, 1).write(0x000c0000, 1).write(0x000c0000, 2).timerSetup();
  for (let i = 0; i < 60; i++) {
    program.waitUntil(200 + 150 * i).spike(neuronLabel(0, 0));
    program.write(addressOf('SynapseWeightQuad', [0, 0, 0]), (63 - (i & 7)) * 0x01010101);
    program.read(addressOf('SynapseQuad', [0, 0, 0]));
  }
  program.readBlock(0x02800400, 32);
  program
    .jtagInit()
    .jtagData(32, 0, true)
    .read(addressOf('CADCSampleQuad', [1, 0, 0, 3, 0]));
  program.pollFor(0x02a00001, 1, 0).waitUntil(11_000).readBlock(0x02800400, 4);
  return program.barrier(3).halt().words();
}

test('a run cut anywhere, saved, loaded elsewhere and continued gives the same bytes', () => {
  const words = busyProgram();
  const whole = [...Chip.fromSeed(4).execute(words)];
  expect(whole.length).toBeGreaterThan(500);
  const total = (() => {
    const chip = Chip.fromSeed(4);
    chip.execute(words);
    return chip.cyclesRun;
  })();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: total }), fc.boolean(), (cut, takeFirst) => {
      const first = Chip.fromSeed(4);
      first.feed(words);
      first.run(cut);
      const parts = takeFirst ? [...first.takeOutput()] : [];
      const second = Chip.fromSeed(4);
      second.load(structuredClone(first.save()));
      second.run();
      expect([...parts, ...second.takeOutput()]).toEqual(whole);
    }),
    { numRuns: 6 },
  );
});

test('another chip refuses the snapshot', () => {
  expect(() => Chip.fromSeed(5).load(Chip.fromSeed(4).save())).toThrow(ChipSnapshotError);
});
