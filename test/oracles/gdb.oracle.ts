import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../../isa/assembler/index.js';
import { writeElf } from '../../isa/elf/index.js';
import { sumSource } from '../emulator/debug/session.js';
import { requirePackages } from './cross.js';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'plastic-gdb-'));
const source = join(folder, 'sum.s');
const program = join(folder, 'sum.elf');
let stub: ChildProcess;
let place = '';

/** Runs gdb with these commands after attaching and returns what it printed. */
function gdb(...commands: readonly string[]): string {
  const setup = [
    'set pagination off',
    'set confirm off',
    'set architecture powerpc:common',
    'set endian big',
    `target remote ${place}`,
  ];
  const script = join(folder, 'session.gdb');
  writeFileSync(script, [...setup, ...commands, ''].join('\n'));
  const done = spawnSync('gdb-multiarch', ['-nx', '-batch', '-x', script, program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return done.stdout + done.stderr;
}

beforeAll(async () => {
  requirePackages('gdb-multiarch');
  writeFileSync(source, sumSource);
  writeFileSync(program, writeElf(assemble([{ name: source, text: sumSource }])));
  stub = spawn(process.execPath, ['--import', 'tsx', main, 'debug', program, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  place = await new Promise<string>((resolve, reject) => {
    stub.stdout?.on('data', (bytes: Buffer) => {
      const found = /listening on (\S+)/.exec(bytes.toString());
      if (found?.[1] !== undefined) resolve(found[1]);
    });
    stub.once('exit', (code) => reject(new Error(`plastic debug ended with ${code}`)));
  });
}, 600_000);

afterAll(() => {
  stub.kill('SIGINT');
});

describe('gdb-multiarch attached to plastic debug', () => {
  test('shows source lines, stops at breakpoints and steps', () => {
    const out = gdb(
      'break main',
      'continue',
      'list',
      'stepi',
      'stepi',
      'info registers pc r9',
      'x/2i $pc',
      'info threads',
      'detach',
    );
    expect(out).toContain('sum.s:5');
    expect(out).toMatch(/Breakpoint 1, main \(\) at .*sum\.s:8/);
    expect(out).toMatch(/8\s+lis r9, table@ha/);
    expect(out).toMatch(/pc +0x48 +0x48 <main\+8>/);
    expect(out).toMatch(/r9 +0x100 +256/);
    expect(out).toMatch(/=> 0x48 <main\+8>:\s+li +r3,0/);
    expect(out).toContain('Thread 1 (PPU)');
    expect(out).toContain('detached');
  });

  test('goes on where the last debugger left, and reports watched memory with old and new value', () => {
    const out = gdb('p $pc', 'watch *(int*)&total', 'continue', 'continue', 'detach');
    expect(out).toMatch(/0x48 <main\+8>/);
    expect(out).toMatch(/Old value = 0\s+New value = 1\s/);
    expect(out).toMatch(/Old value = 1\s+New value = 3\s/);
    expect(out).toMatch(/17\s+addi r9, r9, 4/);
  });

  test('shows vector and special registers, takes writes', () => {
    const out = gdb(
      'break lanes',
      'continue',
      'stepi 3',
      'p $v3.h[0]',
      'p $v4.h[63]',
      'p $v4.b[1]',
      'set var *(int*)&total = 77',
      'x/xw &total',
      'set $r3 = 99',
      'p $r3',
      'p $dec',
      'p $tbl > 0',
      'detach',
    );
    expect(out).toContain('$1 = 5');
    expect(out).toContain('$2 = 10');
    expect(out).toContain('$3 = 10');
    expect(out).toMatch(/0x0000004d/);
    expect(out).toContain('$4 = 99');
    expect(out).toContain('$5 = 0');
    expect(out).toContain('$6 = 1');
  });

  test('runs back: steps, watched memory, the start', () => {
    const out = gdb(
      'monitor reset',
      'maintenance flush register-cache',
      'break lanes',
      'continue',
      'reverse-stepi',
      'info registers pc',
      'delete',
      'watch *(int*)&total',
      'reverse-continue',
      'delete',
      'reverse-continue',
      'info registers pc',
      'detach',
    );
    expect(out).toMatch(/pc +0x64 +0x64 <loop\+16>/);
    expect(out).toMatch(/Old value = 36\s+New value = 28\s/);
    expect(out).toMatch(/16\s+stw r3, total@l\(0\)/);
    expect(out).toContain('No more reverse-execution history');
    expect(out).toMatch(/pc +0x0 +0x0 <_start>/);
  });

  test('says how the program ended', () => {
    const out = gdb('continue', 'monitor cycle', 'kill');
    expect(out).toMatch(/the program sleeps for good since cycle 162; return code 36/);
    expect(out).toMatch(/52 instructions issued/);
  });
});
