/**
 * The commonest instructions in a form that the loop without cycle accounting executes itself instead of calling the function of
 * the instruction table: a small number says what to do with two prepared operands. Everything else, and every
 * case with a side effect beyond its result, stays with the table, which is the definition; a test compares the
 * two for all codes here.
 */
import type { Fields, Instruction } from '../../isa/instruction.js';
import type { Machine } from '../../isa/machine.js';
import type { Operation } from './operation.js';

/** What to do; 0 leaves the instruction to the table. Dense, so that a switch becomes a jump table. */
export const Code = {
  table: 0,
  add: 1,
  subtractFrom: 2,
  and: 3,
  or: 4,
  xor: 5,
  nor: 6,
  andComplement: 7,
  multiply: 8,
  rotate: 9,
  insert: 10,
  shiftLeft: 11,
  shiftRight: 12,
  extendByte: 13,
  extendHalf: 14,
  countZeros: 15,
  compare: 16,
  compareUnsigned: 17,
  loadWord: 18,
  loadHalf: 19,
  loadAlgebraic: 20,
  loadByte: 21,
  storeWord: 22,
  storeHalf: 23,
  storeByte: 24,
  branch: 25,
  countDown: 26,
  call: 27,
  returnToLink: 28,
} as const;

/** Returned by `branchTarget` when execution goes on behind the branch; no address is odd. */
export const NOT_TAKEN = -1;

/**
 * Operands of the code: x = gpr[a] & maskA, y = (gpr[b] & maskB) + immediate. Masks are 0 where a register is not
 * used (or is the zero of RA|0) and -1 elsewhere.
 */
export interface Prepared {
  code: number;
  a: number;
  b: number;
  maskA: number;
  maskB: number;
  immediate: number;
  /** Rotation; position of a condition field. */
  shift: number;
  /** Mask of a rotation; bits of CR that a comparison keeps or a branch looks at. */
  mask: number;
  /** What the branch wants to see there; for a count-down 1 if it branches at zero. */
  wanted: number;
  /** Address bits that must be 0 for an access to be direct: in the own memory and well aligned. */
  misfit: number;
}

type Shape = 'rt=ab' | 'rt=a,si' | 'rt=a,sis' | 'ra=sb' | 'ra=s,ui' | 'ra=s,uis' | 'access';

const shapes: Readonly<Record<string, readonly [code: number, shape: Shape, misfit?: number]>> = {
  add: [Code.add, 'rt=ab'],
  addi: [Code.add, 'rt=a,si'],
  addis: [Code.add, 'rt=a,sis'],
  subf: [Code.subtractFrom, 'rt=ab'],
  mullw: [Code.multiply, 'rt=ab'],
  mulli: [Code.multiply, 'rt=a,si'],
  and: [Code.and, 'ra=sb'],
  or: [Code.or, 'ra=sb'],
  ori: [Code.or, 'ra=s,ui'],
  oris: [Code.or, 'ra=s,uis'],
  xor: [Code.xor, 'ra=sb'],
  xori: [Code.xor, 'ra=s,ui'],
  xoris: [Code.xor, 'ra=s,uis'],
  nor: [Code.nor, 'ra=sb'],
  andc: [Code.andComplement, 'ra=sb'],
  slw: [Code.shiftLeft, 'ra=sb'],
  srw: [Code.shiftRight, 'ra=sb'],
  extsb: [Code.extendByte, 'ra=sb'],
  extsh: [Code.extendHalf, 'ra=sb'],
  cntlzw: [Code.countZeros, 'ra=sb'],
  lwz: [Code.loadWord, 'access', 3],
  lhz: [Code.loadHalf, 'access', 1],
  lha: [Code.loadAlgebraic, 'access', 1],
  lbz: [Code.loadByte, 'access', 0],
  stw: [Code.storeWord, 'access', 3],
  sth: [Code.storeHalf, 'access', 1],
  stb: [Code.storeByte, 'access', 0],
};

const SIGN = 1 << 31;
/** Bits above the window of the own memory. */
const OUTSIDE = ~0x3fff_ffff;

/** Fills in how an instruction is executed directly; leaves `code` at `Code.table` if it is not. */
export function prepare(into: Prepared, instruction: Instruction, fields: Fields): void {
  const { mnemonic } = instruction;
  const isIndexed = instruction.form === 'X';
  const found = shapes[isIndexed ? mnemonic.replace(/^(l..|st.)x$/, '$1') : mnemonic];
  if (found !== undefined) {
    const [code, shape, misfit = 0] = found;
    into.code = code;
    if (shape === 'access') {
      operands(into, fields.ra, isIndexed ? fields.rb : -1, isIndexed ? 0 : fields.si);
      if (fields.ra === 0) into.maskA = 0;
      into.misfit = OUTSIDE | misfit;
    } else if (shape === 'rt=ab') operands(into, fields.ra, fields.rb, 0);
    else if (shape === 'ra=sb') operands(into, fields.rs, fields.rb, 0);
    else if (shape === 'rt=a,si') operands(into, fields.ra, -1, fields.si);
    else if (shape === 'rt=a,sis') operands(into, fields.ra, -1, fields.si << 16);
    else operands(into, fields.rs, -1, shape === 'ra=s,ui' ? fields.ui : fields.ui << 16);
    if ((mnemonic === 'addi' || mnemonic === 'addis') && fields.ra === 0) into.maskA = 0;
    return;
  }
  if (mnemonic === 'rlwinm' || mnemonic === 'rlwimi') {
    into.code = mnemonic === 'rlwinm' ? Code.rotate : Code.insert;
    operands(into, fields.rs, fields.ra, 0);
    into.shift = fields.sh;
    into.mask = fields.mask;
  } else if (mnemonic.startsWith('cmp')) prepareComparison(into, mnemonic, fields);
  else if (instruction.timing === 'branch') prepareBranch(into, mnemonic, fields);
}

