/** One clock, one order: whoever looks, and wherever a run is cut, the host gets the same bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChipTarget } from '../../../emulator/debug/chip-target.js';
import { GdbServer } from '../../../emulator/debug/gdb-server.js';
import { frame } from '../../../emulator/debug/packet.js';
import { Chip, type ChipOptions } from '../../../emulator/index.js';
import { ChipTrace } from '../../../emulator/trace/chip-trace.js';
import { assemble } from '../../../isa/assembler/index.js';
import { PlaybackWriter, ResponseReader } from '../../../isa/playback/index.js';
import { memoryImage } from '../../../isa/program.js';
import { addressOf, neuronLabel } from '../../../isa/registers/index.js';
import { begin, enableCadc, excitableNeurons, openNodes } from '../host.js';

const sram = [0x02800000, 0x03800000] as const;

/** Both processors: rows of the converter, random numbers, vectors in external memory, registers, each other's SRAM. */
const sources = [
  `
        lis r3, 8
        lis r7, 0xe
        lis r8, 0x8000
        lis r9, 0x8e00          # the other SRAM over the Omnibus: 0x80000000 | 4 * 0x03800000
        li r5, 0
        li r6, 0x1000
again:  fxvinx 1, r3, r5
        fxvinx 2, r7, r5
        fxvaddbm 1, 1, 2
        fxvoutx 1, r8, r5
        fxvinx 3, r8, r5
        fxvstax 3, r0, r6
        addi r10, r10, 1
        stw r10, 0x400(r9)
        sync
        b again
  `,
  `
        lis r6, 0x4000
        lis r7, 0x60
        li r5, 0
again:  addi r5, r5, 1
        stw r5, 0x100(r6)
        lwz r4, 0x100(r6)
        stw r4, 0x1000(0)
        lwz r3, 0x400(0)
        stw r3, 0x1004(0)
        sync
        cmpwi r5, 40
        bne again
        wait
        b .
  `,
] as const;

/** A network that fires, background events, MADC samples, conversions, barriers, polling, JTAG, all at once. */
function everything(): Uint32Array {
  const program = begin(new PlaybackWriter());
  enableCadc(program);
  openNodes(program, [
    [0, 8],
    [8, 0],
    [0, 0],
    [9, 13],
  ]);
  excitableNeurons(program, [0, 2, 4], [4]);
  program.writeContainer('CommonNeuronBackendConfig', [0], { en_event_regs: 1, en_clocks: 1 });
  program.writeContainer('ReadoutSourceSelection', [], { neuron_top_even_0: 1 });
  program.writeContainer('MADCConfig', [], { sample_duration_adjust: 5, number_of_samples: 900 });
  program.writeContainer('BackgroundSpikeSource', [1], { enable: 1, period: 700, neuron_label: 5 });
  sources.forEach((text, hemisphere) => {
    const image = memoryImage(assemble([{ name: 'program.s', text }]), 0, 0x4000);
    const view = new DataView(image.buffer, image.byteOffset);
    for (let i = 0; i + 4 <= image.length; i += 4)
      program.write((sram[hemisphere] ?? 0) + i / 4, view.getUint32(i));
  });
  program.write(0x02a00000, 1).write(0x03a00000, 1);
  program.write(0x000c0000, 1).write(0x000c0000, 2).timerSetup();
  for (let i = 0; i < 30; i++) {
    program.waitUntil(200 + 150 * i).spike(neuronLabel(0, 0));
    program.write(addressOf('SynapseWeightQuad', [0, 0, 0]), (63 - (i & 7)) * 0x01010101);
    program.read(addressOf('CADCSampleQuad', [i & 1, 0, 0, i, 1]));
    program.barrier(1);
    program.write(addressOf('CapMemCell', [0, 0, 0]), 629 - i);
    program.read(sram[0] + 0x400);
  }
  program.jtagInit().jtagInstruction(1).jtagData(32, 0, true).barrier(3);
  program.pollFor(0x03a00001, 1, 1).readBlock(sram[1] + 0x400, 4);
  return (program.readBlock(0x80000000, 8), program.barrier(1).halt().words());
}

