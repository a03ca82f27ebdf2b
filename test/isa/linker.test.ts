import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble, assembleObject } from '../../isa/assembler/index.js';
import { BuildError } from '../../isa/build-error.js';
import { EncodeError } from '../../isa/encode.js';
import { link, LinkError, type LinkOptions } from '../../isa/linker.js';
import {
  address,
  high,
  highAdjusted,
  low,
  ObjectBuilder,
  symbol,
} from '../../isa/object-builder.js';
import { findSymbol, lineAt, memoryImage, symbolAt, type ObjectFile } from '../../isa/program.js';
import { applyRelocation, partOf } from '../../isa/relocation.js';

function words(bytes: Uint8Array | undefined): string[] {
  return (
    Buffer.from(bytes ?? [])
      .toString('hex')
      .match(/.{1,8}/g) ?? []
  );
}

function problems(objects: readonly ObjectFile[], options?: LinkOptions): LinkError['problems'] {
  try {
    link(objects, options);
    return [];
  } catch (error) {
    if (error instanceof LinkError) return error.problems;
    throw error;
  }
}

const object = (text: string, name = 'a.s'): ObjectFile => assembleObject({ name, text });

describe('relocations', () => {
  test('@ha and @l of an address give it back', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (value) => {
        const lowPart = (partOf(value, 'low') << 16) >> 16;
        expect((((partOf(value, 'highAdjusted') << 16) | 0) + lowPart) >>> 0).toBe(value >>> 0);
        expect(((partOf(value, 'high') << 16) | partOf(value, 'low')) >>> 0).toBe(value >>> 0);
      }),
    );
  });

  test.each([
    ['REL24', 0x1fffffc, undefined],
    ['REL24', 0x2000000, 0x1fffffc],
    ['REL24', -0x2000000, undefined],
    ['REL24', -0x2000004, 0x1fffffc],
    ['REL24', 2, 0x1fffffc],
    ['REL14', 0x7ffc, undefined],
    ['REL14', 0x8000, 0x7ffc],
    ['REL14', -0x8000, undefined],
    ['ADDR16', 0xffff, undefined],
    ['ADDR16', 0x10000, 0xffff],
    ['ADDR16', -0x8000, undefined],
    ['ADDR16', -0x8001, 0xffff],
    ['ADDR24', 0xfffffffc, undefined],
    ['ADDR14', 0x7ffc, undefined],
    ['ADDR32', 0xffffffff, undefined],
    ['ADDR8', 255, undefined],
    ['ADDR8', 256, 255],
  ] as const)('%s of %i has room: %s', (type, value, largest) => {
    const bytes = Uint8Array.of(0x48, 0, 0, 1);
    expect(applyRelocation(bytes, 0, type, value, 0)?.largest).toBe(largest);
    if (largest !== undefined) expect([...bytes]).toEqual([0x48, 0, 0, 1]);
  });

  test('bits outside the field stay', () => {
    const bytes = Uint8Array.of(0x41, 0x82, 0, 1);
    applyRelocation(bytes, 0, 'REL14', 0x100 - 8, 0x100);
    expect([...bytes]).toEqual([0x41, 0x82, 0xff, 0xf9]);
  });

  test('every kind, across files', () => {
    const program = link([
      object(
        'b far\nbl far+4\nbeq far\nba far\nlis 3, far@ha\nori 3, 3, far@h\nlwz 4, far@l(3)\nli 5, far\n.long far, far - .',
      ),
      object('.space 8\n.globl far\nfar: nop', 'b.s'),
    ]);
    // far lies behind 40 bytes of the first file and 8 of its own: 0x30.
    expect(words(program.sections[0]?.bytes).slice(0, 10)).toEqual([
      '48000030',
      '48000031',
      '41820028',
      '48000032',
      '3c600000',
      '60630000',
      '80830030',
      '38a00030',
      '00000030',
      '0000000c',
    ]);
  });
});

