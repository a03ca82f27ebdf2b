/** gdb-multiarch in front of a whole chip: two threads, all-stop, watched memory that the other writes, and back. */
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../cli/debug/serve.js';
import { ChipTarget } from '../../emulator/debug/chip-target.js';
import { Chip } from '../../emulator/index.js';
import { assemble } from '../../isa/assembler/index.js';
import { writeElf } from '../../isa/elf/index.js';
import { hostProgram } from '../emulator/debug/chip-session.js';
import { requirePackages } from './cross.js';

/** Counts in r3 and leaves the number in the other processor's SRAM. */
const top = `# Counts, and tells the other processor.
        .globl _start, loop
_start: lis r7, 0x8e00
        li r3, 0
loop:   addi r3, r3, 1
        stw r3, 0x1804(r7)
        sync
        cmpwi r3, 6
        bne loop
        wait
        b .
`;
/** Counts as well, at other addresses. */
const bottom = `
_start: b begin
        .space 0x40
begin:  li r4, 0
again:  addi r4, r4, 1
        cmpwi r4, 400
        bne again
        wait
        b .
`;

const folder = mkdtempSync(join(tmpdir(), 'plastic-gdb-chip-'));
const source = join(folder, 'top.s');
const program = join(folder, 'top.elf');
const words = hostProgram([top, bottom]);
let server: Server;
let port = 0;

/** Runs gdb with these commands against a new chip and returns what it printed, and what the host got. */
async function gdb(
  ...commands: readonly string[]
): Promise<{ readonly out: string; readonly answers: Uint32Array }> {
  const chip = Chip.ideal();
  chip.feed(words);
  const target = new ChipTarget(chip);
  server = createServer((socket) => {
    void serve(socket, {
      target,
      cycle: () => chip.cycle,
      attached: () => target.interrupt(),
      left: () => target.go(),
      alone: '',
      close: () => {},
    });
  });
  port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const setup = [
    'set pagination off',
    'set confirm off',
    'set architecture powerpc:common',
    'set endian big',
    `target remote 127.0.0.1:${port}`,
  ];
  const script = join(folder, 'session.gdb');
  writeFileSync(script, [...setup, ...commands, 'detach', ''].join('\n'));
  const child = spawn('gdb-multiarch', ['-nx', '-batch', '-x', script, program]);
  let out = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (out += bytes.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => server.close(resolve));
  chip.run();
  return { out, answers: chip.takeOutput() };
}

beforeAll(() => {
  requirePackages('gdb-multiarch');
  writeFileSync(source, top);
  writeFileSync(program, writeElf(assemble([{ name: source, text: top }])));
}, 600_000);

afterAll(() => server?.close());

const free = (): Uint32Array => Chip.ideal().execute(words);

describe('gdb-multiarch attached to a chip', () => {
  test('sees both processors, stops them together, and runs back to earlier stops', async () => {
    const { out, answers } = await gdb(
      'break loop',
      'continue',
      'info threads',
      'continue',
      'continue',
      'print $r3',
      'reverse-continue',
      'print $r3',
      'stepi',
      'stepi',
      'reverse-stepi',
      'info registers pc',
      'delete',
      'reverse-continue',
      'monitor history',
    );
    expect(out).toContain('Thread 1 (top PPU, awake)');
    expect(out).toContain('Thread 2 (bottom PPU, awake)');
    expect(out).toMatch(/\$1 = 2\s/);
    expect(out).toMatch(/\$2 = 1\s/);
    expect(out).toMatch(/pc +0xc +0xc <loop\+4>/);
    expect(out).toContain('No more reverse-execution history');
    expect(out).toMatch(/time can run back 0 cycles/);
    expect(answers).toEqual(free());
  });

  test('reports memory that the other processor writes, forwards and backwards', async () => {
    const { out, answers } = await gdb(
      'break loop',
      'continue',
      'delete',
      'thread 2',
      'watch *(int*)0x1804',
      'continue',
      'continue',
      'continue',
      'reverse-continue',
      'print *(int*)0x1804',
    );
    expect(out).toMatch(/Old value = 0\s+New value = 1\s/);
    expect(out).toMatch(/Old value = 1\s+New value = 2\s/);
    expect(out).toMatch(/Old value = 2\s+New value = 3\s/);
    expect(out).toMatch(/Old value = 3\s+New value = 2\s/);
    expect(answers).toEqual(free());
  });
});
