/** Time that runs back on a whole chip, and watched memory that others write. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { ChipSession, counter, hostProgram, LOOP, sram } from './chip-session.js';

describe('back in time on a chip', () => {
  test.each([0, 1])('as many steps back as forward lead to the same state, thread %i', (thread) => {
    const session = new ChipSession();
    const name = `T05thread:0${thread + 1};`;
    session.say(`Z0,${LOOP},4`);
    while (session.say('c') !== name);
    session.say(`z0,${LOOP},4`);
    const states: string[] = [];
    for (let i = 0; i < 8; i++) {
      states.push(session.everything(thread));
      expect(session.say(`vCont;s:${thread + 1}`)).toBe(name);
    }
    const last = session.everything(thread);
    for (const state of states.toReversed()) {
      expect(session.say('bs')).toBe(name);
      expect(session.everything(thread)).toBe(state);
    }
    for (let i = 0; i < 8; i++) session.say(`vCont;s:${thread + 1}`);
    expect(session.everything(thread)).toBe(last);
  });

  test('breakpoints stop both processors in the reverse order, down to the start', () => {
    const session = new ChipSession();
    session.say('?');
    session.target.interrupt();
    session.say(`Z0,${LOOP},4`);
    const met: string[] = [];
    for (let i = 0; i < 9; i++) {
      const stop = session.say('c');
      met.push(stop + session.register(stop === 'T05thread:01;' ? 0 : 1, 'r3'));
    }
    for (const one of met.slice(0, -1).toReversed()) {
      const stop = session.say('bc');
      expect(stop + session.register(stop === 'T05thread:01;' ? 0 : 1, 'r3')).toBe(one);
    }
    expect(session.say('bc')).toMatch(/replaylog:begin/);
    expect(session.chip.cyclesRun).toBe(0);
    // And forwards again.
    for (const one of met) {
      const stop = session.say('c');
      expect(stop + session.register(stop === 'T05thread:01;' ? 0 : 1, 'r3')).toBe(one);
    }
  });

  test('watched memory shows its old value going back', () => {
    const session = new ChipSession();
    session.target.interrupt();
    session.say('Z2,1000,4');
    for (let i = 0; i < 7; i++) {
      expect(session.say('c')).toMatch(/^T05thread:0[12];watch:00001000;$/);
    }
    const before = session.register(0, 'r3') + session.register(1, 'r3');
    const stop = session.say('bc');
    expect(stop).toMatch(/watch:00001000;$/);
    // The access has been made, and one step back undoes it.
    const thread = stop.startsWith('T05thread:01') ? 0 : 1;
    session.say(`Hg${thread + 1}`);
    const value = parseInt(session.say('m1000,4'), 16);
    expect(value).toBe(parseInt(session.register(thread, 'r3'), 16));
    session.say('bs');
    session.say(`Hg${thread + 1}`);
    expect(parseInt(session.say('m1000,4'), 16)).toBe(value - 1);
    expect(session.register(0, 'r3') + session.register(1, 'r3')).not.toBe(before);
  });

  test('a change by hand is undone going back and not repeated going forwards', () => {
    const session = new ChipSession();
    session.target.interrupt();
    session.say(`Z0,${LOOP},4`);
    for (let i = 0; i < 4; i++) session.say('c');
    const old = session.register(0, 'r3');
    session.say('Hg1');
    expect(session.say('M1800,4:01020304')).toBe('OK');
    session.say('c');
    session.say('Hg1');
    expect(session.say('m1800,4')).toBe('01020304');
    session.say('bc');
    session.say('bc');
    session.say('Hg1');
    expect(session.say('m1800,4')).toBe('00000000');
    for (let i = 0; i < 4; i++) session.say('c');
    session.say('Hg1');
    expect(session.say('m1800,4')).toBe('00000000');
    expect(session.register(0, 'r3') >= old).toBe(true);
  });

  test('whoever goes back and forth, the host gets the bytes of a free run, once', () => {
    const words = hostProgram();
    const whole = Chip.ideal().execute(words);
    const twice = Chip.ideal();
    const expected = [...twice.execute(words), ...twice.execute(words)];
    expect(expected.slice(0, whole.length)).toEqual([...whole]);
    const move = fc.constantFrom('c', 'bc', 'bs', 'vCont;s:1', 'vCont;s:2', 'take', 'g', 'm1000,4');
    fc.assert(
      fc.property(fc.array(move, { minLength: 5, maxLength: 25 }), (moves) => {
        const session = new ChipSession(words);
        const { chip } = session;
        const got: number[] = [];
        session.target.interrupt();
        session.say(`Z0,${LOOP},4`);
        for (const one of moves) {
          if (one === 'take') got.push(...chip.takeOutput());
          else session.say(one);
        }
        // To the end of the program, back into it once more, and on with the next one.
        session.say(`z0,${LOOP},4`);
        session.target.interrupt();
        for (let i = 0; i < 3; i++) session.target.resume(400_000);
        got.push(...chip.takeOutput());
        session.say('bs');
        session.say('bs');
        got.push(...chip.takeOutput());
        for (let i = 0; i < 3; i++) session.target.resume(400_000);
        chip.feed(words);
        session.target.go();
        chip.run();
        got.push(...chip.takeOutput());
        expect(got).toEqual(expected);
      }),
      { numRuns: 6 },
    );
  });

  test('a host that gives up while time is in the past gets all answers of its next program', () => {
    const words = hostProgram();
    const other = Chip.ideal();
    other.feed(words);
    other.run(5000);
    other.disconnect();
    const expected = other.execute(words);
    const session = new ChipSession(words);
    const { chip, target } = session;
    target.interrupt();
    session.say(`Z0,${LOOP},4`);
    for (let i = 0; i < 6; i++) session.say('c');
    chip.takeOutput();
    session.say('bc');
    chip.disconnect();
    chip.feed(words);
    session.say('c');
    session.say('bc');
    session.say(`z0,${LOOP},4`);
    target.go();
    chip.run();
    expect(chip.takeOutput()).toEqual(expected);
  });
});

/** Writes 5 to a word of the other SRAM twice, then 6. */
const meddler = `
        lis r7, 0x8e00
        li r3, 5
        stw r3, 0x1804(r7)
        stw r3, 0x1804(r7)
        li r3, 6
        stw r3, 0x1804(r7)
        wait
`;

