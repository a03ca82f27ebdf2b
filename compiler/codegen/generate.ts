/** From the IR of a trigger to instructions with registers: passes repeat until every value has its place. */
import type { ObjectBuilder, Operand } from '../../isa/object-builder.js';
import type { Block } from '../ir/ir.js';
import { arrange } from './arrange.js';
import { type Line, isVirtual } from './code.js';
import type { Wanted } from './lane-scopes.js';
import { type RowLoop, type TriggerPlace, generateTrigger } from './trigger.js';

/** No choice of values in memory makes the code fit 32 vector registers. */
export class RegisterError extends Error {
  override readonly name = 'RegisterError';
}

/** Code of one trigger with physical registers. */
export interface Generated {
  readonly lines: readonly Line[];
  readonly registers: ReadonlyMap<number, number>;
  readonly pressure: number;
  /** Values that live in memory or are made anew for lack of registers. */
  readonly given: readonly string[];
  readonly loops: readonly RowLoop[];
}

const mostPasses = 80;
/** Up to that many values give way one at a time. */
const fewGiven = 20;
/** Constants that an overlapping loop makes where it uses them: so many more each pass, and so many in all. */
const constantsPerPass = 2;
const mostConstants = 6;

/** @throws RegisterError */
export function generate(block: Block, place: TriggerPlace): Generated {
  // Row loops, by number, that take each row for itself.
  const apart = new Set<number>();
  for (;;) {
    const found = attempt(block, place, apart);
    if ('lines' in found) return found;
    apart.add(found.loop);
  }
}

/** Generates with overlapping rows except in loops `apart`; or names one more loop that must be among them. */
function attempt(
  block: Block,
  place: TriggerPlace,
  apart: ReadonlySet<number>,
): Generated | { readonly loop: number } {
  const given = new Set<string>();
  let wanted: ReadonlyMap<number, ReadonlyMap<string, Wanted>> = new Map();
  let settled = false;
  let early = true;
  let isLast = false;
  for (let pass = 0; pass < mostPasses; pass++) {
    const code = generateTrigger(block, place, given, wanted, early, (id) => !apart.has(id));
    if (!settled) {
      // The first passes find out what the loops want to have ready.
      const before = count(wanted);
      wanted = merge(wanted, code.wanted);
      settled = count(wanted) === before;
      continue;
    }
    const arranged = arrange(code.list.lines, isLast);
    if ('loop' in arranged) {
      const anew = arranged.constants.filter((key) => !given.has(key)).slice(0, constantsPerPass);
      if (isLast) return arranged;
      isLast = anew.length === 0 || given.size >= mostConstants;
      for (const key of isLast ? [] : anew) given.add(key);
      continue;
    }
    const { lines, result } = arranged;
    if ('registers' in result)
      return {
        lines,
        registers: result.registers,
        pressure: result.pressure,
        given: [...given],
        loops: code.loops,
      };
    if (early) {
      // Waiting longer costs less than values in memory.
      early = false;
      settled = false;
      continue;
    }
    const victims = result.alive.filter(({ key }) => !given.has(key) && canGive(key));
    if (victims.length === 0) break;
    // Where that many have given way, one at a time would take too long.
    for (const { key } of victims.slice(0, given.size < fewGiven ? 1 : 4)) given.add(key);
  }
  throw new RegisterError(`${place.label} needs more than 32 vector registers`);
}

/** Constants and values have a way back; what lies between two instructions has none. */
const canGive = (key: string): boolean =>
  /^(#|splat|parts|v\d+(s|x\d+)?\.\d$|columns|baseline)/.test(key);

function count(wanted: ReadonlyMap<number, ReadonlyMap<string, Wanted>>): number {
  let sum = 0;
  for (const inner of wanted.values()) sum += inner.size;
  return sum;
}

function merge(
  a: ReadonlyMap<number, ReadonlyMap<string, Wanted>>,
  b: ReadonlyMap<number, ReadonlyMap<string, Wanted>>,
): ReadonlyMap<number, ReadonlyMap<string, Wanted>> {
  const all = new Map<number, Map<string, Wanted>>();
  for (const source of [a, b])
    for (const [loop, entries] of source) {
      const into = all.get(loop) ?? new Map<string, Wanted>();
      all.set(loop, into);
      for (const [key, entry] of entries) if (!into.has(key)) into.set(key, entry);
    }
  return all;
}

/** Writes generated code into an object file. */
export function writeCode(
  builder: ObjectBuilder,
  generated: Generated,
  lineOf: (file: string, offset: number) => number,
): void {
  for (const line of generated.lines) {
    if (line.kind === 'label') builder.label(line.name);
    else if (line.kind === 'place')
      builder.mark({ file: line.file, line: lineOf(line.file, line.offset) });
    else if (line.kind === 'instruction') {
      const operands = line.operands.map((operand): Operand => {
        if (!isVirtual(operand)) return operand;
        const register = generated.registers.get(operand.number);
        if (register === undefined) throw new Error(`no register for ${operand.key}`);
        return register;
      });
      builder.emit(line.mnemonic, ...operands);
    }
  }
}
