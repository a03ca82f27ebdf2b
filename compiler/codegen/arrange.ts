/** Decides the order of every row loop that overlaps rows: tries some, allocates registers, measures, takes the best. */
import { type Kernel, type Line, type VirtualRegister, isVirtual } from './code.js';
import { expand, measure } from './expand.js';
import { portPhases } from '../timing/vector-model.js';
import { type Evicted, type Graph, graphOf } from './graph.js';
import type { Memory } from './memory.js';
import { type Weights, asWritten, schedule } from './schedule.js';
import { type Recipe, fit, give, instruction, recipesOf } from './spill.js';

export interface Arranged {
  readonly lines: readonly Line[];
  /** Registers of the machine that loops were measured with. */
  readonly chosen: ReadonlyMap<number, number>;
  /** Places in memory that are taken. */
  readonly slots: number;
  /** By loop: by how much the periods of a turn differ with the phase of the register port. */
  readonly spreads: ReadonlyMap<number, number>;
}

/** A loop whose rows cannot overlap for want of registers. */
export interface Crowded {
  readonly loop: number;
}

/** Ways to choose that have done well, the most promising first. */
const ways: readonly Weights[] = [
  { stall: 0.5, start: 2, height: 2, ahead: 0 },
  { stall: 4, start: 1, height: 0.5, ahead: 100 },
  { stall: 8, start: 2, height: 2, ahead: 20 },
  { stall: 1, start: 0.3, height: 0.1, ahead: 0 },
];
/** Registers that may hold something at once: what is more often does not fit, because the holds do not tile. */
const limits = [30, 26, 22, 18] as const;
/** So many more values that do not change from row to row give their registers up with each try. */
const fewer = 3;
/** Once so many instructions have been placed in all tries, the best so far will do. */
const mostEffort = 3000;
/** Periods of making a constant again, and of bringing a vector back from memory. */
const makePeriods = 3;
const loadPeriods = 40;

interface Search {
  readonly memory: Memory;
  readonly register: (key: string) => VirtualRegister;
  /** No value may go to memory. */
  readonly lean: boolean;
  /** Values in memory so far. */
  count: number;
}

/** Lines with all loops written out; or a loop that needs more registers than there are. */
export function arrange(
  lines: readonly Line[],
  memory: Memory,
  register: (key: string) => VirtualRegister,
  lean: boolean,
): Arranged | Crowded {
  const search: Search = { memory, register, lean, count: 0 };
  const spreads = new Map<number, number>();
  const chosen = new Map<number, number>();
  let current: readonly Line[] = lines;
  for (;;) {
    const at = current.findIndex(({ kind }) => kind === 'kernel');
    const found = current[at];
    if (found?.kind !== 'kernel') return { lines: current, spreads, chosen, slots: search.count };
    const best = bestTurn(current.slice(0, at), found.kernel, current.slice(at + 1), search);
    if (best === undefined) return { loop: found.kernel.id };
    if ([...best.registers.keys()].every((number) => !chosen.has(number)))
      for (const [number, register] of best.registers) chosen.set(number, register);
    spreads.set(found.kernel.id, best.spread);
    const before = current.slice(0, at);
    const after = current.slice(at + 1);
    const recipes = recipesOf(before);
    current = [...before, ...best.lines, ...after];
    for (const [number, how] of best.evicted) {
      const recipe = 'recipe' in how ? how.recipe : undefined;
      current = give(
        current,
        number,
        recipe,
        recipe ? '' : memory.vector(search.count++),
        register,
      );
    }
    for (const { number } of best.crossing) {
      const recipe = recipes.get(number);
      current = give(
        current,
        number,
        recipe,
        recipe ? '' : memory.vector(search.count++),
        register,
      );
    }
  }
}

interface Turn {
  readonly lines: readonly Line[];
  readonly graph: Graph;
  /** Of a turn, with the register port in one phase; of `bestTurn` the mean over all. */
  readonly periods: number;
  /** Between the phases of the register port. */
  readonly spread: number;
  readonly registers: ReadonlyMap<number, number>;
  readonly evicted: ReadonlyMap<number, Evicted>;
  /** Values from before the loop for after it that give way. */
  readonly crossing: readonly VirtualRegister[];
}

/** What is read after a loop: made before it, or in it. */
interface Outside {
  readonly crossing: readonly VirtualRegister[];
  readonly leaving: readonly VirtualRegister[];
}

/** Registers for the loop, with room for what only crosses it if there is any. */
function fitAlone(
  lines: readonly Line[],
  { crossing, leaving }: Outside,
): Pick<Turn, 'registers' | 'crossing'> | undefined {
  const whole = fit(alone(lines, crossing, leaving));
  if ('registers' in whole) return { registers: whole.registers, crossing: [] };
  const part = crossing.length === 0 ? whole : fit(alone(lines, [], leaving));
  return 'registers' in part ? { registers: part.registers, crossing } : undefined;
}

/** So many of the best are measured in all phases of the register port. */
const finalists = 3;
/** Fewer resident values make sense only while a turn takes so much less. */
const worthwhile = 0.98;

