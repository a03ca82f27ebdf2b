import { describe, expect, test } from 'vitest';
import { Chip } from '../../emulator/index.js';
import { assemble } from '../../isa/assembler/index.js';
import type { PlaybackWriter } from '../../isa/playback/index.js';
import {
  addressOf,
  backendWords,
  encodeContainer,
  quadOfColumn,
} from '../../isa/registers/index.js';
import { begin, enableCadc, run } from './host.js';

const sram = [0x02800000, 0x03800000] as const;
const control = [0x02a00000, 0x03a00000] as const;

/** Loads a program into the SRAM of a PPU and lets it run. */
function start(program: PlaybackWriter, hemisphere: 0 | 1, source: string): void {
  load(program, hemisphere, source);
  program.write(control[hemisphere], 1);
}

function load(program: PlaybackWriter, hemisphere: 0 | 1, source: string): void {
  const image = assemble([{ name: 'test.s', text: source }]);
  for (const section of image.sections) {
    const words = section.bytes.length >> 2;
    const view = new DataView(section.bytes.buffer, section.bytes.byteOffset);
    for (let i = 0; i < words; i++)
      program.write(sram[hemisphere] + section.address / 4 + i, view.getUint32(4 * i));
  }
}

/** Waits until a PPU sleeps. */
function untilSleep(program: PlaybackWriter, hemisphere: 0 | 1): void {
  program.pollFor(control[hemisphere] + 1, 1, 1);
}

