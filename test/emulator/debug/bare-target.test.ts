import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Session, hexOf } from './session.js';

/** Runs to a symbol with a breakpoint that is taken away again. */
function runTo(session: Session, symbol: string): void {
  const address = hexOf(session.address(symbol));
  session.say(`Z0,${address},4`);
  expect(session.say('c')).toBe('T05thread:01;');
  session.say(`z0,${address},4`);
  expect(session.pc).toBe(session.address(symbol));
}

describe('forwards', () => {
  test('a step executes one instruction', () => {
    const session = new Session();
    const places = [session.pc];
    for (let i = 0; i < 6; i++) {
      expect(session.say('s')).toBe('T05thread:01;');
      places.push(session.pc);
    }
    expect(places).toEqual([0, 0x40, 0x44, 0x48, 0x4c, 0x50, 0x54]);
    expect(session.register('r4')).toBe('00000008');
    expect(session.register('ctr')).toBe('00000008');
  });

  test('a breakpoint stops in front of its instruction, every time it is reached', () => {
    const session = new Session();
    const loop = session.address('loop');
    session.say(`Z0,${hexOf(loop)},4`);
    const totals: string[] = [];
    for (let i = 0; i < 3; i++) {
      expect(session.say('c')).toBe('T05thread:01;');
      expect(session.pc).toBe(loop);
      totals.push(session.register('r3'));
    }
    expect(totals).toEqual(['00000000', '00000001', '00000003']);
  });

  test('a watched word stops in front of the store, a read watch does not mind it', () => {
    const session = new Session();
    const total = hexOf(session.address('total'));
    expect(session.say(`Z3,${total},4`)).toBe('OK');
    expect(session.say(`Z2,${total},4`)).toBe('OK');
    expect(session.say('c')).toBe(`T05thread:01;watch:${total.padStart(8, '0')};`);
    expect(session.pc).toBe(session.address('loop') + 8);
    expect(session.say(`m${total},4`)).toBe('00000000');
    session.say('s');
    expect(session.say(`m${total},4`)).toBe('00000001');
  });

  test('a vector register shows its result right after the instruction', () => {
    const session = new Session();
    runTo(session, 'lanes');
    for (let i = 0; i < 3; i++) session.say('s');
    expect(session.register('v3')).toBe('0005'.repeat(64));
    expect(session.register('v4')).toBe('000a'.repeat(64));
    for (let i = 0; i < 2; i++) session.say('s');
    expect(session.say(`m${hexOf(session.address('vector'))},80`)).toBe('000a'.repeat(64));
  });

  test('the end is reported once with the return code, and everything can still be read', () => {
    const session = new Session();
    const [console, stop] = session.ask('c');
    const text = Buffer.from(console!.slice(1), 'hex').toString();
    expect(text).toMatch(/^the program sleeps for good since cycle \d+; return code 36\n$/);
    expect(stop).toBe('T05thread:01;');
    expect(session.register('r3')).toBe('00000024');
  });

  test('debugging does not change a cycle', () => {
    const plain = new Session();
    const end = Buffer.from(plain.ask('c')[0]!, 'latin1').toString();
    const watched = new Session();
    watched.say(`Z0,${hexOf(watched.address('loop'))},4`);
    for (let i = 0; i < 8; i++) {
      watched.say('c');
      watched.say('g');
      watched.say('s');
      watched.say('m0,200');
    }
    expect(watched.ask('c')[0]).toBe(end);
  });
});

