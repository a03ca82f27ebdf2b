/** `plastic compare` as a person calls it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'plastic-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rule = join(folder, 'r.plast');
writeFileSync(
  rule,
  'rule r {\n  param a in [0, 1] = 0.5\n  every 1 ms { each synapse { w += a * causal / 8 } }\n}\n',
);
const input = join(folder, 'in.json');
writeFileSync(input, '{"rows": 1, "weights": 20, "executions": [{"causal": 190}, {}]}');

function plastic(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'cli/main.ts', 'compare', ...args],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
  return { status, stdout, stderr };
}

test('a recorded input: exit code 0 and the facts as JSON', () => {
  const { status, stdout } = plastic(rule, '--input', input, '--set', 'a=1', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ rule: 'r', rows: 1, executions: 2, agrees: true });
  expect(status).toBe(0);
});

test('a value outside its declared range: exit code 1; an unknown parameter: 2', () => {
  const outside = plastic(rule, '--set', 'a=2');
  expect([outside.status, outside.stderr]).toEqual([1, expect.stringContaining('[0, 1]')]);
  const unknown = plastic(rule, '--set', 'b=2');
  expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('there are: a')]);
});
