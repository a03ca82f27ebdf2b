/** From words to instructions: one look-up in a table made from the instruction rows. */
import { Fields, type Decoded } from './instruction.js';
import { instructions } from './table/index.js';

/**
 * Index of an instruction by primary opcode (6 bits), bit 20, and the low 11 bits of the word; 0 is none, else
 * the index + 1. Nothing outside these bits ever tells two instructions apart.
 */
const indexPlusOne = buildLookup();

function lookupKey(word: number): number {
  return ((word >>> 14) & 0x3_f000) | ((word >>> 9) & 0x800) | (word & 0x7ff);
}

function buildLookup(): Uint8Array {
  const table = new Uint8Array(1 << 18);
  for (const { mask, match, index } of instructions) {
    const free = ~lookupKey(mask) & 0x3_ffff;
    const fixed = lookupKey(match);
    // All subsets of the free bits, in the usual descending walk.
    for (let bits = free; ; bits = (bits - 1) & free) {
      table[fixed | bits] = index + 1;
      if (bits === 0) break;
    }
  }
  return table;
}

/**
 * Index of the instruction that a word is, or -1. Like the core it looks at opcodes only and ignores fields that
 * the instruction does not use.
 */
export function lookup(word: number): number {
  return indexPlusOne[lookupKey(word)]! - 1;
}

/** MASK(mb, me): ones from bit mb to bit me, bit 0 being the most significant; it wraps when mb > me. */
export function rotateMask(mb: number, me: number): number {
  const fromMb = -1 >>> mb;
  const toMe = -1 << (31 - me);
  return mb <= me ? fromMb & toMe : fromMb | toMe;
}

/** Widens an 8-bit field mask (0x80 is CR0) to the 32 bits of the condition register. */
export function widenFieldMask(fxm: number): number {
  let mask = 0;
  for (let field = 0; field < 8; field++) {
    if ((fxm & (0x80 >> field)) !== 0) mask |= 0xf000_0000 >>> (4 * field);
  }
  return mask;
}

/** Extracts all operand fields of a word into `into` (a new record by default). */
export function decodeFields(word: number, into: Fields = new Fields()): Fields {
  const rt = (word >>> 21) & 31;
  const ra = (word >>> 16) & 31;
  const rb = (word >>> 11) & 31;
  into.word = word | 0;
  into.rt = into.rs = into.to = into.bo = into.bt = rt;
  into.ra = into.bi = into.ba = ra;
  into.rb = into.sh = into.bb = rb;
  into.si = (word << 16) >> 16;
  into.ui = word & 0xffff;
  into.rc = word & 1;
  into.oe = (word >>> 10) & 1;
  into.aa = (word >>> 1) & 1;
  into.mb = (word >>> 6) & 31;
  into.me = (word >>> 1) & 31;
  into.mask = rotateMask(into.mb, into.me);
  into.li = ((word & 0x03ff_fffc) << 6) >> 6;
  into.bd = ((word & 0xfffc) << 16) >> 16;
  into.bf = rt >> 2;
  into.bfa = ra >> 2;
  into.fxm = (word >>> 12) & 0xff;
  into.crMask = widenFieldMask(into.fxm);
  into.spr = (rb << 5) | ra;
  into.cond = word & 3;
  into.imm5 = (rb << 27) >> 27;
  return into;
}

/** The instruction of a word and its operands; undefined if the core does not decode it. */
export function decode(word: number): Decoded | undefined {
  const index = lookup(word);
  return index < 0 ? undefined : { instruction: instructions[index]!, fields: decodeFields(word) };
}
