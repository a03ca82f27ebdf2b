/** A lab on the emulated ideal chip, as `plastic run` opens it. */
import { InProcessBoard } from '../../board/index.js';
import type { Board } from '../../board/index.js';
import { Chip } from '../../emulator/index.js';
import { compileRule } from '../../experiment/compile-rule.js';
import { openLab } from '../../experiment/experiment.js';
import type { Lab } from '../../experiment/experiment.js';
import { Results } from '../../experiment/index.js';

/** @param rules rule texts by file name */
export function makeLab(
  rules: Readonly<Record<string, string>> = {},
  seed = 7,
  chip = Chip.ideal(),
): { readonly lab: Lab; readonly results: Results; readonly programs: Uint32Array[] } {
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
