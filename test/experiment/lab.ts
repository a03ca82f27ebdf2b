/** A lab on the emulated ideal chip, as `plastic run` opens it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InProcessBoard } from '../../board/index.js';
import type { Board } from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import { compileRule } from '../../experiment/compile-rule.js';
import { openLab } from '../../experiment/experiment.js';
import type { CountingLab, Settings } from '../../experiment/experiment.js';
import { Results } from '../../experiment/index.js';
import { loadExperiment, settle } from '../../experiment/load.js';
import * as plastic from '../../index.js';

/** @param rules rule texts by file name */
export function makeLab(
  rules: Readonly<Record<string, string>> = {},
  seed = 7,
  chip = Chip.ideal(),
): { readonly lab: CountingLab; readonly results: Results; readonly programs: Uint32Array[] } {
  const inner = InProcessBoard.of(chip);
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
  const lab = openLab({
    settings: {},
    seeds: { noise: seed, stimulus: seed, split: seed, init: seed, rule: seed },
    board,
    results,
    signal: new AbortController().signal,
    readText: (file) => rules[file] ?? '',
    compile: compileRule,
    progress: () => {},
    log: () => {},
  });
  return { lab, results, programs };
}

/** Runs an experiment file of the repository with its quick settings, on the fast engine unless said. */
export async function runFile(
  file: string,
  settings: Settings = {},
  chip = Chip.ideal({ engine: 'fast' }),
): Promise<{
  readonly results: Results;
  readonly value: (name: string) => number;
  readonly array: (file: 'spikes' | 'weights' | 'records', name: string) => number[];
}> {
  const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
  const { definition, folder } = await loadExperiment(path, plastic);
  const results = new Results();
  const lab = openLab({
    settings: { ...settle(definition, true, []), ...settings },
    seeds: { noise: 1, stimulus: 1, split: 1, init: 1, rule: 1 },
    board: InProcessBoard.of(chip),
    results,
    signal: new AbortController().signal,
    readText: (name) => readFileSync(`${folder}/${name}`, 'utf8'),
    compile: compileRule,
    progress: () => {},
    log: () => {},
  });
  await definition.run(lab);
  return {
    results,
    value: (name) => Number(results.summary.find((each) => each.name === name)?.value ?? NaN),
    array: (set, name) => Array.from(results.arrays(set)[name]?.values ?? []),
  };
}
