/**
 * Vector instructions with the accumulator: 32 bits for a halfword, twice 16 for its two bytes. Fractional forms
 * hold a number in the upper half of its accumulator and saturate; the others work modulo.
 */
import { define, fxv } from './define.js';
import * as lanes from './lanes.js';

// As constants of this module they are folded into the loops; an imported binding would be loaded for every lane,
// which makes the longer loops half as fast (bench/isa.ts).
const {
  LANES,
  addSaturated,
  bytes,
  fraction16,
  fraction8,
  halves,
  highByte,
  highHalf,
  lowByte,
  lowHalf,
  saturate16,
  maskOf,
  put,
  putWide,
} = lanes;

export const vectorAccumulator = define('vector accumulator', [
  {
    name: 'fxvmahm',
    ...fxv(12),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb acc vrt? vcr?',
    timing: 'madd',
    text: 'Halfwords: vrt = low half of acc + vra * vrb; acc unchanged.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        const s = acc[i]!;
        put(vr, t + i, s + Math.imul(x, y), mask, i);
      }
    },
  },
  {
    name: 'fxvmabm',
    ...fxv(13),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb acc vrt? vcr?',
    timing: 'madd',
    text: 'Bytes: vrt = low half of acc + vra * vrb; acc unchanged.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        const s = acc[i]!;
        put(
          vr,
          t + i,
          bytes(highHalf(s) + Math.imul(highByte(x), highByte(y)), s + Math.imul(x, y)),
          mask,
          i,
        );
      }
    },
  },
  {
    name: 'fxvmahfs',
    ...fxv(28),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb acc vrt? vcr?',
    timing: 'madd',
    text: 'Halfword fractions: vrt = acc + vra * vrb, saturated and truncated; acc unchanged.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        const s = acc[i]!;
        put(vr, t + i, addSaturated(s, fraction16(x, y)) >> 16, mask, i);
      }
    },
  },
  {
    name: 'fxvmabfs',
    ...fxv(29),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb acc vrt? vcr?',
    timing: 'madd',
    text: 'Byte fractions: vrt = acc + vra * vrb, saturated and truncated; acc unchanged.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        const s = acc[i]!;
        put(
          vr,
          t + i,
          bytes(
            saturate16(highHalf(s) + fraction8(highByte(x), highByte(y))) >> 8,
            saturate16(lowHalf(s) + fraction8(lowByte(x), lowByte(y))) >> 8,
          ),
          mask,
          i,
        );
      }
    },
  },
  {
    name: 'fxvmatachm',
    ...fxv(44),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb acc vcr?',
    timing: 'madd',
    text: 'Halfwords: acc = acc + vra * vrb, modulo.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        const s = acc[i]!;
        putWide(acc, i, s + Math.imul(x, y), mask);
      }
    },
  },
  {
    name: 'fxvmatacbm',
    ...fxv(45),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb acc vcr?',
    timing: 'madd',
    text: 'Bytes: acc = acc + vra * vrb, modulo.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        const s = acc[i]!;
        putWide(
          acc,
          i,
          halves(
            highHalf(s) + Math.imul(highByte(x), highByte(y)),
            s + Math.imul(lowByte(x), lowByte(y)),
          ),
          mask,
        );
      }
    },
  },
  {
    name: 'fxvmatachfs',
    ...fxv(60),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb acc vcr?',
    timing: 'madd',
    text: 'Halfword fractions: acc = acc + vra * vrb, saturated.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        const s = acc[i]!;
        putWide(acc, i, addSaturated(s, fraction16(x, y)), mask);
      }
    },
  },
  {
    name: 'fxvmatacbfs',
    ...fxv(61),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb acc vcr?',
    timing: 'madd',
    text: 'Byte fractions: acc = acc + vra * vrb, saturated.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        const s = acc[i]!;
        putWide(
          acc,
          i,
          halves(
            saturate16(highHalf(s) + fraction8(highByte(x), highByte(y))),
            saturate16(lowHalf(s) + fraction8(lowByte(x), lowByte(y))),
          ),
          mask,
        );
      }
    },
  },
  {
    name: 'fxvmultachm',
    ...fxv(108),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb vcr?',
    timing: 'madd',
    text: 'Halfwords: acc = vra * vrb.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        putWide(acc, i, Math.imul(x, y), mask);
      }
    },
  },
  {
    name: 'fxvmultacbm',
    ...fxv(109),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb vcr?',
    timing: 'madd',
    text: 'Bytes: acc = vra * vrb.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        putWide(
          acc,
          i,
          halves(Math.imul(highByte(x), highByte(y)), Math.imul(lowByte(x), lowByte(y))),
          mask,
        );
      }
    },
  },
  {
    name: 'fxvmultachfs',
    ...fxv(124),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb vcr?',
    timing: 'madd',
    text: 'Halfword fractions: acc = vra * vrb; (-1)*(-1) saturates.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        putWide(acc, i, fraction16(x, y), mask);
      }
    },
  },
  {
    name: 'fxvmultacbfs',
    ...fxv(125),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb vcr?',
    timing: 'madd',
    text: 'Byte fractions: acc = vra * vrb; (-1)*(-1) saturates.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        putWide(
          acc,
          i,
          halves(fraction8(highByte(x), highByte(y)), fraction8(lowByte(x), lowByte(y))),
          mask,
        );
      }
    },
  },
  {
    name: 'fxvaddtach',
    ...fxv(428),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb vcr?',
    timing: 'madd',
    text: 'Halfwords: acc = vra + vrb, sign-extended.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        putWide(acc, i, x + y, mask);
      }
    },
  },
  {
    name: 'fxvaddtacb',
    ...fxv(429),
    syntax: 'vra, vrb[, cond]',
    use: 'acc <- vra vrb vcr?',
    timing: 'madd',
    text: 'Bytes: acc = vra + vrb, sign-extended.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        putWide(acc, i, halves(highByte(x) + highByte(y), lowByte(x) + lowByte(y)), mask);
      }
    },
  },
  {
    name: 'fxvmtach',
    ...fxv(15),
    syntax: 'vra[, cond]',
    use: 'acc <- vra vcr?',
    timing: 'madd',
    text: 'Halfwords: acc = vra, sign-extended.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        putWide(acc, i, x, mask);
      }
    },
  },
  {
    name: 'fxvmtacb',
    ...fxv(14),
    syntax: 'vra[, cond]',
    use: 'acc <- vra vcr?',
    timing: 'madd',
    text: 'Bytes: acc = vra, sign-extended.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        putWide(acc, i, halves(highByte(x), lowByte(x)), mask);
      }
    },
  },
  {
    name: 'fxvmtachf',
    ...fxv(31),
    syntax: 'vra[, cond]',
    use: 'acc <- vra vcr?',
    timing: 'madd',
    text: 'Halfword fractions: acc = vra in the upper half.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        putWide(acc, i, x << 16, mask);
      }
    },
  },
  {
    name: 'fxvmtacbf',
    ...fxv(30),
    syntax: 'vra[, cond]',
    use: 'acc <- vra vcr?',
    timing: 'madd',
    text: 'Byte fractions: acc = vra in the upper half.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        putWide(acc, i, halves(highByte(x) << 8, lowByte(x) << 8), mask);
      }
    },
  },
  {
    name: 'fxvaddactachm',
    ...fxv(364),
    syntax: 'vra[, cond]',
    use: 'acc <- vra acc vcr?',
    timing: 'madd',
    text: 'Halfwords: acc = acc + vra, modulo.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const s = acc[i]!;
        putWide(acc, i, s + x, mask);
      }
    },
  },
  {
    name: 'fxvaddactacbm',
    ...fxv(365),
    syntax: 'vra[, cond]',
    use: 'acc <- vra acc vcr?',
    timing: 'madd',
    text: 'Bytes: acc = acc + vra, modulo.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const s = acc[i]!;
        putWide(acc, i, halves(highHalf(s) + highByte(x), s + lowByte(x)), mask);
      }
    },
  },
  {
    name: 'fxvaddactachf',
    ...fxv(380),
    syntax: 'vra[, cond]',
    use: 'acc <- vra acc vcr?',
    timing: 'madd',
    text: 'Halfword fractions: acc = acc + vra, saturated.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const s = acc[i]!;
        putWide(acc, i, addSaturated(s, x << 16), mask);
      }
    },
  },
  {
    name: 'fxvaddactacbf',
    ...fxv(381),
    syntax: 'vra[, cond]',
    use: 'acc <- vra acc vcr?',
    timing: 'madd',
    text: 'Byte fractions: acc = acc + vra, saturated.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const s = acc[i]!;
        putWide(
          acc,
          i,
          halves(
            saturate16(highHalf(s) + (highByte(x) << 8)),
            saturate16(lowHalf(s) + (lowByte(x) << 8)),
          ),
          mask,
        );
      }
    },
  },
  {
    name: 'fxvaddachm',
    ...fxv(396),
    syntax: 'vrt, vra[, cond]',
    use: 'vrt <- vra acc vrt? vcr?',
    timing: 'madd',
    text: 'Halfwords: vrt = low half of acc + vra; acc unchanged.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const s = acc[i]!;
        put(vr, t + i, s + x, mask, i);
      }
    },
  },
  {
    name: 'fxvaddacbm',
    ...fxv(397),
    syntax: 'vrt, vra[, cond]',
    use: 'vrt <- vra acc vrt? vcr?',
    timing: 'madd',
    text: 'Bytes: vrt = low half of acc + vra; acc unchanged.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const s = acc[i]!;
        put(vr, t + i, bytes(highHalf(s) + highByte(x), s + x), mask, i);
      }
    },
  },
  {
    name: 'fxvaddachfs',
    ...fxv(412),
    syntax: 'vrt, vra[, cond]',
    use: 'vrt <- vra acc vrt? vcr?',
    timing: 'madd',
    text: 'Halfword fractions: vrt = acc + vra, saturated and truncated; acc unchanged.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const s = acc[i]!;
        put(vr, t + i, addSaturated(s, x << 16) >> 16, mask, i);
      }
    },
  },
  {
    name: 'fxvaddacbfs',
    ...fxv(413),
    syntax: 'vrt, vra[, cond]',
    use: 'vrt <- vra acc vrt? vcr?',
    timing: 'madd',
    text: 'Byte fractions: vrt = acc + vra, saturated and truncated; acc unchanged.',
    run: (m, f) => {
      const { vr, acc } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const s = acc[i]!;
        put(
          vr,
          t + i,
          bytes(
            saturate16(highHalf(s) + (highByte(x) << 8)) >> 8,
            saturate16(lowHalf(s) + (lowByte(x) << 8)) >> 8,
          ),
          mask,
          i,
        );
      }
    },
  },
]);
