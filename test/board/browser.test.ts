import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { webSerialConnector, type WebSerialPort } from '../../board/wire/web-serial.js';
import { WireBoard } from '../../board/wire-board.js';
import { InProcessBoard } from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import { PlaybackWriter } from '../../isa/playback/index.js';
import { FakePort } from './fake-port.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every file that a file needs, and what is imported from outside. */
function closure(file: string, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(file)) return seen;
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  const outside = importedFiles.map(({ fileName }) => fileName).filter((name) => !/^\./.test(name));
  seen.set(file, outside);
  for (const { fileName } of importedFiles) {
    if (!fileName.startsWith('.')) continue;
    const path = relative(root, join(root, dirname(file), fileName)).replace(/\.js$/, '.ts');
    closure(path, seen);
  }
  return seen;
}

test('a board on Web Serial needs nothing of Node, links, framing and codec included', () => {
  const files = closure('board/wire/web-serial.ts');
  for (const file of closure('board/wire-board.ts').keys()) files.set(file, []);
  closure('board/capture/format.ts', files);
  expect(files.size).toBeGreaterThan(15);
  for (const [file, outside] of files) {
    const foreign = outside.filter((name) => !name.startsWith('binary-parser/'));
    expect({ file, foreign }).toEqual({ file, foreign: [] });
    const text = readFileSync(join(root, file), 'utf8');
    expect({ file, node: /\b(Buffer|process|setImmediate|require)\b[.(]/.test(text) }).toEqual({
      file,
      node: false,
    });
  }
});

/** The browser's port over the fake one: streams instead of promises. */
function webPort(port: FakePort): WebSerialPort {
  let inner: Awaited<ReturnType<FakePort['open']>> | undefined = undefined;
  let isCancelled = false;
  return {
    open: async ({ baudRate }) => {
      inner = await port.open({ path: 'web', baudRate });
    },
    close: async () => inner?.close(),
    get readable() {
      const buffer = Buffer.alloc(65536);
      return {
        getReader: () => ({
          read: async () => {
            const got = await inner?.read(buffer, 0, buffer.length).catch(() => undefined);
            if (got === undefined || isCancelled) return { done: true };
            return { value: new Uint8Array(buffer.subarray(0, got.bytesRead)), done: false };
          },
          cancel: async () => {
            isCancelled = true;
            await inner?.close();
          },
          releaseLock: () => {},
        }),
      };
    },
    get writable() {
      return {
        getWriter: () => ({
          write: async (bytes: Uint8Array) => inner?.write(Buffer.from(bytes)),
          releaseLock: () => {},
        }),
      };
    },
  };
}

test('a board on a port of the shape that browsers have gives the same words', async () => {
  const port = new FakePort();
  const board = await WireBoard.open(webSerialConnector(webPort(port), { baud: 921_600 }));
  const writer = new PlaybackWriter().timerSetup().waitUntil(5000);
  writer.readBlock(0x02800000, 200);
  const words = writer.barrier().halt().words();
  expect(await board.run(words)).toEqual(await InProcessBoard.of(Chip.fromSeed(5)).run(words));
  await board.close();
  port.close();
});
