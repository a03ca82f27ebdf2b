import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lookup } from '../../isa/decode.js';
import { extendedMnemonics } from '../../isa/table/extended.js';
import { instructions } from '../../isa/table/index.js';

interface Fact {
  m: string;
  form: string;
  opcd: number;
  xo?: number;
  ops: string[];
  oe?: number;
  rc?: number;
  lk?: number;
  aa?: number;
  one?: number;
}

const facts = (
  JSON.parse(readFileSync(new URL('./isa-table.json', import.meta.url), 'utf8')) as {
    instructions: Fact[];
  }
).instructions;

/** Our narrower operand kinds by the names of the golden table. */
const sameKind: Record<string, string> = {
  ral: 'ra',
  ras: 'ra',
  ram: 'ra0',
  sis: 'si',
  fxm1: 'fxm',
};

/** Stores name the register field rs here and rt there. */
function asFact(name: string): string {
  const kind = sameKind[name] ?? name;
  return kind === 'rs' ? 'rt' : kind;
}

describe('the instruction table', () => {
  test('holds the 236 instructions of the processor with their encodings', () => {
    const ours = new Map(instructions.map((row) => [row.mnemonic, row]));
    expect([...ours.keys()].sort()).toEqual(facts.map(({ m }) => m).sort());
    for (const fact of facts) {
      const row = ours.get(fact.m)!;
      expect([row.mnemonic, row.form, row.opcd, row.xo]).toEqual([
        fact.m,
        fact.form,
        fact.opcd,
        fact.xo,
      ]);
      for (const flag of ['oe', 'rc', 'lk', 'aa'] as const) {
        expect(row[flag], `${fact.m} ${flag}`).toBe(fact[flag]);
      }
      expect(row.one ?? 0, fact.m).toBe(fact.one ?? 0);
    }
  });

  test('takes the operands of the golden table, in its order', () => {
    for (const { m, ops } of facts) {
      const row = instructions.find(({ mnemonic }) => mnemonic === m)!;
      const ours = row.operands.filter(({ name }) => name !== 'ls').map(({ name }) => asFact(name));
      const golden = ops
        .flatMap((op) => (op.startsWith('d(') ? ['d', op.slice(2, -1)] : [op.replace('?', '')]))
        .map(asFact);
      expect(ours, m).toEqual(golden);
    }
  });

  test('numbers its rows by position', () => {
    instructions.forEach((row, position) => expect(row.index).toBe(position));
  });

  test('never lets two rows match one word', () => {
    const clashes: string[] = [];
    for (const a of instructions) {
      for (const b of instructions) {
        if (a === b) continue;
        const common = a.mask & b.mask;
        if ((a.match & common) === (b.match & common)) clashes.push(`${a.mnemonic}, ${b.mnemonic}`);
      }
    }
    expect(clashes).toEqual([]);
  });

  test('is what the look-up was built from', () => {
    for (const { match, index } of instructions) expect(lookup(match)).toBe(index);
  });

  test('has operands that neither overlap each other nor the opcode', () => {
    for (const { mnemonic, match, mask, operands } of instructions) {
      let used = mask;
      expect(match & ~mask, mnemonic).toBe(0);
      for (const { lsb, width, name } of operands) {
        const bits = ((1 << width) - 1) << lsb;
        expect(used & bits, `${mnemonic} ${name}`).toBe(0);
        used |= bits;
      }
    }
  });

  test('says what every instruction does, in one line that ends with a full stop', () => {
    for (const { mnemonic, text } of instructions) {
      expect(text, mnemonic).toMatch(/^[^\n]{10,160}\.$/);
    }
  });

  test('declares uses that fit the operands', () => {
    const needs: Record<string, RegExp> = {
      'cr.bf': /bf/,
      'cr.bfa': /bfa/,
      'cr.bi': /bi/,
      'cr.bt': /bt/,
      'cr.fxm': /fxm/,
      rb: /\brb/,
      vrb: /vrb/,
      vra: /vra/,
      vrt: /vrt/,
      'vcr?': /cond/,
    };
    for (const { mnemonic, reads, writes, syntax } of instructions) {
      for (const resource of [...reads, ...writes]) {
        const need = needs[resource];
        if (need !== undefined) expect(syntax, `${mnemonic} ${resource}`).toMatch(need);
      }
    }
  });
});

describe('extended mnemonics', () => {
  test('are different from each other and from base mnemonics', () => {
    const names = [...instructions, ...extendedMnemonics].map(({ mnemonic }) => mnemonic);
    expect(new Set(names).size).toBe(names.length);
  });

  test('give every operand of their base instruction', () => {
    for (const { mnemonic, sums, base } of extendedMnemonics) {
      expect(sums.length, mnemonic).toBe(base.operands.length);
    }
  });
});
