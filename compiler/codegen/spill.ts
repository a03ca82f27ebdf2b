/** Places for values where there are more than registers: constants are made again for each use, others go to memory. */
import { low } from '../../isa/object-builder.js';
import { type Allocation, type Overflow, allocate } from './allocate.js';
import {
  type InstructionLine,
  type Kernel,
  type Line,
  type VirtualRegister,
  isVirtual,
} from './code.js';
import type { Memory } from './memory.js';
import { scratch } from './scalars.js';

/** Scalar register for addresses of values in memory: nothing else uses it, so it may change between any two lines. */
export const spillScratch = 13;
/** A value that was brought back serves the uses of so many lines. */
const window = 6;
/** More values than this in memory are a mistake of the allocation. */
const mostSpills = 2000;

export interface Placed {
  readonly lines: readonly Line[];
  readonly allocation: Allocation;
  /** What found no register. */
  readonly spilled: readonly string[];
}

/** The lines that make a constant vector, from nothing but their own numbers. */
export type Recipe = readonly InstructionLine[];

/** How to make again the constants that lines make; by register. */
export function recipesOf(lines: readonly Line[]): Map<number, Recipe> {
  const found = new Map<number, Recipe>();
  const written = new Set<number>();
  lines.forEach((line, i) => {
    if (line.kind !== 'instruction' || line.target === undefined) return;
    const { number } = line.target;
    if (written.has(number)) found.delete(number);
    else if (line.mnemonic.startsWith('fxvsplat') && line.operands[1] === scratch) {
      const before = constantBefore(lines, i);
      if (before) found.set(number, [...before, line]);
    }
    written.add(number);
  });
  return found;
}

/** Instructions right before line `at` that load a number into the scratch register. */
function constantBefore(lines: readonly Line[], at: number): InstructionLine[] | undefined {
  const [first, second] = [lines[at - 2], lines[at - 1]];
  if (second?.kind !== 'instruction' || second.operands[0] !== scratch) return undefined;
  const isNumber = typeof second.operands.at(-1) === 'number';
  if ((second.mnemonic === 'li' || second.mnemonic === 'lis') && isNumber) return [second];
  if (second.mnemonic !== 'ori' || second.operands[1] !== scratch) return undefined;
  return first?.kind === 'instruction' && first.mnemonic === 'lis' && first.operands[0] === scratch
    ? [first, second]
    : undefined;
}

/** A recipe's lines for another register, by way of the scalar register that only spilling uses. */
export function remake(recipe: Recipe, target: VirtualRegister): InstructionLine[] {
  return recipe.map((line) => ({
    kind: 'instruction',
    mnemonic: line.mnemonic,
    // The last operand of the others is the number, which may look like the register's.
    operands: line.operands.map((each, i) =>
      isVirtual(each)
        ? target
        : each === scratch && (line.target !== undefined || i < line.operands.length - 1)
          ? spillScratch
          : each,
    ),
    ...(line.target ? { target } : {}),
  }));
}

export const instruction = (
  mnemonic: string,
  ...operands: InstructionLine['operands']
): InstructionLine => ({ kind: 'instruction', mnemonic, operands });

/** Brings a value back from its place in memory. */
export const reload = (name: string, target: VirtualRegister): InstructionLine[] => [
  instruction('li', spillScratch, low(name)),
  { ...instruction('fxvlax', target, 0, spillScratch), target },
];

/** Puts a value into its place in memory. */
export const keep = (name: string, register: VirtualRegister): InstructionLine[] => [
  instruction('li', spillScratch, low(name)),
  instruction('fxvstax', register, 0, spillScratch),
];

/** Numbers of registers that stand for others begin here. */
const firstNew = 1 << 22;

/** A way to number registers that are made in these passes. */
export function newRegisters(): (key: string) => VirtualRegister {
  let next = firstNew;
  return (key) => ({ number: next++, key });
}

/** Registers for all lines, of which some values give way if need be; undefined if even that does not help. */
export function placeAll(
  lines: readonly Line[],
  memory: Memory,
  register: (key: string) => VirtualRegister,
  maySpill: boolean,
  firstSlot: number,
  chosen: ReadonlyMap<number, number>,
): Placed | undefined {
  let slots = firstSlot;
  let current = withoutUnread(lines);
  const spilled: string[] = [];
  const recipes = maySpill ? recipesOf(current) : new Map<number, Recipe>();
  const fresh = new Set<number>();
  for (;;) {
    const first = spilled.length === 0 ? allocate(current, false, chosen) : undefined;
    const allocation = first && 'registers' in first ? first : fit(current);
    if ('registers' in allocation) return { lines: current, allocation, spilled };
    if (!maySpill || spilled.length > mostSpills) return undefined;
    const victim = victimOf(allocation, recipes, fresh);
    if (victim === undefined) return undefined;
    const recipe = recipes.get(victim.register);
    const name = recipe ? victim.key : memory.vector(slots++);
    spilled.push(victim.key);
    current = give(current, victim.register, recipe, name, (key) => {
      const made = register(key);
      fresh.add(made.number);
      return made;
    });
  }
}

