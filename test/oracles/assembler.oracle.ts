import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { assemble, assembleObject } from '../../isa/assembler/index.js';
import { disassemble } from '../../isa/disassemble.js';
import { readElf, readObject, writeElf, writeObject } from '../../isa/elf/index.js';
import { link } from '../../isa/linker.js';
import { memoryImage, type Program } from '../../isa/program.js';
import { cPrograms, optimisations, requirePackages } from './cross.js';
import { gnu, gnuImage, gnuOptions, scratchFile } from './gnu-assembler.js';
import { Dice, randomAssembly } from './random-assembly.js';

beforeAll(() => {
  requirePackages('binutils-powerpc-linux-gnu', 'gcc-powerpc-linux-gnu', 'gdb-multiarch');
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function dataAddressOf(program: Program): number {
  return program.sections.find(({ name }) => name === 'int.data')?.address ?? 0x2000;
}

describe('the same bytes as GNU as and ld', () => {
  const rounds = 40;
  const lines = 500;
  test(`${rounds} random sources of ${lines} lines`, () => {
    const first = Number(process.env['PLASTIC_ORACLE_SEED'] ?? 1);
    for (let seed = first; seed < first + rounds; seed++) {
      const source = randomAssembly(seed, lines);
      const program = assemble([{ name: 'random.s', text: source }], { mailbox: 0 });
      const image = hex(memoryImage(program, 0, 0x4000));
      expect(image, `seed ${seed}`).toBe(hex(gnuImage(source, dataAddressOf(program))));
    }
  });

  const compiled = cPrograms.flatMap((name) =>
    optimisations.map((level) => [name, level] as const),
  );
  test.each(compiled)('what gcc writes for %s at %s', (name, level) => {
    const path = new URL(`programs/${name}.c`, import.meta.url).pathname;
    const options = `-m32 -mbig-endian -msoft-float -mno-altivec -ffreestanding -nostdlib -fno-pic -mno-sdata ${level} -S -o -`;
    const source = execFileSync('powerpc-linux-gnu-gcc', [...options.split(' '), path], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const input = scratchFile('c.s');
    const output = scratchFile('c.o');
    writeFileSync(input, source);
    gnu('as', [...gnuOptions, input, '-o', output]);
    const theirs = readObject(new Uint8Array(readFileSync(output)), name);
    const ours = assembleObject({ name, text: source });
    // Relocations are compared after linking; undefined symbols get addresses.
    const missing = ours.symbols.filter(({ section }) => section === 'undefined');
    const linking = {
      mailbox: 0,
      ram: 0x100000,
      symbols: Object.fromEntries(missing.map((symbol, k) => [symbol.name, 0x8000 + 16 * k])),
    };
    const contents = (program: Program): string[] =>
      program.sections.map(
        ({ name: section, address, bytes }) => `${section} ${address} ${hex(bytes)}`,
      );
    expect(contents(link([ours], linking))).toEqual(contents(link([theirs], linking)));
  });
});

const demo = `
      .globl _start, helper
      .section int.crt, "ax"
_start:
      b main
      .text
main: lis r9, table@ha
      addi r9, r9, table@l
      lwz r3, 4(r9)
      bl helper
      b main
      .type main, @function
      .size main, .-main
      .data
table: .long 1, main, . - table
`;
const helper = '.globl helper\nhelper:\n  addi r3, r3, 1\n  blr\n';

/** The demo as one ELF file on disk, with its sources beside it under the names in its line table. */
function writeDemo(): { elf: string; main: string; program: Program } {
  const [main, other, elf] = [
    scratchFile('main.s'),
    scratchFile('helper.s'),
    scratchFile('demo.elf'),
  ];
  writeFileSync(main, demo);
  writeFileSync(other, helper);
  const program = assemble([
    { name: main, text: demo },
    { name: other, text: helper },
  ]);
  writeFileSync(elf, writeElf(program));
  return { elf, main, program };
}

describe('our ELF files in GNU tools', () => {
  test('readelf reads them without a warning', () => {
    const { elf } = writeDemo();
    const text = execFileSync(
      'powerpc-linux-gnu-readelf',
      ['-aW', '--debug-dump=decodedline,info,Ranges', elf],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    expect(text).not.toMatch(/warning|error/i);
    expect(text).toMatch(/int\.text\s+PROGBITS\s+00000000/);
    expect(text).toMatch(/main\.s:/);
  });

  test('objdump shows our words under our labels with our source lines', () => {
    const { elf, main, program } = writeDemo();
    const text = gnu('objdump', ['-dl', elf]);
    const words = [...text.matchAll(/^ +[0-9a-f]+:\t((?:[0-9a-f]{2} ){4})/gm)].map(
      ([, bytes = '']) => bytes.replace(/ /g, ''),
    );
    expect(words.join('')).toBe(hex(program.sections[0]!.bytes));
    expect(text).toContain('00000004 <main>:');
    expect(text).toContain(`${main}:9\n`);
  });

  test('objdump disassembles scalar words to text that we assemble back', () => {
    const dice = new Dice(7);
    const words: number[] = [];
    while (words.length < 3000) {
      const word = ((dice.below(65536) << 16) | dice.below(65536)) >>> 0;
      // Opcode 4 is the vector unit; words that only we know are not compared.
      if (word >>> 26 !== 4 && !disassemble(word).startsWith('.long')) words.push(word);
    }
    const elf = scratchFile('words.elf');
    const text = words.map((word) => `.long ${word}`).join('\n');
    writeFileSync(elf, writeElf(assemble([{ name: 'w.s', text }], { ram: 0x10000, mailbox: 0 })));
    const listing = gnu('objdump', ['-d', '-M', '476', '--no-show-raw-insn', elf]);
    const theirs = [...listing.matchAll(/^ +([0-9a-f]+):\t(.*)$/gm)].map(
      ([, at = '', line = '']) => ({
        address: parseInt(at, 16),
        line: line.replace(/\s*(<.*>|#.*)$/, '').replace(/\t/, ' '),
      }),
    );
    const source = theirs
      .map(({ address, line }) => {
        const branch = /^(b\S*\s+(?:.*,)?)([0-9a-f]+)$/.exec(line);
        if (branch !== null && !/lr|ctr/.test(branch[1] ?? '')) {
          return `${branch[1]}0x${branch[2]}`;
        }
        return `${line} # ${address}`;
      })
      .join('\n');
    const known = source.split('\n');
    const back = known.map((line, k) => {
      try {
        const pad = `.space ${4 * k}\n`;
        return link([assembleObject({ name: 'b.s', text: `${pad}${line}` })], {
          ram: 0x10000,
          mailbox: 0,
        });
      } catch {
        return undefined;
      }
    });
    const wrong = back.flatMap((program, k) => {
      if (program === undefined) return [];
      const view = Buffer.from(program.sections[0]!.bytes);
      const word = view.readUInt32BE(4 * k);
      return word === words[k]
        ? []
        : [`${known[k]}: ${word.toString(16)} ${words[k]?.toString(16)}`];
    });
    expect(wrong).toEqual([]);
    expect(back.filter((program) => program !== undefined).length).toBeGreaterThan(2000);
  });

  test('gdb finds symbols, lines and source', () => {
    const { elf, main } = writeDemo();
    const commands = [
      'info line main',
      'info symbol 0x8',
      'list helper,+1',
      'x/2i main',
      'print &table',
      'info files',
    ];
    const text = execFileSync(
      'gdb-multiarch',
      ['-batch', '-nx', ...commands.flatMap((command) => ['-ex', command]), elf],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    expect(text).toContain(`Line 7 of "${main}" starts at address 0x4 <main>`);
    expect(text).toContain('main + 4 in section int.text');
    expect(text).toContain('addi r3, r3, 1');
    expect(text).toMatch(/lis\s+r9,0/);
  });

  test('GNU ld links our object files to the same memory', () => {
    const objects = [
      assembleObject({ name: 'main.s', text: demo }),
      assembleObject({ name: 'helper.s', text: helper }),
    ];
    const program = link(objects);
    const files = objects.map((object) => {
      const path = scratchFile('ours.o');
      writeFileSync(path, writeObject(object));
      return path;
    });
    const [script, elf, image] = [scratchFile('x.ld'), scratchFile('x.elf'), scratchFile('x.bin')];
    const data = dataAddressOf(program);
    writeFileSync(
      script,
      `SECTIONS { int.text 0 : { *(int.crt) *(.text) } int.data ${data} : { *(.data) } }`,
    );
    gnu('ld', ['-m', 'elf32ppc', '-T', script, '-e', '0', ...files, '-o', elf]);
    gnu('objcopy', ['-O', 'binary', '-j', 'int.text', '-j', 'int.data', elf, image]);
    expect(hex(new Uint8Array(readFileSync(image)))).toBe(hex(memoryImage(program, 0, 0x4000)));
    const read = readElf(new Uint8Array(readFileSync(elf)));
    expect(read.lines.filter(({ line }) => line > 0)).toEqual(
      program.lines.filter(({ line }) => line > 0),
    );
  });
});
