/** Golden semantics of single scalar instructions, each at address 0x100 in a given machine state. */
import { decode } from '../../isa/decode.js';
import { FlatMemory } from '../../isa/flat-memory.js';
import { Machine } from '../../isa/machine.js';
import {
  hex,
  isRecord,
  numbers,
  property,
  text,
  verdict,
  word,
  type Case,
  type Kind,
} from './kind.js';

const ADDRESS = 0x100;
const MEMORY_START = 0x1000;

/** The special values of a state that are plain words, by their names in the file. */
const wordNames = ['cr', 'xer', 'ctr', 'lr'] as const;

function expectedWord(entry: unknown, result: unknown, name: string): number {
  return property(result, name) === undefined ? word(entry, 'in', name) : word(result, name);
}

/** Registers or memory after the case: what was there before, changed where the result says so. */
function expectedRegisters(entry: unknown, result: unknown): number[] {
  const gpr = numbers(text(entry, 'in', 'gpr'), 8, 32).map((value) => value | 0);
  const changes = property(result, 'gpr');
  for (const name of isRecord(changes) ? Object.keys(changes) : []) {
    gpr[Number(name)] = word(changes, name);
  }
  return gpr;
}

function expectedMemory(before: readonly number[], result: unknown): number[] {
  const memory = [...before];
  const changes = property(result, 'mem');
  for (const start of isRecord(changes) ? Object.keys(changes) : []) {
    const offset = Number.parseInt(start, 16) - MEMORY_START;
    numbers(text(changes, start), 2).forEach((byte, i) => (memory[offset + i] = byte));
  }
  return memory;
}

function differences(entry: unknown): string[] {
  const result = property(entry, 'nux') ?? property(entry, 'out');
  const before = property(entry, 'in', 'mem');
  const bytes = before === undefined ? [] : numbers(text(entry, 'in', 'mem'), 2);
  const memory = new FlatMemory(Uint8Array.from(bytes), MEMORY_START);
  const m = new Machine(memory);
  m.gpr.set(numbers(text(entry, 'in', 'gpr'), 8, 32));
  m.cr = word(entry, 'in', 'cr');
  m.xer = word(entry, 'in', 'xer');
  m.ctr = word(entry, 'in', 'ctr');
  m.lr = word(entry, 'in', 'lr');
  m.pc = ADDRESS;
  m.nextPc = ADDRESS + 4;
  const decoded = decode(word(entry, 'word'));
  if (decoded === undefined) return ['expected an instruction, the word is not one'];
  decoded.instruction.run(m, decoded.fields);

  const found: string[] = [];
  const compare = (what: string, got: number, want: number): void => {
    if ((got | 0) !== (want | 0)) found.push(`${what}: expected ${hex(want)}, got ${hex(got)}`);
  };
  expectedRegisters(entry, result).forEach((want, r) => compare(`r${r}`, m.gpr[r]!, want));
  for (const name of wordNames) compare(name, m[name], expectedWord(entry, result, name));
  const traps = property(result, 'trap') === true;
  if (memory.events.trapped !== traps) {
    found.push(`trap: expected ${traps ? 'one' : 'none'}, got ${traps ? 'none' : 'one'}`);
  }
  const next = property(result, 'npc');
  compare('next address', m.nextPc, next === undefined ? ADDRESS + 4 : word(result, 'npc'));
  expectedMemory(bytes, result).forEach((want, i) => {
    if (memory.bytes[i] === want) return;
    found.push(`byte ${hex(MEMORY_START + i)}: expected ${want}, got ${memory.bytes[i]}`);
  });
  if (memory.events.outside) found.push('an access outside the memory of the case');
  if (memory.events.misaligned) found.push('an alignment interrupt');
  return found;
}

export const scalar: Kind = {
  name: 'scalar',
  recognises: ({ lines }) =>
    typeof property(lines?.[0], 'word') === 'string' &&
    ['gpr', 'cr', 'xer'].every((key) => typeof property(lines?.[0], 'in', key) === 'string'),
  *cases({ lines = [] }): Iterable<Case> {
    for (const entry of lines) {
      const asm = String(property(entry, 'asm'));
      const deviation = property(entry, 'dev');
      yield {
        name: `${asm} = ${String(property(entry, 'word'))}`,
        keys: [asm.split(' ')[0]!, ...(typeof deviation === 'string' ? [deviation] : [])],
        run: () =>
          deviation === 'lha-neg'
            ? {
                status: 'set aside',
                reason: 'lha with a negative displacement: the core leaves the buffer of the case',
              }
            : verdict(differences(entry)),
      };
    }
  },
};
