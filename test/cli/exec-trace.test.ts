import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { assemble } from '../../isa/assembler/index.js';
import { writeElf } from '../../isa/elf/index.js';
import { sumSource } from '../emulator/debug/session.js';

const folder = mkdtempSync(join(tmpdir(), 'plastic-trace-'));
const program = join(folder, 'sum.elf');
writeFileSync(program, writeElf(assemble([{ name: 'sum.s', text: sumSource }])));
const command = ['--import', 'tsx', 'cli/main.ts', 'exec', program];

test('plastic exec writes every trace and profile that is asked for, with the same result', () => {
  const names = ['run.txt', 'run.jsonl', 'run.vcd', 'run.konata'];
  const traces = names.flatMap((name) => ['--trace', join(folder, name)]);
  const profiles = ['hot.txt', 'hot.folded'].flatMap((name) => ['--profile', join(folder, name)]);
  const report = JSON.parse(
    execFileSync(process.execPath, [...command, '--json', ...traces, ...profiles], {
      encoding: 'utf8',
    }),
  ) as { readonly cycles: number; readonly returnCode: number };
  expect(report).toMatchObject({ stopReason: 'sleep', cycles: 162, returnCode: 36 });
  for (const name of names) {
    const ending = name.slice(name.lastIndexOf('.'));
    const golden = readFileSync(`test/emulator/trace/golden/sum${ending}`, 'utf8');
    expect(readFileSync(join(folder, name), 'utf8').replaceAll('sum.s', 'program.s')).toBe(
      golden.replaceAll('sum.s', 'program.s'),
    );
  }
  expect(readFileSync(join(folder, 'hot.txt'), 'utf8')).toMatch(/^162 cycles\n/);
  expect(readFileSync(join(folder, 'hot.folded'), 'utf8')).toMatch(/^_start;sum\.s:\d+ \d+$/m);
});

test('a trace of unknown kind is refused before anything runs', () => {
  const done = spawnSync(process.execPath, [...command, '--trace', join(folder, 'run.xyz')], {
    encoding: 'utf8',
  });
  expect(done.status).toBe(2);
  expect(done.stderr).toContain('end the name in .txt, .jsonl, .vcd, .konata');
});
