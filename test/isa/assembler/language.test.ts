import { describe, expect, test } from 'vitest';
import { assemble, assembleObject } from '../../../isa/assembler/index.js';
import { findSymbol, lineAt } from '../../../isa/program.js';

function section(text: string, name: string): Uint8Array | undefined {
  return assembleObject({ name: 't.s', text }).sections.find((each) => each.name === name)?.bytes;
}

/** Hexadecimal content of the data section of a source. */
function data(text: string): string {
  return Buffer.from(section(` .data\n${text}`, '.data') ?? []).toString('hex');
}

/** Hexadecimal words of the code of a source. */
function code(text: string): string[] {
  return (
    Buffer.from(section(text, '.text') ?? [])
      .toString('hex')
      .match(/.{8}/g) ?? []
  );
}

describe('data', () => {
  test.each([
    ['.word and .long are four bytes', '.word 1, -1\n.long 0xdeadbeef', '00000001ffffffffdeadbeef'],
    ['.half, .short and .hword are two', '.half 1\n.short -2\n.hword 65535', '0001fffeffff'],
    ['.byte takes signed and unsigned', ".byte 255, -128, 'A', '\\n'", 'ff80410a'],
    ['.ascii has no end, .asciz has one', '.ascii "ab"\n.asciz "c", "d"', '616263006400'],
    ['escapes in text', '.ascii "\\n\\t\\"\\\\\\101\\x42"', '0a09225c4142'],
    ['other characters are UTF-8', '.ascii "é€"', 'c3a9e282ac'],
    ['.space and .skip fill', '.space 2\n.skip 3, 0xaa', '0000aaaaaa'],
    ['.fill repeats items', '.fill 2, 2, 0x1234', '12341234'],
    ['.align is a power of two', '.byte 1\n.align 2\n.byte 2', '0100000002'],
    ['.balign is in bytes and fills', '.byte 1\n.balign 4, 0xff\n.byte 2', '01ffffff02'],
    ['.align with a limit may not align', '.byte 1\n.p2align 3,,2\n.byte 2', '0102'],
    ['.org goes forward', '.byte 1\n.org 4\n.byte 2\n.org .+1, 7\n.byte 3', '010000000207' + '03'],
    ['distance of two labels', 'a: .space 3\nb: .byte b-a, c-b\nc:', '0000000302'],
    ['semicolons and comments', '.byte 1; .byte 2 # 3\n/* .byte 4\n */ .byte 5 // 6', '010205'],
  ])('%s', (_, text, expected) => {
    expect(data(text)).toBe(expected);
  });
});

describe('expressions', () => {
  test.each([
    ['multiplication binds before addition', '1+2*3', 7],
    ['bit operators bind before addition', '2+3&1', 3],
    ['shifts bind like multiplication', '1|2<<1', 5],
    ['comparisons bind after addition', '1+2==3', -1],
    ['logical operators bind last', '1==2||3', 1],
    ['unary operators', '-~!0', 2],
    ['division truncates towards zero', '-7/2', -3],
    ['remainder has the sign of the dividend', '-7%3', -1],
    ['parentheses', '(1+2)*3', 9],
    ['octal, hexadecimal, binary, character', "010+0x10+0b10+'a'", 8 + 16 + 2 + 97],
    ['halves of a number', '0x12348765@ha', 0x1235],
    ['high half', '0x12348765@h', 0x1234],
    ['low half', '0x12348765@l', 0x8765],
    ['numbers of 64 bits inside', '(1<<40)>>36', 16],
  ])('%s', (_, text, expected) => {
    const word = Number.parseInt(data(`.long ${text}`), 16) | 0;
    expect(word).toBe(expected);
  });
});

describe('symbols', () => {
  test('a later .equ may be used before it', () => {
    expect(code('li r3, SIZE*2\n.equ SIZE, NEXT+1\n.equ NEXT, 4')).toEqual(['3860000a']);
  });

  test('.set changes a value from there on', () => {
    expect(data('.set n, 1\n.byte n\n.set n, n+1\n.byte n')).toBe('0102');
  });

  test('numeric labels are the nearest before and behind', () => {
    expect(code('1: b 1b\nb 1f\n1: b 1b\nb 1b')).toEqual([
      '48000000',
      '48000004',
      '48000000',
      '4bfffffc',
    ]);
  });

  test('registers may get names', () => {
    expect(code('.equ total, r5\n.equ rows, 7\naddi total, total, rows')).toEqual(['38a50007']);
  });

  test('registers may be written in three ways', () => {
    const same = ['add 3,4,5', 'add r3,r4,r5', 'add %r3, %r4, %r5', 'ADD r3,r4,r5'];
    expect(new Set(code(same.join('\n'))).size).toBe(1);
    expect(code('fxvaddhm 1,2,3\nfxvaddhm v1,v2,v3,0')).toEqual(['10221f30', '10221f30']);
    expect(code('crand 4*cr1+eq, lt, 4*cr7+so')).toEqual(['4cc0fa02']);
    expect(code('mtspr dec, r3\nmfspr r4, tbl')).toEqual(['7c7603a6', '7c9c42a6']);
  });

  test('a label called like a register is still a label', () => {
    expect(code('b v1\nv1: lis r3, v1@ha')[0]).toBe('48000004');
  });
});

