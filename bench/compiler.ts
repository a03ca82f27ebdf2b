/**
 * Speed of the compiler, in milliseconds of wall time and of processor time (user and system of all threads, so that a
 * busy machine matters less; threads of the engine's own compiler count there): checking a file of 200 lines right after
 * start-up and warm, compiling one of its rules, compiling ten lines warm.
 *
 *   npx tsx bench/compiler.ts
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { check } from '../compiler/check/check.js';
import { compile } from '../compiler/compile.js';
import { parse } from '../compiler/syntax/parse.js';

const names = [
  'stdp',
  'soft_bound_stdp',
  'structural',
  'meta',
  'r_stdp',
  'homeostasis',
  'voltage',
  'bandit',
];
const rules = names.map((name) =>
  readFileSync(new URL(`../ppu-programs/rules/${name}.plast`, import.meta.url), 'utf8'),
);

/** 200 lines: all rules without their comments, then some again under another name. */
function longFile(): string {
  const once = rules.map((text) => text.replace(/^\/\/!.*\n/gm, ''));
  const texts: string[] = [];
  for (const text of [
    ...once,
    ...once.map((again) => again.replace(/rule (\w+)/, 'rule $1_again')),
  ]) {
    const lines = texts.join('\n').split('\n').length;
    if (lines + text.split('\n').length <= 205) texts.push(text);
  }
  return texts.join('\n');
}

interface Milliseconds {
  readonly wall: number;
  readonly processor: number;
}

function milliseconds(work: () => void): Milliseconds {
  const from = process.cpuUsage();
  const start = performance.now();
  work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(from);
  return { wall, processor: (user + system) / 1000 };
}

function best(repetitions: number, work: () => void): Milliseconds {
  const runs = Array.from({ length: repetitions }, () => milliseconds(work));
  return {
    wall: Math.min(...runs.map(({ wall }) => wall)),
    processor: Math.min(...runs.map(({ processor }) => processor)),
  };
}

function checkText(text: string): void {
  const { tree } = parse(text);
  if (tree) check(tree);
}

const long = longFile();
const short = rules[0] ?? '';
const lines = long.split('\n').length;

const cold = milliseconds(() => checkText(long));
const warm = best(20, () => checkText(long));
const whole = best(5, () => void compile([{ name: 'structural.plast', text: rules[2] ?? '' }]));
const tiny = best(30, () => void compile([{ name: 'stdp.plast', text: short }]));

const show = (what: string, { wall, processor }: Milliseconds): void => {
  const figures = [wall, processor].map((value) => `${value.toFixed(1).padStart(8)} ms`);
  process.stdout.write(`${what.padEnd(52)} ${figures.join('   ')}\n`);
};
show(`check of ${lines} lines, first thing after start-up`, cold);
show(`check of ${lines} lines, warm`, warm);
show('compile of structural.plast, warm', whole);
show('compile of stdp.plast (17 lines), warm', tiny);
