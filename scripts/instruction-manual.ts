/**
 * Writes docs/instructions.md from the instruction table: npm run docs:instructions.
 * A test compares the file with what `instructionManual` gives.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Group, Instruction, Operand, Timing } from '../isa/instruction.js';
import { specialRegisters } from '../isa/special-registers.js';
import { extendedMnemonics } from '../isa/table/extended.js';
import { instructions } from '../isa/table/index.js';

/** What the classes mean for a program that runs alone; the whole pipeline is in docs/ppu.md. */
const timings: Readonly<Record<Timing, string>> = {
  simple: 'one a cycle; the result can be used by the next instruction (condition fields: after 2)',
  multiply: 'one a cycle; result after 4 cycles',
  divide: 'nothing else issues for 32 cycles',
  load: 'one a cycle; result after 4 cycles plus the latency of the memory',
  'load-update': 'issues twice, the next instruction after 3 cycles; ra after 3',
  'load-multiple': 'issues once per register',
  store: 'one a cycle',
  'store-update': 'the next instruction after 2 cycles; ra after 2',
  'store-multiple': 'issues once per register',
  branch: '1 cycle if predicted or not taken, 5 if the fetch is redirected',
  return: 'like a branch',
  trap: 'waits until earlier work is done, the next instruction after 2 cycles',
  'move-to-msr': 'waits until earlier work is done before and after',
  sync: 'waits until earlier work is done, memory and vector included',
  wait: 'the same, then sleeps',
  io: 'not available',
  madd: 'vector multiplier and adder; 5 cycles each in a stream, a dependent one after 11',
  'vector-compare': 'vector compare unit; 8 cycles each in a stream',
  permute: 'vector permute unit; 3 to 6 cycles each in a stream',
  'vector-load': 'vector load and store unit; 38 cycles each',
  'vector-store': 'vector load and store unit; 38 cycles each',
  'bus-in': 'parallel bus; 2.5 cycles each in a stream, plus its latency',
  'bus-out': 'parallel bus; 3.5 cycles each in a stream',
};

const groups: Readonly<Record<Group, string>> = {
  arithmetic: 'Integer arithmetic',
  compare: 'Compare',
  trap: 'Trap',
  logical: 'Logical',
  rotate: 'Rotate and shift',
  load: 'Load',
  store: 'Store',
  branch: 'Branch',
  condition: 'Condition register',
  system: 'System',
  'vector arithmetic': 'Vector arithmetic',
  'vector accumulator': 'Vector accumulator',
  'vector permute': 'Vector compare, splat, shift, select, pack',
  'vector memory': 'Vector memory and parallel bus',
};

/** Operand kinds in words; extended mnemonics have some of their own. */
const operandTexts: Readonly<Partial<Record<Operand['name'], string>>> = {
  rt: 'general register, target',
  rs: 'general register, source',
  ra: 'general register',
  ra0: 'general register; 0 means the value 0, not r0',
  ral: 'base of a load with update: neither r0 nor rt',
  ras: 'base of a store with update: not r0',
  ram: 'base of a load multiple: below rt, or 0 for the value 0',
  rb: 'general register',
  si: 'signed immediate',
  sis: 'immediate for the upper half, signed or unsigned',
  ui: 'unsigned immediate',
  d: 'signed displacement in bytes',
  bf: 'condition field, target',
  bfa: 'condition field, source',
  l: 'must be 0',
  to: 'trap conditions: 16 signed <, 8 signed >, 4 equal, 2 unsigned <, 1 unsigned >',
  sh: 'shift amount',
  mb: 'first bit of a mask, 0 is the most significant',
  me: 'last bit of a mask; a mask with mb > me wraps around',
  bo: 'branch option, see below',
  bi: 'condition bit that a branch tests',
  bt: 'condition bit, target',
  ba: 'condition bit',
  bb: 'condition bit',
  fxm: 'mask of condition fields, 128 is CR0; a single field assembles to mtocrf',
  fxm1: 'mask of exactly one condition field',
  spr: 'number of a special register; its two halves are exchanged in the word',
  li: 'distance or address in bytes, multiple of 4',
  bd: 'distance or address in bytes, multiple of 4',
  vrt: 'vector register, target',
  vra: 'vector register',
  vrb: 'vector register',
  cond: '0 always, 1 greater, 2 less, 3 equal; size code of pack and unpack; may be left out',
  imm5: 'signed shift amount',
  ls: 'kind of synchronisation, changes nothing; may be left out',
};

