import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Code,
  branchTarget,
  compared,
  evaluate,
  loaded,
  NOT_TAKEN,
  stored,
} from '../../../emulator/ppu/direct.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import { Operation } from '../../../emulator/ppu/operation.js';
import { FlatMemory } from '../../../isa/flat-memory.js';
import { Machine } from '../../../isa/machine.js';
import { instructions } from '../../../isa/table/index.js';

/** Words of every instruction that has a code of its own, with random operand fields. */
const coded = instructions.filter(({ match, mask }) =>
  [0, -1, 0x0280_0000, 0x0200_0000].some(
    (fill) => new Operation(match | (fill & ~mask)).code !== 0,
  ),
);
const number = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, 1, -1, 31, 32, 0x7fff_ffff, -0x8000_0000, 0x8000, -0x8000),
);
const state = fc.record({
  word: fc
    .tuple(fc.constantFrom(...coded), fc.integer())
    .map(([{ match, mask }, random]) => (match | (random & ~mask)) >>> 0),
  gpr: fc.array(number, { minLength: 32, maxLength: 32 }),
  cr: fc.integer(),
  so: fc.constantFrom(0, 1),
  ctr: fc.constantFrom(0, 1, 2, -1, 0x1234),
  lr: fc.integer(),
});

const SIZE = 256;
const PC = 0x40;

function machineOf(given: {
  gpr: number[];
  cr: number;
  so: number;
  ctr: number;
  lr: number;
}): Machine {
  const bytes = Uint8Array.from({ length: SIZE }, (_, i) => (i * 73 + 151) & 255);
  const machine = new Machine(new FlatMemory(bytes));
  machine.gpr.set(given.gpr);
  machine.cr = given.cr;
  machine.so = given.so;
  machine.ctr = given.ctr;
  machine.lr = given.lr;
  return machine;
}

function registers(m: Machine): unknown {
  return { gpr: [...m.gpr], cr: m.cr | 0, xer: m.xer | 0, lr: m.lr | 0, ctr: m.ctr | 0 };
}

function bytesOf(m: Machine): number[] {
  return Array.from({ length: SIZE }, (_, i) => m.port.load8(i));
}

/** Executes the operation by its code, as the issue loops do; where execution goes on, and the memory. */
function directly(op: Operation, m: Machine): { next: number; memory: number[] } {
  const memory = new PpuMemory(SIZE);
  memory.load(Uint8Array.from(bytesOf(m)));
  const { words, halves, bytes } = memory;
  const { gpr } = m;
  const x = gpr[op.a]! & op.maskA;
  const y = (gpr[op.b]! & op.maskB) + op.immediate;
  let next = NOT_TAKEN;
  if (op.code >= Code.branch) next = branchTarget(op, m, PC);
  else if (op.code >= Code.storeWord)
    stored(op.code, (x + y) | 0, gpr[op.fields.rt]!, words, halves, bytes);
  else if (op.code >= Code.loadWord)
    gpr[op.fields.rt] = loaded(op.code, (x + y) | 0, words, halves, bytes);
  else if (op.code >= Code.compare) m.cr = compared(op, x, y, m.cr, m.so);
  else gpr[op.destination] = evaluate(op, x, y);
  return { next: next === NOT_TAKEN ? PC + 4 : next, memory: [...memory.dump(0, SIZE)] };
}

describe('direct execution', () => {
  it('exists for every code', () => {
    const codes = new Set(
      coded.flatMap(({ match, mask }) =>
        [0, -1, 0x0280_0000, 0x0200_0000].map((fill) => new Operation(match | (fill & ~mask)).code),
      ),
    );
    expect([...codes].sort((a, b) => a - b)).toEqual(Object.values(Code));
  });

  it('does what the instruction table says', () => {
    fc.assert(
      fc.property(state, (given) => {
        const op = new Operation(given.word);
        if (op.code === Code.table) return;
        const own = machineOf(given);
        const isAccess = op.code >= Code.loadWord && op.code < Code.branch;
        if (isAccess) {
          // Into the small memory of this test, often well aligned.
          own.gpr[op.b] = own.gpr[op.b]! & op.maskB & 0x3c;
          own.gpr[op.a] = ((own.gpr[op.a]! & 0x3f) - op.immediate) | 0;
          const at = ((own.gpr[op.a]! & op.maskA) + (own.gpr[op.b]! & op.maskB) + op.immediate) | 0;
          if ((at & op.misfit) !== 0 || at > SIZE - 4) return;
        }
        const table = machineOf(given);
        table.gpr.set(own.gpr);
        table.pc = PC;
        table.nextPc = PC + 4;
        const { next, memory } = directly(op, own);
        op.run(table, op.fields);
        expect(registers(own)).toEqual(registers(table));
        if (op.code >= Code.branch) expect(next).toBe(table.nextPc & ~3);
        if (isAccess) expect(memory).toEqual(bytesOf(table));
      }),
      { numRuns: 5000 },
    );
  });
});
