import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InProcessBoard, openBoard, type Board } from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import { compileRule } from '../../experiment/compile-rule.js';
import { openLab } from '../../experiment/experiment.js';
import { loadExperiment, readBeside, settle } from '../../experiment/load.js';
import { Results } from '../../experiment/results.js';
import * as library from '../../index.js';
import { startServing, type Serving } from './serving.js';

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const examples = readdirSync(folder).filter((name) => existsSync(`${folder}${name}/experiment.ts`));
/** Programs of an example that are compared; the oracles compare whole runs. */
const most = 2;
/** Settings that make an example short: identity does not depend on them. */
const short: Readonly<Record<string, readonly string[]>> = {
  iris: ['epochs=1', 'ablations=false'],
};

let serving: Serving;
beforeAll(async () => {
  serving = await startServing(
    ['--chip', '7', '--tcp', '0', '--udp', '0', '--reset-port', '0', '--quiet'],
    2,
  );
});
afterAll(async () => {
  await serving.stop();
});

class Enough extends Error {}

interface Run {
  readonly program: Uint32Array;
  readonly answer: Uint32Array;
}

/** Runs an example on a board and notes what goes to and fro. */
async function runExample(
  name: string,
  board: Board,
  limit = Infinity,
): Promise<{ results: Results; runs: Run[] }> {
  const path = `${folder}${name}`;
  const loaded = await loadExperiment(path, library);
  const results = new Results();
  const runs: Run[] = [];
  const noting: Board = {
    info: board.info,
    close: () => board.close(),
    run: async (program, options) => {
      if (runs.length >= limit) throw new Enough();
      const answer = await board.run(program, options);
      runs.push({ program, answer });
      return answer;
    },
  };
  const lab = openLab({
    settings: settle(loaded.definition, true, [...(short[name] ?? [])]),
    seeds: { noise: 3, stimulus: 3, split: 3, init: 3, rule: 3 },
    board: noting,
    results,
    signal: new AbortController().signal,
    readText: (file) => readBeside(loaded.folder, path, file),
    compile: compileRule,
    progress: () => {},
    log: () => {},
  });
  await loaded.definition.run(lab).catch((error: unknown) => {
    if (!(error instanceof Enough)) throw error;
  });
  return { results, runs };
}

/** Words of all programs are answered by the same words. */
async function expectSameAnswers(board: Board, runs: readonly Run[]): Promise<void> {
  for (const { program, answer } of runs) {
    const other = await board.run(program);
    expect(Buffer.compare(Buffer.from(other.buffer), Buffer.from(answer.buffer))).toBe(0);
  }
}

describe.each(examples)('the example %s', (name) => {
  test('gives the same words in process and on a board in another process, over TCP and UDP', async () => {
    const { runs } = await runExample(
      name,
      InProcessBoard.of(Chip.fromSeed(7, { engine: 'fast' })),
      most,
    );
    expect(runs.length).toBeGreaterThanOrEqual(2);
    const [tcp = '', udp = ''] = serving.urls;
    for (const [url, resetPort] of [
      [tcp, 0],
      [udp, Number(/reset port (\d+)/.exec(serving.said())?.[1] ?? 0)],
    ] as const) {
      const board = await openBoard(url, { resetPort, patience: 60_000 });
      await expectSameAnswers(board, runs);
      await board.close();
    }
  });
});

test('an experiment run on a board over TCP collects the same arrays', async () => {
  const local = await runExample('stdp', InProcessBoard.of(Chip.fromSeed(7, { engine: 'fast' })));
  const board = await openBoard(serving.urls[0] ?? '');
  const remote = await runExample('stdp', board);
  await board.close();
  expect(remote.results).toEqual(local.results);
});
