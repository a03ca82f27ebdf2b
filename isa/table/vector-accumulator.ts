/**
 * Vector instructions with the accumulator: 32 bits for a halfword, twice 16 for its two bytes. Fractional forms
 * hold a number in the upper half of its accumulator and saturate; the others work modulo.
 */
import { define, fxv } from './define.js';
import * as lanes from './lanes.js';

// As constants of this module they are folded into the loops; an imported binding would be loaded for every lane,
// which makes the longer loops half as fast (bench/isa.ts).
const {
  PAIRS,
  addSaturated,
  bytes,
  destination,
  first,
  fraction16,
  fraction8,
  halves,
  highByte,
  highHalf,
  lowByte,
  lowHalf,
  merge,
  mergeWide,
  pairOf,
  placeIn,
  saturate16,
  second,
  wideDestination,
} = lanes;

// A byte instruction works on the two bytes of a halfword (x, y) and the two halves of its accumulator (s).

const matacBytes = (s: number, x: number, y: number): number => {
  const high = highHalf(s) + Math.imul(highByte(x), highByte(y));
  return halves(high, s + Math.imul(lowByte(x), lowByte(y)));
};

const matacByteFractions = (s: number, x: number, y: number): number => {
  const high = highHalf(s) + fraction8(highByte(x), highByte(y));
  return halves(saturate16(high), saturate16(lowHalf(s) + fraction8(lowByte(x), lowByte(y))));
};

const multacBytes = (x: number, y: number): number => {
  return halves(Math.imul(highByte(x), highByte(y)), Math.imul(lowByte(x), lowByte(y)));
};

const multacByteFractions = (x: number, y: number): number => {
  return halves(fraction8(highByte(x), highByte(y)), fraction8(lowByte(x), lowByte(y)));
};

const addtacBytes = (x: number, y: number): number => {
  return halves(highByte(x) + highByte(y), lowByte(x) + lowByte(y));
};

const addacBytes = (s: number, x: number): number => {
  return halves(highHalf(s) + highByte(x), s + lowByte(x));
};

const addacByteFractions = (s: number, x: number): number => {
  const high = saturate16(highHalf(s) + (highByte(x) << 8));
  return halves(high, saturate16(lowHalf(s) + (lowByte(x) << 8)));
};

/** The halfword of the lower (upper) bytes of an accumulator's two halves. */
const lowBytes = (s: number): number => bytes(s >> 16, s);

const highBytes = (s: number): number => bytes(s >> 24, s >> 8);

export const vectorAccumulator = define('vector accumulator', [
  {
    name: 'fxvmahm',
    ...fxv(12),
    syntax: 'vrt, vra, vrb[, cond]',
    use: 'vrt <- vra vrb acc vrt? vcr?',
    timing: 'madd',
    text: 'Halfwords: vrt = low half of acc + vra * vrb; acc unchanged.',
    run: (m, f) => {
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = pairOf(
          acc[2 * i]! + Math.imul(first(x), first(y)),
          acc[2 * i + 1]! + Math.imul(second(x), second(y)),
        );
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = pairOf(
          lowBytes(matacBytes(acc[2 * i]!, first(x), first(y))),
          lowBytes(matacBytes(acc[2 * i + 1]!, second(x), second(y))),
        );
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = pairOf(
          addSaturated(acc[2 * i]!, fraction16(first(x), first(y))) >> 16,
          addSaturated(acc[2 * i + 1]!, fraction16(second(x), second(y))) >> 16,
        );
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[t + i] = pairOf(
          highBytes(matacByteFractions(acc[2 * i]!, first(x), first(y))),
          highBytes(matacByteFractions(acc[2 * i + 1]!, second(x), second(y))),
        );
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = acc[2 * i]! + Math.imul(first(x), first(y));
        to[2 * i + 1] = acc[2 * i + 1]! + Math.imul(second(x), second(y));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = matacBytes(acc[2 * i]!, first(x), first(y));
        to[2 * i + 1] = matacBytes(acc[2 * i + 1]!, second(x), second(y));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = addSaturated(acc[2 * i]!, fraction16(first(x), first(y)));
        to[2 * i + 1] = addSaturated(acc[2 * i + 1]!, fraction16(second(x), second(y)));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = matacByteFractions(acc[2 * i]!, first(x), first(y));
        to[2 * i + 1] = matacByteFractions(acc[2 * i + 1]!, second(x), second(y));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = Math.imul(first(x), first(y));
        to[2 * i + 1] = Math.imul(second(x), second(y));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = multacBytes(first(x), first(y));
        to[2 * i + 1] = multacBytes(second(x), second(y));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = fraction16(first(x), first(y));
        to[2 * i + 1] = fraction16(second(x), second(y));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = multacByteFractions(first(x), first(y));
        to[2 * i + 1] = multacByteFractions(second(x), second(y));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = first(x) + first(y);
        to[2 * i + 1] = second(x) + second(y);
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      const b = f.rb * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        const y = pairs[b + i]!;
        to[2 * i] = addtacBytes(first(x), first(y));
        to[2 * i + 1] = addtacBytes(second(x), second(y));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[2 * i] = first(x);
        to[2 * i + 1] = second(x);
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[2 * i] = halves(highByte(first(x)), lowByte(first(x)));
        to[2 * i + 1] = halves(highByte(second(x)), lowByte(second(x)));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[2 * i] = first(x) << 16;
        to[2 * i + 1] = second(x) << 16;
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[2 * i] = halves(highByte(first(x)) << 8, lowByte(first(x)) << 8);
        to[2 * i + 1] = halves(highByte(second(x)) << 8, lowByte(second(x)) << 8);
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[2 * i] = acc[2 * i]! + first(x);
        to[2 * i + 1] = acc[2 * i + 1]! + second(x);
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[2 * i] = addacBytes(acc[2 * i]!, first(x));
        to[2 * i + 1] = addacBytes(acc[2 * i + 1]!, second(x));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[2 * i] = addSaturated(acc[2 * i]!, first(x) << 16);
        to[2 * i + 1] = addSaturated(acc[2 * i + 1]!, second(x) << 16);
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = wideDestination(m, f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[2 * i] = addacByteFractions(acc[2 * i]!, first(x));
        to[2 * i + 1] = addacByteFractions(acc[2 * i + 1]!, second(x));
      }
      mergeWide(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[t + i] = pairOf(acc[2 * i]! + first(x), acc[2 * i + 1]! + second(x));
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[t + i] = pairOf(
          lowBytes(addacBytes(acc[2 * i]!, first(x))),
          lowBytes(addacBytes(acc[2 * i + 1]!, second(x))),
        );
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[t + i] = pairOf(
          addSaturated(acc[2 * i]!, first(x) << 16) >> 16,
          addSaturated(acc[2 * i + 1]!, second(x) << 16) >> 16,
        );
      }
      merge(m, f);
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
      const pairs = m.vrPairs;
      const { acc } = m;
      const to = destination(m, f);
      const t = placeIn(f);
      const a = f.ra * PAIRS;
      for (let i = 0; i < PAIRS; i++) {
        const x = pairs[a + i]!;
        to[t + i] = pairOf(
          highBytes(addacByteFractions(acc[2 * i]!, first(x))),
          highBytes(addacByteFractions(acc[2 * i + 1]!, second(x))),
        );
      }
      merge(m, f);
    },
  },
]);
