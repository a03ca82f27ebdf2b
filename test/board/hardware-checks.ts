/**
 * The low-level checks that public hardware tests make of a board, as data: what is played back, and what must come back.
 * They ask nothing of a board but playback words, so that they hold over every link and on silicon.
 */
import { assemble } from '../../isa/assembler/index.js';
import { PlaybackWriter, type ResponseReader } from '../../isa/playback/index.js';
import { memoryImage } from '../../isa/program.js';
import { addressOf } from '../../isa/registers/index.js';
import { begin, openNodes } from '../emulator/host.js';

export interface HardwareCheck {
  readonly name: string;
  /** Everything up to the last barrier and the halt; undefined: a halt alone. */
  readonly program?: (writer: PlaybackWriter) => void;
  /** What is not as it must be; empty if all is. */
  readonly problems: (answers: ResponseReader) => string[];
}

/** The words of a check. */
export function wordsOf({ program }: HardwareCheck): Uint32Array {
  const writer = new PlaybackWriter();
  program?.(writer);
  if (program) writer.barrier();
  return writer.halt().words();
}

const differs = (what: string, got: unknown, wanted: unknown): string[] =>
  JSON.stringify(got) === JSON.stringify(wanted)
    ? []
    : [`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`];

const outside = (what: string, got: number | undefined, least: number, most: number): string[] =>
  got !== undefined && got >= least && got <= most
    ? []
    : [`${what}: ${got}, not in ${least}..${most}`];

/** Access of the Omnibus over JTAG. */
const jtagOmnibus = {
  write: (writer: PlaybackWriter, address: number, value: number): void => {
    writer.jtagInstruction(5).jtagData(33, address);
    writer.jtagInstruction(6).jtagData(32, value);
    writer.jtagInstruction(7).jtagData(3, 0);
  },
  read: (writer: PlaybackWriter, address: number): void => {
    writer.jtagInstruction(5).jtagData(33, 0x100000000 + address);
    writer.jtagInstruction(7).jtagData(3, 0);
    writer.jtagInstruction(6).jtagData(32, 0, true);
  },
};

const rawWord = addressOf('SynapseQuad', [0, 17, 33]);
const loopbackSpikes = 1000;

/** 16-bit labels of all four inputs, each another one. */
const labels = Array.from({ length: loopbackSpikes }, (_, i) => ((i & 3) << 14) | (7 * i + 3));

const loopback = (pack: number): HardwareCheck => ({
  name: `spike loopback: 1000 spikes 10 FPGA cycles apart, ${pack} in a message, through crossbar nodes that let all pass`,
  program: (writer) => {
    begin(writer);
    // All nodes pass everything; PADI buses listen to nothing.
    for (let node = 0; node < 76; node++) writer.write(addressOf('CrossbarNode', [node]), 0);
    writer.barrier(1).timerSetup();
    const times = labels.map((_, i) => 100 + 10 * Math.floor(i / pack));
    writer.spikeTrain(times, labels).waitUntil((times.at(-1) ?? 0) + 1000);
  },
  problems: (answers) => {
    const sorted = (list: Iterable<number>): number[] => [...list].sort((a, b) => a - b);
    return differs('labels', sorted(answers.spikeLabels.values()), sorted(labels));
  },
});

const period = 200;
const backgroundTicks = 25_000;

/** Runs on the top PPU; leaves the cycles that it took in word 0x800. */
const counterProgram = `
        lis r4, 0x8048
        ori r4, r4, 0xa000
        mfspr r3, 284
        ${Array.from({ length: 256 }, (_, i) => `lwz r${5 + (i % 20)}, ${16 * i}(r4)`).join('\n')}
        sync
        mfspr r4, 284
        subf r3, r3, r4
        stw r3, 0x2000(r0)
        wait
`;
const top = addressOf('PPUMemoryWord', [0, 0]);

const timeout = 5000;

