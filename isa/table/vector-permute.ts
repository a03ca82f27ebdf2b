/** Vector compare, splat, shift, selection, and the conversions between bytes and halfwords. */
import { define, fxv } from './define.js';
import * as lanes from './lanes.js';

// As constants of this module they are folded into the loops; an imported binding would be loaded for every lane,
// which makes the longer loops half as fast (bench/isa.ts).
const { PAIRS, LANES, bytes, nonzero16, nonzero8, pairOf, spread16, spread8 } = lanes;

/** A bit pattern in each halfword, or in each byte, of a pair. */
const everywhere16 = (pattern: number): number => Math.imul(pattern & 0xffff, 0x0001_0001);
const everywhere8 = (pattern: number): number => Math.imul(pattern & 0xff, 0x0101_0101);

/** Logical shift of all of `from`, with `kept` the bits of a pair that stay within their element. */
function shift(pairs: Int32Array, to: number, from: number, amount: number, kept: number): void {
  if (amount >= 0) {
    for (let i = 0; i < PAIRS; i++) pairs[to + i] = (pairs[from + i]! << amount) & kept;
  } else {
    for (let i = 0; i < PAIRS; i++) pairs[to + i] = (pairs[from + i]! >>> -amount) & kept;
  }
}

/** Pairs in half a slice: pack and unpack do not cross slices. */
const HALF_SLICE = 4;

/** Room for one result, because it may overwrite a source that is still needed. */
const packed = new Int32Array(PAIRS);

function copyPacked(pairs: Int32Array, target: number): void {
  for (let i = 0; i < PAIRS; i++) pairs[target + i] = packed[i]!;
}

/** Upper digit of a halfword: its high byte, moved right by the size code. */
const upperDigit = (x: number, size: number): number => (x & 0xffff) >>> (8 + size);

/** Lower digit: the bits of the high byte that the upper digit left, then the top of the low byte. */
const lowerDigit = (x: number, size: number): number => (x >>> (2 * size)) & (0xff >> size);

/** The digits of the two halfwords of a pair as the bytes of one halfword. */
const upperDigits = (x: number, size: number): number => {
  return bytes(upperDigit(x, size), upperDigit(x >>> 16, size));
};

const lowerDigits = (x: number, size: number): number => {
  return bytes(lowerDigit(x, size), lowerDigit(x >>> 16, size));
};

/** A halfword from two right-aligned digits (bytes): the inverse of the two above. */
const joinDigits = (upper: number, lower: number, size: number): number => {
  return ((upper << (8 + size)) & 0xff00) | ((lower << (2 * size)) & ((1 << (8 + size)) - 1));
};

/** Unpacks the bytes of halfwords `first`..`first`+3 of each slice of both sources into `packed`. */
function unpack(vr: Int16Array, a: number, b: number, first: number, size: number): void {
  for (let i = 0; i < PAIRS; i++) {
    const at = 2 * (i & ~(HALF_SLICE - 1)) + first + (i & (HALF_SLICE - 1));
    const x = vr[a + at]!;
    const y = vr[b + at]!;
    packed[i] = pairOf(
      joinDigits((x >>> 8) & 0xff, (y >>> 8) & 0xff, size),
      joinDigits(x & 0xff, y & 0xff, size),
    );
  }
}

const pack = { syntax: 'vrt, vra, vrb[, cond]', use: 'vrt <- vra vrb', timing: 'permute' } as const;