describe('watched memory that others write', () => {
  test('stops the chip behind each write of the other processor that changes it', () => {
    const session = new ChipSession(hostProgram([meddler, counter]));
    session.target.interrupt();
    session.say('Z2,1804,4');
    const stops: string[] = [];
    for (let i = 0; i < 2; i++) {
      stops.push(session.say('c'));
      session.say('Hg2');
      stops.push(session.say('m1804,4'));
    }
    expect(stops).toEqual([
      'T05thread:02;watch:00001807;',
      '00000005',
      'T05thread:02;watch:00001807;',
      '00000006',
    ]);
  });

  test('and behind those of the host; the run gives the same bytes', () => {
    const words = hostProgram([counter, counter], (program) => {
      for (const value of [1, 1, 0x100, 0x100]) program.write(sram[1] + 0x1808 / 4, value);
    });
    const free = Chip.ideal().execute(words);
    const session = new ChipSession(words);
    session.target.interrupt();
    session.say('Z2,1808,4');
    const values: string[] = [];
    for (let i = 0; i < 2; i++) {
      expect(session.say('c')).toMatch(/^T05thread:02;watch:0000180[ab];$/);
      session.say('Hg2');
      values.push(session.say('m1808,4'));
    }
    expect(values).toEqual(['00000001', '00000100']);
    session.say('z2,1808,4');
    session.target.go();
    session.chip.run();
    expect(session.chip.takeOutput()).toEqual(free);
  });
});
