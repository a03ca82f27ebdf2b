import { describe, expect, test } from 'vitest';
import { Chip } from '../../emulator/index.js';
import {
  addressOf,
  containerNames,
  containerRow,
  fieldMask,
  type ContainerName,
} from '../../isa/registers/index.js';
import { PlaybackWriter, ResponseReader } from '../../isa/playback/index.js';
import { begin, openNodes, run } from './host.js';

/** First, last and one middle instance address of each container. */
function someInstances(name: ContainerName): number[] {
  const row = containerRow(name);
  const pick = (fraction: (count: number) => number): number =>
    row.strides.reduce((at, stride) => at + fraction(stride.count) * stride.stride, row.base);
  return [...new Set([pick(() => 0), pick((n) => n - 1), pick((n) => n >> 1)])];
}

/** Written last words do something else than store: starting a PPU, the recording, the seed of noise. */
const acts: ReadonlySet<ContainerName> = new Set<ContainerName>([
  'PPUControlRegister',
  'InstructionTimeoutConfig',
]);

describe('register map', () => {
  test('every rw container returns what was written, masked to its fields', () => {
    const chip = Chip.ideal();
    const expected: number[] = [];
    const names: string[] = [];
    const answers = run(chip, (program) => {
      for (const name of containerNames) {
        const row = containerRow(name);
        if (row.access !== 'rw' || acts.has(name)) continue;
        for (const instance of someInstances(name))
          row.words.forEach((word, position) => {
            const address = instance + word.offset;
            const value = (0x9e3779b1 * (position + 3) + address) >>> 0;
            program.write(address, value);
            program.read(address);
            expected.push((value & fieldMask(name, position)) >>> 0);
            names.push(`${name} ${address.toString(16)}`);
          });
      }
    });
    const got = [...answers.reads.values()];
    expect(got.map((value, i) => `${names[i]} ${value}`)).toEqual(
      expected.map((value, i) => `${names[i]} ${value}`),
    );
    expect(chip.warnings().unmapped).toBe(0);
  });

  test('byte enables cover their byte only', () => {
    const address = addressOf('SynapseQuad', [0, 0, 0]);
    const answers = run(Chip.ideal(), (program) => {
      program.write(address, 0x12345678).read(address);
    });
    expect(answers.reads.at(0)).toBe(0x12345678);
    const steps = run(Chip.ideal(), (program) => {
      program.write(address, 0x12345678);
      for (const enable of [1, 2, 4, 8]) program.write(address, 0x87654321, enable).read(address);
    });
    expect([...steps.reads.values()]).toEqual([0x12345621, 0x12344321, 0x12654321, 0x87654321]);
  });

  test('the views of a synapse are one storage', () => {
    const answers = run(Chip.ideal(), (program) => {
      program.write(addressOf('SynapseQuad', [1, 9, 5]), 0xffffffff);
      program.write(addressOf('SynapseQuad', [1, 9, 5], 1), 0);
      program.write(addressOf('SynapseWeightQuad', [1, 9, 5]), 0x01020304);
      program.write(addressOf('SynapseLabelQuad', [1, 9, 5]), 0x3f000000);
      program.write(addressOf('SynapseCorrelationCalibQuad', [1, 9, 5], 1), 0x00000002);
      program.read(addressOf('SynapseQuad', [1, 9, 5]));
      program.read(addressOf('SynapseQuad', [1, 9, 5], 1));
      program.read(addressOf('SynapseCorrelationCalibQuad', [1, 9, 5]));
    });
    expect([...answers.reads.values()]).toEqual([0xc1c2c3c4, 0x3f000080, 0x03030303]);
  });

  test('unmapped addresses answer 0 and are counted', () => {
    const chip = Chip.ideal();
    const answers = run(chip, (program) => {
      program.write(0x00200000, 5).read(0x00200000);
    });
    expect([...answers.reads.values()]).toEqual([0]);
    expect(chip.warnings()).toMatchObject({ unmapped: 2, unmappedAddresses: [0x00200000] });
  });

  test('external memory takes single bytes', () => {
    const answers = run(Chip.ideal(), (program) => {
      program.write(0x80000010, 0x11223344).write(0x80000010, 0xaabbccdd, 2).read(0x80000010);
      program.write(0x84abcdef, 7).read(0x84abcdef);
    });
    expect([...answers.reads.values()]).toEqual([0x1122cc44, 7]);
  });
});

describe('executor', () => {
  test('a halt alone comes back as one message', () => {
    const chip = Chip.ideal();
    const answers = run(chip, () => undefined);
    expect(answers.messages).toBe(1);
    expect(answers.halts.length).toBe(1);
  });

  test('the timer is read at the time waited for, or a few cycles later', () => {
    const answers = run(Chip.ideal(), (program) => {
      program.timerSetup().waitUntil(5000).read(0x8800000c);
    });
    expect(answers.reads.at(0)).toBeGreaterThanOrEqual(5000);
    expect(answers.reads.at(0)).toBeLessThan(5010);
  });

  test('JTAG knows the chip and reaches its registers', () => {
    const answers = run(Chip.ideal(), (program) => {
      program.jtagScaler(6).jtagInit().jtagInstruction(1).jtagData(32, 0, true);
      program.jtagWrite(0, 0xdeadbeef).jtagRead(0);
      program.jtagInstruction(127).jtagData(20, 0x12345, true);
      program.barrier(2);
      program.read(0);
    });
    expect([...answers.jtag.values()]).toEqual([0x348580af, 0xdeadbeef, 0x2468a]);
    expect(answers.reads.at(0)).toBe(0xdeadbeef);
  });

  test('polling that never matches ends with one time-out', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program).write(0x88000009, 1000).tick();
      program.pollFor(0x02800000, 0xffffffff, 1).tick();
    });
    expect(answers.timeouts).toHaveLength(1);
    const [first, second] = [...answers.ticks.values()];
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1000);
    expect((second ?? 0) - (first ?? 0)).toBeLessThan(1100);
  });

  test('polling goes on as soon as the word matches', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program).write(0x02800000, 0x55);
      program.pollFor(0x02800000, 0xf, 5).pollFor(0x02800000, 0xf, 4, false);
    });
    expect(answers.timeouts).toHaveLength(0);
  });

  test('reset restores power-up state', () => {
    const answers = run(Chip.ideal(), (program) => {
      program.write(0x02800001, 9).write(0x80000001, 9).write(0x00130000, 9).reset(true);
      program.read(0x02800001);
      program.read(0x80000001);
      program.read(0x00130000);
      program.read(0x88000009);
    });
    expect([...answers.reads.values()]).toEqual([0, 0, 0, 1_250_000]);
  });

  test('portions of words and of cycles do not change the answers', () => {
    const program = new PlaybackWriter();
    begin(program);
    openNodes(program, [[8, 8]]);
    for (let i = 0; i < 60; i++) program.waitUntil(1000 + 37 * i).spike(i);
    program.waitUntil(5000).read(0);
    program.barrier().halt();
    const words = program.words();
    const whole = Chip.ideal().execute(words);
    expect(new ResponseReader().push(whole).spikeLabels.length).toBe(60);
    for (const [cut, cycles] of [
      [2, 1000],
      [34, 7],
      [words.length, 1],
    ] as const) {
      const chip = Chip.ideal();
      const parts: number[] = [];
      for (let at = 0; at < words.length; at += cut) {
        chip.feed(words.slice(at, at + cut));
        while (!chip.run(cycles)) parts.push(...chip.takeOutput());
        parts.push(...chip.takeOutput());
      }
      expect(parts).toEqual([...whole]);
    }
  });
});
