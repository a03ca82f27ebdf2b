/** Golden semantics of single vector instructions on registers, accumulator and conditions. */
import { decode } from '../../isa/decode.js';
import { FlatMemory } from '../../isa/flat-memory.js';
import { LANES, Machine } from '../../isa/machine.js';
import { isRecord, MalformedCase, numbers, property, text, verdict, word } from './kind.js';
import type { Case, Kind } from './kind.js';

/** Condition codes by their names in the file. */
const conditions = { gt: 1, lt: 2, eq: 3 } as const;

/** One bit per byte element, element 0 first, to one mask per halfword. */
function masks(digits: string): number[] {
  const bits = numbers(digits, 1, 32).flatMap((digit) => [
    digit & 8,
    digit & 4,
    digit & 2,
    digit & 1,
  ]);
  return Array.from(
    { length: LANES },
    (_, i) => (bits[2 * i] ? 0xff00 : 0) | (bits[2 * i + 1] ? 0xff : 0),
  );
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

/** Puts the registers that a state names into the machine. */
function load(m: Machine, state: unknown): void {
  for (const n of keysOf(property(state, 'v'))) {
    const bytes = numbers(text(state, 'v', n), 2, 2 * LANES);
    m.writeVector(registerNumber(n), Uint8Array.from(bytes));
  }
  for (const n of keysOf(property(state, 'gpr'))) m.gpr[registerNumber(n)] = word(state, 'gpr', n);
  if (property(state, 'acc') !== undefined) {
    m.acc.set(numbers(text(state, 'acc'), 8, LANES));
  }
  for (const [name, code] of Object.entries(conditions)) {
    if (property(state, 'vcr', name) !== undefined)
      m.vcr[code].set(masks(text(state, 'vcr', name)));
  }
}

function registerNumber(name: string): number {
  const n = Number(name);
  if (Number.isInteger(n) && n >= 0 && n < 32) return n;
  throw new MalformedCase(`'${name}' is not a register number`);
}

function firstDifference(what: string, got: ArrayLike<number>, want: ArrayLike<number>): string[] {
  for (let i = 0; i < want.length; i++) {
    if (got[i] !== want[i]) return [`${what}, element ${i}: expected ${want[i]}, got ${got[i]}`];
  }
  return [];
}

function differences(entry: unknown): string[] {
  const decoded = decode(word(entry, 'word'));
  if (decoded === undefined) return ['expected an instruction, the word is not one'];
  const m = new Machine(new FlatMemory(new Uint8Array(0)));
  load(m, property(entry, 'in'));
  const want = new Machine(m.port);
  load(want, property(entry, 'in'));
  if (keysOf(property(entry, 'out')).length === 0) throw new MalformedCase("'out' is empty");
  load(want, property(entry, 'out'));
  decoded.instruction.run(m, decoded.fields);
  const found: string[] = [];
  for (let n = 0; n < 32; n++) {
    const [start, end] = [n * LANES, (n + 1) * LANES];
    found.push(
      ...firstDifference(`v${n}`, m.vr.subarray(start, end), want.vr.subarray(start, end)),
    );
  }
  found.push(...firstDifference('accumulator', m.acc, want.acc));
  for (const [name, code] of Object.entries(conditions)) {
    found.push(...firstDifference(`condition ${name}`, m.vcr[code], want.vcr[code]));
  }
  return found;
}

export const vector: Kind = {
  name: 'vector',
  recognises: ({ lines }) =>
    typeof property(lines?.[0], 'word') === 'string' &&
    isRecord(property(lines?.[0], 'in')) &&
    ['v', 'acc', 'vcr'].some((key) => property(lines?.[0], 'out', key) !== undefined),
  *cases({ lines = [] }): Iterable<Case> {
    for (const entry of lines) {
      const asm = String(property(entry, 'asm'));
      yield {
        name: `${asm} = ${String(property(entry, 'word'))}`,
        keys: [asm.split(' ')[0]!],
        run: () => verdict(differences(entry)),
      };
    }
  },
};
