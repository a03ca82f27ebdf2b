import { describe, expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { PlaybackWriter, ResponseReader } from '../../../isa/playback/index.js';
import { begin, run } from '../host.js';

const nowhere = 0x00200000;

describe('an address where nothing is', () => {
  test('answers 0, takes nothing and is counted; its first addresses are named once', () => {
    const chip = Chip.ideal();
    const answers = run(chip, (program) => {
      program.write(nowhere, 5).read(nowhere);
      program.read(nowhere + 1);
      program.read(0x03ca0000);
    });
    expect([...answers.reads.values()]).toEqual([0, 0, 0]);
    expect(chip.warnings()).toMatchObject({
      unmapped: 4,
      unmappedAddresses: [nowhere, nowhere + 1, 0x03ca0000],
      refusal: undefined,
    });
  });

  test.each(['read', 'write', 'poll'] as const)(
    'ends the program of a strict chip at a %s: a time-out notice, then the halt, and nothing is half-applied',
    (how) => {
      const chip = Chip.ideal({ strict: true });
      const answers = run(chip, (program) => {
        begin(program).write(0x02800000, 1);
        program.read(0x02800000);
        if (how === 'read') program.read(nowhere);
        else if (how === 'write') program.write(nowhere, 1);
        else program.pollFor(nowhere, 1, 1);
        program.write(0x02800000, 2).tick();
        program.read(0x02800000);
      });
      expect([...answers.reads.values()]).toEqual([1]);
      expect(answers.timeouts).toHaveLength(1);
      expect(answers.ticks.length).toBe(0);
      expect(answers.halts.length).toBe(1);
      expect(chip.warnings().refusal).toMatchObject({ address: nowhere, isRead: how !== 'write' });
      const next = run(chip, (program) => program.read(0x02800000));
      expect([...next.reads.values()]).toEqual([1]);
      expect(chip.warnings().refusal).toBeUndefined();
    },
  );

  test('the refusal names the message of its program', () => {
    const chip = Chip.ideal({ strict: true });
    const answers = run(chip, (program) => {
      program.read(0);
      program.read(1);
      program.read(nowhere);
    });
    expect(chip.warnings().refusal?.instruction).toBe(2);
    expect(answers.timeouts[0]?.instruction).toBe(2);
  });

  test('a strict chip does the same in any portions', () => {
    const program = new PlaybackWriter();
    begin(program).read(nowhere);
    for (let i = 0; i < 20; i++) program.read(0x02800000 + i);
    program.barrier().halt().read(0);
    program.halt();
    const words = program.words();
    const whole = [...Chip.ideal({ strict: true }).execute(words)];
    const chip = Chip.ideal({ strict: true });
    const parts: number[] = [];
    for (let at = 0; at < words.length; at += 2) {
      chip.feed(words.slice(at, at + 2));
      chip.run();
      parts.push(...chip.takeOutput());
    }
    expect(parts).toEqual(whole);
    expect(new ResponseReader().push(Uint32Array.from(whole)).halts.length).toBe(2);
  });
});
