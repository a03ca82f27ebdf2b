/** Whole experiments on boards in other processes: over TCP, UDP and a real pseudo-terminal. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plastic, startServing, type Serving } from '../board/serving.js';
import { requirePackages } from './cross.js';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
/** Folders with an experiment, and the experiments among the tutorials. */
const names = [
  ...readdirSync(examples).filter((name) => existsSync(`${examples}${name}/experiment.ts`)),
  ...readdirSync(`${examples}tutorials`)
    .map((file) => `tutorials/${file}`)
    .filter(
      (file) =>
        file.endsWith('.ts') &&
        readFileSync(`${examples}${file}`, 'utf8').includes('defineExperiment'),
    ),
];
const folder = mkdtempSync(join(tmpdir(), 'plastic-pty-'));
const pty = join(folder, 'board');
const address = `127.${10 + ((process.pid >> 16) & 63)}.${(process.pid >> 8) & 255}.${1 + (process.pid % 254)}`;
let serving: Serving;

beforeAll(async () => {
  requirePackages('socat');
  serving = await startServing(
    // An address of its own: the usual UDP ports may be taken on the first one.
    ['--chip', '7', '--host', address, '--tcp', '0', '--udp', '1234', '--pty', pty],
    3,
  );
}, 600_000);
afterAll(async () => {
  await serving.stop();
});

async function run(name: string, out: string, ...more: string[]): Promise<void> {
  const done = await plastic(['run', `${examples}${name}`, '--quick', '--out', out, '-q', ...more]);
  expect(done.err.replace(/^warning.*\n/gm, '')).toBe('');
  expect(done.code).toBe(0);
}

describe.each(names)('the example %s', (name) => {
  test('gives the same arrays in process and over TCP, UDP and a pseudo-terminal', async () => {
    const safe = name.replace(/\W/g, '-');
    const local = join(folder, `${safe}-local`);
    await run(name, local, '--chip', '7');
    const [tcp = '', udp = ''] = serving.urls;
    for (const [way, ...at] of [
      ['tcp', tcp],
      ['udp', udp],
      ['pty', pty, '--baud', '3000000'],
    ] as const) {
      const remote = join(folder, `${safe}-${way}`);
      await run(name, remote, '--board', ...at);
      for (const file of ['spikes.npz', 'weights.npz', 'records.npz'])
        expect(
          Buffer.compare(readFileSync(join(remote, file)), readFileSync(join(local, file))),
        ).toBe(0);
    }
  });
});

test('flash and info find the board at the pseudo-terminal, one client after the other', async () => {
  for (let i = 0; i < 3; i++) {
    const info = await plastic(['board', 'info', '--board', pty, '--json']);
    expect(info.code).toBe(0);
    expect(JSON.parse(info.out)).toMatchObject({ isEmulated: true, dna: '0504c4100000007' });
  }
});

test('a port that another process holds is said to be busy', async () => {
  const end = new AbortController();
  const monitor = plastic(['board', 'monitor', '--board', pty], end.signal);
  // The looks of a monitor wait for 10 ms of chip time each, as nothing else here does.
  await serving.says(/ran \d+ words, 10\.\d+ ms/);
  const second = await plastic(['board', 'info', '--board', pty]);
  expect(second.code).toBe(3);
  expect(second.err).toContain('another process holds the port');
  end.abort();
  expect((await monitor).code).toBe(130);
});
