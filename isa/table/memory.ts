/**
 * Loads and stores. Words need an address that is a multiple of 4; a halfword fails only at address % 4 = 3;
 * bytes never fail. A failing access does nothing but report itself.
 */
import type { Fields, Run, Timing } from '../instruction.js';
import type { Machine } from '../machine.js';
import { d, define, x, type Row } from './define.js';
import { displaced, indexed } from './flags.js';

function loadByte(m: Machine, f: Fields, address: number): void {
  m.gpr[f.rt] = m.port.load8(address);
}

function loadHalf(m: Machine, f: Fields, address: number): void {
  if ((address & 3) === 3) m.port.misaligned(address);
  else m.gpr[f.rt] = m.port.load16(address);
}

function loadAlgebraic(m: Machine, f: Fields, address: number): void {
  if ((address & 3) === 3) m.port.misaligned(address);
  else m.gpr[f.rt] = (m.port.load16(address) << 16) >> 16;
}

function loadWord(m: Machine, f: Fields, address: number): void {
  if ((address & 3) !== 0) m.port.misaligned(address);
  else m.gpr[f.rt] = m.port.load32(address);
}

function storeByte(m: Machine, f: Fields, address: number): void {
  m.port.store8(address, m.gpr[f.rs]! & 0xff);
}

function storeHalf(m: Machine, f: Fields, address: number): void {
  if ((address & 3) === 3) m.port.misaligned(address);
  else m.port.store16(address, m.gpr[f.rs]! & 0xffff);
}

function storeWord(m: Machine, f: Fields, address: number): void {
  if ((address & 3) !== 0) m.port.misaligned(address);
  else m.port.store32(address, m.gpr[f.rs]!);
}

/** RA + displacement: update forms do not read register 0 as zero. */
function updatedD(m: Machine, f: Fields): number {
  return (m.gpr[f.ra]! + f.si) | 0;
}

function updatedX(m: Machine, f: Fields): number {
  return (m.gpr[f.ra]! + m.gpr[f.rb]!) | 0;
}

/** The core's source zero-extends the displacement of lha and lhau; an option, because compiled code relies on Power. */
function algebraicD(m: Machine, f: Fields): number {
  return (displaced(m, f) + (m.lhaZeroExtends ? f.ui - f.si : 0)) | 0;
}

function algebraicUpdatedD(m: Machine, f: Fields): number {
  return (m.gpr[f.ra]! + (m.lhaZeroExtends ? f.ui : f.si)) | 0;
}

/** The smallest address % 4 that an access of this width refuses. */
const BYTE = 4;
const HALF = 3;
const WORD = 1;

/**
 * Writes the address back to ra unless the access is refused, and returns it. A load calls it first, so that the
 * loaded value wins should rt be ra; a store afterwards, because rs may be ra.
 */
function keep(m: Machine, f: Fields, address: number, misfit: number): number {
  if ((address & 3) < misfit) m.gpr[f.ra] = address;
  return address;
}

/** The opcode of an addressing form and what it does. The functions are written out for speed: no shared closure. */
interface Forms {
  readonly plain: readonly [number, Run];
  readonly update: readonly [number, Run];
  readonly indexed: readonly [number, Run];
  readonly updateIndexed: readonly [number, Run];
}

/** The four addressing forms of one load. */
function loads(name: string, what: string, forms: Forms): Row[] {
  return [
    {
      name,
      ...d(forms.plain[0]),
      syntax: 'rt, d(ra0)',
      use: 'rt <- ra0 memory',
      timing: 'load',
      text: `rt = ${what} at (ra|0) + d.`,
      run: forms.plain[1],
    },
    {
      name: `${name}u`,
      ...d(forms.update[0]),
      syntax: 'rt, d(ral)',
      use: 'rt ra <- ra memory',
      timing: 'load-update',
      text: `rt = ${what} at ra + d; ra = that address.`,
      run: forms.update[1],
    },
    {
      name: `${name}x`,
      ...x(forms.indexed[0]),
      syntax: 'rt, ra0, rb',
      use: 'rt <- ra0 rb memory',
      timing: 'load',
      text: `rt = ${what} at (ra|0) + rb.`,
      run: forms.indexed[1],
    },
    {
      name: `${name}ux`,
      ...x(forms.updateIndexed[0]),
      syntax: 'rt, ral, rb',
      use: 'rt ra <- ra rb memory',
      timing: 'load-update',
      text: `rt = ${what} at ra + rb; ra = that address.`,
      run: forms.updateIndexed[1],
    },
  ];
}

/** The four addressing forms of one store. */
function stores(name: string, what: string, forms: Forms): Row[] {
  return [
    {
      name,
      ...d(forms.plain[0]),
      syntax: 'rs, d(ra0)',
      use: 'memory <- rs ra0',
      timing: 'store',
      text: `${what} at (ra|0) + d = rs.`,
      run: forms.plain[1],
    },
    {
      name: `${name}u`,
      ...d(forms.update[0]),
      syntax: 'rs, d(ras)',
      use: 'memory ra <- rs ra',
      timing: 'store-update',
      text: `${what} at ra + d = rs; ra = that address.`,
      run: forms.update[1],
    },
    {
      name: `${name}x`,
      ...x(forms.indexed[0]),
      syntax: 'rs, ra0, rb',
      use: 'memory <- rs ra0 rb',
      timing: 'store',
      text: `${what} at (ra|0) + rb = rs.`,
      run: forms.indexed[1],
    },
    {
      name: `${name}ux`,
      ...x(forms.updateIndexed[0]),
      syntax: 'rs, ras, rb',
      use: 'memory ra <- rs ra rb',
      timing: 'store-update',
      text: `${what} at ra + rb = rs; ra = that address.`,
      run: forms.updateIndexed[1],
    },
  ];
}

