import { writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  assembleGnu,
  compileC,
  cPrograms,
  crossPackages,
  linkForCore,
  optimisations,
  requirePackages,
  runUnderQemu,
  scratch,
  type Answer,
  type CoreImage,
} from './cross.js';
import { randomSequence } from './random-sequence.js';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Runs an image with `plastic exec` and reads the outcome array from its JSON. */
function execute(image: CoreImage): Answer {
  const text = execFileSync(
    process.execPath,
    [
      '--import',
      'tsx',
      main,
      'exec',
      image.path,
      '--json',
      '--quirks',
      'power',
      '--max-cycles',
      '20000000',
      '--dump',
      `${image.outcomeAddress}:256`,
    ],
    { encoding: 'utf8' },
  );
  const report = JSON.parse(text) as {
    stopReason: string;
    returnCode: number;
    memory: { start: number; bytes: string }[];
  };
  expect(report.stopReason).toBe('sleep');
  return { outcome: report.memory[0]!.bytes, status: report.returnCode & 0xff };
}

beforeAll(() => requirePackages(...crossPackages), 600_000);

describe('C programs give the same memory and result under plastic exec and qemu-ppc', () => {
  for (const name of cPrograms) {
    for (const optimisation of optimisations) {
      test(`${name} ${optimisation}`, () => {
        const object = compileC(name, optimisation);
        expect(execute(linkForCore(object))).toEqual(runUnderQemu(object));
      });
    }
  }
});

describe('random instruction sequences leave the same registers and memory', () => {
  for (let seed = 1000; seed < 1020; seed++) {
    test(`sequence ${seed}`, () => {
      const source = scratch(`live${seed}.s`);
      writeFileSync(source, randomSequence(seed, 400));
      const object = assembleGnu(source, `live${seed}`);
      expect(execute(linkForCore(object))).toEqual(runUnderQemu(object));
    });
  }
});