function cells(...texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = `| ${head.map(() => '---').join(' | ')} |`;
  return [cells(...head), rule, ...rows.map((row) => cells(...row))].join('\n');
}

/** Instructions of one row of the table: those that share a function and its sentence. */
function families(group: string): Instruction[][] {
  const found: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.group !== group) continue;
    const last = found.at(-1)?.[0];
    if (last?.run === instruction.run && last.text === instruction.text) {
      found.at(-1)!.push(instruction);
    } else {
      found.push([instruction]);
    }
  }
  return found;
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function encodingOf({ form, opcd, xo, one }: Instruction): string {
  const parts = [form, String(opcd), ...(xo === undefined ? [] : [String(xo)])];
  return `${parts.join(' ')}${one === 1 ? ' +1' : ''}`;
}

function uses(names: readonly string[]): string {
  return names.map((name) => code(name)).join(' ');
}

function chapter(group: string): string {
  const rows = families(group).map((family) => {
    const [plain] = family;
    if (plain === undefined) throw new RangeError('a family without members');
    // Variants add cr0, xer and lr; the plain form shows what the operation itself uses.
    return [
      family.map(({ mnemonic }) => code(mnemonic)).join(' '),
      code(plain.syntax),
      encodingOf(plain),
      plain.text,
      uses(plain.reads),
      uses(plain.writes),
      plain.timing,
    ];
  });
  const head = ['mnemonics', 'operands', 'encoding', 'what it does', 'reads', 'writes', 'timing'];
  return `### ${groups[group as Group]}\n\n${table(head, rows)}`;
}

function operandTable(): string {
  const seen = new Map<string, Operand>();
  for (const { operands } of instructions) {
    for (const operand of operands) seen.set(operand.name, operand);
  }
  const rows = Object.entries(operandTexts).map(([name, text]) => {
    const operand = seen.get(name);
    if (operand === undefined) throw new RangeError(`no instruction has an operand ${name}`);
    const { lsb, width, min, max } = operand;
    const bits = operand.class === 'spr' ? '20:16, 15:11' : `${lsb + width - 1}:${lsb}`;
    return [code(name), bits, `${min} to ${max}`, text];
  });
  return table(['operand', 'bits', 'values', 'meaning'], rows);
}

function extendedTable(): string {
  const isBranch = (base: string): boolean => /^bc/.test(base);
  const rows = extendedMnemonics
    .filter(
      ({ base, sums }) => !isBranch(base.mnemonic) || sums.every(({ parts }) => parts.length === 0),
    )
    .map(({ mnemonic, syntax, base, sums, operands, printed }) => {
      const texts = sums.map(({ constant, parts }) => {
        const terms = parts.map(({ operand, factor }) => {
          const name = operands[operand]!.name;
          return factor === 1 ? `+${name}` : factor === -1 ? `-${name}` : `+${factor}*${name}`;
        });
        const sum = `${constant === 0 && terms.length > 0 ? '' : constant}${terms.join('')}`;
        return sum.replace(/^\+/, '');
      });
      return [
        code(mnemonic),
        code(syntax),
        code(`${base.mnemonic} ${texts.join(', ')}`.trim()),
        printed ? 'yes' : '',
      ];
    });
  return table(['mnemonic', 'operands', 'is', 'printed'], rows);
}

