import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { hostProgram } from '../emulator/debug/chip-session.js';

const folder = mkdtempSync(join(tmpdir(), 'plastic-chip-trace-'));
const experiment = join(folder, 'count.ts');
// An experiment that plays a recorded program: both processors count to 20.
writeFileSync(
  experiment,
  `import { defineExperiment } from 'plastic';
const words = Uint32Array.from([${[...hostProgram()].join()}]);
export default defineExperiment({
  name: 'count', title: 'Counting', settings: {},
  run: async (lab) => { await lab.board.run(words); },
});
`,
);

function trace(...options: readonly string[]): SpawnSyncReturns<string> {
  const command = ['--import', 'tsx', 'cli/main.ts', 'trace', experiment, ...options];
  return spawnSync(process.execPath, command, { encoding: 'utf8' });
}

test('plastic trace records a processor of the chip of an experiment', () => {
  const names = ['run.txt', 'run.jsonl', 'run.vcd', 'run.konata'];
  const [text, lines] = names.map((name) => join(folder, name));
  const traces = names.flatMap((name) => ['--trace', join(folder, name)]);
  const profile = join(folder, 'hot.txt');
  const done = trace(...traces, '--profile', profile, '--processor', 'bottom');
  expect(done.stderr).toMatch(/bottom PPU: \d+ instructions in .*; the chip ran \d+ cycles/);
  expect(done.status).toBe(0);
  expect(readFileSync(text!, 'utf8').match(/addi r3,r3,1 /g)).toHaveLength(20);
  const events = readFileSync(lines!, 'utf8').trim().split('\n');
  expect(JSON.parse(events.at(-1)!)).toMatchObject({ kind: 'end' });
  expect(readFileSync(profile, 'utf8')).toMatch(/^\d+ cycles\n/);
});

test('nothing to write is a mistake on the command line', () => {
  const done = trace();
  expect(done.status).toBe(2);
  expect(done.stderr).toContain('--trace FILE or --profile FILE');
});
