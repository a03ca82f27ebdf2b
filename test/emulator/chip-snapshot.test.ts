import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chip, ChipSnapshotError } from '../../emulator/index.js';
import { assemble } from '../../isa/assembler/index.js';
import { PlaybackWriter } from '../../isa/playback/index.js';
import { addressOf, neuronLabel } from '../../isa/registers/index.js';
import { begin, enableCadc, excitableNeurons, openNodes } from './host.js';

/** Neurons, events in both directions, both converters and a PPU that reads rows and draws. */
function busyProgram(): Uint32Array {
  const program = begin(new PlaybackWriter());
  enableCadc(program);
  openNodes(program, [
    [0, 8],
    [8, 0],
    [9, 12],
  ]);
  excitableNeurons(program, [0, 2]);
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