/** The text of docs/instructions.md. */
export function instructionManual(): string {
  const registers = specialRegisters.map(({ number, name, access, mask, text }) => [
    String(number),
    code(name),
    access,
    code(`0x${mask.toString(16).padStart(8, '0')}`),
    text,
  ]);
  return `<!-- Made from isa/table by "npm run docs:instructions". Change the table, not this file. -->

# Instructions of the plasticity processor

The processor runs a 32-bit big-endian subset of the Power ISA 2.06 and a vector extension of 128-byte registers.
This page lists all ${instructions.length} instructions as the table in \`isa/table/\` declares them; assembler, disassembler,
emulator and pipeline model are made from the same rows.

How to read it:

- \`add\` \`add.\` \`addo\` \`addo.\` are variants of one operation: a point records the sign of the result in CR0, an o
  sets OV and SO on overflow, an l sets LR, an a takes an address instead of a distance. What the variants read and
  write besides (CR0, XER, LR) is not repeated in the tables.
- Encoding: form, primary opcode (bits 31:26 of the word) and extended opcode (from bit 1; FXV from bit 2). \`+1\`: bit
  20 is set. Bits that no operand uses are 0; the core ignores them, strict tools do not.
- \`(ra|0)\`: the register, but 0 if its number is 0. CR0: the signs less, greater, equal of the result, and SO.
- Numbers are 32 bits. Vector elements are signed; h forms work on 64 halfwords, b forms on 128 bytes.
- A word access needs an address that is a multiple of 4; a halfword is refused only at address % 4 = 3.

## Instructions

${Object.keys(groups).map(chapter).join('\n\n')}

## Operands

${operandTable()}

## Branch options

An option bo has five bits, 16 8 4 2 1: with 16 the condition bit does not matter, else it must equal 8;
with 4 CTR is left alone, else it is decremented and must become zero (2) or not zero. Allowed are 0, 2, 8, 10 (count
and test), 4, 6, 7 (branch if false; 6 hint not taken, 7 hint taken), 12, 14, 15 (branch if true), 16, 24, 25
(count, not zero), 18, 26, 27 (count, zero), 20 (always). The core ignores hints.

## Timing classes

Cycles from issue, for memory that answers in the next cycle; \`docs/ppu.md\` has the whole pipeline.

${table(
  ['class', 'cost'],
  Object.entries(timings).map(([name, text]) => [name, text]),
)}

## Special registers

\`mfspr rt, n\` and \`mtspr n, rs\`. All are 0 after reset; bits outside the mask read 0.

${table(['number', 'name', 'access', 'bits', 'meaning'], registers)}

## Extended mnemonics

Other names for base instructions; those marked as printed are what the disassembler prefers. n is an amount (0 to 31), width a number
of bits (1 to 32), p the position of a bit.

${extendedTable()}

Conditional branches: \`b\` + condition + target + hint, for example \`beq\`, \`bnelr\`, \`bgectrl+\`, \`bdnzl\`.

- condition: \`lt gt eq so\` and their opposites \`ge le ne ns\` (also \`nl ng un nu\`), of the field given as first
  operand, cr0 if it is left out; \`t\` and \`f\` with a condition bit; \`dnz dz\` decrement CTR; \`dnzt dnzf dzt dzf\` do both
- target: none (distance), \`a\` (address), \`lr\`, \`ctr\`; \`l\` at the end links
- hint: \`+\` taken, \`-\` not taken

## Words that are no instruction

There is no illegal-instruction interrupt. A word that the core does not decode writes no general register. With
primary opcode 31 it still leaves traces: bit 0 overwrites CR0, bit 10 overwrites OV and SO with the overflow of ra + rb.
\`isync\` is such a no-operation. The emulator can stop on these words instead (\`--strict\`).

## Where the core differs from the Power architecture

- XER keeps SO, OV and CA only.
- \`slw srw sraw\` use five bits of the shift amount, not six.
- \`twi\` zero-extends its immediate.
- \`mfocrf\` keeps the bits of rt that it does not write.
- A division by zero gives 0 for a negative signed dividend and 0xffffffff otherwise; -2^31 / -1 gives 0x80000000.
- \`lha\` and \`lhau\` zero-extend their displacement in the core's source. This is off by default: compiled programs
  rely on negative displacements.
- The time base is read through special registers 284 and 285.

\`quirks: power\` switches the first four to what the architecture says.
`;
}

const path = fileURLToPath(new URL('../docs/instructions.md', import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(path, instructionManual());
