/**
 * Quality of the compiled code: cycles of one sweep of a rule, of the same written by hand as well as possible
 * (ppu-programs/yardsticks), and of the bus and the conversions alone, on the exact core.
 *
 *   npx tsx bench/compiler-code.ts
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { RuleMachine } from '../cli/compare/rule-machine.js';
import { SynapseBus } from '../cli/compare/synapse-bus.js';
import { chipProfile } from '../compiler/budget/profile.js';
import { compile } from '../compiler/compile.js';
import { assemble } from '../isa/assembler/index.js';
import type { Program } from '../isa/program.js';
import { descriptorAddress, mailbox, quantise, triggerCounters } from '../isa/runtime-layout.js';

const read = (path: string): string =>
  readFileSync(new URL(`../ppu-programs/${path}`, import.meta.url), 'utf8');

/** Cycles of one part of a row at least: two per answer on the parallel bus, which a conversion hides. */
const boundOfRow = (answers: number, converts: boolean): number =>
  Math.max(converts ? chipProfile.conversion : 0, 2 * answers);

function randomBytes(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

function newBus(): SynapseBus {
  const byte = randomBytes(7);
  // Every column has a generator of its own, so that it does not matter which of them is asked first.
  const columns = Array.from({ length: 256 }, (_, column) => randomBytes(1000 + column));
  const bus = new SynapseBus((_, column) => columns[column]!());
  bus.conversionCycles = chipProfile.conversion;
  for (let i = 0; i < 65536; i++) {
    bus.weights[i] = byte() & 63;
    bus.causal[i] = byte();
    bus.acausal[i] = byte();
    bus.baselineCausal[i] = 150 + (byte() & 63);
    bus.baselineAcausal[i] = 150 + (byte() & 63);
  }
  for (let i = 0; i < 256; i++) bus.counters[i] = byte();
  return bus;
}

interface Sweep {
  readonly cycles: number;
  readonly weights: Uint8Array;
  readonly machine: RuleMachine;
  readonly bus: SynapseBus;
}

/** The rule's only trigger, run once. */
function compiledSweep(text: string, rows: number): Sweep {
  const { program, diagnostics } = compile([{ name: 'bench.plast', text }], { rows });
  if (program === undefined) throw new Error(JSON.stringify(diagnostics));
  const bus = newBus();
  const machine = new RuleMachine(program, bus);
  machine.patch({ rows });
  machine.start();
  machine.go();
  const longest = mailbox.triggers + triggerCounters.longest;
  machine.until(() => machine.word(longest) > 0);
  const cycles = machine.word(longest);
  return { cycles, weights: bus.weights.slice(), machine, bus };
}

interface Reward {
  readonly trace: number;
  readonly updates: number;
  readonly weights: Uint8Array;
  readonly traces: Uint8Array;
  readonly rewards: Uint8Array;
  readonly machine: RuleMachine;
  readonly bus: SynapseBus;
}

/** R-STDP: the trace once, then the weights, with rewards drawn at random. */
function compiledReward(text: string, rows: number): Reward {
  const { program, layout, diagnostics } = compile([{ name: 'bench.plast', text }], { rows });
  if (program === undefined || layout === undefined) throw new Error(JSON.stringify(diagnostics));
  const bus = newBus();
  const machine = new RuleMachine(program, bus);
  machine.patch({ rows });
  const byte = randomBytes(9);
  const rewards = Uint8Array.from({ length: 256 }, () => byte() & 127);
  const reward = layout.laneInputs.find(({ name }) => name === 'reward');
  if (reward === undefined) throw new Error('the rule has no reward');
  const traceAt = layout.states.find(({ name }) => name === 'eligibility')?.address ?? 0;
  rewards.forEach((value, i) => {
    machine.memory.bytes[(reward.address + i) ^ 3] = quantise(reward.format, value / 128);
  });
  machine.start();
  machine.go();
  const counters = (trigger: number): number => mailbox.triggers + triggerCounters.size * trigger;
  machine.until(() => machine.word(counters(0) + triggerCounters.longest) > 0);
  const traces = Uint8Array.from(
    { length: 256 * rows },
    (_, i) => machine.memory.bytes[(traceAt + i) ^ 3] ?? 0,
  );
  machine.poke(mailbox.signals, 1);
  machine.until(() => machine.word(counters(1) + triggerCounters.longest) > 0);
  return {
    trace: machine.word(counters(0) + triggerCounters.longest),
    updates: machine.word(counters(1) + triggerCounters.longest),
    weights: bus.weights.slice(),
    traces,
    rewards,
    machine,
    bus,
  };
}

/** A yardstick, run once with the external memory that the compiled program found. */
function handSweep(
  program: Program,
  rows: number,
  values: readonly number[],
  external: Uint8Array,
  rewards?: Uint8Array,
): Sweep {
  const bus = newBus();
  bus.live = true;
  bus.external.set(external);
  const machine = new RuleMachine(program, bus);
  const words = machine.memory.words;
  const base = descriptorAddress(0);
  words[(base + 4) >> 2] = rows;
  for (let o = 32; o < 288; o += 4) words[(base + o) >> 2] = 0x01010101;
  values.forEach((value, i) => {
    words[(mailbox.values >> 2) + i] = value;
  });
  rewards?.forEach((value, i) => {
    machine.memory.bytes[(0x0c00 + i) ^ 3] = value;
  });
  machine.core.start(0);
  machine.until(() => machine.word(mailbox.ready) === 1);
  const cycles = machine.word(0x3044) - machine.word(0x3040);
  return { cycles, weights: bus.weights.slice(), machine, bus };
}

function row(name: string, rows: number, a: number, b: number, c: number): string {
  const cells = [
    name,
    String(rows),
    String(a),
    String(b),
    String(c),
    (a / b).toFixed(3),
    (a / c).toFixed(3),
  ];
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(22) : cell.padStart(10))).join('');
}

