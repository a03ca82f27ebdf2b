/** From the IR of a trigger to instructions with registers: passes repeat until every value has its place. */
import type { ObjectBuilder, Operand } from '../../isa/object-builder.js';
import type { Block } from '../ir/ir.js';
import { arrange } from './arrange.js';
import { type Line, isVirtual } from './code.js';
import type { Wanted } from './lane-scopes.js';
import { type Overlap, TooManyScalars } from './kernel.js';
import { newRegisters, placeAll } from './spill.js';
import { type RowLoop, type TriggerCode, type TriggerPlace, generateTrigger } from './trigger.js';

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
  /** Whether rows take the same time whatever the phase of the register port. */
  readonly isSteady: boolean;
}

/** Passes until it is known what the loops want to have ready. */
const mostPasses = 20;

/** What code may take: `lean` loops keep nothing in memory, of `small` ones no rows overlap. */
export type Size = 'full' | 'lean' | 'small';

/** Code of one trigger. @throws RegisterError */
export function generate(block: Block, place: TriggerPlace, size: Size = 'full'): Generated {
  const overlaps = new Map<number, Overlap>();
  for (;;) {
    const found = attemptOrLoop(block, place, overlaps, size);
    if ('lines' in found) return found;
    overlaps.set(found.loop, overlaps.get(found.loop) === 'slow' ? 'none' : 'slow');
  }
}

/** As `attempt`; a loop may also lack scalar registers. */
function attemptOrLoop(
  block: Block,
  place: TriggerPlace,
  overlaps: ReadonlyMap<number, Overlap>,
  size: Size,
): Generated | { readonly loop: number } {
  try {
    return attempt(block, place, overlaps, size);
  } catch (error) {
    if (error instanceof TooManyScalars) return error;
    throw error;
  }
}

/** Generates with rows overlapping as said; or names a loop that must overlap less. */
function attempt(
  block: Block,
  place: TriggerPlace,
  overlaps: ReadonlyMap<number, Overlap>,
  size: Size,
): Generated | { readonly loop: number } {
  // Where registers are short, waiting longer costs less than values in memory.
  for (const early of [true, false]) {
    const code = settled(block, place, overlaps, size, early);
    const register = newRegisters();
    const arranged = arrange(code.list.lines, place.memory, register, size === 'lean');
    if ('loop' in arranged) return arranged;
    const { lines, slots, chosen } = arranged;
    const placed = placeAll(lines, place.memory, register, !early, slots, chosen);
    if (placed)
      return {
        lines: placed.lines,
        registers: placed.allocation.registers,
        pressure: placed.allocation.pressure,
        given: placed.spilled,
        loops: code.loops,
        isSteady:
          usesChosen(placed.allocation.registers, chosen) &&
          code.loops.every(({ id }) => (arranged.spreads.get(id) ?? 1) === 0),
      };
  }
  throw new RegisterError(`${place.label} needs more than 32 vector registers`);
}

/** Whether loops got the registers that they were measured with. */
const usesChosen = (
  registers: ReadonlyMap<number, number>,
  chosen: ReadonlyMap<number, number>,
): boolean => [...chosen].every(([number, register]) => registers.get(number) === register);

/** Code whose loops find ready what they want: the first passes find out what that is. */
function settled(
  block: Block,
  place: TriggerPlace,
  overlaps: ReadonlyMap<number, Overlap>,
  size: Size,
  early: boolean,
): TriggerCode {
  const usual: Overlap = size === 'small' ? 'none' : 'all';
  let wanted: ReadonlyMap<number, ReadonlyMap<string, Wanted>> = new Map();
  for (let pass = 0; ; pass++) {
    const code = generateTrigger(block, place, wanted, early, (id) => overlaps.get(id) ?? usual);
    const before = count(wanted);
    wanted = merge(wanted, code.wanted);
    if (count(wanted) === before || pass === mostPasses) return code;
  }
}

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
