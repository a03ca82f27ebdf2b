/** What public hardware tests check of a chip, on the emulated one, in process and over both wires. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BoardServer,
  EmulatedMachine,
  InProcessBoard,
  listenTcp,
  listenUdp,
  openBoard,
  type Board,
} from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import { ResponseReader } from '../../isa/playback/index.js';
import { hardwareChecks, wordsOf } from './hardware-checks.js';

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function overWire(kind: 'tcp' | 'udp', chip: Chip): Promise<Board> {
  const server = new BoardServer(new EmulatedMachine(chip, () => performance.now()));
  const listener =
    kind === 'tcp'
      ? { ...(await listenTcp(server, '127.0.0.1', 0)), resetPort: 0 }
      : await listenUdp(server, '127.0.0.1', 0, 0);
  const board = await openBoard(listener.url, { resetPort: listener.resetPort });
  closing.push(
    () => server.close(),
    () => listener.close(),
    () => board.close(),
  );
  return board;
}

const boards: readonly [string, () => Promise<Board>][] = [
  ['the ideal chip in process', () => Promise.resolve(InProcessBoard.of(Chip.ideal()))],
  [
    'a drawn chip with the fast engine',
    () => Promise.resolve(InProcessBoard.of(Chip.fromSeed(7, { engine: 'fast' }))),
  ],
  ['the serial frames over TCP', () => overWire('tcp', Chip.ideal())],
  ['HostARQ over UDP', () => overWire('udp', Chip.ideal())],
];

describe.each(boards)('low-level checks: %s', (_, open) => {
  let board: Board;
  beforeAll(async () => {
    board = await open();
  });

  test.each(hardwareChecks.map((check) => [check.name, check] as const))('%s', async (_, check) => {
    const answers = new ResponseReader().push(await board.run(wordsOf(check)));
    expect(answers.halts.length).toBe(1);
    expect(check.problems(answers)).toEqual([]);
  });
});
