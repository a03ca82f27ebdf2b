/** A noisy run can be cut anywhere: what is saved in the middle of things goes on with the same bytes on another chip. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chip, type ChipOptions, type ChipSnapshot } from '../../../emulator/index.js';
import { PlaybackWriter } from '../../../isa/playback/index.js';
import { addressOf, neuronLabel } from '../../../isa/registers/index.js';
import { begin, enableCadc, excitableNeurons, openNodes } from '../host.js';

/** Neurons that fire and are read out, sensors that are converted, and every kind of waiting. */
function program(): Uint32Array {
  const writer = begin(new PlaybackWriter());
  enableCadc(writer);
  openNodes(writer, [
    [0, 8],
    [8, 0],
    [9, 13],
  ]);
  excitableNeurons(writer, [0, 2, 4], [4]);
  writer.write(addressOf('ColumnCorrelationQuad', [0, 0]), 0xc0c0c0c0);
  writer.writeContainer('CommonNeuronBackendConfig', [0], { en_event_regs: 1, en_clocks: 1 });
  writer.writeContainer('BackgroundSpikeSource', [1], { enable: 1, period: 300, neuron_label: 5 });
  writer.writeContainer('ReadoutSourceSelection', [], { neuron_top_even_0: 1 });
  writer.writeContainer('MADCConfig', [], { sample_duration_adjust: 5, number_of_samples: 2000 });
  writer.write(0x000c0000, 1).write(0x000c0000, 2).jtagScaler(2).jtagInit().timerSetup();
  for (let i = 0; i < 10; i++) {
    writer
      .waitUntil(300 + 700 * i)
      .spike(neuronLabel(0, 0))
      .spike(neuronLabel(0, 0));
    writer.read(addressOf('CADCSampleQuad', [0, 0, 0, 0, 0]));
    writer.read(addressOf('CADCSampleQuad', [0, 1, 1, 0, 0]));
    writer.barrier(1);
    writer.jtagInstruction(1).jtagData(32, 0, true).barrier(2);
    writer.systimeInit(false).barrier(4);
    writer.pollFor(addressOf('ExecutorTimerRead', []), 0x40, 0x40);
  }
  return writer.barrier().halt().words();
}

/** States in which a run is cut, as a snapshot tells them. */
const states: Readonly<Record<string, (saved: ChipSnapshot, cycle: number) => boolean>> = {
  'a conversion runs': ({ parts }, cycle) => Number(parts['topCadc']?.['busyUntil']) > cycle,
  'answers are under way': ({ parts }, cycle) => Number(parts['executor']?.['answered']) > cycle,
  'JTAG shifts': ({ parts }, cycle) => Number(parts['jtag']?.['busyUntil']) > cycle,
  'systime is synchronised': ({ parts }, cycle) =>
    Number(parts['executor']?.['systimeDone']) > cycle,
  'the host polls': ({ parts }) => String(parts['executor']?.['state']).startsWith('poll'),
  'the host waits': ({ parts }, cycle) => Number(parts['executor']?.['due']) > cycle + 4,
  'a neuron is in reset': ({ analog }) => analog.arrays['neurons.phase']?.includes(1) === true,
  'a sensor has accumulated': ({ analog }) =>
    analog.arrays['sensors.causal']?.some((value) => value > 0) === true,
};

const chips: readonly [string, ChipOptions][] = [
  ['precise', {}],
  ['fast, rippling', { engine: 'fast', noise: { ripple: true }, constants: { refreshPeriod: 7 } }],
];

test.each(chips)('%s: in conversions, barriers, polls, resets and between them', (_, options) => {
  const words = program();
  const make = (): Chip => Chip.fromSeed(4, options);
  const first = make();
  const whole = Buffer.from(first.execute(words).slice().buffer);
  const total = first.cyclesRun;
  const other = make();
  const seen = new Set<string>();
  const goesOn = (cuts: readonly number[]): void => {
    const chip = make();
    chip.feed(words);
    const parts: Uint32Array[] = [];
    for (const cut of cuts) {
      chip.run(cut - chip.cyclesRun);
      parts.push(chip.takeOutput().slice());
      const saved = structuredClone(chip.save());
      for (const [name, isSo] of Object.entries(states))
        if (isSo(saved, chip.cycle)) seen.add(name);
      other.load(saved);
      expect(other.run()).toBe(true);
      const pieces = [...parts, other.takeOutput()].map((piece) =>
        Buffer.from(piece.slice().buffer),
      );
      expect(Buffer.concat(pieces).equals(whole), `cut at cycle ${cut}`).toBe(true);
    }
  };
  goesOn(Array.from({ length: 24 }, (_, k) => Math.floor(((k + 0.37) * total) / 24)));
  const anywhere = fc.integer({ min: 1, max: total });
  fc.assert(
    fc.property(
      fc
        .uniqueArray(anywhere, { minLength: 4, maxLength: 4 })
        .map((list) => list.toSorted((a, b) => a - b)),
      goesOn,
    ),
    { numRuns: 1 },
  );
  expect([...seen].sort()).toEqual(Object.keys(states).sort());
});