describe('a PPU on the chip', () => {
  test('runs what the host loads and sleeps; reset stops it and keeps its SRAM', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      start(
        program,
        0,
        `
        li r3, 42
        stw r3, 0x1000(r0)
        wait
        b .
        `,
      );
      untilSleep(program, 0);
      program.read(sram[0] + 0x400);
      program.write(control[0], 0).read(control[0] + 1);
      program.read(sram[0] + 0x400);
      program.read(control[0]);
    });
    expect(answers.timeouts).toEqual([]);
    expect([...answers.reads.values()]).toEqual([42, 0, 42, 0]);
  });

  test('reaches registers, the other SRAM, external memory and the FPGA by scalar access', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      program.write(0x80000003, 0x12345678);
      start(
        program,
        1,
        `
        lis r4, 0x8000          # Omnibus window
        lis r5, 0x8a00          # top SRAM: 0x80000000 | 4 * 0x02800000
        lis r6, 0x4000          # block RAM
        lis r7, 0x6000          # FPGA registers: 0x60000000 + 4 n
        li r3, 7
        stw r3, 0x1004(r5)
        lwz r8, 12(r6)
        stw r8, 0x1000(r0)
        li r9, 0xff
        stb r9, 13(r6)
        lwz r8, 12(r6)
        stw r8, 0x1004(r0)
        lwz r8, 0x14(r7)
        stw r8, 0x1008(r0)
        lis r10, 0x800b
        li r3, 0x1ff
        stw r3, 0x10(r10)       # 0x80000000 + 4 * 0x2c004: nothing there
        sync
        wait
        `,
      );
      untilSleep(program, 1);
      program.read(sram[0] + 0x401);
      program.readBlock(sram[1] + 0x400, 3);
    });
    expect([...answers.reads.values()]).toEqual([7, 0x12345678, 0x12ff5678, 1]);
  });

  test('sees the array by rows of one parity, element j at column 2j + parity', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      for (let column = 0; column < 8; column++) {
        const quad = quadOfColumn(column);
        const lane = (column >> 1) & 3;
        program.write(
          addressOf('SynapseWeightQuad', [0, 5, quad]),
          ((column + 10) * 0x01010101) >>> 0,
          1 << (3 - lane),
        );
      }
      start(
        program,
        0,
        `
        li r3, 0
        li r4, 11               # row 5, odd columns
        fxvinx 1, r3, r4
        li r5, 1
        fxvsplatb 2, r5
        fxvaddbm 1, 1, 2
        fxvoutx 1, r3, r4
        li r6, 0x1000
        fxvstax 1, r0, r6
        sync
        wait
        `,
      );
      untilSleep(program, 0);
      program.read(addressOf('SynapseWeightQuad', [0, 5, quadOfColumn(0)]));
      program.read(addressOf('SynapseWeightQuad', [0, 5, quadOfColumn(1)]));
      program.read(sram[0] + 0x400);
    });
    expect([...answers.reads.values()]).toEqual([0x0a0c0e10, 0x0c0e1012, 0x0c0e1012]);
  });

  test('converts a row once for all four vectors, as slowly as the converter is', () => {
    const chip = Chip.ideal();
    const answers = run(chip, (program) => {
      begin(program);
      enableCadc(program);
      // Sensors onto the channels; their baseline is what an unused one reads.
      for (let quad = 0; quad < 64; quad++)
        program.write(addressOf('ColumnCorrelationQuad', [0, quad]), 0xc0c0c0c0);
      for (let block = 0; block < 2; block++) {
        program.write(addressOf('CapMemCell', [block, 4, 128]), 31);
        program.write(addressOf('CapMemCell', [block, 15, 128]), 369);
      }
      program.waitUntil(5000);
      start(
        program,
        0,
        `
        lis r3, 8               # 0x80000: causal, converting
        lis r4, 0x2c            # 0x2c0000: acausal, buffered
        li r5, 14               # row 7, even
        li r6, 0x1000
        mfspr r20, 284
        fxvinx 1, r3, r5
        fxvinx 2, r4, r5
        fxvstax 2, r0, r6
        sync
        mfspr r21, 284
        subf r22, r20, r21
        stw r22, 0x1100(r0)
        fxvstax 1, r0, r6
        sync
        wait
        `,
      );
      untilSleep(program, 0);
      program.read(sram[0] + 0x440);
      program.read(sram[0] + 0x400);
      program.read(addressOf('CADCSampleQuad', [0, 0, 0, 7, 0]));
      program.read(addressOf('CADCSampleQuad', [0, 1, 1, 7, 0]));
    });
    const [cycles, byPpu, byHost, acausal] = [...answers.reads.values()];
    expect(cycles).toBeGreaterThan(420);
    expect(cycles).toBeLessThan(500);
    expect(byPpu).toBe(byHost);
    expect(acausal).toBe(0xcdcdcdcd);
    expect(byHost).toBe(0xcdcdcdcd);
  });

  test('vectors lie in external memory in reversed order of words', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      for (let i = 0; i < 32; i++) program.write(0x80000000 + 64 + i, i);
      start(
        program,
        0,
        `
        lis r3, 0x8000
        li r4, 16               # byte 256
        fxvinx 1, r3, r4
        li r6, 0x1000
        fxvstax 1, r0, r6
        li r4, 32               # byte 512
        fxvoutx 1, r3, r4
        sync
        wait
        `,
      );
      untilSleep(program, 0);
      program.read(sram[0] + 0x400);
      program.read(sram[0] + 0x41f);
      program.readBlock(0x80000000 + 128, 2);
    });
    expect([...answers.reads.values()]).toEqual([31, 0, 0, 1]);
  });

  test('draws differ by column and a seed starts the same series again', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      start(
        program,
        0,
        `
        lis r3, 0xe
        li r4, 0
        li r5, 0x35
        fxvsplatb 1, r5
        li r6, 0x1000
        li r7, 2
        mtctr r7
again:  fxvoutx 1, r3, r4
        li r8, 16
draw:   fxvinx 2, r3, r4
        addi r8, r8, -1
        cmpwi r8, 0
        bne draw
        fxvstax 2, r0, r6
        addi r6, r6, 128
        bdnz again
        sync
        wait
        `,
      );
      untilSleep(program, 0);
      program.readBlock(sram[0] + 0x400, 64);
    });
    const words = [...answers.reads.values()];
    expect(words.slice(0, 32)).toEqual(words.slice(32));
    expect(new Set(words.slice(0, 32)).size).toBeGreaterThan(28);
  });

  test('reads all 256 spike counters of a half in 320 cycles', () => {
    const loads = Array.from({ length: 256 }, (_, i) => `lwz r${5 + (i % 20)}, ${4 * 4 * i}(r4)`);
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      start(
        program,
        0,
        `
        lis r4, 0x8048          # 0x80000000 + 4 * 0x122800
        ori r4, r4, 0xa000
        mfspr r3, 284
        ${loads.join('\n')}
        sync
        mfspr r4, 284
        subf r3, r3, r4
        stw r3, 0x2000(r0)
        wait
        `,
      );
      untilSleep(program, 0);
      program.read(sram[0] + 0x800);
    });
    expect(answers.reads.at(0)).toBeLessThanOrEqual(320);
  });
});