/** Both must do the same. */
function report(name: string, compiled: { readonly weights: Uint8Array }, hand: Sweep): void {
  const others = hand.weights.filter((w, i) => w !== compiled.weights[i]).length;
  if (others > 0) process.stderr.write(`${name}: the yardstick gives ${others} other weights\n`);
}

const header = ['rule', 'rows', 'compiled', 'by hand', 'bound', 'a/b', 'a/c'];
process.stdout.write(
  `${header.map((cell, i) => (i === 0 ? cell.padEnd(22) : cell.padStart(10))).join('')}\n`,
);

{
  const rows = 256;
  const text = read('rules/stdp.plast').replace('every 200 us', 'every 2 ms');
  const compiled = compiledSweep(text, rows);
  const hand = handSweep(
    assemble([{ name: 'stdp.s', text: read('yardsticks/stdp.s') }]),
    rows,
    [4096, 4096],
    compiled.bus.external,
  );
  report('STDP', compiled, hand);
  process.stdout.write(
    `${row('STDP', rows, compiled.cycles, hand.cycles, rows * boundOfRow(3 + 4 + 2 + 4, true))}\n`,
  );
}

{
  const rows = 256;
  const text = read('rules/homeostasis.plast');
  const compiled = compiledSweep(text, rows);
  const program = assemble([{ name: 'homeostasis.s', text: read('yardsticks/homeostasis.s') }]);
  const hand = handSweep(program, rows, [20, 65536 / 64], new Uint8Array(0));
  report('homeostasis', compiled, hand);
  // Counters are read and cleared at one a period; weights, random bytes.
  const bound = 2 * 256 + rows * boundOfRow(2 + 18 + 2, false);
  process.stdout.write(`${row('homeostasis', rows, compiled.cycles, hand.cycles, bound)}\n`);
}

{
  const rows = 24;
  const text = read('rules/r_stdp.plast').replace('every 100 us', 'every 1 ms');
  const program = assemble([{ name: 'r_stdp.s', text: read('yardsticks/r_stdp.s') }]);
  const compiled = compiledReward(text, rows);
  // decay 7/8, eta 1/2, gamma 1/16; the words are signed halves.
  const hand = handSweep(
    program,
    rows,
    [14336, 4096, 1024],
    compiled.bus.external,
    compiled.rewards,
  );
  const updates = hand.machine.word(0x304c) - hand.machine.word(0x3048);
  const traces = compiled.traces.filter(
    (e, i) => e !== hand.machine.memory.bytes[(0x1000 + i) ^ 3],
  );
  if (traces.length > 0)
    process.stderr.write(`R-STDP: the yardstick gives ${traces.length} other traces\n`);
  report('R-STDP', compiled, hand);
  const traceBound = rows * boundOfRow(3 + 4 + 2, true);
  process.stdout.write(`${row('R-STDP, trace', rows, compiled.trace, hand.cycles, traceBound)}\n`);
  const weightBound = rows * boundOfRow(2 + 18 + 2, false);
  process.stdout.write(`${row('R-STDP, weights', rows, compiled.updates, updates, weightBound)}\n`);
  const both = compiled.trace + compiled.updates;
  process.stdout.write(
    `${row('R-STDP, both', rows, both, hand.cycles + updates, traceBound + weightBound)}\n`,
  );
}
