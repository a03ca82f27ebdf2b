/**
 * Rotates and shifts. The core uses only five bits of a shift amount in a register, where Power uses six:
 * `quirks: power` selects the latter.
 */
import type { Fields } from '../instruction.js';
import type { Machine } from '../machine.js';
import { define, m as mForm, x } from './define.js';
import { recordCr0 } from './flags.js';

function finish(m: Machine, f: Fields, result: number): void {
  m.gpr[f.ra] = result;
  if (f.rc !== 0) recordCr0(m, result);
}

function rotateLeft(value: number, amount: number): number {
  return (value << amount) | (value >>> (32 - amount));
}

/** Arithmetic right shift by 0..31, or by 32 (all sign bits); CA if a one is lost from a negative number. */
function shiftAlgebraic(m: Machine, f: Fields, value: number, amount: number): void {
  const result = amount > 31 ? value >> 31 : value >> amount;
  const lost = amount > 31 ? value !== 0 : result << amount !== value;
  m.ca = value < 0 && lost ? 1 : 0;
  finish(m, f, result);
}

export const rotate = define('rotate', [
  {
    name: 'rlwinm[.]',
    ...mForm(21),
    syntax: 'ra, rs, sh, mb, me',
    use: 'ra <- rs',
    text: 'ra = rs rotated left by sh, and MASK(mb, me).',
    run: (m, f) => finish(m, f, rotateLeft(m.gpr[f.rs]!, f.sh) & f.mask),
  },
  {
    name: 'rlwimi[.]',
    ...mForm(20),
    syntax: 'ra, rs, sh, mb, me',
    use: 'ra <- rs ra',
    text: 'ra = rs rotated left by sh where MASK(mb, me) is 1, old ra elsewhere.',
    run: (m, f) =>
      finish(m, f, (rotateLeft(m.gpr[f.rs]!, f.sh) & f.mask) | (m.gpr[f.ra]! & ~f.mask)),
  },
  {
    name: 'rlwnm[.]',
    ...mForm(23),
    syntax: 'ra, rs, rb, mb, me',
    use: 'ra <- rs rb',
    text: 'ra = rs rotated left by the low five bits of rb, and MASK(mb, me).',
    run: (m, f) => finish(m, f, rotateLeft(m.gpr[f.rs]!, m.gpr[f.rb]! & 31) & f.mask),
  },
  {
    name: 'slw[.]',
    ...x(24),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = rs << (rb & 31). Power: amounts of 32..63 give 0.',
    run: (m, f) => {
      const amount = m.gpr[f.rb]!;
      finish(m, f, m.power && (amount & 32) !== 0 ? 0 : m.gpr[f.rs]! << amount);
    },
  },
  {
    name: 'srw[.]',
    ...x(536),
    syntax: 'ra, rs, rb',
    use: 'ra <- rs rb',
    text: 'ra = rs >> (rb & 31), zeros come in. Power: amounts of 32..63 give 0.',
    run: (m, f) => {
      const amount = m.gpr[f.rb]!;
      finish(m, f, m.power && (amount & 32) !== 0 ? 0 : (m.gpr[f.rs]! >>> amount) | 0);
    },
  },
  {
    name: 'sraw[.]',
    ...x(792),
    syntax: 'ra, rs, rb',
    use: 'ra xer <- rs rb',
    text: 'ra = rs >> (rb & 31), sign bits come in; sets CA. Power: amounts of 32..63 give sign bits.',
    run: (m, f) => {
      const amount = m.gpr[f.rb]!;
      shiftAlgebraic(m, f, m.gpr[f.rs]!, m.power && (amount & 32) !== 0 ? 32 : amount & 31);
    },
  },
  {
    name: 'srawi[.]',
    ...x(824),
    syntax: 'ra, rs, sh',
    use: 'ra xer <- rs',
    text: 'ra = rs >> sh, sign bits come in; sets CA if a one is lost from a negative number.',
    run: (m, f) => shiftAlgebraic(m, f, m.gpr[f.rs]!, f.sh),
  },
]);
