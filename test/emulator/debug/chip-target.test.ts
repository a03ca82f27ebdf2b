import { describe, expect, test } from 'vitest';
import { Chip } from '../../../emulator/index.js';
import { ChipSession, hostProgram, LOOP } from './chip-session.js';

describe('both processors of a chip as threads', () => {
  test('are listed with what they do', () => {
    const session = new ChipSession();
    expect(session.say('qfThreadInfo')).toBe('m01,02');
    const extra = Buffer.from(session.say('qThreadExtraInfo,2'), 'hex').toString();
    expect(extra).toBe('bottom PPU, in reset');
  });

  test('a breakpoint in one stops both, and time with them', () => {
    const session = new ChipSession();
    session.say(`Z0,${LOOP},4`);
    expect(session.say('c')).toBe('T05thread:01;');
    expect(session.pc(0)).toBe(LOOP);
    const cycle = session.chip.cycle;
    expect(session.chip.run(1000)).toBe(false);
    expect(session.chip.cycle).toBe(cycle);
    const stops = Array.from({ length: 12 }, () => session.say('c'));
    expect(new Set(stops)).toEqual(new Set(['T05thread:01;', 'T05thread:02;']));
  });

  test('stepping one moves the whole chip by that time', () => {
    const session = new ChipSession();
    session.say(`Z0,${LOOP},4`);
    while (session.say('c') !== 'T05thread:02;');
    session.say(`z0,${LOOP},4`);
    const before = session.chip.cycle;
    const other = session.register(0, 'r3');
    session.say('Hg2');
    for (let i = 0; i < 30; i++) expect(session.say('vCont;s:2')).toBe('T05thread:02;');
    expect(session.chip.cycle).toBeGreaterThan(before);
    expect(parseInt(session.register(0, 'r3'), 16)).toBeGreaterThan(parseInt(other, 16));
  });

  test('external memory and the own SRAM are read and written as the processor sees them', () => {
    const session = new ChipSession();
    session.say('Z2,1000,4');
    while (session.say('c') !== 'T05watch:00001000;thread:01;') {
      if (session.register(0, 'r3') === '00000005') break;
    }
    session.say('Hg1');
    expect(session.say('m40000000,4')).toMatch(/^0000000[45]$/);
    expect(session.say('M40000010,4:cafe0001')).toBe('OK');
    expect(session.say('m40000010,4')).toBe('cafe0001');
    expect(session.say('m80000000,4')).toBe('E03');
    expect(session.say('M1800,4:01020304')).toBe('OK');
    expect(session.say('m1800,4')).toBe('01020304');
  });

  test('a debugged run gives the host the same bytes as a free one', () => {
    const free = Chip.ideal().execute(hostProgram());
    const session = new ChipSession();
    session.say(`Z0,${LOOP},4`);
    for (let i = 0; i < 40; i++) {
      session.say('c');
      session.say('g');
    }
    session.say(`z0,${LOOP},4`);
    session.target.go();
    session.chip.run();
    expect(session.chip.takeOutput()).toEqual(free);
  });
});