describe('macros, repeats and conditions', () => {
  test.each([
    [
      'arguments by position, name and preset',
      '.macro m a, b=2, c=3\n.byte \\a, \\b, \\c\n.endm\nm 1\nm 1, c=9\nm 1 5 6',
      '010203010209010506',
    ],
    ['\\@ counts calls', '.macro m\n.byte \\@\n.endm\nm\nm', '0001'],
    ['labels made of the count', '.macro m\nl\\@: .byte .-l\\@\n.endm\nm\nm', '0000'],
    ['\\() joins', '.macro m n\nx\\n\\()y: .byte \\n\n.endm\nm 7', '07'],
    [
      'vararg takes the rest',
      '.macro m a, rest:vararg\n.byte \\a\n.byte \\rest\n.endm\nm 1, 2, 3',
      '010203',
    ],
    [
      'recursion with an end',
      '.macro down n\n.byte \\n\n.if \\n\ndown (\\n-1)\n.endif\n.endm\ndown 2',
      '020100',
    ],
    ['.exitm leaves', '.macro m\n.byte 1\n.if 1\n.exitm\n.endif\n.byte 2\n.endm\nm\nm', '0101'],
    ['.rept', '.rept 3\n.byte 1\n.endr', '010101'],
    ['nested repeats', '.rept 2\n.rept 2\n.byte 1\n.endr\n.byte 2\n.endr', '010102010102'],
    ['.irp and .irpc', '.irp x, 1, 2\n.byte \\x\n.endr\n.irpc x, 34\n.byte \\x\n.endr', '01020304'],
    ['.if .elseif .else', '.if 0\n.byte 1\n.elseif 1\n.byte 2\n.else\n.byte 3\n.endif', '02'],
    [
      'nested conditions',
      '.if 0\n.if 1\n.byte 1\n.else\n.byte 2\n.endif\n.else\n.byte 3\n.endif',
      '03',
    ],
    [
      '.ifdef and .ifndef',
      '.set a, 1\n.ifdef a\n.byte 1\n.endif\n.ifndef b\n.byte 2\n.endif',
      '0102',
    ],
    [
      '.ifb and .ifc',
      '.ifb\n.byte 1\n.endif\n.ifc x, x\n.byte 2\n.endif\n.ifnc x, y\n.byte 3\n.endif',
      '010203',
    ],
    ['a macro and more on one line', '.macro m\n.byte 1\n.endm\n.byte 0; m; .byte 2', '000102'],
  ])('%s', (_, text, expected) => {
    expect(data(text)).toBe(expected);
  });

  test('a macro goes before an instruction of its name', () => {
    expect(code('.macro nop\n.long 7\n.endm\nnop')).toEqual(['00000007']);
  });

  test('included files are asked for by name', () => {
    const object = assembleObject(
      { name: 'a.s', text: '.include "b.s"\n.long two' },
      { include: (name) => (name === 'b.s' ? '.set two, 2' : undefined) },
    );
    expect([...object.sections[0]!.bytes]).toEqual([0, 0, 0, 2]);
  });
});

describe('programs', () => {
  const text = `
      .section int.crt, "ax"
      .globl _start
_start: b main
      .text
      .globl main
      .type main, @function
main: lis r1, stack_ptr_init@ha
      addi r1, r1, stack_ptr_init@l
      bl helper
1:    wait
      b 1b
      .size main, .-main
      .data
value: .long helper, . - value
      .bss
room: .space 64
`;
  const helper = '  .globl helper\nhelper: blr\n';
  const program = assemble([
    { name: 'main.s', text },
    { name: 'helper.s', text: helper },
  ]);

  test('start-up code lies at 0, then code, data and zeros', () => {
    expect(
      program.sections.map(({ name, address, bytes }) => [name, address, bytes.length]),
    ).toEqual([
      ['int.text', 0, 28],
      ['int.data', 28, 8],
      ['int.bss', 36, 64],
    ]);
    expect(findSymbol(program, '_start')?.address).toBe(0);
  });

  test('symbols of other files and of the memory layout are resolved', () => {
    const [first] = program.sections;
    expect(Buffer.from(first!.bytes).toString('hex').match(/.{8}/g)).toEqual([
      '48000004',
      '3c200000',
      '38212ff0',
      '4800000d',
      '7c00007c',
      '4bfffffc',
      '4e800020',
    ]);
  });

  test('lines lead back to the sources', () => {
    const main = findSymbol(program, 'main')!;
    expect(main).toMatchObject({ size: 20, kind: 'function', binding: 'global' });
    expect(lineAt(program, main.address)).toMatchObject({ file: 'main.s', line: 8 });
    expect(lineAt(program, main.address + 8)).toMatchObject({ file: 'main.s', line: 10 });
    expect(lineAt(program, 24)).toMatchObject({ file: 'helper.s', line: 2 });
  });

  test('the code of a macro belongs to the line of its call', () => {
    const { lines } = assemble([{ name: 'm.s', text: '.macro m\nnop\nnop\n.endm\nnop\nm\nnop' }]);
    expect(lines.map(({ address, line }) => [address, line])).toEqual([
      [0, 5],
      [4, 6],
      [12, 7],
    ]);
  });
});
