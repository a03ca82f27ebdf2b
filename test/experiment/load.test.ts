import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openChip, readSeeds } from '../../cli/commands/run.js';
import { ExperimentError, Results, decodeNpz } from '../../experiment/index.js';
import { loadExperiment, readBeside, settle } from '../../experiment/load.js';
import {
  checkNewFolder,
  nextFolder,
  sha256,
  writeResultFolder,
} from '../../experiment/output/folder.js';
import type { RunDescription } from '../../experiment/output/folder.js';
import * as plastic from '../../index.js';

// Outside of the project: `import 'plastic'` must still be the running installation.
const folder = mkdtempSync(join(tmpdir(), 'plastic-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const good = `import { Network, defineExperiment } from 'plastic';
import { title } from './part.js';
export const network: Network = new Network();
export default defineExperiment({ name: 'x', title, settings: { n: 1, on: true, word: 'a' }, quick: { n: 2 }, run: async () => {} });`;

test('an experiment outside of the installation gets the running plastic', async () => {
  file('part.ts', `export const title: string = 'from a second file';`);
  const loaded = await loadExperiment(file('experiment.ts', good), plastic);
  expect(loaded.definition.title).toBe('from a second file');
  expect((await loadExperiment(folder, plastic)).file).toBe(loaded.file);
  expect(settle(loaded.definition, true, ['on=false', 'word=b=c'])).toEqual({
    n: 2,
    on: false,
    word: 'b=c',
  });
  expect(() => settle(loaded.definition, false, ['m=1'])).toThrow(/no setting "m"/);
  expect(() => settle(loaded.definition, false, ['n=one'])).toThrow(/"one" is no number/);
  expect(() => settle(loaded.definition, false, ['on=1'])).toThrow(/true or false/);
});

test.each([
  ['no file', 'nothere.ts', undefined, /no such file or folder/],
  ['no TypeScript', 'broken.ts', 'const = ;', /cannot be loaded/],
  ['no definition', 'empty.ts', 'export default 5;', /does not export an experiment/],
  [
    'a name that plastic does not have',
    'missing.ts',
    `import { nothing } from 'plastic'; nothing();`,
    /cannot be loaded/,
  ],
])('%s is one message with place and repair', async (_, name, text, message) => {
  const path = text === undefined ? join(folder, name) : file(name, text);
  const failure = await loadExperiment(path, plastic).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ExperimentError);
  expect((failure as ExperimentError).message).toMatch(message);
  expect((failure as ExperimentError).place).toBe(path);
  expect((failure as ExperimentError).repair).not.toBe('');
});

test('a missing rule file is named with the experiment', () => {
  expect(() => readBeside(folder, 'my-study', 'lost.plast')).toThrow(
    /my-study: there is no readable file .*lost\.plast/,
  );
});

test('seeds: one number for all streams, names for single ones', () => {
  expect(readSeeds([])).toEqual({ noise: 0, stimulus: 0, split: 0, init: 0, rule: 0 });
  expect(readSeeds(['noise=9', '4'])).toEqual({
    noise: 9,
    stimulus: 4,
    split: 4,
    init: 4,
    rule: 4,
  });
  expect(() => readSeeds(['nois=9'])).toThrow(/no stream "nois"/);
  expect(() => readSeeds(['-1'])).toThrow(/whole number/);
});

test('chips: ideal, a seed, a file', () => {
  expect(openChip('ideal')).toMatchObject({ name: 'ideal' });
  expect(openChip('7')).toMatchObject({ name: 'seed 7', calibration: 'residual' });
  expect(() => openChip('fast')).toThrow(/neither/);
});

const description: RunDescription = {
  plastic: '0',
  experiment: { title: 'T & <T>', file: 'x', sha256: '0' },
  command: 'plastic run x',
  seeds: { noise: 1 },
  settings: {},
  board: {},
  chip: 'ideal',
  calibration: 'none needed',
  interrupted: false,
  wallSeconds: 1,
  chipSeconds: 1,
  playbackWords: 1,
};

test('a result folder is whole, hashed, and never written over', () => {
  const results = new Results();
  results.addSpikes('out', { times: [1, 2], indices: [0, 1] }, 'neuron');
  results.addTable('t', 'A table', { columns: ['a'], rows: [[1]] });
  results.addPicture(
    'p',
    'A picture',
    'What it shows.',
    '<svg xmlns="http://www.w3.org/2000/svg"></svg>\n',
  );
  const target = nextFolder(folder, 'result');
  expect(target.endsWith('result-001')).toBe(true);
  writeResultFolder(target, results, description);
  const manifest = JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8')) as {
    files: Record<string, string>;
    arrays: Record<string, string>;
  };
  expect(readdirSync(target).sort((a, b) => (a < b ? -1 : 1))).toEqual([
    'manifest.json',
    'p.svg',
    'records.npz',
    'report.html',
    'spikes.npz',
    't.csv',
    'weights.npz',
  ]);
  for (const [name, hash] of Object.entries(manifest.files))
    expect(sha256(readFileSync(join(target, name)))).toBe(hash);
  expect(manifest.arrays['spikes/out_times']).toBe('s of experiment time');
  expect(decodeNpz(readFileSync(join(target, 'spikes.npz')))['out_neuron']?.values).toEqual(
    Uint16Array.of(0, 1),
  );
  expect(readFileSync(join(target, 'report.html'), 'utf8')).toContain('T &amp; &lt;T&gt;');
  expect(() => writeResultFolder(target, results, description)).toThrow(/exists already/);
  expect(nextFolder(folder, 'result').endsWith('result-002')).toBe(true);
});

test('nothing is left behind when writing fails', () => {
  const results = new Results();
  results.addTable('bad', 'A table', { columns: ['a'], rows: [[1, 2]] });
  const target = join(folder, 'failed');
  expect(() => writeResultFolder(target, results, description)).toThrow(RangeError);
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes('failed'))).toEqual([]);
});

test('a result folder that cannot be made is refused before anything runs', () => {
  const inTheWay = file('in-the-way', '');
  expect(() => checkNewFolder(join(inTheWay, 'deep', 'result'))).toThrow(ExperimentError);
  expect(() => checkNewFolder(join(folder, 'not', 'yet', 'there'))).not.toThrow();
});

test('a chip that cannot be made says what it is given', () => {
  const wrong = file('chip.json', '{ "format": "something" }');
  expect(() => openChip(wrong)).toThrow(/chip\.json/);
  expect(() => openChip('nowhere.json')).toThrow(/neither "ideal", nor a seed, nor a file/);
  expect(openChip('3', { engine: 'fast' }).chip.describe()).toMatchObject({
    chip: 'seed 3',
    engines: { analog: 'fast' },
  });
});
