/**
 * Vector semantics against element-wise closed forms over unbounded integers, written from the manual's notation:
 * a, b elements, A accumulator lane of twice their width.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../isa/decode.js';
import { encode } from '../../isa/encode.js';
import { FlatMemory } from '../../isa/flat-memory.js';
import { LANES, Machine } from '../../isa/machine.js';
import { findInstruction } from '../../isa/table/index.js';
import { streamOf } from './stream.js';

type Lane = (a: bigint, b: bigint, A: bigint, n: bigint) => bigint;

const saturate = (bits: bigint, x: bigint): bigint => {
  const most = (1n << (bits - 1n)) - 1n;
  return x > most ? most : x < -most - 1n ? -most - 1n : x;
};
const fraction = (a: bigint, b: bigint, n: bigint): bigint => saturate(2n * n, 2n * a * b);

/** Results into VRT, by mnemonic with * for the element type. */
const toRegister: Record<string, Lane> = {
  'fxvadd*m': (a, b) => a + b,
  'fxvadd*fs': (a, b, _, n) => saturate(n, a + b),
  'fxvsub*m': (a, b) => a - b,
  'fxvsub*fs': (a, b, _, n) => saturate(n, a - b),
  'fxvmul*m': (a, b) => a * b,
  'fxvmul*fs': (a, b, _, n) => fraction(a, b, n) >> n,
  'fxvma*m': (a, b, A) => A + a * b,
  'fxvma*fs': (a, b, A, n) => saturate(2n * n, A + fraction(a, b, n)) >> n,
  'fxvaddac*m': (a, _, A) => A + a,
  'fxvaddac*fs': (a, _, A, n) => saturate(2n * n, A + (a << n)) >> n,
};

/** Results into the accumulator. */
const toAccumulator: Record<string, Lane> = {
  'fxvmatac*m': (a, b, A) => A + a * b,
  'fxvmatac*fs': (a, b, A, n) => saturate(2n * n, A + fraction(a, b, n)),
  'fxvmultac*m': (a, b) => a * b,
  'fxvmultac*fs': (a, b, _, n) => fraction(a, b, n),
  'fxvmtac*': (a) => a,
  'fxvmtac*f': (a, _, __, n) => a << n,
  'fxvaddactac*m': (a, _, A) => A + a,
  'fxvaddactac*f': (a, _, A, n) => saturate(2n * n, A + (a << n)),
  'fxvaddtac*': (a, b) => a + b,
};

const elements = [
  { letter: 'h', width: 16 },
  { letter: 'b', width: 8 },
] as const;

const cases = elements.flatMap((element) =>
  [toRegister, toAccumulator].flatMap((table) =>
    Object.entries(table).map(([name, lane]) => ({
      mnemonic: name.replace('*', element.letter),
      lane,
      width: element.width,
      accumulates: table === toAccumulator,
    })),
  ),
);

/** A machine whose vector state is random, rich in extreme values, with masks as compares leave them. */
function randomMachine(seed: number): Machine {
  const next = streamOf(seed);
  const m = new Machine(new FlatMemory(new Uint8Array(0)));
  const extremes = [0x8000, 0x7fff, 0x8080, 0x7f7f, 0x807f, 0x0080, 0xffff, 0, 1, 0x100];
  const half = (): number => (next() % 2 === 0 ? extremes[next() % extremes.length]! : next());
  for (let i = 0; i < m.vr.length; i++) m.vr[i] = half();
  for (let i = 0; i < LANES; i++) {
    m.acc[i] = (half() << 16) | (half() & 0xffff);
    const high = 1 + (next() % 3);
    const low = seed % 2 === 0 ? high : 1 + (next() % 3);
    for (const code of [1, 2, 3] as const) {
      m.vcr[code][i] = (high === code ? 0xff00 : 0) | (low === code ? 0xff : 0);
    }
  }
  return m;
}

/** Bits `width`-wide piece k (from the top) of an element of `bits` bits, signed. */
function piece(x: number, bits: number, width: number, k: number): bigint {
  return BigInt.asIntN(width, BigInt(x) >> BigInt(bits - width * (k + 1)));
}

