import { createConnection } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assemble } from '../../isa/assembler/index.js';
import { writeElf } from '../../isa/elf/index.js';
import { plastic, startServing, type Serving } from './serving.js';

const folder = mkdtempSync(join(tmpdir(), 'plastic-board-'));
const elf = join(folder, 'up.elf');
const source = `
        .globl _start, status
_start: li      3, 1
        lis     4, status@ha
        stw     3, status@l(4)
        sync
loop:   b       loop
        .data
status: .long   0
`;

let serving: Serving;
beforeAll(async () => {
  writeFileSync(elf, writeElf(assemble([{ name: 'up.s', text: source }])));
  serving = await startServing(['--chip', '7', '--tcp', '0', '--gdb', '0'], 2);
}, 120_000);
afterAll(async () => {
  await serving.stop();
});

describe('plastic flash and plastic board', () => {
  test('flash prints a plan without a board, loads over TCP with events, and fails with code 3', async () => {
    const [plan, loaded, nobody] = await Promise.all([
      plastic(['flash', elf, '--dry-run']),
      plastic(['flash', elf, '--board', serving.urls[0] ?? '', '--json']),
      plastic(['flash', elf, '--board', 'tcp://127.0.0.1:1']),
    ]);
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.out).toMatch(/int\.text +0x00000000/);
    expect(plan.out).toContain('SRAM is volatile');
    expect(loaded.err).toBe('');
    expect(loaded.code).toBe(0);
    const events = loaded.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.at(-1)).toMatchObject({ kind: 'done', revision: 'HICANN-X v3' });
    expect(events.map(({ kind }) => kind)).toContain('progress');
    expect(nobody.code).toBe(3);
    expect(nobody.err).toMatch(/there is no such port[^]*opening the port[^]*likely:/);
  }, 120_000);

  test('gdb finds the processors of a served board', async () => {
    const [, port = ''] = /:(\d+)$/.exec(serving.urls[1] ?? '') ?? [];
    const socket = createConnection({ port: Number(port), host: '127.0.0.1' });
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      socket.on('error', reject);
      socket.on('data', (bytes: Buffer) => {
        text += bytes.toString('latin1');
        if (/#[0-9a-f]{2}$/.test(text)) resolve(text);
      });
      socket.write('$qfThreadInfo#bb');
    });
    socket.destroy();
    expect(answer).toMatch(/\$m0?1,0?2#/);
  });

  test('wrong command lines are told from wrong boards', async () => {
    const [host, patch, missing] = await Promise.all([
      plastic(['board', 'serve', '--host', '0.0.0.0']),
      plastic(['flash', elf, '--dry-run', '--patch', 'status']),
      plastic(['flash', join(folder, 'nothing.elf'), '--dry-run']),
    ]);
    expect(host.code).toBe(2);
    expect(host.err).toContain('--bind 0.0.0.0');
    expect(patch.code).toBe(2);
    expect(missing.code).toBe(1);
  }, 120_000);
});
