import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runFile, total } from '../../cli/conformance/index.js';

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
    expect(result).toEqual({ file: name, kind, passed, failed: 0, setAside, failures: [] });
  });

  test('a single line is enough to know the kind', async () => {
    for (const kind of ['encodings', 'scalar', 'vector']) {
      const result = await runFile('x', firstLines(`${kind}.jsonl`, 1));
      expect([result.kind, result.passed]).toEqual([kind, 1]);
    }
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
  const one = { file: 'a', kind: 'scalar', passed: 2, failed: 1, setAside: 3, failures: [] };
  expect(total([one, one])).toEqual({ passed: 4, failed: 2, setAside: 6 });
});
