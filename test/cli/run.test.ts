/** `plastic run`: what the chip knows of a run is told once with its number; strict mode ends it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, test } from 'vitest';
import { InProcessBoard } from '../../board/index.js';
import { RunError } from '../../cli/failure.js';
import { watchBoard } from '../../cli/run/watch.js';
import { Chip } from '../../emulator/index.js';
import { Results } from '../../experiment/index.js';
import { PlaybackWriter } from '../../isa/playback/writer.js';

const scratch = mkdtempSync(join(tmpdir(), 'plastic-run-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const nowhere = 0x00012345;
const program = (write: (writer: PlaybackWriter) => void): Uint32Array => {
  const writer = new PlaybackWriter();
  write(writer);
  return writer.halt().words();
};
const reset = (writer: PlaybackWriter): PlaybackWriter => writer.reset(true).reset(false);

test('accesses to nothing are counted over resets and programs, and told once', async () => {
  const watched = watchBoard(InProcessBoard.of(Chip.ideal({ engine: 'fast' })));
  await watched.board.run(program((w) => w.write(nowhere, 1)));
  await watched.board.run(program((w) => reset(w).read(nowhere)));
  await watched.board.run(program((w) => w.read(nowhere + 1)));
  await watched.board.run(program((w) => reset(w)));
  const results = new Results();
  watched.tell(results);
  expect(results.warnings).toEqual([
    '3 register accesses hit an address where nothing is (0x00012345, 0x00012346): reads gave 0, writes did nothing; --strict stops at the first',
  ]);
});

test('a run without such accesses says nothing', async () => {
  const watched = watchBoard(InProcessBoard.of(Chip.ideal({ engine: 'fast' })));
  await watched.board.run(program((w) => reset(w).read(0)));
  const results = new Results();
  watched.tell(results);
  expect(results.warnings).toEqual([]);
});

test('in strict mode the run ends at the access, which the error names; the chip is usable afterwards', async () => {
  const chip = Chip.ideal({ engine: 'fast', strict: true });
  const { board } = watchBoard(InProcessBoard.of(chip));
  await expect(
    board.run(
      program((w) => {
        w.write(nowhere, 1);
        w.write(0x88000005, 1);
      }),
    ),
  ).rejects.toThrow(/message 1 of a playback program writes 0x00012345, where nothing is/);
  await expect(board.run(program((w) => w.read(nowhere)))).rejects.toThrow(RunError);
  await expect(board.run(program((w) => w.read(0x88000005)))).resolves.toBeDefined();
});

test('on the command line: a warning and a result folder, or exit code 3 and none', () => {
  const file = join(scratch, 'experiment.ts');
  writeFileSync(
    file,
    `import { defineExperiment, lif } from 'plastic';
    export default defineExperiment({ name: 'u', title: 'u', settings: {}, async run(lab) {
      const sim = lab.setup({ settling: 1e-4 });
      sim.population(1, lif());
      void sim.at(1e-5, (w) => { w.read(${nowhere}); });
      await sim.run(1e-4);
    } });`,
  );
  const run = (out: string, ...more: string[]) =>
    spawnSync(
      process.execPath,
      ['--import', 'tsx', 'cli/main.ts', 'run', file, '--out', join(scratch, out), ...more],
      { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    );
  const lenient = run('lenient');
  expect(lenient.status).toBe(0);
  expect(lenient.stderr.match(/where nothing is/g)).toHaveLength(1);
  const manifest = readFileSync(join(scratch, 'lenient', 'manifest.json'), 'utf8');
  expect(manifest).toContain('1 register accesses hit an address where nothing is (0x00012345)');
  const strict = run('strict', '--strict');
  expect({ status: strict.status, isWritten: existsSync(join(scratch, 'strict')) }).toEqual({
    status: 3,
    isWritten: false,
  });
  expect(strict.stderr).toContain('reads 0x00012345, where nothing is');
}, 300_000);
