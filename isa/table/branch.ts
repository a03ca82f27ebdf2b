/** Branches. A linking branch writes LR whether it is taken or not; hints are ignored by the core. */
import type { Fields } from '../instruction.js';
import type { Machine } from '../machine.js';
import { b, define, i, xl } from './define.js';

/**
 * BO, bits 16 8 4 2 1: 4 leaves CTR alone, else CTR is decremented and compared with zero (2: branch if zero);
 * 16 ignores the condition bit, else 8 is the value it must have.
 */
function taken(m: Machine, f: Fields): boolean {
  let counterHolds = true;
  if ((f.bo & 4) === 0) {
    m.ctr = (m.ctr - 1) | 0;
    counterHolds = (m.ctr === 0) === ((f.bo & 2) !== 0);
  }
  return counterHolds && conditionHolds(m, f);
}

function conditionHolds(m: Machine, f: Fields): boolean {
  return (f.bo & 16) !== 0 || ((m.cr >>> (31 - f.bi)) & 1) === ((f.bo >> 3) & 1);
}

function link(m: Machine): void {
  m.lr = (m.pc + 4) | 0;
}

export const branch = define('branch', [
  {
    name: 'b[l][a]',
    ...i(18),
    syntax: 'li',
    use: '<-',
    timing: 'branch',
    text: 'Branch by li bytes from this instruction; with a to the address li; with l, LR = return address.',
    run: (m, f) => {
      m.nextPc = f.aa !== 0 ? f.li : (m.pc + f.li) | 0;
      if (f.rc !== 0) link(m);
    },
  },
  {
    name: 'bc[l][a]',
    ...b(16),
    syntax: 'bo, bi, bd',
    use: 'ctr <- cr.bi ctr',
    timing: 'branch',
    text: 'The same by bd if the condition of bo and bi holds; see section "Branch options".',
    run: (m, f) => {
      if (taken(m, f)) m.nextPc = f.aa !== 0 ? f.bd : (m.pc + f.bd) | 0;
      if (f.rc !== 0) link(m);
    },
  },
  {
    name: 'bclr[l]',
    ...xl(16),
    syntax: 'bo, bi',
    use: 'ctr <- cr.bi ctr lr',
    timing: 'branch',
    text: 'Branch to LR if the condition of bo and bi holds.',
    run: (m, f) => {
      const target = m.lr & ~3;
      if (taken(m, f)) m.nextPc = target;
      if (f.rc !== 0) link(m);
    },
  },
  {
    name: 'bcctr[l]',
    ...xl(528),
    syntax: 'bo, bi',
    use: '<- cr.bi ctr',
    timing: 'branch',
    text: 'Branch to CTR if the condition of bo and bi holds. Options that decrement CTR are invalid.',
    // With such an option the core compares CTR - 1 but does not write it.
    run: (m, f) => {
      const counterHolds = (f.bo & 4) !== 0 || (m.ctr === 1) === ((f.bo & 2) !== 0);
      if (counterHolds && conditionHolds(m, f)) m.nextPc = m.ctr & ~3;
      if (f.rc !== 0) link(m);
    },
  },
]);