/** New value of one halfword or accumulator, put together from the lanes' results and masked by byte. */
function expected(m: Machine, i: number, one: (typeof cases)[number], cond: 0 | 1 | 2 | 3) {
  const { lane, width, accumulates } = one;
  const [t, a, b] = [m.vr[3 * LANES + i]!, m.vr[4 * LANES + i]!, m.vr[5 * LANES + i]!];
  const bits = accumulates ? 32 : 16;
  const laneBits = accumulates ? 2 * width : width;
  let result = 0n;
  for (let k = 0; k < 16 / width; k++) {
    const value = lane(
      piece(a, 16, width, k),
      piece(b, 16, width, k),
      piece(m.acc[i]!, 32, 2 * width, k),
      BigInt(width),
    );
    result = (result << BigInt(laneBits)) | BigInt.asUintN(laneBits, value);
  }
  const old = BigInt.asUintN(bits, BigInt(accumulates ? m.acc[i]! : t));
  let merged = 0n;
  for (const [k, byteMask] of [0xff00, 0xff].entries()) {
    const part = BigInt(bits / 2);
    const source = (m.vcr[cond][i]! & byteMask) !== 0 ? result : old;
    merged = (merged << part) | BigInt.asUintN(bits / 2, source >> (BigInt(1 - k) * part));
  }
  return Number(BigInt.asIntN(bits, merged));
}

function fieldsOf(mnemonic: string, cond: number) {
  const { operands, mask, match } = findInstruction(mnemonic)!;
  expect(operands.at(-1)?.name).toBe('cond');
  return decode((match & mask) | (3 << 21) | (4 << 16) | (5 << 11) | cond)!;
}

describe('arithmetic, element by element', () => {
  test.each(cases)('$mnemonic under every condition', (one) => {
    for (let seed = 0; seed < 2; seed++) {
      for (const cond of [0, 1, 2, 3] as const) {
        const m = randomMachine(seed);
        const want = Array.from({ length: LANES }, (_, i) => expected(m, i, one, cond));
        const { vr, acc } = randomMachine(seed);
        const { instruction, fields } = fieldsOf(one.mnemonic, cond);
        instruction.run(m, fields);
        const got = one.accumulates ? m.acc : m.vr.subarray(3 * LANES, 4 * LANES);
        expect([...got]).toEqual(want);
        if (one.accumulates) expect(m.vr).toEqual(vr);
        else expect(m.acc).toEqual(acc);
      }
    }
  });

  test('no case is forgotten: every vector instruction of these units is here', () => {
    const here = new Set(cases.map(({ mnemonic }) => mnemonic));
    for (const mnemonic of here) expect(findInstruction(mnemonic), mnemonic).toBeDefined();
    expect(here.size).toBe(38);
  });
});

const run = (m: Machine, mnemonic: string, ...operands: number[]): void => {
  const { instruction, fields } = decode(encode(mnemonic, operands))!;
  instruction.run(m, fields);
};

describe('packing', () => {
  test('unpacking undoes packing for every size', () => {
    const property = fc.property(fc.nat(), fc.integer({ min: 0, max: 3 }), (seed, size) => {
      const m = randomMachine(seed);
      // Halfwords hold two digits of 8 - size bits at their top; lower bits are lost.
      const kept = (0xffff << (2 * size)) & 0xffff;
      const left = [...m.vr.subarray(4 * LANES, 5 * LANES)].map((x) => ((x & kept) << 16) >> 16);
      const right = [...m.vr.subarray(5 * LANES, 6 * LANES)].map((x) => ((x & kept) << 16) >> 16);
      run(m, 'fxvpckbu', 6, 4, 5, size);
      run(m, 'fxvpckbl', 7, 4, 5, size);
      run(m, 'fxvupckbl', 8, 6, 7, size);
      run(m, 'fxvupckbr', 9, 6, 7, size);
      expect([...m.vr.subarray(8 * LANES, 9 * LANES)]).toEqual(left);
      expect([...m.vr.subarray(9 * LANES, 10 * LANES)]).toEqual(right);
    });
    fc.assert(property, { numRuns: 100 });
  });

  test('a destination that is also a source gives the same result', () => {
    for (const mnemonic of ['fxvpckbu', 'fxvpckbl', 'fxvupckbl', 'fxvupckbr']) {
      const apart = randomMachine(1);
      const together = randomMachine(1);
      run(apart, mnemonic, 6, 4, 5, 1);
      run(together, mnemonic, 5, 4, 5, 1);
      expect(together.vr.slice(5 * LANES, 6 * LANES)).toEqual(apart.vr.slice(6 * LANES, 7 * LANES));
    }
  });
});

