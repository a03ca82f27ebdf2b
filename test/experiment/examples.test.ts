import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { InProcessBoard } from '../../board/index.js';
import type { Board } from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import { compileRule } from '../../experiment/compile-rule.js';
import { openLab } from '../../experiment/experiment.js';
import type { Seeds, Settings } from '../../experiment/experiment.js';
import {
  Results,
  decodeNpz,
  encodeNpz,
  scoreAnswers,
  uniqueMaximum,
} from '../../experiment/index.js';
import { loadExperiment } from '../../experiment/load.js';
import * as plastic from '../../index.js';
import { decodeToFpga } from '../../isa/playback/index.js';
import { mailbox } from '../../isa/runtime-layout.js';
import { sramWord } from '../../experiment/rule.js';

/** Runs an example as `plastic run` does and keeps every playback program. */
async function runExample(name: string, settings: Settings, seed = 7) {
  const folder = isAbsolute(name)
    ? name
    : fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  const loaded = await loadExperiment(folder, plastic);
  const inner = InProcessBoard.of(Chip.ideal());
  const programs: Uint32Array[] = [];
  const board: Board = {
    info: inner.info,
    run: (program, options) => {
      programs.push(program);
      return inner.run(program, options);
    },
    close: () => inner.close(),
  };
  const results = new Results();
  const seeds: Seeds = { noise: seed, stimulus: seed, split: seed, init: seed, rule: seed };
  const lab = openLab({
    settings: { ...loaded.definition.settings, ...settings },
    seeds,
    board,
    results,
    signal: new AbortController().signal,
    readText: (file) => readFileSync(`${folder}/${file}`, 'utf8'),
    compile: compileRule,
    progress: () => {},
    log: () => {},
  });
  await loaded.definition.run(lab);
  return { results, programs };
}

const bytesOf = ({ results }: { results: Results }): Uint8Array[] =>
  (['spikes', 'weights', 'records'] as const).map((file) => encodeNpz(results.arrays(file)));

describe('Iris', () => {
  let run: Awaited<ReturnType<typeof runExample>>;
  /** Messages of the trained and tested simulation: up to the reset of the next one. */
  let programs: ReturnType<typeof decodeToFpga>[];

  beforeAll(async () => {
    run = await runExample('iris', { epochs: 1, ablations: false });
    const resets = run.programs.flatMap((words, i) =>
      words[0] === 0x09000000 && words[1] === 1 ? [i] : [],
    );
    programs = run.programs.slice(0, resets[1]).map((words) => decodeToFpga(words));
  });

  const writesTo = (program: ReturnType<typeof decodeToFpga>): number[] =>
    program.flatMap((m) =>
      m.name === 'omnibus_address' && !m.fields.is_read ? [m.fields.address] : [],
    );
  const labelsIn = (program: ReturnType<typeof decodeToFpga>): number[] =>
    program.flatMap((m) =>
      m.name === 'spike_pack_1' || m.name === 'spike_pack_2' || m.name === 'spike_pack_3'
        ? [...m.fields.labels]
        : [],
    );
  // Receptors lie on rows 0..31, which are drivers 0..15: row-select addresses 0..3. The teacher lies above.
  const isTeacher = (label: number): boolean => ((label >> 6) & 31) > 3;

  test('the chip answers far above chance after one epoch', () => {
    const accuracy = run.results.summary.find(({ name }) => name === 'test accuracy')?.value;
    expect(accuracy).toBeGreaterThan(0.75);
  });

  test('no teacher event is among the test messages, and there were some in training', () => {
    // The first program loads the whole memory of the processor, the word of the mailbox included.
    const stopped = programs.findIndex(
      (p, i) => i > 0 && writesTo(p).includes(sramWord(0, mailbox.stop)),
    );
    expect(stopped).toBeGreaterThan(0);
    const after = programs.slice(stopped).flatMap(labelsIn);
    expect(after.length).toBeGreaterThan(1000);
    expect(after.filter(isTeacher)).toEqual([]);
    expect(programs.slice(0, stopped).flatMap(labelsIn).some(isTeacher)).toBe(true);
  });

  test('every weight change came from the processor: the host writes no synapse after the start', () => {
    // Weights, trims and labels of both hemispheres and their raw view.
    const synapseArray = (address: number): boolean =>
      (address & 0xfe000000) === 0x02000000 && (address & 0x00f00000) === 0x00c00000;
    expect(writesTo(programs[0] ?? []).some(synapseArray)).toBe(true);
    expect(programs.slice(1).flatMap(writesTo).filter(synapseArray)).toEqual([]);
    const { values, shape } = run.results.arrays('weights')['learned'] ?? { values: [], shape: [] };
    const size = (shape[1] ?? 0) * (shape[2] ?? 0);
    const [first, last] = [values.slice(0, size), values.slice(-size)];
    expect(Array.from(first)).not.toEqual(Array.from(last));
  });

  test('the accuracy recomputed from the arrays equals the printed one', () => {
    const spikes = decodeNpz(encodeNpz(run.results.arrays('spikes')));
    const records = decodeNpz(encodeNpz(run.results.arrays('records')));
    const begin = spikes['test_begin']?.values ?? [];
    const counts = Array.from(begin, () => [0, 0, 0]);
    const times = spikes['test_output_times']?.values ?? [];
    Array.from(times, (t, i) => {
      const flower = Array.from(begin).findLastIndex((b) => b <= t);
      const neuron = spikes['test_output_neuron']?.values[i] ?? 0;
      const row = counts[flower];
      if (row) row[neuron] = (row[neuron] ?? 0) + 1;
    });
    const score = scoreAnswers(counts.map(uniqueMaximum), records['test_class']?.values ?? [], 3);
    const printed = Object.fromEntries(run.results.summary.map(({ name, value }) => [name, value]));
    expect(score.accuracy).toBe(printed['test accuracy']);
    expect(score.ties).toBe(printed['ties']);
  });

  test('the rule ran once per flower and met every deadline', () => {
    const printed = Object.fromEntries(run.results.summary.map(({ name, value }) => [name, value]));
    expect(printed).toMatchObject({ 'executions of the rule': 100, 'missed releases': 0 });
  });
});

