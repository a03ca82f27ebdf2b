import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PpuCore } from '../../../emulator/ppu/core.js';
import { load, type Line } from './programs.js';

const DEC = 22;
const SRR0 = 26;
const ESR = 62;
const TSR = 336;
const TCR = 340;
const ICCR = 68;

const enableInterrupts: readonly Line[] = [
  ['addi', 31, 0, -32768],
  ['rlwinm', 31, 31, 0, 16, 16],
  ['mtmsr', 31],
];
/** TCR = DIE | ARE, decrementer and its reload value from r4. */
const startDecrementer: readonly Line[] = [
  ['mtspr', 54, 4],
  ['mtspr', DEC, 4],
  ['addis', 5, 0, 0x0440],
  ['mtspr', TCR, 5],
];
const clearTimers: readonly Line[] = [
  ['addis', 29, 0, 0x0c00],
  ['mtspr', TSR, 29],
];

describe('an interrupt is invisible to the program it interrupts', () => {
  const body: readonly Line[] = [
    ['mullw', 10, 3, 11],
    ['addc', 12, 12, 10],
    ['adde', 13, 13, 3],
    ['stw', 10, 0x2100, 0],
    ['lwz', 14, 0x2100, 0],
    ['add.', 15, 15, 14],
    ['stwu', 15, 4, 16],
    ['addi', 3, 3, 1],
    ['bc', 16, 0, -32],
  ];
  const program = (reload: number): PpuCore =>
    load({
      code: {
        0: [['b', 0x100]],
        0x30: [['b', 0x300 - 0x30]],
        0x100: [
          ['addi', 4, 0, reload],
          ...(reload > 0 ? startDecrementer : []),
          ['addi', 11, 0, 1234],
          ['addi', 16, 0, 0x2200],
          ['addi', 6, 0, 50],
          ['mtspr', 9, 6],
          ...enableInterrupts,
          ...body,
          ['addi', 7, 0, 0],
          ['mtmsr', 7],
          ['mtspr', TCR, 7],
          ['wait'],
        ],
        0x300: [['addi', 30, 30, 1], ...clearTimers, ['rfi']],
      },
    });
  const outcome = (core: PpuCore): unknown => {
    core.run(1_000_000);
    const { gpr, cr, ctr, xer } = core.machine;
    const same = [3, 10, 11, 12, 13, 14, 15, 16].map((r) => gpr[r]);
    return { same, cr, ctr, xer, memory: core.dataMemory.words.slice(0x2100 / 4, 0x2400 / 4) };
  };

  test('whatever the period of the decrementer', () => {
    const expected = outcome(program(0));
    fc.assert(
      fc.property(fc.integer({ min: 30, max: 400 }), (reload) => {
        const core = program(reload);
        expect(outcome(core)).toEqual(expected);
        expect(core.machine.gpr[30]).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});

test('the decrementer interrupts in the period after it was 1', () => {
  const core = load({
    code: {
      0: [['b', 0x100]],
      0x100: [
        ['addi', 4, 0, 40],
        ['mtspr', DEC, 4],
        ['addis', 5, 0, 0x0400],
        ['mtspr', TCR, 5],
        ...enableInterrupts,
        ...Array.from({ length: 60 }, (): Line => ['addi', 3, 3, 1]),
      ],
    },
  });
  const redirects: number[] = [];
  const issues: number[] = [];
  core.watch({
    issue: (period, address) => (address === 0x104 ? issues.push(period) : 0),
    registerWrite: () => {},
    redirect: (period) => redirects.push(period),
    pop: () => {},
    read: () => {},
    write: () => {},
    condition: () => {},
    retire: () => {},
    request: () => {},
  });
  core.run(60);
  // Written with effect three periods after issue, 40 counted down to 1 in 39 more, seen one later.
  expect(redirects).toContain(issues[0]! + 3 + 39 + 1);
  expect(core.nextAddress).toBe(0x30);
});

describe('a sleeping core', () => {
  test('is woken by an enabled timer even without EE and goes on behind the wait', () => {
    const core = load({
      code: {
        0: [
          ['addi', 4, 0, 100],
          ['mtspr', DEC, 4],
          ['addis', 5, 0, 0x0400],
          ['mtspr', TCR, 5],
          ['wait'],
          ['addi', 3, 0, 1],
          ...clearTimers,
          ['wait'],
        ],
      },
    });
    expect(core.run(50)).toBe('sleep');
    expect(core.wakeCycle).toBeLessThan(120);
    expect(core.run(1000)).toBe('sleep');
    expect(core.machine.gpr[3]).toBe(1);
    expect(core.wakeCycle).toBe(Infinity);
  });

  test('enters the handler with SRR0 on the wait itself', () => {
    const core = load({
      code: {
        0: [['b', 0x100]],
        0x24: [['mfspr', 8, SRR0], ['wait']],
        0x100: [...enableInterrupts, ['wait']],
      },
    });
    core.run(100);
    core.doorbell();
    core.run(200);
    expect(core.machine.gpr[8]).toBe(0x10c);
  });

  test('does not remember a doorbell that rings while interrupts are disabled', () => {
    const core = load({ code: { 0: [['wait']], 0x24: [['addi', 3, 0, 1]] } });
    core.run(100);
    core.doorbell();
    expect(core.run(10_000)).toBe('sleep');
    expect(core.machine.gpr[3]).toBe(0);
  });
});

describe('pins', () => {
  // ICCR: mask pin 0; bit 12 inverts it, bit 16 makes it a level.
  const interruptsWith = (iccr: number, level: number): number => {
    const core = load({
      code: {
        0: [['b', 0x100]],
        0x14: [['addi', 3, 3, 1], ['rfi']],
        0x100: [
          ['addis', 6, 0, iccr >>> 16],
          ['ori', 6, 6, iccr & 0xffff],
          ['mtspr', ICCR, 6],
          ...enableInterrupts,
          ['b', 0],
        ],
      },
    });
    core.run(200);
    core.setPins(level);
    core.run(1000);
    return core.machine.gpr[3]!;
  };

  test.each([
    ['a rising edge interrupts once', 0x100, 1, 1],
    ['no edge, no interrupt', 0x100, 0, 0],
    ['a masked pin does nothing', 0x200, 1, 0],
  ])('%s', (_, iccr, level, count) => {
    expect(interruptsWith(iccr, level)).toBe(count);
  });

  test('a level interrupts again and again, high or (inverted) low', () => {
    expect(interruptsWith(0x1_0100, 1)).toBeGreaterThan(10);
    expect(interruptsWith(0x1_1100, 0)).toBeGreaterThan(10);
  });
});

describe('exceptions', () => {
  const handlers = {
    0x18: [['b', 0x200 - 0x18]],
    0x1c: [['b', 0x200 - 0x1c]],
    0x200: [
      ['mfspr', 20, SRR0],
      ['mfspr', 21, ESR],
      ['addi', 22, 20, 4],
      ['mtspr', SRR0, 22],
      ['rfi'],
    ],
  } as const;

  test.each<[string, readonly Line[], number, number]>([
    ['a trap', [['tw', 31, 0, 0]], 0x104, 0x0200_0000],
    ['a word at an odd address', [['lwz', 3, 0x2001, 0]], 0x104, 0],
    ['a halfword at the end of a word', [['sth', 3, 0x2003, 0]], 0x104, 0],
    ['an update form', [['lwzu', 3, 1, 2]], 0x104, 0],
  ])('%s: SRR0 is its address, nothing is changed, execution goes on', (_, lines, at, esr) => {
    const core = load({
      code: {
        0: [['b', 0x100]],
        ...handlers,
        0x100: [['addi', 3, 0, 77], ...lines, ['addi', 4, 0, 5], ['wait']],
      },
    });
    core.run(1000);
    const { gpr } = core.machine;
    expect([gpr[20], gpr[21], gpr[3], gpr[2], gpr[4]]).toEqual([at, esr, 77, 0, 5]);
  });

  test('the lost-result fault drops a product that is in flight, the default keeps it', () => {
    const code = {
      0: [['b', 0x100]] as const,
      ...handlers,
      0x100: [['addi', 4, 0, 7], ['mullw', 6, 4, 4], ['lwz', 3, 0x2001, 0], ['wait']] as const,
    };
    const kept = load({ code });
    kept.run(1000);
    const lost = load({ code, options: { interruptFaults: true } });
    lost.run(1000);
    expect([kept.machine.gpr[6], lost.machine.gpr[6]]).toEqual([49, 0]);
  });
});

test('the fixed-interval timer fires at each rise of its bit of the time base', () => {
  const core = load({
    code: {
      0: [['b', 0x100]],
      0x2c: [['b', 0x200 - 0x2c]],
      0x100: [['addis', 5, 0, 0x0080], ['mtspr', TCR, 5], ...enableInterrupts, ['b', 0]],
      0x200: [['addi', 3, 3, 1], ...clearTimers, ['rfi']],
    },
  });
  core.run(512 * 20 + 100);
  expect(core.machine.gpr[3]).toBe(20);
});