/** Chapter 9.1 of the specification of the chip, in its order. */
export const hardwareChecks: readonly HardwareCheck[] = [
  {
    name: 'halt: a program with one halt returns exactly one message, the halt',
    problems: (answers) =>
      differs(
        'messages',
        {
          halts: answers.halts.length,
          ticks: answers.ticks.length,
          reads: answers.reads.length,
          jtag: answers.jtag.length,
          spikes: answers.spikeLabels.length,
          samples: answers.madcValues.length,
          timeouts: answers.timeouts.length,
        },
        { halts: 1, ticks: 0, reads: 0, jtag: 0, spikes: 0, samples: 0, timeouts: 0 },
      ),
  },
  {
    name: 'IDCODE: 0x348580af through JTAG, instruction 1, 32 bits, response kept',
    program: (writer) => {
      begin(writer).jtagScaler(6).jtagInit();
      writer.jtagInstruction(1).jtagData(32, 0, true).barrier(2);
    },
    problems: (answers) => differs('IDCODE', [...answers.jtag.values()], [0x348580af]),
  },
  {
    name: 'systime base over JTAG Omnibus: what is written to address 0 is read back',
    program: (writer) => {
      begin(writer).jtagInit();
      jtagOmnibus.write(writer, 0, 0x12345678);
      jtagOmnibus.read(writer, 0);
      writer.barrier(2).read(0);
    },
    problems: (answers) => [
      ...differs('JTAG', [...answers.jtag.values()], [0x12345678]),
      ...differs('Omnibus', [...answers.reads.values()], [0x12345678]),
    ],
  },
  {
    name: 'byte enables: a raw synapse word takes byte after byte',
    program: (writer) => {
      begin(writer).write(rawWord, 0x12345678);
      for (const enable of [1, 2, 4, 8]) writer.write(rawWord, 0x87654321, enable).read(rawWord);
      writer.write(0x80000040, 0).write(0x80000040, 0xaabbccdd, 8).read(0x80000040);
    },
    problems: (answers) =>
      differs(
        'words',
        [...answers.reads.values()],
        [0x12345621, 0x12344321, 0x12654321, 0x87654321, 0xaa000000],
      ),
  },
  loopback(1),
  loopback(2),
  loopback(3),
  {
    name: 'regular background source: 2 * FPGA cycles / period events, within 5 %',
    program: (writer) => {
      begin(writer);
      openNodes(writer, [[8, 12]]);
      const source = { enable: 1, period, neuron_label: 0x2345 };
      writer.writeContainer('BackgroundSpikeSource', [0], source).barrier(1).timerSetup();
      writer.waitUntil(backgroundTicks);
      writer.write(addressOf('BackgroundSpikeSource', [0]), 0).waitUntil(backgroundTicks + 1000);
    },
    problems: (answers) => {
      const expected = (2 * backgroundTicks) / period;
      return outside('events', answers.spikeLabels.length, 0.95 * expected, 1.05 * expected);
    },
  },
  {
    name: 'SpikeIO internal loopback: traced when sent and when received, by both routes',
    program: (writer) => {
      begin(writer);
      openNodes(writer, [
        [8, 8],
        [9, 9],
      ]);
      writer.write(addressOf('SpikeIOOutputRoute', [0x0100]), 7);
      writer.write(addressOf('SpikeIOOutputRoute', [0x4200]), 255);
      writer.write(addressOf('SpikeIOInputRoute', [7]), 0x4200);
      writer.writeContainer('SpikeIOConfig', [], {
        data_rate_scaler: 3,
        enable_tx: 1,
        enable_rx: 1,
        enable_internal_loopback: 1,
      });
      writer.barrier(1).timerSetup().waitUntil(100).spike(0x0100).waitUntil(2000);
    },
    problems: (answers) => differs('labels', [...answers.spikeLabels.values()], [0x0100, 0x4200]),
  },
  {
    name: 'PPU: all 256 spike counters of a half are read in at most 320 PPU cycles',
    program: (writer) => {
      begin(writer);
      const image = memoryImage(
        assemble([{ name: 'counters.s', text: counterProgram }]),
        0,
        0x4000,
      );
      const view = new DataView(image.buffer, image.byteOffset);
      for (let i = 0; i + 4 <= image.length; i += 4) writer.write(top + i / 4, view.getUint32(i));
      writer.write(addressOf('PPUControlRegister', [0]), 1).barrier(1);
      writer.pollFor(addressOf('PPUStatusRegister', [0]), 1, 1);
      writer.read(top + 0x800);
    },
    problems: (answers) => [
      ...differs('time-outs', answers.timeouts.length, 0),
      ...outside('cycles', answers.reads.at(0), 1, 320),
    ],
  },
  {
    name: 'timer: after wait_until T it reads T or a few cycles more',
    program: (writer) => {
      begin(writer).timerSetup();
      for (const time of [1000, 12_345]) writer.waitUntil(time).read(0x8800000c);
    },
    problems: (answers) =>
      [1000, 12_345].flatMap((time, i) => outside('timer', answers.reads.at(i), time, time + 20)),
  },
  {
    name: 'timeout: polling that never matches ends after the programmed time with one notification',
    program: (writer) => {
      begin(writer).write(0x88000009, timeout).timerSetup();
      writer.pollFor(top, 1, 0xffffffff).read(0x8800000c);
      writer.write(0x88000009, 1_250_000);
    },
    problems: (answers) => [
      ...differs('time-outs', answers.timeouts.length, 1),
      ...outside('cycles', answers.reads.at(0), timeout, timeout + 200),
    ],
  },
];