export const vectorPermute = define('vector permute', [
  {
    name: 'fxvcmph',
    ...fxv(300),
    syntax: 'vra',
    use: 'vcr <- vra',
    timing: 'vector-compare',
    text: 'Halfwords: the condition of each element is the sign of vra (greater, less, equal to 0).',
    run: (m, f) => {
      const pairs = m.vrPairs;
      const masks = m.vcrPairs;
      // Not destructured as an array: that walks an iterator.
      const greater = masks[1]!;
      const less = masks[2]!;
      const equal = masks[3]!;
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const negative = spread16(x);
        const nonzero = nonzero16(x);
        greater[i] = nonzero & ~negative;
        less[i] = negative;
        equal[i] = ~nonzero;
      }
    },
  },
  {
    name: 'fxvcmpb',
    ...fxv(301),
    syntax: 'vra',
    use: 'vcr <- vra',
    timing: 'vector-compare',
    text: 'Bytes: the condition of each element is the sign of vra (greater, less, equal to 0).',
    run: (m, f) => {
      const pairs = m.vrPairs;
      const masks = m.vcrPairs;
      // Not destructured as an array: that walks an iterator.
      const greater = masks[1]!;
      const less = masks[2]!;
      const equal = masks[3]!;
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const negative = spread8(x);
        const nonzero = nonzero8(x);
        greater[i] = nonzero & ~negative;
        less[i] = negative;
        equal[i] = ~nonzero;
      }
    },
  },
  // Splats read register 0, not zero, when ra is 0; but the core does not wait for a pending write of it (`ra0`).
  {
    name: 'fxvsplath',
    ...fxv(268),
    syntax: 'vrt, ra',
    use: 'vrt <- ra0',
    timing: 'permute',
    text: 'Every halfword of vrt = low halfword of ra. Do not use r0: the core does not wait for it.',
    run: (m, f) => {
      const pairs = m.vrPairs;
      const t = f.rt * PAIRS;
      const x = everywhere16(m.gpr[f.ra]!);
      for (let i = 0; i < PAIRS; i++) pairs[t + i] = x;
    },
  },
  {
    name: 'fxvsplatb',
    ...fxv(269),
    syntax: 'vrt, ra',
    use: 'vrt <- ra0',
    timing: 'permute',
    text: 'Every byte of vrt = low byte of ra. Do not use r0: the core does not wait for it.',
    run: (m, f) => {
      const pairs = m.vrPairs;
      const t = f.rt * PAIRS;
      const x = everywhere8(m.gpr[f.ra]!);
      for (let i = 0; i < PAIRS; i++) pairs[t + i] = x;
    },
  },
  {
    name: 'fxvshh',
    ...fxv(316),
    syntax: 'vrt, vra, imm5',
    use: 'vrt <- vra',
    timing: 'permute',
    text: 'Halfwords: vrt = vra shifted left by imm5, or right by -imm5; zeros come in.',
    run: (m, f) => {
      const { imm5 } = f;
      const kept = everywhere16(imm5 >= 0 ? 0xffff << imm5 : 0xffff >> -imm5);
      shift(m.vrPairs, f.rt * PAIRS, f.ra * PAIRS, imm5, kept);
    },
  },
  {
    name: 'fxvshb',
    ...fxv(317),
    syntax: 'vrt, vra, imm5',
    use: 'vrt <- vra',
    timing: 'permute',
    text: 'Bytes: vrt = vra shifted left by imm5, or right by -imm5; zeros come in.',
    run: (m, f) => {
      const { imm5 } = f;
      const kept = everywhere8(imm5 >= 0 ? 0xff << imm5 : 0xff >> -imm5);
      shift(m.vrPairs, f.rt * PAIRS, f.ra * PAIRS, imm5, kept);
    },
  },
  {
    name: 'fxvsel',
    ...fxv(319),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vcr?',
    timing: 'permute',
    text: 'Each byte of vrt = that of vrb where the condition holds, else that of vra.',
    run: (m, f) => {
      const pairs = m.vrPairs;
      const masks = m.vcrPairs[f.cond]!;
      const t = f.rt * PAIRS;
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const mask = masks[i]!;
        pairs[t + i] = (pairs[a + i]! & ~mask) | (pairs[b + i]! & mask);
      }
    },
  },
  {
    name: 'fxvpckbu',
    ...fxv(239),
    ...pack,
    text: 'Upper digits of halfwords as bytes; in each slice 8 of vra, then 8 of vrb; cond is the size code.',
    run: (m, f) => {
      const pairs = m.vrPairs;
      const size = f.cond;
      for (let i = 0; i < PAIRS; i++) {
        // Half a slice of results from a whole slice of each source.
        const at = ((i & 2) === 0 ? f.ra : f.rb) * PAIRS + (i & ~3) + 2 * (i & 1);
        packed[i] = pairOf(upperDigits(pairs[at]!, size), upperDigits(pairs[at + 1]!, size));
      }
      copyPacked(pairs, f.rt * PAIRS);
    },
  },
  {
    name: 'fxvpckbl',
    ...fxv(255),
    ...pack,
    text: 'Lower digits of halfwords as bytes; in each slice 8 of vra, then 8 of vrb; cond is the size code.',
    run: (m, f) => {
      const pairs = m.vrPairs;
      const size = f.cond;
      for (let i = 0; i < PAIRS; i++) {
        // Half a slice of results from a whole slice of each source.
        const at = ((i & 2) === 0 ? f.ra : f.rb) * PAIRS + (i & ~3) + 2 * (i & 1);
        packed[i] = pairOf(lowerDigits(pairs[at]!, size), lowerDigits(pairs[at + 1]!, size));
      }
      copyPacked(pairs, f.rt * PAIRS);
    },
  },
  {
    name: 'fxvupckbl',
    ...fxv(287),
    ...pack,
    text: 'Halfwords from the left 8 bytes of each slice: upper digits of vra, lower digits of vrb.',
    run: (m, f) => {
      unpack(m.vr, f.ra * LANES, f.rb * LANES, 0, f.cond);
      copyPacked(m.vrPairs, f.rt * PAIRS);
    },
  },
  {
    name: 'fxvupckbr',
    ...fxv(271),
    ...pack,
    text: 'Halfwords from the right 8 bytes of each slice: upper digits of vra, lower digits of vrb.',
    run: (m, f) => {
      unpack(m.vr, f.ra * LANES, f.rb * LANES, HALF_SLICE, f.cond);
      copyPacked(m.vrPairs, f.rt * PAIRS);
    },
  },
]);