/** Registers with room between values if there are enough, else packed. */
export function fit(lines: readonly Line[]): Allocation | Overflow {
  const loose = allocate(lines);
  return 'registers' in loose ? loose : allocate(lines, true);
}

/** A value in memory takes so many times as long to come as a constant. */
const memoryFactor = 3;

/** What is asked for last, and comes back soonest. */
function victimOf(
  { alive }: Overflow,
  recipes: ReadonlyMap<number, Recipe>,
  fresh: ReadonlySet<number>,
): Overflow['alive'][number] | undefined {
  let best: Overflow['alive'][number] | undefined;
  let most = 0;
  for (const each of alive) {
    if (fresh.has(each.register)) continue;
    const worth = each.waits * (recipes.has(each.register) ? memoryFactor : 1);
    if (worth <= most) continue;
    most = worth;
    best = each;
  }
  return best;
}

/** A loop whose order is not decided, with one register instead of another. */
function renamed(kernel: Kernel, victim: number, made: VirtualRegister): Kernel {
  const swap = (lines: readonly Line[]): Line[] =>
    lines.map((line) =>
      line.kind === 'instruction'
        ? {
            ...line,
            operands: line.operands.map((each) =>
              isVirtual(each) && each.number === victim ? made : each,
            ),
          }
        : line,
    );
  return { ...kernel, ahead: swap(kernel.ahead), body: swap(kernel.body) };
}

const reads = (lines: readonly Line[], register: number): boolean =>
  lines.some(
    (line) =>
      line.kind === 'instruction' &&
      line.operands.some((each) => isVirtual(each) && each.number === register),
  );

/** The lines with `victim` made again or brought back where it is used. */
export function give(
  lines: readonly Line[],
  victim: number,
  recipe: Recipe | undefined,
  name: string,
  register: (key: string) => VirtualRegister,
): Line[] {
  const out: Line[] = [];
  let current: VirtualRegister | undefined;
  let since = 0;
  lines.forEach((line, at) => {
    if (line.kind === 'kernel') {
      const { kernel } = line;
      current = undefined;
      if (reads(kernel.ahead, victim) || reads(kernel.body, victim)) {
        const made = register(`${name}.again`);
        out.push(...(recipe ? remake(recipe, made) : reload(name, made)));
        out.push({ kind: 'kernel', kernel: renamed(kernel, victim, made) });
      } else out.push(line);
      return;
    }
    if (line.kind !== 'instruction') {
      if (line.kind !== 'place') current = undefined;
      out.push(line);
      return;
    }
    since++;
    const { target, operands } = line;
    const isRead = operands.some(
      (each, i) => isVirtual(each) && each.number === victim && !(i === 0 && target !== undefined),
    );
    if (isRead && (current === undefined || since > window)) {
      current = register(`${name}.again`);
      since = 0;
      out.push(...(recipe ? remake(recipe, current) : reload(name, current)));
    }
    const again = current;
    const isWritten = target?.number === victim;
    if (isWritten && recipe) {
      // Made where it is used: neither the vector nor, as a rule, its number is of use here.
      if (!isNumberRead(lines, at + 1)) out.length -= constantBefore(lines, at)?.length ?? 0;
      return;
    }
    const made = isWritten ? register(name) : undefined;
    out.push({
      ...line,
      operands: operands.map((each, i) => {
        if (!isVirtual(each) || each.number !== victim) return each;
        return i === 0 && made ? made : (again ?? each);
      }),
      ...(made ? { target: made } : {}),
    });
    if (made) {
      out.push(...keep(name, made));
      current = made;
      since = 0;
    }
    if (isBranch(line)) current = undefined;
  });
  return out;
}

/** Something reads the number in the scratch register before another comes there; beyond a branch or label it may. */
function isNumberRead(lines: readonly Line[], from: number): boolean {
  for (let i = from; i < lines.length; i++) {
    const line = lines[i];
    if (line?.kind === 'place') continue;
    if (line?.kind !== 'instruction' || line.mnemonic.startsWith('b')) return true;
    const place = line.operands.indexOf(scratch);
    if (place < 0) continue;
    return place > 0 || (line.mnemonic !== 'li' && line.mnemonic !== 'lis');
  }
  return true;
}

const isBranch = ({ mnemonic }: InstructionLine): boolean => /^b(?!l$)/.test(mnemonic);

/** Without constants that nothing reads. */
function withoutUnread(lines: readonly Line[]): readonly Line[] {
  const read = new Set<number>();
  for (const line of lines)
    if (line.kind === 'instruction')
      line.operands.forEach((each, i) => {
        if (isVirtual(each) && !(i === 0 && line.target)) read.add(each.number);
      });
  return lines.filter(
    (line) =>
      line.kind !== 'instruction' ||
      line.target === undefined ||
      !line.mnemonic.startsWith('fxvsplat') ||
      read.has(line.target.number),
  );
}