const words = everything();
const options: readonly [string, number, ChipOptions][] = [
  ['ideal, precise', 0, {}],
  ['drawn, noisy, precise', 4, {}],
  ['drawn, noisy, fast', 4, { engine: 'fast' }],
  // A tenth of the usual times, so that cells are on their way and ripple during the whole run.
  [
    'drawn, settling and rippling cells',
    4,
    {
      settling: 'exponential',
      noise: { ripple: true },
      constants: { refreshPeriod: 5, settlingTime: 20, refreshOffTime: 100 },
    },
  ],
];

function make(seed: number, chosen: ChipOptions): Chip {
  return seed === 0 ? Chip.ideal(chosen) : Chip.fromSeed(seed, chosen);
}

/** Takes answers out as soon as there are some, in slices of so many cycles. */
function sliced(chip: Chip, cycles: () => number, look: () => void = () => undefined): number[] {
  const answers: number[] = [];
  chip.feed(words);
  for (;;) {
    const isDone = chip.run(cycles());
    answers.push(...chip.takeOutput());
    if (isDone) return answers;
    look();
  }
}

describe.each(options)('%s', (_, seed, chosen) => {
  const whole = [...make(seed, chosen).execute(words)];
  const cycles = (() => {
    const chip = make(seed, chosen);
    chip.execute(words);
    return chip.cyclesRun;
  })();

  test('the run has everything in it', () => {
    const seen = new ResponseReader().push(Uint32Array.from(whole));
    expect(seen.spikeLabels.length).toBeGreaterThan(3);
    expect(seen.madcValues.length).toBe(900);
    expect(seen.timeouts).toEqual([]);
    expect(seen.halts.length).toBe(1);
    expect(seen.reads.at(seen.reads.length - 1)).toBeDefined();
  });

  test('a reader that takes answers at any moment', () => {
    expect(sliced(make(seed, chosen), () => 777)).toEqual(whole);
  });

  test('traces of both processors', () => {
    const chip = make(seed, chosen);
    let events = 0;
    const traces = ([0, 1] as const).map(
      (processor) => new ChipTrace(chip, processor, (list) => (events += list.length)),
    );
    const answers = [...chip.execute(words)];
    for (const trace of traces) trace.end();
    expect(events).toBeGreaterThan(100);
    expect(answers).toEqual(whole);
  });

  test('snapshots, and looks at membranes and sensors', () => {
    const chip = make(seed, chosen);
    const look = (): void => {
      chip.save();
      for (const neuron of [0, 2, 4, 300]) chip.analogView.membrane(neuron);
      chip.analogView.correlation(0, 0);
    };
    expect(sliced(chip, () => 3001, look)).toEqual(whole);
  });

  test('a debugger that stops, steps and reads', () => {
    const chip = make(seed, chosen);
    const target = new ChipTarget(chip);
    const server = new GdbServer(target);
    const say = (text: string): void => {
      server.receive(frame(text));
      for (let i = 0; i < 1000 && server.running; i++) server.advance(1000);
    };
    chip.feed(words);
    say('?');
    for (let i = 0; i < 12; i++) {
      say(`vCont;s:${(i & 1) + 1}`);
      say('g');
      say('m1000,40');
    }
    say('Z0,14,4');
    for (let i = 0; i < 4; i++) say('c');
    say('z0,14,4');
    target.go();
    expect(chip.run()).toBe(true);
    expect([...chip.takeOutput()]).toEqual(whole);
  });

  test('run A, save, load elsewhere, run B, at any cut: in a conversion, a barrier, between samples', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: cycles }), { minLength: 1, maxLength: 3 }),
        (cuts) => {
          const parts: number[] = [];
          let chip = make(seed, chosen);
          chip.feed(words);
          for (const cut of cuts.toSorted((a, b) => a - b)) {
            chip.run(Math.max(0, cut - chip.cyclesRun));
            parts.push(...chip.takeOutput());
            const next = make(seed, chosen);
            next.load(structuredClone(chip.save()));
            chip = next;
          }
          expect(chip.run()).toBe(true);
          expect([...parts, ...chip.takeOutput()]).toEqual(whole);
        },
      ),
      { numRuns: 2 },
    );
  });
});
