/** The energy meter of a chip: the published power over time, and a model of activity beside it. */
import { expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { assemble } from '../../../isa/assembler/index.js';
import { PlaybackWriter } from '../../../isa/playback/index.js';
import { memoryImage } from '../../../isa/program.js';
import { addressOf } from '../../../isa/registers/index.js';
import { begin, run } from '../host.js';

/** Runs on the top PPU: a few cycles awake, then asleep for good, or a loop without end. */
function start(program: PlaybackWriter, text: string): void {
  const image = memoryImage(assemble([{ name: 'program.s', text }]), 0, 0x100);
  const view = new DataView(image.buffer, image.byteOffset);
  for (let i = 0; i + 4 <= image.length; i += 4)
    program.write(0x02800000 + i / 4, view.getUint32(i));
  program.write(addressOf('PPUControlRegister', [0]), 1);
}

test.each([
  ['ideal', (): Chip => Chip.ideal()],
  ['drawn', (): Chip => Chip.fromSeed(3, { engine: 'fast' })],
])('V24: a second of chip time costs 0.175 J (%s)', (_, make) => {
  const chip = make();
  const program = new PlaybackWriter().reset(true).reset(false).timerSetup().waitUntil(125_000_000);
  chip.execute(program.halt().words());
  expect(chip.energy().chip).toBeCloseTo(0.175, 6);
  expect(chip.energy().activity).toBe(0);
});

test('a processor costs while it is awake, 1 nJ per thousand cycles, and nothing asleep or in reset', () => {
  const after = (
    text: string,
    more: (program: PlaybackWriter) => void = () => undefined,
  ): number => {
    const chip = Chip.ideal();
    run(chip, (program) => {
      begin(program);
      start(program, text);
      program.barrier(1).timerSetup().waitUntil(100_000);
      more(program);
    });
    return chip.energy().activity;
  };
  const loop = 'again: b again\n';
  // 200 000 cycles of 4 ns and what the barrier and the halt take.
  expect(after(loop)).toBeGreaterThan(200e-9);
  expect(after(loop)).toBeLessThan(201e-9);
  expect(after('wait\n')).toBeLessThan(1e-9);
  const stopped = after(loop, (program) =>
    program
      .write(addressOf('PPUControlRegister', [0]), 0)
      .barrier(1)
      .waitUntil(900_000),
  );
  expect(stopped).toBeGreaterThan(200e-9);
  expect(stopped).toBeLessThan(201e-9);
});

test('a run that goes on from a snapshot goes on counting', () => {
  const words = ((): Uint32Array => {
    const program = begin(new PlaybackWriter());
    start(program, 'again: b again\n');
    return program.timerSetup().waitUntil(30_000).halt().words();
  })();
  const whole = Chip.ideal();
  whole.execute(words);
  const first = Chip.ideal();
  first.feed(words);
  first.run(20_000);
  const second = Chip.ideal();
  second.load(structuredClone(first.save()));
  second.run();
  expect(second.energy()).toEqual(whole.energy());
});
