/** Condition register, special registers, return from interrupt, synchronisation. */
import type { Fields } from '../instruction.js';
import { MSR_MASK, type Machine } from '../machine.js';
import { CSRR0, CSRR1, CTR, LR, MCSRR0, MCSRR1, SRR0, SRR1, XER } from '../special-registers.js';
import { define, x, xfx, xl } from './define.js';

function bit(m: Machine, n: number): number {
  return (m.cr >>> (31 - n)) & 1;
}

function setBit(m: Machine, n: number, value: number): void {
  const shift = 31 - n;
  m.cr = (m.cr & ~(1 << shift)) | ((value & 1) << shift);
}

const bits = { syntax: 'bt, ba, bb', use: 'cr.bt <- cr.ba cr.bb cr.bt' } as const;

export const condition = define('condition', [
  {
    name: 'crand',
    ...xl(257),
    ...bits,
    text: 'Condition bit bt = ba & bb.',
    run: (m, f) => setBit(m, f.bt, bit(m, f.ba) & bit(m, f.bb)),
  },
  {
    name: 'crnand',
    ...xl(225),
    ...bits,
    text: 'Condition bit bt = ~(ba & bb).',
    run: (m, f) => setBit(m, f.bt, ~(bit(m, f.ba) & bit(m, f.bb))),
  },
  {
    name: 'cror',
    ...xl(449),
    ...bits,
    text: 'Condition bit bt = ba | bb.',
    run: (m, f) => setBit(m, f.bt, bit(m, f.ba) | bit(m, f.bb)),
  },
  {
    name: 'crnor',
    ...xl(33),
    ...bits,
    text: 'Condition bit bt = ~(ba | bb).',
    run: (m, f) => setBit(m, f.bt, ~(bit(m, f.ba) | bit(m, f.bb))),
  },
  {
    name: 'crxor',
    ...xl(193),
    ...bits,
    text: 'Condition bit bt = ba ^ bb.',
    run: (m, f) => setBit(m, f.bt, bit(m, f.ba) ^ bit(m, f.bb)),
  },
  {
    name: 'creqv',
    ...xl(289),
    ...bits,
    text: 'Condition bit bt = ~(ba ^ bb).',
    run: (m, f) => setBit(m, f.bt, ~(bit(m, f.ba) ^ bit(m, f.bb))),
  },
  {
    name: 'crandc',
    ...xl(129),
    ...bits,
    text: 'Condition bit bt = ba & ~bb.',
    run: (m, f) => setBit(m, f.bt, bit(m, f.ba) & ~bit(m, f.bb)),
  },
  {
    name: 'crorc',
    ...xl(417),
    ...bits,
    text: 'Condition bit bt = ba | ~bb.',
    run: (m, f) => setBit(m, f.bt, bit(m, f.ba) | ~bit(m, f.bb)),
  },
  {
    name: 'mcrf',
    ...xl(0),
    syntax: 'bf, bfa',
    use: 'cr.bf <- cr.bfa',
    text: 'Condition field bf = field bfa.',
    run: (m, f) => {
      const shift = 28 - 4 * f.bf;
      const value = (m.cr >>> (28 - 4 * f.bfa)) & 15;
      m.cr = (m.cr & ~(15 << shift)) | (value << shift);
    },
  },
  {
    name: 'mtcrf',
    ...xfx(144, 0),
    syntax: 'fxm, rs',
    use: 'cr.fxm <- rs',
    text: 'The condition fields selected by fxm (128 = CR0) = those bits of rs.',
    run: moveToFields,
  },
  {
    name: 'mtocrf',
    ...xfx(144, 1),
    syntax: 'fxm1, rs',
    use: 'cr.fxm <- rs',
    text: 'The same for exactly one field.',
    run: moveToFields,
  },
  {
    name: 'mfcr',
    ...xfx(19, 0),
    syntax: 'rt',
    use: 'rt <- cr rt',
    text: 'rt = the whole condition register.',
    run: (m, f) => {
      m.gpr[f.rt] = m.cr;
    },
  },
  {
    name: 'mfocrf',
    ...xfx(19, 1),
    syntax: 'rt, fxm1',
    use: 'rt <- cr.fxm rt',
    text: 'The selected field is inserted into rt; other bits keep their value (Power: undefined).',
    run: (m, f) => {
      const kept = m.power ? 0 : m.gpr[f.rt]! & ~f.crMask;
      m.gpr[f.rt] = kept | (m.cr & f.crMask);
    },
  },
]);

