/** Random assembly sources in the common subset of this assembler and GNU as: the same bytes must come out of both. */
import { encode, EncodeError, isAllowed } from '../../isa/encode.js';
import type { Operand } from '../../isa/instruction.js';
import { extendedMnemonics } from '../../isa/table/extended.js';
import { instructions } from '../../isa/table/index.js';

/** Repeatable numbers from a seed (xorshift, 32 bit). */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  }

  /** A whole number from 0 to count - 1. */
  below(count: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return Math.floor(((x >>> 0) / 0x1_0000_0000) * count);
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError('an empty list has no item');
    return item;
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }
}

interface Form {
  readonly mnemonic: string;
  readonly operands: readonly Operand[];
}

/**
 * What GNU as in POWER7 mode with -many writes otherwise, or does not know: `wait` has another code there, one-field
 * mtcrf stays, mtmsr and the moves of processor-specific registers differ.
 */
const otherwise =
  /^(fxv|sync|wait|rfmci|rfci|mtcrf|mtocrf|mfocrf|eciwx|ecowx|mfesr|mtesr|m[ft]dear|m[ft]mcsrr|m[ft]t[sc]r|m[ft]tb|bc.*[+-]|bcctr|b.*ctr|tlnl|mtocr|ptesync)|tl?n[lg]i?$/;

const forms: readonly Form[] = [...instructions, ...extendedMnemonics].filter(
  ({ mnemonic, operands }) =>
    !otherwise.test(mnemonic) && !operands.some(({ class: kind }) => kind === 'vector'),
);

const conditionBits = ['lt', 'gt', 'eq', 'so'];

/** One source text; its sections are .text, .data and .rodata in this order, each aligned to a word. */
export function randomAssembly(seed: number, length: number): string {
  return new Writer(seed).source(length);
}

class Writer {
  private readonly dice: Dice;
  private readonly lines: string[] = [];
  private labels = 0;
  private readonly constants: string[] = [];

  constructor(seed: number) {
    this.dice = new Dice(seed);
  }

  source(length: number): string {
    const { dice, lines } = this;
    lines.push(
      '# Random program',
      ' .equ LATE_MINUS, LATE-1',
      ' .data',
      ' .section .rodata',
      ' .text',
      ' .globl start',
      'start:',
    );
    lines.push(
      ' .macro twice a, b=3',
      ' addi \\a, \\a, \\b',
      'inner\\@: ori \\a, \\a, inner\\@-inner\\@+5',
      ' .endm',
    );
    lines.push(
      ' .macro count from, to',
      ' .if \\from <= \\to',
      ' .short \\from',
      ' count (\\from+1), \\to',
      ' .endif',
      ' .endm',
    );
    while (lines.length < length) {
      const part = dice.below(10);
      if (part < 6) this.code();
      else if (part < 8) this.data('.data');
      else this.data('.rodata');
    }
    lines.push(
      ' .text',
      ' .equ LATE, 77',
      ' .data',
      ' .align 2',
      ' .section .rodata',
      ' .align 2',
      ' .text',
    );
    return `${lines.join('\n')}\n`;
  }

  private code(): void {
    const { dice, lines } = this;
    lines.push(dice.chance(2) ? ' .text' : ' .section ".text"');
    // Targets exist before the block is written, so that branches lead forwards and backwards.
    const first = this.labels;
    const count = 2 + dice.below(4);
    this.labels += count;
    for (let label = first; label < first + count; label++) {
      const local = dice.below(10);
      lines.push(dice.chance(3) ? `L${label}: # here` : `L${label}:`, `${local}:`);
      for (let i = dice.below(9); i >= 0; i--) {
        const targets = [`L${first + dice.below(count)}`, `${local}b`, `${local}b+4`, '.+8', '.-4'];
        this.instruction(targets);
      }
      this.extras(local);
    }
  }

  private extras(local: number): void {
    const { dice, lines } = this;
    const register = `${1 + dice.below(30)}`;
    switch (dice.below(8)) {
      case 0:
        lines.push(` b ${local}f; nop`, `${local}: bdnz ${local}b`);
        break;
      case 1:
        lines.push(` twice ${register}`, ` twice ${register}, b=${dice.below(99)}`);
        break;
      case 2:
        lines.push(` .rept ${dice.below(4)}`, ` add ${register}, ${register}, 3 # again`, ' .endr');
        break;
      case 3:
        lines.push(` .irp reg, 3, 4, ${register}`, ' stw \\reg, 4*\\reg(1)', ' .endr');
        break;
      case 4:
        lines.push(
          ` .if ${dice.below(2)}`,
          ` li ${register}, 1`,
          ' .else',
          ` li ${register}, 2`,
          ' .endif',
        );
        break;
      case 5:
        lines.push(` .align ${dice.below(6)}`);
        break;
      case 6:
        lines.push(
          ` lis ${register}, start@ha`,
          ` addi ${register}, ${register}, start+${dice.below(64)}@l`,
        );
        break;
      default:
        lines.push(` li ${register}, LATE_MINUS-(${this.expression(2)})%64`);
    }
  }

  private instruction(targets: readonly string[]): void {
    const { dice } = this;
    for (;;) {
      const { mnemonic, operands } = dice.pick(forms);
      const values = operands.map((operand) => this.value(operand));
      const probe = values.map((value, k) => (operands[k]?.class === 'branch' ? 0 : value));
      try {
        encode(mnemonic, probe);
      } catch (error) {
        if (error instanceof EncodeError) continue;
        throw error;
      }
      let text = '';
      for (const [k, operand] of operands.entries()) {
        const written = this.operand(operand, values[k] ?? 0, mnemonic, targets);
        text += operand.base
          ? `(${written})`
          : text === ''
            ? written
            : `${dice.pick([',', ', '])}${written}`;
      }
      this.lines.push(` ${mnemonic} ${text}`.trimEnd());
      return;
    }
  }

