/** Integer arithmetic. Carry of the subtract forms is the carry out of ~RA + operand + carry-in. */
import type { Fields } from '../instruction.js';
import type { Machine } from '../machine.js';
import { d, define, xo } from './define.js';
import { base, recordCr0, setOverflow } from './flags.js';

/** rt = result, with OV of adding a and b if the variant asks, and CR0 if it records. */
function finishSum(m: Machine, f: Fields, a: number, b: number, result: number): void {
  m.gpr[f.rt] = result;
  if (f.oe !== 0) setOverflow(m, ((a ^ result) & (b ^ result)) < 0);
  if (f.rc !== 0) recordCr0(m, result);
}

/** rt = a + b + carry with CA. */
function sumCarrying(m: Machine, f: Fields, a: number, b: number, carry: number): void {
  m.ca = (a >>> 0) + (b >>> 0) + carry > 0xffff_ffff ? 1 : 0;
  finishSum(m, f, a, b, (a + b + carry) | 0);
}

/** rt = a + si with CA; the D forms have neither OE nor Rc bits. */
function immediateCarrying(m: Machine, f: Fields, a: number, carry: number): number {
  m.ca = (a >>> 0) + (f.si >>> 0) + carry > 0xffff_ffff ? 1 : 0;
  return (m.gpr[f.rt] = (a + f.si + carry) | 0);
}

/** Upper 32 bits of the unsigned product, from partial products that a double holds exactly. */
export function multiplyHighUnsigned(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const middle0 = (middle & 0xffff) + a0 * b1;
  return (a1 * b1 + (middle >>> 16) + (middle0 >>> 16)) | 0;
}

