/** Result folders as the Python world sees them: numpy, pandas and Neo read what an experiment wrote. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'plastic-python-'));
const folder = join(scratch, 'run');
afterAll(() => rmSync(scratch, { recursive: true }));

const packages = ['python3-numpy', 'python3-pandas', 'python3-neo', 'python3-quantities'];

/** The interpreter that sees Debian's packages. */
const interpreter = '/usr/bin/python3';

function has(module: string): boolean {
  return spawnSync(interpreter, ['-c', `import ${module}`]).status === 0;
}

/** What a Python program prints. */
function python(program: string): unknown {
  const { status, stdout, stderr } = spawnSync(interpreter, ['-c', program], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: join(root, 'docs') },
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

beforeAll(() => {
  if (!has('neo') || !has('pandas'))
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  const run = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      'cli/main.ts',
      'run',
      'examples/stdp',
      '--set',
      'duration=0.01',
      '--out',
      folder,
      '-q',
    ],
    { cwd: root, encoding: 'utf8' },
  );
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});

test('numpy arrays, units and summary', () => {
  const read = python(`
import json, plastic_results
run = plastic_results.load(${JSON.stringify(folder)})
print(json.dumps({
  "shape": list(run.weights["learned"].shape), "dtype": str(run.weights["learned"].dtype),
  "unit": run.unit("weights", "learned"), "spikes": len(run.spikes["output_times"]),
  "rate": run.summary["output rate"], "groups": sorted(g for g, _, _ in run.trains()),
}))`) as Record<string, unknown>;
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    summary: { name: string; value: number }[];
  };
  expect(read).toMatchObject({
    shape: [21, 32, 2],
    dtype: 'uint8',
    unit: '6-bit weight; snapshot x input x neuron',
    groups: ['input', 'output'],
    rate: manifest.summary.find(({ name }) => name === 'output rate')?.value,
  });
  // Two neurons for 10 ms, in kHz.
  expect((read['spikes'] as number) / 20).toBeCloseTo(read['rate'] as number, 9);
});

test('tables are data frames', () => {
  if (!has('pandas')) throw new Error('python3-pandas cannot be installed here');
  const read = python(`
import json, plastic_results
table = plastic_results.load(${JSON.stringify(folder)}).tables["weights"]
print(json.dumps({"columns": list(table.columns), "rows": len(table), "last": float(table["time_s"].iloc[-1])}))`);
  expect(read).toEqual({
    columns: ['time_s', 'correlated', 'independent'],
    rows: 21,
    last: 0.01,
  });
});

test('a Neo block holds the same spikes and the membrane', () => {
  if (!has('neo')) throw new Error('python3-neo cannot be installed here');
  const read = python(`
import json, plastic_results
run = plastic_results.load(${JSON.stringify(folder)})
segment = run.neo_block().segments[0]
own = [t for t in segment.spiketrains if t.annotations["population"] == "output"]
signal = [s for s in segment.irregularlysampledsignals if s.name == "membrane_code"][0]
print(json.dumps({
  "spikes": sum(len(t) for t in own) == len(run.spikes["output_times"]),
  "neurons": sorted(t.annotations["neuron"] for t in own), "units": str(own[0].units),
  "samples": len(signal) == len(run.records["membrane_code"]), "first": float(signal.times[0].rescale("s")) == float(run.records["membrane_times"][0]),
}))`);
  expect(read).toEqual({
    spikes: true,
    neurons: [0, 1],
    units: '1.0 s',
    samples: true,
    first: true,
  });
});

test('what a session writes becomes spike trains by population and signals in volts by neuron', () => {
  if (!has('neo')) throw new Error('python3-neo cannot be installed here');
  const file = join(scratch, 'session.ts');
  const out = join(scratch, 'session');
  writeFileSync(
    file,
    `import { allToAll, defineExperiment, lif, spikeSourcePoisson } from 'plastic';
    export default defineExperiment({ name: 's', title: 'A session', settings: {}, async run(lab) {
      const sim = lab.setup({ settling: 1e-4 });
      const input = sim.sources(20, spikeSourcePoisson({ rate: 4e4 }), 'input');
      const cells = sim.population(3, lif(), 'cells');
      sim.projection(input, cells, allToAll(30));
      input.record('spikes');
      cells.view([0, 2]).record('v', 5e-6);
      await sim.run(1e-3);
      sim.writeData();
      lab.results.addValue('counts', JSON.stringify(cells.getSpikeCounts()));
    } });`,
  );
  const run = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'cli/main.ts', 'run', file, '--out', out, '-q'],
    { cwd: root, encoding: 'utf8' },
  );
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
  const read = python(`
import json, numpy, plastic_results
run = plastic_results.load(${JSON.stringify(out)})
segment = run.neo_block().segments[0]
counts = [sum(len(t) for t in segment.spiketrains if t.annotations["population"] == "cells" and t.annotations["neuron"] == n) for n in range(3)]
signal, = segment.irregularlysampledsignals
print(json.dumps({
  "counts": counts, "told": json.loads(run.summary["counts"]), "sent": len(run.spikes["input_times"]) > 500,
  "shape": list(signal.shape), "units": str(signal.units), "neurons": [int(n) for n in signal.array_annotations["neuron"]],
  "same": bool(numpy.array_equal(signal.magnitude, run.records["cells_v"])), "name": signal.name,
}))`) as { counts: number[]; told: number[] } & Record<string, unknown>;
  expect(read.counts).toEqual(read.told);
  expect(read.counts.every((n) => n > 0)).toBe(true);
  expect(read).toMatchObject({
    sent: true,
    shape: [200, 2],
    units: '1.0 V',
    neurons: [0, 2],
    same: true,
    name: 'cells_v',
  });
});