  private value(operand: Operand): number {
    const { dice } = this;
    if (operand.values !== undefined) return dice.pick(operand.values);
    if (operand.class === 'branch') return 4 * dice.below(64);
    const { min, max } = operand;
    const value = dice.chance(4) ? dice.pick([min, max, 0, 1, 2]) : min + dice.below(max - min + 1);
    // GNU as takes a whole word neither as an amount nor as a width.
    if (/^(n|width)$/.test(operand.name) && value === 32) return 31;
    return isAllowed(operand, value) ? value : 0;
  }

  private operand(
    operand: Operand,
    value: number,
    mnemonic: string,
    targets: readonly string[],
  ): string {
    const { dice } = this;
    switch (operand.class) {
      case 'gpr':
      case 'gpr-or-zero':
        if (operand.class === 'gpr-or-zero' && value === 0) return '0';
        return dice.pick([`${value}`, `r${value}`, `%r${value}`]);
      case 'cr-field':
        return dice.pick([`${value}`, `cr${value}`]);
      case 'cr-bit':
        return dice.pick([`${value}`, `4*cr${value >> 2}+${conditionBits[value & 3] ?? ''}`]);
      case 'branch':
        return /a[+-]?$/.test(mnemonic) ? `${value}` : dice.pick(targets);
      case 'spr':
        return `${value}`;
      default:
        return this.number(value);
    }
  }

  /** A number in one of many spellings. */
  private number(value: number): string {
    const { dice } = this;
    switch (dice.below(6)) {
      case 0:
        return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
      case 1:
        return `${value - 7}+7`;
      case 2:
        return `(${value}*2)/2`;
      case 3:
        return value > 0 && value < 512 ? `0${value.toString(8)}` : `${value}`;
      default:
        return `${value}`;
    }
  }

  /** A constant expression that stays small. */
  private expression(depth: number): string {
    const { dice } = this;
    if (depth === 0 || dice.chance(4)) {
      if (this.constants.length > 0 && dice.chance(3)) return dice.pick(this.constants);
      return dice.pick([
        `${dice.below(50)}`,
        `0x${dice.below(50).toString(16)}`,
        "'a'",
        '0b101',
        '017',
      ]);
    }
    const left = this.expression(depth - 1);
    const right = this.expression(depth - 1);
    const operator = dice.pick([
      '+',
      '-',
      '*',
      '|',
      '&',
      '^',
      '<<',
      '>>',
      '==',
      '<',
      '>=',
      '/',
      '%',
      '&&',
      '||',
      '<>',
    ]);
    if (operator === '<<' || operator === '>>')
      return `(((${left})&255)${operator}${dice.below(4)})`;
    if (operator === '/' || operator === '%') return `((${left})${operator}${1 + dice.below(9)})`;
    if (operator === '*') return `((${left})*${dice.below(5)})`;
    const unary = dice.pick(['', '', '', '-', '~']);
    return dice.chance(2)
      ? `${unary}(${left}${operator}${right})`
      : `${left} ${operator} (${right})`;
  }

  private data(section: '.data' | '.rodata'): void {
    const { dice, lines } = this;
    lines.push(section === '.data' ? ' .data' : ' .section .rodata');
    for (let i = dice.below(8); i >= 0; i--) this.item();
    lines.push(' .balign 4');
  }

  private item(): void {
    const { dice, lines } = this;
    const label = this.labels;
    switch (dice.below(12)) {
      case 0:
        lines.push(` .byte (${this.expression(2)})&0x7f, ${dice.below(256)}, -${dice.below(129)}`);
        break;
      case 1:
        lines.push(` .short (${this.expression(2)})&0xffff, ${dice.below(65536)}`);
        break;
      case 2:
        lines.push(` .ascii "a\\tb\\\\\\"\\101\\n;#", "x${label}"`);
        break;
      case 3:
        lines.push(` .asciz "text ${dice.below(1000)}" /* a comment */`);
        break;
      case 4:
        lines.push(` .space ${1 + dice.below(9)}, ${dice.below(256)}`);
        break;
      case 5:
        lines.push(` .balign ${1 << dice.below(4)}, ${dice.below(256)}`);
        break;
      case 6:
        lines.push(` .p2align ${dice.below(3)}`);
        break;
      case 7:
        this.labels += 2;
        lines.push(
          `D${label}:`,
          ` .space ${1 + dice.below(5)}`,
          `D${label + 1}: .byte D${label + 1}-D${label}, .-D${label}`,
        );
        break;
      case 8:
        lines.push(` .set C${label}, ${dice.below(200)}`, ` .hword C${label}+1`);
        this.constants.push(`C${label}`);
        this.labels += 1;
        break;
      case 9:
        lines.push(` .org .+${dice.below(5)}`, ` count ${dice.below(3)}, ${dice.below(5)}`);
        break;
      case 10:
        lines.push(` .fill ${dice.below(4)}, ${dice.pick([1, 2, 4])}, ${dice.below(128)}`);
        break;
      default:
        lines.push(
          ` .long ${this.expression(3)}, start+${4 * dice.below(20)}, LATE, start-(${dice.below(9)})`,
        );
    }
  }
}
