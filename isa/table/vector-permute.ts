/** Vector compare, splat, shift, selection, and the conversions between bytes and halfwords. */
import { define, fxv } from './define.js';
import * as lanes from './lanes.js';

// As constants of this module they are folded into the loops; an imported binding would be loaded for every lane,
// which makes the longer loops half as fast (bench/isa.ts).
const { LANES, bytes, highByte, lowByte, select } = lanes;

/** A logical shift of an unsigned element, left for positive amounts; amounts beyond the element give 0. */
const shiftElement = (x: number, amount: number): number => {
  return amount >= 0 ? x << amount : x >>> -amount;
};

/** Halfwords in a slice: pack and unpack do not cross slices. */
const SLICE = 8;

/** Room for one result, because it may overwrite a source that is still needed. */
const packed = new Int16Array(LANES);

function copyPacked(vr: Int16Array, target: number): void {
  for (let i = 0; i < LANES; i++) vr[target + i] = packed[i]!;
}

/** Upper digit of a halfword as a byte: its high byte, moved right by the size code. */
const upperDigit = (x: number, size: number): number => {
  return ((x >>> 8) & 0xff) >> size;
};

/** Lower digit: the bits of the high byte that the upper digit left, then the top of the low byte. */
const lowerDigit = (x: number, size: number): number => {
  const kept = (x >>> 8) & ((1 << size) - 1);
  return (kept << (8 - 2 * size)) | ((x & 0xff) >> (2 * size));
};

/** A halfword from two right-aligned digits: the inverse of the two above. */
const joinDigits = (upper: number, lower: number, size: number): number => {
  const carried = (lower >> (8 - 2 * size)) & ((1 << size) - 1);
  return bytes((upper << size) | carried, lower << (2 * size));
};

/** Byte i of the vector that starts at halfword `base`, unsigned. */
const byteAt = (vr: Int16Array, base: number, i: number): number => {
  const x = vr[base + (i >> 1)]!;
  return (i & 1) === 0 ? (x >>> 8) & 0xff : x & 0xff;
};

/** Unpacks bytes `first`..`first`+7 of each slice of both sources into `packed`. */
function unpack(vr: Int16Array, a: number, b: number, first: number, size: number): void {
  for (let i = 0; i < LANES; i++) {
    const at = 2 * SLICE * (i >> 3) + first + (i & 7);
    packed[i] = joinDigits(byteAt(vr, a, at), byteAt(vr, b, at), size);
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
      const { vr } = m;
      // Not destructured as an array: that walks an iterator.
      const greater = m.vcr[1];
      const less = m.vcr[2];
      const equal = m.vcr[3];
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        // A shifted sign is a mask, which costs no branch.
        const up = -x >> 31;
        const down = x >> 31;
        greater[i] = up;
        less[i] = down;
        equal[i] = ~(up | down);
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
      const { vr } = m;
      // Not destructured as an array: that walks an iterator.
      const greater = m.vcr[1];
      const less = m.vcr[2];
      const equal = m.vcr[3];
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const high = highByte(vr[a + i]!);
        const low = lowByte(vr[a + i]!);
        const up = ((-high >> 31) & 0xff00) | ((-low >> 31) & 0xff);
        const down = ((high >> 31) & 0xff00) | ((low >> 31) & 0xff);
        greater[i] = up;
        less[i] = down;
        equal[i] = ~(up | down);
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
      const { vr } = m;
      const t = f.rt * LANES;
      const x = m.gpr[f.ra]!;
      for (let i = 0; i < LANES; i++) vr[t + i] = x;
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
      const { vr } = m;
      const t = f.rt * LANES;
      const x = bytes(m.gpr[f.ra]!, m.gpr[f.ra]!);
      for (let i = 0; i < LANES; i++) vr[t + i] = x;
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
      const { vr } = m;
      const { imm5 } = f;
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        vr[t + i] = shiftElement(vr[a + i]! & 0xffff, imm5);
      }
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
      const { vr } = m;
      const { imm5 } = f;
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        vr[t + i] = bytes(shiftElement((x >>> 8) & 0xff, imm5), shiftElement(x & 0xff, imm5));
      }
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
      const { vr } = m;
      const mask = m.vcr[f.cond]!;
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) vr[t + i] = select(vr[a + i]!, vr[b + i]!, mask[i]!);
    },
  },
  {
    name: 'fxvpckbu',
    ...fxv(239),
    ...pack,
    text: 'Upper digits of halfwords as bytes; in each slice 8 of vra, then 8 of vrb; cond is the size code.',
    run: (m, f) => {
      const { vr } = m;
      for (let i = 0; i < LANES; i++) {
        const from = ((i & 4) === 0 ? f.ra : f.rb) * LANES + (i & ~7) + 2 * (i & 3);
        packed[i] = bytes(upperDigit(vr[from]!, f.cond), upperDigit(vr[from + 1]!, f.cond));
      }
      copyPacked(vr, f.rt * LANES);
    },
  },
  {
    name: 'fxvpckbl',
    ...fxv(255),
    ...pack,
    text: 'Lower digits of halfwords as bytes; in each slice 8 of vra, then 8 of vrb; cond is the size code.',
    run: (m, f) => {
      const { vr } = m;
      for (let i = 0; i < LANES; i++) {
        const from = ((i & 4) === 0 ? f.ra : f.rb) * LANES + (i & ~7) + 2 * (i & 3);
        packed[i] = bytes(lowerDigit(vr[from]!, f.cond), lowerDigit(vr[from + 1]!, f.cond));
      }
      copyPacked(vr, f.rt * LANES);
    },
  },
  {
    name: 'fxvupckbl',
    ...fxv(287),
    ...pack,
    text: 'Halfwords from the left 8 bytes of each slice: upper digits of vra, lower digits of vrb.',
    run: (m, f) => {
      unpack(m.vr, f.ra * LANES, f.rb * LANES, 0, f.cond);
      copyPacked(m.vr, f.rt * LANES);
    },
  },
  {
    name: 'fxvupckbr',
    ...fxv(271),
    ...pack,
    text: 'Halfwords from the right 8 bytes of each slice: upper digits of vra, lower digits of vrb.',
    run: (m, f) => {
      unpack(m.vr, f.ra * LANES, f.rb * LANES, SLICE, f.cond);
      copyPacked(m.vr, f.rt * LANES);
    },
  },
]);
