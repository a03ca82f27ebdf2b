/**
 * Quality of the code of all rules: shipped ones and those of the tests. For each trigger the cycles of a row, what the
 * parallel bus, the serial memory port and the conversions take of it at least, whether rows overlap or why they do not,
 * the static worst case against the longest measured execution, and the milliseconds that the compilation took.
 *
 *   npx tsx bench/compiler-rules.ts [--slow] [--json] [file.plast ...]
 */
import { readFileSync, readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { latencyProfiles } from '../compiler/budget/profile.js';
import { type Compiled, compile } from '../compiler/compile.js';
import { leastOf } from '../compiler/report/least.js';
import { mailbox, quantise, triggerCounters } from '../isa/runtime-layout.js';
import { ProfiledBus } from '../test/compiler/budget/profiled-bus.js';
import { RuleMachine } from '../cli/compare/rule-machine.js';

const folders = ['ppu-programs/rules', 'test/compiler/literature'];

function randomBytes(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

/** Longer periods, so that every trigger gets its turn; the code is the same. */
const relaxed = (text: string): string =>
  text
    .replace(/every (\d+) us/g, 'every $10 us')
    .replace(/every (\d+) ms/g, 'every $1 ms from 1 ms');

/** The longest execution of each trigger in some rounds with random inputs. */
function longest(compiled: Compiled, rows: number, slow: boolean): number[] {
  const { program, layout, image } = compiled;
  if (!program || !layout || !image) throw new Error(JSON.stringify(compiled.diagnostics));
  const byte = randomBytes(rows);
  const bus = new ProfiledBus(byte, latencyProfiles[slow ? 1 : 0]!).fill(byte);
  const machine = new RuleMachine(program, bus);
  machine.patch({ rows });
  machine.start();
  machine.go();
  for (let round = 1; round <= 6; round++) {
    layout.signals.forEach((_, index) => {
      machine.poke(mailbox.signals + 4 * index, 1);
    });
    for (const slot of layout.parameters)
      for (let i = 0; i < slot.count; i++) {
        const value = slot.lower + (byte() / 255) * (slot.upper - slot.lower);
        machine.poke(slot.address + 4 * i, quantise(slot.format, value));
      }
    machine.poke(mailbox.parameterCommit, round);
    const before = machine.executions;
    machine.until(() => machine.executions > before, 400_000_000, 50_000 + 7 * byte());
  }
  return image.code.flat().map((_, index) => {
    const counters = mailbox.triggers + triggerCounters.size * index;
    return machine.word(counters + triggerCounters.longest);
  });
}

interface Row {
  readonly name: string;
  readonly trigger: string;
  readonly rows: number;
  readonly perRow: number;
  readonly least: number;
  readonly overlap: string;
  readonly measured: number;
  readonly bound: number;
  readonly milliseconds: number;
  readonly pressure: number;
  readonly given: number;
}

/** So many rows, or as many as fit. */
function compiledWith(
  name: string,
  text: string,
  most: number,
): { compiled: Compiled; rows: number } {
  const profile = latencyProfiles[isSlow ? 1 : 0]!;
  for (let rows = most; ; rows = rows >> 1) {
    const compiled = compile([{ name, text }], { rows, profile });
    if (compiled.program || rows <= 3) return { compiled, rows };
  }
}

function rowsOf(path: string): Row[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const text = relaxed(readFileSync(path, 'utf8'));
  let milliseconds = Infinity;
  let found: ReturnType<typeof compiledWith> | undefined;
  for (let i = 0; i < 2; i++) {
    const start = performance.now();
    found = compiledWith(name, text, 24);
    milliseconds = Math.min(milliseconds, performance.now() - start);
  }
  const { compiled, rows } = found!;
  if (!compiled.program) {
    process.stdout.write(`${name}: ${compiled.diagnostics.map((d) => JSON.stringify(d)).join()}\n`);
    return [];
  }
  const few = Math.max(1, Math.floor(rows / 3));
  const slow = isSlow;
  const many = longest(compiled, rows, slow);
  const less = longest(compiled, few, slow);
  const { image, budget, rules } = compiled;
  const blocks = rules.flatMap(({ program }) => program.triggers.map(({ block }) => block));
  return (image?.code.flat() ?? []).map((code, index) => ({
    name,
    trigger: `${index}`,
    rows,
    perRow: (many[index]! - less[index]!) / (rows - few),
    least: leastOf(blocks[index]!, rules[0]!.rule.signedWeights, latencyProfiles[isSlow ? 1 : 0]!),
    overlap: code.loops.map(({ reason }) => reason ?? 'overlaps').join(', '),
    measured: many[index]!,
    bound: budget?.triggers[index]?.execution ?? 0,
    milliseconds: index === 0 ? milliseconds : 0,
    pressure: code.pressure,
    given: code.given.length,
  }));
}

const args = process.argv.slice(2);
const isSlow = args.includes('--slow');
const files = args.filter((each) => !each.startsWith('--'));
const paths =
  files.length > 0
    ? files
    : folders.flatMap((folder) =>
        readdirSync(folder)
          .filter((each) => each.endsWith('.plast'))
          .map((each) => `${folder}/${each}`),
      );
const table: Row[] = [];
for (const path of paths) table.push(...rowsOf(path));
if (args.includes('--json')) process.stdout.write(`${JSON.stringify(table, undefined, 1)}\n`);
else {
  const cell = (value: string | number, width: number): string => String(value).padStart(width);
  process.stdout.write(
    `${'rule'.padEnd(26)}${[
      'rows',
      'a row',
      'least',
      'ratio',
      'measured',
      'bound',
      'ratio',
      'regs',
      'ms',
    ]
      .map((each) => cell(each, 9))
      .join('')}  rows overlap\n`,
  );
  for (const row of table)
    process.stdout.write(
      `${`${row.name} ${row.trigger}`.padEnd(26)}${[
        row.rows,
        row.perRow.toFixed(0),
        row.least,
        row.least === 0 ? '' : (row.perRow / row.least).toFixed(2),
        row.measured,
        row.bound,
        row.measured === 0 ? '' : (row.bound / row.measured).toFixed(3),
        `${row.pressure}${row.given > 0 ? `+${row.given}` : ''}`,
        row.milliseconds === 0 ? '' : row.milliseconds.toFixed(0),
      ]
        .map((each) => cell(each, 9))
        .join('')}  ${row.overlap}\n`,
    );
}