describe('shifts', () => {
  test.each(elements)(
    'fxvsh$letter is a logical shift of unsigned elements',
    ({ letter, width }) => {
      for (let imm = -16; imm < 16; imm++) {
        const m = randomMachine(imm + 20);
        const before = [...m.vr.subarray(4 * LANES, 5 * LANES)];
        run(m, `fxvsh${letter}`, 3, 4, imm);
        const want = before.map((x) => {
          let word = 0n;
          for (let k = 0; k < 16 / width; k++) {
            const u = BigInt.asUintN(width, piece(x, 16, width, k));
            const shifted = imm < 0 ? u >> BigInt(-imm) : u << BigInt(imm);
            word = (word << BigInt(width)) | BigInt.asUintN(width, shifted);
          }
          return Number(BigInt.asIntN(16, word));
        });
        expect([...m.vr.subarray(3 * LANES, 4 * LANES)]).toEqual(want);
      }
    },
  );
});

describe('compare and select', () => {
  test.each(elements)(
    'fxvcmp$letter marks exactly one condition per element',
    ({ letter, width }) => {
      const m = randomMachine(7);
      run(m, `fxvcmp${letter}`, 4);
      for (let i = 0; i < LANES; i++) {
        const [, gt, lt, eq] = m.vcr.map((mask) => mask[i]!) as [number, number, number, number];
        expect(gt ^ lt ^ eq).toBe(0xffff);
        expect((gt & lt) | (lt & eq)).toBe(0);
        const sign = piece(m.vr[4 * LANES + i]!, 16, width, 0);
        expect(gt >>> 15 === 1).toBe(sign > 0n);
        expect(lt >>> 15 === 1).toBe(sign < 0n);
      }
    },
  );

  test('fxvsel takes vrb everywhere without a condition, by byte with one', () => {
    const m = randomMachine(11);
    run(m, 'fxvsel', 6, 4, 5);
    expect(m.vr.slice(6 * LANES, 7 * LANES)).toEqual(m.vr.slice(5 * LANES, 6 * LANES));
    run(m, 'fxvsel', 6, 4, 5, 2);
    for (let i = 0; i < LANES; i++) {
      for (const byte of [0xff00, 0xff]) {
        const from = (m.vcr[2][i]! & byte) !== 0 ? 5 : 4;
        expect(m.vr[6 * LANES + i]! & byte).toBe(m.vr[from * LANES + i]! & byte);
      }
    }
  });
});

describe('memory and bus', () => {
  test('fxvstax and fxvlax keep byte order and ignore the low address bits', () => {
    const memory = new FlatMemory(new Uint8Array(512));
    const m = new Machine(memory);
    m.writeVector(
      3,
      Uint8Array.from({ length: 128 }, (_, i) => 255 - i),
    );
    m.gpr.set([0, 0x41, 2]);
    run(m, 'fxvstax', 3, 1, 2);
    expect(memory.bytes.slice(0x40, 0x43)).toEqual(Uint8Array.of(255, 254, 253));
    run(m, 'fxvlax', 4, 1, 2);
    expect(m.vr.slice(4 * LANES, 5 * LANES)).toEqual(m.vr.slice(3 * LANES, 4 * LANES));
  });

  test('fxvoutx writes selected bytes only; r0 as base is zero', () => {
    const memory = new FlatMemory(new Uint8Array(0));
    const m = new Machine(memory);
    m.gpr.set([99, 0, 5]);
    m.vr.fill(0x1234, 3 * LANES, 4 * LANES);
    m.vcr[1].fill(0xff00);
    run(m, 'fxvoutx', 3, 0, 2, 1);
    expect([...memory.bus.keys()]).toEqual([5]);
    expect(memory.bus.get(5)![0]).toBe(0x1200);
    run(m, 'fxvinx', 4, 0, 2);
    expect(m.vr[4 * LANES]).toBe(0x1200);
  });
});
