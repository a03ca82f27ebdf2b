// Makes the table of examples/iris: five seeds on the ideal chip and on three noisy ones, all baselines and ablations.
// Runs `plastic run examples/iris` once per seed and chip, two at a time, and writes table.json and the README's table.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { comparePaired, encodeMarkdown, summarise } from '../dist/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const example = join(root, 'examples', 'iris');
const seeds = [0, 1, 2, 3, 4];
const chips = ['ideal', '1', '2', '3'];
const parallel = 2;
const methods = {
  rule: ['test accuracy', 'rule on the processor'],
  host: ['accuracy, same rule, real numbers on the host', 'same rule in real numbers on the host'],
  off: ['accuracy, plasticity off', 'plasticity off'],
  shuffled: ['accuracy, labels shuffled', 'labels shuffled'],
  mean: ['accuracy, nearest mean', 'nearest mean (on the measurements)'],
  template: ['accuracy, template on input spikes', 'template on the input spikes'],
  logistic: ['accuracy, logistic regression', 'logistic regression (on the measurements)'],
};

const scratch = mkdtempSync(join(tmpdir(), 'plastic-iris-'));
const started = performance.now();

/** One run in a process of its own; resolves to what `--json` printed. */
function runOnce(chip, seed) {
  const args = [
    'dist/cli/main.js',
    'run',
    example,
    '--chip',
    chip,
    '--seed',
    String(seed),
    '--json',
  ];
  args.push('--out', join(scratch, `${chip}-${seed}`));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`chip ${chip}, seed ${seed}: exit code ${code}`));
      else {
        const run = JSON.parse(text);
        process.stderr.write(
          `chip ${chip}, seed ${seed}: ${run.values['test accuracy']} in ${run.wallSeconds.toFixed(0)} s\n`,
        );
        resolve({ chip, seed, ...run });
      }
    });
  });
}

const jobs = chips.flatMap((chip) => seeds.map((seed) => [chip, seed]));
const runs = [];
await Promise.all(
  Array.from({ length: parallel }, async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) runs.push(await runOnce(...job));
  }),
);
rmSync(scratch, { recursive: true, force: true });
// The order in which runs end must not show.
runs.sort((a, b) => chips.indexOf(a.chip) - chips.indexOf(b.chip) || a.seed - b.seed);

const round = (value) => Math.round(value * 1e4) / 1e4;
const brief = ({ n, mean, sd, low, high }) => ({
  n,
  mean: round(mean),
  sd: round(sd),
  low: round(low),
  high: round(high),
});
const valuesOf = (key, wanted) =>
  runs.filter(({ chip }) => wanted(chip)).map(({ values }) => values[methods[key][0]]);
const groups = {
  ideal: (chip) => chip === 'ideal',
  noisy: (chip) => chip !== 'ideal',
  ...Object.fromEntries(
    chips
      .filter((chip) => chip !== 'ideal')
      .map((name) => [`chip ${name}`, (chip) => chip === name]),
  ),
};
const scores = Object.fromEntries(
  Object.entries(groups).map(([group, wanted]) => [
    group,
    Object.fromEntries(
      Object.keys(methods).map((key) => [key, brief(summarise(valuesOf(key, wanted)))]),
    ),
  ]),
);
const tiesOf = (method, wanted) =>
  brief(
    summarise(
      runs
        .filter(({ chip }) => wanted(chip))
        .map(({ values }) =>
          method === 'rule'
            ? values.ties / 50
            : (values[`share of ties, ${methods[method][1]}`] ?? 0),
        ),
    ),
  );
const ties = Object.fromEntries(
  ['ideal', 'noisy'].map((group) => [
    group,
    Object.fromEntries(
      ['rule', 'host', 'off', 'shuffled'].map((key) => [key, tiesOf(key, groups[group])]),
    ),
  ]),
);
const paired = Object.fromEntries(
  ['ideal', 'noisy'].map((group) => [
    group,
    Object.fromEntries(
      ['host', 'off', 'shuffled', 'template'].map((key) => [
        key,
        brief(comparePaired(valuesOf('rule', groups[group]), valuesOf(key, groups[group]))),
      ]),
    ),
  ]),
);
const command = 'npm run table:iris';
const table = {
  value: { ideal: scores.ideal.rule, noisy: scores.noisy.rule },
  // Nobody has published this set-up; a simplified model of it, without a chip, reached these ranges.
  published: null,
  model: { ideal: [0.93, 0.95], noisy: [0.85, 0.89] },
  class: '1',
  n: runs.length,
  seeds,
  chips,
  scores,
  ruleMinus: paired,
  ties,
  chance: round(1 / 3),
  parameters: JSON.parse(readFileSync(join(example, 'parameters.json'), 'utf8')),
  runs: runs.map(({ chip, seed, values, chipSeconds, wallSeconds }) => ({
    chip,
    seed,
    accuracy: values['test accuracy'],
    ties: values.ties,
    chipSeconds: round(chipSeconds),
    wallSeconds: Math.round(wallSeconds),
  })),
  chipSeconds: round(runs.reduce((sum, run) => sum + run.chipSeconds, 0)),
  wallSeconds: Math.round((performance.now() - started) / 1000),
  command,
};
writeFileSync(join(example, 'table.json'), `${JSON.stringify(table, null, 2)}\n`);

const cell = ({ mean, sd, low, high }) =>
  `${mean.toFixed(3)} +- ${sd.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
const markdown = encodeMarkdown({
  columns: [
    'method',
    'ideal chip, 5 seeds',
    'noisy chips 1-3, 5 seeds each',
    'chip 1',
    'chip 2',
    'chip 3',
    'ties, ideal',
    'ties, noisy',
  ],
  rows: [
    ...Object.entries(methods).map(([key, [, name]]) => [
      name,
      cell(scores.ideal[key]),
      cell(scores.noisy[key]),
      ...['1', '2', '3'].map((chip) => scores[`chip ${chip}`][key].mean.toFixed(3)),
      ...['ideal', 'noisy'].map((group) => ties[group][key]?.mean.toFixed(3) ?? ''),
    ]),
    ['chance', '0.333', '0.333', '0.333', '0.333', '0.333', '', ''],
  ],
});
const marked = /<!-- table -->[\s\S]*<!-- end of table -->/;
for (const folder of [example, root]) {
  const readme = join(folder, 'README.md');
  const text = readFileSync(readme, 'utf8');
  writeFileSync(
    readme,
    text.replace(marked, `<!-- table -->\n\n${markdown}\n<!-- end of table -->`),
  );
}
process.stdout.write(markdown);
