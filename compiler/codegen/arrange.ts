/** Decides the order of every row loop that overlaps rows: tries some, allocates registers, measures, takes the best. */
import { type Allocation, type Overflow, allocate } from './allocate.js';
import { type Kernel, type Line, isVirtual } from './code.js';
import { expand, measure } from './expand.js';
import { type Graph, graphOf } from './graph.js';
import { type Weights, asWritten, schedule } from './schedule.js';

export interface Arranged {
  readonly lines: readonly Line[];
  readonly result: Allocation | Overflow;
}

/** Ways to choose that have done well, the most promising first. */
const ways: readonly Weights[] = [
  { stall: 0.5, start: 2, height: 2, ahead: 0, registers: 30 },
  { stall: 4, start: 1, height: 0.5, ahead: 100, registers: 30 },
  { stall: 8, start: 2, height: 2, ahead: 20, registers: 22 },
  { stall: 1, start: 0.3, height: 0.1, ahead: 0, registers: 30 },
];

/** A loop whose rows cannot overlap, and constants in it that need no register of their own, least used first. */
export interface Crowded {
  readonly loop: number;
  readonly constants: readonly string[];
}

/**
 * Lines with all loops written out; or a loop that needs more registers than there are. If this `isLast` chance, the
 * order in which the code was made will do: it needs few registers, but hides little.
 */
export function arrange(lines: readonly Line[], isLast: boolean): Arranged | Crowded {
  let current: readonly Line[] = lines;
  for (;;) {
    const at = current.findIndex(({ kind }) => kind === 'kernel');
    const found = current[at];
    if (found?.kind !== 'kernel') break;
    const { kernel } = found;
    const graph = graphOf(kernel);
    const isRoomy = isLast || !throwsAway(kernel);
    const turn = graph && isRoomy ? bestTurn(current, at, kernel, graph, isLast) : undefined;
    if (turn === undefined) return { loop: kernel.id, constants: graph ? constantsOf(kernel) : [] };
    current = [...current.slice(0, at), ...turn, ...current.slice(at + 1)];
  }
  return { lines: current, result: fit(current) };
}

/** Draws that are thrown away keep a register each until they come: the more are free, the closer they follow. */
const throwsAway = ({ body }: Kernel): boolean =>
  body.some((line) => line.kind === 'instruction' && line.target?.key === 'discarded');

/** Constants that a loop reads: a splat makes one anew where it is used. */
function constantsOf({ body }: Kernel): string[] {
  const uses = new Map<string, number>();
  for (const line of body)
    if (line.kind === 'instruction')
      for (const operand of line.operands)
        if (isVirtual(operand) && operand.key.startsWith('#') && operand !== line.target)
          uses.set(operand.key, (uses.get(operand.key) ?? 0) + 1);
  return [...uses].sort(([a, m], [b, n]) => m - n || (a < b ? -1 : 1)).map(([key]) => key);
}

/** Registers with room between values if there are enough, else packed. */
function fit(lines: readonly Line[]): Allocation | Overflow {
  const loose = allocate(lines);
  return 'registers' in loose ? loose : allocate(lines, true);
}

function* ordersOf(graph: Graph, fixed: number, isLast: boolean): Generator<number[]> {
  for (const way of ways) {
    const order = schedule(graph, fixed, way);
    if (order) yield order;
  }
  if (isLast) yield asWritten(graph);
}

/** The kernel at `at` written out in the best order that registers suffice for. */
function bestTurn(
  lines: readonly Line[],
  at: number,
  kernel: Kernel,
  graph: Graph,
  isLast: boolean,
): Line[] | undefined {
  const later = lines.slice(at + 1).flatMap((line) => {
    if (line.kind !== 'kernel') return [line];
    const other = graphOf(line.kernel);
    return other ? expand(line.kernel, other, asWritten(other)) : [];
  });
  const written = new Set(graph.nodes.map(({ writes }) => writes));
  const fixed = new Set(graph.nodes.flatMap(({ reads }) => reads.filter((r) => !written.has(r))));
  let best: Line[] | undefined;
  let least = Infinity;
  // No turn is shorter than a conversion.
  const enough = 1.03 * Math.max(...graph.nodes.map(({ latency }) => latency));
  for (const order of ordersOf(graph, fixed.size, isLast)) {
    const turn = expand(kernel, graph, order);
    const result = fit([...lines.slice(0, at), ...turn, ...later]);
    if (!('registers' in result)) continue;
    const periods = measure(turn, graph, result.registers);
    if (periods >= least) continue;
    least = periods;
    best = turn;
    if (periods <= enough) break;
  }
  return best;
}
