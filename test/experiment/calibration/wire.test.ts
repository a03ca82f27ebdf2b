import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  BoardError,
  BoardServer,
  EmulatedMachine,
  InProcessBoard,
  listenTcp,
  openBoard,
} from '../../../board/index.js';
import { chooseChip, chooseForDie } from '../../../cli/run/chip.js';
import { Chip } from '../../../emulator/index.js';
import {
  calibrate,
  encodeCalibration,
  readDie,
  type Calibration,
} from '../../../experiment/calibration/index.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const die = (seed: number): Chip => Chip.fromSeed(seed, { law: 'uncalibrated' });
const what = { neurons: [4], quick: true, stages: ['leak', 'reset'] } as const;

async function serve(seed: number): Promise<string> {
  const server = new BoardServer(new EmulatedMachine(die(seed), () => performance.now()), {
    idleSeconds: 600,
  });
  const listener = await listenTcp(server, '127.0.0.1', 0);
  cleanUp.push(
    () => listener.close(),
    () => server.close(),
  );
  return listener.url;
}

describe('a calibration over a wire', () => {
  it('writes the same bytes as one in this process', async () => {
    const near = await calibrate(InProcessBoard.of(die(7)), what);
    const board = await openBoard(await serve(7));
    const far = await calibrate(board, what);
    await board.close();
    expect(encodeCalibration(far)).toBe(encodeCalibration(near));
  }, 240_000);

  it('goes on over another connection after it was interrupted', async () => {
    const url = await serve(7);
    const abort = new AbortController();
    let kept: Calibration | undefined;
    const first = await openBoard(url);
    const interrupted = calibrate(first, {
      ...what,
      signal: abort.signal,
      onStage: (partial) => {
        kept = partial;
        abort.abort();
      },
    });
    await expect(interrupted).rejects.toThrow(BoardError);
    await first.close();
    expect(kept?.stages).toEqual(['leak']);
    if (!kept) return;
    const second = await openBoard(url);
    const whole = await calibrate(second, { resume: kept, quick: true, stages: ['reset'] });
    await second.close();
    expect(whole.stages).toEqual(['leak', 'reset']);
    expect(whole.codes.v_leak).toEqual(kept.codes.v_leak);
    expect(whole.unusable).toEqual([]);
  }, 240_000);
});

describe('a folder of calibrations', () => {
  it('gives the one that belongs to the device DNA of the board', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plastic-calibrations-'));
    const own = InProcessBoard.of(die(7));
    const found: Calibration = {
      ...(await calibrate(own, { neurons: [4], quick: true, stages: ['reset'] })),
      complete: true,
    };
    const other: Calibration = { ...found, die: await readDie(InProcessBoard.of(die(8))) };
    writeFileSync(join(folder, 'seven.json'), encodeCalibration(found));
    writeFileSync(join(folder, 'eight.json'), encodeCalibration(other));
    writeFileSync(join(folder, 'notes.json'), '{}');
    expect(chooseForDie(folder, await readDie(own))).toMatchObject({ name: 'seed 7' });
    const nine = await readDie(InProcessBoard.of(die(9)));
    expect(() => chooseForDie(folder, nine)).toThrow(
      /virtual chip 9[^]*seven\.json: virtual chip 7/,
    );
    writeFileSync(join(folder, 'again.json'), encodeCalibration(found));
    const seven = await readDie(own);
    expect(() => chooseForDie(folder, seven)).toThrow(/again\.json and .*seven\.json both/);
    expect(() => chooseChip(folder)).toThrow(/--board/);
  }, 240_000);
});
