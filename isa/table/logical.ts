/** Logical instructions, extensions and counts. All read rs and write ra. */
import type { Fields } from '../instruction.js';
import type { Machine } from '../machine.js';
import { d, define, x } from './define.js';
import { recordCr0 } from './flags.js';

/** ra = result, CR0 if the variant records. */
function finish(m: Machine, f: Fields, result: number): void {
  m.gpr[f.ra] = result;
  if (f.rc !== 0) recordCr0(m, result);
}

/** Four population counts, one per byte. */
function countBytes(value: number): number {
  const pairs = value - ((value >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return (nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f;
}

export const logical = define('logical', [
  {
    name: 'ori',
    ...d(24),
    syntax: 'ra, rs, ui',
    use: 'ra <- rs',
    text: 'ra = rs | ui; ori r0,r0,0 is the no-operation.',
    run: (m, f) => {
      m.gpr[f.ra] = m.gpr[f.rs]! | f.ui;
    },
  },
  {
    name: 'oris',
    ...d(25),
    syntax: 'ra, rs, ui',
    use: 'ra <- rs',
    text: 'ra = rs | (ui << 16).',
    run: (m, f) => {
      m.gpr[f.ra] = m.gpr[f.rs]! | (f.ui << 16);
    },
  },
  {
    name: 'xori',
    ...d(26),
    syntax: 'ra, rs, ui',
    use: 'ra <- rs',
    text: 'ra = rs ^ ui.',
    run: (m, f) => {
      m.gpr[f.ra] = m.gpr[f.rs]! ^ f.ui;
    },
  },
  {
    name: 'xoris',
    ...d(27),
    syntax: 'ra, rs, ui',
    use: 'ra <- rs',
    text: 'ra = rs ^ (ui << 16).',
    run: (m, f) => {
      m.gpr[f.ra] = m.gpr[f.rs]! ^ (f.ui << 16);
    },
  },
  {
    name: 'andi.',
    ...d(28),
    syntax: 'ra, rs, ui',
    use: 'ra cr0 <- rs xer',
    text: 'ra = rs & ui; sets CR0.',
    run: (m, f) => {
      const result = m.gpr[f.rs]! & f.ui;
      m.gpr[f.ra] = result;
      recordCr0(m, result);
    },
  },
  {
    name: 'andis.',
    ...d(29),
    syntax: 'ra, rs, ui',
    use: 'ra cr0 <- rs xer',
    text: 'ra = rs & (ui << 16); sets CR0.',
    run: (m, f) => {
      const result = m.gpr[f.rs]! & (f.ui << 16);
      m.gpr[f.ra] = result;
      recordCr0(m, result);
    },
  },
  {
    name: 'and[.]',
    ...x(28),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = rs & rb.',
    run: (m, f) => finish(m, f, m.gpr[f.rs]! & m.gpr[f.rb]!),
  },
  {
    name: 'andc[.]',
    ...x(60),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = rs & ~rb.',
    run: (m, f) => finish(m, f, m.gpr[f.rs]! & ~m.gpr[f.rb]!),
  },
  {
    name: 'or[.]',
    ...x(444),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = rs | rb.',
    run: (m, f) => finish(m, f, m.gpr[f.rs]! | m.gpr[f.rb]!),
  },
  {
    name: 'orc[.]',
    ...x(412),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = rs | ~rb.',
    run: (m, f) => finish(m, f, m.gpr[f.rs]! | ~m.gpr[f.rb]!),
  },
  {
    name: 'xor[.]',
    ...x(316),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = rs ^ rb.',
    run: (m, f) => finish(m, f, m.gpr[f.rs]! ^ m.gpr[f.rb]!),
  },
  {
    name: 'nand[.]',
    ...x(476),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = ~(rs & rb).',
    run: (m, f) => finish(m, f, ~(m.gpr[f.rs]! & m.gpr[f.rb]!)),
  },
  {
    name: 'nor[.]',
    ...x(124),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = ~(rs | rb).',
    run: (m, f) => finish(m, f, ~(m.gpr[f.rs]! | m.gpr[f.rb]!)),
  },
  {
    name: 'eqv[.]',
    ...x(284),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = ~(rs ^ rb).',
    run: (m, f) => finish(m, f, ~(m.gpr[f.rs]! ^ m.gpr[f.rb]!)),
  },
  {
    name: 'extsb[.]',
    ...x(954),
    syntax: 'ra, rs',
    use: 'ra <- rs',
    text: 'ra = the low byte of rs, sign-extended.',
    run: (m, f) => finish(m, f, (m.gpr[f.rs]! << 24) >> 24),
  },
  {
    name: 'extsh[.]',
    ...x(922),
    syntax: 'ra, rs',
    use: 'ra <- rs',
    text: 'ra = the low halfword of rs, sign-extended.',
    run: (m, f) => finish(m, f, (m.gpr[f.rs]! << 16) >> 16),
  },
  {
    name: 'cntlzw[.]',
    ...x(26),
    syntax: 'ra, rs',
    use: 'ra <- rs',
    text: 'ra = number of leading zeros of rs, 32 for 0.',
    run: (m, f) => finish(m, f, Math.clz32(m.gpr[f.rs]!)),
  },
  {
    name: 'popcntb',
    ...x(122),
    syntax: 'ra, rs',
    use: 'ra <- rs',
    text: 'Each byte of ra = number of ones in that byte of rs.',
    run: (m, f) => {
      m.gpr[f.ra] = countBytes(m.gpr[f.rs]!);
    },
  },
  {
    name: 'prtyw',
    ...x(154),
    syntax: 'ra, rs',
    use: 'ra <- rs',
    text: 'ra = exclusive or of the least significant bits of the four bytes of rs.',
    run: (m, f) => {
      const halves = m.gpr[f.rs]! ^ (m.gpr[f.rs]! >>> 16);
      m.gpr[f.ra] = (halves ^ (halves >>> 8)) & 1;
    },
  },
]);
