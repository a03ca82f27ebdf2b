import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nuxPrograms } from '../../../cli/conformance/nux-programs.js';
import { nuxTiming } from '../../../cli/conformance/nux-timing.js';
import { nuxVector } from '../../../cli/conformance/nux-vector.js';
import type { Kind, Outcome } from '../../../cli/conformance/kind.js';

/** Longest program that is run here, in recorded cycles; `plastic conformance` runs them all. */
const QUICK = 60_000;

async function failuresOf(kind: Kind, whole: unknown): Promise<string[]> {
  const failures: string[] = [];
  for (const one of kind.cases({ whole })) {
    const outcome: Outcome = await one.run();
    if (outcome.status === 'failed') failures.push(`${one.name}: ${outcome.detail}`);
  }
  return failures;
}

function golden(name: string): unknown {
  return JSON.parse(readFileSync(`test/golden/${name}`, 'utf8')) as unknown;
}

test('every recorded period of the measured programs is reproduced', async () => {
  expect(await failuresOf(nuxTiming, golden('nux-timing.json'))).toEqual([]);
});

test('vector values agree with the measured ones in every bit', async () => {
  expect(await failuresOf(nuxVector, golden('nux-vector.json'))).toEqual([]);
});

test('complete programs take the measured cycles and leave the measured memory', async () => {
  const file = golden('nux-programs.json') as {
    readonly programs: readonly { readonly runs: readonly { readonly cycles: number }[] }[];
  };
  const programs = file.programs.map((program) => ({
    ...program,
    runs: program.runs.filter(({ cycles }) => cycles < QUICK),
  }));
  expect(await failuresOf(nuxPrograms, { ...file, programs })).toEqual([]);
});
