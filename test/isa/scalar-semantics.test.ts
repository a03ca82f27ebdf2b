/**
 * Scalar semantics against closed forms over unbounded integers, written without a look at the table's functions,
 * and against the golden cases under the Power quirks.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, lookup } from '../../isa/decode.js';
import { encode } from '../../isa/encode.js';
import { FlatMemory } from '../../isa/flat-memory.js';
import { Machine, type MachineOptions } from '../../isa/machine.js';
import { runUndecoded, undecodedWritesCr0, undecodedWritesXer } from '../../isa/undecoded.js';
import { anyWord, edgyWord } from './arbitrary.js';

const unsigned = (x: number): bigint => BigInt(x >>> 0);
const signed = (x: number): bigint => BigInt(x | 0);
const low = (x: bigint): number => Number(BigInt.asIntN(32, x));
const fits = (x: bigint): boolean => x === BigInt.asIntN(32, x);

interface Start {
  gpr?: Readonly<Record<number, number>>;
  cr?: number;
  xer?: number;
  ctr?: number;
  lr?: number;
  bytes?: Uint8Array;
  options?: MachineOptions;
}

/** One instruction at address 0x100. */
function execute(mnemonic: string, operands: readonly number[], start: Start = {}) {
  const memory = new FlatMemory(start.bytes ?? new Uint8Array(64), 0x1000);
  const m = new Machine(memory, start.options);
  for (const [r, value] of Object.entries(start.gpr ?? {})) m.gpr[Number(r)] = value;
  m.cr = start.cr ?? 0;
  m.xer = start.xer ?? 0;
  m.ctr = start.ctr ?? 0;
  m.lr = start.lr ?? 0;
  m.pc = 0x100;
  m.nextPc = 0x104;
  const { instruction, fields } = decode(encode(mnemonic, operands))!;
  instruction.run(m, fields);
  return { m, memory, events: memory.events };
}

/** The exact integer result of each carrying addition: operands of the adder and its carry-in. */
const sums: Record<string, (a: number, b: number, ca: number) => [number, number, number]> = {
  add: (a, b) => [a, b, 0],
  addc: (a, b) => [a, b, 0],
  adde: (a, b, ca) => [a, b, ca],
  addme: (a, _, ca) => [a, -1, ca],
  addze: (a, _, ca) => [a, 0, ca],
  subf: (a, b) => [~a, b, 1],
  subfc: (a, b) => [~a, b, 1],
  subfe: (a, b, ca) => [~a, b, ca],
  subfme: (a, _, ca) => [~a, -1, ca],
  subfze: (a, _, ca) => [~a, 0, ca],
  neg: (a) => [~a, 0, 1],
};
const withoutCarry = new Set(['add', 'subf', 'neg']);
const oneOperand = new Set(['addme', 'addze', 'subfme', 'subfze', 'neg']);

