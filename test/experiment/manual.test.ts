/** Every piece of TypeScript in the manual's pages on experiments runs as it stands. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import * as plastic from '../../index.js';
import { runFile } from './lab.js';

const scratch = mkdtempSync(join(tmpdir(), 'plastic-manual-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const root = fileURLToPath(new URL('../..', import.meta.url));
for (const [name, file] of [
  ['stdp.plast', 'examples/stdp/stdp.plast'],
  ['r_stdp.plast', 'ppu-programs/rules/r_stdp.plast'],
] as const)
  writeFileSync(join(scratch, name), readFileSync(join(root, file), 'utf8'));

/** Snippets inside of `run` get everything that the library exports. */
function asExperiment(snippet: string): string {
  if (snippet.includes('export default')) return snippet;
  const names = Object.keys(plastic).filter((name) => new RegExp(`\\b${name}\\b`).test(snippet));
  return `import { ${['defineExperiment', ...names].join(', ')} } from 'plastic';
  export default defineExperiment({ name: 'snippet', title: 'snippet', settings: {}, async run(lab) {
  ${snippet}
  } });`;
}

const snippets = ['docs/experiments.md', 'docs/from-pynn.md'].flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, text = ''], i) => ({ page, i, text }),
  ),
);

test.each(snippets)(
  '$page, snippet $i',
  async ({ page, i, text }) => {
    const file = join(scratch, `${page.replace(/\W/g, '-')}-${i}.ts`);
    writeFileSync(file, asExperiment(text));
    const { results } = await runFile(relative(root, file));
    expect(results.summary.length).toBeGreaterThan(0);
    for (const { value } of results.summary) expect(value).not.toBeNaN();
    expect(Object.keys(results.arrays('spikes')).length).toBeGreaterThan(0);
  },
  120_000,
);

test('the map of calls names only what exists', () => {
  const text = readFileSync(join(root, 'docs/from-pynn.md'), 'utf8');
  const functions = [...text.matchAll(/`(?:[^`|]*?\b)?([a-z]\w+)\((?:[^`]*)`/g)].map(
    ([, name = '']) => name,
  );
  const known = new Set([
    ...Object.keys(plastic),
    'run',
    'setup',
    'reset',
    'end',
    'at',
    'population',
    'projection',
    'sources',
    'assembly',
    'view',
    'set',
    'get',
    'configure',
    'configureNeuron',
    'initialize',
    'sample',
    'record',
    'getData',
    'getSpikes',
    'getSpikeCounts',
    'signal',
    'writeData',
    'normal',
    'rule',
    'stream',
    'load',
    'neo_block',
  ]);
  // The left column holds PyNN's names.
  const right = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(2).join('|'));
  const missing = functions.filter(
    (name) => right.some((cell) => cell.includes(`${name}(`)) && !known.has(name),
  );
  expect(missing).toEqual([]);
});
