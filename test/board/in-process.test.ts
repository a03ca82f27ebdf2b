import { describe, expect, test } from 'vitest';
import { BoardError, InProcessBoard } from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import { PlaybackWriter, ResponseReader } from '../../isa/playback/index.js';
import { begin, openNodes } from '../emulator/host.js';

function program(milliseconds: number): Uint32Array {
  const writer = begin(new PlaybackWriter());
  openNodes(writer, [[8, 8]]);
  writer.timerSetup();
  for (let i = 0; i < 100; i++) writer.waitUntil(1000 + 500 * i).spike(i);
  writer.waitUntil(125_000 * milliseconds).read(0);
  return writer.barrier().halt().words();
}

describe('the chip in process as a board', () => {
  test('runs a program to its halt and reports progress', async () => {
    const board = InProcessBoard.of(Chip.ideal());
    const seen: number[] = [];
    const words = await board.run(program(2), {
      onProgress: ({ chipSeconds }) => seen.push(chipSeconds ?? -1),
    });
    const answers = new ResponseReader().push(words);
    expect(answers.spikeLabels.length).toBe(100);
    expect(answers.halts.length).toBe(1);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toBeCloseTo(0.002, 4);
  });

  test('two runs and two boards give the same bytes', async () => {
    const board = InProcessBoard.of(Chip.fromSeed(5));
    const first = await board.run(program(1));
    const second = await board.run(program(1));
    const other = await InProcessBoard.of(Chip.fromSeed(5)).run(program(1));
    expect(second).toEqual(first);
    expect(other).toEqual(first);
  });

  test('an aborted run leaves the board usable', async () => {
    const chip = Chip.ideal();
    const board = InProcessBoard.of(chip);
    const controller = new AbortController();
    const run = board.run(program(1000), {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(run).rejects.toMatchObject({ problem: 'aborted' });
    const answers = new ResponseReader().push(await board.run(program(1)));
    expect(answers.spikeLabels.length).toBe(100);
    // What the aborted program still wanted to wait for is not made up for.
    expect(chip.cyclesRun * 4e-9).toBeLessThan(0.5);
  });

  test.each([
    ['no halt', new PlaybackWriter().timerSetup().words(), {}],
    ['bad program', new Uint32Array(3), {}],
    ['time limit', program(100), { chipSecondsLimit: 0.001 }],
  ] as const)('%s is an error of its own', async (problem, words, options) => {
    const board = InProcessBoard.of(Chip.ideal());
    await expect(board.run(words, options)).rejects.toMatchObject({ problem });
    await expect(board.run(words, options)).rejects.toBeInstanceOf(BoardError);
  });

  test('a closed board says so, a busy one too', async () => {
    const board = InProcessBoard.of(Chip.ideal());
    const running = board.run(program(1));
    await expect(board.run(program(1))).rejects.toMatchObject({ problem: 'busy' });
    await running;
    await board.close();
    await expect(board.run(program(1))).rejects.toMatchObject({ problem: 'closed' });
  });
});
