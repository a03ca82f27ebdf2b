import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BareBus } from '../../../emulator/ppu/bus.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import { load, type Line } from './programs.js';

describe('strict mode stops with address, word and reason', () => {
  test.each<[string, readonly Line[], RegExp]>([
    ['an unwritten register', [['add', 3, 4, 5]], /r4 is read before/],
    ['an unwritten vector', [['fxvaddhm', 3, 1, 2, 0]], /vector register 1 is read before/],
    ['an SPR that is not there', [['mfspr', 3, 287]], /special register 287 cannot be read/],
    ['a write-only SPR', [['mfspr', 3, 68]], /special register 68 cannot be read/],
    ['isync', [['isync']], /does not decode isync/],
    [
      'unmapped memory',
      [
        ['addis', 4, 0, 0x7000],
        ['lwz', 3, 0, 4],
      ],
      /mapped at address 0x70000000/,
    ],
    [
      'beyond the SRAM',
      [
        ['addi', 4, 0, 0x4000],
        ['stw', 4, 0, 4],
      ],
      /mapped at address 0x00004000/,
    ],
    [
      'a splat of r0',
      [
        ['addi', 0, 0, 1],
        ['fxvsplath', 3, 0],
      ],
      /splat of r0/,
    ],
  ])('%s', (_, lines, reason) => {
    const core = load({ code: { 0: lines }, options: { strict: true } });
    expect(core.run(1000)).toBe('strict');
    expect(core.fault?.reason).toMatch(reason);
    expect(core.fault?.address).toBe(4 * (lines.length - 1));
    expect(core.fault?.word).toBe(core.readSramWord(lines.length - 1));
  });

  test('a word that the core does not decode', () => {
    const core = load({ code: { 0: [['addi', 3, 0, 1]] }, options: { strict: true } });
    core.writeSramWord(1, 0x0000_0001);
    expect(core.run(1000)).toBe('strict');
    expect(core.fault).toEqual({
      address: 4,
      word: 1,
      reason: 'the core does not decode this word',
    });
  });

  test('but not at registers that the instruction does not need', () => {
    const lines: readonly Line[] = [
      ['ori', 0, 0, 0],
      ['tw', 0, 3, 4],
      ['tw', 31, 0, 0],
    ];
    const handler: readonly Line[] = [['wait']];
    const core = load({ code: { 0: lines, 0x1c: handler }, options: { strict: true } });
    expect(core.run(1000)).toBe('sleep');
    expect(core.nextAddress).toBe(0x1c);
    const needed = load({ code: { 0: [['tw', 4, 3, 4]] }, options: { strict: true } });
    expect(needed.run(1000)).toBe('strict');
  });

  test('and lets a correct program pass', () => {
    const lines: readonly Line[] = [
      ['addi', 3, 0, 1],
      ['add', 4, 3, 3],
      ['stw', 4, 0x2000, 0],
      ['wait'],
    ];
    const core = load({ code: { 0: lines }, options: { strict: true } });
    expect(core.run(1000)).toBe('sleep');
  });
});

test('without cycle accounting programs compute the same', () => {
  const file = JSON.parse(readFileSync('test/golden/nux-programs.json', 'utf8')) as {
    readonly programs: readonly {
      readonly name: string;
      readonly code: string;
      readonly data: string;
      readonly runs: readonly { readonly r3: string; readonly cycles: number }[];
    }[];
  };
  for (const { name, code, data, runs } of file.programs) {
    if (runs[0]!.cycles > 60_000 || !('r3' in runs[0]!) || 'bus' in runs[0]!) continue;
    const instructionMemory = new PpuMemory();
    const dataMemory = new PpuMemory();
    instructionMemory.load(Buffer.from(code, 'hex'));
    dataMemory.load(Buffer.from(data, 'hex'));
    const core = new PpuCore({
      instructionMemory,
      dataMemory,
      bus: new BareBus(),
      options: { accounting: 'none' },
    });
    core.run(10_000_000);
    expect([name, (core.machine.gpr[3]! >>> 0).toString(16).padStart(8, '0')]).toEqual([
      name,
      runs[0]!.r3,
    ]);
  }
});

describe('breakpoints', () => {
  test('stop in front of the instruction, and the next run executes it', () => {
    const core = load({
      code: {
        0: [
          ['addi', 3, 3, 1],
          ['addi', 3, 3, 1],
          ['b', -8],
        ],
      },
    });
    core.breakpoints.add(4);
    expect(core.run(1000)).toBe('breakpoint');
    expect([core.nextAddress, core.machine.gpr[3]]).toEqual([4, 1]);
    expect(core.run(1000)).toBe('breakpoint');
    expect([core.nextAddress, core.machine.gpr[3]]).toEqual([4, 3]);
  });
});
