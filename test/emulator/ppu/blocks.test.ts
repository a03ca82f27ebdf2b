/** Blocks, interpreted and compiled, against the instruction table, which is the definition. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BareBus } from '../../../emulator/ppu/bus.js';
import { Block, isBlockOperation } from '../../../emulator/ppu/block.js';
import { BlockRunner, ELSEWHERE, ON, Step, STEP } from '../../../emulator/ppu/block-runner.js';
import { PpuCore } from '../../../emulator/ppu/core.js';
import { PpuMemory } from '../../../emulator/ppu/memory.js';
import { Operation } from '../../../emulator/ppu/operation.js';
import { instructions } from '../../../isa/table/index.js';

const SIZE = 256;
const PC = 0x40;

/** Operand fields that make an instruction one of a block, if any do; special registers LR and CTR among them. */
const fills = [0, -1, 0x0280_0000, 0x0008_0000, 0x0009_0000];
const inBlocks = instructions.filter(({ match, mask }) =>
  fills.some((fill) => isBlockOperation(new Operation(match | (fill & ~mask)))),
);
const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: 0, max: SIZE / 4 }).map((word) => 4 * word),
  fc.constantFrom(0, 1, -1, 31, 32, 0x7fff_ffff, -0x8000_0000, 0x8000, -0x8000),
);
const moves = [0x7c68_02a6, 0x7c88_03a6, 0x7ca9_02a6, 0x7cc9_03a6];
const drawn = fc
  .tuple(fc.constantFrom(...inBlocks), fc.integer(), fc.integer({ min: 0, max: 15 }))
  .map(([{ match, mask, group, form }, random, offset]) => {
    // Displacements that reach the small memory often enough.
    const isAccess = (group === 'load' || group === 'store') && form === 'D';
    return match | ((isAccess ? (random & 0x03ff_0000) | (4 * offset) : random) & ~mask);
  })
  .filter((word) => isBlockOperation(new Operation(word)));
const anyWord = fc.oneof({ weight: 20, arbitrary: drawn }, fc.constantFrom(...moves));
const state = fc.record({
  words: fc.array(anyWord, { minLength: 1, maxLength: 12 }),
  gpr: fc.array(number, { minLength: 32, maxLength: 32 }),
  cr: fc.integer(),
  xer: fc.constantFrom(0, -0x8000_0000, 0x2000_0000),
  ctr: fc.constantFrom(0, 1, 2, -1, 0x1234),
  lr: fc.integer(),
});
type Given = typeof state extends fc.Arbitrary<infer T> ? T : never;

/** A processor in the given state, with its memory filled. */
function prepared({ gpr, cr, xer, ctr, lr }: Given): PpuCore {
  const memory = new PpuMemory(SIZE);
  memory.load(Uint8Array.from({ length: SIZE }, (_, i) => (i * 73 + 151) & 255));
  const parts = {
    instructionMemory: new PpuMemory(64),
    dataMemory: memory,
    bus: new BareBus(1),
  };
  const core = new PpuCore(parts);
  core.machine.gpr.set(gpr);
  Object.assign(core.machine, { cr, xer, ctr, lr });
  return core;
}

function outcome({ machine: m, dataMemory }: PpuCore, count: number, next: number): unknown {
  const { gpr, cr, xer, lr, ctr } = m;
  const registers = {
    gpr: [...gpr],
    cr: cr | 0,
    xer: xer | 0,
    lr: lr | 0,
    ctr: ctr | 0,
  };
  return { count, next: next | 0, registers, memory: [...dataMemory.words] };
}

/** Executes a block: how many of its instructions, where it goes on, registers and memory. */
function byBlock(given: Given, block: Block): { count: number; outcome: unknown } {
  const core = prepared(given);
  const runner = new BlockRunner(core.machine, core.dataMemory, new Uint8Array(SIZE / 4));
  const end = block.compiled === null ? runner.run(block) : block.compiled(runner);
  const next = end === ON ? block.next : end === ELSEWHERE ? runner.next : block.target;
  const count = end >= 0 ? end : block.length;
  return {
    count,
    outcome: outcome(core, count, end >= 0 ? PC + 4 * end : next),
  };
}

/** The first `count` instructions by the table. */
function byTable(given: Given, operations: readonly Operation[], count: number): unknown {
  const core = prepared(given);
  const m = core.machine;
  let next = PC;
  for (const op of operations.slice(0, count)) {
    m.pc = next;
    m.nextPc = next + 4;
    op.run(m, op.fields);
    next = m.nextPc & ~3;
  }
  return outcome(core, count, next);
}

function operationsOf(words: readonly number[]): Operation[] {
  const operations = words.map((word) => new Operation(word));
  const branch = operations.findIndex((op) => op.instruction?.timing === 'branch');
  return branch < 0 ? operations : operations.slice(0, branch + 1);
}

describe('a block', () => {
  it('does what the instruction table says, interpreted and compiled', () => {
    let executed = 0;
    fc.assert(
      fc.property(state, (given) => {
        const operations = operationsOf(given.words);
        const interpreted = byBlock(given, new Block(PC, operations));
        const block = new Block(PC, operations);
        block.compile();
        expect(block.compiled).not.toBeNull();
        const { count } = interpreted;
        executed += count;
        const wanted = byTable(given, operations, count);
        for (const got of [interpreted.outcome, byBlock(given, block).outcome]) {
          if (!isDeepStrictEqual(got, wanted)) expect(got).toEqual(wanted);
        }
      }),
      { numRuns: 1500 },
    );
    // Most accesses are inside, or the test would say little.
    expect(executed).toBeGreaterThan(2500);
  });

  it('stops in front of an access that goes outside, is not well aligned or would change code', () => {
    const store = new Operation(0x9061_0000); // stw r3,0(r1)
    const block = new Block(PC, [new Operation(0x3860_0007), store]);
    const stopAt = (address: number, covered: number): number => {
      const memory = new PpuMemory(SIZE);
      const parts = {
        instructionMemory: memory,
        dataMemory: memory,
        bus: new BareBus(1),
      };
      const { machine } = new PpuCore(parts);
      machine.gpr[1] = address;
      const marks = new Uint8Array(SIZE / 4).fill(1, covered, covered + 1);
      return new BlockRunner(machine, memory, marks).run(block);
    };
    expect(stopAt(0x20, 9)).toBe(ON);
    expect(stopAt(0x20, 8)).toBe(1);
    expect(stopAt(0x22, 9)).toBe(1);
    expect(stopAt(0x4000_0000, 9)).toBe(1);
  });

  it('has every kind of step', () => {
    const seen = new Set<number>();
    for (const { match, mask } of inBlocks) {
      for (const fill of [...fills, 0x0022_1800, 0x0061_1800]) {
        const op = new Operation(match | (fill & ~mask));
        if (!isBlockOperation(op)) continue;
        const { code } = new Block(PC, [op]);
        for (let i = 0; i < code.length; i += STEP) seen.add(code[i]! & 255);
      }
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(
      Array.from({ length: Step.keepR0 + 1 }, (_, i) => i),
    );
  });
});
