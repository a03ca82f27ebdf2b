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
  /** Periods of a turn by loop, and whether registers were short there. */
  /** Registers of the machine that loops were measured with. */
  readonly chosen: ReadonlyMap<number, number>;
  /** Places in memory that are taken. */
  readonly slots: number;
  readonly turns: ReadonlyMap<number, { readonly periods: number; readonly isCrowded: boolean }>;
}

/** A loop whose rows cannot overlap for want of registers. */
export interface Crowded {
  readonly loop: number;
}

/** Ways to choose that have done well, the most promising first. */
const ways: readonly Weights[] = [
  { stall: 0.5, start: 2, height: 2, ahead: 0, registers: 30 },
  { stall: 4, start: 1, height: 0.5, ahead: 100, registers: 30 },
  { stall: 8, start: 2, height: 2, ahead: 20, registers: 22 },
  { stall: 1, start: 0.3, height: 0.1, ahead: 0, registers: 30 },
];
/** As many registers for values that do not change from row to row are tried; the others are brought back. */
const residents = [Infinity, 14, 9, 5] as const;

interface Search {
  readonly memory: Memory;
  readonly register: (key: string) => VirtualRegister;
  /** Values in memory so far. */
  count: number;
}

/** Lines with all loops written out; or a loop that needs more registers than there are. */
export function arrange(
  lines: readonly Line[],
  memory: Memory,
  register: (key: string) => VirtualRegister,
): Arranged | Crowded {
  const search: Search = { memory, register, count: 0 };
  const turns = new Map<number, { periods: number; isCrowded: boolean }>();
  const chosen = new Map<number, number>();
  let current: readonly Line[] = lines;
  for (;;) {
    const at = current.findIndex(({ kind }) => kind === 'kernel');
    const found = current[at];
    if (found?.kind !== 'kernel') return { lines: current, turns, chosen, slots: search.count };
    const best = bestTurn(current.slice(0, at), found.kernel, current.slice(at + 1), search);
    if (best === undefined) return { loop: found.kernel.id };
    if ([...best.registers.keys()].every((number) => !chosen.has(number)))
      for (const [number, register] of best.registers) chosen.set(number, register);
    turns.set(found.kernel.id, { periods: best.periods, isCrowded: best.evicted.size > 0 });
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
  readonly registers: ReadonlyMap<number, number>;
  readonly evicted: ReadonlyMap<number, Evicted>;
  /** Values from before the loop for after it that give way. */
  readonly crossing: readonly VirtualRegister[];
}

/** Registers for the loop, with room for what only crosses it if there is any. */
function fitAlone(
  lines: readonly Line[],
  crossing: readonly VirtualRegister[],
): Pick<Turn, 'registers' | 'crossing'> | undefined {
  const whole = fit(alone(lines, crossing));
  if ('registers' in whole) return { registers: whole.registers, crossing: [] };
  const part = crossing.length === 0 ? whole : fit(alone(lines, []));
  return 'registers' in part ? { registers: part.registers, crossing } : undefined;
}

/** So many of the best are measured in all phases of the register port. */
const finalists = 3;
/** With fewer resident values than this makes sense only while it does not cost so much more. */
const gettingWorse = 1.05;

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
  const invariant = invariantsOf(whole);
  const inside = new Set(invariant);
  const crossing = crossingOf(before, after).filter(({ number }) => !inside.has(number));
  // No turn is shorter than a conversion.
  const enough = 1.03 * Math.max(...whole.nodes.map(({ latency }) => latency));
  const found: Turn[] = [];
  let least = Infinity;
  for (const resident of residents) {
    if (resident !== Infinity && resident >= invariant.length) continue;
    const gone = resident === Infinity ? [] : invariant.slice(0, invariant.length - resident);
    const evicted = evictedOf(gone, recipes, search);
    const graph = evicted.size === 0 ? whole : graphOf(kernel, evicted, search.register);
    if (graph === undefined) continue;
    let leastHere = Infinity;
    for (const order of ordersOf(graph, invariant.length - evicted.size)) {
      const lines = expand(kernel, graph, order);
      const fitted = fitAlone(lines, crossing);
      if (fitted === undefined) continue;
      const periods = measure(lines, graph, fitted.registers, 1);
      found.push({ lines, graph, periods, evicted, ...fitted });
      leastHere = Math.min(leastHere, periods);
      if (periods <= enough) break;
    }
    if (leastHere <= enough || (leastHere < Infinity && leastHere > least * gettingWorse)) break;
    least = Math.min(least, leastHere);
  }
  const [best] = found
    .sort((a, b) => a.periods - b.periods || a.evicted.size - b.evicted.size)
    .slice(0, (found[0]?.periods ?? 0) <= enough ? 1 : finalists)
    .map((turn) => ({
      ...turn,
      periods: measure(turn.lines, turn.graph, turn.registers, portPhases),
    }))
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

function* ordersOf(graph: Graph, fixed: number): Generator<number[]> {
  for (const way of ways) {
    const order = schedule(graph, fixed, way);
    if (order) yield order;
  }
  yield asWritten(graph);
}

/** Registers that the loop reads and does not write, least used first. */
function invariantsOf({ nodes }: Graph): number[] {
  const written = new Set(nodes.map(({ writes }) => writes));
  const uses = new Map<number, number>();
  for (const { reads } of nodes)
    for (const register of reads)
      if (!written.has(register)) uses.set(register, (uses.get(register) ?? 0) + 1);
  return [...uses].sort(([a, m], [b, n]) => m - n || a - b).map(([register]) => register);
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
function alone(lines: readonly Line[], crossing: readonly VirtualRegister[]): Line[] {
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
  return [...makes, ...lines, ...crossing.map((each) => instruction('fxvcmph', each))];
}
