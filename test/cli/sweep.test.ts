/** `plastic sweep`: the plan, the table, going on, and workers that change nothing. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, test } from 'vitest';
import { runJob } from '../../cli/sweep/job.js';
import type { JobResult } from '../../cli/sweep/job.js';
import { planSweep } from '../../cli/sweep/plan.js';
import { sweepTable } from '../../cli/sweep/store.js';
import { UsageError } from '../../cli/failure.js';
import { encodeCsv } from '../../experiment/output/csv.js';

const scratch = mkdtempSync(join(tmpdir(), 'plastic-sweep-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const study = join(scratch, 'study');
mkdirSync(study);
writeFileSync(
  join(study, 'experiment.ts'),
  `import { allToAll, defineExperiment, lif, spikeSourcePoisson } from 'plastic';
  export default defineExperiment({ name: 'study', title: 'A study', settings: { weight: 10, rate: 40000 },
    async run(lab) {
      if (lab.settings.weight > 60) throw new Error('too heavy');
      const sim = lab.setup({ settling: 1e-4 });
      const input = sim.sources(20, spikeSourcePoisson({ rate: lab.settings.rate }));
      const neurons = sim.population(2, lif());
      sim.projection(input, neurons, allToAll(lab.settings.weight));
      await sim.run(5e-4);
      const { times } = neurons.getData().spikes;
      lab.results.addValue('spikes', times.length);
      lab.results.addSpikes('out', { times, indices: neurons.getData().spikes.neurons }, 'neuron');
    } });`,
);

function sweep(out: string, ...args: string[]) {
  return spawnSync(
    process.execPath,
    ['--import', 'tsx', 'cli/main.ts', 'sweep', study, '--out', join(scratch, out), ...args],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  );
}
const read = (out: string): string => readFileSync(join(scratch, out, 'sweep.csv'), 'utf8');

test('a plan is every combination in a fixed order; keys follow what a run is', () => {
  const axes = { set: ['a=1,2', 'b=x..y'], chip: 'ideal,2..3', repeat: 2, seed: 5 };
  const jobs = planSweep(axes, 'v1');
  expect(jobs.length).toBe(12);
  expect(jobs[0]).toMatchObject({ index: 0, set: ['a=1', 'b=x..y'], chip: 'ideal', seed: 5 });
  expect(jobs.slice(0, 6).map(({ chip, seed }) => `${chip} ${seed}`)).toEqual([
    'ideal 5',
    'ideal 6',
    '2 5',
    '2 6',
    '3 5',
    '3 6',
  ]);
  expect(new Set(jobs.map(({ key }) => key)).size).toBe(12);
  expect(planSweep({ ...axes, repeat: 1 }, 'v1')[0]?.key).toBe(jobs[0]?.key);
  expect(planSweep(axes, 'v2')[0]?.key).not.toBe(jobs[0]?.key);
  for (const bad of [
    { set: ['a'] },
    { set: ['a=1,'] },
    { chip: '5..1' },
    { repeat: 0 },
    { seed: -1 },
    { set: ['a=1', 'a=2'] },
  ])
    expect(() => planSweep({ ...axes, ...bad }, 'v1')).toThrow(UsageError);
});

test('the table does not depend on the number of workers; a failure is a row; a second call goes on', () => {
  const axes = ['--set', 'weight=20,61', '--chip', 'ideal,1'];
  const one = sweep('one', ...axes, '--workers', '1');
  expect({ status: one.status, text: one.stderr.split('\n')[0] }).toEqual({
    status: 3,
    text: '4 runs, 1 at a time',
  });
  expect(one.stderr).toContain('2 of 4 runs failed');
  const lines = read('one').trim().split('\n');
  expect(lines[0]).toBe('weight,chip,seed,spikes,chip_seconds,failure');
  expect(lines[1]).toMatch(/^20,ideal,0,\d+,/);
  expect(lines[3]).toMatch(/^61,ideal,0,,.*too heavy$/);
  expect(lines.length).toBe(5);
  const two = sweep('two', ...axes, '--workers', '2');
  expect(two.status).toBe(3);
  expect(read('two')).toBe(read('one'));
  // Finished runs are kept; what failed or is missing is done again, to the same table.
  const runs = join(scratch, 'one', 'runs');
  const good = readdirSync(runs).find(
    (file) => !readFileSync(join(runs, file), 'utf8').includes('too heavy'),
  );
  rmSync(join(runs, good ?? ''));
  const again = sweep('one', ...axes, '--workers', '1');
  expect(again.stderr).toContain('4 runs, 1 of them done before');
  expect(read('one')).toBe(read('two'));
}, 400_000);

const patient = join(scratch, 'patient');
mkdirSync(patient);
const go = join(scratch, 'go');
writeFileSync(
  join(patient, 'experiment.ts'),
  `import { existsSync } from 'node:fs';
  import { defineExperiment, lif, spikeSourcePoisson, allToAll } from 'plastic';
  export default defineExperiment({ name: 'patient', title: 'Waits', settings: {},
    async run(lab) {
      const waiting = lab.setup({ settling: 1e-5 });
      waiting.population(1, lif());
      while (lab.seeds.stimulus > 0 && !existsSync(${JSON.stringify(go)})) await waiting.run(1e-6);
      const sim = lab.setup({ settling: 1e-5 });
      const neurons = sim.population(1, lif());
      sim.projection(sim.sources(9, spikeSourcePoisson({ rate: 1e5 })), neurons, allToAll(40));
      await sim.run(2e-4);
      lab.results.addSpikes('out', { times: neurons.getData().spikes.times, indices: neurons.getData().spikes.neurons });
      lab.results.addValue('spikes', neurons.getSpikeCounts()[0] ?? 0);
    } });`,
);

/** Runs a sweep and interrupts it as Ctrl-C does when it has said `when`. */
async function sweepUntil(when: RegExp | undefined, workers: number) {
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', 'cli/main.ts', 'sweep', patient, '--repeat', '4'],
      ...['--out', join(scratch, 'patient-out'), '--workers', String(workers)],
    ],
    { env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      const before = said;
      said += chunk.toString();
      if (when?.test(said) && !when.test(before)) child.kill('SIGINT');
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

test('a sweep that is interrupted, with threads and without, ends at once and gives the same bytes when it goes on', async () => {
  // Runs with a seed above 0 wait for a file, so that the interrupt always comes in the middle of some.
  const first = await sweepUntil(/1\/4 {2}chip=ideal seed=0/, 2);
  expect({ code: first.code, rows: read('patient-out').trim().split('\n').length }).toEqual({
    code: 130,
    rows: 2,
  });
  expect(first.said).toContain('interrupted; so far');
  const second = await sweepUntil(/4 runs, 1 of them done before/, 1);
  expect(second.code).toBe(130);
  expect(readdirSync(join(scratch, 'patient-out', 'runs')).length).toBe(1);
  writeFileSync(go, '');
  const third = await sweepUntil(undefined, 2);
  expect(third).toMatchObject({ code: 0 });
  expect(third.said).toContain('4 runs, 1 of them done before');

  // The same runs without an interruption, in this thread.
  const plan = planSweep({ set: [], chip: 'ideal', repeat: 4, seed: 0 }, 'any');
  const results: JobResult[] = [];
  for (const job of plan)
    results.push(await runJob({ experiment: patient, quick: false, engine: 'fast', job }));
  const runs = join(scratch, 'patient-out', 'runs');
  const stored = readdirSync(runs)
    .map((file) => JSON.parse(readFileSync(join(runs, file), 'utf8')) as JobResult)
    .sort((a, b) => a.job.seed - b.job.seed);
  expect(stored.map(({ job: { seed }, ...rest }) => ({ seed, ...rest }))).toEqual(
    results.map(({ job: { seed }, ...rest }) => ({ seed, ...rest })),
  );
  expect(read('patient-out')).toBe(encodeCsv(sweepTable(plan, results)));
}, 600_000);
