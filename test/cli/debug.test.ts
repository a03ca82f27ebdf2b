import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { frame, PacketReader } from '../../emulator/debug/packet.js';
import { assemble } from '../../isa/assembler/index.js';
import { writeElf } from '../../isa/elf/index.js';
import { sumSource } from '../emulator/debug/session.js';

/** Sends packets one after another over a socket; answers in order. */
async function converse(port: number, packets: readonly string[]): Promise<string[]> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opening = connect(port, '127.0.0.1', () => resolve(opening));
    opening.once('error', reject);
  });
  const reader = new PacketReader();
  const answers: string[] = [];
  let wake: () => void = () => {};
  socket.setEncoding('latin1').on('data', (text: string) => {
    for (const received of reader.push(text)) {
      if (received.kind === 'packet') answers.push(received.text);
    }
    wake();
  });
  for (const [i, packet] of packets.entries()) {
    socket.write(frame(packet), 'latin1');
    while (answers.length <= i) await new Promise<void>((resolve) => (wake = resolve));
  }
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return answers;
}

test('plastic debug serves one debugger after another and ends with an interrupt', async () => {
  const program = join(mkdtempSync(join(tmpdir(), 'plastic-debug-')), 'sum.elf');
  writeFileSync(program, writeElf(assemble([{ name: 'sum.s', text: sumSource }])));
  const stub = spawn(
    process.execPath,
    ['--import', 'tsx', 'cli/main.ts', 'debug', program, '--port', '0', '--quiet'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = new Promise<number | null>((resolve) => stub.once('exit', resolve));
  const port = await new Promise<number>((resolve) => {
    stub.stdout.on('data', (bytes: Buffer) => {
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(bytes.toString());
      if (found !== null) resolve(Number(found[1]));
    });
  });
  const stop = 'T05thread:01;';
  expect(await converse(port, ['Z0,54,4', 'c', 'p20', 'D'])).toEqual([
    'OK',
    stop,
    '00000054',
    'OK',
  ]);
  // The second one finds the program where the first left it.
  expect(await converse(port, ['p20', 's', 'p20', 'D'])).toEqual([
    '00000054',
    stop,
    '00000058',
    'OK',
  ]);
  stub.kill('SIGINT');
  expect(await ended).toBe(130);
});