function operands(into: Prepared, a: number, b: number, immediate: number): void {
  into.a = a;
  into.maskA = -1;
  into.b = Math.max(b, 0);
  into.maskB = b < 0 ? 0 : -1;
  into.immediate = immediate;
}

function prepareComparison(into: Prepared, mnemonic: string, fields: Fields): void {
  const isUnsigned = mnemonic.startsWith('cmpl');
  into.code = isUnsigned ? Code.compareUnsigned : Code.compare;
  if (mnemonic.endsWith('i')) operands(into, fields.ra, -1, isUnsigned ? fields.ui : fields.si);
  else operands(into, fields.ra, fields.rb, 0);
  into.shift = 28 - 4 * fields.bf;
  into.mask = ~(15 << into.shift);
}

function prepareBranch(into: Prepared, mnemonic: string, fields: Fields): void {
  const { bo, bi } = fields;
  if (mnemonic === 'b' || mnemonic === 'bl') {
    into.code = mnemonic === 'b' ? Code.branch : Code.call;
    into.immediate = fields.li;
  } else if (mnemonic === 'bc' && (bo & 4) !== 0) {
    into.code = Code.branch;
    into.immediate = fields.bd;
    if ((bo & 16) === 0) {
      into.mask = 1 << (31 - bi);
      into.wanted = (bo & 8) !== 0 ? into.mask : 0;
    }
  } else if (mnemonic === 'bc' && (bo & 16) !== 0) {
    into.code = Code.countDown;
    into.immediate = fields.bd;
    into.wanted = (bo & 2) !== 0 ? 1 : 0;
  } else if (mnemonic === 'bclr' && (bo & 20) === 20) into.code = Code.returnToLink;
}

/** The result of a code from `add` to `countZeros`, as an int32. */
export function evaluate(op: Operation, x: number, y: number): number {
  switch (op.code) {
    case Code.add:
      return (x + y) | 0;
    case Code.subtractFrom:
      return (y - x) | 0;
    case Code.and:
      return x & y;
    case Code.or:
      return x | y;
    case Code.xor:
      return x ^ y;
    case Code.nor:
      return ~(x | y);
    case Code.andComplement:
      return x & ~y;
    case Code.multiply:
      return Math.imul(x, y);
    case Code.rotate:
      return ((x << op.shift) | (x >>> (32 - op.shift))) & op.mask;
    case Code.insert:
      return (((x << op.shift) | (x >>> (32 - op.shift))) & op.mask) | (y & ~op.mask);
    case Code.shiftLeft:
      return x << y;
    case Code.shiftRight:
      return (x >>> y) | 0;
    case Code.extendByte:
      return (x << 24) >> 24;
    case Code.extendHalf:
      return (x << 16) >> 16;
    default:
      return Math.clz32(x);
  }
}

/** The condition register after a comparison of x and y. */
export function compared(op: Operation, x: number, y: number, cr: number, so: number): number {
  const bias = op.code === Code.compareUnsigned ? SIGN : 0;
  const a = x ^ bias;
  const b = y ^ bias;
  return (cr & op.mask) | (((a < b ? 8 : a > b ? 4 : 2) | so) << op.shift);
}

/** Performs a branch at `pc` as far as registers go; its target, or `NOT_TAKEN`. */
export function branchTarget(op: Operation, m: Machine, pc: number): number {
  switch (op.code) {
    case Code.branch:
      return (m.cr & op.mask) === op.wanted ? (pc + op.immediate) | 0 : NOT_TAKEN;
    case Code.countDown:
      m.ctr = (m.ctr - 1) | 0;
      return (m.ctr === 0 ? 1 : 0) === op.wanted ? (pc + op.immediate) | 0 : NOT_TAKEN;
    case Code.call:
      m.lr = (pc + 4) | 0;
      return (pc + op.immediate) | 0;
    case Code.returnToLink:
      return m.lr & ~3;
    default:
      m.pc = pc;
      m.nextPc = NOT_TAKEN;
      op.run(m, op.fields);
      return m.nextPc === NOT_TAKEN ? NOT_TAKEN : m.nextPc & ~3;
  }
}

/** What a direct load at `address` gives; see `Prepared.misfit`. Views as in PpuMemory. */
export function loaded(
  code: number,
  address: number,
  words: Int32Array,
  halves: Uint16Array,
  bytes: Uint8Array,
): number {
  const at = address & (bytes.length - 1);
  switch (code) {
    case Code.loadWord:
      return words[at >>> 2]!;
    case Code.loadByte:
      return bytes[at ^ 3]!;
    case Code.loadHalf:
      return halves[(at >>> 1) ^ 1]!;
    default:
      return (halves[(at >>> 1) ^ 1]! << 16) >> 16;
  }
}

/** A direct store of `value`; returns the number of the word that changed. */
export function stored(
  code: number,
  address: number,
  value: number,
  words: Int32Array,
  halves: Uint16Array,
  bytes: Uint8Array,
): number {
  const at = address & (bytes.length - 1);
  if (code === Code.storeWord) words[at >>> 2] = value;
  else if (code === Code.storeByte) bytes[at ^ 3] = value;
  else halves[(at >>> 1) ^ 1] = value;
  return at >>> 2;
}