describe('two PPUs', () => {
  const half = (other: string, mine: string, first: boolean): string => `
        lis r5, ${other}
        li r6, 0
        li r9, 100
loop:   ${first ? 'addi r6, r6, 1' : 'addi r6, r6, 0'}
        stw r6, 0x1000(r5)
        sync
        li r8, 0
spin:   lwz r7, 0x1000(r0)
        addi r8, r8, 1
        cmpw r7, r6
        ${first ? 'bne spin' : 'beq spin'}
        mr r6, r7
        cmpw r6, r9
        blt loop
        stw r6, 0x1000(r5)
        stw r6, 0x1004(r0)
        sync
        wait
        ${mine}
        `;

  test('count to 100 together through each other`s SRAM', () => {
    const chip = Chip.ideal();
    const answers = run(chip, (program) => {
      begin(program);
      load(program, 0, half('0x8e00', 'b .', true));
      load(program, 1, half('0x8a00', 'b .', false));
      program.write(control[1], 1).write(control[0], 1);
      untilSleep(program, 0);
      untilSleep(program, 1);
      program.read(sram[0] + 0x401);
      program.read(sram[1] + 0x401);
    });
    expect(answers.timeouts).toEqual([]);
    expect([...answers.reads.values()]).toEqual([100, 100]);
  });

  test('one starts the other', () => {
    const answers = run(Chip.ideal(), (program) => {
      begin(program);
      load(program, 1, 'li r3, 5\n stw r3, 0x1000(r0)\n wait\n');
      start(
        program,
        0,
        `
        lis r4, 0x8e80          # 0x80000000 + 4 * 0x03a00000
        li r3, 1
        stw r3, 0(r4)
        sync
        wait
        `,
      );
      untilSleep(program, 0);
      untilSleep(program, 1);
      program.read(sram[1] + 0x400);
    });
    expect(answers.reads.at(0)).toBe(5);
  });
});

test('looking does not change what is seen later', () => {
  const experiment = (look: boolean): number[] => {
    const answers = run(Chip.fromSeed(3), (program) => {
      begin(program);
      enableCadc(program);
      program.write(0x88000005, 0);
      const capmem = (row: number, code: number): void => {
        program.write(addressOf('CapMemCell', [0, row, 10]), code);
      };
      [629, 601, 329].forEach((code, row) => capmem(row, code));
      capmem(8, 95);
      capmem(9, 1015);
      capmem(22, 300);
      program.writeWords(
        'NeuronConfig',
        [0, 10],
        encodeContainer('NeuronConfig', {
          mem_cap_size: 63,
          en_mem_off: 1,
          en_thresh_comp: 1,
          en_fire: 1,
          en_readout_amp: 1,
          en_readout: 1,
          en_reset_mul: 1,
        }),
      );
      program.writeWords(
        'NeuronBackendConfig',
        [0, 10],
        backendWords({ refractory_time: 250, reset_holdoff: 15 }),
      );
      program.writeContainer('CommonNeuronBackendConfig', [0], { en_event_regs: 1, en_clocks: 1 });
      program.waitUntil(300_000);
      start(program, 0, 'li r3, 0\nloop: addi r3, r3, 1\n stw r3, 0x1000(r0)\n b loop\n');
      for (let i = 0; i < 50; i++) {
        program.waitUntil(310_000 + 1000 * i);
        if (look) {
          program.read(addressOf('CADCSampleQuad', [0, 0, 0, 3, 1]));
          program.read(sram[0] + 0x400);
          program.read(addressOf('SpikeCounterRead', [0, 10]));
        }
      }
      program.waitUntil(370_000);
      program.read(addressOf('SpikeCounterRead', [0, 10]));
      program.read(sram[0] + 0x400);
      program.read(addressOf('CADCSampleQuad', [0, 0, 0, 3, 1]));
    });
    return [...answers.reads.values()].slice(-3);
  };
  const seen = experiment(true);
  expect(seen).toEqual(experiment(false));
  expect(seen[0]).toBeGreaterThan(3);
});