describe('arithmetic over unbounded integers', () => {
  test.each(Object.keys(sums))('%s with every variant, carry and overflow', (name) => {
    const property = fc.property(
      edgyWord,
      edgyWord,
      fc.integer({ min: 0, max: 7 }),
      fc.constantFrom('', 'o', '.', 'o.'),
      (a, b, flags, variant) => {
        const operands = oneOperand.has(name) ? [3, 4] : [3, 4, 5];
        const xer = flags << 29;
        const { m } = execute(name + variant, operands, { gpr: { 4: a, 5: b }, xer });
        const [p, q, c] = sums[name]!(a, b, flags & 1);
        const result = low(signed(p) + signed(q) + BigInt(c));
        expect(m.gpr[3]).toBe(result);
        const carry = unsigned(p) + unsigned(q) + BigInt(c) > 0xffff_ffffn ? 1 : 0;
        expect(m.ca).toBe(withoutCarry.has(name) ? flags & 1 : carry);
        const over = fits(signed(p) + signed(q) + BigInt(c)) ? 0 : 1;
        const ov = variant.includes('o') ? over : (flags >> 1) & 1;
        const so = (flags >> 2) | (variant.includes('o') ? over : 0);
        expect([m.ov, m.so]).toEqual([ov, so]);
        const cr0 = (result < 0 ? 8 : result > 0 ? 4 : 2) | so;
        expect(m.cr >>> 28).toBe(variant.includes('.') ? cr0 : 0);
      },
    );
    fc.assert(property, { numRuns: 600 });
  });

  test('products: low, high, signed, unsigned, overflow', () => {
    const property = fc.property(edgyWord, edgyWord, (a, b) => {
      const gpr = { 4: a, 5: b };
      const product = signed(a) * signed(b);
      const { m } = execute('mullwo', [3, 4, 5], { gpr });
      expect([m.gpr[3], m.ov]).toEqual([low(product), fits(product) ? 0 : 1]);
      expect(execute('mulhw', [3, 4, 5], { gpr }).m.gpr[3]).toBe(low(product >> 32n));
      const high = low((unsigned(a) * unsigned(b)) >> 32n);
      expect(execute('mulhwu', [3, 4, 5], { gpr }).m.gpr[3]).toBe(high);
      const si = (b << 16) >> 16;
      expect(execute('mulli', [3, 4, si], { gpr }).m.gpr[3]).toBe(low(signed(a) * BigInt(si)));
    });
    fc.assert(property, { numRuns: 3000 });
  });

  test('quotients, and what the core gives where none exists', () => {
    const property = fc.property(edgyWord, edgyWord, (a, b) => {
      const gpr = { 4: a, 5: b };
      const divw = execute('divwo', [3, 4, 5], { gpr }).m;
      const divwu = execute('divwuo', [3, 4, 5], { gpr }).m;
      if (b === 0) {
        expect([divw.gpr[3], divw.ov]).toEqual([a < 0 ? 0 : -1, 1]);
        expect([divwu.gpr[3], divwu.ov]).toEqual([-1, 1]);
        return;
      }
      const quotient = signed(a) / signed(b);
      expect([divw.gpr[3], divw.ov]).toEqual([low(quotient), fits(quotient) ? 0 : 1]);
      expect([divwu.gpr[3], divwu.ov]).toEqual([low(unsigned(a) / unsigned(b)), 0]);
    });
    fc.assert(property, { numRuns: 3000 });
  });
});