describe('placement', () => {
  test('start-up code first, then the files in order; alignment holds', () => {
    const program = link([
      object('nop\n.data\n.byte 1'),
      object('.section int.crt, "ax"\nb .\n.data\n.balign 16\n.byte 2', 'b.s'),
    ]);
    expect(program.sections.map(({ name, address: at }) => [name, at])).toEqual([
      ['int.text', 0],
      ['int.data', 16],
    ]);
    expect(words(program.sections[0]?.bytes)).toEqual(['48000000', '60000000']);
    expect(program.sections[1]?.bytes).toEqual(
      Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
    );
  });

  test('external sections lie where the processor fetches and where it loads', () => {
    const { sections } = assemble([
      {
        name: 'x.s',
        text: '.section ext.text,"ax"\nnop\nnop\n.section ext.data,"aw"\n.long 1\n.section ext_dram.data\n.long 2',
      },
    ]);
    expect(sections.map(({ name, address: at }) => [name, at])).toEqual([
      ['ext.data', 0x40000008],
      ['ext_dram.data', 0x50000000],
      ['ext.text', 0x80000000],
    ]);
  });

  test('the mailbox has its place', () => {
    const program = assemble([
      { name: 'x.s', text: 'nop\n.section int.mailbox\n.globl ready\nready: .space 4' },
    ]);
    expect(findSymbol(program, 'ready')?.address).toBe(0x3000);
    expect(findSymbol(program, 'stack_ptr_init')?.address).toBe(0x2ff0);
    expect(findSymbol(program, 'heap_base')?.address).toBe(16 + 128);
  });

  test('the image of the SRAM is the sections with zeros between them', () => {
    const program = assemble([{ name: 'x.s', text: 'nop\n.data\n.balign 16\n.byte 7' }]);
    expect([...memoryImage(program, 0, 0x4000)].filter((byte) => byte !== 0)).toEqual([0x60, 7]);
    expect(memoryImage(program, 0, 0x4000)).toHaveLength(17);
  });

  test('symbols and lines are found by address', () => {
    const program = assemble([{ name: 'x.s', text: 'first: nop\nnop\nsecond: nop' }]);
    expect(symbolAt(program, 4)).toMatchObject({ symbol: { name: 'first' }, offset: 4 });
    expect(symbolAt(program, 8)).toMatchObject({ symbol: { name: 'second' }, offset: 0 });
    expect(symbolAt(program, 12)).toBeUndefined();
    expect(lineAt(program, 7)?.line).toBe(2);
    expect(lineAt(program, 12)).toBeUndefined();
  });

  test('code without lines behind code with lines belongs to no line', () => {
    const plain = new ObjectBuilder('plain').emit('nop').build();
    const program = link([object('nop'), plain, object('nop', 'b.s')]);
    expect(lineAt(program, 0)?.file).toBe('a.s');
    expect(lineAt(program, 4)).toBeUndefined();
    expect(lineAt(program, 8)?.file).toBe('b.s');
  });

  test('a weak symbol gives way, an undefined weak one is 0', () => {
    const program = link([
      object('.weak f, g\nf: b f\nbl g\n.long g'),
      object('.globl f\nf: nop', 'b.s'),
    ]);
    expect(words(program.sections[0]?.bytes)).toEqual([
      '4800000c',
      '4bfffffd',
      '00000000',
      '60000000',
    ]);
  });
});

describe('problems are all reported, with place and repair', () => {
  test.each([
    ['undefined', [object('nop\n bl missing')], /a\.s:2: symbol 'missing' is not defined/],
    ['duplicate', [object('.globl f\nf:'), object('\n.globl f\nf:', 'b.s')], /b\.s:3.*a\.s:2/],
    [
      'misfit',
      [object('beq far\n.space 0x2000'), object('.space 0x6000\n.globl far\nfar:', 'b.s')],
      /too far/,
    ],
    [
      'misfit',
      [object('li 3, far\n.data'), object('.section ext.text\n.globl far\nfar: nop', 'b.s')],
      /@ha/,
    ],
    ['too-large', [object('.space 12300')], /needs 12300 bytes .* 12272 are there .* ext\.text/],
  ])('%s', (kind, objects, message) => {
    const found = problems(objects, kind === 'misfit' ? { ram: 0x20000 } : {});
    expect(found[0]?.kind).toBe(kind);
    expect(new LinkError(found).message).toMatch(message);
  });

  test('several at once', () => {
    expect(problems([object('bl a\nbl b\nbl c')])).toHaveLength(3);
  });

  test('an entry that is not there', () => {
    expect(problems([object('nop')], { entry: 'main' })).toMatchObject([{ kind: 'no-entry' }]);
  });
});

describe('object builder', () => {
  test('instructions, data, lines and references make an object file', () => {
    const builder = new ObjectBuilder('rule.plast', 'int.crt');
    builder.mark({ file: 'rule.plast', line: 3, column: 2 });
    builder.label('_start', { binding: 'global', kind: 'function' });
    builder.emit('lis', 3, highAdjusted('table')).emit('lwz', 4, low('table', 4), 3);
    builder.mark({ file: 'rule.plast', line: 4 });
    builder.label('.Lloop').emit('fxvaddhm', 1, 2, 3, 1).emit('bdnz', symbol('.Lloop'));
    builder.emit('bne', 1, symbol('.Lloop')).emit('b', address(0)).emit('ori', 3, 3, high('table'));
    builder
      .endFunction('_start')
      .section('int.data')
      .align(8)
      .label('table')
      .word(1, symbol('_start'));
    const program = link([builder.build()]);
    expect(words(program.sections[0]?.bytes)).toEqual([
      '3c600000',
      '80830024',
      '10221f31',
      '4200fffc',
      '4086fff8',
      '4bffffec',
      '60630000',
    ]);
    expect(program.sections[1]?.address).toBe(32);
    expect(program.symbols.map(({ name }) => name)).not.toContain('.Lloop');
    expect(findSymbol(program, '_start')).toMatchObject({ size: 28, kind: 'function' });
    expect(lineAt(program, 4)).toMatchObject({ line: 3, column: 2 });
    expect(lineAt(program, 8)).toMatchObject({ line: 4 });
    expect(program.entry).toBe(0);
  });

  test('what cannot be is refused', () => {
    const builder = new ObjectBuilder('x');
    expect(() => builder.emit('add', 1, 2)).toThrow(EncodeError);
    expect(() => builder.emit('add', 1, 2, symbol('f'))).toThrow(BuildError);
    builder.label('f');
    expect(() => builder.label('f')).toThrow(/twice/);
    expect(() => builder.section('int.bss').word(1)).toThrow(/zeros/);
  });
});
