/**
 * Vector arithmetic on registers. All numbers are two's complement; a conditional instruction writes only the
 * bytes whose condition holds, whatever its element type.
 */
import { define, fxv } from './define.js';
import * as lanes from './lanes.js';

// As constants of this module they are folded into the loops; an imported binding would be loaded for every lane,
// which makes the longer loops half as fast (bench/isa.ts).
const {
  LANES,
  bytes,
  fraction16,
  fraction8,
  highByte,
  lowByte,
  saturate16,
  saturate8,
  maskOf,
  put,
} = lanes;

export const vectorArithmetic = define('vector arithmetic', [
  {
    name: 'fxvaddhm',
    ...fxv(460),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Halfwords: vrt = vra + vrb, modulo.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(vr, t + i, x + y, mask, i);
      }
    },
  },
  {
    name: 'fxvaddbm',
    ...fxv(461),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Bytes: vrt = vra + vrb, modulo.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(vr, t + i, bytes(highByte(x) + highByte(y), x + y), mask, i);
      }
    },
  },
  {
    name: 'fxvaddhfs',
    ...fxv(476),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Halfwords: vrt = vra + vrb, saturated.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(vr, t + i, saturate16(x + y), mask, i);
      }
    },
  },
  {
    name: 'fxvaddbfs',
    ...fxv(477),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Bytes: vrt = vra + vrb, saturated.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(
          vr,
          t + i,
          bytes(saturate8(highByte(x) + highByte(y)), saturate8(lowByte(x) + lowByte(y))),
          mask,
          i,
        );
      }
    },
  },
  {
    name: 'fxvsubhm',
    ...fxv(332),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Halfwords: vrt = vra - vrb, modulo.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(vr, t + i, x - y, mask, i);
      }
    },
  },
  {
    name: 'fxvsubbm',
    ...fxv(333),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Bytes: vrt = vra - vrb, modulo.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(vr, t + i, bytes(highByte(x) - highByte(y), x - y), mask, i);
      }
    },
  },
  {
    name: 'fxvsubhfs',
    ...fxv(348),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Halfwords: vrt = vra - vrb, saturated.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(vr, t + i, saturate16(x - y), mask, i);
      }
    },
  },
  {
    name: 'fxvsubbfs',
    ...fxv(349),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Bytes: vrt = vra - vrb, saturated.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(
          vr,
          t + i,
          bytes(saturate8(highByte(x) - highByte(y)), saturate8(lowByte(x) - lowByte(y))),
          mask,
          i,
        );
      }
    },
  },
  {
    name: 'fxvmulhm',
    ...fxv(76),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Halfwords: vrt = low half of vra * vrb.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(vr, t + i, Math.imul(x, y), mask, i);
      }
    },
  },
  {
    name: 'fxvmulbm',
    ...fxv(77),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Bytes: vrt = low half of vra * vrb.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(vr, t + i, bytes(Math.imul(highByte(x), highByte(y)), Math.imul(x, y)), mask, i);
      }
    },
  },
  {
    name: 'fxvmulhfs',
    ...fxv(92),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Halfword fractions: vrt = vra * vrb, truncated; (-1)*(-1) saturates.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(vr, t + i, fraction16(x, y) >> 16, mask, i);
      }
    },
  },
  {
    name: 'fxvmulbfs',
    ...fxv(93),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb vrt? vcr?',
    timing: 'madd',
    text: 'Byte fractions: vrt = vra * vrb, truncated; (-1)*(-1) saturates.',
    run: (m, f) => {
      const { vr } = m;
      const mask = maskOf(m, f);
      const t = f.rt * LANES;
      const a = f.ra * LANES;
      const b = f.rb * LANES;
      for (let i = 0; i < LANES; i++) {
        const x = vr[a + i]!;
        const y = vr[b + i]!;
        put(
          vr,
          t + i,
          bytes(fraction8(highByte(x), highByte(y)) >> 8, fraction8(lowByte(x), lowByte(y)) >> 8),
          mask,
          i,
        );
      }
    },
  },
]);
