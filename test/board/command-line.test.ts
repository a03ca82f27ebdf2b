import { createConnection } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import yargs from 'yargs';
import { board } from '../../cli/commands/board.js';
import { flashCommand } from '../../cli/commands/flash.js';
import { reportFailure } from '../../cli/failure.js';
import { assemble } from '../../isa/assembler/index.js';
import { writeElf } from '../../isa/elf/index.js';
import { startServing, type Serving } from './serving.js';

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
});
afterAll(async () => {
  await serving.stop();
});

/** Runs a command in this process. */
async function plastic(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    process.exitCode = 0;
    await yargs(args)
      .command(flashCommand)
      .command(board)
      .exitProcess(false)
      .fail((message, error) => {
        throw error ?? new Error(message);
      })
      .parseAsync();
    return { code: Number(process.exitCode), out, err };
  } catch (error) {
    return { code: reportFailure(error), out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
    process.exitCode = 0;
  }
}

describe('plastic flash', () => {
  test('prints a plan without a board', async () => {
    const { code, out } = await plastic('flash', elf, '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(/int\.text +0x00000000/);
    expect(out).toContain('SRAM is volatile');
  });

  test('loads over TCP and tells events as JSON', async () => {
    const { code, out, err } = await plastic(
      'flash',
      elf,
      '--board',
      serving.urls[0] ?? '',
      '--json',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.at(-1)).toMatchObject({ kind: 'done', revision: 'HICANN-X v3' });
    expect(events.map(({ kind }) => kind)).toContain('progress');
  });

  test('a board that is not there is code 3 and named causes', async () => {
    const { code, err } = await plastic('flash', elf, '--board', 'tcp://127.0.0.1:1');
    expect(code).toBe(3);
    expect(err).toMatch(/there is no such port[^]*opening the port[^]*likely:/);
  });

  test('a wrong program is code 1, a wrong command line code 2', async () => {
    expect((await plastic('flash', join(folder, 'nothing.elf'), '--dry-run')).code).toBe(1);
    expect((await plastic('flash', elf, '--dry-run', '--patch', 'nothing=1')).code).toBe(1);
    expect((await plastic('flash', elf, '--dry-run', '--patch', 'status')).code).toBe(2);
    expect((await plastic('flash', elf)).code).toBe(2);
  });
});

describe('plastic board', () => {
  test('info and bench ask a served board', async () => {
    const at = ['--board', serving.urls[0] ?? '', '--json'];
    const info = await plastic('board', 'info', ...at);
    expect(JSON.parse(info.out)).toMatchObject({ dna: '0504c4100000007', isEmulated: true });
    const bench = await plastic('board', 'bench', ...at, '--words', '200');
    expect(JSON.parse(bench.out)).toMatchObject({ damaged: 0, roundTrip: { count: 20 } });
  });

  test('serve keeps to loopback unless it is told otherwise by name', async () => {
    const { code, err } = await plastic('board', 'serve', '--host', '0.0.0.0');
    expect(code).toBe(2);
    expect(err).toContain('--bind 0.0.0.0');
  });

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
});