const ioTiming: Timing = 'io';

export const load = define('load', [
  ...loads('lbz', 'the byte', {
    plain: [34, (m, f) => loadByte(m, f, displaced(m, f))],
    update: [35, (m, f) => loadByte(m, f, keep(m, f, updatedD(m, f), BYTE))],
    indexed: [87, (m, f) => loadByte(m, f, indexed(m, f))],
    updateIndexed: [119, (m, f) => loadByte(m, f, keep(m, f, updatedX(m, f), BYTE))],
  }),
  ...loads('lhz', 'the halfword', {
    plain: [40, (m, f) => loadHalf(m, f, displaced(m, f))],
    update: [41, (m, f) => loadHalf(m, f, keep(m, f, updatedD(m, f), HALF))],
    indexed: [279, (m, f) => loadHalf(m, f, indexed(m, f))],
    updateIndexed: [311, (m, f) => loadHalf(m, f, keep(m, f, updatedX(m, f), HALF))],
  }),
  ...loads('lha', 'the sign-extended halfword', {
    plain: [42, (m, f) => loadAlgebraic(m, f, algebraicD(m, f))],
    update: [43, (m, f) => loadAlgebraic(m, f, keep(m, f, algebraicUpdatedD(m, f), HALF))],
    indexed: [343, (m, f) => loadAlgebraic(m, f, indexed(m, f))],
    updateIndexed: [375, (m, f) => loadAlgebraic(m, f, keep(m, f, updatedX(m, f), HALF))],
  }),
  ...loads('lwz', 'the word', {
    plain: [32, (m, f) => loadWord(m, f, displaced(m, f))],
    update: [33, (m, f) => loadWord(m, f, keep(m, f, updatedD(m, f), WORD))],
    indexed: [23, (m, f) => loadWord(m, f, indexed(m, f))],
    updateIndexed: [55, (m, f) => loadWord(m, f, keep(m, f, updatedX(m, f), WORD))],
  }),
  {
    name: 'lmw',
    ...d(46),
    syntax: 'rt, d(ram)',
    use: 'rt..31 <- ra0 memory',
    timing: 'load-multiple',
    text: 'Registers rt to r31 = the words from (ra|0) + d upwards.',
    run: (m, f) => {
      const address = displaced(m, f);
      if ((address & 3) !== 0) return m.port.misaligned(address);
      for (let r = f.rt; r < 32; r++) {
        m.gpr[r] = m.port.load32((address + 4 * (r - f.rt)) | 0);
      }
    },
  },
  {
    name: 'eciwx',
    ...x(310),
    syntax: 'rt, ra0, rb',
    use: 'rt <- ra0 rb io',
    timing: ioTiming,
    text: 'rt = the word at (ra|0) + rb on the I/O bus, which the published core does not have.',
    run: (m, f) => {
      m.gpr[f.rt] = m.port.ioRead(indexed(m, f));
    },
  },
]);

export const store = define('store', [
  ...stores('stb', 'The byte', {
    plain: [38, (m, f) => storeByte(m, f, displaced(m, f))],
    update: [
      39,
      (m, f) => {
        const address = updatedD(m, f);
        storeByte(m, f, address);
        keep(m, f, address, BYTE);
      },
    ],
    indexed: [215, (m, f) => storeByte(m, f, indexed(m, f))],
    updateIndexed: [
      247,
      (m, f) => {
        const address = updatedX(m, f);
        storeByte(m, f, address);
        keep(m, f, address, BYTE);
      },
    ],
  }),
  ...stores('sth', 'The halfword', {
    plain: [44, (m, f) => storeHalf(m, f, displaced(m, f))],
    update: [
      45,
      (m, f) => {
        const address = updatedD(m, f);
        storeHalf(m, f, address);
        keep(m, f, address, HALF);
      },
    ],
    indexed: [407, (m, f) => storeHalf(m, f, indexed(m, f))],
    updateIndexed: [
      439,
      (m, f) => {
        const address = updatedX(m, f);
        storeHalf(m, f, address);
        keep(m, f, address, HALF);
      },
    ],
  }),
  ...stores('stw', 'The word', {
    plain: [36, (m, f) => storeWord(m, f, displaced(m, f))],
    update: [
      37,
      (m, f) => {
        const address = updatedD(m, f);
        storeWord(m, f, address);
        keep(m, f, address, WORD);
      },
    ],
    indexed: [151, (m, f) => storeWord(m, f, indexed(m, f))],
    updateIndexed: [
      183,
      (m, f) => {
        const address = updatedX(m, f);
        storeWord(m, f, address);
        keep(m, f, address, WORD);
      },
    ],
  }),
  {
    name: 'stmw',
    ...d(47),
    syntax: 'rs, d(ra0)',
    use: 'memory <- rs..31 ra0',
    timing: 'store-multiple',
    text: 'The words from (ra|0) + d upwards = registers rs to r31.',
    run: (m, f) => {
      const address = displaced(m, f);
      if ((address & 3) !== 0) return m.port.misaligned(address);
      for (let r = f.rs; r < 32; r++) {
        m.port.store32((address + 4 * (r - f.rs)) | 0, m.gpr[r]!);
      }
    },
  },
  {
    name: 'ecowx',
    ...x(438),
    syntax: 'rs, ra0, rb',
    use: 'io <- rs ra0 rb',
    timing: ioTiming,
    text: 'The word at (ra|0) + rb on the I/O bus = rs; the published core does not have that bus.',
    run: (m, f) => m.port.ioWrite(indexed(m, f), m.gpr[f.rs]!),
  },
]);
