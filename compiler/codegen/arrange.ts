/** Decides the order of every row loop that overlaps rows: tries some, allocates registers, measures, takes the best. */
import { type Allocation, type Overflow, allocate } from './allocate.js';
import type { Kernel, Line } from './code.js';
import { expand, measure } from './expand.js';
import { type Graph, graphOf } from './graph.js';
import { type Weights, asWritten, schedule } from './schedule.js';

export interface Arranged {
  readonly lines: readonly Line[];
  readonly result: Allocation | Overflow;
}

/** Ways to choose that have done well, the most promising first. */
const ways: readonly Weights[] = [
  { stall: 4, start: 1, height: 0.5, ahead: 40, registers: 31 },
  { stall: 8, start: 1, height: 1, ahead: 0, registers: 31 },
  { stall: 2, start: 1, height: 0.25, ahead: 200, registers: 30 },
  { stall: 4, start: 2, height: 0.1, ahead: 0, registers: 28 },
];

/** Lines with all loops written out; or the loop whose rows cannot overlap. */
export function arrange(lines: readonly Line[]): Arranged | { readonly loop: number } {
  let current: readonly Line[] = lines;
  for (;;) {
    const at = current.findIndex(({ kind }) => kind === 'kernel');
    const found = current[at];
    if (found?.kind !== 'kernel') break;
    const { kernel } = found;
    const graph = graphOf(kernel);
    const turn = graph && bestTurn(current, at, kernel, graph);
    if (turn === undefined) return { loop: kernel.id };
    current = [...current.slice(0, at), ...turn, ...current.slice(at + 1)];
  }
  return { lines: current, result: fit(current) };
}

/** Registers with room between values if there are enough, else packed. */
function fit(lines: readonly Line[]): Allocation | Overflow {
  const loose = allocate(lines);
  return 'registers' in loose ? loose : allocate(lines, true);
}

/** The kernel at `at` written out in the best order that registers suffice for. */
function bestTurn(
  lines: readonly Line[],
  at: number,
  kernel: Kernel,
  graph: Graph,
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
  const orders = [...ways.map((way) => schedule(graph, fixed.size, way)), asWritten(graph)];
  for (const order of orders) {
    if (order === undefined) continue;
    const turn = expand(kernel, graph, order);
    const result = fit([...lines.slice(0, at), ...turn, ...later]);
    if (!('registers' in result)) continue;
    const periods = measure(graph, order, result.registers);
    console.error(kernel.id, orders.indexOf(order), periods, result.pressure);
    if (periods >= least) continue;
    least = periods;
    best = turn;
  }
  return best;
}
