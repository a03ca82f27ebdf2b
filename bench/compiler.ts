/**
 * Speed of the compiler, in milliseconds of processor time (so that a busy machine matters less):
 * checking a file of 200 lines right after start-up and warm, compiling one of its rules, compiling ten lines warm.
 *
 *   npx tsx bench/compiler.ts
 */
import { readFileSync } from 'node:fs';
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

function milliseconds(work: () => void): number {
  const from = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

function best(repetitions: number, work: () => void): number {
  let least = Infinity;
  for (let i = 0; i < repetitions; i++) least = Math.min(least, milliseconds(work));
  return least;
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

const show = (what: string, value: number): void => {
  process.stdout.write(`${what.padEnd(52)} ${value.toFixed(1).padStart(8)} ms\n`);
};
show(`check of ${lines} lines, first thing after start-up`, cold);
show(`check of ${lines} lines, warm`, warm);
show('compile of structural.plast, warm', whole);
show('compile of stdp.plast (17 lines), warm', tiny);
