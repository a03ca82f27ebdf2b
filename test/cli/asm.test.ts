import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import yargs from 'yargs';
import { asm } from '../../cli/commands/asm.js';
import { disasm } from '../../cli/commands/disasm.js';
import { writeFileAtomic } from '../../cli/files.js';
import { readElf } from '../../isa/elf/index.js';

let folder = '';
let out = '';
let err = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plastic-asm-'));
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Runs a command line; resolves to the message of the error it throws, or ''. */
async function plastic(...args: string[]): Promise<string> {
  try {
    await yargs(args)
      .command(asm)
      .command(disasm)
      .strict()
      .exitProcess(false)
      .fail((message, error) => {
        throw error ?? new Error(message);
      })
      .parseAsync();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('plastic asm', () => {
  test('several sources become one ELF file with lines', async () => {
    const main = file('main.s', '.globl _start\n_start: bl f\n wait\n');
    const f = file('f.s', '.globl f\nf: li r3, N\nblr\n');
    const output = join(folder, 'deep', 'x.elf');
    expect(await plastic('asm', main, f, '-o', output, '-D', 'N=0x10')).toBe('');
    const program = readElf(readFileSync(output));
    expect(Buffer.from(program.sections[0]!.bytes).toString('hex')).toBe(
      '480000097c00007c386000104e800020',
    );
    expect(program.lines[2]).toMatchObject({ file: f, line: 2 });
    expect(readdirSync(join(folder, 'deep'))).toEqual(['x.elf']);
  });

  test('objects of an earlier run are taken beside sources', async () => {
    const f = file('f.s', '.globl f\nf: blr\n');
    const main = file('main.s', 'bl f\n');
    expect(await plastic('asm', f, '--object')).toBe('');
    expect(
      await plastic('asm', main, join(folder, 'f.o'), '--raw', '-o', join(folder, 'x.bin')),
    ).toBe('');
    expect(readFileSync(join(folder, 'x.bin')).toString('hex')).toBe('480000054e800020');
  });

  test('a listing shows address, word, text and source', async () => {
    const main = file('main.s', 'loop: b loop # for ever\n');
    await plastic('asm', main, '--listing');
    expect(out).toContain('loop:\n');
    expect(out).toContain('00000000  48000000  b loop');
    expect(out).toContain('loop: b loop # for ever');
  });

  test('sections and symbols as JSON', async () => {
    await plastic('asm', file('main.s', '.globl a\na: nop\n'), '--json');
    expect(JSON.parse(out)).toMatchObject({
      entry: 0,
      sections: [{ name: 'int.text', address: 0, bytes: 4 }],
    });
  });

  test('included files are found beside the source', async () => {
    mkdirSync(join(folder, 'lib'));
    file('lib/b.inc', '.set two, 2\n');
    expect(await plastic('asm', file('a.s', '.include "lib/b.inc"\n.long two\n'))).toBe('');
  });

  test('mistakes of all sources are printed, exit code 1, nothing is written', async () => {
    const a = file('a.s', ' nop\n addd r3, r3, r3\n');
    const b = file('b.s', ' li r3, 99999\n');
    const output = join(folder, 'x.elf');
    await plastic('asm', a, b, '-o', output);
    expect(process.exitCode).toBe(1);
    expect(err).toContain(`${a}:2:2: there is no instruction 'addd'`);
    expect(err).toContain(`${b}:1:9: 99999 does not fit`);
    expect(existsSync(output)).toBe(false);
  });

  test('mistakes as JSON', async () => {
    await plastic('asm', file('a.s', ' foo\n'), '--json');
    expect(process.exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ problems: [{ code: 'unknown-mnemonic', line: 1 }] });
  });

  test.each([
    [
      'a file that does not exist',
      () => ['asm', join(folder, 'no.s')],
      /no\.s: there is no such file/,
    ],
    [
      'a program that is too large',
      () => ['asm', file('big.s', '.space 20000\n')],
      /20000 bytes.*12272 are there/,
    ],
    ['an undefined symbol', () => ['asm', file('u.s', ' bl nobody\n')], /u\.s:1: symbol 'nobody'/],
    [
      'code that a raw image cannot hold',
      () => ['asm', file('e.s', '.section ext.text\nnop\n'), '--raw'],
      /ext\.text.*without --raw/,
    ],
    [
      'an output over an input',
      () => ['asm', file('o.s', 'nop\n'), '-o', join(folder, 'o.s')],
      /one of the inputs/,
    ],
    ['a definition that is none', () => ['asm', file('d.s', 'nop\n'), '-D', '1x'], /NAME=NUMBER/],
    [
      'a damaged object file',
      () => ['asm', file('x.o', Uint8Array.of(0x7f, 69, 76, 70, 1))],
      /x\.o: offset 0x/,
    ],
  ])('%s gets one message', async (_, args, message) => {
    expect(await plastic(...args())).toMatch(message);
    expect(readdirSync(folder).filter((name) => /\.(elf|bin)$/.test(name))).toEqual([]);
  });
});

describe('plastic disasm', () => {
  test('an ELF program with labels and lines', async () => {
    const source = file('a.s', '.globl f\nf: fxvaddhm 1,2,3,1\n bne cr1, f\n');
    await plastic('asm', source);
    expect(await plastic('disasm', join(folder, 'a.elf'))).toBe('');
    expect(out).toContain('section int.text\nf:\n');
    expect(out).toContain('00000000  10221f31  fxvaddhm 1,2,3,1');
    expect(out).toContain('00000004  4086fffc  bne cr1,f');
    expect(out).toContain(`# ${source}:3  bne cr1, f`);
  });

  test('a raw image from an address on', async () => {
    const image = file('a.bin', Uint8Array.of(0x48, 0, 0, 8));
    await plastic('disasm', image, '--raw', '--address', '0x100');
    expect(out).toContain('00000100  48000008  b 0x00000108');
  });

  test.each([
    [
      'a text',
      () => ['disasm', file('x.txt', 'hello world '.repeat(9))],
      /no program.*e_ident.*--raw/,
    ],
    [
      'an odd address',
      () => ['disasm', file('x.bin', 'abcd'), '--raw', '--address', '2'],
      /multiple of 4/,
    ],
  ])('%s gets one message', async (_, args, message) => {
    expect(await plastic(...args())).toMatch(message);
  });
});

describe('files are written whole or not at all', () => {
  test('an old file stays when the new one cannot be written', () => {
    const path = join(folder, 'folder');
    mkdirSync(path);
    file('folder/inside', 'x');
    expect(() => writeFileAtomic(path, 'text')).toThrow(/cannot write/);
    expect(readdirSync(folder)).toEqual(['folder']);
  });
});