/** Upper 32 bits of the signed product. */
export function multiplyHigh(a: number, b: number): number {
  return (multiplyHighUnsigned(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0;
}

function finishQuotient(m: Machine, f: Fields, result: number, overflow: boolean): void {
  m.gpr[f.rt] = result;
  if (f.oe !== 0) setOverflow(m, overflow);
  if (f.rc !== 0) recordCr0(m, result);
}

export const arithmetic = define('arithmetic', [
  {
    name: 'addi',
    ...d(14),
    syntax: 'rt, ra0, si',
    use: 'rt <- ra0',
    text: 'rt = (ra|0) + si.',
    run: (m, f) => {
      m.gpr[f.rt] = base(m, f) + f.si;
    },
  },
  {
    name: 'addis',
    ...d(15),
    syntax: 'rt, ra0, sis',
    use: 'rt <- ra0',
    text: 'rt = (ra|0) + (si << 16).',
    run: (m, f) => {
      m.gpr[f.rt] = base(m, f) + (f.si << 16);
    },
  },
  {
    name: 'addic',
    ...d(12),
    syntax: 'rt, ra, si',
    use: 'rt xer <- ra',
    text: 'rt = ra + si; sets CA.',
    run: (m, f) => {
      immediateCarrying(m, f, m.gpr[f.ra]!, 0);
    },
  },
  {
    name: 'addic.',
    ...d(13),
    syntax: 'rt, ra, si',
    use: 'rt xer cr0 <- ra xer',
    text: 'rt = ra + si; sets CA and CR0.',
    run: (m, f) => {
      recordCr0(m, immediateCarrying(m, f, m.gpr[f.ra]!, 0));
    },
  },
  {
    name: 'subfic',
    ...d(8),
    syntax: 'rt, ra, si',
    use: 'rt xer <- ra',
    text: 'rt = si - ra; sets CA (no borrow).',
    run: (m, f) => {
      immediateCarrying(m, f, ~m.gpr[f.ra]!, 1);
    },
  },
  {
    name: 'mulli',
    ...d(7),
    syntax: 'rt, ra, si',
    use: 'rt <- ra',
    timing: 'multiply',
    text: 'rt = low 32 bits of ra * si.',
    run: (m, f) => {
      m.gpr[f.rt] = Math.imul(m.gpr[f.ra]!, f.si);
    },
  },
  {
    name: 'add[o][.]',
    ...xo(266),
    syntax: 'rt, ra, rb',
    use: 'rt <- ra rb',
    text: 'rt = ra + rb.',
    run: (m, f) => {
      const a = m.gpr[f.ra]!;
      const b = m.gpr[f.rb]!;
      finishSum(m, f, a, b, (a + b) | 0);
    },
  },
  {
    name: 'addc[o][.]',
    ...xo(10),
    syntax: 'rt, ra, rb',
    use: 'rt xer <- ra rb',
    text: 'rt = ra + rb; sets CA.',
    run: (m, f) => sumCarrying(m, f, m.gpr[f.ra]!, m.gpr[f.rb]!, 0),
  },
  {
    name: 'adde[o][.]',
    ...xo(138),
    syntax: 'rt, ra, rb',
    use: 'rt xer <- ra rb xer',
    text: 'rt = ra + rb + CA; sets CA.',
    run: (m, f) => sumCarrying(m, f, m.gpr[f.ra]!, m.gpr[f.rb]!, m.ca),
  },
  {
    name: 'addme[o][.]',
    ...xo(234),
    syntax: 'rt, ra',
    use: 'rt xer <- ra xer',
    text: 'rt = ra + CA - 1; sets CA.',
    run: (m, f) => sumCarrying(m, f, m.gpr[f.ra]!, -1, m.ca),
  },
  {
    name: 'addze[o][.]',
    ...xo(202),
    syntax: 'rt, ra',
    use: 'rt xer <- ra xer',
    text: 'rt = ra + CA; sets CA.',
    run: (m, f) => sumCarrying(m, f, m.gpr[f.ra]!, 0, m.ca),
  },
  {
    name: 'subf[o][.]',
    ...xo(40),
    syntax: 'rt, ra, rb',
    use: 'rt <- ra rb',
    text: 'rt = rb - ra.',
    run: (m, f) => {
      const a = m.gpr[f.ra]!;
      const b = m.gpr[f.rb]!;
      finishSum(m, f, ~a, b, (b - a) | 0);
    },
  },
  {
    name: 'subfc[o][.]',
    ...xo(8),
    syntax: 'rt, ra, rb',
    use: 'rt xer <- ra rb',
    text: 'rt = rb - ra; sets CA (no borrow).',
    run: (m, f) => sumCarrying(m, f, ~m.gpr[f.ra]!, m.gpr[f.rb]!, 1),
  },
  {
    name: 'subfe[o][.]',
    ...xo(136),
    syntax: 'rt, ra, rb',
    use: 'rt xer <- ra rb xer',
    text: 'rt = ~ra + rb + CA; sets CA.',
    run: (m, f) => sumCarrying(m, f, ~m.gpr[f.ra]!, m.gpr[f.rb]!, m.ca),
  },
  {
    name: 'subfme[o][.]',
    ...xo(232),
    syntax: 'rt, ra',
    use: 'rt xer <- ra xer',
    text: 'rt = ~ra + CA - 1; sets CA.',
    run: (m, f) => sumCarrying(m, f, ~m.gpr[f.ra]!, -1, m.ca),
  },
  {
    name: 'subfze[o][.]',
    ...xo(200),
    syntax: 'rt, ra',
    use: 'rt xer <- ra xer',
    text: 'rt = ~ra + CA; sets CA.',
    run: (m, f) => sumCarrying(m, f, ~m.gpr[f.ra]!, 0, m.ca),
  },
  {
    name: 'neg[o][.]',
    ...xo(104),
    syntax: 'rt, ra',
    use: 'rt <- ra',
    text: 'rt = -ra; overflow only for the most negative number.',
    run: (m, f) => {
      const a = m.gpr[f.ra]!;
      finishSum(m, f, ~a, 0, -a | 0);
    },
  },
  {
    name: 'mullw[o][.]',
    ...xo(235),
    syntax: 'rt, ra, rb',
    use: 'rt <- ra rb',
    timing: 'multiply',
    text: 'rt = low 32 bits of ra * rb; overflow if the signed product needs more.',
    run: (m, f) => {
      const a = m.gpr[f.ra]!;
      const b = m.gpr[f.rb]!;
      const low = Math.imul(a, b);
      m.gpr[f.rt] = low;
      if (f.oe !== 0) setOverflow(m, multiplyHigh(a, b) !== low >> 31);
      if (f.rc !== 0) recordCr0(m, low);
    },
  },
  {
    name: 'mulhw[.]',
    ...xo(75),
    syntax: 'rt, ra, rb',
    use: 'rt <- ra rb',
    timing: 'multiply',
    text: 'rt = high 32 bits of the signed product.',
    run: (m, f) => {
      const high = multiplyHigh(m.gpr[f.ra]!, m.gpr[f.rb]!);
      m.gpr[f.rt] = high;
      if (f.rc !== 0) recordCr0(m, high);
    },
  },
  {
    name: 'mulhwu[.]',
    ...xo(11),
    syntax: 'rt, ra, rb',
    use: 'rt <- ra rb',
    timing: 'multiply',
    text: 'rt = high 32 bits of the unsigned product.',
    run: (m, f) => {
      const high = multiplyHighUnsigned(m.gpr[f.ra]!, m.gpr[f.rb]!);
      m.gpr[f.rt] = high;
      if (f.rc !== 0) recordCr0(m, high);
    },
  },
  {
    name: 'divw[o][.]',
    ...xo(491),
    syntax: 'rt, ra, rb',
    use: 'rt <- ra rb',
    timing: 'divide',
    text: 'rt = ra / rb, signed, truncated; overflow for a zero divisor and for -2^31 / -1.',
    // Undefined quotients as the divider of the core gives them: it saturates 33 bits for a zero divisor.
    run: (m, f) => {
      const a = m.gpr[f.ra]!;
      const b = m.gpr[f.rb]!;
      if (b === 0) finishQuotient(m, f, a < 0 ? 0 : -1, true);
      else finishQuotient(m, f, (a / b) | 0, a === -0x8000_0000 && b === -1);
    },
  },
  {
    name: 'divwu[o][.]',
    ...xo(459),
    syntax: 'rt, ra, rb',
    use: 'rt <- ra rb',
    timing: 'divide',
    text: 'rt = ra / rb, unsigned; overflow for a zero divisor.',
    run: (m, f) => {
      const b = m.gpr[f.rb]! >>> 0;
      if (b === 0) finishQuotient(m, f, -1, true);
      else finishQuotient(m, f, ((m.gpr[f.ra]! >>> 0) / b) | 0, false);
    },
  },
]);
