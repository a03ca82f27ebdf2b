/**
 * Random straight-line programs with short forward branches, in GNU syntax: every scalar instruction whose result Power
 * defines, on random registers and a small memory. The text depends on the seed alone.
 */
import { Stream } from '../../isa/numeric/random.js';

const threeRegisters = [
  'add',
  'addc',
  'adde',
  'subf',
  'subfc',
  'subfe',
  'mullw',
  'addo',
  'subfo',
  'mullwo',
  'addco',
  'addeo',
];
const twoRegisters = ['neg', 'addze', 'addme', 'subfze', 'subfme', 'nego'];
const highProducts = ['mulhw', 'mulhwu'];
const logical = ['and', 'andc', 'or', 'orc', 'xor', 'nand', 'nor', 'eqv', 'slw', 'srw', 'sraw'];
const unary = ['extsb', 'extsh', 'cntlzw'];
const immediates = ['addi', 'addis', 'addic', 'addic.', 'subfic', 'mulli'];
const unsignedImmediates = ['ori', 'oris', 'xori', 'xoris', 'andi.', 'andis.'];
const crLogic = ['crand', 'crnand', 'cror', 'crnor', 'crxor', 'creqv', 'crandc', 'crorc'];
const loads: readonly [string, number][] = [
  ['lwz', 4],
  ['lhz', 2],
  ['lha', 2],
  ['lbz', 1],
];
const stores: readonly [string, number][] = [
  ['stw', 4],
  ['sth', 2],
  ['stb', 1],
];
const branches = ['beq', 'bne', 'blt', 'bge', 'bgt', 'ble', 'bso', 'bns'];

/** Words 0..30 of `outcome` take r0..r30, 31 CR, 32 XER, 33 CTR; words 36..63 are the memory that the program uses. */
const MEMORY = 36 * 4;
const MEMORY_BYTES = 28 * 4;

/** Source text of one program with `length` random instructions. */
export function randomSequence(seed: number, length: number): string {
  const stream = new Stream(seed, 'random sequence');
  const pick = <T>(items: readonly T[]): T => items[stream.integer(items.length)]!;
  const register = (): number => stream.integer(31);
  const base = (): number => 1 + stream.integer(30);
  const dot = (): string => (stream.integer(3) === 0 ? '.' : '');
  const signed = (): number => stream.integer(65536) - 32768;
  const field = (): number => stream.integer(8);
  const bit = (): number => stream.integer(32);
  const place = (width: number): number => MEMORY + width * stream.integer(MEMORY_BYTES / width);
  const one: (() => string)[] = [
    () => `${pick(threeRegisters)}${dot()} ${register()},${register()},${register()}`,
    () => `${pick(threeRegisters)}${dot()} ${register()},${register()},${register()}`,
    () => `${pick(twoRegisters)}${dot()} ${register()},${register()}`,
    () => `${pick(highProducts)}${dot()} ${register()},${register()},${register()}`,
    () => `${pick(logical)}${dot()} ${register()},${register()},${register()}`,
    () => `${pick(unary)}${dot()} ${register()},${register()}`,
    () => `srawi${dot()} ${register()},${register()},${bit()}`,
    () => `rlwinm${dot()} ${register()},${register()},${bit()},${bit()},${bit()}`,
    () => `rlwimi${dot()} ${register()},${register()},${bit()},${bit()},${bit()}`,
    () => `rlwnm${dot()} ${register()},${register()},${register()},${bit()},${bit()}`,
    () => `${pick(immediates)} ${register()},${base()},${signed()}`,
    () => `${pick(unsignedImmediates)} ${register()},${register()},${stream.integer(65536)}`,
    () => `cmpw ${field()},${register()},${register()}`,
    () => `cmplwi ${field()},${register()},${stream.integer(65536)}`,
    () => `cmpwi ${field()},${register()},${signed()}`,
    () => `cmplw ${field()},${register()},${register()}`,
    () => `${pick(crLogic)} ${bit()},${bit()},${bit()}`,
    () => `mcrf ${field()},${field()}`,
    () => `mfcr ${register()}`,
    () => `mtcrf ${stream.integer(256)},${register()}`,
    () => `mtctr ${register()}\n mfctr ${register()}`,
    () => {
      const [name, width] = pick(loads);
      return `${name} ${register()},${place(width)}(31)`;
    },
    () => {
      const [name, width] = pick(stores);
      return `${name} ${register()},${place(width)}(31)`;
    },
    () => {
      const divisor = base();
      // A divisor with bit 0 set and bit 31 clear is neither 0 nor -1: the quotient is defined.
      return `ori ${divisor},${divisor},1\n clrlwi ${divisor},${divisor},1\n ${pick(['divw', 'divwu'])} ${register()},${register()},${divisor}`;
    },
  ];
  const lines: string[] = [
    ' .text',
    ' .globl start',
    'start:',
    ' lis 31,outcome@ha',
    ' addi 31,31,outcome@l',
  ];
  lines.push(
    ` lis 9,${stream.integer(65536) - 32768}`,
    ` ori 9,9,${stream.integer(65536)}`,
    ' mtcrf 255,9',
  );
  lines.push(
    ` lis 9,${pick([0, 0x2000, -0x8000, -0x4000])}`,
    ' mtxer 9',
    ` li 9,${signed()}`,
    ' mtctr 9',
  );
  for (let r = 0; r < 31; r++) {
    lines.push(` lis ${r},${signed()}`);
    if (stream.integer(4) > 0) lines.push(` ori ${r},${r},${stream.integer(65536)}`);
    else lines.push(` srawi ${r},${r},16`);
  }
  let target = 0;
  let reach = -1;
  for (let i = 0; i < length; i++) {
    if (i === reach) lines.push(`.Lover${target}:`);
    if (reach < i && stream.integer(12) === 0) {
      target++;
      reach = i + 2 + stream.integer(3);
      lines.push(` ${pick(branches)} ${field()},.Lover${target}`);
    } else {
      lines.push(` ${pick(one)()}`);
    }
  }
  if (reach >= length) lines.push(`.Lover${target}:`);
  for (let r = 0; r < 31; r++) lines.push(` stw ${r},${4 * r}(31)`);
  for (const [k, name] of ['mfcr', 'mfxer', 'mfctr'].entries())
    lines.push(` ${name} 9`, ` stw 9,${4 * (31 + k)}(31)`);
  lines.push(' blr', ' .bss', ' .globl outcome', ' .balign 16', 'outcome:', ' .space 256', '');
  return lines.join('\n');
}