/** The kernel written out in the best order that registers suffice for. */
function bestTurn(
  before: readonly Line[],
  kernel: Kernel,
  after: readonly Line[],
  search: Search,
): Turn | undefined {
  const whole = graphOf(kernel, new Map(), search.register);
  if (whole === undefined) return undefined;
  const recipes = recipesOf(before);
  const invariant = invariantsOf(whole, recipes);
  const inside = new Set(whole.nodes.flatMap(({ reads, writes }) => [...reads, writes]));
  const later = crossingOf([...before, ...kernel.body], after);
  const crossing = later.filter(({ number }) => !inside.has(number));
  const leaving = later.filter(({ number }) => inside.has(number) && !invariant.includes(number));
  // No turn is shorter than a conversion.
  const enough = 1.03 * Math.max(...whole.nodes.map(({ latency }) => latency));
  const found: Turn[] = [];
  const isLast = (count: number): boolean => count + Math.max(fewer, count) > invariant.length;
  let least = Infinity;
  let effort = 0;
  for (
    let count = 0;
    count <= invariant.length && effort < mostEffort;
    count += found.length > 0 ? fewer : Math.max(fewer, count)
  ) {
    const gone = invariant.slice(0, count);
    const loads = gone.filter((register) => !recipes.has(register)).length;
    if (loads * loadPeriods > least || (search.lean && loads > 0)) break;
    const evicted = evictedOf(gone, recipes, search);
    const graph = evicted.size === 0 ? whole : graphOf(kernel, evicted, search.register);
    if (graph === undefined) continue;
    let leastHere = Infinity;
    for (const way of [...ways, undefined]) {
      // Finishing one half before the next begins takes long; where nothing else fits, that does.
      if (way === undefined && found.length > 0) continue;
      effort += graph.nodes.length;
      const fixed = invariant.length - evicted.size;
      const turn = turnBy(way, kernel, graph, fixed, { crossing, leaving });
      // What does not fit in the first way hardly fits in another.
      if (turn === undefined && way === ways[0] && found.length === 0 && !isLast(count)) break;
      if (turn === undefined || (search.lean && turn.crossing.length > 0)) continue;
      found.push({ ...turn, evicted });
      leastHere = Math.min(leastHere, turn.periods);
      if (turn.periods <= enough) break;
    }
    if (leastHere <= enough || (leastHere < Infinity && leastHere > least * worthwhile)) break;
    least = Math.min(least, leastHere);
  }
  const [best] = found
    .sort((a, b) => a.periods - b.periods || a.evicted.size - b.evicted.size)
    .slice(0, (found[0]?.periods ?? 0) <= enough || effort >= mostEffort ? 1 : finalists)
    .map((turn) => {
      const measured = measure(turn.lines, turn.graph, turn.registers, portPhases);
      // Halfway between what is usual and what is promised.
      const periods = (measured.mean + measured.most) / 2;
      return { ...turn, periods, spread: measured.most - measured.least };
    })
    .sort((a, b) => a.periods - b.periods);
  return best;
}

/** Vectors made before a loop that are read after it. */
function crossingOf(before: readonly Line[], after: readonly Line[]): VirtualRegister[] {
  const made = new Set<number>();
  for (const line of before)
    if (line.kind === 'instruction' && line.target) made.add(line.target.number);
  const found = new Map<number, VirtualRegister>();
  const look = (line: Line): void => {
    if (line.kind === 'kernel') [...line.kernel.ahead, ...line.kernel.body].forEach(look);
    if (line.kind !== 'instruction') return;
    for (const each of line.operands)
      if (isVirtual(each) && made.has(each.number)) found.set(each.number, each);
  };
  after.forEach(look);
  return [...found.values()];
}

/** An order chosen in one way (undefined: as written), with fewer registers at once until there are enough. */
function turnBy(
  way: Weights | undefined,
  kernel: Kernel,
  graph: Graph,
  fixed: number,
  outside: Outside,
): Omit<Turn, 'evicted'> | undefined {
  for (const registers of way ? limits : [0]) {
    const order = way ? schedule(graph, fixed, { ...way, registers }) : asWritten(graph);
    if (order === undefined) return undefined;
    const lines = expand(kernel, graph, order);
    const fitted = fitAlone(lines, outside);
    if (fitted === undefined) continue;
    const periods = measure(lines, graph, fitted.registers, 1).mean;
    return { lines, graph, periods, spread: 0, ...fitted };
  }
  return undefined;
}

/** Registers that the loop reads and does not write, those first that are brought back in the shortest time. */
function invariantsOf({ nodes }: Graph, recipes: ReadonlyMap<number, Recipe>): number[] {
  const written = new Set(nodes.map(({ writes }) => writes));
  const uses = new Map<number, number>();
  for (const { reads } of nodes)
    for (const register of reads)
      if (!written.has(register)) uses.set(register, (uses.get(register) ?? 0) + 1);
  const cost = (register: number, count: number): number =>
    recipes.has(register) ? makePeriods * count : loadPeriods;
  return [...uses]
    .sort(([a, m], [b, n]) => cost(a, m) - cost(b, n) || m - n || a - b)
    .map(([register]) => register);
}

function evictedOf(
  gone: readonly number[],
  recipes: ReadonlyMap<number, Recipe>,
  search: Search,
): Map<number, Evicted> {
  let count = search.count;
  return new Map(
    gone.map((register): [number, Evicted] => {
      const recipe = recipes.get(register);
      return [register, recipe ? { recipe } : { name: search.memory.vectorName(count++) }];
    }),
  );
}

/** The loop as a program of its own: what it finds is made before, what comes after it is read there. */
function alone(
  lines: readonly Line[],
  crossing: readonly VirtualRegister[],
  leaving: readonly VirtualRegister[],
): Line[] {
  const written = new Set<number>();
  const found = new Map(crossing.map((each) => [each.number, each]));
  for (const line of lines) {
    if (line.kind !== 'instruction') continue;
    line.operands.forEach((each, i) => {
      if (isVirtual(each) && !(i === 0 && line.target) && !written.has(each.number))
        found.set(each.number, each);
    });
    if (line.target) written.add(line.target.number);
  }
  const makes = [...found.values()].map((target) => ({
    ...instruction('fxvsplath', target, 0),
    target,
  }));
  return [
    ...makes,
    ...lines,
    ...[...crossing, ...leaving].map((each) => instruction('fxvcmph', each)),
  ];
}