function moveToFields(m: Machine, f: Fields): void {
  m.cr = (m.cr & ~f.crMask) | (m.gpr[f.rs]! & f.crMask);
}

/** Continues where an interrupt of one class began, with the MSR of that time. */
function returnFrom(m: Machine, address: number, msr: number): void {
  m.nextPc = m.port.readSpr(address) & ~3;
  m.msr = m.port.readSpr(msr) & MSR_MASK;
}

export const system = define('system', [
  {
    name: 'mfspr',
    ...xfx(339),
    syntax: 'rt, spr',
    use: 'rt <- spr',
    text: 'rt = special register; see section "Special registers".',
    run: (m, f) => {
      m.gpr[f.rt] =
        f.spr === LR ? m.lr : f.spr === CTR ? m.ctr : f.spr === XER ? m.xer : m.port.readSpr(f.spr);
    },
  },
  {
    name: 'mtspr',
    ...xfx(467),
    syntax: 'spr, rs',
    use: 'spr <- rs',
    text: 'Special register = rs.',
    run: (m, f) => {
      const value = m.gpr[f.rs]!;
      if (f.spr === LR) m.lr = value;
      else if (f.spr === CTR) m.ctr = value;
      else if (f.spr === XER) m.xer = value;
      else m.port.writeSpr(f.spr, value);
    },
  },
  {
    name: 'mfmsr',
    ...x(83),
    syntax: 'rt',
    use: 'rt <- msr',
    text: 'rt = machine state register.',
    run: (m, f) => {
      m.gpr[f.rt] = m.msr;
    },
  },
  {
    name: 'mtmsr',
    ...x(146),
    syntax: 'rs',
    use: 'msr <- rs',
    timing: 'move-to-msr',
    text: 'Machine state register = rs, after all earlier work; bits that do not exist stay 0.',
    run: (m, f) => {
      m.msr = m.gpr[f.rs]! & MSR_MASK;
    },
  },
  {
    name: 'rfi',
    ...xl(50),
    syntax: '',
    use: 'msr <-',
    timing: 'return',
    text: 'Return from interrupt: continue at SRR0 with MSR = SRR1.',
    run: (m) => returnFrom(m, SRR0, SRR1),
  },
  {
    name: 'rfci',
    ...xl(51),
    syntax: '',
    use: 'msr <-',
    timing: 'return',
    text: 'Return from a critical interrupt: CSRR0, CSRR1.',
    run: (m) => returnFrom(m, CSRR0, CSRR1),
  },
  {
    name: 'rfmci',
    ...xl(38),
    syntax: '',
    use: 'msr <-',
    timing: 'return',
    text: 'Return from a machine check: MCSRR0, MCSRR1.',
    run: (m) => returnFrom(m, MCSRR0, MCSRR1),
  },
  {
    name: 'isync',
    ...xl(150),
    syntax: '',
    use: '<-',
    text: 'Nothing: the core does not decode it, and it does not synchronise.',
    run: () => {},
  },
  {
    name: 'sync',
    ...x(598),
    syntax: '[ls]',
    use: '<-',
    timing: 'sync',
    text: 'Waits until all earlier work, memory and vector included, is done; ls changes nothing.',
    run: (m) => m.port.sync(),
  },
  {
    name: 'wait',
    ...x(62),
    syntax: '',
    use: '<-',
    timing: 'wait',
    text: 'Finishes earlier work and sleeps until an interrupt condition.',
    // WC, the low two bits of the rt field: any other value makes it a no-operation.
    run: (m, f) => {
      if ((f.rt & 3) === 0) m.port.wait();
    },
  },
]);