describe('shifts and rotates', () => {
  /** MASK(mb, me) bit by bit. */
  const mask = (mb: number, me: number): bigint => {
    let bits = 0n;
    for (let i = mb; ; i = (i + 1) % 32) {
      bits |= 1n << BigInt(31 - i);
      if (i === me) return bits;
    }
  };
  const rotated = (x: number, n: number): bigint =>
    BigInt.asUintN(32, (unsigned(x) << BigInt(n)) | (unsigned(x) >> BigInt(32 - n)));
  const five = fc.integer({ min: 0, max: 31 });

  test('rlwinm, rlwnm, rlwimi', () => {
    const property = fc.property(edgyWord, edgyWord, five, five, five, (s, a, sh, mb, me) => {
      const kept = rotated(s, sh) & mask(mb, me);
      const gpr = { 4: a, 5: s, 6: sh | (a << 5) };
      expect(execute('rlwinm', [4, 5, sh, mb, me], { gpr }).m.gpr[4]).toBe(low(kept));
      expect(execute('rlwnm', [4, 5, 6, mb, me], { gpr }).m.gpr[4]).toBe(low(kept));
      const inserted = kept | (unsigned(a) & ~mask(mb, me));
      expect(execute('rlwimi', [4, 5, sh, mb, me], { gpr }).m.gpr[4]).toBe(low(inserted));
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test.each(['core', 'power'] as const)('slw, srw, sraw with the amounts of %s', (quirks) => {
    const property = fc.property(edgyWord, fc.integer({ min: 0, max: 255 }), (s, amount) => {
      const n = BigInt(amount & (quirks === 'power' ? 63 : 31));
      const start = { gpr: { 5: s, 6: amount }, options: { quirks } };
      expect(execute('slw', [4, 5, 6], start).m.gpr[4]).toBe(low(unsigned(s) << n));
      expect(execute('srw', [4, 5, 6], start).m.gpr[4]).toBe(low(unsigned(s) >> n));
      const { m } = execute('sraw', [4, 5, 6], start);
      const lost = s < 0 && (signed(s) >> n) << n !== signed(s);
      expect([m.gpr[4], m.ca]).toEqual([low(signed(s) >> n), lost ? 1 : 0]);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test('srawi is sraw by a constant', () => {
    const property = fc.property(edgyWord, five, (s, sh) => {
      const a = execute('srawi.', [4, 5, sh], { gpr: { 5: s } }).m;
      const b = execute('sraw.', [4, 5, 6], { gpr: { 5: s, 6: sh } }).m;
      expect([a.gpr[4], a.ca, a.cr]).toEqual([b.gpr[4], b.ca, b.cr]);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test('counts and parities, bit by bit', () => {
    const property = fc.property(anyWord, (s) => {
      const bits = unsigned(s).toString(2).padStart(32, '0');
      const gpr = { 5: s };
      const zeros = bits.indexOf('1');
      expect(execute('cntlzw', [4, 5], { gpr }).m.gpr[4]).toBe(zeros < 0 ? 32 : zeros);
      const bytes = bits.match(/.{8}/g)!;
      const counts = bytes.map((byte) => byte.replaceAll('0', '').length);
      const packed = counts.reduce((word, count) => (word << 8) | count, 0);
      expect(execute('popcntb', [4, 5], { gpr }).m.gpr[4]).toBe(packed);
      const parity = bytes.filter((byte) => byte.endsWith('1')).length & 1;
      expect(execute('prtyw', [4, 5], { gpr }).m.gpr[4]).toBe(parity);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe('branches', () => {
  test('every option, over condition, counter and link', () => {
    const property = fc.property(
      fc.constantFrom(0, 2, 4, 6, 7, 8, 10, 12, 14, 15, 16, 18, 20, 24, 25, 26, 27),
      fc.integer({ min: 0, max: 31 }),
      anyWord,
      fc.oneof(fc.constantFrom(0, 1, 2), anyWord),
      (bo, bi, cr, ctr) => {
        const { m } = execute('bcl', [bo, bi, -64], { cr, ctr });
        const option = bo.toString(2).padStart(5, '0');
        const counts = option[2] === '0';
        const after = counts ? (ctr - 1) | 0 : ctr;
        const counterHolds = !counts || (option[3] === '1' ? after === 0 : after !== 0);
        const bit = unsigned(cr).toString(2).padStart(32, '0')[bi];
        const conditionHolds = option[0] === '1' || bit === option[1];
        expect(m.ctr).toBe(after);
        expect(m.lr).toBe(0x104);
        expect(m.nextPc).toBe(counterHolds && conditionHolds ? 0x100 - 64 : 0x104);
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });

  test('a branch to the link register uses its old value', () => {
    const { m } = execute('bclrl', [20, 0], { lr: 0x2003 });
    expect([m.nextPc, m.lr]).toEqual([0x2000, 0x104]);
  });
});

describe('memory', () => {
  const bytes = (): Uint8Array => Uint8Array.from({ length: 64 }, (_, i) => 0xf0 ^ (5 * i));

  test.each([
    ['lwz', [3, 0, 4], 0x1002, true],
    ['lwz', [3, 0, 4], 0x1004, false],
    ['lhz', [3, 0, 4], 0x1003, true],
    ['lhz', [3, 0, 4], 0x1001, false],
    ['lha', [3, 0, 4], 0x1007, true],
    ['lbz', [3, 0, 4], 0x1003, false],
    ['stw', [3, 0, 4], 0x1001, true],
    ['sth', [3, 0, 4], 0x1003, true],
    ['sth', [3, 0, 4], 0x1001, false],
    ['lmw', [30, 0, 4], 0x1002, true],
    ['stmw', [30, 0, 4], 0x1001, true],
    ['lwzu', [3, 0, 4], 0x1001, true],
    ['stwu', [3, 0, 4], 0x1002, true],
  ])('%s %j with base %i: refused %s', (mnemonic, operands, base, refused) => {
    const before = bytes();
    const { m, memory, events } = execute(mnemonic, operands, {
      gpr: { 3: 0x1234_5678, 4: base },
      bytes: bytes(),
    });
    expect(events.misaligned).toBe(refused);
    if (!refused) return;
    expect(memory.bytes).toEqual(before);
    expect([m.gpr[3], m.gpr[4]]).toEqual([0x1234_5678, base]);
  });

  test('stwu stores the old base when the base is the value', () => {
    const { m, memory } = execute('stwu', [1, -16, 1], { gpr: { 1: 0x1020 } });
    expect(m.gpr[1]).toBe(0x1010);
    expect(memory.load32(0x1010)).toBe(0x1020);
  });

  test('lha takes a negative displacement as Power does, or zero-extends it on request', () => {
    const start = { gpr: { 4: 0x1010 }, bytes: bytes() };
    const power = execute('lhau', [3, -4, 4], start);
    expect([power.m.gpr[4], power.events.outside]).toEqual([0x100c, false]);
    const core = execute('lhau', [3, -4, 4], { ...start, options: { lhaZeroExtends: true } });
    expect([core.m.gpr[4], core.events.outside]).toEqual([0x1100c, true]);
  });
});

describe('words that the core does not decode', () => {
  test('change nothing but, for opcode 31, the flags of ra + rb', () => {
    const property = fc.property(anyWord, edgyWord, edgyWord, (bits, a, b) => {
      const word = (31 << 26) | (bits & 0x03ff_ffff);
      fc.pre(lookup(word) < 0);
      const m = new Machine(new FlatMemory(new Uint8Array(0)));
      const ra = (word >>> 16) & 31;
      const rb = (word >>> 11) & 31;
      m.gpr[ra] = a;
      m.gpr[rb] = b;
      const before = [...m.gpr];
      const sum = signed(m.gpr[ra]!) + signed(m.gpr[rb]!);
      const { instruction } = decode(encode('add', [0, ra, rb]))!;
      expect(instruction.mnemonic).toBe('add');
      runUndecoded(m, { ...decode(encode('add', [0, ra, rb]))!.fields, word });
      expect([...m.gpr]).toEqual(before);
      expect(m.ov).toBe(undecodedWritesXer(word) && !fits(sum) ? 1 : 0);
      expect(m.cr >>> 28 !== 0).toBe(undecodedWritesCr0(word));
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('quirks power', () => {
  interface Golden {
    asm: string;
    word: string;
    in: { gpr: string; cr: string; xer: string; ctr: string; lr: string; mem?: string };
    out: { gpr?: Record<string, string>; cr?: string; xer?: string; trap?: boolean; npc?: string };
  }

  test('give the registers of the independent Power emulator in every golden case', () => {
    const lines = readFileSync(new URL('../golden/scalar.jsonl', import.meta.url), 'utf8');
    const wrong: string[] = [];
    for (const line of lines.trim().split('\n')) {
      const golden = JSON.parse(line) as Golden;
      const hex = (digits: string): number => Number.parseInt(digits, 16) | 0;
      const memory = new FlatMemory(
        Uint8Array.from(golden.in.mem?.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
        0x1000,
      );
      const m = new Machine(memory, { quirks: 'power' });
      m.gpr.set(golden.in.gpr.match(/.{8}/g)!.map(hex));
      m.cr = hex(golden.in.cr);
      m.xer = hex(golden.in.xer);
      m.ctr = hex(golden.in.ctr);
      m.lr = hex(golden.in.lr);
      const gpr = golden.in.gpr.match(/.{8}/g)!.map(hex);
      for (const [r, value] of Object.entries(golden.out.gpr ?? {})) gpr[Number(r)] = hex(value);
      const { instruction, fields } = decode(hex(golden.word))!;
      instruction.run(m, fields);
      const got = [...m.gpr, m.cr, m.xer, memory.events.trapped];
      const want = [
        ...gpr,
        hex(golden.out.cr ?? golden.in.cr),
        hex(golden.out.xer ?? golden.in.xer),
        golden.out.trap ?? false,
      ];
      if (JSON.stringify(got) !== JSON.stringify(want)) wrong.push(golden.asm);
    }
    expect(wrong).toEqual([]);
  });
});