describe('changing', () => {
  test('registers and memory that are written count from the next instruction on', () => {
    const session = new Session();
    runTo(session, 'loop');
    expect(session.say('P3=00000064')).toBe('OK');
    expect(session.say(`M${hexOf(session.address('table'))},4:00000005`)).toBe('OK');
    expect(session.ask('c').length).toBe(2);
    expect(session.register('r3')).toBe((36 + 100 + 4).toString(16).padStart(8, '0'));
  });

  test('code that is written is executed', () => {
    const session = new Session();
    runTo(session, 'loop');
    // lanes: li r3, 7 instead of li r6, 5
    session.say(`M${hexOf(session.address('lanes'))},4:38600007`);
    session.ask('c');
    expect(session.register('r3')).toBe('00000007');
  });

  test('memory that is not there is neither read nor written', () => {
    const session = new Session();
    expect(session.say('m4000,4')).toBe('E03');
    expect(session.say('M3ffe,4:01020304')).toBe('E03');
    expect(session.say('m3ffe,4')).toBe('0000');
  });
});

describe('backwards', () => {
  test('as many steps back as forward lead to the same registers and memory', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 8 }),
        (before, back) => {
          const session = new Session();
          for (let i = 0; i < before; i++) session.say('s');
          const states = [session.everything];
          for (let i = 0; i < back; i++) {
            session.say('s');
            states.push(session.everything);
          }
          for (let i = back - 1; i >= 0; i--) {
            expect(session.say('bs')).toBe('T05thread:01;');
            expect(session.everything).toBe(states[i]);
          }
          for (let i = 1; i <= back; i++) {
            session.say('s');
            expect(session.everything).toBe(states[i]);
          }
        },
      ),
      { numRuns: 6 },
    );
  });

  test('continuing back meets breakpoints in reverse order and then the start', () => {
    const session = new Session();
    const loop = session.address('loop');
    session.ask('c');
    session.say(`Z0,${hexOf(loop)},4`);
    const totals: string[] = [];
    for (let i = 0; i < 8; i++) {
      expect(session.say('bc')).toBe('T05thread:01;');
      totals.push(session.register('r3'));
    }
    expect(totals.map((text) => parseInt(text, 16))).toEqual([28, 21, 15, 10, 6, 3, 1, 0]);
    expect(session.say('bc')).toBe('T05thread:01;replaylog:begin;');
    expect(session.pc).toBe(0);
  });

  test('continuing back to a watched word stops behind the store, for gdb to step over it', () => {
    const session = new Session();
    const total = hexOf(session.address('total'));
    session.ask('c');
    session.say(`Z2,${total},4`);
    expect(session.say('bc')).toBe(`T05thread:01;watch:${total.padStart(8, '0')};`);
    expect(session.say(`m${total},4`)).toBe('00000024');
    session.say('bs');
    expect(session.say(`m${total},4`)).toBe('0000001c');
  });

  test('a change by hand is undone by going back before it and made again by nobody', () => {
    const session = new Session();
    runTo(session, 'loop');
    session.say('s');
    session.say('P3=00000064');
    session.say('s');
    expect(session.register('r3')).toBe('00000065');
    session.say('bs');
    expect(session.register('r3')).toBe('00000064');
    session.say('bs');
    expect(session.register('r3')).toBe('00000000');
    session.ask('c');
    expect(session.register('r3')).toBe('00000024');
    session.say('bs');
    expect(session.register('r3')).toBe('00000024');
  });

  test('over many checkpoints', () => {
    const session = new Session(`
_start: lis r4, 3
        mtctr r4
again:  addi r3, r3, 1
        bdnz again
        wait
        b .
`);
    session.ask('c');
    const count = 3 * 65536;
    expect(parseInt(session.register('r3'), 16)).toBe(count);
    session.say('bs');
    session.say('bs');
    expect(session.pc).toBe(8);
    expect(parseInt(session.register('r3'), 16)).toBe(count - 1);
    session.say('bc');
    expect(session.register('r3')).toBe('00000000');
  });
});

test('reset brings the program back as it was loaded', () => {
  const session = new Session();
  const start = session.everything;
  runTo(session, 'lanes');
  session.say('P3=00000064');
  session.say(`qRcmd,${Buffer.from('reset').toString('hex')}`);
  expect(session.everything).toBe(start);
});
