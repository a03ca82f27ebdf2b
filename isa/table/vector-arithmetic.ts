/**
 * Vector arithmetic on registers. All numbers are two's complement; a conditional instruction writes only the
 * bytes whose condition holds, whatever its element type.
 */
import { define, fxv } from './define.js';
import * as lanes from './lanes.js';

// As constants of this module they are folded into the loops; an imported binding would be loaded for every lane,
// which makes the longer loops half as fast (bench/isa.ts).
const {
  PAIRS,
  add16,
  add8,
  addSaturated16,
  addSaturated8,
  bytes,
  destination,
  first,
  highByte,
  lowByte,
  merge,
  multiply16,
  multiply8,
  pairOf,
  placeIn,
  second,
  sub16,
  sub8,
  subSaturated16,
  subSaturated8,
  upperProduct16,
  upperProduct8,
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = add16(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = add8(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = addSaturated16(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = addSaturated8(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = sub16(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = sub8(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = subSaturated16(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = subSaturated8(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = multiply16(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = multiply8(x, y);
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = pairOf(
          upperProduct16(first(x), first(y)),
          upperProduct16(second(x), second(y)),
        );
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        const p = first(x);
        const q = first(y);
        const u = second(x);
        const v = second(y);
        to[t + i] = pairOf(
          bytes(upperProduct8(highByte(p), highByte(q)), upperProduct8(lowByte(p), lowByte(q))),
          bytes(upperProduct8(highByte(u), highByte(v)), upperProduct8(lowByte(u), lowByte(v))),
        );
      }
      merge(m, f);
    },
  },
]);
