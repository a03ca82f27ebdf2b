import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assembleObject } from '../../../isa/assembler/index.js';
import { ElfError, readElf, readObject, writeElf, writeObject } from '../../../isa/elf/index.js';
import { link } from '../../../isa/linker.js';
import { anyProgram } from './programs.js';

const source = `
      .globl main, table
main: lis r9, table@ha
      addi r9, r9, table@l
      bl other
      beq main
      .type main, @function
      .size main, .-main
      .section .rodata
      .byte 1
      .balign 16
table: .long main, other, . - table
      .half table@l
      .bss
room: .space 12
`;
const other = '.globl other\nother: blr\n';
const objects = [
  assembleObject({ name: 'main.s', text: source }),
  assembleObject({ name: 'other.s', text: other }),
];

test('a program written and read is the same program', () => {
  fc.assert(
    fc.property(anyProgram, (program) => {
      expect(readElf(writeElf(program))).toEqual(program);
    }),
    { numRuns: 300 },
  );
});

test('the same program gives the same bytes', () => {
  const program = link(objects);
  expect(writeElf(program)).toEqual(writeElf(link(objects)));
  expect(writeElf(readElf(writeElf(program)))).toEqual(writeElf(program));
});

test('object files written and read link to the same program', () => {
  const read = objects.map((object) => readObject(writeObject(object), object.name));
  expect(link(read)).toEqual(link(objects));
});

describe('a file that is no program is refused with offset, field and expectation', () => {
  const good = writeElf(link(objects));
  const change = (offset: number, ...bytes: number[]): Uint8Array => {
    const copy = good.slice();
    copy.set(bytes, offset);
    return copy;
  };
  test.each([
    ['nothing', new Uint8Array(0), 0, 'ELF header'],
    ['a text', new TextEncoder().encode('int main() {}'.repeat(10)), 0, 'e_ident'],
    ['64 bit', change(4, 2), 4, 'EI_CLASS'],
    ['little-endian', change(5, 1), 5, 'EI_DATA'],
    ['a shared library', change(16, 0, 3), 16, 'e_type'],
    ['another processor', change(18, 0, 40), 18, 'e_machine'],
    ['no sections', change(48, 0, 0), 48, 'e_shnum'],
    ['a section table behind the end', change(32, 0x7f, 0, 0, 0), good.length, 'e_shoff, e_shnum'],
    ['names in no section', change(50, 0xff, 0), 50, 'e_shstrndx'],
    ['half a file', good.slice(0, good.length / 2), good.length / 2, 'e_shoff, e_shnum'],
    ['an object file', writeObject(objects[0]!), 16, 'e_type'],
  ])('%s', (_, bytes, offset, field) => {
    try {
      readElf(bytes);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ElfError);
      expect(error).toMatchObject({ offset: Math.floor(offset), field });
      expect((error as ElfError).expected).not.toBe('');
    }
  });

  test('a bss of gigabytes is not believed', () => {
    const program = link(objects);
    const bytes = writeElf(program);
    const view = new DataView(bytes.buffer);
    const table = view.getUint32(32);
    const index = program.sections.findIndex(({ flags }) => flags.zeroFilled) + 1;
    view.setUint32(table + 40 * index + 20, 0x7000_0000);
    expect(() => readElf(bytes)).toThrow(/zero-filled/);
  });
});

describe('damaged files never do anything but give a program or an ElfError', () => {
  const files = [writeElf(link(objects)), writeObject(objects[0]!)];
  const read = (bytes: Uint8Array): void => {
    for (const reader of [readElf, (input: Uint8Array) => readObject(input, 'x.o')]) {
      try {
        reader(bytes);
      } catch (error) {
        if (!(error instanceof ElfError)) throw error;
      }
    }
  };
  test('with bytes changed', () => {
    const damage = fc.record({
      file: fc.constantFrom(...files),
      changes: fc.array(fc.tuple(fc.nat(100_000), fc.nat(255)), { minLength: 1, maxLength: 8 }),
    });
    fc.assert(
      fc.property(damage, ({ file, changes }) => {
        const bytes = file.slice();
        for (const [offset, value] of changes) bytes[offset % bytes.length] = value;
        read(bytes);
      }),
      { numRuns: 4000 },
    );
  });

  test('with words of headers changed', () => {
    const damage = fc.record({
      file: fc.constantFrom(...files),
      at: fc.nat(2000),
      word: fc.oneof(fc.constantFrom(0, 1, 0xffffffff, 0x7fffffff, 0x80000000), fc.nat(0xffff)),
    });
    fc.assert(
      fc.property(damage, ({ file, at, word }) => {
        const bytes = file.slice();
        const view = new DataView(bytes.buffer);
        const table = view.getUint32(32);
        const offset = at % 2 === 0 ? (at * 2) % 52 : table + ((at * 4) % (bytes.length - table));
        view.setUint32(Math.min(offset & ~3, bytes.length - 4), word);
        read(bytes);
      }),
      { numRuns: 4000 },
    );
  });

  test('with the end cut off', () => {
    for (const file of files) {
      for (let length = 0; length < file.length; length += 7) read(file.slice(0, length));
    }
  });

  test('with a random body', () => {
    const head = files[0]!.slice(0, 52);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (body) => {
        read(Uint8Array.from([...head, ...body]));
      }),
      { numRuns: 500 },
    );
  });
});
