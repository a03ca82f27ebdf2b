import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runFile, total } from '../../cli/conformance/index.js';
import { hex } from '../../cli/conformance/kind.js';
import { BareBus } from '../../emulator/ppu/bus.js';
import { PpuCore } from '../../emulator/ppu/core.js';
import { PpuMemory } from '../../emulator/ppu/memory.js';
import { encode } from '../../isa/encode.js';

const golden = (name: string): string =>
  readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8');

const firstLines = (name: string, count: number): string =>
  golden(name).split('\n').slice(0, count).join('\n');

describe('golden files', () => {
  test.each([
    ['encodings.jsonl', 'encodings', 4293, 0],
    ['scalar.jsonl', 'scalar', 1490, 4],
    ['vector.jsonl', 'vector', 294, 0],
  ])('%s passes', async (name, kind, passed, setAside) => {
    const result = await runFile(name, golden(name));
    expect(result).toMatchObject({ kind, passed, failed: 0, setAside, failures: [] });
    expect(result.reasons.flatMap(({ cases }) => cases)).toHaveLength(setAside);
  });

  test('a single line is enough to know the kind', async () => {
    for (const kind of ['encodings', 'scalar', 'vector']) {
      const result = await runFile('x', firstLines(`${kind}.jsonl`, 1));
      expect([result.kind, result.passed]).toEqual([kind, 1]);
    }
  });
});

describe('a program that records the loss of a result at an interrupt', () => {
  const mullwThenUnaligned = [
    ['addi', 3, 0, 5],
    ['addi', 9, 0, 0x102],
    ['addi', 4, 0, 7],
    ['b', 16],
    ['wait'],
    ['wait'],
    // The handler of an unaligned access.
    ['wait'],
    ['addi', 7, 0, 1],
    ['mullw', 5, 3, 4],
    ['lwz', 6, 0, 9],
    ['wait'],
  ] as const;

  /** What the core with that fault does, in the form of the file. */
  function recorded(): Record<string, unknown> {
    const instructionMemory = new PpuMemory();
    const words = mullwThenUnaligned.map(([name, ...operands]) => encode(name, operands));
    instructionMemory.words.set(words);
    const dataMemory = new PpuMemory();
    const options = { interruptFaults: true };
    const core = new PpuCore({ instructionMemory, dataMemory, bus: new BareBus(1), options });
    const issue: number[][] = [];
    const writes: [number, number, string][] = [];
    const redirects: number[] = [];
    const ignore = (): void => {};
    core.watch({
      issue: (period, address) => issue.push([period, address]),
      registerWrite: (period, register, value) => writes.push([period, register, hex(value)]),
      writeLost: (period, register) => {
        const lost = writes.findIndex(([p, r]) => p === period && r === register);
        writes.splice(lost, 1);
      },
      redirect: (period) => redirects.push(period),
      ...{ pop: ignore, read: ignore, write: ignore },
      ...{ condition: ignore, retire: ignore, request: ignore },
    });
    core.run(1000);
    expect(core.machine.gpr[5]).toBe(0);
    const registers = [...core.machine.gpr].map((value, n) => [n, hex(value)]);
    const config = { pbus_latency: 1, dmem_latency: 1, vector_mem_latency: 1 };
    return {
      id: 'lost',
      group: 'exc',
      config: { ...config, dmem_max_outstanding: 16, pbus_max_outstanding: 16 },
      words: words.map(hex),
      cycles: core.sleepCycle,
      issue,
      gpr_writes: writes,
      redirects,
      final_gpr: Object.fromEntries(registers),
    };
  }

  const run = (changes: object) =>
    runFile(
      'x',
      JSON.stringify({ format: 'nux-timing-1', cases: [{ ...recorded(), ...changes }] }),
    );

  test('is counted apart if the core agrees with that fault switched on', async () => {
    expect(await run({})).toMatchObject({
      ...{ passed: 0, failed: 0, setAside: 1, failures: [] },
      reasons: [
        {
          reason: 'it records results lost at an interrupt, and agrees with that fault switched on',
          cases: [expect.stringContaining('lost')],
        },
      ],
    });
  });

  test('fails in another group, or if it does not agree even so', async () => {
    expect(await run({ group: 'alu' })).toMatchObject({ passed: 0, failed: 1, setAside: 0 });
    expect(await run({ cycles: 99 })).toMatchObject({ passed: 0, failed: 1, setAside: 0 });
  });
});

describe('what fails', () => {
  test.each([
    ['text that is no JSON', 'hello\nworld\n', 'not a golden file of a known kind'],
    ['an empty file', '', 'not a golden file of a known kind'],
    ['JSON of another form', '{"a": 1}', 'not a golden file of a known kind'],
    ['a list', '[1, 2]', 'not a golden file of a known kind'],
  ])('%s', async (_, content, reason) => {
    const result = await runFile('x', content);
    expect([result.kind, result.failed]).toEqual([null, 1]);
    expect(result.failures[0]!.detail).toContain(reason);
  });

  test('a wrong expectation, with what was expected and what came', async () => {
    const entry = JSON.parse(firstLines('scalar.jsonl', 1)) as { out: { gpr: object } };
    entry.out.gpr = { 11: '00000000' };
    const result = await runFile('x', JSON.stringify(entry));
    expect(result.failed).toBe(1);
    expect(result.failures[0]!.detail).toMatch(/^r11: expected 00000000, got [0-9a-f]{8}$/);
  });

  test('a line that is damaged, without stopping the others', async () => {
    const lines = firstLines('scalar.jsonl', 3).split('\n');
    const damaged = [lines[0], '{"asm": "add', '{"asm":"add r1,r2,r3","word":"zz"}', lines[1]];
    const result = await runFile('x', damaged.join('\n'));
    expect([result.passed, result.failed]).toEqual([2, 2]);
  });
});

test('--only takes mnemonics, groups and kinds', async () => {
  const content = golden('encodings.jsonl');
  const of = async (...only: string[]) => (await runFile('x', content, only)).passed;
  expect(await of('add')).toBe(8);
  expect(await of('vector')).toBe(832);
  expect(await of('encodings')).toBe(4293);
  expect(await runFile('x', content, ['scalar'])).toMatchObject({ passed: 0, failed: 0 });
});

test('totals add up over files', () => {
  const one = {
    file: 'a',
    kind: 'scalar',
    passed: 2,
    failed: 1,
    setAside: 3,
    failures: [],
    reasons: [],
  };
  expect(total([one, one])).toEqual({ passed: 4, failed: 2, setAside: 6 });
});