describe('STDP', () => {
  test('correlated inputs win, and equal seeds give equal bytes', async () => {
    const settings = { duration: 0.02 };
    const first = await runExample('stdp', settings);
    const printed = Object.fromEntries(
      first.results.summary.map(({ name, value }) => [name, value]),
    );
    expect(printed['mean weight, correlated inputs']).toBeGreaterThan(35);
    expect(printed['mean weight, independent inputs']).toBeLessThan(25);
    expect(printed['missed releases']).toBe(0);
    const second = await runExample('stdp', settings);
    expect(bytesOf(second)).toEqual(bytesOf(first));
    const other = await runExample('stdp', { duration: 0.001 }, 8);
    expect(bytesOf(other)).not.toEqual(bytesOf(first));
  });
});

test('what a rule records comes back per neuron and in order of time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plastic-records-'));
  writeFileSync(
    join(folder, 'experiment.ts'),
    `import { Network, addRecords, allToAll, defineExperiment, lif, regularSpikes } from 'plastic';
    export default defineExperiment({ name: 'r', title: 'r', settings: {}, run: async (lab) => {
      const network = new Network();
      const drive = network.addSources('drive', 1);
      const out = network.addPopulation('out', 3, lif());
      network.project(drive, out, allToAll((_, n) => 63 * 4 * n), { name: 'fixed' });
      const plastic = network.addSources('plastic', 2);
      network.project(plastic, out, allToAll(0), { rule: lab.rule('watch.plast') });
      const simulation = await lab.start(network);
      const piece = await simulation.run(1e-3, { stimuli: [regularSpikes(drive, 0, 20e-6, { from: 0, to: 1e-3 })] });
      await simulation.stopRule();
      addRecords(lab.results, await simulation.readRecords());
      lab.results.addSpikes('out', { times: piece.spikes.get(out).times, indices: piece.spikes.get(out).neurons }, 'neuron');
    } });`,
  );
  writeFileSync(
    join(folder, 'watch.plast'),
    'rule watch { state n : int = 0 every 250 us { each neuron { record rate } n += 1 record n reset rate } }',
  );
  const { results } = await runExample(folder, {});
  rmSync(folder, { recursive: true });
  const { record0_time: times, record0_rate: rate, record1_n: n } = results.arrays('records');
  expect(rate?.shape).toEqual([times?.values.length, 3]);
  expect(Array.from(times?.values ?? []).map((t) => Math.round(t * 4e3))).toEqual(
    [1, 2, 3, 4].slice(0, times?.values.length),
  );
  expect(Array.from(n?.values ?? [])).toEqual([1, 2, 3, 4].slice(0, n?.values.length));
  // Neuron 0 gets nothing; the others fire with every event or more, as the recorded spikes say.
  const spikes = results.arrays('spikes');
  const before = (time: number): number[] =>
    [0, 1, 2].map(
      (neuron) =>
        Array.from(spikes['out_times']?.values ?? []).filter(
          (t, i) => t < time && spikes['out_neuron']?.values[i] === neuron,
        ).length,
    );
  // The rule reads the counters within its first microseconds.
  const [least, most] = [before(250e-6), before(256e-6)];
  expect(most[0]).toBe(0);
  expect(least[1]).toBeGreaterThan(10);
  for (const [neuron, counted] of Array.from(rate?.values ?? [])
    .slice(0, 3)
    .entries()) {
    expect(counted).toBeGreaterThanOrEqual(least[neuron] ?? NaN);
    expect(counted).toBeLessThanOrEqual(most[neuron] ?? NaN);
  }
});
