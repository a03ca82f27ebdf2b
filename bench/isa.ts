/**
 * Speed of the instruction semantics alone: a predecoded loop without timing, and each vector instruction.
 * Absolute figures depend on the machine and its load, so a plain loop of additions measured in the same run is
 * the yardstick: `ratio` is how many such additions one instruction costs.
 *
 * Run: npx tsx bench/isa.ts
 */
import process from 'node:process';
import { decode, decodeFields } from '../isa/decode.js';
import { encode } from '../isa/encode.js';
import { FlatMemory } from '../isa/flat-memory.js';
import type { Fields, Run } from '../isa/instruction.js';
import { Machine } from '../isa/machine.js';
import { instructions } from '../isa/table/index.js';

const seconds = (from: bigint): number => Number(process.hrtime.bigint() - from) / 1e9;

/** Best of many short repetitions, in units per second: on a busy machine a short one may be undisturbed. */
function rate(units: number, work: () => void): number {
  let best = Infinity;
  for (let repetition = 0; repetition < 60; repetition++) {
    const from = process.hrtime.bigint();
    work();
    best = Math.min(best, seconds(from));
  }
  return units / best;
}

const cells = new Int32Array(64);

function yardstick(): number {
  const additions = 5_000_000;
  return rate(additions, () => {
    for (let i = 0; i < additions; i++) cells[i & 63] = cells[(i + 7) & 63]! + i;
  });
}

/** A loop as a compiler makes it: arithmetic, logic, a load, a store, a compare, a branch. */
const program: readonly (readonly [string, ...number[]])[] = [
  ['addi', 3, 3, 1],
  ['add', 4, 4, 3],
  ['xor', 5, 4, 3],
  ['rlwinm', 6, 5, 3, 0, 28],
  ['lwz', 7, 64, 1],
  ['add', 7, 7, 6],
  ['stw', 7, 64, 1],
  ['andi.', 8, 7, 255],
  ['mullw', 9, 8, 3],
  ['subf', 10, 9, 7],
  ['lbz', 11, 17, 1],
  ['or', 12, 11, 10],
  ['addi', 13, 13, -1],
  ['cmpwi', 0, 13, 0],
  ['bne', 0, -56],
];

function runScalar(count: number): void {
  const runs: Run[] = [];
  const operands: Fields[] = [];
  for (const [mnemonic, ...values] of program) {
    const decoded = decode(encode(mnemonic, values))!;
    runs.push(decoded.instruction.run);
    operands.push(decoded.fields);
  }
  const m = new Machine(new FlatMemory(new Uint8Array(4096)));
  m.gpr[13] = 0x7fff_ffff;
  let pc = 0;
  for (let i = 0; i < count; i++) {
    m.pc = pc;
    m.nextPc = pc + 4;
    const at = pc >> 2;
    runs[at]!(m, operands[at]!);
    pc = m.nextPc;
  }
}

function report(name: string, perSecond: number, additions: number): void {
  const millions = (perSecond / 1e6).toFixed(1).padStart(7);
  const ratio = (additions / perSecond).toFixed(1).padStart(7);
  process.stdout.write(`${name.padEnd(28)} ${millions} M/s   ratio ${ratio}\n`);
}

const additions = yardstick();
report('yardstick: additions', additions, additions);
const scalarCount = 1_000_000;
report(
  'scalar loop, functional',
  rate(scalarCount, () => runScalar(scalarCount)),
  additions,
);

const m = new Machine(new FlatMemory(new Uint8Array(4096)));
for (let i = 0; i < m.vr.length; i++) m.vr[i] = Math.imul(i, 0x9e37_79b1) >> 7;
let slowest = Infinity;
let time = 0;
const vectors = instructions.filter(({ form }) => form === 'FXV');
for (const instruction of vectors) {
  const fields = decodeFields(instruction.match | (3 << 21) | (4 << 16) | (5 << 11));
  const count = 3_000;
  const perSecond = rate(count, () => {
    for (let i = 0; i < count; i++) instruction.run(m, fields);
  });
  slowest = Math.min(slowest, perSecond);
  time += 1 / perSecond;
  if (process.argv.includes('--all')) report(instruction.mnemonic, perSecond, additions);
}
report('vector instructions, mean', vectors.length / time, additions);
report('vector instructions, slowest', slowest, additions);
