/**
 * Vector arithmetic on registers. All numbers are two's complement; a conditional instruction writes only the
 * bytes whose condition holds, whatever its element type.
 */
import { define, fxv } from './define.js';
import * as lanes from './lanes.js';

// The loops do four pairs a round: a round costs about as much as a pair.
// As constants of this module they are folded into the loops; an imported binding would be loaded for every lane,
// which makes the longer loops half as fast (bench/isa.ts).
const {
  PAIRS,
  add16,
  add8,
  addSaturated16,
  addSaturated8,
  destination,
  merge,
  multiply16,
  multiply8,
  multiplyFractions16,
  multiplyFractions8,
  placeIn,
  sub16,
  sub8,
  subSaturated16,
  subSaturated8,
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = add16(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = add16(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = add16(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = add16(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = add8(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = add8(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = add8(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = add8(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = addSaturated16(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = addSaturated16(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = addSaturated16(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = addSaturated16(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = addSaturated8(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = addSaturated8(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = addSaturated8(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = addSaturated8(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = sub16(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = sub16(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = sub16(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = sub16(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = sub8(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = sub8(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = sub8(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = sub8(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = subSaturated16(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = subSaturated16(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = subSaturated16(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = subSaturated16(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = subSaturated8(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = subSaturated8(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = subSaturated8(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = subSaturated8(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = multiply16(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = multiply16(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = multiply16(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = multiply16(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = multiply8(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = multiply8(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = multiply8(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = multiply8(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = multiplyFractions16(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = multiplyFractions16(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = multiplyFractions16(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = multiplyFractions16(pairs[a + i + 3]!, pairs[b + i + 3]!);
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
      for (let i = 0; i < PAIRS; i += 4) {
        to[t + i] = multiplyFractions8(pairs[a + i]!, pairs[b + i]!);
        to[t + i + 1] = multiplyFractions8(pairs[a + i + 1]!, pairs[b + i + 1]!);
        to[t + i + 2] = multiplyFractions8(pairs[a + i + 2]!, pairs[b + i + 2]!);
        to[t + i + 3] = multiplyFractions8(pairs[a + i + 3]!, pairs[b + i + 3]!);
      }
      merge(m, f);
    },
  },
]);
