/** `plastic check` and `plastic explain` as a person calls them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'plastic-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good = join(folder, 'good.plast');
const bad = join(folder, 'bad.plast');
writeFileSync(good, 'rule r { every 1 ms { each synapse { w += 1 } } }\n');
writeFileSync(bad, 'rule r { every 1 ms { each synapse { w += causl } } }\n');

function plastic(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'cli/main.ts', ...args],
    {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    },
  );
  return { status, stdout, stderr };
}

test('a file without mistakes: exit code 0', () => {
  const { status, stdout } = plastic('check', good);
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${good}: no mistakes found\n` });
});

test('mistakes and missing files: exit code 1, every file is looked at', () => {
  const { status, stderr } = plastic('check', bad, join(folder, 'missing.plast'));
  expect(status).toBe(1);
  expect(stderr).toContain(`${bad}:1:43`);
  expect(stderr).toContain('missing.plast: there is no such file');
});

test('--json prints an array', () => {
  const { status, stdout } = plastic('check', '--json', bad);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([{ code: 'E0101', line: 1, column: 43 }]);
});
